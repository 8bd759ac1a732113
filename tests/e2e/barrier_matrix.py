# SPDX-License-Identifier: MIT
"""The release gate: every SIP sender is told the truth. A 2xx only for what the XMPP server has taken; a refusal, an unknown
user and a block are a 480; what is refused after it was taken comes back to the sender as one MESSAGE in words."""

import asyncio

from e2e_case import case
from xmpp_user import body_of


async def refused(world, bob, name, text, statuses=(480,)):
    status = await bob.chat(world.uri(name), text)
    assert status in statuses, f"{text!r} was answered {status}, not {statuses}"


def jid_of(world, name):
    return f"{name}@{world.server.host}"


async def texts_at_log_in(world, name):
    """What the server kept for the user."""
    ann = await world.log_in(name, "later")
    await asyncio.sleep(1.0)  # stored messages follow the presence; their number is not announced
    texts = [body_of(s) for s in ann.inbox.entries if s.name == "message" and s.xml.get("type") != "error"]
    ann.inbox.clear()
    return [t for t in texts if t is not None]


@case()
async def matrix_unknown_user(world):
    await refused(world, world.bob, "nobody-at-all@xmpp.example", "hello?")
    await refused(world, world.bob, "nobody-at-all@xmpp.example", "hello again?")


@case()
async def matrix_offline_stored(world):
    name = world.new_name()
    await world.taken(jid_of(world, name), "for later")
    texts = await texts_at_log_in(world, name)
    assert texts == ["for later"], texts


@case()
async def matrix_over_quota(world):
    name = world.new_name("quota")
    for i in range(world.server.quota):
        await world.taken(jid_of(world, name), f"kept {i}")
    await refused(world, world.bob, jid_of(world, name), "one too many", (480, 500))
    texts = await texts_at_log_in(world, name)
    kept = [f"kept {i}" for i in range(world.server.quota)]
    assert texts == kept, f"{texts} were stored, {kept} were confirmed"


@case()
async def matrix_blocked_online(world):
    ann, bob = await world.log_in(), world.bob
    await ann.block(world.jid(bob))
    await refused(world, bob, ann, "can you see me?")
    assert not [s for s in ann.inbox.entries if s.name == "message"], "a blocked text arrived"


@case()
async def matrix_blocked_offline(world):
    name = world.new_name()
    ann = await world.log_in(name)
    await ann.block(world.jid(world.bob))
    await ann.disconnect()
    await refused(world, world.bob, jid_of(world, name), "can you see me?")
    assert await texts_at_log_in(world, name) == []


@case()
async def matrix_blocked_by_the_locked_resource(world):
    """The conversation is locked to one resource, so the text goes to a full JID; then its user blocks the sender."""
    ann, bob = await world.log_in(), world.bob
    ann.chat(world.jid(bob), "hello")
    await bob.expect_text("hello")
    await world.taken(ann, "hello yourself")
    await ann.expect_chat("hello yourself")
    await ann.block(world.jid(bob))
    await refused(world, bob, ann, "still there?")
    assert not [s for s in ann.inbox.entries if s.name == "message" and body_of(s)], "a blocked text arrived"


@case()
async def matrix_one_resource(world):
    ann, bob = await world.log_in(), world.bob
    await world.taken(ann, "one")
    await ann.expect_chat("one")
    world.nothing_left(ann, bob)


@case()
async def matrix_three_resources(world):
    name, bob = world.new_name(), world.bob
    resources = [await world.log_in(name, r) for r in ("one", "two", "three")]
    await world.taken(resources[0], "to all of you")
    await asyncio.sleep(0.5)
    counts = [len([s for s in r.inbox.entries if s.name == "message" and body_of(s) == "to all of you"])
              for r in resources]
    assert max(counts) == 1, f"the resources got it {counts} times"


@case()
async def matrix_negative_priority_only(world):
    """Such a resource gets nothing sent to the bare JID (RFC 6121 8.5.2.1.1): stored like for an offline user."""
    name, bob = world.new_name(), world.bob
    await world.log_in(name, "tablet", priority=-1)
    await world.taken(jid_of(world, name), "for later")
    assert await texts_at_log_in(world, name) == ["for later"]


@case()
async def matrix_hibernating_then_timed_out(world):
    """The server takes the text for a session it hopes to see again. When that hope ends the text is either kept for the
    next log-in or its sender is told, once; never both, never neither."""
    name, bob = world.new_name(), world.bob
    ann = await world.log_in(name, "phone", smacks=True)
    await world.taken(ann, "before")
    await ann.expect_chat("before")
    ann.drop()
    await world.taken(ann, "into the tunnel")
    bob.inbox.clear()
    await asyncio.sleep(4.5)  # the servers are configured to wait 3 s
    told = [e.text for e in bob.inbox.entries if e.kind == "text"]
    kept = await texts_at_log_in(world, name)
    assert len(told) + kept.count("into the tunnel") == 1, f"sender was told {told}, user got {kept}"
    if told:
        assert len(told[0].split()) >= 3, f"not a sentence: {told[0]!r}"
    world.note("the sender was told: " + told[0] if told else "kept for the next log-in")


@case()
async def matrix_hibernating_then_resumed_by_another_session(world):
    """Another resource is online as well: whatever the server does with the hibernating one, the text is not lost."""
    name, bob = world.new_name(), world.bob
    phone = await world.log_in(name, "phone", smacks=True)
    phone.drop()
    desk = await world.log_in(name, "desk", priority=5)
    await world.taken(desk, "anyone?")
    await desk.expect_chat("anyone?")
