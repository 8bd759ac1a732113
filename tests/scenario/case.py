# SPDX-License-Identifier: MIT
"""Reads a scenario: settings first, then steps. README.md beside this file explains the language."""

import dataclasses
import pathlib

VERBS = ("xmpp>", "xmpp<", "sip>", "sip<", "barrier", "quiet", "sip", "xmpp", "log<", "hup")
SETTINGS = ("profile", "transport", "sip-domain", "domain")


@dataclasses.dataclass
class Step:
    line: int
    verb: str
    text: str  # rest of the line
    headers: list  # "Name: value" lines below it
    body: str  # "| text" lines below it, joined by LF; None: not given


@dataclasses.dataclass
class Case:
    name: str
    settings: dict
    steps: list


class CaseError(Exception):
    pass


def _step(number, line):
    verb, _, text = line.partition(" ")
    if verb not in VERBS:
        raise CaseError(f"line {number}: no such step: {verb}")
    return Step(number, verb, text.strip(), [], None)


def _continue(step, number, line):
    text = line.strip()
    if step is None:
        raise CaseError(f"line {number}: belongs to no step")
    if text.startswith("|"):
        added = text[1:].removeprefix(" ")
        step.body = added if step.body is None else step.body + "\n" + added
    elif step.verb.startswith("xmpp"):
        step.text += text
    else:
        name, colon, value = text.partition(":")
        if not colon:
            raise CaseError(f"line {number}: neither a header nor a body line")
        step.headers.append((name.strip(), value.strip()))


def read(path):
    case = Case(pathlib.Path(path).stem, {"domain": []}, [])
    for number, line in enumerate(pathlib.Path(path).read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        word = line.split(" ", 1)[0]
        if line[0] in " \t":
            _continue(case.steps[-1] if case.steps else None, number, line)
        elif word in SETTINGS and not case.steps:
            value = line.split(" ", 1)[1].strip()
            if word == "domain":
                case.settings["domain"].append(value)
            else:
                case.settings[word] = value
        else:
            case.steps.append(_step(number, line))
    return case
