# SPDX-License-Identifier: MIT
"""Every message of a run with all that became of it, and the verdict on each.

A message ends in exactly one of these:
  confirmed  its sender was told that it arrived (receipt, SIP 2xx) and it was shown once
  failed     its sender was told that it did not arrive, and it did not
  unknown    its sender was told that it may have arrived, or his own SIP stack gave up on it
  cut        its sender was told nothing: it was in flight when a process or connection on its way was killed
  died       the XMPP server took it and was killed before it had handed it on to its user
  lost       none of these: silence, or a confirmation for something that was never shown
  false      its sender was told that it did not arrive, but it was shown"""

import dataclasses
import re
import time

VERDICTS = ("confirmed", "failed", "unknown", "cut", "died", "lost", "false")
TOKEN = re.compile(r"~([xs])-(\d+)-(\d+)-(\d+)~")
NOTICED_S = 0.3  # so long it takes until the other end of a connection has heard of its end
HANDED_ON_S = 2.0  # so long the XMPP server may take to hand on what it has taken


@dataclasses.dataclass
class Message:
    token: str
    direction: str  # x2s, s2x
    lane: tuple  # direction, XMPP user, SIP user
    number: int
    sent: float
    answers: list = dataclasses.field(default_factory=list)  # (verdict, words): what its sender was told
    answered: float = 0.0
    shown: list = dataclasses.field(default_factory=list)  # (time, identity): what its recipient saw
    written: int = 0  # times the daemon wrote it to the XMPP server
    cuts: list = dataclasses.field(default_factory=list)  # kills it was in flight at

    def answer(self, verdict, words=""):
        if not self.answers:
            self.answered = time.monotonic()
        if (verdict, words) not in self.answers:
            self.answers.append((verdict, words))

    @property
    def told(self):
        return self.answers[0][0] if self.answers else None


class Book:
    """limit: messages of each direction."""

    def __init__(self, limit):
        self.left = {"x2s": limit, "s2x": limit}
        self.messages, self.open, self.numbers = {}, {}, {}
        self.server_deaths = []  # when the XMPP server was killed
        self.cut_until = {}  # kind of cut -> messages sent until then were in flight too
        self.strangers = 0  # texts without a token: the daemon's own notices
        self.peer_deaths = []
        self.new_answer = None  # called with each message that has its first answer

    # -- what happens
    def write(self, direction, user, contact):
        """The next message of a lane; None when all are written."""
        if not self.left[direction]:
            return None
        self.left[direction] -= 1
        lane = (direction, user, contact)
        number = self.numbers[lane] = self.numbers.get(lane, 0) + 1
        token = f"~{direction[0]}-{user}-{contact}-{number}~"
        message = Message(token, direction, lane, number, time.monotonic())
        for kind, (until, directions) in self.cut_until.items():
            if direction in directions and message.sent < until:
                message.cuts.append(kind)
        self.messages[token] = self.open[token] = message
        return message

    def answer(self, token, verdict, words=""):
        message = self.messages.get(token)
        if message is None:
            return
        message.answer(verdict, words)
        if self.open.pop(token, None) and self.new_answer:
            self.new_answer(message)

    def show(self, text, identity):
        found = TOKEN.search(text)
        if not found:
            self.strangers += 1
            return
        self.messages[found.group(0)].shown.append((time.monotonic(), identity))

    def pass_to_server(self, text):
        for found in TOKEN.finditer(text):
            if found.group(1) == "s":
                self.messages[found.group(0)].written += 1

    def cut(self, kind, directions=("x2s", "s2x"), until=None):
        """A kill: whatever is without an answer now is in flight, and what is sent before the others have noticed."""
        for message in self.open.values():
            if message.direction in directions:
                message.cuts.append(kind)
        self.cut_until[kind] = (max(until or 0, time.monotonic() + NOTICED_S), directions)

    # -- what became of it
    def verdict(self, message):
        told, shown = message.told, bool(message.shown)
        if told is None:
            return "cut" if message.cuts else "lost"
        if told == "failed":
            return "false" if shown else "failed"
        if told == "confirmed" and not shown:
            return "died" if self._died_with_server(message) else "lost"
        return told

    def _died_with_server(self, message):
        return message.direction == "s2x" and any(
            message.answered - HANDED_ON_S < death < message.answered + HANDED_ON_S for death in self.server_deaths)

    def doubled(self, message):
        """Shown more often than the bridge may be blamed for not preventing: see `repeated`."""
        if len(message.shown) < 2:
            return False
        if message.direction == "s2x":
            return message.written > 1
        return len({identity for _, identity in message.shown}) > 1

    def repeated(self, message):
        """Shown twice by somebody else: a SIP user agent that was killed and met the very same request again, or an XMPP
        server that was killed and delivered a stored text again."""
        return len(message.shown) > 1 and not self.doubled(message)

    def disordered(self):
        """Confirmed messages that were first shown after a later one of their lane."""
        found, lanes = [], {}
        for message in self.messages.values():
            if message.told == "confirmed" and message.shown:
                lanes.setdefault(message.lane, []).append(message)
        for messages in lanes.values():
            latest = 0
            for message in sorted(messages, key=lambda m: m.shown[0][0]):
                if message.number < latest:
                    found.append(message)
                latest = max(latest, message.number)
        return found

    def contradicted(self):
        """Messages of which the sender was told two different things."""
        return [m for m in self.messages.values() if len({verdict for verdict, _ in m.answers}) > 1]

    def table(self):
        rows = {d: dict.fromkeys(("sent", *VERDICTS, "doubled", "repeated", "disordered", "contradicted"), 0)
                for d in ("x2s", "s2x")}
        for message in self.messages.values():
            row = rows[message.direction]
            row["sent"] += 1
            row[self.verdict(message)] += 1
            row["doubled"] += self.doubled(message)
            row["repeated"] += self.repeated(message)
        for message in self.disordered():
            rows[message.direction]["disordered"] += 1
        for message in self.contradicted():
            rows[message.direction]["contradicted"] += 1
        return rows

    def in_flight_at_kills(self):
        """The most that may be cut, in each direction."""
        return {d: sum(1 for m in self.messages.values() if m.direction == d and m.cuts) for d in ("x2s", "s2x")}

    def faults(self):
        """The messages that must not be: with the reason."""
        bad = [(self.verdict(m), m) for m in self.messages.values() if self.verdict(m) in ("lost", "false")]
        bad += [("doubled", m) for m in self.messages.values() if self.doubled(m)]
        return bad + [("disordered", m) for m in self.disordered()] + [("contradicted", m) for m in self.contradicted()]
