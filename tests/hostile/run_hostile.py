#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Hostile traffic while a good peer is served: any bytes, floods, half messages, slow and silent connections.

    run_hostile.py [--seconds N] [--seed N] [--long] PATH-TO-TOMBOLO
The daemon must live, answer the good peer all the time, spend at most 100 us CPU on a hostile message (with sanitizers: only
reported), and give the memory back but for what it keeps on purpose. --long: 20 minutes, 50,000 connections. Ends with `N passed, N failed`."""

import argparse
import multiprocessing
import pathlib
import resource
import secrets
import socket
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lib"), str(HERE.parent / "scenario")]

import attack  # noqa: E402
import fake_xmpp  # noqa: E402
import sip_message  # noqa: E402
from private import Room, cpu_seconds, end_on_signals, free_port, tail, wait_until  # noqa: E402

CPU_US, RSS_PERCENT, ANSWER_S = 100, 10, 2.0
KEPT_BYTES = 600  # a text told "delivered" is known for eleven minutes, its conversation while it lasts
SETTLE_S = 65  # transactions linger for 32 s, half messages for 30 s; then memory is given back within 30 s


class Server(threading.Thread):
    """The XMPP half: takes everything, answers every barrier."""

    def __init__(self):
        super().__init__(daemon=True)
        self.fake, self.ended = fake_xmpp.FakeXmpp(), threading.Event()

    def run(self):
        while not self.ended.is_set():
            for sock in fake_xmpp.wait(self.fake.sockets(), 0.1):
                self.fake.readable(sock)
            self.fake.stanzas.clear()


class GoodPeer(threading.Thread):
    """Twenty messages a second, over UDP and TCP in turn, each with a limit for its answer."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.daemon_address = ("127.0.0.1", port)
        self.took, self.failed, self.ended = [], [], threading.Event()
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.tcp = None

    def _message(self, transport, number):
        port = self.udp.getsockname()[1]
        headers = [("Via", f"SIP/2.0/{transport} 127.0.0.1:{port};branch=z9hG4bK{secrets.token_hex(8)};rport"),
                   ("Max-Forwards", "70"), ("From", f"<sip:good{number % 10}@sip.test>;tag={secrets.token_hex(4)}"),
                   ("To", "<sip:ann@example.test>"), ("Call-ID", secrets.token_hex(8)), ("CSeq", "1 MESSAGE"),
                   ("Content-Type", "text/plain")]
        return sip_message.SipMessage.request("MESSAGE", "sip:ann@example.test", headers, f"number {number}")

    def _over_udp(self, message):
        """With the retransmissions of RFC 3261: a flood may fill the kernel's buffer."""
        end, wait = time.monotonic() + ANSWER_S, 0.5
        while time.monotonic() < end:
            self.udp.sendto(message.to_bytes(), self.daemon_address)
            self.udp.settimeout(min(wait, max(end - time.monotonic(), 0.01)))
            try:
                while True:
                    answer = sip_message.parse(self.udp.recv(65536))
                    if answer.get("call-id") == message.get("call-id") and answer.status >= 200:
                        return answer.status
            except TimeoutError:
                wait *= 2
        return None

    def _over_tcp(self, message):
        if self.tcp is None:
            self.tcp = socket.create_connection(self.daemon_address, timeout=ANSWER_S)
        self.tcp.settimeout(ANSWER_S)
        self.tcp.sendall(message.to_bytes())
        buffer = b""
        while True:
            part = self.tcp.recv(65536)
            if not part:
                self.tcp = None
                return None
            answer, buffer = sip_message.frame(buffer + part)
            if answer is not None and answer.get("call-id") == message.get("call-id"):
                return answer.status

    def run(self):
        number = 0
        while not self.ended.is_set():
            number += 1
            transport = ("UDP", "TCP")[number % 2]
            began = time.monotonic()
            try:
                status = (self._over_udp if transport == "UDP" else self._over_tcp)(self._message(transport, number))
            except OSError as error:
                self.tcp, status = None, str(error) or type(error).__name__
            self.took.append(time.monotonic() - began)
            if status != 202:
                self.failed.append(f"{transport} {status}")
            self.ended.wait(max(0.0, 0.05 - (time.monotonic() - began)))

    def percentile(self, share):
        return sorted(self.took)[min(int(len(self.took) * share), len(self.took) - 1)] * 1000


def rss_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


