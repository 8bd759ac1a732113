# SPDX-License-Identifier: MIT
"""The bodies a SIP user agent of either dialect writes, and a lenient reader of what it is told."""

import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

PIDF_TYPE = "application/pidf+xml"
TEXT_TYPE = "text/plain; charset=UTF-8"
COMPOSING_TYPE = "application/im-iscomposing+xml"
KEYBOARD_TYPE = "application/xml"
WORDS = ("available", "away", "busy", "offline")


def lync_pidf(entity, word):
    """One tuple, activities as text inside the status (the draft of RFC 4480)."""
    activity = f"<ep:activities><ep:activity>{word}</ep:activity></ep:activities>" if word in ("away", "busy") else ""
    basic = "closed" if word == "offline" else "open"
    return ('<?xml version="1.0" encoding="UTF-8"?>\r\n<presence xmlns="urn:ietf:params:xml:ns:pidf" '
            'xmlns:ep="urn:ietf:params:xml:ns:pidf:status:rpid-status" xmlns:ci="urn:ietf:params:xml:ns:pidf:cipid" '
            f'entity={quoteattr(entity)}><tuple id="t0"><status><basic>{basic}</basic>{activity}</status></tuple>'
            '<ci:display-name>Bob Brown</ci:display-name></presence>')


def simple_pidf(entity, word, note=""):
    """RFC 3863 with the person of RFC 4479 and the activities of RFC 4480."""
    basic = "closed" if word == "offline" else "open"
    person = ""
    if word in ("away", "busy"):
        person = f'<dm:person id="p1"><rpid:activities><rpid:{word}/></rpid:activities></dm:person>'
    text = f"<note>{escape(note)}</note>" if note else ""
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<presence xmlns="urn:ietf:params:xml:ns:pidf" '
            'xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" '
            f'entity={quoteattr(entity)}><tuple id="phone"><status><basic>{basic}</basic></status>{text}</tuple>'
            f'{person}</presence>')


def keyboard(on):
    return ('<?xml version="1.0"?><KeyboardActivity><status status="%s" /></KeyboardActivity>'
            % ("type" if on else "idle"))


def composing(on):
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing">'
            f'<state>{"active" if on else "idle"}</state><contenttype>text/plain</contenttype></isComposing>')


def sdp(media="message"):
    return ("v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m={media} 5060 sip null\r\na=accept-types:text/plain \r\n")


def _local(element):
    return element.tag.rpartition("}")[2]


def read_presence(body):
    """What a person would see: one of WORDS, or None for a document that says nothing."""
    if not body.strip():
        return None
    root = ET.fromstring(body)
    basics = [e.text.strip() for e in root.iter() if _local(e) == "basic" and e.text]
    if not basics:
        return None
    if "open" not in basics:
        return "offline"
    said = {_local(e) for parent in root.iter() if _local(parent) == "activities" for e in parent}
    said |= {(e.text or "").strip() for e in root.iter() if _local(e) in ("activity", "show")}
    if said & {"busy", "dnd"}:
        return "busy"
    return "away" if said & {"away", "xa"} else "available"


def read_typing(content_type, body):
    """True, False, or None where the body is not about typing."""
    kind = content_type.split(";")[0].strip().lower()
    if kind == COMPOSING_TYPE:
        states = [(e.text or "").strip() for e in ET.fromstring(body).iter() if _local(e) == "state"]
        return bool(states) and states[0] == "active"
    if kind == KEYBOARD_TYPE and b"KeyboardActivity" in body:
        return any(e.get("status") == "type" for e in ET.fromstring(body).iter())
    return None
