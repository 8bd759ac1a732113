# SPDX-License-Identifier: MIT
"""The SIP side of a bridge: a domain with its users behind one port, in either dialect.

`lync`: chats are sessions (INVITE m=message, in-dialog MESSAGE, INFO typing) through a front end that record-routes and hands
out Contacts nobody can connect to. `simple`: chats are pager MESSAGEs, typing is isComposing (RFC 3994)."""

import asyncio
import base64
import dataclasses
import secrets

import sip_bodies as bodies
from inbox import Inbox
from sip_endpoint import SipEndpoint
from sip_message import SipMessage, split_addresses, tag_of, uri_of, user_of

ALLOW = "INVITE, BYE, ACK, CANCEL, INFO, MESSAGE, UPDATE, NOTIFY, SUBSCRIBE, OPTIONS"


@dataclasses.dataclass
class Event:
    """One thing a SIP user saw: text, typing, notify, subscribe, invite, bye."""
    kind: str
    sender: str = ""  # URI
    text: str = ""  # the message; the presence word of a notify
    typing: bool = False
    state: str = ""  # of a notify: pending, active, terminated;reason=...
    request: SipMessage = None

    def __str__(self):
        return f"{self.kind} {self.sender} {self.text or self.state or self.typing}"


class Dialog:
    """RFC 3261 section 12, both roles."""

    def __init__(self, user, kind, call_id, local, remote, target="", routes=(), local_tag=None, remote_tag=None):
        self.user, self.kind, self.call_id = user, kind, call_id
        self.local, self.remote, self.target, self.routes = local, remote, target, list(routes)
        self.local_tag, self.remote_tag = local_tag or secrets.token_hex(5), remote_tag
        self.cseq = 0
        self.ended = False
        self.state, self.shown = "", None  # of a subscription: what the last NOTIFY said
        user.peer.dialogs[(call_id, self.local_tag)] = self

    def learn(self, message, is_caller):
        """Target, tag and route set from the message that made the dialog. Our front end's own hop is not ours to visit."""
        self.remote_tag = self.remote_tag or tag_of(message.get("to" if is_caller else "from"))
        if message.get("contact"):
            self.target = uri_of(message.get("contact"))
        recorded = [uri_of(r) for r in split_addresses(message.all("record-route"))]
        if is_caller:
            recorded.reverse()
        self.routes = [r for r in recorded if f"127.0.0.1:{self.user.peer.port}" not in r]

    def headers(self, method, number=None):
        if number is None:
            self.cseq += 1
            number = self.cseq
        tag = f";tag={self.remote_tag}" if self.remote_tag else ""
        return [("Max-Forwards", "70"), ("From", f"<{self.local}>;tag={self.local_tag}"),
                ("To", f"<{self.remote}>{tag}"), ("Call-ID", self.call_id), ("CSeq", f"{number} {method}"),
                *[("Route", f"<{route}>") for route in self.routes]]

    async def request(self, method, extra=(), body=b"", timeout=32.0):
        message = SipMessage.request(method, self.target or self.remote, self.headers(method) + list(extra), body)
        return await self.user.peer.endpoint.request(message, self.hop(), timeout)

    async def ack(self, number):
        message = SipMessage.request("ACK", self.target, self.headers("ACK", number))
        message.headers.insert(0, ("Via", self.user.peer.endpoint.via(self.hop()[0])))
        await self.user.peer.endpoint.send_ack(message, self.hop())

    def hop(self):
        return self.user.peer.hop_of(self.routes[0] if self.routes else self.target)

    def end(self):
        self.ended = True
        self.user.peer.dialogs.pop((self.call_id, self.local_tag), None)


