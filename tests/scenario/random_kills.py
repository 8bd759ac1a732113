#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""kill -9 at random moments while presence changes in both directions, again and again on one store.

    random_kills.py PATH-TO-TOMBOLO [KILLS, default 20] [SEED]

Afterwards: CSeq has only risen in each dialog; a dialog whose SUBSCRIBE was answered 200 is still there; every SIP watcher was
told what is true now; nobody was told again what he had for certain; our own subscriptions went on in their old dialogs."""

import pathlib
import random
import re
import secrets
import signal
import socket
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lib")]

import fake_xmpp  # noqa: E402
import sip_message  # noqa: E402
from private import Room, end_on_signals, free_port, tail  # noqa: E402

WATCHERS = 8
SHOWS = ["", "away", "xa", "dnd", "chat", "offline"]
PATIENCE_S = 20


class Wrong(Exception):
    pass


def check(good, words):
    if not good:
        raise Wrong(words)


class Dialog:
    """One subscription as the SIP peer sees it."""

    def __init__(self):
        self.cseq = 0  # of the daemon's last request
        self.branch = ""
        self.told = None  # show of the last NOTIFY that was answered 200
        self.notifies = 0


class World:
    def __init__(self, program, dice):
        self.program, self.dice = program, dice
        self.room = Room("kills")
        self.xmpp = fake_xmpp.FakeXmpp()
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.port = free_port()
        self.shows = {f"u{i}": "" for i in range(WATCHERS)}  # what each XMPP user says to his SIP friend
        self.watched = {}  # Call-ID -> Dialog: the daemon notifies
        self.ours = {}  # Call-ID -> [request headers of the daemon's SUBSCRIBE dialog, our CSeq, user]
        self.accepted = {}  # Call-ID -> status of our SUBSCRIBEs
        self.bodies = {}  # XMPP user -> the last presence the daemon showed him
        self.begun = 0  # SUBSCRIBEs of the daemon without a To tag
        self.config = self.room.path / "tombolo.conf"
        self.config.write_text(
            "node = 127.0.0.1\n"
            f"xmpp {{ server = 127.0.0.1:{self.xmpp.port}  component = gw.example.test  secret = scenario }}\n"
            f"sip {{ listen = {{ udp:127.0.0.1:{self.port} }} }}\n"
            "domain sip.test {\n  profile = simple\n  serves = { example.test }\n"
            f"  route peer {{ to = udp:127.0.0.1:{self.udp.getsockname()[1]} }}\n}}\n"
            f"storage {{ url = \"sqlite:{self.room.path}/tombolo.db\" }}\n")
        self.daemon = None

    # -- the daemon
    def start(self):
        self.daemon = self.room.start("daemon", [self.program, "serve", "-c", str(self.config)])
        check(self.pump(lambda: self.xmpp.up), "the daemon did not log in")

    def kill(self):
        self.daemon.send_signal(signal.SIGKILL)
        self.daemon.wait()
        self.xmpp.drop()

    def pump(self, until, patience=PATIENCE_S):
        end = time.monotonic() + patience
        while not until():
            left = end - time.monotonic()
            if left <= 0:
                return False
            check(self.daemon.poll() is None, f"the daemon ended with {self.daemon.returncode}")
            for sock in fake_xmpp.wait(self.xmpp.sockets() + [self.udp], min(left, 0.05)):
                if sock is self.udp:
                    self.take_sip()
                else:
                    self.xmpp.readable(sock)
                    while self.xmpp.stanzas:
                        self.take_stanza(self.xmpp.stanzas.pop(0))
        return True

    # -- the XMPP half
    def say(self, text):
        if self.xmpp.up:
            self.xmpp.send(text)

    def state(self, user):
        """What the server sends of the user's one resource."""
        show, to = self.shows[user], f"b{user[1:]}@gw.example.test"
        if show == "offline":
            return f"<presence type='unavailable' from='{user}@example.test/desk' to='{to}'/>"
        return f"<presence from='{user}@example.test/desk' to='{to}'>" + \
               (f"<show>{show}</show>" if show else "") + "</presence>"

    def take_stanza(self, stanza):
        if fake_xmpp.local(stanza.tag) != "presence":
            return
        user, kind = stanza.get("to").partition("@")[0], stanza.get("type")
        friend = stanza.get("from").partition("/")[0]
        if kind == "probe":
            self.say(self.state(user))
        elif kind == "subscribe":
            self.say(f"<presence type='subscribed' from='{user}@example.test' to='{friend}'/>" + self.state(user))
        elif kind in (None, "unavailable"):
            show = [child.text for child in stanza if fake_xmpp.local(child.tag) == "show"]
            self.bodies[user] = "offline" if kind else (show[0] if show else "")

    # -- the SIP half
    def send(self, message):
        self.udp.sendto(message.to_bytes(), ("127.0.0.1", self.port))

    def via(self):
        return ("Via", f"SIP/2.0/UDP 127.0.0.1:{self.udp.getsockname()[1]};branch=z9hG4bK{secrets.token_hex(8)};rport")

    def contact(self):
        return ("Contact", f"<sip:127.0.0.1:{self.udp.getsockname()[1]}>")

    def watch(self, number):
        call_id = f"watch-{number}-{secrets.token_hex(4)}"
        self.send(sip_message.SipMessage.request(
            "SUBSCRIBE", f"sip:u{number}@example.test",
            [self.via(), ("Max-Forwards", "70"), ("From", f"<sip:b{number}@sip.test>;tag=peer"),
             ("To", f"<sip:u{number}@example.test>"), ("Call-ID", call_id), ("CSeq", "1 SUBSCRIBE"),
             ("Event", "presence"), ("Expires", "3600"), self.contact()]))
        check(self.pump(lambda: call_id in self.accepted), "SUBSCRIBE was not answered")
        check(self.accepted[call_id] == 200, f"SUBSCRIBE was answered {self.accepted[call_id]}")

    def take_sip(self):
        message = sip_message.parse(self.udp.recv(65536))
        if message.is_response:
            if message.method == "SUBSCRIBE" and message.status >= 200:
                self.accepted[message.get("call-id")] = message.status
                self.watched.setdefault(message.get("call-id"), Dialog())
        elif message.method == "NOTIFY":
            self.take_notify(message)
        elif message.method == "SUBSCRIBE":
            self.take_subscribe(message)
        elif message.method != "ACK":
            self.send(message.answer(200, tag="peer"))

    def take_notify(self, message):
        dialog = self.watched.setdefault(message.get("call-id"), Dialog())
        cseq = int(message.get("cseq").split()[0])
        if message.branch != dialog.branch:
            check(cseq > dialog.cseq, f"CSeq {cseq} after {dialog.cseq} in {message.get('call-id')}")
            dialog.cseq, dialog.branch = cseq, message.branch
            dialog.notifies += 1
        self.send(message.answer(200))
        if message.body:
            show = re.search(r"<(?:\w+:)?show[^>]*>(\w+)<", message.text())
            dialog.told = "offline" if "open" not in message.text() else show.group(1) if show else ""

    def take_subscribe(self, message):
        """The peer's presence server: every subscription of the daemon is active at once."""
        call_id, user = message.get("call-id"), re.search(r"sip:(\w+)@", message.get("from")).group(1)
        new = sip_message.tag_of(message.get("to")) is None
        if not new and call_id not in self.ours:
            self.send(message.answer(481))
            return
        self.begun += new and call_id not in self.ours
        self.send(message.answer(200, headers=[("Expires", message.get("expires")), self.contact()], tag="pres"))
        self.ours.setdefault(call_id, [message, 0, user])
        self.publish(call_id)

    def publish(self, call_id, show="away"):
        message, cseq, user = self.ours[call_id]
        self.ours[call_id][1] = cseq + 1
        body = ("<presence xmlns='urn:ietf:params:xml:ns:pidf' entity='sip:x@sip.test'><tuple id='t'><status><basic>open"
                f"</basic><show xmlns='jabber:client'>{show}</show></status></tuple></presence>")
        to = message.get("to")
        self.send(sip_message.SipMessage.request(
            "NOTIFY", sip_message.uri_of(message.get("contact")),
            [self.via(), ("Max-Forwards", "70"),
             ("From", to if sip_message.tag_of(to) else to + ";tag=pres"), ("To", message.get("from")),
             ("Call-ID", message.get("call-id")), ("CSeq", f"{cseq + 1} NOTIFY"), ("Event", "presence"),
             ("Subscription-State", "active;expires=3600"), ("Content-Type", "application/pidf+xml"), self.contact()], body))

    # -- the story
    def change(self):
        user = self.dice.choice(list(self.shows))
        self.shows[user] = self.dice.choice(SHOWS)
        self.say(self.state(user))

    def watcher_of(self, user):
        return next(d for c, d in self.watched.items() if c.startswith(f"watch-{user[1:]}-"))

    def all_told(self):
        return all(self.watcher_of(user).told == show for user, show in self.shows.items())

    def close(self):
        self.room.close()
        self.xmpp.close()
        self.udp.close()


