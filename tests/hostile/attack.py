# SPDX-License-Identifier: MIT
"""What hostile peers do, each a generator that does a little and yields how many messages (or connections) that was. All run
in one process of their own; strangers are at 127.0.7.x, peers that may speak (and mean harm) at 127.0.5.x."""

import collections
import itertools
import random
import socket
import time

import mutations

STRANGER, TRUSTED = "127.0.7.{}", "127.0.5.{}"


def _udp(address):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((address, 0))
    sock.setblocking(False)
    return sock


def _tcp(address, daemon):
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.bind((address, 0))
        sock.setblocking(False)
        sock.connect_ex(daemon)
    except OSError:
        sock.close()
        return None
    return sock


def _send(sock, data):
    try:
        return sock.send(data)
    except OSError:
        return 0


def _drain(sock):
    try:
        while sock.recv(65536):
            pass
    except OSError:
        pass


def mutated_datagrams(daemon, rng, address):
    stock = mutations.pool(rng.random(), 3000, "UDP")
    sock = _udp(address)
    while True:
        for data in rng.sample(stock, 100):
            sock.sendto(data, daemon)
        _drain(sock)
        yield 100


def equal_call_ids(daemon, rng, address):
    """New branches, tags and numbers under one Call-ID."""
    sock = _udp(address)
    seeds = [s for s in mutations.SEEDS if s[0] in ("MESSAGE", "SUBSCRIBE", "INVITE", "BYE", "NOTIFY")]
    while True:
        for _ in range(50):
            sock.sendto(mutations.message(rng, "UDP", rng.choice(seeds), call_id="one-for-all"), daemon)
        _drain(sock)
        yield 50


def mutated_streams(daemon, rng, address):
    """Each connection carries messages until it is closed by the daemon, at most twenty."""
    stock = mutations.pool(rng.random(), 2000, "TCP")
    while True:
        sock = _tcp(address, daemon)
        sent = 0
        if sock:
            time.sleep(0.001)
            for data in rng.sample(stock, 20):
                if _send(sock, data) < len(data):
                    break
                sent += 1
            yield max(sent, 1)
            _drain(sock)
            sock.close()
        else:
            yield 0


def slow_loris(daemon, rng, address, count=150):
    """A byte a second on each of many connections; what the daemon closes is opened again."""
    whole = mutations.message(rng, "TCP")
    open_ones = collections.deque()
    while True:
        while len(open_ones) < count:
            open_ones.append((_tcp(address, daemon), itertools.cycle(whole), time.monotonic()))
        sock, letters, due = open_ones.popleft()
        if sock is None:
            yield 0
            continue
        if due > time.monotonic():
            open_ones.appendleft((sock, letters, due))
            yield 0
            continue
        if _send(sock, bytes([next(letters)])):
            open_ones.append((sock, letters, due + 1.0))
        else:
            sock.close()
        yield 1


def half_messages(daemon, rng, address, kept=100):
    """The beginning of a message, then nothing, or the end of the connection by a reset."""
    open_ones = collections.deque()
    while True:
        sock = _tcp(address, daemon)
        if sock:
            time.sleep(0.001)
            whole = mutations.message(rng, "TCP")
            _send(sock, whole[:rng.randrange(1, len(whole))])
            if rng.random() < 0.5:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                sock.close()
            else:
                open_ones.append(sock)
            if len(open_ones) > kept:
                open_ones.popleft().close()
        yield 1


def many_connects(daemon, rng, most, total):
    """Silent connections from sixty-four addresses, `most` at once, `total` in all."""
    open_ones = collections.deque()
    for i in range(total):
        sock = _tcp(STRANGER.format(64 + i % 64), daemon)
        if sock:
            open_ones.append(sock)
        if len(open_ones) >= most:
            open_ones.popleft().close()
        if i % 10 == 9:
            yield 10
    for sock in open_ones:
        sock.close()
    while True:
        yield 0


def run(port, seed, per_second, most, total, counts, ended):
    """Takes turns until `ended` is set; counts: shared numbers, messages and connections."""
    daemon, rng = ("127.0.0.1", port), random.Random(seed)
    messages = [
        mutated_datagrams(daemon, random.Random(rng.random()), STRANGER.format(1)),
        mutated_datagrams(daemon, random.Random(rng.random()), TRUSTED.format(1)),
        equal_call_ids(daemon, random.Random(rng.random()), STRANGER.format(2)),
        equal_call_ids(daemon, random.Random(rng.random()), TRUSTED.format(2)),
        mutated_streams(daemon, random.Random(rng.random()), STRANGER.format(3)),
        mutated_streams(daemon, random.Random(rng.random()), TRUSTED.format(3)),
        slow_loris(daemon, random.Random(rng.random()), STRANGER.format(4)),
        half_messages(daemon, random.Random(rng.random()), STRANGER.format(5)),
    ]
    connects = many_connects(daemon, rng, most, total)
    began = time.monotonic()
    while not ended.is_set():
        for attack in messages:
            counts[0] += next(attack)
        for _ in range(5):
            counts[1] += next(connects)
        ahead = counts[0] / per_second - (time.monotonic() - began)
        if ahead > 0:
            time.sleep(min(ahead, 0.2))
