# SPDX-License-Identifier: MIT
"""SIP transports and transactions on asyncio: one port for UDP and TCP. A test instrument: it can also lose, delay, double
and shred what it sends, or fall silent."""

import asyncio
import secrets
import socket
import time

import sip_message
from private import free_port
from sip_message import SipMessage

T1, T2, LIMIT = 0.5, 4.0, 32.0


class Faults:
    """What goes wrong on purpose with the messages this endpoint sends or gets."""

    def __init__(self):
        self.lose = lambda message: False  # outgoing message -> True: not sent
        self.copies = 1  # each datagram is sent so often
        self.delay_s = 0.0
        self.one_byte_segments = False  # TCP
        self.silent = False  # nothing that comes in is looked at


class Stream(asyncio.Protocol):
    """One TCP connection, either direction."""

    def __init__(self, endpoint):
        self.endpoint, self.buffer, self.queue = endpoint, b"", asyncio.Queue()

    def connection_made(self, transport):
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.peer = transport.get_extra_info("peername")[:2]
        self.endpoint.streams[self.peer] = self
        self.writer = asyncio.ensure_future(self._write())

    def data_received(self, data):
        self.buffer += data
        while True:
            message, self.buffer = sip_message.frame(self.buffer)
            if message is None:
                return
            self.endpoint.received(message, ("tcp", self.peer))

    def connection_lost(self, error):
        self.writer.cancel()
        self.endpoint.streams.pop(self.peer, None)

    async def _write(self):
        """Shredded, each byte is a segment of its own: TCP_NODELAY and a turn of the loop in between."""
        while True:
            data = await self.queue.get()
            if not self.endpoint.faults.one_byte_segments:
                self.transport.write(data)
                continue
            for i in range(len(data)):
                self.transport.write(data[i:i + 1])
                await asyncio.sleep(0)


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, endpoint):
        self.endpoint = endpoint

    def datagram_received(self, data, address):
        if len(data) > 4:
            self.endpoint.received(sip_message.parse(data), ("udp", address))


