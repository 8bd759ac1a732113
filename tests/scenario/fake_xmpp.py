# SPDX-License-Identifier: MIT
"""The XMPP half of a scenario: an XEP-0114 server for one component. It answers the component's iqs (link-up questions and
barriers) and keeps everything else for the case to look at."""

import select
import socket
import time
import xml.etree.ElementTree as etree

HEADER = (b"<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
          b"xmlns:stream='http://etherx.jabber.org/streams' id='scenario' from='gw.example.test'>")
NAMESPACE = "{jabber:component:accept}"


def local(tag):
    return tag.rpartition("}")[2]


class FakeXmpp:
    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.stream = None
        self.stanzas = []  # elements the case has not looked at yet
        self.barrier = "answer"  # or: error, silent
        self.up = False

    def close(self):
        self.drop()
        if self.listener:
            self.listener.close()

    def drop(self):
        if self.stream:
            self.stream.close()
        self.stream, self.up = None, False

    def go_away(self):
        """Nobody listens any more."""
        self.close()
        self.listener = None

    def come_back(self):
        self.listener = socket.create_server(("127.0.0.1", self.port))

    def sockets(self):
        sock = self.stream or self.listener
        return [sock] if sock else []

    def readable(self, sock):
        if sock is self.listener:
            self.stream, _ = self.listener.accept()
            self.parser = etree.XMLPullParser(("start", "end"))
            self.depth = 0
            return
        data = self.stream.recv(65536)
        if not data:
            self.drop()
            return
        self.parser.feed(data)
        for event, element in self.parser.read_events():
            self.depth += 1 if event == "start" else -1
            if event == "start" and self.depth == 1:
                self.stream.sendall(HEADER)
            elif event == "end" and self.depth == 1:
                self._take(element)

    def _take(self, element):
        kind = local(element.tag)
        if kind == "handshake":
            self.stream.sendall(b"<handshake/>")
            self.up = True
        elif kind == "iq" and element.get("type") in ("get", "set"):
            self._answer(element)
        elif not (kind == "iq"):
            self.stanzas.append(element)

    def _answer(self, iq):
        """A barrier is a ping from a user's address to a user's address; everything else is asked at link-up."""
        barrier = "@" in iq.get("from") and "@" in iq.get("to") and not iq.get("to").startswith("tombolo-")
        how = self.barrier if barrier else "answer"
        if how == "silent":
            return
        answer = f"<iq type='{'result' if how == 'answer' else 'error'}' id='{iq.get('id')}' " \
                 f"from='{iq.get('to')}' to='{iq.get('from')}'>"
        if local(iq[0].tag) == "query" and "version" in iq[0].tag:
            answer += "<query xmlns='jabber:iq:version'><name>Prosody</name><version>0.12.3</version></query>"
        if how == "error":
            answer += "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
        self.stream.sendall((answer + "</iq>").encode())

    def send(self, text):
        self.stream.sendall(text.encode())


def mismatch(want, got, path=""):
    """Why `got` is not what `want` asks for, or None: attributes and children that `want` names must be there; text too."""
    where = f"{path}/{local(want.tag)}"
    if local(want.tag) != local(got.tag) or ("}" in want.tag and want.tag.replace(NAMESPACE, "") !=
                                            got.tag.replace(NAMESPACE, "")):
        return f"{where}: got <{got.tag}>"
    for name, value in want.attrib.items():
        if value == "*" and got.get(name) is not None:
            continue
        if (value or None) != got.get(name):  # name='' asks for its absence
            return f"{where}: {name} is {got.get(name)!r}, not {value!r}"
    text = (want.text or "").strip()
    if text and text != "*" and text != (got.text or ""):
        return f"{where}: text is {got.text!r}, not {text!r}"
    for child in want:
        reasons = [mismatch(child, candidate, where) for candidate in got]
        if None not in reasons:
            return reasons[0] if len(reasons) == 1 else f"{where}: no <{local(child.tag)}> like that"
    return None


def wait(sockets, seconds):
    return select.select(sockets, [], [], max(0, seconds))[0]


def now():
    return time.monotonic()
