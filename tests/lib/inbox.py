# SPDX-License-Identifier: MIT
"""What somebody received, in order. Tests wait for the next entry that fits; nothing is polled and nothing sleeps for luck."""

import asyncio


class Missing(AssertionError):
    """An expected thing did not come."""


class Inbox:
    def __init__(self, owner):
        self.owner = owner
        self.entries = []
        self.waiters = []

    def put(self, entry):
        for waiter in self.waiters:
            fits, future = waiter
            if not future.done() and fits(entry):
                future.set_result(entry)
                self.waiters.remove(waiter)
                return
        self.entries.append(entry)

    def take(self, fits):
        """The first entry that fits, removed; None if there is none."""
        for i, entry in enumerate(self.entries):
            if fits(entry):
                return self.entries.pop(i)
        return None

    async def expect(self, fits, what, timeout=5.0):
        """The first entry that fits, now or within `timeout` seconds; it is removed."""
        entry = self.take(fits)
        if entry is not None:
            return entry
        future = asyncio.get_running_loop().create_future()
        self.waiters.append((fits, future))
        try:
            return await asyncio.wait_for(future, timeout)
        except asyncio.TimeoutError:
            self.waiters = [w for w in self.waiters if w[1] is not future]
            there = "; ".join(str(e)[:160] for e in self.entries[-6:]) or "nothing else"
            raise Missing(f"{self.owner} did not get {what} within {timeout} s (has: {there})") from None

    async def nothing(self, fits, what, seconds):
        """Fails if something that fits is there or comes within `seconds`."""
        try:
            entry = await self.expect(fits, what, seconds)
        except Missing:
            return
        raise AssertionError(f"{self.owner} got {what}: {str(entry)[:300]}")

    def clear(self):
        self.entries.clear()
