# SPDX-License-Identifier: MIT
"""One run: an XMPP server, the daemon behind a link that can be cut, users on both sides who write to each other, and the
mischief."""

import asyncio
import random
import shutil
import time
import types

from link_proxy import LinkProxy
from message_book import Book
from mischief import Mischief, in_thread
from mortal_peer import MortalPeer
from raw_xmpp_user import RawXmppUser, condition_of, receipt_of
from tombolo_daemon import Tombolo

HOST, COMPONENT, SECRET, SIP_DOMAIN = "xmpp.example", "sip.xmpp.example", "a-secret", "phones.example"
USERS = 4  # on each side; everybody writes to everybody
NAMES = [f"u{i}" for i in range(USERS)]
IN_FLIGHT = 60  # texts of one XMPP user to one SIP user: fewer than the bridge's queue holds
SETTLE_S = 75.0  # the longest road: an INVITE's 32 s, then the text's 32 s


class FaultWorld:
    def __init__(self, room, build, server, profile, transport, seed, messages, rate):
        self.room, self.server, self.profile, self.transport = room, server, profile, transport
        self.seed, self.rate = seed, rate
        self.random = random.Random(f"{seed} texts")
        self.book = Book(messages // 2)
        self.build = build

    async def run(self):
        """Returns the book with its verdicts."""
        await self._begin()
        self.mischief = Mischief(self, self.seed)
        started = time.monotonic()
        self.mischief.start()
        try:
            await asyncio.gather(*self._lanes())
        finally:
            self.send_s = time.monotonic() - started
            await self.mischief.stop()
        await self._settle()
        await self._end()
        return self.book

    async def _begin(self):
        self.proxy = await LinkProxy(self.server.component_port, self.book.pass_to_server).start()
        self.peer = MortalPeer(SIP_DOMAIN, self.profile, NAMES, self.book, self.seed)
        await self.peer.endpoint.start()
        self.daemon = self._make_daemon()
        self.peer.next_hop = (self.transport, ("127.0.0.1", self.daemon.port))
        self.daemon.launch()
        await in_thread(self.daemon.wait_ready)
        self.users = [RawXmppUser(HOST, self.server.c2s_port, name, self._arrived).start() for name in NAMES]
        for user in self.users:
            await asyncio.wait_for(user.online.wait(), 20)

    def _make_daemon(self):
        shutil.rmtree(self.room.folder("tombolo"))
        (self.room.path / "tombolo.log").unlink(missing_ok=True)
        link = types.SimpleNamespace(component_port=self.proxy.port, component_name=COMPONENT, secret=SECRET, host=HOST)
        return Tombolo(self.room, self.build, link, SIP_DOMAIN, f"{self.transport}:127.0.0.1:{self.peer.port}", self.profile,
                       limits=("messages-per-user = 1000/s",))

    async def _settle(self):
        """All is well again: every message gets its answer now, or never will."""
        end = time.monotonic() + SETTLE_S
        while time.monotonic() < end and any(not m.cuts for m in self.book.open.values()):
            await asyncio.sleep(0.2)
        await asyncio.sleep(2.0)  # whoever shows something twice has had the time

    async def _end(self):
        for user in self.users:
            await user.stop()
            if user.own_faults:
                raise user.own_faults[0]
        await in_thread(self.daemon.stop)  # looks for complaints of the sanitizers
        await self.peer.kill()
        await self.proxy.stop()

    # -- what XMPP users see
    def _arrived(self, stanza):
        ident, kind = stanza.get("id", ""), stanza.get("type")
        if kind == "error":
            condition, words = condition_of(stanza)
            self.book.answer(ident, "unknown" if condition == "remote-server-timeout" and "may have" in words else "failed",
                             f"{condition}: {words}")
        elif receipt_of(stanza):
            self.book.answer(receipt_of(stanza), "confirmed")
        else:
            self.book.show(stanza.findtext("{jabber:client}body") or "", ident)

    # -- what everybody writes
    def _lanes(self):
        for i in range(USERS):
            for j in range(USERS):
                yield self._x2s_lane(i, j)
                yield self._s2x_lane(i, j)

    async def _pause(self, texts):
        await asyncio.sleep(self.random.expovariate(self.rate / texts / (2 * USERS * USERS)))

    async def _x2s_lane(self, i, j):
        """People write in bursts and do not wait for receipts."""
        user, to = self.users[i], f"{NAMES[j]}@{COMPONENT}"
        mine = []
        while self.book.left["x2s"]:
            burst = self.random.choice((1, 1, 2, 3, 8))
            await self._pause(burst)
            mine = [m for m in mine if m.token in self.book.open and not m.cuts]
            for _ in range(burst):
                if len(mine) >= IN_FLIGHT or not user.online.is_set():
                    break
                message = self.book.write("x2s", i, j)
                if message is None:
                    return
                mine.append(message)
                user.chat(to, message.token, message.token)

    async def _s2x_lane(self, i, j):
        """A user agent sends one text at a time to one address (RFC 3428 section 8)."""
        to = f"sip:{NAMES[i]}@{HOST}"
        while self.book.left["s2x"]:
            burst = self.random.choice((1, 1, 2, 3, 8))
            await self._pause(burst)
            for _ in range(burst):
                await self.peer.endpoint.awake.wait()
                message = self.book.write("s2x", i, j)
                if message is None:
                    return
                await self.peer.write(NAMES[j], to, message)
