#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Reads the #includes and holds the house to its plan: arrows point downward, third-party headers stay in their room, file
names are unique, files and functions keep a size that can be read.

  arrows.py [--edges]      run at the root of the tree; --edges prints which folder includes which, for the curious
One line for each fault; ends with `N passed, N failed`."""

import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROOMS = ("component", "xmppside", "sipside", "mapping")

# From top to bottom. A file belongs to the longest prefix that fits it; it may include what stands in its own line or below.
# Folders in one line are siblings that do not know each other.
LAYERS = (
    ("component/main.c",),
    ("component/command_", "component/serve"),
    ("component/bridge",),
    ("component/operate/check",),  # `tombolo check` turns a loop of its own
    ("component/loop",),
    ("component/presence/",),
    ("component/chat/",),
    ("component/operate/",),
    ("component/",),
    ("component/config/",),
    ("component/store/",),
    ("xmppside/", "sipside/"),
    ("xmppside/feature/", "sipside/usage/"),
    ("sipside/uas/",),
    ("sipside/locate/",),
    ("sipside/transaction/",),
    ("sipside/transport/",),
    ("xmppside/syntax/", "sipside/syntax/"),
    ("xmppside/xmppside.h", "sipside/sipside.h"),  # a door's words may be used behind the door
    ("mapping/",),
    ("mapping/base/",),
)
# Who in the tree may look through a side's door, and only through the door.
DOORS = {"xmppside": "xmppside/xmppside.h", "sipside": "sipside/sipside.h"}

# Third-party headers and the only places for them; everything else must be of the C library or of the kernel.
THIRD_PARTY = {
    r"strophe\.h": ("xmppside/",),
    r"sofia-(sip|resolv)/.*": ("sipside/",),
    r"ares.*\.h": ("sipside/locate/",),
    r"openssl/.*": ("sipside/", "xmppside/"),
    r"sqlite3\.h": ("component/store/", "component/version.c"),
    r"confuse\.h": ("component/config/", "component/version.c"),
    r"systemd/.*": ("component/",),
    r"expat\.h": ("mapping/", "xmppside/syntax/", "xmppside/"),
    r"(stringprep|idna|idn2|punycode)\.h": ("mapping/",),
    r"uv\.h": ("component/", "xmppside/", "sipside/"),
    r"uthash\.h": ("mapping/base/",),
}
C_LIBRARY = re.compile(r"(assert|ctype|endian|errno|fcntl|fenv|float|getopt|iconv|inttypes|limits|locale|malloc|math|netdb|poll|pthread|pwd|"
                       r"setjmp|signal|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|"
                       r"strings|syslog|time|unistd|wchar)\.h|(sys|net|netinet|arpa|linux)/.*")
PURE = re.compile(r"component/\w+/\w+_rules\.[ch]")  # a record's pure twin: mapping/ and helpers that are as pure

FILE_LINES_PROMPT, FUNCTION_PROMPT, FUNCTION_LIMIT = 400, 60, 80


def sources(*folders):
    for folder in folders:
        yield from sorted(p for p in (ROOT / folder).rglob("*.[ch]"))


def layer_of(path):
    """(line in LAYERS, prefix)."""
    fits = [(len(prefix), number, prefix) for number, line in enumerate(LAYERS) for prefix in line
            if path.startswith(prefix)]
    _, number, prefix = max(fits)
    return number, prefix


def includes(path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r"\s*#\s*include\s*([<\"])([^>\"]+)", line)
        if match:
            yield number, match.group(1), match.group(2)


def check_own(name, target):
    """Why `name` may not include our own header `target`; None if it may."""
    if not (ROOT / target).is_file():
        return f"{target} does not exist (paths are from the root)"
    room = target.split("/")[0]
    if room in DOORS and not name.startswith(room + "/") and target != DOORS[room]:
        return f"{target} lies behind the door {DOORS[room]}"
    here, own = layer_of(name)
    there, other = layer_of(target)
    if there < here:
        return f"upward: {own} must not know {other} ({target})"
    if there == here and own != other:
        return f"sideways: {own} and {other} do not know each other ({target})"
    if PURE.fullmatch(name):
        impure = [f for f in closure(target) if not f.startswith(("mapping/", name.rpartition("/")[0] + "/"))]
        if impure:
            return f"rules are pure, but {target} leads to {impure[0]}"
    return None


def closure(target, seen=None):
    """Our own headers that `target` brings along, itself included; third-party ones by their name in brackets."""
    seen = set() if seen is None else seen
    if target in seen or not (ROOT / target).is_file():
        return seen
    seen.add(target)
    for _, kind, other in includes(ROOT / target):
        if kind == '"':
            closure(other, seen)
        elif not C_LIBRARY.fullmatch(other):
            seen.add(f"<{other}>")
    return seen


def check_foreign(name, target):
    for pattern, places in THIRD_PARTY.items():
        if re.fullmatch(pattern, target):
            return None if name.startswith(places) else f"<{target}> belongs to {' and '.join(places)}"
    return None if C_LIBRARY.fullmatch(target) else f"<{target}> is no header the plan knows"


def arrow_faults():
    for path in sources(*ROOMS):
        name = str(path.relative_to(ROOT))
        for number, kind, target in includes(path):
            fault = check_own(name, target) if kind == '"' else check_foreign(name, target)
            if fault:
                yield f"{name}:{number}: {fault}"


def cycle_faults():
    """Headers that include each other in a ring."""
    graph = {str(p.relative_to(ROOT)): [t for _, kind, t in includes(p) if kind == '"'] for p in sources(*ROOMS)
             if p.suffix == ".h"}
    done, path = set(), []

    def visit(name):
        if name in path:
            yield " -> ".join(path[path.index(name):] + [name])
        if name in done or name in path:
            return
        path.append(name)
        for target in graph.get(name, ()):
            yield from visit(target)
        path.pop()
        done.add(name)

    for name in sorted(graph):
        yield from visit(name)


def name_faults():
    seen = collections.defaultdict(list)
    for path in sources(*ROOMS, "tests"):
        seen[path.name].append(str(path.relative_to(ROOT)))
    for name, places in sorted(seen.items()):
        if len(places) > 1:
            yield f"{name} exists more than once: {', '.join(places)}"


def functions(path):
    """(first line, length, signature) of each function: its braces stand in the first column."""
    lines = path.read_text().splitlines()
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start:
            yield start, number - start - 1, lines[start - 2].strip()
            start = None


def size_faults():
    for path in sources(*ROOMS):
        for start, length, signature in functions(path):
            if length > FUNCTION_LIMIT:
                yield f"{path.relative_to(ROOT)}:{start}: {length} lines in one function ({signature})"


def licence_faults():
    for path in sources(*ROOMS, "tests"):
        if not path.read_text().startswith("/* SPDX-License-Identifier: MIT */"):
            yield f"{path.relative_to(ROOT)}: no licence line"


def report():
    """Not faults: what a reader might want to look at again."""
    lengths, long_files = [], []
    for path in sources(*ROOMS):
        lines = len(path.read_text().splitlines())
        if lines > FILE_LINES_PROMPT:
            long_files.append(f"{path.relative_to(ROOT)} ({lines})")
        for start, length, _ in functions(path):
            lengths.append(length)
            if length > FUNCTION_PROMPT:
                print(f"long function: {path.relative_to(ROOT)}:{start} has {length} lines")
    for name in long_files:
        print(f"long file: {name}")
    lengths.sort()
    if lengths:
        print(f"{len(lengths)} functions: median {lengths[len(lengths) // 2]} lines, nine in ten under "
              f"{lengths[len(lengths) * 9 // 10] + 1}, longest {lengths[-1]}")


def print_edges():
    edges = collections.Counter()
    for path in sources(*ROOMS):
        name = str(path.relative_to(ROOT))
        for _, kind, target in includes(path):
            if kind == '"' and (ROOT / target).is_file() and layer_of(name) != layer_of(target):
                edges[layer_of(name), layer_of(target)] += 1
    for (here, there), count in sorted(edges.items()):
        print(f"{here[1]:24} -> {there[1]:24} {count}")


def main():
    if "--edges" in sys.argv:
        print_edges()
        return 0
    passed = failed = 0
    for what, faults in (("arrows", arrow_faults()), ("no rings of headers", cycle_faults()),
                         ("unique file names", name_faults()), ("size of functions", size_faults()),
                         ("licence lines", licence_faults())):
        found = list(faults)
        passed, failed = (passed, failed + 1) if found else (passed + 1, failed)
        print(f"{'failed ' if found else 'passed '} {what}")
        for fault in found:
            print(f"    {fault}")
    report()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
