#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The play of quickstart.sh: a private Prosody, Tombolo and a private Kamailio with a real phone (baresip) and a scripted one.
Ann (XMPP) and Bob and Carol (SIP) add each other, see each other's presence, chat and type; both protocols are shown as they
happen. Then it stays up for your own clients; with --once it ends with 0 or 1.

  quickstart_play.py BUILD-FOLDER [--once]"""

import argparse
import asyncio
import functools
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from baresip_phone import Baresip  # noqa: E402
from inbox import Missing  # noqa: E402
from kamailio_server import Kamailio  # noqa: E402
from ladder import Ladder  # noqa: E402
from private import Failed, Room, end_on_signals, free_port, tail  # noqa: E402
from prosody_server import Prosody  # noqa: E402
from sip_user import SipPeer  # noqa: E402
from tombolo_daemon import Tombolo  # noqa: E402
from wire_tap import WireTap  # noqa: E402
from xmpp_user import XmppUser, body_of, show_of  # noqa: E402

XMPP_HOST, COMPONENT, SIP_DOMAIN = "xmpp.example", "sip.xmpp.example", "phones.example"
BOB, CAROL = f"bob@{COMPONENT}", f"carol@{COMPONENT}"


class Stage:
    """The servers and the actors."""

    def __init__(self, room, build, ladder):
        self.room, self.build, self.ladder = room, build, ladder
        self.failures = 0

    def start_servers(self):
        say = self.ladder.say
        self.prosody = Prosody(self.room, XMPP_HOST, COMPONENT, "quickstart", ["ann", "you"], quota=1000)
        self.prosody.start()
        say(f"Prosody    {XMPP_HOST}, component {COMPONENT} on port {self.prosody.component_port}")
        registrar = free_port()  # the bridge's route, known before Kamailio is, which needs the bridge's port
        self.bridge = Tombolo(self.room, self.build, self.prosody, SIP_DOMAIN, f"udp:127.0.0.1:{registrar}", "simple")
        self.kamailio = Kamailio(self.room, SIP_DOMAIN, XMPP_HOST, self.bridge.port, port=registrar)
        self.kamailio.start()
        say(f"Kamailio   {SIP_DOMAIN}: registrar and presence server on port {self.kamailio.port}")
        self.bridge.start()
        say(f"Tombolo    SIP on port {self.bridge.port}, configuration {self.bridge.config}")

    async def enter_actors(self):
        self.tap = WireTap(self.bridge.port, self.prosody.component_port, self.ladder.on_sip, self.ladder.on_xmpp)
        try:
            self.tap.start()
        except PermissionError:
            self.tap = None
            self.ladder.say("(not allowed to watch loopback, so no ladder is shown)")
        self.phones = SipPeer(SIP_DOMAIN, "simple", ("udp", ("127.0.0.1", self.kamailio.port)), ("carol",))
        await self.phones.start()
        self.carol = self.phones.users["carol"]
        await self.carol.register()
        await self.carol.announce("available")
        self.ann = await XmppUser(self.prosody, "ann", "laptop").connect()

    async def ring_bob(self):
        self.bob = await Baresip(self.room, "bob", SIP_DOMAIN, self.kamailio.port, self.ann.bare).start()

    async def leave(self):
        if getattr(self, "bob", None):
            await self.bob.stop()
        self.ann.drop()
        await self.phones.stop()
        if self.tap:
            self.tap.stop()

    async def check(self, what, coroutine):
        """One promise of the play: waits for it and says whether it was kept."""
        try:
            got = await coroutine
            self.ladder.result(what)
            return got
        except (Missing, AssertionError, Failed) as error:
            self.failures += 1
            self.ladder.result(f"{what}: {error}", good=False)
            return None


async def act_add(s):
    s.ladder.act(1, "Bob's phone comes up and watches Ann; she allows it and adds Bob and Carol")
    await s.ring_bob()
    await s.check("Ann is asked whether Bob may see her", s.ann.expect_presence("subscribe", BOB))
    s.ann.presence(kind="subscribed", to=BOB)
    await s.check("Bob's phone shows Ann online", s.bob.expect_contact("Online"))
    for name, jid in (("Bob", BOB), ("Carol", CAROL)):
        s.ann.presence(kind="subscribe", to=jid)
        await s.check(f"{name} allows Ann", s.ann.expect_presence("subscribed", jid))
        await s.check(f"Ann sees {name} online", s.ann.expect_presence("available", jid))
    await s.carol.subscribe(f"sip:{s.ann.bare}")
    await s.check("Ann is asked whether Carol may see her", s.ann.expect_presence("subscribe", CAROL))
    s.ann.presence(kind="subscribed", to=CAROL)
    await s.check("Carol sees Ann online", s.carol.expect_notify("available"))


async def act_presence(s):
    s.ladder.act(2, "Presence: away, busy, offline")
    for show, word, name in (("away", "away", "away"), ("dnd", "busy", "busy"), (None, "available", "online again")):
        s.ann.presence(show=show)
        await s.check(f"Carol sees Ann {name}", s.carol.expect_notify(word, timeout=12))
        if word == "busy":
            await s.check("Bob's phone shows Ann busy", s.bob.expect_contact("Busy"))
    for word, show in (("away", "away"), ("busy", "dnd"), ("offline", "unavailable"), ("available", "available")):
        await s.carol.announce(word)
        await s.check(f"Ann sees Carol {word}", s.ann.expect_presence(show, CAROL))


async def act_chat(s):
    s.ladder.act(3, "Chat with a real phone")
    s.ann.chat(BOB, "Lunch at noon?")
    await s.check("Bob's phone shows it", s.bob.expect_text("Lunch at noon?"))
    await s.bob.message("Sure, at the harbour")
    await s.check("Ann reads the answer", s.ann.expect_chat("Sure, at the harbour", BOB))


async def act_typing(s):
    s.ladder.act(4, "Typing and a receipt")
    s.ann.chat_state(CAROL, "composing")
    ident = s.ann.chat(CAROL, "Hello Carol, 你好 🌊", receipt=True)
    await s.check("Carol reads it", s.carol.expect_text("Hello Carol, 你好 🌊"))
    await s.check("Ann gets the receipt", s.ann.expect_receipt(ident))
    await s.carol.typing(f"sip:{s.ann.bare}", True)
    await s.check("Ann sees Carol type", s.ann.expect_state("composing", CAROL))
    await s.carol.page(f"sip:{s.ann.bare}", "Hello Ann")
    await s.check("Ann reads it", s.ann.expect_chat("Hello Ann", CAROL))
    s.ann.chat_state(CAROL, "composing")
    await s.check("Carol sees Ann type", s.carol.expect_typing(True))
    s.ann.chat_state(CAROL, "paused")
    await s.check("Carol sees Ann pause", s.carol.expect_typing(False))


async def act_errors(s):
    s.ladder.act(5, "Nothing is lost in silence")
    ident = s.ann.chat(f"nobody@{COMPONENT}", "Anyone there?")
    answer = await s.check("Ann is told that nobody is not there", s.ann.expect_error(ident))
    if answer:
        s.ladder.say(f"{'':18}{answer[0]}: {answer[1]}")

    async def refused():
        status = await s.carol.page(f"sip:nobody@{XMPP_HOST}", "Anyone there?")
        assert status == 480, f"the answer was {status}"
    await s.check("Carol's phone is told the same with 480", refused())


async def act_goodbye(s):
    s.ladder.act(6, "Ann logs out")
    s.ann.presence(kind="unavailable")
    await s.check("Carol sees Ann offline", s.carol.expect_notify("offline", timeout=12))
    await s.check("Bob's phone shows Ann offline", s.bob.expect_contact("Offline"))


def invitation(s):
    return f"""
