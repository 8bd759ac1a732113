# SPDX-License-Identifier: MIT
"""The SIP half of a scenario: one peer over UDP, TCP or TLS, without transactions of its own: what the case writes is sent once,
what arrives is kept in order, retransmissions left out."""

import email.utils
import fnmatch
import re
import secrets
import socket
import ssl
import time

import sip_message
from sip_message import SipMessage

SDP = ("v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
       "m=message 5060 sip null\r\na=accept-types:text/plain\r\n")


NODE = "br1.example.test"  # the daemon's name over TLS
PEER = "peer.sip.test"  # ours
PATIENCE_S = 5.0  # for a handshake


class Tls:
    """Both roles with one certificate; both check the other end's."""

    def __init__(self, authority):
        cert, key = authority.issue(PEER)
        self.contexts = {}
        for server_side, protocol in ((False, ssl.PROTOCOL_TLS_CLIENT), (True, ssl.PROTOCOL_TLS_SERVER)):
            context = ssl.SSLContext(protocol)
            context.load_cert_chain(cert, key)
            context.load_verify_locations(authority.path)
            context.verify_mode = ssl.CERT_REQUIRED
            self.contexts[server_side] = context

    def wrap(self, sock, server_side):
        """The secured socket; None: the other end did not like us, or we it."""
        sock.settimeout(PATIENCE_S)
        try:
            secured = self.contexts[server_side].wrap_socket(
                sock, server_side=server_side, server_hostname=None if server_side else NODE)
        except OSError:
            sock.close()
            return None
        return secured


