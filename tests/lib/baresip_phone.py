# SPDX-License-Identifier: MIT
"""A real SIP phone: baresip without sound, driven through its TCP control port (netstrings of JSON); what it would show on a
screen comes from its console port."""

import asyncio
import json
import os
import re

from inbox import Inbox
from private import free_port, listens, wait_until

CONFIG = """sip_listen 127.0.0.1:{port}
net_interface 127.0.0.1
module_path {modules}
module g711.so
module_app account.so
module_app contact.so
module_app presence.so
module_app menu.so
module_app ctrl_tcp.so
module_app cons.so
ctrl_tcp_listen 127.0.0.1:{control}
cons_listen 127.0.0.1:{screen}
"""


def _modules():
    for folder in ("/usr/lib/baresip/modules", "/usr/lib/x86_64-linux-gnu/baresip/modules"):
        if os.path.isdir(folder):
            return folder
    return "/usr/lib/baresip/modules"


class Baresip:
    """One account and one contact, whom it watches and to whom its messages go."""

    def __init__(self, room, user, domain, registrar, contact, transport="udp"):
        self.room, self.user = room, user
        self.uri = f"sip:{user}@{domain}"
        self.inbox = Inbox(self.uri)
        self.port, self.control, self.console = free_port(), free_port(), free_port()
        self.dir = room.folder(f"baresip-{user}")
        (self.dir / "config").write_text(CONFIG.format(port=self.port, control=self.control,
                                                         screen=self.console, modules=_modules()))
        (self.dir / "accounts").write_text(f'<{self.uri};transport={transport}>;auth_pass=none;regint=60;pubint=60;'
                                           f'outbound="sip:127.0.0.1:{registrar};transport={transport}"\n')
        (self.dir / "contacts").write_text(f'"{contact.split("@")[0]}" <sip:{contact}>;presence=p2p\n')
        self.process = None

    def launch(self):
        self.process = self.room.start(f"baresip-{self.user}", ["baresip", "-f", str(self.dir)],
                                       env={"HOME": str(self.dir)})

    def wait_ready(self):
        wait_until(self.process, lambda: listens(self.control) and listens(self.console), "its control port")

    async def start(self):
        self.launch()
        await asyncio.get_running_loop().run_in_executor(None, self.wait_ready)
        reader, self.writer = await asyncio.open_connection("127.0.0.1", self.control)
        screen, self.keys = await asyncio.open_connection("127.0.0.1", self.console)
        self.shown = ""
        self.pumps = [asyncio.ensure_future(self._read(reader)), asyncio.ensure_future(self._show(screen))]
        return self

    async def _show(self, screen):
        while data := await screen.read(4096):
            self.shown += data.decode(errors="replace")

    async def _read(self, reader):
        """Events and answers, each a netstring."""
        while True:
            try:
                length = await reader.readuntil(b":")
                data = json.loads((await reader.readexactly(int(length[:-1]) + 1))[:-1])
            except (asyncio.IncompleteReadError, ConnectionError, ValueError):
                return
            self.inbox.put(data)

    async def command(self, name, parameters=""):
        text = json.dumps({"command": name, "params": parameters, "token": name})
        self.writer.write(f"{len(text)}:{text},".encode())
        answer = await self.inbox.expect(lambda d: d.get("response") and d.get("token") == name, f"an answer to {name}")
        return answer.get("data", "")

    async def message(self, text):
        """To its contact."""
        await self.command("message", text)

    async def contact_presence(self):
        """What the phone shows for its contact: Online, Offline, Busy, Unknown."""
        data = re.sub(r"\x1b\[[0-9;]*m", "", await self.command("contacts"))
        found = re.search(r">\s+(\w+)", data)
        return found.group(1) if found else ""

    async def expect_contact(self, word, timeout=10.0):
        end = asyncio.get_running_loop().time() + timeout
        while (shown := await self.contact_presence()) != word:
            assert asyncio.get_running_loop().time() < end, f"the phone shows {shown}, not {word}"
            await asyncio.sleep(0.2)

    async def expect_text(self, text, timeout=5.0):
        end = asyncio.get_running_loop().time() + timeout
        while text not in self.shown:
            assert asyncio.get_running_loop().time() < end, f"the phone did not show {text!r}, but {self.shown[-200:]!r}"
            await asyncio.sleep(0.05)

    async def stop(self):
        """It would wait for answers to its last requests for long; it has nothing to save."""
        for pump in self.pumps:
            pump.cancel()
        self.writer.close()
        self.keys.close()
        await asyncio.get_running_loop().run_in_executor(None, lambda: self.room.stop(self.process, timeout=1))
