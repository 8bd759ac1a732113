# SPDX-License-Identifier: MIT
"""How a test is declared: @case(...) above a coroutine that gets a World."""

from bridge_world import World

BOTH = ("lync", "simple")
CASES = []


class Skipped(Exception):
    """The test cannot be run here; the words say what is missing."""


class Case:
    def __init__(self, function, servers, profiles, options):
        self.function, self.servers, self.profiles, self.options = function, servers, profiles, options
        self.name = function.__name__
        self.notes = []  # measured, shown on the test's line

    async def run(self, lane, profile):
        self.notes.clear()
        options = {"release": False, **self.options}
        build = lane.options.build
        if options.pop("release") and lane.options.release:
            build = lane.options.release
        async with World(lane.room, build, lane.server, lane.names, profile, **options) as world:
            world.note, world.long, world.build = self.notes.append, lane.options.long, build
            world.sanitized = world.daemon.sanitized()
            await self.function(world)


def case(servers=("prosody", "ejabberd"), profiles=BOTH, **options):
    """options go to World (transport, options, limits, sip_users); release=True: measured, so without sanitizers."""
    def declare(function):
        CASES.append(Case(function, servers, profiles, options))
        return function
    return declare
