#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Fault injection: users of a real XMPP server and of a SIP side write to each other through the daemon while all three are
killed, frozen, cut off and restarted; every message must end in exactly one way that its sender was told.

  run_faults.py [--build DIR] [--server prosody|ejabberd] [--profile lync|simple] [--messages N] [--seed S] [--rate R]
  run_faults.py --long [--rounds 20] ...     so many seeds of 20,000 messages; adds a line for each to results.md

The messages are shared out among the servers and dialects. Ends with `N passed, N failed`: one for each server, dialect and
seed. message_book.py says what the columns of the table mean."""

import argparse
import asyncio
import collections
import os
import pathlib
import random
import subprocess
import sys
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parent / "lib")]

import private  # noqa: E402
from ejabberd_server import Ejabberd  # noqa: E402
from fault_world import COMPONENT, HOST, NAMES, SECRET, FaultWorld  # noqa: E402
from message_book import VERDICTS  # noqa: E402
from prosody_server import Prosody  # noqa: E402

SERVERS = {"prosody": Prosody, "ejabberd": Ejabberd}
PROFILES = ("lync", "simple")
COLUMNS = ("sent", *VERDICTS, "doubled", "repeated", "disordered", "contradicted")
RESULTS = HERE / "results.md"


def table_of(rows):
    lines = ["       " + "".join(f"{c:>13}" for c in COLUMNS)]
    return "\n".join(lines + [f"  {d}  " + "".join(f"{row[c]:>13}" for c in COLUMNS) for d, row in rows.items()])


def reasons(book):
    """What the senders were told, and how often."""
    told = collections.Counter((m.direction, *m.answers[0]) for m in book.messages.values()
                               if m.told not in (None, "confirmed"))
    for (direction, verdict, words), n in sorted(told.items()):
        print(f"  {direction} {verdict} {n:5}  {words[:110]}")


def explain(world, limit):
    """The messages that must not be."""
    for why, m in world.book.faults()[:limit]:
        at = time.strftime("%H:%M:%S", time.localtime(time.time() - time.monotonic() + m.sent))
        print(f"  {why}: {m.token} sent {at} written={m.written} shown={[(round(t - m.sent, 2), i) for t, i in m.shown]} "
              f"told={m.answers} after {m.answered - m.sent if m.answered else 0:.2f} s, cuts={m.cuts}")


def one_world(options, server_name, profile, seed, messages):
    """True: passed."""
    room = private.Room(f"faults-{server_name}")
    transport = options.transport or ("tcp", "udp")[(PROFILES.index(profile) + seed) % 2]  # all four pairs in two seeds
    name = f"{server_name} {profile} {transport} seed={seed} messages={messages}"
    try:
        server = SERVERS[server_name](room, HOST, COMPONENT, SECRET, NAMES, quota=100000)
        server.start()
        world = FaultWorld(room, options.build, server, profile, transport, seed, messages, options.rate)
        started = time.monotonic()
        try:
            asyncio.run(world.run())
        except Exception as error:
            print(f"failed  {name}: {type(error).__name__}: {error}")
            traceback.print_exc()
            print(private.tail(room.path / "tombolo.log", 12))
            return False
        rows, bad = world.book.table(), world.book.faults()
        flying = ", ".join(f"{n} {d}" for d, n in world.book.in_flight_at_kills().items())
        faults = ", ".join(f"{n} {kind}" for kind, n in sorted(world.mischief.counts.items()))
        print(f"{'failed' if bad else 'passed'}  {name} ({time.monotonic() - started:.0f} s; {faults}; "
              f"in flight at kills: {flying}; notices of late errors: {world.book.strangers})\n{table_of(rows)}", flush=True)
        reasons(world.book)
        explain(world, options.show)
        if options.long:
            record(server_name, profile, transport, seed, rows, world)
        return not bad
    finally:
        room.close()


def record(server_name, profile, transport, seed, rows, world):
    day = time.strftime("%Y-%m-%d %H:%M", time.gmtime())
    with open(RESULTS, "a", encoding="utf-8") as results:
        for direction, row in rows.items():
            cells = " | ".join(str(row[c]) for c in COLUMNS)
            results.write(f"| {day} | {server_name} | {profile} {transport} | {seed} | "
                          f"{sum(world.mischief.counts.values())} | {direction} | {cells} |\n")


def lane(options):
    """One server's share, one world after the other."""
    counts = [0, 0]
    profiles = [options.profile] if options.profile else PROFILES
    for seed in range(options.seed, options.seed + options.rounds):
        for profile in profiles:
            share = options.messages // len(profiles) // (1 if options.alone else 2)
            counts[not one_world(options, options.server, profile, seed, share)] += 1
    print(f"{counts[0]} passed, {counts[1]} failed", flush=True)
    return 1 if counts[1] else 0


def both_lanes(options, argv):
    """Each server in a process of its own, at the same time."""
    lanes = [subprocess.Popen([sys.executable, "-u", __file__, *argv, "--seed", str(options.seed), "--server", server,
                               "--half"], stdout=subprocess.PIPE, text=True) for server in SERVERS]
    totals, complete = [0, 0], True
    try:
        for process in lanes:
            lines = process.communicate()[0].splitlines()
            words = lines.pop().split() if lines else []
            complete &= len(words) == 4
            if len(words) == 4:
                totals = [totals[0] + int(words[0]), totals[1] + int(words[2])]
            print("\n".join(lines), flush=True)
    finally:
        for process in lanes:
            if process.poll() is None:
                process.terminate()
                process.wait()
    totals[1] += not complete
    print(f"{totals[0]} passed, {totals[1]} failed")
    return 1 if totals[1] else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=str(HERE.parents[1] / "build"), help="folder with the tombolo binary")
    parser.add_argument("--server", choices=SERVERS)
    parser.add_argument("--profile", choices=PROFILES)
    parser.add_argument("--transport", choices=("tcp", "udp"), help="default: changes with the seed")
    parser.add_argument("--messages", type=int)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--rate", type=float, default=30.0, help="messages per second and world")
    parser.add_argument("--rounds", type=int, default=None)
    parser.add_argument("--show", type=int, default=8, help="bad messages shown")
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--half", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.messages = options.messages or (20000 if options.long else 2000)
    options.rounds = options.rounds or (20 if options.long else 1)
    options.seed = random.SystemRandom().randrange(1, 10**6) if options.seed is None else options.seed
    options.build, options.alone = os.path.abspath(options.build), not options.half
    private.end_on_signals()
    if options.server is None:
        print(f"seed {options.seed}", flush=True)
        return both_lanes(options, sys.argv[1:])
    return lane(options)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
