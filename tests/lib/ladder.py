# SPDX-License-Identifier: MIT
"""Both protocols side by side, a line for each message, as it happens: XMPP on the left of the bridge, SIP on its right."""

import datetime
import sys
import unicodedata

import sip_bodies
from sip_message import uri_of, user_of

WIDTH = 46  # of each half
BOLD, DIM, GREEN, RED, CYAN, PLAIN = "\033[1m", "\033[2m", "\033[32m", "\033[31m", "\033[36m", "\033[0m"


def _width(text):
    """Columns of a terminal; wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in text)


def _short(text, limit):
    if _width(text) <= limit:
        return text
    while _width(text) > limit - 1:
        text = text[:-1]
    return text + "…"


def _fit(text, limit):
    """Shortens what was said rather than who said it."""
    if _width(text) <= limit or "“" not in text:
        return _short(text, limit)
    before, _, rest = text.partition("“")
    said, _, after = rest.rpartition("”")
    return _short(f"{before}“{_short(said, max(4, limit - _width(before + after) - 2))}”{after}", limit)


def _one_line(text):
    return " ".join((text or "").split())


def _node(jid):
    return (jid or "").split("@")[0].split("/")[0]


def _child(element, name):
    return next((e for e in element if e.tag.rpartition("}")[2] == name), None)


def stanza_words(element):
    """(words, is it worth a bright line). None: not shown at all."""
    kind, who = element.tag.rpartition("}")[2], f"{_node(element.get('from'))} to {_node(element.get('to'))}"
    if kind == "iq":
        if "@" not in (element.get("from") or "") or "@" not in (element.get("to") or ""):
            return None
        asked = element.get("type") in ("get", "set")
        return ("ping: has it arrived?" if asked else "it has"), False
    if element.get("type") == "error":
        error = _child(element, "error")
        names = [e.tag.rpartition("}")[2] for e in error if e.tag.rpartition("}")[2] != "text"]
        return f"{kind} error {names[0] if names else ''}", True
    if kind == "presence":
        show = _child(element, "show")
        state = element.get("type") or (show.text if show is not None else "available")
        return f"presence {state}  ({who})", True
    if kind == "message":
        body = _child(element, "body")
        if body is not None:
            return f"message “{_one_line(body.text)}”  ({who})", True
        for element_name in ("composing", "paused", "active", "inactive", "gone", "received"):
            if _child(element, element_name) is not None:
                return f"message {element_name}  ({who})", True
    return None


def sip_words(message):
    """The same for a SIP message."""
    if message.is_response:
        if message.status == 100 or message.method == "OPTIONS":
            return None
        return f"{' '.join(message.start.split()[1:])}  ({message.method})", message.status >= 300
    if message.method == "OPTIONS":
        return None
    who = f"{user_of(uri_of(message.get('from')))} to {user_of(uri_of(message.get('to')))}"
    what = ""
    if message.method == "MESSAGE":
        typing = sip_bodies.read_typing(message.get("content-type"), message.body)
        what = f" “{_one_line(message.text())}”" if typing is None else f" is{'' if typing else ' not'} typing"
    elif message.method == "NOTIFY":
        state = message.get("subscription-state").split(";")[0]
        what = f" {state} {sip_bodies.read_presence(message.body) or ''}".rstrip()
    elif message.method == "SUBSCRIBE" and message.get("expires") == "0":
        what = " (ends)"
    return f"{message.method}{what}  ({who})", True


class Ladder:
    def __init__(self, out=sys.stdout):
        self.out = out
        self.colour = out.isatty()
        self.seen = set()
        self.shown = 0

    def _paint(self, colour, text):
        return f"{colour}{text}{PLAIN}" if self.colour else text

    def say(self, text="", colour=""):
        print(self._paint(colour, text) if colour else text, file=self.out, flush=True)

    def head(self, left, right):
        self.say(f"\n{'':14}{left:<{WIDTH}}{'Tombolo':^9}{right:>{WIDTH}}", BOLD)

    def act(self, number, text):
        self.say(f"\n{number}. {text}", BOLD + CYAN)

    def result(self, text, good=True):
        mark = "ok" if good else "FAILED"
        self.say(f"{'':14}{mark}: {text}", GREEN if good else RED)

    def on_xmpp(self, to_bridge, element):
        words = stanza_words(element)
        if words:
            self._line(words, left=True, rightward=to_bridge)

    def on_sip(self, to_bridge, message):
        key = (to_bridge, message.start, message.branch, message.get("cseq"), message.body)
        words = sip_words(message) if key not in self.seen else None  # a re-send is shown once
        if words:
            self.seen.add(key)
            self._line(words, left=False, rightward=not to_bridge)

    def _line(self, words, left, rightward):
        text, bright = words
        inside = WIDTH - 4
        text = _fit(text, inside - 2)
        line = "─" * (inside - _width(text) - 1)
        rail = f"{text} {line}▶" if rightward else f"◀{line} {text}"
        blank = " " * WIDTH
        half = f" {rail}  " if left else f"  {rail} "
        now = datetime.datetime.now().strftime("%H:%M:%S.%f")[:12]
        row = f"{now}  {half if left else blank}{'│':^9}{blank if left else half}".rstrip()
        self.shown += 1
        self.say(row, "" if bright else DIM)
