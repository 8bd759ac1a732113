# SPDX-License-Identifier: MIT
"""Valid SIP messages and what a hostile hand makes of them, the same for the same seed."""

import random

BODY = b"v=0\r\no=- 0 0 IN IP4 192.0.2.1\r\ns=s\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=message 5060 sip null\r\n"
PIDF = (b"<?xml version='1.0'?><presence xmlns='urn:ietf:params:xml:ns:pidf' entity='sip:bob@sip.test'>"
        b"<tuple id='t0'><status><basic>open</basic></status></tuple></presence>")
TYPING = b"<isComposing xmlns='urn:ietf:params:xml:ns:im-iscomposing'><state>active</state></isComposing>"

SEEDS = (
    ("MESSAGE", ("Content-Type: text/plain;charset=UTF-8",), b"hello"),
    ("MESSAGE", ("Content-Type: application/im-iscomposing+xml",), TYPING),
    ("INVITE", ("Contact: <sip:bob@192.0.2.1>", "Content-Type: application/sdp",
                "Record-Route: <sip:fe1.sip.test;lr;ms-key-info=AAEAAA;ms-route-sig=aa%41>,<sip:fe2.sip.test;lr>"), BODY),
    ("SUBSCRIBE", ("Contact: <sip:bob@192.0.2.1>", "Event: presence", "Expires: 3600", "Accept: application/pidf+xml"), b""),
    ("NOTIFY", ("Contact: <sip:bob@192.0.2.1>", "Event: presence", "Subscription-State: active;expires=600",
                "Content-Type: application/pidf+xml"), PIDF),
    ("OPTIONS", (), b""), ("REGISTER", ("Contact: *", "Expires: 0"), b""), ("BYE", (), b""), ("CANCEL", (), b""),
    ("ACK", (), b""), ("INFO", ("Content-Type: application/xml",), b"<KeyboardActivity/>"),
)
WORDS = (b"\r\n", b"\r\n\r\n", b"\0", b"\xff\xfe", b"%00", b";", b",", b"\"", b"<", b">", b":", b"sip:", b"=" * 50, b"a" * 700,
         b"Via: SIP/2.0/UDP x\r\n", b"Content-Length: 99999999999\r\n", b"Content-Length: -1\r\n", b"CSeq: 4294967296 X\r\n",
         b"k: a\r\n" * 60, b"\r\n\t \r\n\t", b"Max-Forwards: 0\r\n", b"Require: x\r\n", b"To: <sip:x>;tag=1\r\n", b"[::1", b"@")


def message(rng, transport, seed=None, call_id=None, host="192.0.2.1", port=9):
    """A well-formed request outside any dialog. host and port: where answers are told to go."""
    method, headers, body = seed or rng.choice(SEEDS)
    number = rng.randrange(1 << 60)
    lines = [f"{method} sip:ann@example.test SIP/2.0",
             f"Via: SIP/2.0/{transport} {host}:{port};branch=z9hG4bK{number:x};rport", "Max-Forwards: 70",
             f"From: <sip:bob@sip.test>;tag={number & 0xffffff:x}", "To: <sip:ann@example.test>",
             f"Call-ID: {call_id or f'{number:x}'}", f"CSeq: {rng.randrange(1, 1 << 30)} {method}", *headers,
             f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def bend(rng, data):
    """One to six wounds anywhere."""
    data = bytearray(data)
    for _ in range(rng.randrange(1, 7)):
        at = rng.randrange(len(data) + 1)
        kind = rng.randrange(7)
        if kind == 0 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            data[at:at] = rng.choice(WORDS)
        elif kind == 2:
            del data[at:at + rng.randrange(1, 20)]
        elif kind == 3:
            piece = data[at:at + rng.randrange(1, 80)]
            data[at:at] = piece * rng.randrange(1, 4)
        elif kind == 4:
            del data[at:]
        elif kind == 5 and at < len(data):
            data[at] = rng.randrange(256)
        else:  # two lines change places
            lines = bytes(data).split(b"\r\n")
            i, k = rng.randrange(len(lines)), rng.randrange(len(lines))
            lines[i], lines[k] = lines[k], lines[i]
            data = bytearray(b"\r\n".join(lines))
        if not data:
            data = bytearray(b"\r\n")
    return bytes(data[:60000])


def pool(seed, count, transport):
    """What one attacker has in stock: bent and unbent ones."""
    rng = random.Random(seed)
    stock = []
    for _ in range(count):
        whole = message(rng, transport)
        stock.append(whole if rng.random() < 0.1 else bend(rng, whole))
    return stock
