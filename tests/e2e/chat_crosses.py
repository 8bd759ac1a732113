# SPDX-License-Identifier: MIT
"""Text, typing, receipts and the end of a conversation cross both ways, in both dialects and over both transports."""

from e2e_case import case
from xmpp_user import chat_state_of

TEXTS = ("Lunch?", "Grüße, 漢字 & <tags> 🌊", "two\nlines", "x" * 900)


async def chats(world):
    ann, bob = await world.log_in(), world.bob
    for text in TEXTS:
        ident = ann.chat(world.jid(bob), text, receipt=True)
        got = await bob.expect_text(sender=world.uri(ann))
        assert got.text.replace("\r\n", "\n") == text, f"{got.text!r} is not {text!r}"
        await ann.expect_receipt(ident)
    for text in TEXTS:
        status = await bob.chat(world.uri(ann), text)
        assert status in (200, 202), f"the chat was answered {status}"
        await ann.expect_chat(text, world.jid(bob))


@case()
async def chat_both_ways_udp(world):
    await chats(world)


@case(transport="tcp")
async def chat_both_ways_tcp(world):
    await chats(world)


@case()
async def the_sip_user_begins(world):
    ann, bob = await world.log_in(), world.bob
    await world.taken(ann, "first")
    await ann.expect_chat("first", world.jid(bob))
    ann.chat(world.jid(bob), "second")
    await bob.expect_text("second", world.uri(ann))
    if world.profile == "lync":
        assert len(bob.sessions) == 1, f"{len(bob.sessions)} sessions for one conversation"


@case()
async def typing_both_ways(world):
    ann, bob = await world.log_in(), world.bob
    ann.chat(world.jid(bob), "hello")
    await bob.expect_text("hello")
    await world.taken(ann, "hello yourself")
    await ann.expect_chat("hello yourself")
    # SIP first: in pager mode we speak of typing only to a peer that has done so (RFC 3994 leaves no other way to know).
    assert await bob.typing(world.uri(ann), True) in (200, 202)
    await ann.expect_state("composing", world.jid(bob))
    assert await bob.typing(world.uri(ann), False) in (200, 202)
    await ann.inbox.expect(lambda s: s.name == "message" and chat_state_of(s) in ("paused", "active"), "the end of typing")
    ann.chat_state(world.jid(bob), "composing")
    await bob.expect_typing(True)
    ann.chat_state(world.jid(bob), "paused")
    await bob.expect_typing(False)


@case(profiles=("lync",))
async def typing_opens_no_session(world):
    ann, bob = await world.log_in(), world.bob
    ann.chat_state(world.jid(bob), "composing")
    await bob.inbox.nothing(lambda e: True, "something", 1.0)


@case(profiles=("lync",))
async def bye_ends_and_the_next_text_opens_again(world):
    ann, bob = await world.log_in(), world.bob
    ann.chat(world.jid(bob), "one")
    await bob.expect_text("one")
    assert await bob.bye(world.uri(ann)) == 200
    await ann.expect_state("gone", world.jid(bob))
    ann.chat(world.jid(bob), "two")
    await bob.expect_text("two")
    ann.chat_state(world.jid(bob), "gone")
    await bob.inbox.expect(lambda e: e.kind == "bye", "a BYE")


@case(profiles=("lync",))
async def both_begin_at_once(world):
    """Glare: two INVITEs cross; nothing is lost and nothing is doubled."""
    ann, bob = await world.log_in(), world.bob
    for round_number in range(5):
        ident = ann.chat(world.jid(bob), f"from ann {round_number}", receipt=True)
        status = await bob.chat(world.uri(ann), f"from bob {round_number}")
        assert status == 200, status
        await ann.expect_chat(f"from bob {round_number}")
        await bob.expect_text(f"from ann {round_number}")
        await ann.expect_receipt(ident)
        while bob.session_with(world.uri(ann)):
            await bob.bye(world.uri(ann))
    bob.inbox.clear()
    await bob.inbox.nothing(lambda e: e.kind == "text", "a doubled text", 0.5)


@case(profiles=("lync",))
async def a_pager_message_is_taken_in_either_dialect(world):
    ann, bob = await world.log_in(), world.bob
    assert await bob.page(world.uri(ann), "no session") == 202
    await ann.expect_chat("no session", world.jid(bob))


@case(profiles=("simple",))
async def a_session_is_taken_in_either_dialect(world):
    ann, bob = await world.log_in(), world.bob
    status, dialog = await bob.invite(world.uri(ann))
    assert status == 200, status
    response = await dialog.request("MESSAGE", [("Content-Type", "text/plain")], b"in a session")
    assert response.status == 200, response.status
    await ann.expect_chat("in a session", world.jid(bob))


@case()
async def a_lossy_network_loses_and_doubles_nothing(world):
    """Every third datagram of the SIP side is lost, every other one comes twice."""
    ann, bob = await world.log_in(), world.bob
    counter = iter(range(10 ** 6))
    world.peer.endpoint.faults.lose = lambda message: next(counter) % 3 == 2
    world.peer.endpoint.faults.copies = 2
    for i in range(6):
        ann.chat(world.jid(bob), f"out {i}")
        await world.taken(ann, f"in {i}")
    for i in range(6):
        await bob.expect_text(f"out {i}", timeout=20)
        await ann.expect_chat(f"in {i}", timeout=20)
    world.nothing_left(ann, bob)