def play(world, kills):
    world.start()
    for i in range(WATCHERS):
        world.watch(i)
        world.say(f"<presence type='subscribe' from='u{i}@example.test' to='b{i}@gw.example.test'/>")
    check(world.pump(world.all_told), "the first states were not told")
    check(world.pump(lambda: len(world.bodies) == WATCHERS), "the SIP users were not seen")
    check(world.begun == WATCHERS, f"{world.begun} subscriptions for {WATCHERS} contacts")
    for _ in range(kills):
        end = time.monotonic() + world.dice.uniform(0, 0.8)
        while time.monotonic() < end:
            world.change()
            world.pump(lambda: False, world.dice.uniform(0, 0.05))
        world.kill()
        for _ in range(world.dice.randrange(3)):
            world.change()  # unseen by a daemon that is not there
        world.start()
    check(world.pump(world.all_told), "not every watcher has the state of now: " + repr(
        {u: (s, world.watcher_of(u).told) for u, s in world.shows.items() if world.watcher_of(u).told != s}))
    check(len(world.watched) == WATCHERS, "a dialog was lost")


def still(world):
    """Two quiet restarts: nobody hears what he knows; then our own subscriptions have gone on."""
    for _ in range(2):
        world.pump(lambda: False, 6.0)  # past the merging; the last digests are on disk
        before = {c: d.notifies for c, d in world.watched.items()}
        world.kill()
        world.bodies.clear()
        world.start()
        check(world.pump(lambda: len(world.bodies) >= sum(s != "offline" for s in world.shows.values())),
              f"after a restart only {sorted(world.bodies)} see their contacts")
        world.pump(lambda: False, 1.0)
        again = [c for c, d in world.watched.items() if d.notifies != before[c]]
        check(not again, f"told again what they had: {again}")
    begun, user = world.begun, next(iter(world.shows))
    world.shows[user] = "xa" if world.shows[user] == "dnd" else "dnd"
    at = time.monotonic()
    world.say(world.state(user))
    check(world.pump(world.all_told), "a change after the restart was not told")
    return begun, time.monotonic() - at


def main():
    end_on_signals()
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 30)
    world = World(str(pathlib.Path(sys.argv[1]).resolve()), random.Random(seed))
    try:
        play(world, kills)
        begun, seconds = still(world)
        print(f"passed {kills} random kills: CSeq rose, all were told the truth; {begun} SUBSCRIBEs for {WATCHERS} contacts; "
              f"first change after a restart in {seconds * 1000:.0f} ms")
        print("1 passed, 0 failed")
        return 0
    except Wrong as wrong:
        print(f"FAILED (seed {seed}): {wrong}\n{tail(world.daemon.log_path, 30)}")
        print("0 passed, 1 failed")
        return 1
    finally:
        world.close()


if __name__ == "__main__":
    sys.exit(main())