class Siege:
    """One daemon, its good peer, its besiegers."""

    def __init__(self, program, options):
        self.options = options
        self.room = Room("hostile")
        self.server = Server()
        self.port = free_port()
        config = self.room.path / "tombolo.conf"
        config.write_text(
            "node = 127.0.0.1\n"
            f"xmpp {{ server = 127.0.0.1:{self.server.fake.port}  component = gw.example.test  secret = scenario }}\n"
            f"sip {{ listen = {{ udp:127.0.0.1:{self.port}, tcp:127.0.0.1:{self.port} }} }}\n"
            "domain sip.test {\n  profile = simple\n  serves = { example.test }\n"
            f"  route peer {{ to = udp:127.0.0.1:{free_port()} }}\n"
            "  allow = { 127.0.0.1, \"127.0.5.0/24\" }\n}\n"
            f"storage {{ url = \"sqlite:{self.room.path}/tombolo.db\" }}\n")
        self.daemon = self.room.start("daemon", [program, "serve", "-c", str(config)])
        self.server.start()
        wait_until(self.daemon, lambda: b"event=ready" in self.daemon.log_path.read_bytes(), "event=ready")
        self.good = GoodPeer(self.port)

    def cost_of_good_traffic(self, seconds):
        """CPU seconds per second that the daemon needs for the good peer alone."""
        before, began = cpu_seconds(self.daemon.pid), time.monotonic()
        time.sleep(seconds)
        return (cpu_seconds(self.daemon.pid) - before) / (time.monotonic() - began)

    def attack(self, seconds, connections):
        counts, ended = multiprocessing.Array("q", 2, lock=False), multiprocessing.Event()
        arguments = (self.port, self.options.seed, self.options.rate, self.options.at_once, connections, counts, ended)
        besieger = multiprocessing.Process(target=attack.run, args=arguments, daemon=True)
        before, began = cpu_seconds(self.daemon.pid), time.monotonic()
        besieger.start()
        most = 0
        while time.monotonic() - began < seconds and besieger.is_alive() and self.daemon.poll() is None:
            time.sleep(0.25)
            most = max(most, rss_kib(self.daemon.pid))
        ended.set()
        besieger.join(5)
        died = besieger.exitcode != 0
        if besieger.is_alive():
            besieger.kill()
        took = time.monotonic() - began
        return counts[0], counts[1], cpu_seconds(self.daemon.pid) - before, took, most, died

    def run(self):
        """The list of what was not as it has to be."""
        faults = []
        self.good.start()
        usual = self.cost_of_good_traffic(3)
        self.attack(4, 200)  # what is allocated once is allocated now
        time.sleep(SETTLE_S)
        rss_before, texts_before = rss_kib(self.daemon.pid), self.texts_taken()
        self.good.took.clear()
        messages, connects, cpu_s, took, most, died = self.attack(self.options.seconds, self.options.connections)
        if died:
            faults.append("the attack itself failed")
        if self.daemon.poll() is not None:
            return faults + [f"the daemon ended with {self.daemon.returncode}"]
        each_us = max(cpu_s - usual * took, 0) * 1e6 / max(messages + connects, 1)
        print(f"{messages} messages and {connects} connections in {took:.0f} s: {each_us:.1f} us CPU each")
        if each_us > CPU_US and not self.sanitized():
            faults.append(f"{each_us:.1f} us CPU for a hostile message")
        print(f"good peer under attack: {len(self.good.took)} messages, p50 {self.good.percentile(0.5):.1f} ms, "
              f"p99 {self.good.percentile(0.99):.1f} ms, worst {max(self.good.took) * 1000:.0f} ms")
        time.sleep(SETTLE_S)
        rss_after = rss_kib(self.daemon.pid)
        kept = self.texts_taken() - texts_before
        print(f"memory: {rss_before} KiB before, at most {most} KiB, {rss_after} KiB afterwards, {kept} texts remembered")
        if rss_after > rss_before * (100 + RSS_PERCENT) / 100 + kept * KEPT_BYTES / 1024 and not self.sanitized():
            faults.append(f"memory grew from {rss_before} to {rss_after} KiB")
        self.good.ended.set()
        self.good.join()
        if self.good.failed:
            faults.append(f"the good peer: {len(self.good.failed)} of {len(self.good.took)} not answered 202: "
                          f"{self.good.failed[:5]}")
        code = self.room.stop(self.daemon)
        if code != 0:
            faults.append(f"the daemon ended with {code}")
        return faults

    def texts_taken(self):
        with open(self.daemon.log_path, errors="replace") as log:
            return sum(" event=message " in line and " sip=202 " in line for line in log)

    def sanitized(self):
        return b"libasan" in pathlib.Path(f"/proc/{self.daemon.pid}/maps").read_bytes()

    def close(self):
        self.good.ended.set()
        self.server.ended.set()
        self.room.close()


def main():
    end_on_signals()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--seconds", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=int, default=4000, help="hostile messages a second")
    parser.add_argument("--long", action="store_true")
    options = parser.parse_args()
    options.seconds = options.seconds or (1200 if options.long else 60)
    options.connections, options.at_once = (50000, 10000) if options.long else (5000, 500)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # for the daemon too
    options.at_once = min(options.at_once, hard // 2 - 1000) if hard < 25000 else options.at_once
    siege = Siege(str(pathlib.Path(options.program).resolve()), options)
    try:
        faults = siege.run()
        if faults:
            print("\n".join(faults), tail(siege.daemon.log_path, 20), sep="\n")
    finally:
        siege.close()
    print(f"{0 if faults else 1} passed, {1 if faults else 0} failed")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
