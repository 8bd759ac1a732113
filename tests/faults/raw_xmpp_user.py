# SPDX-License-Identifier: MIT
"""A light XMPP client for volume: logs in with one resource, comes back whenever its connection is lost, and keeps no state
but the stream."""

import asyncio
import base64
import xml.etree.ElementTree as ET
from xml.sax.saxutils import quoteattr

CLIENT, RECEIPTS = "{jabber:client}", "urn:xmpp:receipts"
HEADER = "<stream:stream to='{host}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
RETRY_S = 0.2


class RawXmppUser:
    """on_message(element) is called with each message stanza."""

    def __init__(self, host, port, name, on_message):
        self.host, self.port, self.name, self.on_message = host, port, name, on_message
        self.bare = f"{name}@{host}"
        self.online = asyncio.Event()
        self.writer, self.ended, self.log_ins = None, False, 0
        self.task = None
        self.own_faults = []  # of this client; a run with one proves nothing

    def start(self):
        self.task = asyncio.ensure_future(self._live())
        return self

    async def stop(self):
        self.ended = True
        if self.writer:
            self.writer.transport.abort()
        self.task.cancel()

    def chat(self, to, ident, text):
        """With the wish for a receipt. False: not connected, nothing was sent."""
        if not self.online.is_set():
            return False
        self._write(f"<message to={quoteattr(to)} type='chat' id={quoteattr(ident)}><body>{text}</body>"
                    f"<request xmlns='{RECEIPTS}'/></message>")
        return True

    def _write(self, text):
        self.writer.write(text.encode())

    async def _live(self):
        while not self.ended:
            try:
                reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
                await self._session(reader)
            except (OSError, ET.ParseError, EOFError):
                pass
            except Exception as error:
                self.own_faults.append(error)
            self.online.clear()
            if self.writer:
                self.writer.transport.abort()
            await asyncio.sleep(RETRY_S)

    async def _session(self, reader):
        stanzas = self._stanzas(reader)
        await self._log_in(stanzas)
        self._write("<presence/>")
        self.log_ins += 1
        self.online.set()
        async for stanza in stanzas:
            if stanza.tag == CLIENT + "message":
                self.on_message(stanza)
            elif stanza.tag == CLIENT + "iq" and stanza.get("type") == "get":
                self._write(f"<iq type='result' to={quoteattr(stanza.get('from', self.host))} "
                            f"id={quoteattr(stanza.get('id'))}/>")

    async def _log_in(self, stanzas):
        secret = base64.b64encode(f"\0{self.name}\0pw".encode()).decode()
        self._write(HEADER.format(host=self.host))
        await self._until(stanzas, "features")
        self._write(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>")
        await self._until(stanzas, "success")
        self.parser = None  # the stream begins anew
        self._write(HEADER.format(host=self.host))
        await self._until(stanzas, "features")
        self._write("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
                    "<resource>one</resource></bind></iq>")
        await self._until(stanzas, "iq")

    @staticmethod
    async def _until(stanzas, name):
        async for stanza in stanzas:
            if stanza.tag.rpartition("}")[2] == name:
                return stanza
        raise EOFError(f"no {name}")

    async def _stanzas(self, reader):
        self.parser = None
        while data := await reader.read(65536):
            if self.parser is None:
                self.parser, depth, root = ET.XMLPullParser(("start", "end")), 0, None
            parser = self.parser
            parser.feed(data)
            for event, element in parser.read_events():
                depth += 1 if event == "start" else -1
                root = root if root is not None else element
                if event == "end" and depth == 1:
                    yield element
                    root.clear()


def receipt_of(message):
    """The id that a receipt confirms, or None."""
    element = message.find("{%s}received" % RECEIPTS)
    return None if element is None else element.get("id")


def condition_of(message):
    """(condition, text) of an error."""
    condition, text = "", ""
    for element in message.find(CLIENT + "error") or ():
        space, _, name = element.tag[1:].partition("}")
        if space == "urn:ietf:params:xml:ns:xmpp-stanzas":
            if name == "text":
                text = element.text or ""
            else:
                condition = name
    return condition, text
