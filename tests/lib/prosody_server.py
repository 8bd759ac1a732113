# SPDX-License-Identifier: MIT
"""A private Prosody: one host, one component, no other server reachable, everything on loopback."""

from private import free_port, listens, wait_until

CONFIG = """
run_as_root = true
pidfile = "{dir}/prosody.pid"
data_path = "{dir}/data"
certificates = "{dir}"
log = {{ {{ levels = {{ min = "info" }}, to = "console" }} }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {c2s} }}
c2s_direct_tls_ports = {{ }}
legacy_ssl_ports = {{ }}
component_interfaces = {{ "127.0.0.1" }}
component_ports = {{ {component} }}
http_ports = {{ }}
https_ports = {{ }}
modules_disabled = {{ "s2s", "tls", "s2s_auth_certs" }}
modules_enabled = {{ "roster", "saslauth", "disco", "presence", "message", "iq", "offline", "smacks", "blocklist",
  "carbons", "ping", "pep", "vcard4", "vcard_legacy" }}
authentication = "internal_plain"
allow_unencrypted_plain_auth = true
c2s_require_encryption = false
smacks_hibernation_time = {hibernation_s}
storage = "internal"
storage_archive_item_limit = {quota}
VirtualHost "{host}"
Component "{component_name}"
  component_secret = "{secret}"
"""


class Prosody:
    name = "prosody"

    def __init__(self, room, host, component_name, secret, users, hibernation_s=3, quota=5):
        self.room, self.host, self.quota = room, host, quota
        self.component_name, self.secret = component_name, secret
        self.c2s_port, self.component_port = free_port(), free_port()
        self.dir = room.folder("prosody")
        self.process = None
        self.config = self.dir / "prosody.cfg.lua"
        self.config.write_text(CONFIG.format(dir=self.dir, c2s=self.c2s_port, component=self.component_port, host=host,
                                             component_name=component_name, secret=secret,
                                             hibernation_s=hibernation_s, quota=quota))
        accounts = self.dir / "data" / self._escaped(host) / "accounts"
        accounts.mkdir(parents=True)
        for user in users:
            (accounts / f"{self._escaped(user)}.dat").write_text('return {\n\t["password"] = "pw";\n};\n')

    @staticmethod
    def _escaped(text):
        """As util.datamanager names its files."""
        return "".join(c if c.isalnum() and c.isascii() else f"%{ord(c):02x}" for c in text)

    def start(self):
        self.launch()
        self.wait_ready()

    def launch(self):
        self.process = self.room.start("prosody", ["prosody", "-F", "--config", str(self.config)],
                                       env={"HOME": str(self.dir)})

    def wait_ready(self):
        wait_until(self.process, lambda: listens(self.c2s_port) and listens(self.component_port), "listening")

    def kill(self):
        self.room.kill(self.process)

    def stop(self):
        self.room.stop(self.process)


