"""What a client's write to an attribute of a report control block does; a table from attribute to effect.

Whether it may be written at all was asked of `rights`. Settings that say which reports there are empty a
buffer when they change (IEC 61850-7-2, SetBRCBValues); a value without a meaning is refused as
object-value-invalid, one that does not go with the others as object-attribute-inconsistent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from bridge.iec61850.peer import Peer
from bridge.iec61850.rcb import fields, members
from bridge.iec61850.rcb.block import Block
from bridge.iec61850.rcb.desk import Desk
from bridge.iec61850.rcb.gathering import Included
from bridge.iec61850.rcb.line import NOWHERE, Shelf
from bridge.iec61850.rcb.states import Event, State
from bridge.iec61850.shape import Value
from models.mms.codes import DataAccessError

SHORTEST = 100
"""Milliseconds between two integrity reports, at least."""
LONGEST = 3_600_000
"""Milliseconds that changes may be gathered, at most."""
REVISIONS = 2**32

Result = DataAccessError | None


class Write(NamedTuple):
    """A write that its writer may do."""

    desk: Desk
    block: Block
    peer: Peer
    name: str
    value: Value
    now: float


def everything(desk: Desk, block: Block, reason: str, now: float) -> None:
    """Report all members, after what was gathered before."""
    if block.members is None:
        return
    found = members.values(desk.image, block.members, range(len(block.members.names)))
    why = fields.text((reason,), fields.TRIGGERS)
    whole = tuple(Included(index, value, why) for index, value in found.items())
    desk.note(block, [*block.gathering.close(), *([whole] if whole else [])], now)


def _set(write: Write) -> Result:
    """Change a setting, and forget reports that were made by the one before."""
    block = write.block
    if block[write.name] == write.value:
        return None
    if write.name == "DatSet":
        write.desk.aim(block, str(write.value))
        block["ConfRev"] = block.whole("ConfRev") % (REVISIONS - 1) + 1
    block[write.name] = write.value
    if write.name != "OptFlds":
        write.desk.empty(block)
    write.desk.period(block, write.now)
    if block.kind == "BR":
        write.desk.keep(block)
        write.desk.buffer.flush()
    return None


def _data_set(write: Write) -> Result:
    if write.value and members.resolved(write.desk.image, str(write.value)) is None:
        return DataAccessError.object_value_invalid
    return _set(write)


def _limited(least: int, most: int) -> Callable[[Write], Result]:
    """Zero, or a number between two."""

    def set_number(write: Write) -> Result:
        if not isinstance(write.value, int) or not (write.value == 0 or least <= write.value <= most):
            return DataAccessError.object_value_invalid
        return _set(write)

    return set_number


def _switch(write: Write) -> Result:
    """Enable or disable."""
    block = write.block
    if bool(write.value) == block.reporting:
        return None
    if not write.value:
        stop(write.desk, block, Event.DISABLE, write.now)
        return None
    if block.members is None:
        return DataAccessError.object_attribute_inconsistent
    block.move(Event.ENABLE, write.peer)
    block["SqNum"] = 0
    if isinstance(block.line, Shelf):
        client, entry = block.resume or (write.peer, NOWHERE)
        block.line.seek(entry if client == write.peer else NOWHERE)
        block.resume = None
    write.desk.period(block, write.now)
    return None


def stop(desk: Desk, block: Block, event: Event, now: float) -> None:
    """Report no more; an unbuffered block forgets what it has not sent."""
    block.move(event)
    if block.state is State.WAITING and not block.preset:
        block.expires = now + block.whole("ResvTms")
    if block.kind == "RP":
        block.gathering.close()
        block.line.empty()
        desk.period(block, now)


def _reserve(write: Write) -> Result:
    write.block.move(Event.RESERVE if write.value else Event.RELEASE, write.peer)
    return None


def _reserve_for(write: Write) -> Result:
    """Reserve for some seconds after a loss, or release with none."""
    if write.block["ResvTms"] == -1:
        return DataAccessError.object_access_denied
    if not isinstance(write.value, int) or write.value < 0:
        return DataAccessError.object_value_invalid
    write.block["ResvTms"] = write.value
    return _reserve(write)


def _interrogate(write: Write) -> Result:
    if not write.value:
        return None
    if "gi" not in write.block.triggers:
        return DataAccessError.object_attribute_inconsistent
    everything(write.desk, write.block, "gi", write.now)
    return None


def _purge(write: Write) -> Result:
    if write.value:
        write.desk.empty(write.block)
        write.desk.buffer.flush()
    return None


def _resume(write: Write) -> Result:
    """Note where to go on; whether that entry is there is seen when it is enabled."""
    if isinstance(write.value, bytes):
        write.block.resume = (write.peer, write.value)
        write.block["EntryID"], write.block["TimeOfEntry"] = write.value, bytes(6)
    return None


EFFECTS: Mapping[str, Callable[[Write], Result]] = MappingProxyType(
    {
        "RptID": _set,
        "DatSet": _data_set,
        "OptFlds": _set,
        "BufTm": _limited(0, LONGEST),
        "TrgOps": _set,
        "IntgPd": _limited(SHORTEST, 2**32 - 1),
        "RptEna": _switch,
        "Resv": _reserve,
        "ResvTms": _reserve_for,
        "GI": _interrogate,
        "PurgeBuf": _purge,
        "EntryID": _resume,
    }
)
"""By attribute; the others are only shown."""
