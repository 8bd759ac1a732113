# SPDX-License-Identifier: MIT
"""Kamailio as the SIP side: its registrar, its presence server, its record-routing proxy, and baresip as one of its phones."""

import contextlib
import shutil

from baresip_phone import Baresip
from bridge_world import SIP_DOMAIN, XMPP_HOST
from e2e_case import Skipped, case
from kamailio_server import Kamailio
from sip_user import SipPeer


@contextlib.asynccontextmanager
async def kamailio(world):
    """Kamailio takes the place where the world's route leads; its users register. Yields the scripted one, carol."""
    if not shutil.which("kamailio"):
        raise Skipped("kamailio is not installed")
    await world.peer.stop()
    server = Kamailio(world.room, SIP_DOMAIN, XMPP_HOST, world.daemon.port, world.transport, world.peer.port)
    server.start()
    phones = SipPeer(SIP_DOMAIN, "simple", (world.transport, ("127.0.0.1", server.port)), ("carol",))
    await phones.start()
    try:
        carol = phones.users["carol"]
        assert await carol.register() == 200
        assert await carol.announce("available") == 200
        yield carol
    finally:
        await phones.stop()
        server.stop()
        await world.peer.start()


async def presence_server(world):
    async with kamailio(world) as carol:
        ann = await world.log_in()
        await world.befriend(ann, carol)
        for word, show in (("away", "away"), ("busy", "dnd"), ("offline", "unavailable"), ("available", "available")):
            assert await carol.announce(word) == 200
            await ann.expect_presence(show, world.jid(carol))
        for show, word in (("away", "away"), ("dnd", "busy"), (None, "available")):
            ann.presence(show=show)
            await carol.expect_notify(word, timeout=12)
        ann.presence(kind="unsubscribe", to=world.jid(carol))
        assert await carol.refresh(world.uri(ann), expires=0) == 200
        await carol.expect_notify(state="terminated")


async def chats(world):
    async with kamailio(world) as carol:
        ann = await world.log_in()
        ann.chat(world.jid(carol), "through the proxy")
        await carol.expect_text("through the proxy")
        assert await carol.page(world.uri(ann), "and back") == 202
        await ann.expect_chat("and back", world.jid(carol))
        condition, _ = await ann.expect_error(ann.chat("nobody@sip.xmpp.example", "hello?"))
        assert condition == "item-not-found", condition
        assert await carol.page("sip:who@xmpp.example", "hello?") == 480


@case(profiles=("simple",))
async def kamailio_presence_server_udp(world):
    await presence_server(world)


@case(profiles=("simple",), transport="tcp")
async def kamailio_presence_server_tcp(world):
    await presence_server(world)


@case(profiles=("simple",))
async def kamailio_chats_udp(world):
    await chats(world)


@case(profiles=("simple",), transport="tcp")
async def kamailio_chats_tcp(world):
    await chats(world)


@case(profiles=("lync",))
async def kamailio_session_through_the_proxy(world):
    """Sessions with a route set that the proxy put there."""
    async with kamailio(world) as carol:
        ann = await world.log_in()
        ann.chat(world.jid(carol), "one")
        await carol.expect_text("one")
        assert await carol.invite(world.uri(ann)) is not None
        ann.chat(world.jid(carol), "two")
        await carol.expect_text("two")


@case(profiles=("simple",))
async def baresip_is_a_contact(world):
    """A phone nobody here wrote: its presence, its texts and what it shows."""
    if not shutil.which("baresip"):
        raise Skipped("baresip is not installed")
    async with kamailio(world):
        ann = await world.log_in()
        phone = await Baresip(world.room, "bob", SIP_DOMAIN, world.peer.port, ann.bare, world.transport).start()
        try:
            await ann.expect_presence("subscribe", world.jid(world.bob))
            ann.presence(kind="subscribed", to=world.jid(world.bob))
            await phone.expect_contact("Online")
            ann.presence(kind="subscribe", to=world.jid(world.bob))
            await ann.expect_presence("subscribed", world.jid(world.bob))
            await phone.message("hello from the phone")
            await ann.expect_chat("hello from the phone", world.jid(world.bob))
            ann.chat(world.jid(world.bob), "hello phone")
            await phone.expect_text("hello phone")
            ann.presence(kind="unavailable")
            await phone.expect_contact("Offline")
        finally:
            await phone.stop()
