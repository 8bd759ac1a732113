# SPDX-License-Identifier: MIT
"""A private ejabberd: an Erlang node without a name, so no epmd and no cookie; own spool, log and configuration."""

import glob
import os

from private import Failed, free_port, listens, wait_until

CONFIG = """
hosts: ["{host}"]
loglevel: info
log_rotate_count: 0
listen:
  - {{port: {c2s}, ip: "127.0.0.1", module: ejabberd_c2s, starttls: false, backlog: 100}}
  - port: {component}
    ip: "127.0.0.1"
    module: ejabberd_service
    access: all
    global_routes: false
    hosts: {{"{component_name}": {{password: "{secret}"}}}}
auth_method: internal
acl:
  small: {{user_regexp: "^quota"}}
shaper_rules:
  max_user_offline_messages:
    - {quota}: small
    - 5000: all
modules:
  mod_roster: {{}}
  mod_offline: {{access_max_user_messages: max_user_offline_messages}}
  mod_stream_mgmt: {{resume_timeout: {hibernation_s}}}
  mod_blocking: {{}}
  mod_privacy: {{}}
  mod_carboncopy: {{}}
  mod_ping: {{}}
  mod_disco: {{}}
  mod_vcard: {{}}
"""


class Ejabberd:
    name = "ejabberd"

    def __init__(self, room, host, component_name, secret, users, hibernation_s=3, quota=5):
        self.room, self.host, self.users, self.quota = room, host, users, quota
        self.component_name, self.secret = component_name, secret
        self.c2s_port, self.component_port = free_port(), free_port()
        self.dir = room.folder("ejabberd")
        self.done = self.dir / "users-registered"
        self.spool = room.folder("ejabberd/spool")
        self.process = None
        self.config = self.dir / "ejabberd.yml"
        self.config.write_text(CONFIG.format(c2s=self.c2s_port, component=self.component_port, host=host,
                                             component_name=component_name, secret=secret,
                                             hibernation_s=hibernation_s, quota=quota))

    @staticmethod
    def _libraries():
        """The folder above ejabberd-VERSION/ebin, wherever the package put it for this machine."""
        found = sorted(glob.glob("/usr/lib/*/ejabberd-*/ebin"))
        if not found:
            raise Failed("ejabberd is not installed")
        return os.path.dirname(os.path.dirname(found[-1]))

    def start(self):
        self.launch()
        self.wait_ready()

    def launch(self):
        self.done.unlink(missing_ok=True)
        names = ",".join(f'<<"{user}">>' for user in self.users)
        register = (f'[ejabberd_auth:try_register(U, <<"{self.host}">>, <<"pw">>) || U <- [{names}]], '
                    f'file:write_file("{self.done}", <<>>).')
        self.process = self.room.start(
            "ejabberd",
            ["erl", "-noinput", "+S", "2", "+sbwt", "none", "-mnesia", "dir", f'"{self.spool}"', "-s", "ejabberd",
             "-eval", register],
            env={"HOME": str(self.dir), "EJABBERD_CONFIG_PATH": str(self.config), "ERL_LIBS": self._libraries(),
                 "EJABBERD_LOG_PATH": str(self.dir / "ejabberd-own.log"), "ERL_CRASH_DUMP_SECONDS": "0"})

    def wait_ready(self):
        wait_until(self.process, lambda: self.done.exists() and listens(self.c2s_port) and listens(self.component_port),
                   "listening", timeout=60)

    def kill(self):
        self.room.kill(self.process)

    def stop(self):
        self.room.stop(self.process)