class SipPeer:
    """A SIP domain and everybody in it. next_hop is where requests to other domains go: (transport, (host, port))."""

    def __init__(self, domain, profile, next_hop=None, users=("bob",)):
        self.domain, self.profile, self.next_hop = domain, profile, next_hop
        self.endpoint = SipEndpoint(self._handle)
        self.port = self.endpoint.port
        self.dialogs = {}
        self.users = {name: SipUser(self, name) for name in users}

    async def start(self):
        await self.endpoint.start()
        return self

    async def stop(self):
        await self.endpoint.stop()

    def hop_of(self, uri):
        """Numeric hosts with a port are visited, everything else goes to the next hop."""
        host_port, _, parameters = uri.partition(":")[2].rpartition("@")[2].partition(";")
        host, _, port = host_port.partition(":")
        if not port or not host.replace(".", "").isdigit():
            return self.next_hop
        transport = "tcp" if "transport=tcp" in parameters.lower() else "udp"
        return transport, (host, int(port))

    def contact(self, user):
        if self.profile == "lync":
            return f"<sip:{user.name}@{self.domain};opaque=user:epid:{user.epid}AA;gruu>"
        return f"<{user.plain_contact()}>"

    def record_route(self):
        if self.profile != "lync":
            return []
        return [("Record-Route", f"<sip:127.0.0.1:{self.port};transport={self.next_hop[0]};ms-fe=fe1.corp.example;"
                                 "opaque=state:F:Ci.R1a2b00;lr;ms-route-sig=xY12%41z>;tag=5A0011CC")]

    def _handle(self, request, source):
        if request.method == "OPTIONS":
            return request.answer(200, headers=[("Allow", ALLOW)], tag="options")
        to_tag = tag_of(request.get("to"))
        if to_tag:
            dialog = self.dialogs.get((request.get("call-id"), to_tag))
            if dialog is None:
                return request.answer(481)
            return dialog.user.in_dialog(dialog, request)
        user = self.users.get(user_of(uri_of(request.get("to"))))
        if user is None:
            return request.answer(404, tag="nobody")
        return user.out_of_dialog(request)