class SipEndpoint:
    """handler(request, source) is called for each new request, ACK included, and returns a response or None; it may be a
    coroutine. Retransmissions never reach it."""

    def __init__(self, handler=None):
        self.handler = handler
        self.port = free_port()
        self.faults = Faults()
        self.streams = {}
        self.clients = {}  # (branch, method) -> queue of responses
        self.servers = {}  # (branch, method) -> last response bytes, or None while it is being made
        self.acks = {}  # (Call-ID, CSeq of the INVITE) -> the ACK of a 2xx and its hop: a repeated 2xx gets it again
        self.seen = []  # (time, "in"/"out", message): for ladders and for a look afterwards
        self.watch = None  # called with each such entry

    async def start(self):
        loop = asyncio.get_running_loop()
        self.udp, _ = await loop.create_datagram_endpoint(lambda: Datagrams(self), ("127.0.0.1", self.port))
        self.tcp = await loop.create_server(lambda: Stream(self), "127.0.0.1", self.port)
        return self

    async def stop(self):
        self.udp.close()
        self.tcp.close()
        for stream in list(self.streams.values()):
            stream.transport.abort()
        await asyncio.sleep(0)

    def _note(self, direction, message):
        entry = (time.time(), direction, message)
        self.seen.append(entry)
        if self.watch:
            self.watch(entry)

    # -- transport
    async def send(self, message, hop):
        """hop: (transport, (host, port)). Returns once the bytes are on their way."""
        self._note("out", message)
        if self.faults.lose(message):
            return
        if self.faults.delay_s:
            await asyncio.sleep(self.faults.delay_s)
        await self.send_bytes(message.to_bytes(), hop)

    async def send_ack(self, ack, hop):
        """Of a 2xx: its own transaction, repeated with each repetition of the 2xx (RFC 3261 13.2.2.4)."""
        self.acks[ack.get("call-id"), ack.get("cseq").replace("ACK", "INVITE")] = (ack.to_bytes(), hop)
        await self.send(ack, hop)

    async def send_bytes(self, data, hop):
        transport, address = hop
        if transport == "udp":
            for _ in range(self.faults.copies):
                self.udp.sendto(data, address)
            return
        stream = self.streams.get(address)
        if stream is None:
            _, stream = await asyncio.get_running_loop().create_connection(lambda: Stream(self), *address)
        stream.queue.put_nowait(data)

    def received(self, message, source):
        if self.faults.silent:
            return
        if message.is_response:
            self._note("in", message)
            ack = self.acks.get((message.get("call-id"), message.get("cseq")))
            if ack and message.status >= 200:
                asyncio.ensure_future(self.send_bytes(*ack))
            queue = self.clients.get((message.branch, message.method))
            if queue:
                queue.put_nowait(message)
            return
        key = (message.branch, message.method, message.get("call-id"), message.get("cseq"))
        if key in self.servers:  # a retransmission
            if self.servers[key]:
                asyncio.ensure_future(self.send_bytes(self.servers[key], source))
            return
        self._note("in", message)
        self.servers[key] = None
        asyncio.ensure_future(self._serve(key, message, source))

    async def _serve(self, key, request, source):
        response = self.handler(request, source)
        if asyncio.iscoroutine(response):
            response = await response
        if response is None or request.method == "ACK":
            return
        self.servers[key] = response.to_bytes()
        await self.send(response, source)
        if request.method == "INVITE" and source[0] == "udp" and response.status >= 200:
            await self._repeat_final(key, request, source)

    async def _repeat_final(self, key, request, source):
        """RFC 3261 13.3.1.4 and 17.2.1: a final response to INVITE is repeated until the ACK is there."""
        wait, end = T1, time.monotonic() + LIMIT
        while time.monotonic() < end:
            await asyncio.sleep(wait)
            number = request.get("cseq").split()[0]
            if any(d == "in" and m.start.startswith("ACK ") and m.get("call-id") == request.get("call-id") and
                   m.get("cseq").split()[0] == number for _, d, m in self.seen):
                return
            await self.send_bytes(self.servers[key], source)
            wait = min(2 * wait, T2)

    # -- transactions
    def via(self, transport):
        return f"SIP/2.0/{transport.upper()} 127.0.0.1:{self.port};branch=z9hG4bK{secrets.token_hex(8)};rport"

    async def request(self, message, hop, timeout=LIMIT, provisional=None):
        """Sends a request and returns the final response; TimeoutError if none came. The ACK of a refusal is sent here."""
        transport = hop[0]
        message.headers.insert(0, ("Via", self.via(transport)))
        key, queue = (message.branch, message.method), asyncio.Queue()
        self.clients[key] = queue
        loop = asyncio.get_running_loop()
        end, wait = loop.time() + timeout, T1
        await self.send(message, hop)
        repeat_at = loop.time() + wait if transport == "udp" else end
        while True:
            try:
                response = await asyncio.wait_for(queue.get(), max(0.0, min(repeat_at, end) - loop.time()))
            except asyncio.TimeoutError:
                if loop.time() >= end:
                    raise TimeoutError(f"no final answer to {message.start} within {timeout} s") from None
                await self.send_bytes(message.to_bytes(), hop)
                wait = 2 * wait if message.method == "INVITE" else min(2 * wait, T2)
                repeat_at = loop.time() + wait
                continue
            if response.status < 200:
                repeat_at = end if message.method == "INVITE" else loop.time() + T2
                if provisional:
                    provisional(response)
                continue
            if message.method == "INVITE" and response.status >= 300:
                await self.send(self._ack_of_refusal(message, response), hop)
            return response

    @staticmethod
    def _ack_of_refusal(invite, response):
        number = invite.get("cseq").split()[0]
        keep = [("Via", invite.get("via")), ("From", invite.get("from")), ("To", response.get("to")),
                ("Call-ID", invite.get("call-id")), ("CSeq", f"{number} ACK"), ("Max-Forwards", "70")]
        return SipMessage.request("ACK", invite.uri, keep + [("Route", r) for r in invite.all("route")])
