"""A unit's report blocks, taken into use: for each data set that matters a buffered one, else an unbuffered.

IEC 61850-7-2 BRCB and URCB, as conversations. A buffered block is told the last entry that was dealt with, so
that it goes on behind it. Attributes are written only where they differ, since writing them empties a buffer;
a block that is somebody else's is passed over. Takes no report itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from bridge.app.facility import speech
from bridge.app.facility.speech import Heard
from bridge.iec61850.discovery import Conversation
from bridge.iec61850.hooks import Refusal
from bridge.iec61850.image import Domain
from bridge.iec61850.rcb import fields
from bridge.iec61850.rcb.attributes import KINDS, LARGEST
from bridge.iec61850.received import Reception
from bridge.iec61850.shape import Type, Value

DEEP = 3
"""Steps of the item of a block: node, constraint, name."""
RESERVED = 3_600
"""Seconds that a buffered block stays ours while we are away."""
TOLD = frozenset({"sequence-number", "report-time-stamp", "buffer-overflow", "entryID", "conf-revision"})
"""Options that we go by."""
WHEN = frozenset({"dchg", "qchg", "gi"})


class Block(NamedTuple):
    """A report control block of a unit, with what it said of itself."""

    path: str
    kind: str
    """BR or RP."""
    set: str
    """The data set's name in its device."""
    said: Mapping[str, Value]


@dataclass(slots=True)
class Enabled:
    """A block that reports to us."""

    path: str
    kind: str
    name: str
    """RptID, by which its reports are known."""
    members: tuple[str, ...]
    types: tuple[Type, ...]
    reception: Reception
    entry: bytes = b""
    """The last entry that was dealt with, of a buffered one."""
    resumed: bool = True
    """Whether it goes on behind the last entry that was dealt with before."""


class Taken(Exception):
    """A block cannot be had."""


def enabled(
    domain: Domain, wants: Callable[[str], bool], kept: Mapping[str, bytes]
) -> Conversation[list[Enabled]]:
    """Take a block into use for each data set that has something wanted; `kept` are entries by block."""
    sets = {name: members for name in domain.sets if any(map(wants, members := _members(domain, name)))}
    blocks = yield from _blocks(domain, sets)
    found: list[Enabled] = []
    for name in dict.fromkeys(each.set for each in blocks):
        for each in sorted((one for one in blocks if one.set == name), key=lambda one: _rank(one, kept)):
            try:
                found.append((yield from _enable(domain, each, sets[name], kept.get(each.path, b""))))
            except (Taken, Refusal):
                continue
            break
    return found


def paths(domain: Domain) -> list[tuple[str, str]]:
    """The items of a device's blocks, each with its kind."""
    split = ((item, item.split("$")) for item in domain.index.blocks)
    return [(item, parts[1]) for item, parts in split if len(parts) == DEEP and parts[1] in KINDS]


def _blocks(domain: Domain, sets: Mapping[str, tuple[str, ...]]) -> Conversation[list[Block]]:
    """The blocks of some data sets, with what they say of themselves."""
    there = dict(paths(domain)) if sets else {}
    told: Heard = yield from speech.values(domain.name, domain.index, map(_set, there), frozenset())
    named = {path: str(told.leaves.get(_set(path), "")).partition("/") for path in there}
    chosen = {path: name for path, (of, _, name) in named.items() if of == domain.name and name in sets}
    heard: Heard = yield from speech.values(domain.name, domain.index, chosen, frozenset())
    said: dict[str, dict[str, Value]] = {}
    for item, value in heard.leaves.items():
        path, _, name = item.rpartition("$")
        said.setdefault(path, {})[name] = value
    return [Block(path, there[path], name, said.get(path, {})) for path, name in chosen.items()]


def _set(path: str) -> str:
    """The item that names a block's data set."""
    return f"{path}$DatSet"


def _members(domain: Domain, name: str) -> tuple[str, ...]:
    """The members of a data set; nothing where one is of another device, or of no type that is known."""
    held = domain.sets[name].members
    fine = all(of == domain.name and item in domain.index.types for of, item in held)
    return tuple(item for _, item in held) if fine else ()


def _rank(block: Block, kept: Mapping[str, bytes]) -> tuple[bool, bool, bool, str]:
    """Which one is tried first: that which we had, a buffered one, one that is free."""
    free = not block.said.get("RptEna") and not block.said.get("Resv") and not block.said.get("ResvTms")
    return block.path not in kept, block.kind != "BR", not free, block.path


def _enable(domain: Domain, block: Block, members: tuple[str, ...], entry: bytes) -> Conversation[Enabled]:
    if block.said.get("RptEna"):
        raise Taken(block.path)
    for name, value in _wanted(block, members):
        yield from _must(domain, block, name, value)
    resumed = True
    if entry and block.kind == "BR":
        code = yield from speech.put(domain.name, domain.index, f"{block.path}$EntryID", entry)
        resumed = code is None
    yield from _must(domain, block, "RptEna", True)
    types = tuple(domain.index.types[item] for item in members)
    name = str(block.said.get("RptID", "")) or f"{domain.name}/{block.path}"
    return Enabled(
        block.path, block.kind, name, members, types, Reception(LARGEST[block.kind]), entry, resumed
    )


def _wanted(block: Block, members: Iterable[str]) -> list[tuple[str, Value]]:
    """What is to be written before a block is switched on: what differs, and whose it is."""
    del members
    wanted: list[tuple[str, Value]] = [("ResvTms", RESERVED) if block.kind == "BR" else ("Resv", True)]
    for name, needs, of in (("OptFlds", TOLD, fields.OPTIONS), ("TrgOps", WHEN, fields.TRIGGERS)):
        has = fields.names(str(block.said.get(name, "")), of)
        needed = needs if block.kind == "BR" or name == "TrgOps" else needs & fields.UNBUFFERED
        if not needed <= has:
            wanted.append((name, fields.text(has | needed, of)))
    return [(name, value) for name, value in wanted if name in block.said and block.said[name] != value]


def _must(domain: Domain, block: Block, name: str, value: Value) -> Conversation[None]:
    code = yield from speech.put(domain.name, domain.index, f"{block.path}${name}", value)
    if code is not None:
        raise Taken(f"{block.path}${name}: {code.name}")
