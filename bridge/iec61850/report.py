"""Reports: what an image's changes, a client's wish and time make of its report control blocks.

After IEC 61850-7-2 (URCB, BRCB) in the 8-2-shaped form. Changes come by the image's watchers, writes from the
server; `tick` gives what is to be sent by now, a buffered entry never before it is kept safely. The order of
reports is the order of what happened. It never asks the clock and never decides who may be a client.
"""

from __future__ import annotations

from collections.abc import Callable

from bridge.iec61850.buffer import Buffer, Unreadable
from bridge.iec61850.image import Change, Image
from bridge.iec61850.peer import Peer, Report
from bridge.iec61850.rcb import fields, members
from bridge.iec61850.rcb.attributes import LARGEST
from bridge.iec61850.rcb.block import Block
from bridge.iec61850.rcb.desk import DEPTH, Desk
from bridge.iec61850.rcb.gathering import Included
from bridge.iec61850.rcb.line import Most, Shelf, Waiting
from bridge.iec61850.rcb.moment import binary
from bridge.iec61850.rcb.rights import refusal
from bridge.iec61850.rcb.states import Event, State
from bridge.iec61850.rcb.unit import Head, units
from bridge.iec61850.rcb.writes import EFFECTS, Write, everything, stop
from bridge.iec61850.shape import Value
from models.mms.codes import DataAccessError

CAPACITY = 10_000
"""Entries that a buffered block keeps."""
OCTETS = 16 * 2**20
"""Octets that they have together."""
BURST = 32
"""Reports that one block sends in one turn, so that others get theirs."""
PAUSE = 1.0
"""Seconds after which what could not be read is tried again."""
AT_ONCE = 0.0
"""A deadline that has passed."""