class FakeSip:
    def __init__(self, transport, daemon_port, authority=None):
        self.transport, self.daemon = transport, ("127.0.0.1", daemon_port)
        self.tls = Tls(authority) if transport == "tls" else None
        self.host = PEER if self.tls else "127.0.0.1"
        self.udp, self.listener = self._open()
        self.port = self.udp.getsockname()[1]
        self.streams = {}  # socket -> bytes not yet framed
        self.messages = []  # what the case has not looked at yet
        self.seen = set()
        self.unanswered = []  # (request, where it came from)
        self.last_request = None
        self.dialog = {}  # of the last INVITE or SUBSCRIBE, either direction
        self.cseq = 0
        self.words = {"PORT": str(self.port)}  # what a case may write as $WORD

    @staticmethod
    def _open():
        """One port for both kinds of socket; a free one of the first kind may be taken for the second."""
        for attempt in range(20):
            udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            udp.bind(("127.0.0.1", 0))
            try:
                return udp, socket.create_server(udp.getsockname())
            except OSError:
                udp.close()
                if attempt == 19:
                    raise

    def close(self):
        for sock in (self.udp, self.listener, *self.streams):
            sock.close()

    def sockets(self):
        return [self.udp, self.listener, *self.streams]

    def readable(self, sock):
        if sock is self.udp:
            data, source = self.udp.recvfrom(65536)
            if len(data) > 4:
                self._take(sip_message.parse(data), source)
        elif sock is self.listener:
            stream, _ = self.listener.accept()
            if self.tls:
                stream = self.tls.wrap(stream, True)
            if stream:
                self.streams[stream] = b""
        else:
            data = self._read(sock)
            if not data:
                del self.streams[sock]
                sock.close()
                return
            self.streams[sock] += data
            while True:
                message, self.streams[sock] = sip_message.frame(self.streams[sock])
                if message is None:
                    return
                self._take(message, sock)

    @staticmethod
    def _read(sock):
        try:
            data = sock.recv(65536)
            while isinstance(sock, ssl.SSLSocket) and sock.pending():
                data += sock.recv(65536)
        except OSError:
            return b""
        return data

    def _take(self, message, source):
        if message.is_response:
            key = (message.branch, message.get("cseq"), message.start)
        else:
            key = (message.branch, message.method)
        if key in self.seen or (message.is_response and message.status == 100):
            return
        self.seen.add(key)
        if not message.is_response and message.method == "OPTIONS":  # the daemon probes its route
            self._write(message.answer(200, "OK"), source)
            return
        self.messages.append(message)
        if message.is_response:
            self._learn_from_response(message)
        elif message.method != "ACK":
            self.unanswered.append((message, source))
            self._remember(message)

    def _remember(self, request):
        if request.method == "INVITE":
            self.words["CALL"] = request.get("call-id")
        found = re.search(r"imdn\.Message-ID: (\S+)", request.text())
        if found:
            self.words["IMDN"] = found.group(1)

    def _expand(self, text):
        text = re.sub(r"\$DATE-(\d+)", lambda m: email.utils.formatdate(time.time() - int(m[1]), usegmt=True), text)
        return re.sub(r"\$([A-Z]+)", lambda m: self.words.get(m[1], m[0]), text)

    # -- dialogs: the last one there was
    def _learn_from_response(self, response):
        if response.method in ("INVITE", "SUBSCRIBE") and 200 <= response.status < 300 and self.last_request:
            routes = [r for value in response.all("record-route") for r in value.split(", ")]
            self.dialog = {"call_id": response.get("call-id"), "local": response.get("from"),
                           "remote": response.get("to"), "target": sip_message.uri_of(response.get("contact")),
                           "routes": routes[::-1]}
            self.words["TAG"] = sip_message.tag_of(response.get("to"))

    def _learn_from_request(self, request, tag):
        self.dialog = {"call_id": request.get("call-id"), "local": f"{request.get('to')};tag={tag}",
                       "remote": request.get("from"), "target": sip_message.uri_of(request.get("contact")),
                       "routes": [r for value in request.all("record-route") for r in value.split(", ")]}

    # -- what a case says
    def send(self, step):
        step.headers = [(name, self._expand(value)) for name, value in step.headers]
        step.body = step.body if step.body is None else self._expand(step.body)
        word, _, rest = step.text.partition(" ")
        if word.isdigit():
            self._respond(int(word), rest, step)
        else:
            self._request(word, rest, step)

    def give_back(self):
        """What a proxy does whose routes say that the daemon knows this user: its Via on top, one hop less."""
        request, _ = self.unanswered[0]
        returned = sip_message.parse(request.to_bytes())
        via = f"SIP/2.0/{self.transport.upper()} 127.0.0.1:{self.port};branch=z9hG4bK{secrets.token_hex(8)};rport"
        returned.headers.insert(0, ("Via", via))
        returned.set("Max-Forwards", str(int(request.get("max-forwards")) - 1))
        self._write(returned, None)

    def _respond(self, status, phrase, step):
        request, source = self.unanswered[0]
        if status >= 200:
            self.unanswered.pop(0)
        dialog_forming = request.method in ("INVITE", "SUBSCRIBE") and sip_message.tag_of(request.get("to")) is None
        tag = self.dialog.get("own_tag") or secrets.token_hex(4)
        extra, body = list(step.headers), (step.body or "").replace("\n", "\r\n")
        if 200 <= status < 300 and request.method in ("INVITE", "SUBSCRIBE"):
            extra.append(("Contact", f"<sip:{self.host}:{self.port};transport={self.transport}>"))
            if request.method == "INVITE" and step.body is None:
                extra.append(("Content-Type", "application/sdp"))
                body = SDP
            if request.method == "SUBSCRIBE" and not any(n.lower() == "expires" for n, _ in extra):
                extra.append(("Expires", request.get("expires") or "3600"))
        if dialog_forming and 200 <= status < 300:
            self._learn_from_request(request, tag)
        self._write(request.answer(status, phrase, extra, body, tag=tag), source)

    def _request(self, method, uri, step):
        via = f"SIP/2.0/{self.transport.upper()} {self.host}:{self.port};branch=z9hG4bK{secrets.token_hex(8)};rport"
        if uri:
            headers = [("Via", via), ("Max-Forwards", "70"), ("From", f"<sip:bob@sip.test>;tag={secrets.token_hex(4)}"),
                       ("To", f"<{uri}>"), ("Call-ID", secrets.token_hex(8)), ("CSeq", f"1 {method}")]
            self.cseq = 1
        else:
            if method != "ACK":
                self.cseq += 1
            uri = self.dialog["target"]
            headers = [("Via", via), ("Max-Forwards", "70"), ("From", self.dialog["local"]),
                       ("To", self.dialog["remote"]), ("Call-ID", self.dialog["call_id"]),
                       ("CSeq", f"{self.cseq} {method}")] + [("Route", r) for r in self.dialog["routes"]]
        body = (step.body or "").replace("\n", "\r\n")
        if method in ("INVITE", "SUBSCRIBE", "NOTIFY"):
            headers.append(("Contact", f"<sip:bob@{self.host}:{self.port};transport={self.transport}>"))
        if method == "INVITE" and step.body is None:
            headers.append(("Content-Type", "application/sdp"))
            body = SDP
        message = SipMessage.request(method, uri, headers, body)
        for name, value in step.headers:
            message.set(name, value.replace("$PORT", str(self.port)))
        if body and not message.get("content-type"):
            message.set("Content-Type", "text/plain; charset=UTF-8")
        if method != "ACK":
            self.last_request = message
        self._write(message, None)

    def _write(self, message, source):
        if isinstance(source, socket.socket):
            source.sendall(message.to_bytes())
        elif self.transport == "udp":
            self.udp.sendto(message.to_bytes(), source or self.daemon)
        else:
            stream = next(iter(self.streams), None)
            if stream is None:
                stream = socket.create_connection(self.daemon)
                if self.tls:
                    stream = self.tls.wrap(stream, False)
                self.streams[stream] = b""
            stream.sendall(message.to_bytes())


def mismatch(step, got):
    """Why the message is not what the step asks for, or None."""
    word, _, rest = step.text.partition(" ")
    if word.isdigit():
        if not got.is_response or got.status != int(word):
            return f"got {got.start}"
    elif got.is_response or got.method != word or not fnmatch.fnmatchcase(got.uri, rest or "*"):
        return f"got {got.start}"
    for name, value in step.headers:
        if value == "(none)":
            if got.all(name):
                return f"{name} is there: {got.get(name)}"
        elif not any(fnmatch.fnmatchcase(v, value) for v in got.all(name)):
            return f"{name} is {got.all(name)}, not {value}"
    if step.body is not None:
        body = re.sub("\r\n", "\n", got.text()).rstrip("\n")
        if not fnmatch.fnmatchcase(body, step.body):
            return f"the body is {body!r}"
    return None
