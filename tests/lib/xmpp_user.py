# SPDX-License-Identifier: MIT
"""An XMPP user with slixmpp. What is sent is written out as XML, so that a test says exactly what crosses; what comes in is
an ordered inbox of stanzas."""

import asyncio
import itertools
import logging
from xml.sax.saxutils import escape

logging.getLogger("slixmpp").setLevel(logging.CRITICAL)  # before the import, which warns
import slixmpp  # noqa: E402

from inbox import Inbox  # noqa: E402

CHATSTATES = "http://jabber.org/protocol/chatstates"
RECEIPTS = "urn:xmpp:receipts"
_ids = itertools.count(1)


def child(stanza, path):
    """First child by '{namespace}name'; None if absent."""
    return stanza.xml.find(path)


def body_of(stanza):
    element = child(stanza, "{jabber:client}body")
    return None if element is None else element.text or ""


def chat_state_of(stanza):
    """'composing', 'paused', ... or None."""
    for element in stanza.xml:
        if element.tag.startswith("{" + CHATSTATES + "}"):
            return element.tag.partition("}")[2]
    return None


def receipt_of(stanza):
    """The id a XEP-0184 receipt confirms, or None."""
    element = child(stanza, "{%s}received" % RECEIPTS)
    return None if element is None else element.get("id")


def condition_of(stanza):
    """(condition, text) of a stanza error; (None, None) if it is none."""
    element = child(stanza, "{jabber:client}error")
    if element is None:
        return None, None
    condition = text = None
    for e in element:
        space, _, name = e.tag[1:].partition("}")
        if space == "urn:ietf:params:xml:ns:xmpp-stanzas":
            if name == "text":
                text = e.text
            else:
                condition = name
    return condition, text


def show_of(presence):
    """'available', 'away', 'dnd', 'unavailable', ... as one word."""
    if presence.xml.get("type"):
        return presence.xml.get("type")
    show = child(presence, "{jabber:client}show")
    return show.text if show is not None and show.text else "available"


class XmppUser:
    """One connected resource."""

    def __init__(self, server, name, resource="one", smacks=False):
        self.server, self.name, self.resource = server, name, resource
        self.bare = f"{name}@{server.host}"
        self.full = f"{self.bare}/{resource}"
        self.inbox = Inbox(self.full)
        self.smacks = smacks
        self.client = slixmpp.ClientXMPP(self.full, "pw")
        self.client.auto_authorize = None  # the test answers subscription requests, not the library
        self.client.auto_subscribe = None
        self.client["feature_mechanisms"].unencrypted_plain = True
        self.client["feature_mechanisms"].use_mech = "PLAIN"
        if smacks:
            self.client.register_plugin("xep_0198")
        self.client.add_filter("in", self._arrived)

    def _arrived(self, stanza):
        if stanza.name in ("message", "presence", "iq"):
            self.inbox.put(stanza)
        return stanza

    async def connect(self, priority=0, available=True):
        started = asyncio.get_running_loop().create_future()
        self.client.add_event_handler("session_start",
                                      lambda _: started.done() or started.set_result(True))
        self.client.add_event_handler("failed_all_auth",
                                      lambda _: started.done() or started.set_exception(AssertionError("log-in refused")))
        self.client.connect(("127.0.0.1", self.server.c2s_port), disable_starttls=True)
        await asyncio.wait_for(started, 15)
        if self.smacks:
            await self._until(lambda: self.client["xep_0198"].enabled_in, "stream management")
        await self.iq("<query xmlns='jabber:iq:roster'/>", kind="get")
        if available:
            self.presence(priority=priority)
            await self.inbox.expect(lambda s: s.name == "presence" and s["from"].full == self.full, "its own presence")
        return self

    async def _until(self, ready, what):
        for _ in range(200):
            if ready():
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"{self.full}: no {what}")

    def raw(self, text):
        self.client.send_raw(text)

    async def iq(self, payload, kind="set", to=None):
        """Sends an iq and returns the result; an error answer is returned too."""
        ident = f"iq{next(_ids)}"
        target = f" to='{escape(to)}'" if to else ""
        self.raw(f"<iq type='{kind}' id='{ident}'{target}>{payload}</iq>")
        return await self.inbox.expect(lambda s: s.name == "iq" and s.xml.get("id") == ident, f"an answer to {payload}")

    def presence(self, show=None, status=None, priority=0, kind=None, to=None):
        attributes = (f" type='{kind}'" if kind else "") + (f" to='{escape(to)}'" if to else "")
        inside = (f"<show>{show}</show>" if show else "") + (f"<status>{escape(status)}</status>" if status else "")
        if not kind:
            inside += f"<priority>{priority}</priority>"
        self.raw(f"<presence{attributes}>{inside}</presence>")

    def chat(self, to, text, receipt=False, kind="chat", extra=""):
        """Returns the id."""
        ident = f"m{next(_ids)}"
        wish = f"<request xmlns='{RECEIPTS}'/>" if receipt else ""
        self.raw(f"<message to='{escape(to)}' type='{kind}' id='{ident}'><body>{escape(text)}</body>"
                 f"<active xmlns='{CHATSTATES}'/>{wish}{extra}</message>")
        return ident

    def chat_state(self, to, state):
        self.raw(f"<message to='{escape(to)}' type='chat' id='m{next(_ids)}'><{state} xmlns='{CHATSTATES}'/></message>")

    async def block(self, jid):
        await self.iq(f"<block xmlns='urn:xmpp:blocking'><item jid='{escape(jid)}'/></block>")

    # -- what a test waits for
    async def expect_chat(self, text=None, sender=None, timeout=5.0):
        def fits(s):
            return s.name == "message" and s.xml.get("type") != "error" and body_of(s) is not None \
                and (text is None or body_of(s) == text) and (sender is None or s["from"].bare == sender)
        return await self.inbox.expect(fits, f"the chat {text!r}" if text else "a chat", timeout)

    async def expect_state(self, state, sender=None, timeout=5.0):
        def fits(s):
            return s.name == "message" and chat_state_of(s) == state and body_of(s) is None \
                and (sender is None or s["from"].bare == sender)
        return await self.inbox.expect(fits, f"the chat state {state}", timeout)

    async def expect_receipt(self, ident, timeout=5.0):
        return await self.inbox.expect(lambda s: s.name == "message" and receipt_of(s) == ident,
                                       f"a receipt for {ident}", timeout)

    async def expect_error(self, ident, timeout=5.0):
        """The error stanza for one of our messages: (condition, text)."""
        stanza = await self.inbox.expect(
            lambda s: s.name == "message" and s.xml.get("type") == "error" and s.xml.get("id") == ident,
            f"an error for {ident}", timeout)
        return condition_of(stanza)

    async def expect_presence(self, show, sender, timeout=5.0):
        """show: available, away, xa, dnd, chat or a type such as unavailable, subscribe, subscribed."""
        return await self.inbox.expect(
            lambda s: s.name == "presence" and s["from"].bare == sender and show_of(s) == show,
            f"presence {show} from {sender}", timeout)

    # -- endings
    async def disconnect(self):
        await self.client.disconnect(wait=0.5)

    def drop(self):
        """The TCP connection dies; with stream management the server keeps the session for a while."""
        transport = self.client.transport
        self.client.transport = None
        self.client.add_filter("out", lambda s: None)
        if transport is not None:
            transport.abort()
