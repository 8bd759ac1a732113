# SPDX-License-Identifier: MIT
"""Each leg may fail: nothing is confirmed that did not arrive, and service returns by itself."""

import asyncio
import signal
import time

from e2e_case import case


async def send_anything(world, uri, text):
    """A text with nothing in the way of an existing session: what would a stranger be told?"""
    response = await world.bob.page_response(uri, text)
    return response.status, response.get("retry-after")


async def service_resumes(world, name, since, limit_s):
    """Texts are taken again within limit_s of `since`; the user has to log in again first."""
    ann = await world.log_in(name, "again")
    while True:
        status, _ = await send_anything(world, world.uri(ann), "back?")
        if status == 202:
            break
        assert status in (480, 503), status
        assert time.monotonic() - since < limit_s, f"no service {limit_s} s after the server was back ({status})"
        await asyncio.sleep(0.1)
    await ann.expect_chat("back?")
    return time.monotonic() - since


@case()
async def xmpp_server_killed_and_back(world):
    name, bob = world.new_name(), world.bob
    ann = await world.log_in(name)
    await world.taken(ann, "before")
    ann.drop()
    world.server.kill()
    await world.until(lambda: "event=link-down" in world.daemon.log(), "event=link-down")
    status, retry_after = await send_anything(world, world.uri(name + "@xmpp.example"), "anyone?")
    assert status == 503 and retry_after, f"answered {status}, Retry-After {retry_after!r}"
    assert await bob.chat(world.uri(ann), "in the old way") == 503
    await world.start_server()
    world.note(f"service {await service_resumes(world, name, time.monotonic(), 5.0):.1f} s after the server")


@case(profiles=("simple",))
async def xmpp_server_freezes_after_the_stanza_was_written(world):
    """Nobody can know whether it arrived: 480 within the barrier's three seconds, no 2xx, no 503."""
    name, bob = world.new_name(), world.bob
    ann = await world.log_in(name)
    await world.taken(ann, "before")
    world.server.process.send_signal(signal.SIGSTOP)
    try:
        started = time.monotonic()
        status = await bob.chat(world.uri(ann), "into the ice")
        waited = time.monotonic() - started
    finally:
        world.server.process.send_signal(signal.SIGCONT)
    assert status == 480, status
    assert 2.0 < waited < 4.0, f"answered after {waited:.1f} s"
    assert await bob.chat(world.uri(ann), "after") in (202, 480)


@case(profiles=("simple",))
async def xmpp_server_dies_with_a_stanza_in_hand(world):
    name, bob = world.new_name(), world.bob
    ann = await world.log_in(name)
    world.server.process.send_signal(signal.SIGSTOP)
    sending = asyncio.ensure_future(bob.chat(world.uri(ann), "last words"))
    await asyncio.sleep(0.5)  # written, not answered
    ann.drop()
    world.server.kill()
    status = await sending
    assert status == 480, status
    await world.start_server()
    await service_resumes(world, name, time.monotonic(), 5.0)


async def sip_side_dies(world, limit_s):
    ann, bob = await world.log_in(), world.bob
    ann.chat(world.jid(bob), "before")
    await bob.expect_text("before")
    await world.peer.stop()
    ident = ann.chat(world.jid(bob), "anyone?")
    condition, text = await ann.expect_error(ident, timeout=limit_s)
    assert condition and text and len(text.split()) >= 3, f"{condition}: {text!r}"
    world.note(f"{condition}: {text}")
    await world.peer.start()
    await asyncio.sleep(0.5)
    for dialog in list(bob.sessions):
        dialog.end()
    bob.sessions.clear()
    ann.chat(world.jid(bob), "back?")
    try:
        await bob.expect_text("back?", timeout=20)
    except AssertionError:
        ann.chat(world.jid(bob), "back now?")
        await bob.expect_text("back now?", timeout=20)


@case(transport="tcp")
async def sip_side_dead_tcp(world):
    await sip_side_dies(world, 10)


@case(transport="udp")
async def sip_side_dead_udp(world):
    await sip_side_dies(world, 40)


@case(profiles=("simple",), servers=("prosody",))
async def sip_side_silent(world):
    """Timer F: the text may have arrived, and the error says so."""
    ann, bob = await world.log_in(), world.bob
    world.peer.endpoint.faults.silent = True
    condition, text = await ann.expect_error(ann.chat(world.jid(bob), "hello?"), timeout=40)
    assert condition == "remote-server-timeout", condition
    world.note(f"{condition}: {text}")
