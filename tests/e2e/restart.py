# SPDX-License-Identifier: MIT
"""kill -9 and restart: sessions and subscriptions go on in their old dialogs."""

import asyncio

from e2e_case import case


async def power_cut(world):
    """A second after the last change: what was said then is on disk."""
    await asyncio.sleep(1.0)
    world.daemon.kill()
    await world.start_daemon()


@case()
async def watchers_see_changes_in_their_old_dialog_after_kill_9(world):
    ann, bob = await world.log_in(), world.bob
    own = await world.befriend(ann, bob)
    await power_cut(world)
    ann.presence(show="away")
    await bob.expect_notify("away", timeout=12)
    assert bob.subscriptions[world.uri(ann)] is own and not own.ended
    assert await bob.refresh(world.uri(ann)) == 200, "the old dialog cannot be refreshed"


@case()
async def contacts_are_seen_after_kill_9(world):
    ann, bob = await world.log_in(), world.bob
    await world.befriend(ann, bob)
    await power_cut(world)
    assert await bob.publish("busy") == [200], "the old dialog is gone"
    await ann.expect_presence("dnd", world.jid(bob), timeout=12)
    await world.until(lambda: len(bob.watchers) == 1, "exactly one subscription of the daemon", 12)
    assert await bob.publish("away") == [200]
    await ann.expect_presence("away", world.jid(bob))


@case()
async def authorization_survives_kill_9(world):
    """A new subscription of a friend is active at once, nobody is asked again."""
    ann, bob = await world.log_in(), world.bob
    await world.befriend(ann, bob)
    await power_cut(world)
    ann.inbox.clear()
    assert await bob.refresh(world.uri(ann), expires=0) == 200
    bob.inbox.clear()
    await bob.subscribe(world.uri(ann))
    await bob.expect_notify("available")
    assert not [s for s in ann.inbox.entries if s.name == "presence" and s.xml.get("type") == "subscribe"], \
        "the user was asked again"


@case(profiles=("lync",))
async def session_survives_kill_9(world):
    ann, bob = await world.log_in(), world.bob
    ann.chat(world.jid(bob), "before")
    await bob.expect_text("before")
    await world.taken(ann, "before too")
    await ann.expect_chat("before too")
    call = bob.session_with(world.uri(ann)).call_id
    bob.inbox.clear()
    await power_cut(world)
    await world.taken(ann, "after")
    await ann.expect_chat("after")
    ann.chat(world.jid(bob), "after too")
    got = await bob.expect_text("after too")
    assert got.request.get("call-id") == call, "a new session was opened"


@case(profiles=("simple",))
async def ten_power_cuts_double_nothing(world):
    ann, bob = await world.log_in(), world.bob
    for i in range(10):
        ann.chat(world.jid(bob), f"out {i}")
        await bob.expect_text(f"out {i}")
        await world.taken(ann, f"in {i}")
        await ann.expect_chat(f"in {i}")
        await power_cut(world)
    world.nothing_left(ann, bob)
