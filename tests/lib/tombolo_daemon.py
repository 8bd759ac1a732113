# SPDX-License-Identifier: MIT
"""The daemon under test: its configuration, its life and its log."""

import asyncio
import os
import re
import signal
import sqlite3

from private import Failed, cpu_seconds, free_port, tail, wait_until

SANITIZER = {"ASAN_OPTIONS": "exitcode=99:detect_leaks=1:abort_on_error=0", "UBSAN_OPTIONS": "print_stacktrace=1"}
COMPLAINTS = re.compile(r"AddressSanitizer|LeakSanitizer|runtime error:|Assertion .* failed|SUMMARY: ")


class Tombolo:
    """Bridges the XMPP server's component with one SIP domain. extra: lines for the domain block; limits: its own block."""

    def __init__(self, room, build, server, sip_domain, route, profile, extra=(), limits=(), name="tombolo"):
        self.room, self.build, self.name = room, os.path.abspath(build), name
        self.port = free_port()
        self.process = None
        folder = room.folder(name)
        self.store = folder / "store.db"
        self.config = folder / "tombolo.conf"
        secret = folder / "secret"
        secret.write_text(server.secret + "\n")
        secret.chmod(0o600)
        lines = "\n".join(f"  {line}" for line in extra)
        own_limits = "\n".join(f"  {line}" for line in limits)
        self.config.write_text(f"""# written by the tests
node = 127.0.0.1
xmpp {{
  server = 127.0.0.1:{server.component_port}
  component = {server.component_name}
  secret = file:{secret}
}}
sip {{ listen = {{ udp:127.0.0.1:{self.port}, tcp:127.0.0.1:{self.port} }} }}
domain {sip_domain} {{
  profile = {profile}
  serves = {{ {server.host} }}
  route peer {{ to = {route} }}
{lines}
}}
storage {{ url = "sqlite:{self.store}" }}
limits {{
{own_limits}
}}
log {{ level = debug }}
""")

    @property
    def log_path(self):
        return self.room.path / f"{self.name}.log"

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def start(self):
        self.launch()
        self.wait_ready()

    def launch(self):
        binary = os.path.join(self.build, "tombolo")
        if not os.path.exists(binary):
            raise Failed(f"{binary} is not built")
        self.ready_before = self.log().count("event=ready")
        self.process = self.room.start(self.name, [binary, "serve", "-c", str(self.config)], env=SANITIZER)

    def wait_ready(self):
        wait_until(self.process, lambda: self.log().count("event=ready") > self.ready_before, "event=ready")

    async def command(self, *words):
        """Another sub-command on the same configuration: (exit status, what it printed)."""
        process = await asyncio.create_subprocess_exec(
            os.path.join(self.build, "tombolo"), *words, "-c", str(self.config), stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT, env={**os.environ, **SANITIZER})
        output, _ = await asyncio.wait_for(process.communicate(), 60)
        return process.returncode, output.decode()

    def sanitized(self):
        """Is this binary slower than the real one?"""
        with open(os.path.join(self.build, "tombolo"), "rb") as f:
            return b"__asan_init" in f.read()

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """As a power cut: nothing is said, nothing is written."""
        self.room.kill(self.process)

    def stop(self):
        """Ends it in good order and looks at what it left: exit status 0, no word of a sanitizer."""
        if not self.alive():
            raise AssertionError(f"the daemon ended by itself ({self.process.returncode}):\n{tail(self.log_path, 30)}")
        status = self.room.stop(self.process, signal.SIGTERM, 15)
        complaint = self.complaint()
        if complaint:
            raise AssertionError(f"the daemon complained:\n{complaint}")
        if status != 0:
            raise AssertionError(f"the daemon ended with {status}:\n{tail(self.log_path, 30)}")

    def complaint(self):
        """What a sanitizer or an assertion said, or None."""
        lines = self.log().splitlines()
        for i, line in enumerate(lines):
            if COMPLAINTS.search(line):
                return "\n".join(lines[i:i + 30])
        return None

    def cpu_s(self):
        return cpu_seconds(self.process.pid)

    def rows(self):
        """The tables of the store with their number of rows, for a look from outside."""
        with sqlite3.connect(f"file:{self.store}?mode=ro", uri=True) as db:
            names = [r[0] for r in db.execute("select name from sqlite_master where type='table'")]
            return {name: db.execute(f'select count(*) from "{name}"').fetchone()[0] for name in names}
