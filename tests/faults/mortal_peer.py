# SPDX-License-Identifier: MIT
"""The SIP side as a process that can be killed, frozen and cut off: what it showed to its users stays seen, everything else
it knew (dialogs, transactions) dies with it."""

import asyncio
import random

from sip_endpoint import Datagrams, LIMIT, SipEndpoint, Stream, T1, T2
from sip_user import SipPeer

ANSWER_S = 0.1
SOCKET_BUFFER = 400  # datagrams the kernel keeps for a frozen process


class Died(Exception):
    """The user agent was killed while it waited for this."""


class ConnectionDied(Exception):
    """The connection a request was sent on ended before its answer."""


class MortalStream(Stream):
    def connection_lost(self, error):
        super().connection_lost(error)
        self.endpoint.lost(self.peer)


class MortalEndpoint(SipEndpoint):
    """Keeps no history, so that a run may be long."""

    def __init__(self, handler, seed):
        super().__init__(handler)
        self.awake = asyncio.Event()
        self.random = random.Random(seed)
        self.loss = 0.0  # of datagrams, both ways
        self.backlog, self.acked, self.waiting, self.lives = [], set(), {}, 0

    # -- life
    async def start(self):
        loop = asyncio.get_running_loop()
        self.udp, _ = await loop.create_datagram_endpoint(lambda: Datagrams(self), ("127.0.0.1", self.port))
        self.tcp = await loop.create_server(lambda: MortalStream(self), "127.0.0.1", self.port)
        self.awake.set()
        return self

    async def kill(self):
        self.lives += 1
        self.awake.clear()
        for end in [end for ends in self.waiting.values() for end in ends]:
            end.cancel() if end.done() else end.set_exception(Died())
        self.waiting.clear()
        self.backlog.clear()
        self.servers.clear()
        self.clients.clear()
        self.acked.clear()
        await self.stop()

    def freeze(self):
        self.awake.clear()

    def thaw(self):
        self.awake.set()
        backlog, self.backlog = self.backlog, []
        for message, source in backlog:
            self.received(message, source)

    def cut_streams(self):
        for stream in list(self.streams.values()):
            stream.transport.abort()

    # -- bytes
    async def _serve(self, key, request, source):
        """People and machines take their time."""
        life = self.lives
        if request.method == "MESSAGE":
            await asyncio.sleep(self.random.uniform(0, ANSWER_S))
        if life != self.lives:
            return
        try:
            await super()._serve(key, request, source)
        except OSError:
            pass  # the connection it came on is gone, and so is whoever waited for the answer

    def _note(self, direction, message):
        if direction == "in" and message.start.startswith("ACK "):
            self.acked.add((message.get("call-id"), message.get("cseq").split()[0]))

    def received(self, message, source):
        if source[0] == "udp" and self.random.random() < self.loss:
            return
        if self.awake.is_set():
            super().received(message, source)
        elif source[0] == "tcp" or len(self.backlog) < SOCKET_BUFFER:
            self.backlog.append((message, source))

    async def send_bytes(self, data, hop):
        life = self.lives
        await self.awake.wait()
        if life != self.lives:
            return
        transport, address = hop
        if transport == "udp":
            if self.random.random() >= self.loss:
                self.udp.sendto(data, address)
            return
        stream = self.streams.get(address)
        if stream is None:
            _, stream = await asyncio.get_running_loop().create_connection(lambda: MortalStream(self), *address)
        stream.queue.put_nowait(data)

    def lost(self, address):
        for end in self.waiting.pop(address, ()):
            if not end.done():
                end.set_exception(ConnectionDied())

    # -- transactions
    async def request(self, message, hop, timeout=LIMIT, provisional=None):
        """As a real user agent: TimeoutError when it gives up, ConnectionDied when the connection ends first."""
        end = asyncio.get_running_loop().create_future()
        self.waiting.setdefault(hop[1], set()).add(end)
        sending = asyncio.ensure_future(super().request(message, hop, timeout, provisional))
        try:
            await asyncio.wait({sending, end}, return_when=asyncio.FIRST_COMPLETED)
            if end.done():
                sending.cancel()
                return end.result()
            return sending.result()
        finally:
            self.waiting.get(hop[1], set()).discard(end)
            end.cancel()
            self.clients.pop((message.branch, message.method), None)

    async def _repeat_final(self, key, request, source):
        """Until the ACK is there (RFC 3261 13.3.1.4)."""
        wait, left, life = T1, LIMIT, self.lives
        acked = (request.get("call-id"), request.get("cseq").split()[0])
        while left > 0 and acked not in self.acked and life == self.lives:
            await asyncio.sleep(wait)
            left -= wait
            if acked not in self.acked and self.servers.get(key) and life == self.lives:
                await self.send_bytes(self.servers[key], source)
            wait = min(2 * wait, T2)


class Screen:
    """In the place of an inbox: what the user sees."""

    def __init__(self, book):
        self.book = book

    def put(self, event):
        if event.kind == "text":
            self.book.show(event.text, (event.request.get("call-id"), event.request.get("cseq")))


class MortalPeer(SipPeer):
    def __init__(self, domain, profile, users, book, seed):
        super().__init__(domain, profile, users=users)
        self.endpoint = MortalEndpoint(self._handle, seed)
        self.port = self.endpoint.port
        self.book = book
        for user in self.users.values():
            user.inbox = Screen(book)

    async def kill(self):
        await self.endpoint.kill()
        self.dialogs.clear()
        for user in self.users.values():
            user.sessions.clear()

    async def write(self, name, to, message):
        """One text, and what its writer is told."""
        user = self.users[name]
        await self.endpoint.awake.wait()
        try:
            status, words = await self._ask(user, to, message.token)
        except Died:
            return
        except (TimeoutError, ConnectionDied):
            self._leave(user, to)
            self.book.answer(message.token, "unknown", "gave up")
            return
        except OSError as error:
            self._leave(user, to)
            self.book.answer(message.token, "failed", str(error))
            return
        if status < 300:
            self.book.answer(message.token, "confirmed")
            return
        if status == 481:
            self._leave(user, to)
        self.book.answer(message.token, "unknown" if "may have arrived" in words.lower() else "failed", f"{status} {words}")

    async def _ask(self, user, to, text):
        """(status, phrase). An INVITE that nobody answered carried no text: that is a failure."""
        if self.profile == "simple":
            response = await user.page_response(to, text)
        else:
            session = user.session_with(to)
            if session is None:
                try:
                    status, session = await user.invite(to)
                except (TimeoutError, ConnectionDied) as error:
                    return 408, f"INVITE: {type(error).__name__}"
                if status >= 300:
                    return status, "INVITE"
            response = await session.request("MESSAGE", [("Content-Type", "text/plain; charset=UTF-8")], text.encode())
        return response.status, f"{response.start.split(' ', 2)[2]} {response.get('warning').partition(' ')[2]}"

    @staticmethod
    def _leave(user, to):
        """A session in which a request failed is not used again."""
        for session in [s for s in user.sessions if s.remote == to]:
            session.end()
            user.sessions.remove(session)