Now it is yours (Ctrl-C ends everything):

  XMPP client   server 127.0.0.1, port {s.prosody.c2s_port}, no encryption (allow a plain password)
                account you@{XMPP_HOST}, password pw
  SIP phone     registrar and outbound proxy sip:127.0.0.1:{s.kamailio.port} (UDP), presence by its server
                account you@{SIP_DOMAIN}, any password

  As XMPP user add {CAROL} (she answers every text) and {BOB}.
  As SIP user add sip:ann@{XMPP_HOST} (she allows everybody and answers every text).
  Your two selves: you@{COMPONENT} from XMPP, sip:you@{XMPP_HOST} from SIP.

  Logs and configurations: {s.room.path}
"""


def answer_xmpp(s, stanza):
    """Ann, unattended."""
    if stanza.name == "presence" and show_of(stanza) == "subscribe":
        s.ann.presence(kind="subscribed", to=stanza["from"].bare)
    if stanza.name == "message" and stanza.xml.get("type") != "error" and body_of(stanza):
        s.ann.chat(stanza["from"].bare, f"Ann heard: {body_of(stanza)}")


def answer_sip(s, event):
    """Carol, unattended."""
    if event.kind == "text":
        asyncio.ensure_future(s.carol.page(event.sender, f"Carol heard: {event.text}"))


async def stay_up(s):
    s.ann.inbox.put = functools.partial(answer_xmpp, s)
    s.carol.inbox.put = functools.partial(answer_sip, s)
    s.ann.presence()
    await s.carol.announce("available")
    s.ladder.say(invitation(s))
    while s.bridge.alive():
        await asyncio.sleep(1)
    raise Failed(f"Tombolo has ended:\n{tail(s.bridge.log_path)}")


async def play(s, once):
    await s.enter_actors()
    try:
        s.ladder.head("Ann, Prosody (XMPP)", "(SIP) Kamailio, Bob, Carol")
        for act in (act_add, act_presence, act_chat, act_typing, act_errors, act_goodbye):
            await act(s)
        if not once:
            await stay_up(s)
    finally:
        await s.leave()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--once", action="store_true")
    options = parser.parse_args()
    end_on_signals()
    ladder = Ladder()
    room = Room("quickstart")
    stage = Stage(room, options.build, ladder)
    try:
        stage.start_servers()
        asyncio.run(play(stage, options.once))
        stage.bridge.stop()
    except KeyboardInterrupt:
        ladder.say("\nending what was started")
        return 0 if not options.once else 130
    except (Failed, AssertionError, OSError) as error:
        ladder.say(f"\n{error}")
        return 1
    finally:
        room.close()
    ladder.say(f"\n{'Everything crossed.' if not stage.failures else f'{stage.failures} promises were not kept.'}"
               f" {ladder.shown} messages shown. Everything that was started is stopped.")
    return 1 if stage.failures else 0


if __name__ == "__main__":
    sys.exit(main())
