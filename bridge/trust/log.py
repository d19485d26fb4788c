"""The decision log as bytes: one record for each decision, each naming the digest of the one before.

A record is JSON in ASCII without blanks, its fields in a fixed order, no figure with a point: there is one
way only to write it. Its digest is the SHA-256 of these bytes. `facts` is what a rule weighed of the request
beyond what a decision says, so that it can be decided again. Nothing is kept, signed or judged here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from bridge.trust.decision import Decision

Facts = Mapping[str, str | int | bool | None]
NOTHING: Facts = {}
Beside = tuple[int, str, str, str, str, str, bool]
CUT = ("audit", "delete")
"""Function and action of the record which tells that the log was shortened; its target is a number."""
PLAIN = {0: "\\x00"} | {code: f"\\u{code:04x}" for code in range(0xD800, 0xE000)}
"""What no database keeps in a text."""


EDGE = 2**63
ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


class Record(NamedTuple):
    """What a record says."""

    number: int
    before: str
    """Digest of the record before, in hexadecimal digits; empty for the first one."""
    decision: Decision
    facts: Facts


class Entry(NamedTuple):
    """A record as it is kept."""

    number: int
    body: bytes
    digest: str
    beside: Beside | None = None
    """By what it is found, where it is kept beside the body."""


class Note(NamedTuple):
    """A decision that is to become a record."""

    decision: Decision
    facts: Facts = NOTHING


def entry(number: int, before: str, note: Note) -> Entry:
    """Make the record of a decision."""
    body = _bytes(Record(number, before, *note))
    return Entry(number, body, digest(body), beside(note.decision))


def digest(body: bytes) -> str:
    """Give the digest of a record."""
    return sha256(body).hexdigest()


def beside(decision: Decision) -> Beside:
    """Give that by which a record is found, as any database keeps it."""
    said = decision.subject, decision.function, decision.action, decision.rule, decision.hop
    subject, function, action, rule, hop = map(_kept, said)
    return decision.at, subject, function, action, rule, hop, decision.allowed


def _kept(text: str) -> str:
    """A text as any database keeps it; nearly every one is that already."""
    return text if text.isascii() and text.isprintable() else text.translate(PLAIN)


def read(body: bytes) -> Record:
    """Read a record; ValueError for anything but the one way to write it."""
    try:
        said = json.loads(body)
        decision = Decision(**said["decision"])
        whole = Record(said["number"], said["before"], decision, said["facts"])
        record = whole._replace(decision=decision._replace(limits=tuple(decision.limits)))
        same = _bytes(record) == body and _typed(record)
    except (AttributeError, KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"is no record: {error!r}") from error
    if not same:
        raise ValueError("is not written as records are")
    return record


def _bytes(record: Record) -> bytes:
    said = {
        "number": record.number,
        "before": record.before,
        "decision": dict(zip(Decision._fields, record.decision, strict=True)),
        "facts": dict(sorted(record.facts.items())),
    }
    return ENCODER.encode(said).encode("ascii")


def checked(note: Note) -> Note:
    """A note that every database can hold; ValueError for one that would stop all others."""
    whole = [note.decision.at, *(value for value in note.facts.values() if isinstance(value, int))]
    named = all(type(name) is str for name in note.facts)
    if not (named and _typed(Record(0, "", *note)) and all(-EDGE <= value < EDGE for value in whole)):
        raise ValueError("the decision, or a fact of it, is not of its kind")
    return note


def _typed(record: Record) -> bool:
    """Whether each field is of its kind; JSON would take a list for a text, or a figure with a point."""
    texts: list[Any] = [record.before, *record.decision.limits]
    for name, value in record.decision._asdict().items():
        if name == "at":
            whole = type(value) is int
        elif name == "age":
            whole = value is None or type(value) is int
        elif name == "allowed":
            whole = type(value) is bool
        else:
            texts += [value] if name != "limits" else []
            continue
        if not whole:
            return False
    kinds = {str, int, bool, type(None)}
    return (
        type(record.number) is int
        and all(type(text) is str for text in texts)
        and all(type(value) in kinds for value in record.facts.values())
    )