class SipUser:
    def __init__(self, peer, name):
        self.peer, self.name = peer, name
        self.uri = f"sip:{name}@{peer.domain}"
        self.epid = secrets.token_hex(5)
        self.inbox = Inbox(self.uri)
        self.word = "available"  # own presence
        self.entity_tag = ""  # of what was published
        self.authorize = "active"  # what new watchers get: active, pending or rejected
        self.refuse = {}  # method -> status: refuse new requests
        self.watchers, self.sessions, self.subscriptions = [], [], {}

    # -- requests that arrive
    def out_of_dialog(self, request):
        method = request.method
        if method in self.refuse:
            return request.answer(self.refuse[method], tag="refused")
        if method == "MESSAGE":
            return self._message(request)
        if method == "INVITE":
            return self._invite(request)
        if method == "SUBSCRIBE":
            return self._subscribe(request)
        return request.answer(481 if method in ("BYE", "INFO", "NOTIFY") else 405, tag="none")

    def in_dialog(self, dialog, request):
        method = request.method
        if method in ("MESSAGE", "INFO"):
            if method in self.refuse:
                return request.answer(self.refuse[method])
            return self._message(request)
        if method == "NOTIFY":
            return self._notified(dialog, request)
        if method == "SUBSCRIBE":
            return self._refreshed(dialog, request)
        if method == "BYE":
            self._ended(dialog)
            self.inbox.put(Event("bye", uri_of(request.get("from")), request=request))
        return request.answer(200)

    def _message(self, request):
        sender = uri_of(request.get("from"))
        typing = bodies.read_typing(request.get("content-type"), request.body)
        if typing is None:
            self.inbox.put(Event("text", sender, request.text(), request=request))
        else:
            self.inbox.put(Event("typing", sender, typing=typing, request=request))
        return request.answer(200, tag=secrets.token_hex(4))

    def _invite(self, request):
        dialog = self._made_dialog("session", request)
        self.sessions.append(dialog)
        self.inbox.put(Event("invite", dialog.remote, request=request))
        media = "x-ms-message" if b"m=x-ms-message" in request.body else "message"
        return self._answer_dialog(dialog, request, [("Content-Type", "application/sdp")], bodies.sdp(media).encode())

    def _subscribe(self, request):
        if not request.get("event").startswith("presence"):
            return request.answer(489, tag="none")
        self.inbox.put(Event("subscribe", uri_of(request.get("from")), request=request))
        dialog = self._made_dialog("watcher", request)
        dialog.state = self.authorize
        if request.get("expires") == "0":
            dialog.state = "terminated;reason=timeout"
        else:
            self.watchers.append(dialog)
        asyncio.ensure_future(self._notify(dialog))
        return self._answer_dialog(dialog, request, [("Expires", request.get("expires", "3600"))])

    def _refreshed(self, dialog, request):
        if request.get("expires") == "0":
            dialog.state = "terminated;reason=timeout"
            self._ended(dialog)
        asyncio.ensure_future(self._notify(dialog))
        return self._answer_dialog(dialog, request, [("Expires", request.get("expires", "3600"))])

    def _notified(self, dialog, request):
        dialog.learn(request, is_caller=False)
        dialog.state = request.get("subscription-state").split(";expires")[0].replace(" ", "")
        shown = bodies.read_presence(request.body)
        if shown:
            dialog.shown = shown
        self.inbox.put(Event("notify", dialog.remote, shown or "", state=dialog.state, request=request))
        return request.answer(200)

    def _made_dialog(self, kind, request):
        dialog = Dialog(self, kind, request.get("call-id"), uri_of(request.get("to")), uri_of(request.get("from")))
        dialog.learn(request, is_caller=False)
        return dialog

    def _answer_dialog(self, dialog, request, headers, body=b""):
        response = request.answer(200, headers=[("Contact", self.peer.contact(self)), *headers], body=body,
                                  tag=dialog.local_tag)
        at = next((i for i, (name, _) in enumerate(response.headers) if name.lower() == "record-route"), 1)
        response.headers[at:at] = self.peer.record_route()
        return response

    def _ended(self, dialog):
        dialog.end()
        for which in (self.sessions, self.watchers):
            if dialog in which:
                which.remove(dialog)

    # -- presence
    async def _notify(self, dialog):
        state = dialog.state + (";expires=3600" if dialog.state in ("active", "pending") else "")
        if dialog.state == "rejected":
            state = "terminated;reason=rejected"
        headers = [("Event", "presence"), ("Subscription-State", state), ("Contact", self.peer.contact(self))]
        body = b""
        if dialog.state == "active":
            headers.append(("Content-Type", bodies.PIDF_TYPE))
            body = self.pidf().encode()
        response = await dialog.request("NOTIFY", headers, body)
        if response.status == 481:
            self._ended(dialog)
        return response.status

    def pidf(self):
        write = bodies.lync_pidf if self.peer.profile == "lync" else bodies.simple_pidf
        return write(self.uri, self.word)

    async def publish(self, word):
        """Own presence changes: every watcher is told. Returns the statuses of the NOTIFYs."""
        self.word = word
        return await asyncio.gather(*[self._notify(w) for w in list(self.watchers)])

    async def approve(self):
        """Pending watchers become active."""
        self.authorize = "active"
        for watcher in self.watchers:
            watcher.state = "active"
        return await self.publish(self.word)

    async def subscribe(self, to, expires=3600):
        """Watches `to`. Returns (status, dialog)."""
        dialog = Dialog(self, "subscription", f"{secrets.token_hex(8)}@{self.peer.domain}", self.uri, to)
        response = await self._new_dialog(dialog, "SUBSCRIBE", [
            ("Event", "presence"), ("Expires", str(expires)), ("Accept", "application/pidf+xml")])
        if response.status < 300:
            self.subscriptions[to] = dialog
        return response.status, dialog

    async def refresh(self, to, expires=3600):
        dialog = self.subscriptions[to]
        response = await dialog.request("SUBSCRIBE", [
            ("Event", "presence"), ("Expires", str(expires)), ("Accept", "application/pidf+xml"),
            ("Contact", self.peer.contact(self))])
        if not expires or response.status == 481:
            del self.subscriptions[to]
        return response.status

    # -- behind a registrar and presence server
    async def register(self, expires=600):
        headers = [("Max-Forwards", "70"), ("From", f"<{self.uri}>;tag={secrets.token_hex(4)}"), ("To", f"<{self.uri}>"),
                   ("Call-ID", secrets.token_hex(8)), ("CSeq", "1 REGISTER"), ("Contact", f"<{self.plain_contact()}>"),
                   ("Expires", str(expires))]
        message = SipMessage.request("REGISTER", f"sip:{self.peer.domain}", headers)
        return (await self.peer.endpoint.request(message, self.peer.next_hop)).status

    async def announce(self, word, expires=600):
        """PUBLISH (RFC 3903): the presence server tells the watchers."""
        self.word = word
        headers = [("Max-Forwards", "70"), ("From", f"<{self.uri}>;tag={secrets.token_hex(4)}"), ("To", f"<{self.uri}>"),
                   ("Call-ID", secrets.token_hex(8)), ("CSeq", "1 PUBLISH"), ("Event", "presence"),
                   ("Expires", str(expires)), ("Content-Type", bodies.PIDF_TYPE)]
        if self.entity_tag:
            headers.append(("SIP-If-Match", self.entity_tag))
        message = SipMessage.request("PUBLISH", self.uri, headers, self.pidf().encode())
        response = await self.peer.endpoint.request(message, self.peer.next_hop)
        self.entity_tag = response.get("sip-etag")
        return response.status

    def plain_contact(self):
        return f"sip:{self.name}@127.0.0.1:{self.peer.port};transport={self.peer.next_hop[0]}"

    # -- chat
    async def _new_dialog(self, dialog, method, extra, body=b""):
        """The request that makes a dialog, dressed as a front end passes it on."""
        headers = dialog.headers(method) + [("Contact", self.peer.contact(self))] + self.peer.record_route() + extra
        if self.peer.profile == "lync":
            headers = [(n, f'"Bob Brown"<{self.uri}>;tag={dialog.local_tag};epid={self.epid}') if n == "From" else (n, v)
                       for n, v in headers] + [("User-Agent", "UCCAPI/16.0.1234.1000 OC/16.0.1234.1000 (test)"),
                                               ("Supported", "ms-dialog-route-set-update"), ("Supported", "timer")]
        message = SipMessage.request(method, dialog.remote, headers, body)
        response = await self.peer.endpoint.request(message, self.peer.next_hop)
        if response.status < 300:
            dialog.learn(response, is_caller=True)
        else:
            dialog.end()
        return response

    async def invite(self, to, first=""):
        """Opens a session. Returns (status, dialog)."""
        dialog = Dialog(self, "session", f"{secrets.token_hex(8)}@{self.peer.domain}", self.uri, to)
        toast = base64.b64encode(first.encode()).decode()
        extra = [("ms-text-format", f"text/plain; charset=UTF-8; ms-body={toast}"),
                 ("Ms-Conversation-ID", secrets.token_hex(8)), ("EndPoints", f"<{self.uri}>, <{to}>"),
                 ("Allow", ALLOW), ("Content-Type", "application/sdp")]
        response = await self._new_dialog(dialog, "INVITE", extra, bodies.sdp().encode())
        if response.status < 300:
            self.sessions.append(dialog)
            await dialog.ack(int(response.get("cseq").split()[0]))
        return response.status, dialog

    def session_with(self, to):
        open_ones = [s for s in self.sessions if s.remote == to]
        return open_ones[-1] if open_ones else None

    async def chat(self, to, text, timeout=32.0):
        """Sends one text the way this dialect does. Returns the final status. A session is opened where there is none, once
        more where it turns out to be dead (481)."""
        if self.peer.profile == "simple":
            return await self.page(to, text, timeout=timeout)
        for _ in range(2):
            if self.session_with(to) is None:
                status, _ = await self.invite(to, text)
                if status >= 300:
                    return status
            dialog = self.session_with(to)
            response = await dialog.request("MESSAGE", [("Content-Type", bodies.TEXT_TYPE)], text.encode(), timeout)
            if response.status != 481:
                break
            self._ended(dialog)
        return response.status

    async def page(self, to, text, content_type=bodies.TEXT_TYPE, timeout=32.0):
        """One MESSAGE outside any session (RFC 3428)."""
        return (await self.page_response(to, text, content_type, timeout)).status

    async def page_response(self, to, text, content_type=bodies.TEXT_TYPE, timeout=32.0):
        headers = [("Max-Forwards", "70"), ("From", f"<{self.uri}>;tag={secrets.token_hex(4)}"), ("To", f"<{to}>"),
                   ("Call-ID", secrets.token_hex(10)), ("CSeq", "1 MESSAGE"), ("Content-Type", content_type)]
        body = text.encode() if isinstance(text, str) else text
        return await self.peer.endpoint.request(SipMessage.request("MESSAGE", to, headers, body), self.peer.next_hop,
                                                timeout)

    async def typing(self, to, on):
        """Returns the status; in a session typing needs one to be open."""
        if self.peer.profile == "simple":
            return await self.page(to, bodies.composing(on), bodies.COMPOSING_TYPE)
        dialog = self.session_with(to)
        response = await dialog.request("INFO", [("Content-Type", bodies.KEYBOARD_TYPE)], bodies.keyboard(on).encode())
        return response.status

    async def bye(self, to):
        dialog = self.session_with(to)
        self._ended(dialog)
        return (await dialog.request("BYE")).status

    # -- what a test waits for
    async def expect_text(self, text=None, sender=None, timeout=5.0):
        return await self.inbox.expect(
            lambda e: e.kind == "text" and (text is None or e.text == text) and
            (sender is None or e.sender.partition(";")[0] == sender),  # whatever device it came from (gr)
            f"the text {text!r}" if text else "a text", timeout)

    async def expect_typing(self, on, timeout=5.0):
        return await self.inbox.expect(lambda e: e.kind == "typing" and e.typing == on, f"typing {on}", timeout)

    async def expect_notify(self, word=None, state="active", timeout=5.0):
        """word: what the document shows; None: any."""
        return await self.inbox.expect(
            lambda e: e.kind == "notify" and e.state.startswith(state) and (word is None or e.text == word),
            f"a NOTIFY {state} {word or ''}", timeout)
