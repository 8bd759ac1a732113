#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A SIP server that takes every request: sip_server.py PORT BOOK. Each text it shows is a line "TOKEN TIME" of BOOK, written
before the answer leaves, once however often the request is sent again; what it wrote outlives its death."""

import os
import pathlib
import selectors
import socket
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))

import sip_message  # noqa: E402


class Server:
    def __init__(self, port, book):
        self.book = os.open(book, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self.seen = set()
        self.selector = selectors.DefaultSelector()
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.udp.bind(("127.0.0.1", port))
        self.listener = socket.create_server(("127.0.0.1", port))
        self.selector.register(self.udp, selectors.EVENT_READ, self.datagram)
        self.selector.register(self.listener, selectors.EVENT_READ, self.accept)

    def answer(self, message):
        if message.is_response or message.method == "ACK":
            return b""
        if message.method == "MESSAGE" and message.branch not in self.seen:
            self.seen.add(message.branch)
            os.write(self.book, f"{message.text()} {time.monotonic()}\n".encode())
        return message.answer(200, "OK", tag="server").to_bytes()

    def datagram(self, sock):
        data, source = sock.recvfrom(65536)
        sock.sendto(self.answer(sip_message.parse(data)), source)

    def accept(self, sock):
        stream, _ = sock.accept()
        buffers = [b""]

        def readable(sock):
            data = sock.recv(65536)
            if not data:
                self.selector.unregister(sock)
                sock.close()
                return
            message, buffers[0] = sip_message.frame(buffers[0] + data)
            while message:
                sock.sendall(self.answer(message))
                message, buffers[0] = sip_message.frame(buffers[0])

        self.selector.register(stream, selectors.EVENT_READ, readable)

    def run(self):
        while True:
            for key, _ in self.selector.select():
                key.data(key.fileobj)


Server(int(sys.argv[1]), sys.argv[2]).run()
