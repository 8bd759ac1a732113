#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs the daemon between two small fakes, once for each text case.

    run_scenarios.py PATH-TO-TOMBOLO [CASE ...]
"""

import fnmatch
import pathlib
import signal
import sys
import traceback
import xml.etree.ElementTree as etree

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lib")]

import case as cases  # noqa: E402
import fake_sip  # noqa: E402
import fake_xmpp  # noqa: E402
from certificates import Authority  # noqa: E402
from private import Room, end_on_signals, free_port, tail  # noqa: E402

PATIENCE_S = 8.0
QUIET_S = 0.3
LOG_S = 1.0


class Mismatch(Exception):
    pass


class Run:
    """One case: the daemon, the two fakes, and the loop that lets them talk."""

    def __init__(self, program, case):
        self.case = case
        self.room = Room("scenario")
        self.last_id = ""  # of the last stanza the case looked at
        self.xmpp = fake_xmpp.FakeXmpp()
        port = free_port()
        transport = case.settings.get("transport", "udp")
        authority = Authority(self.room.path / "tls") if transport == "tls" else None
        self.sip = fake_sip.FakeSip(transport, port, authority)
        config = self.room.path / "tombolo.conf"
        extra = "".join(f"  {line}\n" for line in case.settings["domain"]).replace("$PORT", str(self.sip.port))
        config.write_text(
            f"node = {fake_sip.NODE if authority else '127.0.0.1'}\n"
            f"xmpp {{ server = 127.0.0.1:{self.xmpp.port}  component = gw.example.test  secret = scenario }}\n"
            f"sip {{ {self.sip_section(port, authority)} }}\n"
            f"domain {case.settings.get('sip-domain', 'sip.test')} {{\n  profile = {case.settings.get('profile', 'simple')}\n"
            "  serves = { example.test }\n"
            f"  route peer {{ to = {self.sip.transport}:{self.sip.host}:{self.sip.port} }}\n{extra}}}\n"
            f"storage {{ url = \"sqlite:{self.room.path}/tombolo.db\" }}\n")
        self.daemon = self.room.start("daemon", [program, "serve", "-c", str(config)])

    @staticmethod
    def sip_section(port, authority):
        if not authority:
            return f"listen = {{ udp:127.0.0.1:{port}, tcp:127.0.0.1:{port} }}"
        cert, key = authority.issue(fake_sip.NODE)
        return (f"listen = tls:127.0.0.1:{port}\n  cert = {cert}\n  key = {key}\n  ca = {authority.path}\n"
                f"  hosts = {{ \"{fake_sip.PEER}=127.0.0.1\", \"other.sip.test=127.0.0.1\" }}\n")

    def pump(self, until, patience=PATIENCE_S):
        end = fake_xmpp.now() + patience
        while not until():
            left = end - fake_xmpp.now()
            if left <= 0:
                return False
            if self.daemon.poll() is not None:
                raise Mismatch(f"the daemon ended with {self.daemon.returncode}")
            for sock in fake_xmpp.wait(self.xmpp.sockets() + self.sip.sockets(), min(left, 0.5)):
                (self.xmpp if sock in self.xmpp.sockets() else self.sip).readable(sock)
        return True

    def log_has(self, text):
        return text in self.daemon.log_path.read_text(errors="replace")

    def wait_ready(self):
        end = fake_xmpp.now() + PATIENCE_S
        while not self.log_has("event=ready"):
            self.pump(lambda: False, 0.02)
            if fake_xmpp.now() > end:
                raise Mismatch("the daemon did not become ready")

    def expect_xmpp(self, step):
        want = etree.fromstring(step.text)
        if not self.pump(lambda: self.xmpp.stanzas):
            raise Mismatch("nothing came")
        got = self.xmpp.stanzas.pop(0)
        self.last_id = got.get("id", "")
        why = fake_xmpp.mismatch(want, got)
        if why:
            raise Mismatch(f"{why}\n    {etree.tostring(got, encoding='unicode')}")

    def expect_sip(self, step):
        if not self.pump(lambda: self.sip.messages):
            raise Mismatch("nothing came")
        got = self.sip.messages.pop(0)
        why = fake_sip.mismatch(step, got)
        if why:
            raise Mismatch(why + "\n" + got.to_bytes().decode(errors="replace"))

    def quiet(self, step):
        if self.pump(lambda: self.xmpp.stanzas or self.sip.messages, float(step.text or QUIET_S)):
            stanzas = [etree.tostring(s, encoding="unicode") for s in self.xmpp.stanzas]
            raise Mismatch(f"not quiet: {stanzas} {[m.start for m in self.sip.messages]}")

    def expect_log(self, step):
        """A line of the daemon's log that matches, within a second."""
        end = fake_xmpp.now() + LOG_S
        while not any(fnmatch.fnmatchcase(line, step.text)
                      for line in self.daemon.log_path.read_text(errors="replace").splitlines()):
            if fake_xmpp.now() > end:
                raise Mismatch("the log has no such line")
            self.pump(lambda: False, 0.02)

    def xmpp_link(self, step):
        if step.text == "drop":
            self.xmpp.go_away()
            while not self.log_has("event=link-down"):
                self.pump(lambda: False, 0.02)
        elif step.text == "back":
            self.xmpp.come_back()
            if not self.pump(lambda: self.xmpp.up):
                raise Mismatch("the daemon did not come back")
            self.pump(lambda: False, 0.2)

    def step(self, step):
        if step.verb == "xmpp>":
            self.xmpp.send(step.text.replace("$ID", self.last_id))
        elif step.verb == "xmpp<":
            self.expect_xmpp(step)
        elif step.verb == "sip>":
            self.sip.send(step)
        elif step.verb == "sip<":
            self.expect_sip(step)
        elif step.verb == "barrier":
            self.xmpp.barrier = step.text
        elif step.verb == "log<":
            self.expect_log(step)
        elif step.verb == "hup":
            self.daemon.send_signal(signal.SIGHUP)
        elif step.verb == "quiet":
            self.quiet(step)
        elif step.verb == "sip":
            self.sip.give_back()
        elif step.verb == "xmpp":
            self.xmpp_link(step)

    def all(self):
        self.wait_ready()
        self.xmpp.stanzas.clear()
        for step in self.case.steps:
            try:
                self.step(step)
            except Mismatch as error:
                raise Mismatch(f"line {step.line}: {step.verb} {step.text[:80]}: {error}") from None
        code = self.room.stop(self.daemon)
        if code != 0:
            raise Mismatch(f"the daemon ended with {code}")

    def close(self):
        self.room.close()
        self.xmpp.close()
        self.sip.close()


def run(program, path):
    case = cases.read(path)
    scene = Run(program, case)
    try:
        scene.all()
        print(f"passed {case.name}")
        return True
    except Mismatch as error:
        print(f"FAILED {case.name}: {error}\n{tail(scene.daemon.log_path, 30)}")
        return False
    except Exception:
        print(f"FAILED {case.name}:\n{traceback.format_exc()}{tail(scene.daemon.log_path, 30)}")
        return False
    finally:
        scene.close()


def main():
    end_on_signals()
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program = str(pathlib.Path(sys.argv[1]).resolve())
    chosen = [HERE / "cases" / f"{name}.txt" for name in sys.argv[2:]] or sorted((HERE / "cases").glob("*.txt"))
    results = [run(program, path) for path in chosen]
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 0 if all(results) and results else 1


if __name__ == "__main__":
    sys.exit(main())
