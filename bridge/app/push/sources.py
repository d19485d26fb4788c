"""What is told: one row of a table for each type of row whose changes are of interest to others.

A source says of an entry of the archive which kind of notice it is, about which subject, where that is, and
what the body says. A type that is not here is never read from the archive. Sends nothing, commits nothing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from bridge.app.push import turns
from bridge.app.register import CHANGES
from bridge.core.access.target import PUBLIC, Target
from bridge.core.events import State
from bridge.sep2 import ours, place, response, standing
from bridge.sep2.talk import MEDIA as XML
from bridge.sep2.work import Trace
from bridge.transports.store.archive import Entry
from models.der import messages

JSON = "application/json"
DEVICES = frozenset({"devices"})
SIGNS = ("connectStatus", "genConnectStatus", "storConnectStatus", "inverterStatus", "operationalModeStatus",
         "alarmStatus", "DEROpSt")  # fmt: skip
"""Of all that a DER tells of its status, what says whether it is there: a state of charge is no news."""


class Draft(NamedTuple):
    """What is to be told."""

    kind: str
    subject: str
    target: Target
    """Where it is: who may know of it."""
    body: bytes
    media: str = JSON
    also: frozenset[str] = frozenset()
    """What else a filter may know it by: the LFDI of its device."""
    alone: int = 0
    """Number of the one endpoint that it is for; 0 for all who want it."""
    to: tuple[str, ...] = ()
    """The organisations that it is for; without any, all who may know."""
    state: str = ""
    """Digest of what is told, where the same again is no news."""


Source = Callable[[Trace, Entry], Awaitable[Draft | None]]


async def _status(shelf: Trace, entry: Entry) -> Draft | None:
    """Whether a DER is there: its connection, its mode of operation, its alarms."""
    row = entry.row
    if not row.record:
        return None
    said = messages.Status.model_validate_json(row.record).operation
    if said is None:
        return None
    whole = said.model_dump(mode="json", exclude_none=True)
    signs = {name: _bare(whole[name]) for name in SIGNS if name in whole}
    body = ours.body({"device": row.owner, "der": row.parent, "at": int(said.at), "status": signs})
    target = await _of(shelf, row.owner)
    subject = f"{row.owner}{_der(row.parent)}"
    return Draft("status", subject, target, body, also=frozenset({row.owner}), state=_digest(signs))


async def _of(shelf: Trace, lfdi: str) -> Target:
    """Where a device is, and who holds it."""
    return await place.target(shelf, (f"{ours.ORGANISATIONS}/{lfdi}",), DEVICES)


def _der(parent: str) -> str:
    """What tells one DER of a device from another, where it has several."""
    number = parent.rpartition("/")[2]
    return "" if number in {"", "1"} else f"-{number}"


def _bare(value: Any) -> Any:  # noqa: ANN401 - what JSON holds
    """A sign without its moment: the same sign a minute later is no news."""
    return {key: each for key, each in value.items() if key != "at"} if isinstance(value, dict) else value


async def _outage(shelf: Trace, entry: Entry) -> Draft | None:
    """A unit or a group is out, derated or restored, by whose word and how much of it is left."""
    row = entry.row
    said = messages.Status.model_validate_json(row.record).outage
    if said is None:
        return None
    group = row.grp.rpartition("/")[2]
    target = await (_of(shelf, row.owner) if row.owner else place.target(shelf, (row.grp,), DEVICES))
    whole = said.model_dump(mode="json", exclude_none=True)
    about = {"device": row.owner} if row.owner else {"group": int(group)}
    body = ours.body({**about, "at": row.at, "outage": whole})
    return Draft("outage", row.owner or f"group-{group}", target, body)


async def _response(shelf: Trace, entry: Entry) -> Draft | None:
    """What a device said of an event, as it was posted."""
    row = entry.row
    target = await _of(shelf, row.owner)
    also = frozenset({row.owner, row.grp})
    return Draft("response", f"{row.grp}-{row.owner}", target, row.body, XML, also)


async def _event(shelf: Trace, entry: Entry) -> Draft | None:
    """The status of an event, as the clock and other events have it."""
    said = ours.read(entry.row)
    target = await place.target(shelf, (said["href"],), DEVICES)
    state = State(said["status"]).name.lower()
    body = ours.body({
        "mrid": entry.row.mark, "href": said["href"], "status": said["status"], "state": state,
        "since": said["since"],
    })  # fmt: skip
    news = _digest((said["status"], said["since"]))
    return Draft("event", entry.row.mark, target, body, state=news)


async def _market(shelf: Trace, entry: Entry) -> Draft | None:
    """What the operator tells the market."""
    del shelf
    said = ours.read(entry.row)
    return Draft("market", entry.row.mark, PUBLIC, ours.body(said), to=tuple(said["organisations"]))


async def _revocation(shelf: Trace, entry: Entry) -> Draft | None:
    """What an edition of the revocation data added and removed; public, as the lists are."""
    del shelf
    if entry.row.parent != CHANGES:
        return None
    return Draft("revocation", "revocation", PUBLIC, entry.row.body)


async def _test(shelf: Trace, entry: Entry) -> Draft | None:
    """A test that the owner of an endpoint asked for."""
    del shelf
    said = ours.read(entry.row)
    return Draft("test", f"test-{said['endpoint']}", PUBLIC, entry.row.body, alone=said["endpoint"])


def _digest(said: object) -> str:
    return sha256(repr(said).encode()).hexdigest()


SOURCES: Mapping[str, Source] = {
    "DERStatus": _status,
    standing.TURN: _outage,
    turns.TURN: _event,
    turns.OVER: _event,
    "Bulletin": _market,
    "Edition": _revocation,
    "Test": _test,
    **dict.fromkeys((*response.SUBJECTS, "Response"), _response),
}
"""By type of row."""
TURNING = ("DERControl", "EndDeviceControl")
"""Types of events whose status is followed (see `turns`)."""


async def draft(shelf: Trace, entry: Entry) -> Draft | None:
    """Give what is told of an entry; nothing of a removal, or where nothing is to be told."""
    source = None if entry.removed else SOURCES.get(entry.row.type)
    return None if source is None else await source(shelf, entry)
