# SPDX-License-Identifier: MIT
"""`tombolo check` tells the truth about the surroundings: exit status 0 while all is well, 2 with words where it is not."""

import re

from e2e_case import case


ORDER = ("PASS", "SKIP", "WARN", "FAIL")
PARTS = ("config", "storage", "xmpp", "listen", "sip", "certificate", "route")


def verdicts(output):
    """{"route peer": "PASS", ...}; the worst where a name has several lines."""
    found = {}
    for name, word in re.findall(r"(?m)^(\S.*?) +(PASS|SKIP|WARN|FAIL) ", output):
        found[name] = max(found.get(name, "PASS"), word, key=ORDER.index)
    return found


async def checked(world, status, **expected):
    got, output = await world.daemon.command("check")
    found = verdicts(output)
    assert got == status, f"exit status {got}, not {status}:\n{output}"
    subjects = list(found)
    assert subjects == sorted(subjects, key=lambda s: PARTS.index(s.split()[0])), f"out of order:\n{output}"
    for name, verdict in expected.items():
        name = name.replace("_", " ")
        assert found.get(name) == verdict, f"{name} is {found.get(name)}, not {verdict}:\n{output}"
    return output


@case(profiles=("simple",))
async def check_before_and_while_it_runs(world):
    await checked(world, 0, config="PASS", listen="PASS", route_peer="PASS")
    await world.stop_daemon()
    await checked(world, 0, config="PASS", listen="PASS", xmpp="PASS", route_peer="PASS")
    await world.start_daemon()


@case(profiles=("simple",))
async def check_names_what_is_gone(world):
    await world.stop_daemon()
    await world.peer.stop()
    await checked(world, 2, xmpp="PASS", route_peer="FAIL")
    await world.peer.start()
    world.server.kill()
    output = await checked(world, 2, xmpp="FAIL", route_peer="PASS")
    assert "does it listen there" in output, output
    await world.start_server()
    await world.start_daemon()


@case(profiles=("simple",))
async def check_names_a_wrong_secret(world):
    await world.stop_daemon()
    secret = world.daemon.config.parent / "secret"
    right = secret.read_text()
    secret.write_text("wrong\n")
    output = await checked(world, 2, xmpp="FAIL", route_peer="PASS")
    assert "-> compare the secret" in output, output
    secret.write_text(right)
    await world.start_daemon()
