# SPDX-License-Identifier: MIT
"""Everything one end-to-end test needs: an XMPP server that runs already, a daemon of its own, a SIP domain of its own, and
XMPP users whom no other test has."""

import asyncio
import shutil
import time

from sip_user import SipPeer
from tombolo_daemon import Tombolo
from xmpp_user import XmppUser, body_of

XMPP_HOST, COMPONENT, SECRET = "xmpp.example", "sip.xmpp.example", "a-secret"
SIP_DOMAIN = "phones.example"
USERS = [f"ann{i:03d}" for i in range(300)] + [f"quota{i:02d}" for i in range(20)]


class World:
    def __init__(self, room, build, server, names, profile="lync", transport="udp", options=(), limits=(), sip_users=()):
        self.room, self.build, self.server, self.names = room, build, server, names
        self.profile, self.transport = profile, transport
        self.options, self.limits, self.sip_users = options, limits, ("bob", *sip_users)
        self.connected = []

    async def __aenter__(self):
        self.peer = SipPeer(SIP_DOMAIN, self.profile, users=self.sip_users)
        await self.peer.start()
        shutil.rmtree(self.room.folder("tombolo"))  # the state of the test before
        self.daemon = Tombolo(self.room, self.build, self.server, SIP_DOMAIN,
                              f"{self.transport}:127.0.0.1:{self.peer.port}", self.profile, self.options, self.limits)
        self.peer.next_hop = (self.transport, ("127.0.0.1", self.daemon.port))
        await self.start_daemon()
        return self

    async def start_daemon(self):
        """Waits beside the loop: the daemon probes its routes while it starts, and the SIP side lives on our loop."""
        self.daemon.launch()
        await self.beside(self.daemon.wait_ready)

    async def stop_daemon(self):
        await self.beside(self.daemon.stop)

    async def start_server(self):
        self.server.launch()
        await self.beside(self.server.wait_ready)

    @staticmethod
    async def beside(function):
        """Runs what waits in a thread, so that the loop goes on."""
        await asyncio.get_running_loop().run_in_executor(None, function)

    async def __aexit__(self, kind, error, trace):
        for user in self.connected:
            user.drop()
        try:
            if kind is None:
                await self.stop_daemon()
            elif self.daemon.alive():
                self.daemon.kill()
        finally:
            await self.peer.stop()

    @property
    def bob(self):
        """The SIP user."""
        return self.peer.users["bob"]

    def jid(self, sip_user):
        """Where a SIP user is found in XMPP."""
        return f"{sip_user.name}@{COMPONENT}"

    @staticmethod
    def uri(xmpp_user):
        """Where an XMPP user is found in SIP."""
        return f"sip:{getattr(xmpp_user, 'bare', xmpp_user)}"

    def new_name(self, prefix="ann"):
        """An account that exists and that no other test uses."""
        name = next(n for n in self.names if n.startswith(prefix))
        self.names.remove(name)
        return name

    async def log_in(self, name=None, resource="one", smacks=False, priority=0, available=True):
        user = XmppUser(self.server, name or self.new_name(), resource, smacks)
        self.connected.append(user)
        return await user.connect(priority, available)

    async def taken(self, to, text):
        """The SIP user writes to `to`, in his dialect, and is told that it was taken. to: an XmppUser or a bare JID."""
        status = await self.bob.chat(self.uri(to), text)
        assert status in (200, 202), f"{text!r} was answered {status}"

    @staticmethod
    async def until(ready, what, timeout=5.0):
        """Waits for a state that nobody announces."""
        end = time.monotonic() + timeout
        while not ready():
            assert time.monotonic() < end, f"{what} did not happen within {timeout} s"
            await asyncio.sleep(0.02)

    @staticmethod
    def nothing_left(ann, bob):
        """No text waits in either inbox: what was expected and taken came once."""
        texts = [e.text for e in bob.inbox.entries if e.kind == "text"]
        assert not texts, f"also came to SIP: {texts[:3]}"
        bodies = [body_of(s) for s in ann.inbox.entries if s.name == "message" and body_of(s) is not None]
        assert not bodies, f"also came to XMPP: {bodies[:3]}"

    async def befriend(self, ann, bob):
        """Subscriptions both ways, each side asked and each side willing."""
        ann.presence(kind="subscribe", to=self.jid(bob))
        await ann.expect_presence("subscribed", self.jid(bob))
        status, dialog = await bob.subscribe(self.uri(ann))
        assert status == 200, f"SUBSCRIBE was answered {status}"
        await ann.expect_presence("subscribe", self.jid(bob))
        ann.presence(kind="subscribed", to=self.jid(bob))
        await bob.expect_notify("available")
        await ann.expect_presence("available", self.jid(bob))
        return dialog
