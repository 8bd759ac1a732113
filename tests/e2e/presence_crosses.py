# SPDX-License-Identifier: MIT
"""Presence and authorization cross both ways."""

from e2e_case import case

SHOWS = (("away", "away"), ("dnd", "busy"), (None, "available"), ("xa", "away"), ("chat", "available"))


@case()
async def subscribe_both_ways(world):
    ann, bob = await world.log_in(), world.bob
    await world.befriend(ann, bob)


@case()
async def states_cross_both_ways(world):
    ann, bob = await world.log_in(), world.bob
    await world.befriend(ann, bob)
    for word, show in (("away", "away"), ("busy", "dnd"), ("available", "available"), ("offline", "unavailable"),
                       ("available", "available")):
        await bob.publish(word)
        await ann.expect_presence(show, world.jid(bob))
    for show, word in SHOWS:
        ann.presence(show=show)
        await bob.expect_notify(word, timeout=12)
    ann.presence(kind="unavailable")
    await bob.expect_notify("offline", timeout=12)


@case()
async def log_in_shows_the_contact_again(world):
    """The XMPP user leaves and returns: the contact is watched anew, the SIP watcher sees offline and available."""
    name = world.new_name()
    ann, bob = await world.log_in(name), world.bob
    await world.befriend(ann, bob)
    await bob.publish("busy")
    await ann.expect_presence("dnd", world.jid(bob))
    await ann.disconnect()
    await bob.expect_notify("offline", timeout=12)
    ann = await world.log_in(name, "two")
    await ann.expect_presence("dnd", world.jid(bob), timeout=12)
    await bob.expect_notify("available", timeout=12)


@case()
async def pending_until_the_sip_user_agrees(world):
    ann, bob = await world.log_in(), world.bob
    bob.authorize = "pending"
    ann.presence(kind="subscribe", to=world.jid(bob))
    await bob.inbox.expect(lambda e: e.kind == "subscribe", "a SUBSCRIBE")
    await ann.inbox.nothing(lambda s: s.name == "presence" and s.xml.get("type") == "subscribed", "subscribed", 1.0)
    await bob.approve()
    await ann.expect_presence("subscribed", world.jid(bob))
    await ann.expect_presence("available", world.jid(bob))


@case()
async def pending_until_the_xmpp_user_agrees(world):
    ann, bob = await world.log_in(), world.bob
    status, _ = await bob.subscribe(world.uri(ann))
    assert status == 200, status
    await bob.expect_notify(state="pending")
    await ann.expect_presence("subscribe", world.jid(bob))
    ann.presence(kind="subscribed", to=world.jid(bob))
    await bob.expect_notify("available")


@case()
async def the_sip_user_declines(world):
    ann, bob = await world.log_in(), world.bob
    bob.authorize = "rejected"
    ann.presence(kind="subscribe", to=world.jid(bob))
    await ann.expect_presence("unsubscribed", world.jid(bob))


@case()
async def the_xmpp_user_declines(world):
    """Polite block (the default): the watcher believes the user to be offline."""
    ann, bob = await world.log_in(), world.bob
    await bob.subscribe(world.uri(ann))
    await ann.expect_presence("subscribe", world.jid(bob))
    ann.presence(kind="unsubscribed", to=world.jid(bob))
    await bob.expect_notify("offline")


@case()
async def unsubscribe_both_ways(world):
    ann, bob = await world.log_in(), world.bob
    await world.befriend(ann, bob)
    assert await bob.refresh(world.uri(ann), expires=0) == 200
    await bob.expect_notify(state="terminated")
    ann.presence(kind="unsubscribe", to=world.jid(bob))
    await world.until(lambda: not bob.watchers, "the end of the subscription")
