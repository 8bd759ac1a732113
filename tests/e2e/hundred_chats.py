# SPDX-License-Identifier: MIT
"""A hundred chats each way alternating with presence changes: none lost, none doubled, order kept."""

import asyncio

from e2e_case import case

WORDS = ("away", "busy", "available")


async def outward(world, ann, bob, count):
    """XMPP -> SIP, as fast as the user types ahead."""
    for i in range(count):
        ann.chat(world.jid(bob), f"out {i}")
        if i % 10 == 5:
            ann.presence(show=("away", "dnd", None)[i // 10 % 3])
        await asyncio.sleep(0)
    for i in range(count):
        got = await bob.inbox.expect(lambda e: e.kind == "text", f"out {i}", 30)
        assert got.text == f"out {i}", f"{got.text!r} came where 'out {i}' was due"


async def inward(world, ann, bob, count):
    """SIP -> XMPP, each waiting for its answer as RFC 3428 section 8 wants."""
    for i in range(count):
        status = await bob.chat(world.uri(ann), f"in {i}")
        assert status in (200, 202), f"'in {i}' was answered {status}"
        if i % 10 == 5:
            await bob.publish(WORDS[i // 10 % 3])
    for i in range(count):
        got = await ann.expect_chat(timeout=30)
        text = got.xml.find("{jabber:client}body").text
        assert text == f"in {i}", f"{text!r} came where 'in {i}' was due"


async def hundred(world, one_byte_segments=False):
    count = 1000 if world.long else 100
    ann, bob = await world.log_in(), world.bob
    await world.befriend(ann, bob)
    world.peer.endpoint.faults.one_byte_segments = one_byte_segments
    await asyncio.gather(outward(world, ann, bob, count), inward(world, ann, bob, count))
    await bob.publish("busy")
    await ann.expect_presence("dnd", world.jid(bob))
    ann.presence(show="away")
    await world.until(lambda: bob.subscriptions[world.uri(ann)].shown == "away", "the last presence", 15)
    world.nothing_left(ann, bob)


@case()
async def hundred_chats_each_way_udp(world):
    await hundred(world)


@case(transport="tcp")
async def hundred_chats_each_way_tcp(world):
    await hundred(world)


@case(transport="tcp")
async def hundred_chats_each_way_one_byte_segments(world):
    await hundred(world, one_byte_segments=True)
