# SPDX-License-Identifier: MIT
"""The seeded schedule of what goes wrong. Three mischief-makers work at the same time: one at the XMPP server and the
component link, one at the SIP side, one at the daemon."""

import asyncio
import os
import random
import signal
import time

MEAN_PAUSE_S = 5.0


class Mischief:
    """counts: how often each kind was done."""

    def __init__(self, world, seed):
        self.world, self.counts, self.history = world, {}, []
        self.random = {who: random.Random(f"{seed} {who}") for who in ("xmpp", "sip", "daemon")}
        self.tasks = []

    def start(self):
        kinds = {
            "xmpp": ((3, self.xmpp_killed), (2, self.xmpp_restarted), (4, self.xmpp_stalled), (4, self.link_cut)),
            "sip": ((3, self.sip_killed), (4, self.sip_stalled), (4, self.sip_cut)),
            "daemon": ((4, self.daemon_killed), (3, self.daemon_restarted), (4, self.daemon_stalled)),
        }
        self.tasks = [asyncio.ensure_future(self._work(who, *zip(*kinds[who]))) for who in kinds]

    async def stop(self):
        """Whatever is being done is undone first."""
        self.stopping = True
        for task in self.tasks:
            await task

    stopping = False

    async def _work(self, who, weights, faults):
        chance = self.random[who]
        while not self.stopping:
            until = time.monotonic() + min(chance.expovariate(1 / MEAN_PAUSE_S), 3 * MEAN_PAUSE_S) + 0.5
            while time.monotonic() < until:
                if self.stopping:
                    return
                await asyncio.sleep(0.1)
            fault = chance.choices(faults, weights)[0]
            self.counts[fault.__name__] = self.counts.get(fault.__name__, 0) + 1
            self.history.append((time.time(), fault.__name__))
            await fault(chance)

    # -- at the XMPP server
    async def _xmpp_away(self, end, chance):
        w = self.world
        w.book.cut(end.__name__ + " xmpp")
        w.book.server_deaths.append(time.monotonic())
        await in_thread(end)
        w.book.cut(end.__name__ + " xmpp")
        w.book.server_deaths.append(time.monotonic())
        await asyncio.sleep(chance.uniform(0, 3))
        w.server.launch()
        await in_thread(w.server.wait_ready)

    async def xmpp_killed(self, chance):
        await self._xmpp_away(self.world.server.kill, chance)

    async def xmpp_restarted(self, chance):
        await self._xmpp_away(self.world.server.stop, chance)

    async def xmpp_stalled(self, chance):
        await self._stalled(self.world.server.process, chance.uniform(0.3, 6))

    async def link_cut(self, chance):
        self.world.book.cut("link")
        self.world.proxy.cut(chance.choice((0, 0, 1, 3)))

    async def _stalled(self, process, seconds):
        """A connection that is cut meanwhile is noticed only afterwards."""
        os.killpg(process.pid, signal.SIGSTOP)
        await asyncio.sleep(seconds)
        os.killpg(process.pid, signal.SIGCONT)
        for kind, (until, directions) in list(self.world.book.cut_until.items()):
            if until > time.monotonic() - seconds:
                self.world.book.cut(kind, directions)

    # -- at the SIP side
    async def sip_killed(self, chance):
        """Its own users' texts die with it; those of the XMPP users do not."""
        w = self.world
        w.book.cut("sip", ("s2x",))
        w.book.peer_deaths.append(time.monotonic())
        await w.peer.kill()
        await asyncio.sleep(chance.uniform(0.1, 4))
        await w.peer.start()

    async def sip_stalled(self, chance):
        self.world.peer.endpoint.freeze()
        await asyncio.sleep(chance.choice((0.5, 2, 4, 8)))
        self.world.peer.endpoint.thaw()

    async def sip_cut(self, chance):
        """TCP: every connection is reset. UDP: half of all datagrams are lost for a while."""
        endpoint = self.world.peer.endpoint
        endpoint.cut_streams()
        endpoint.loss = 0.5
        await asyncio.sleep(chance.uniform(0.5, 3))
        endpoint.loss = 0.0

    # -- at the daemon
    async def daemon_killed(self, chance):
        w = self.world
        w.book.cut("daemon")
        await in_thread(w.daemon.kill)
        w.book.cut("daemon")
        await asyncio.sleep(chance.uniform(0, 2))
        await self._daemon_back()

    async def daemon_restarted(self, chance):
        """In good order: no reason to be silent about anything."""
        await in_thread(self.world.daemon.stop)
        await asyncio.sleep(chance.uniform(0, 1))
        await self._daemon_back()

    async def _daemon_back(self):
        self.world.daemon.launch()
        await asyncio.sleep(0.3)
        assert self.world.daemon.alive(), "the daemon did not come back"

    async def daemon_stalled(self, chance):
        await self._stalled(self.world.daemon.process, chance.uniform(0.3, 5))


async def in_thread(function):
    await asyncio.get_running_loop().run_in_executor(None, function)