class Reports:
    """The report control blocks of an image."""

    def __init__(
        self,
        image: Image,
        buffer: Buffer,
        room: Callable[[Peer], int],
        capacity: int = CAPACITY,
        octets: int = OCTETS,
    ) -> None:
        """Watch an image; `room` tells how many octets a unit for a client may have."""
        self._image = image
        self._room = room
        self.busy: Callable[[Peer], bool] = lambda _: False
        """Whether a client has yet to be sent so much that buffered entries stay where they are."""
        self._desk = Desk(image, buffer, Most(capacity, octets))
        image.watchers.append(self._changed)

    # ------------------------------------------------------------------------------------- logical devices

    def join(self, domain: str, now: float) -> None:
        """Take up the blocks of a logical device that has come into the image."""
        self._desk.join(self._image.domains[domain], now)

    def leave(self, domain: str) -> None:
        """Put by the blocks of one that is to go."""
        self._desk.leave(domain)

    def retain(self) -> None:
        """Forget what is kept of logical devices that are in the image no more."""
        self._desk.retain(self._image.domains)

    # ------------------------------------------------------------------------------------ what clients do

    def read(self, peer: Peer, domain: str, item: str) -> Value:  # noqa: ARG002 - all see the same
        """The value of one leaf."""
        return self._image.read(domain, item)

    def write(self, peer: Peer, domain: str, item: str, value: Value, now: float) -> DataAccessError | None:
        """Write one attribute; a block as a whole is not written."""
        path, _, name = item.rpartition("$")
        block = self._desk.blocks.get(f"{domain}/{path}")
        if block is None:
            whole = f"{domain}/{item}" in self._desk.blocks or item.count("$") < DEPTH
            return DataAccessError.object_access_denied if whole else DataAccessError.object_non_existent
        if block.foreign(peer):
            return DataAccessError.temporarily_unavailable
        if block.state is State.WAITING:
            block.move(Event.BACK, peer)
        refused = refusal(block.kind, name, block.state)
        if refused is None:
            refused = EFFECTS[name](Write(self._desk, block, peer, name, value, now))
        self._desk.settle(block)
        return refused

    def gone(self, peer: Peer, now: float) -> None:
        """An association has ended: its blocks report to nobody; a reservation may outlast it."""
        for block in self._desk.blocks.values():
            if block.owner == peer and block.state is not State.WAITING:
                stop(self._desk, block, Event.LOST, now)
                self._desk.settle(block)

    # ------------------------------------------------------------------------------------ what is reported

    @property
    def deadline(self) -> float | None:
        """When `tick` is next worth calling."""
        if any(self._ready(block) for block in self._desk.live.values()):
            return AT_ONCE
        return self._desk.due.first

    def tick(self, now: float) -> list[Report]:
        """Do what is due, and give what is to be sent."""
        for name in self._desk.due.ripe(now):
            self._overdue(self._desk.blocks[name], now)
        return [report for block in tuple(self._desk.live.values()) for report in self._sent(block, now)]

    def _overdue(self, block: Block, now: float) -> None:
        if block.gathering.deadline is not None and block.gathering.deadline <= now:
            self._desk.note(block, block.gathering.close(), now)
        if block.periodic is not None and block.periodic <= now:
            everything(self._desk, block, "integrity", now)
            period = block.whole("IntgPd") / 1000
            block.periodic += period * ((now - block.periodic) // period + 1)
        if block.expires is not None and block.expires <= now:
            block.move(Event.EXPIRED)
        if block.again is not None and block.again <= now:
            block.again = None
        self._desk.settle(block)

    def _changed(self, changes: tuple[Change, ...], now: float) -> None:
        """Take note of leaves that were put together."""
        touched: dict[str, dict[int, str]] = {}
        for change in changes:
            for block, index in self._desk.watch.of(change.domain, change.item):
                if block.awake and (why := self._reason(change, block.triggers)):
                    reasons = touched.setdefault(block.name, {})
                    bits = fields.text(why, fields.TRIGGERS)
                    reasons[index] = fields.merged(reasons.get(index, bits), bits)
        for name, reasons in touched.items():
            self._gather(self._desk.blocks[name], reasons, now)

    def _reason(self, change: Change, wanted: frozenset[str]) -> frozenset[str]:
        """Why a leaf is worth a report: it differs, or else it was written."""
        why = wanted.intersection(self._image.triggers(change.domain, change.item))
        same = change.old == change.new or (change.old != change.old and change.new != change.new)
        return (frozenset() if same else why - {"dupd"}) or why & {"dupd"}

    def _gather(self, block: Block, reasons: dict[int, str], now: float) -> None:
        if block.members is None:
            return
        values = members.values(self._image, block.members, sorted(reasons))
        event = {index: Included(index, value, reasons[index]) for index, value in values.items()}
        if event:
            self._desk.note(block, block.gathering.add(event, now, block.whole("BufTm") / 1000), now)
            self._desk.settle(block)

    def _sent(self, block: Block, now: float) -> list[Report]:
        sent: list[Report] = []
        for _ in range(BURST):
            if block.owner is None or block.members is None or (waiting := self._next(block, now)) is None:
                break
            limit = self._room(block.owner)
            made = units(_head(block, waiting), waiting.content, block.members, limit)
            sent += [Report(block.owner, unit) for unit in made]
            _note(block, waiting)
        return sent

    def _ready(self, block: Block) -> bool:
        held = block.kind == "BR" and block.owner is not None and self.busy(block.owner)
        return block.line.ready and block.again is None and not held

    def _next(self, block: Block, now: float) -> Waiting | None:
        """The next report of a block; none for a while where it cannot be read."""
        if not self._ready(block):
            return None
        try:
            return block.line.take()
        except Unreadable:
            block.again = now + PAUSE
            return None
        finally:
            self._desk.settle(block)


def _head(block: Block, waiting: Waiting) -> Head:
    options = fields.names(block.text("OptFlds"), fields.OPTIONS)
    return Head(
        options if block.kind == "BR" else options & fields.UNBUFFERED,
        block.text("RptID") or block.name,
        block.whole("SqNum"),
        binary(waiting.at),
        block.text("DatSet"),
        waiting.overflow,
        waiting.entry,
        block.whole("ConfRev"),
    )


def _note(block: Block, waiting: Waiting) -> None:
    """Count a report that goes out, and note that an overflow is told with it."""
    block["SqNum"] = (block.whole("SqNum") + 1) % LARGEST[block.kind]
    if isinstance(block.line, Shelf):
        block["EntryID"], block["TimeOfEntry"] = waiting.entry, binary(waiting.at)
        told = "buffer-overflow" in fields.names(block.text("OptFlds"), fields.OPTIONS)
        if waiting.overflow and told:
            block.line.told()
