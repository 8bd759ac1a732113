#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Messages each way over a UDP line that loses 5 %, delays by 50 ms and reorders: all arrive, each once.

    bad_line.py [--seed N] [--long] PATH-TO-TOMBOLO
1,000 each way, with --long 10,000. Ends with `N passed, N failed`."""

import argparse
import asyncio
import collections
import pathlib
import secrets
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "lib"), str(HERE.parent / "scenario")]

import fake_xmpp  # noqa: E402
from private import Room, end_on_signals, free_port, tail, wait_until  # noqa: E402
from sip_endpoint import SipEndpoint  # noqa: E402
from sip_message import SipMessage  # noqa: E402
from udp_proxy import UdpProxy  # noqa: E402

USERS, AT_ONCE = 50, 50  # a SIP user gets one text after the other (RFC 3428 section 8)


class Server(threading.Thread):
    """The XMPP half, in a thread of its own."""

    def __init__(self):
        super().__init__(daemon=True)
        self.fake, self.ended = fake_xmpp.FakeXmpp(), threading.Event()
        self.bodies, self.errors = collections.Counter(), []

    def run(self):
        while not self.ended.is_set():
            for sock in fake_xmpp.wait(self.fake.sockets(), 0.05):
                self.fake.readable(sock)
            for stanza in self.fake.stanzas:
                body = stanza.find(fake_xmpp.NAMESPACE + "body")
                if stanza.get("type") == "error":
                    self.errors.append(stanza.get("id"))
                elif body is not None:
                    self.bodies[body.text] += 1
            self.fake.stanzas.clear()


class Line:
    def __init__(self, program, seed):
        self.room, self.server, self.port = Room("bad-line"), Server(), free_port()
        self.texts = collections.Counter()
        self.endpoint = SipEndpoint(self.answer)
        self.proxy = UdpProxy(("127.0.0.1", self.port), ("127.0.0.1", self.endpoint.port), seed).start()
        config = self.room.path / "tombolo.conf"
        config.write_text(
            "node = 127.0.0.1\n"
            f"xmpp {{ server = 127.0.0.1:{self.server.fake.port}  component = gw.example.test  secret = scenario }}\n"
            f"sip {{ listen = {{ udp:127.0.0.1:{self.port} }} }}\n"
            "domain sip.test {\n  profile = simple\n  serves = { example.test }\n"
            f"  route line {{ to = udp:127.0.0.1:{self.proxy.left_port} }}\n}}\n"
            f"storage {{ url = \"sqlite:{self.room.path}/tombolo.db\" }}\n"
            "limits { messages-per-user = 10000/s }\n")
        self.daemon = self.room.start("daemon", [program, "serve", "-c", str(config)])
        self.server.start()

    def answer(self, request, _source):
        if request.method == "MESSAGE":
            self.texts[request.text()] += 1
        return request.answer(200, "OK", (), "", tag="peer")

    async def inward(self, count):
        """SIP to XMPP. The statuses that came."""
        statuses, turns = collections.Counter(), asyncio.Semaphore(AT_ONCE)

        async def one(i):
            async with turns:
                message = SipMessage.request("MESSAGE", "sip:ann@example.test", [
                    ("Max-Forwards", "70"), ("From", f"<sip:bob{i % USERS}@sip.test>;tag={secrets.token_hex(4)}"),
                    ("To", "<sip:ann@example.test>"), ("Call-ID", secrets.token_hex(8)), ("CSeq", "1 MESSAGE"),
                    ("Content-Type", "text/plain")], f"in {i}")
                response = await self.endpoint.request(message, ("udp", ("127.0.0.1", self.proxy.right_port)))
                statuses[response.status] += 1

        await asyncio.gather(*(one(i) for i in range(count)))
        return statuses

    async def outward(self, count):
        """XMPP to SIP."""
        for i in range(count):
            self.server.fake.send(f"<message type='chat' id='m{i}' from='ann{i % 7}@example.test/x' "
                                  f"to='bob{i % USERS}@gw.example.test'><body>out {i}</body></message>")
            if i % USERS == USERS - 1:
                await asyncio.sleep(0.15)
        end = time.monotonic() + 30 + count / 50
        while len(self.texts) + len(self.server.errors) < count and time.monotonic() < end:
            await asyncio.sleep(0.1)

    async def run(self, count):
        await self.endpoint.start()
        await asyncio.get_running_loop().run_in_executor(None, lambda: wait_until(
            self.daemon, lambda: b"event=ready" in self.daemon.log_path.read_bytes(), "event=ready"))
        began = time.monotonic()
        statuses, _ = await asyncio.gather(self.inward(count), self.outward(count))
        took = time.monotonic() - began
        await asyncio.sleep(5)  # an answer that was lost is asked for again
        await self.endpoint.stop()
        print(f"{count} each way in {took:.1f} s; datagrams: {self.proxy.passed} passed, {self.proxy.lost} lost")
        return {f"inward: not all answered 202: {statuses}": statuses == {202: count},
                f"inward: {count - len(self.server.bodies)} missing": len(self.server.bodies) == count,
                "inward: some came twice": all(n == 1 for n in self.server.bodies.values()),
                f"outward: {count - len(self.texts)} missing": len(self.texts) == count,
                "outward: some came twice": all(n == 1 for n in self.texts.values()),
                f"outward: {len(self.server.errors)} errors": not self.server.errors}

    def close(self):
        self.server.ended.set()
        self.proxy.stop()
        self.room.close()


def main():
    end_on_signals()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--long", action="store_true")
    options = parser.parse_args()
    line = Line(str(pathlib.Path(options.program).resolve()), options.seed)
    try:
        verdicts = asyncio.run(line.run(10000 if options.long else 1000))
        code = line.room.stop(line.daemon, timeout=15)
        verdicts[f"the daemon ended with {code}"] = code == 0
        faults = [words for words, good in verdicts.items() if not good]
        if faults:
            print("\n".join(faults), tail(line.daemon.log_path, 20), sep="\n")
    finally:
        line.close()
    print(f"{0 if faults else 1} passed, {1 if faults else 0} failed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
