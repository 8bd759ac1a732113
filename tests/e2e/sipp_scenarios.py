# SPDX-License-Identifier: MIT
"""A SIP peer nobody here wrote: sipp plays the scenarios in sipp/."""

import asyncio
import pathlib
import shutil

from bridge_world import World
from e2e_case import Skipped, case
from private import free_port, tail

SCENARIOS = pathlib.Path(__file__).resolve().parent / "sipp"


class Sipp:
    """One run of sipp; its files go to the test's temporary folder."""

    def __init__(self, world, scenario, port, user="-", calls=1):
        if not shutil.which("sipp"):
            raise Skipped("sipp is not installed")
        self.transport = world.transport
        folder = world.room.folder("sipp")
        self.errors = folder / f"{scenario}-errors.log"
        self.process = world.room.start(f"sipp-{scenario}", [
            "sipp", f"127.0.0.1:{world.daemon.port}", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", "127.0.0.1",
            "-p", str(port), "-t", "t1" if world.transport == "tcp" else "u1", "-s", user, "-m", str(calls), "-r", "20",
            "-nostdin", "-timeout", "20s", "-timeout_error", "-trace_err", "-error_file", str(self.errors)],
            env={"TERM": "dumb"}, cwd=folder)

    async def listening(self, port):
        """It says so nowhere; the kernel knows."""
        kind = "tcp" if self.transport == "tcp" else "udp"
        await World.until(lambda: f":{port:04X} " in pathlib.Path(f"/proc/net/{kind}").read_text(), "sipp's port")

    async def succeeds(self):
        status = await asyncio.get_running_loop().run_in_executor(None, self.process.wait)
        assert status == 0, f"sipp ended with {status}: {tail(self.errors) or tail(self.process.log_path)}"


async def session(world):
    ann, calls = await world.log_in(), 20
    await Sipp(world, "session", free_port(), ann.name, calls).succeeds()
    for _ in range(calls):
        await ann.inbox.expect(lambda s: s.name == "message" and (s.xml.findtext("{jabber:client}body") or "").startswith(
            "sipp one"), "a text of sipp")


@case(profiles=("lync",))
async def sipp_sessions_udp(world):
    await session(world)


@case(profiles=("lync",), transport="tcp")
async def sipp_sessions_tcp(world):
    await session(world)


@case(profiles=("simple",))
async def sipp_pager(world):
    ann, texts = await world.log_in(), 20
    await Sipp(world, "pager", free_port(), ann.name, texts).succeeds()
    for _ in range(texts):
        await ann.expect_chat(sender=world.jid(world.bob))


@case(profiles=("lync",))
async def sipp_is_called(world):
    """The XMPP user begins and ends; sipp stands where the route leads."""
    ann = await world.log_in()
    await world.peer.stop()
    sipp = Sipp(world, "callee", world.peer.port)
    await sipp.listening(world.peer.port)
    ident = ann.chat(world.jid(world.bob), "hello sipp", receipt=True)
    await ann.expect_receipt(ident, timeout=10)
    ann.chat_state(world.jid(world.bob), "gone")
    await sipp.succeeds()
    await world.peer.start()
