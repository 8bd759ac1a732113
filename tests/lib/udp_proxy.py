# SPDX-License-Identifier: MIT
"""A bad line for UDP, in user space: loses, delays and reorders datagrams both ways, the same way for the same seed (tc netem
is not in every kernel). One port towards each of two parties; what reaches one leaves by the other."""

import heapq
import random
import select
import socket
import threading
import time


class UdpProxy:
    """left and right are the parties' addresses, or None: learned from the first datagram. The parties send to `left_port`
    and `right_port` in turn: what `left` sends to left_port arrives at `right` from right_port."""

    def __init__(self, left, right, seed, loss=0.05, delay_s=0.05, jitter_s=0.03):
        self.random, self.loss, self.delay_s, self.jitter_s = random.Random(seed), loss, delay_s, jitter_s
        self.sides = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        for sock in self.sides:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            sock.bind(("127.0.0.1", 0))
        self.left_port, self.right_port = (s.getsockname()[1] for s in self.sides)
        self.parties = [left, right]
        self.waiting, self.number = [], 0  # (when, number, side it leaves by, bytes)
        self.passed = self.lost = 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self.thread.start()
        return self

    def stop(self):
        self.ended.set()
        self.thread.join()
        for sock in self.sides:
            sock.close()

    def _run(self):
        while not self.ended.is_set():
            now = time.monotonic()
            self._let_go(now)
            wait = min(self.waiting[0][0] - now, 0.1) if self.waiting else 0.1
            for sock in select.select(self.sides, [], [], max(wait, 0))[0]:
                self._take(sock)

    def _take(self, sock):
        side = self.sides.index(sock)
        try:
            data, source = sock.recvfrom(65536)
        except ConnectionError:  # an ICMP error of what left by this side
            return
        if self.parties[side] is None:
            self.parties[side] = source
        if self.random.random() < self.loss:
            self.lost += 1
            return
        # The jitter is what reorders: a later one may be due earlier.
        due = time.monotonic() + self.delay_s + self.random.random() * self.jitter_s
        self.number += 1
        heapq.heappush(self.waiting, (due, self.number, 1 - side, data))

    def _let_go(self, now):
        while self.waiting and self.waiting[0][0] <= now:
            _, _, side, data = heapq.heappop(self.waiting)
            if self.parties[side] is not None:
                self.sides[side].sendto(data, self.parties[side])
                self.passed += 1
