#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Two routes, 200 texts a second, and the server behind the first one dies (killed, or frozen) and comes back.

    run_failover.py PATH-TO-TOMBOLO [killed-tcp|killed-udp|frozen-tcp|frozen-udp|killed-tcp-srv ...]

With -srv there is one route, a name whose two SRV records lead to the servers, told by a name server of our own.

Each text must be shown at most once, and end in exactly one way its sender is told: a receipt, or an error. What was on the
wire in the moment of death may be both shown and called uncertain, never lost in silence. The first text on the second route
has to come within 4 s, the first one on the first route within 35 s of its server's return. Ends with `N passed, N failed`."""

import pathlib
import shutil
import signal
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE.parent / "scenario"), str(HERE.parent / "lib")]

import fake_xmpp  # noqa: E402
from private import Room, end_on_signals, free_port, listens, tail, wait_until  # noqa: E402

RATE, USERS = 200, 100
DIES_S, RETURNS_S, ENDS_S = 2.0, 9.0, 20.0  # after the first text
LAST_WORD_S = 40.0  # timer F and then some
OVER_S, BACK_S = 4.0, 35.0


class Failover:
    def __init__(self, program, how, transport, srv):
        self.how, self.transport, self.srv = how, transport, srv
        self.room = Room("failover")
        self.xmpp = fake_xmpp.FakeXmpp()
        self.ports = [free_port(), free_port()]
        self.books = [self.room.path / "first.book", self.room.path / "second.book"]
        self.servers = [self.serve(0), self.serve(1)]
        for server, at in zip(self.servers, self.ports):
            wait_until(server, lambda at=at: listens(at), "listening")
        port = free_port()
        config = self.room.path / "tombolo.conf"
        config.write_text(
            "node = 127.0.0.1\n"
            f"xmpp {{ server = 127.0.0.1:{self.xmpp.port}  component = gw.example.test  secret = failover }}\n"
            f"sip {{ listen = {{ udp:127.0.0.1:{port}, tcp:127.0.0.1:{port} }}\n"
            f"  {self.name_server() if srv else ''} }}\n"
            "domain sip.test {\n  profile = simple\n  serves = { example.test }\n"
            f"{self.routes()}}}\n"
            "limits { messages-per-user = 1000/s }\n"
            f"storage {{ url = \"sqlite:{self.room.path}/tombolo.db\" }}\n")
        self.daemon = self.room.start("daemon", [program, "serve", "-c", str(config)])
        self.sent, self.told = {}, {}

    def routes(self):
        if self.srv:
            return f"  route named {{ to = {self.transport}:corp.test }}\n"
        return "".join(f"  route {name} {{ to = {self.transport}:127.0.0.1:{self.ports[i]}  priority = {i} }}\n"
                       for i, name in enumerate(("first", "second")))

    def name_server(self):
        port = free_port()
        records = [f"--srv-host=_sip._{self.transport}.corp.test,fe{i}.test,{self.ports[i]},{10 * i}" for i in (0, 1)]
        self.room.start("dnsmasq", ["dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--pid-file=", "--user=", "--group=",
                                    "--no-resolv", "--no-hosts", "--bind-interfaces", "--listen-address=127.0.0.1",
                                    f"--port={port}", "--local=/test/", "--host-record=fe0.test,127.0.0.1",
                                    "--host-record=fe1.test,127.0.0.1", *records])
        return f"dns = {{ 127.0.0.1:{port} }}"

    def serve(self, which):
        return self.room.start(f"server{which}", [sys.executable, str(HERE / "sip_server.py"), str(self.ports[which]),
                                                  str(self.books[which])])

    # -- The XMPP users
    def pump(self, seconds):
        end = time.monotonic() + seconds
        while True:
            for sock in fake_xmpp.wait(self.xmpp.sockets(), end - time.monotonic()):
                self.xmpp.readable(sock)
            for stanza in self.xmpp.stanzas:
                self.hear(stanza)
            self.xmpp.stanzas.clear()
            if time.monotonic() >= end:
                return

    def hear(self, stanza):
        if fake_xmpp.local(stanza.tag) != "message":
            return
        receipt = stanza.find("{urn:xmpp:receipts}received")
        if stanza.get("type") == "error":
            self.told.setdefault(stanza.get("id"), []).append("error")
        elif receipt is not None:
            self.told.setdefault(receipt.get("id"), []).append("receipt")

    def say(self, number):
        token = f"t{number}"
        user = number % USERS
        bob = user if number % 2 else number  # texts to one user keep their order and wait for each other
        self.sent[token] = time.monotonic()
        self.xmpp.send(f"<message type='chat' id='{token}' from='ann{user}@example.test/home' "
                       f"to='bob{bob}@gw.example.test'><body>{token}</body><request xmlns='urn:xmpp:receipts'/></message>")

    # -- The course of events
    def strike(self):
        if self.how == "killed":
            self.room.kill(self.servers[0])
        else:
            self.servers[0].send_signal(signal.SIGSTOP)

    def heal(self):
        if self.how == "killed":
            self.servers[0] = self.serve(0)
        else:
            self.servers[0].send_signal(signal.SIGCONT)

    def run(self):
        end = time.monotonic() + 10
        while "event=ready" not in self.daemon.log_path.read_text() and time.monotonic() < end:
            self.pump(0.05)
        self.pump(0.5)
        begun, number = time.monotonic(), 0
        self.dead = self.back = None
        while time.monotonic() - begun < ENDS_S:
            at = time.monotonic() - begun
            if at >= DIES_S and self.dead is None:
                self.strike()
                self.dead = time.monotonic()
            if at >= RETURNS_S and self.back is None:
                self.heal()
                self.back = time.monotonic()
            while number < at * RATE:
                self.say(number)
                number += 1
            self.pump(0.005)
        end = time.monotonic() + LAST_WORD_S
        while len(self.told) < len(self.sent) and time.monotonic() < end:
            self.pump(0.2)

    # -- What became of it
    def faults(self):
        shown = {}
        times = []
        for book in self.books:
            lines = [line.split() for line in book.read_text().splitlines()] if book.exists() else []
            times.append([(float(t), token) for token, t in lines])
            for token, _ in lines:
                shown[token] = shown.get(token, 0) + 1
        over = min((t for t, _ in times[1] if t > self.dead), default=None)
        # The first text that was written after the return and shown there: what lay frozen in a buffer does not count.
        back = min((t for t, token in times[0] if self.back and self.sent[token] > self.back), default=None)
        lost = [t for t in self.sent if t not in self.told]
        silent = [t for t in self.sent if not shown.get(t) and "receipt" in self.told.get(t, [])]
        doubled = [t for t, n in shown.items() if n > 1]
        twice = [t for t, words in self.told.items() if len(words) > 1]
        uncertain = [t for t in self.sent if "error" in self.told.get(t, [])]
        self.figures = (f"{len(self.sent)} texts, {len(times[0])} on first, {len(times[1])} on second; over in "
                        f"{over - self.dead if over else -1:.2f} s, back in {back - self.back if back else -1:.2f} s; "
                        f"{len(uncertain)} called undelivered or uncertain, "
                        f"{len([t for t in uncertain if shown.get(t)])} of them were shown")
        changes = [line for line in self.daemon.log_path.read_text().splitlines() if "event=route-" in line]
        return [words for bad, words in (
            (lost, f"no word about {len(lost)}: {lost[:5]}"),
            (silent, f"{len(silent)} were confirmed and never shown: {silent[:5]}"),
            (doubled, f"{len(doubled)} were shown twice: {doubled[:5]}"),
            (twice, f"{len(twice)} senders were told twice: {twice[:5]}"),
            (over is None or over - self.dead > OVER_S, "the second route came too late"),
            (back is None or back - self.back > BACK_S, "the first route came back too late"),
            (len(changes) != (1 if self.srv else 4), f"not up, up, down, up: {changes}"),
        ) if bad]

    def close(self):
        self.room.close()
        self.xmpp.close()


def main():
    end_on_signals()
    names = sys.argv[2:] or ["killed-tcp", "killed-udp", "frozen-tcp", "frozen-udp"] + (
        ["killed-tcp-srv"] if shutil.which("dnsmasq") else [])
    passed = failed = 0
    for name in names:
        how, transport, *srv = name.split("-")
        course = Failover(str(pathlib.Path(sys.argv[1]).resolve()), how, transport, bool(srv))
        try:
            course.run()
            faults = course.faults()
            print(f"{'FAILED' if faults else 'passed'} {name}: {course.figures}", flush=True)
            for fault in faults:
                print(f"    {fault}")
            if faults:
                print(tail(course.daemon.log_path, 8))
        finally:
            course.close()
        passed, failed = (passed, failed + 1) if faults else (passed + 1, failed)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
