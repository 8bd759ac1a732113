#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""End-to-end tests: the daemon between real XMPP servers and a SIP side.

  run.py [--build DIR] [--server prosody|ejabberd] [--long] [WORD ...]

Each test is run with each server and dialect it names and prints one line; WORDs choose tests by a part of their name. With
both servers wanted each has a process of its own, at the same time. Ends with `N passed, N failed, N skipped`."""

import argparse
import asyncio
import contextlib
import importlib
import pathlib
import re
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parent / "lib"), str(HERE.parent / "scenario")]

import bridge_world  # noqa: E402
import private  # noqa: E402
from e2e_case import CASES, Skipped  # noqa: E402
from ejabberd_server import Ejabberd  # noqa: E402
from prosody_server import Prosody  # noqa: E402

SERVERS = {"prosody": Prosody, "ejabberd": Ejabberd}
MODULES = ("presence_crosses", "chat_crosses", "hundred_chats", "barrier_matrix", "outages", "unknown_users", "restart",
           "hostile_input", "sipp_scenarios", "kamailio_side", "check_command")
TIMEOUT_S = 180


class Lane:
    """One XMPP server and the tests that want it."""

    def __init__(self, options):
        self.options = options
        self.room = private.Room(f"e2e-{options.server}")
        self.names = list(bridge_world.USERS)
        self.counts = {"passed": 0, "failed": 0, "skipped": 0}

    def run(self):
        try:
            self.server = SERVERS[self.options.server](
                self.room, bridge_world.XMPP_HOST, bridge_world.COMPONENT, bridge_world.SECRET, bridge_world.USERS)
            self.server.start()
            for case in CASES:
                if self.options.server in case.servers and self._wanted(case):
                    for profile in case.profiles:
                        self._one(case, profile)
            self.server.stop()
        finally:
            self.room.close()
        print(", ".join(f"{n} {word}" for word, n in self.counts.items()), flush=True)
        return 1 if self.counts["failed"] else 0

    def _wanted(self, case):
        return not self.options.words or any(word in case.name for word in self.options.words)

    def _one(self, case, profile):
        started, verdict, words = time.monotonic(), "passed", ""
        log = self.room.path / "tombolo.log"
        log.unlink(missing_ok=True)
        try:
            asyncio.run(asyncio.wait_for(case.run(self, profile), TIMEOUT_S))
        except Skipped as why:
            verdict, words = "skipped", f": {why}"
        except asyncio.TimeoutError:
            verdict, words = "failed", f": not over after {TIMEOUT_S} s"
        except Exception as error:
            verdict, words = "failed", f": {type(error).__name__}: {error}"
            if self.options.verbose:
                words += "\n" + traceback.format_exc()
        self.counts[verdict] += 1
        notes = "".join(f" [{note}]" for note in case.notes)
        print(f"{verdict:7} {self.options.server:8} {profile:6} {case.name} ({time.monotonic() - started:.1f} s)"
              f"{notes}{words}", flush=True)
        if verdict == "failed":
            print("    " + private.tail(log, self.options.lines).replace("\n", "\n    "), flush=True)
        self._revive_server()

    def _revive_server(self):
        """A test may have killed the server and failed before it was back."""
        if self.server.process.poll() is not None:
            self.server.start()


async def both_lanes(argv):
    """Each server in a process of its own; their lines are passed on as they come."""
    totals = dict.fromkeys(("passed", "failed", "skipped"), 0)
    lanes = [await asyncio.create_subprocess_exec(sys.executable, __file__, *argv, "--server", server,
                                                  stdout=asyncio.subprocess.PIPE, limit=1 << 20) for server in SERVERS]
    try:
        whole = await asyncio.gather(*(pass_on(lane.stdout, totals) for lane in lanes))
    finally:
        for lane in lanes:
            if lane.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    lane.terminate()
            await lane.wait()
    if not all(whole):
        print("a lane ended without its closing line")
    print(", ".join(f"{n} {word}" for word, n in totals.items()))
    return 1 if totals["failed"] or not all(whole) else 0


async def pass_on(lines, totals):
    """Prints what a lane prints and adds up its closing line; False if there was none."""
    closed = False
    async for line in lines:
        line = line.decode(errors="replace")
        counted = re.fullmatch(r"(\d+) passed, (\d+) failed, (\d+) skipped\n", line)
        if not counted:
            print(line, end="", flush=True)
            continue
        closed = True
        for word, number in zip(totals, counted.groups()):
            totals[word] += int(number)
    return closed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=str(HERE.parents[1] / "build"), help="folder with the tombolo binary")
    parser.add_argument("--release", default=None, help="folder with a binary without sanitizers, for what is measured")
    parser.add_argument("--server", choices=SERVERS, default=None)
    parser.add_argument("--long", action="store_true", help="more rounds where a test has rounds")
    parser.add_argument("--lines", type=int, default=12, help="lines of the daemon's log shown at a failure")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    private.end_on_signals()
    if options.server is None:
        return asyncio.run(both_lanes(sys.argv[1:]))
    for name in MODULES:
        importlib.import_module(name)
    return Lane(options).run()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
