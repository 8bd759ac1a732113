# SPDX-License-Identifier: MIT
"""A SIP message as a list of headers: enough to build, read and compare, nothing validated."""

import re

COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length", "c": "content-type",
           "s": "subject", "o": "event", "k": "supported", "u": "allow-events"}


class SipMessage:
    def __init__(self, start, headers=(), body=b""):
        self.start = start
        self.headers = list(headers)  # (name, value) as written
        self.body = body.encode() if isinstance(body, str) else body

    @classmethod
    def request(cls, method, uri, headers=(), body=b""):
        return cls(f"{method} {uri} SIP/2.0", headers, body)

    # -- reading
    @property
    def is_response(self):
        return self.start.startswith("SIP/2.0 ")

    @property
    def status(self):
        return int(self.start.split(" ", 2)[1])

    @property
    def method(self):
        """Of a request, or of the request that a response answers."""
        return self.get("cseq").split()[1] if self.is_response else self.start.split(" ", 1)[0]

    @property
    def uri(self):
        return self.start.split(" ")[1]

    def all(self, name):
        name = name.lower()
        return [v for n, v in self.headers if COMPACT.get(n.lower(), n.lower()) == name]

    def get(self, name, default=""):
        found = self.all(name)
        return found[0] if found else default

    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def branch(self):
        match = re.search(r";\s*branch=([^;,\s]+)", self.get("via"))
        return match.group(1) if match else ""

    def __str__(self):
        return f"{self.start} {self.text()[:100]!r}"

    # -- writing
    def set(self, name, value):
        self.headers = [(n, v) for n, v in self.headers if n.lower() != name.lower()] + [(name, value)]

    def to_bytes(self):
        lines = [self.start] + [f"{n}: {v}" for n, v in self.headers if n.lower() != "content-length"]
        lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body

    def answer(self, status, phrase="", headers=(), body=b"", tag=None):
        """The response to this request, as the transaction user writes it."""
        copied = [(n, v) for n, v in self.headers
                  if COMPACT.get(n.lower(), n.lower()) in ("via", "from", "call-id", "cseq", "record-route")]
        to = self.get("to")
        if tag and tag_of(to) is None:
            to += f";tag={tag}"
        return SipMessage(f"SIP/2.0 {status} {phrase or PHRASES.get(status, 'Status')}", copied + [("To", to)] +
                          list(headers), body)


PHRASES = {100: "Trying", 180: "Ringing", 200: "OK", 202: "Accepted", 403: "Forbidden", 404: "Not Found",
           405: "Method Not Allowed", 480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist",
           486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here", 489: "Bad Event",
           503: "Service Unavailable", 603: "Decline"}


def parse(data):
    """One message out of a complete byte string (a datagram)."""
    head, _, body = data.partition(b"\r\n\r\n")
    lines = re.sub(rb"\r\n[ \t]+", b" ", head).decode("utf-8", "replace").split("\r\n")
    headers = []
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers.append((name.strip(), value.strip()))
    return SipMessage(lines[0], headers, body)


def frame(buffer):
    """Takes one message off the front of a stream: (message or None, rest)."""
    buffer = buffer.lstrip(b"\r\n")
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None, buffer
    length = re.search(rb"(?im)^(?:content-length|l)[ \t]*:[ \t]*(\d+)", buffer[:end])
    total = end + 4 + (int(length.group(1)) if length else 0)
    if len(buffer) < total:
        return None, buffer
    return parse(buffer[:total]), buffer[total:]


def tag_of(value):
    """The tag parameter behind the address, not one inside the URI."""
    match = re.search(r";\s*tag=([^;\s]+)", value.rpartition(">")[2] if ">" in value else value)
    return match.group(1) if match else None


def uri_of(value):
    """The URI of a From, To, Contact or Route value, without what follows it."""
    match = re.search(r"<([^>]*)>", value)
    return match.group(1) if match else value.split(";")[0].strip()


def user_of(uri):
    """'bob' of sip:bob@host;params."""
    return re.sub(r"^\w+:", "", uri).rpartition("@")[0]


def split_addresses(values):
    """Header values of which each may hold several <addresses>, as a flat list."""
    return [a.strip() for value in values for a in re.findall(r'(?:"[^"]*"|[^,<"])*<[^>]*>[^,]*', value)]
