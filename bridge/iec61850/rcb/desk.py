"""All report blocks of an image: found in the types of its logical devices, set up, and put by again.

A buffered block goes on where its buffer ends. Settings that a client has changed hold as long as the
configuration they were made from does; where that, or a type of the data set, has changed, the buffer is
emptied, never its numbering. It sends nothing and answers nobody.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable
from zlib import crc32

from bridge.iec61850.buffer import Buffer, Held
from bridge.iec61850.image import Domain, Image, constraint
from bridge.iec61850.rcb import gathering, members
from bridge.iec61850.rcb.attributes import KINDS, SETTINGS
from bridge.iec61850.rcb.block import Block
from bridge.iec61850.rcb.line import NOWHERE, Most, Shelf, identity
from bridge.iec61850.rcb.moment import binary
from bridge.iec61850.rcb.states import State
from bridge.iec61850.rcb.timetable import Timetable
from bridge.iec61850.shape import Value

DEPTH = 3
"""Components of a block's name: node, functional constraint, block."""
KEPT = (*SETTINGS, "ConfRev")


class Desk:
    """The blocks by their reference `LD/LLN0$BR$name`."""

    def __init__(self, image: Image, buffer: Buffer, most: Most) -> None:
        self.image = image
        self.buffer = buffer
        self.most = most
        self.blocks: dict[str, Block] = {}
        self._of: dict[str, list[str]] = {}
        """The names of the blocks of each domain."""
        self.watch = members.Watch()
        self.sets = members.Book(image)
        self.due = Timetable()
        self.live: dict[str, Block] = {}
        """Those that are enabled."""

    def join(self, domain: Domain, now: float) -> None:
        """Set up the blocks of a logical device, anew where it was there before."""
        self.leave(domain.name)
        for item in domain.index.blocks:
            if constraint(item) in KINDS:
                self._open(Block(domain, item), now)

    def leave(self, domain: str) -> None:
        """Put by the blocks of a logical device as they were configured; what is kept stays where it is."""
        self.sets.forget(domain)
        for name in self._of.pop(domain, []):
            block = self.blocks.pop(name)
            self.watch.remove(block)
            self.due.put(name, None)
            self.live.pop(name, None)
            for attribute, value in block.configured.items():
                block[attribute] = value

    def retain(self, domains: Container[str]) -> None:
        """Forget the entries of devices that are gone for good; their numbers are not given again."""
        for name in self.buffer.names():
            held = self.buffer.held(name)
            if name.partition("/")[0] not in domains and held and held.first <= held.last:
                self.buffer.drop(name, held.last, overflow=False)

    def settle(self, block: Block) -> None:
        """Note when a block has something to do, and whether it reports."""
        self.due.put(block.name, block.deadline)
        if block.reporting:
            self.live[block.name] = block
        else:
            self.live.pop(block.name, None)

    def period(self, block: Block, now: float, part: float = 1.0) -> None:
        """Begin the time to the next integrity report, or a part of it."""
        period = block.whole("IntgPd")
        wanted = block.awake and period and "integrity" in block.triggers
        block.periodic = now + part * period / 1000 if wanted else None

    def aim(self, block: Block, reference: str) -> None:
        """Have a block report another data set, or none."""
        self.watch.remove(block)
        block["DatSet"] = reference
        block.members = self.sets.find(reference)
        self.watch.add(block)

    def note(self, block: Block, content: Iterable[gathering.Content], at: float) -> None:
        """Have reports sent, or kept."""
        for each in content:
            block.line.add(each, at)
        if isinstance(block.line, Shelf) and not block.reporting:
            block["EntryID"], block["TimeOfEntry"] = identity(block.line.last), binary(at)

    def empty(self, block: Block) -> None:
        """Forget what a block has gathered and buffered."""
        block.gathering.close()
        block.line.empty()
        if block.kind == "BR":
            block["EntryID"], block["TimeOfEntry"] = NOWHERE, bytes(6)

    def keep(self, block: Block, base: str | None = None) -> None:
        """Keep the settings of a buffered block with its entries."""
        if base is None:
            held = self.buffer.held(block.name)
            base = held.base if held else ""
        form = block.members.form if block.members else ""
        self.buffer.keep(block.name, base, json.dumps({"form": form} | {name: block[name] for name in KEPT}))

    def _open(self, block: Block, now: float) -> None:
        self.blocks[block.name] = block
        self._of.setdefault(block.domain.name, []).append(block.name)
        block.configured = {name: block[name] for name in KEPT}
        _rest(block)
        if block.kind == "BR":
            self._restore(block)
        else:
            self.aim(block, block.text("DatSet"))
        self.period(block, now, _part(block.name))  # what starts together reports apart
        self.settle(block)

    def _restore(self, block: Block) -> None:
        """Find the buffer of a block, and its settings where they still hold."""
        base = json.dumps([block[name] for name in KEPT])
        held = self.buffer.held(block.name)
        kept = self._holding(held, base)
        for name in kept:
            block[name] = kept[name]
        self.aim(block, block.text("DatSet"))
        block.line = Shelf(self.buffer, block.name, held or Held(base, ""), self.most)
        if held and not kept:
            self.empty(block)
        if not kept:
            self.keep(block, base)
        for entry in self.buffer.after(block.name, block.line.last - 1, 1):
            block["EntryID"], block["TimeOfEntry"] = identity(entry.number), binary(entry.at)

    def _holding(self, held: Held | None, base: str) -> dict[str, Value]:
        """The settings that are kept, if configuration and data set are the same as then."""
        if held is None or held.base != base:
            return {}
        kept: dict[str, Value] = json.loads(held.settings)
        form = kept.pop("form")
        found = self.sets.find(str(kept["DatSet"]))
        return kept if form == (found.form if found else "") else {}


def _part(name: str) -> float:
    """A number between 0 and 1 that is a block's own."""
    return crc32(name.encode()) / 2**32


def _rest(block: Block) -> None:
    """Bring the attributes that no configuration sets to where they begin."""
    for name in ("RptEna", "GI"):
        block[name] = False
    block["SqNum"] = 0
    if block.kind == "RP":
        block["Resv"], block["Owner"] = False, b""
        return
    block["PurgeBuf"], block["EntryID"], block["TimeOfEntry"] = False, NOWHERE, bytes(6)
    owner = block["Owner"]
    if block["ResvTms"] == -1 and isinstance(owner, bytes) and owner:
        block.preset, block.state = owner.decode(errors="replace"), State.WAITING
    else:
        block["ResvTms"], block["Owner"] = 0, b""
