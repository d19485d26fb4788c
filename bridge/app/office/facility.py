"""Units behind the relay: rows that say where each speaks, and how it stands by the last word of its session.

The session follows its row (bridge/app/facility); nothing is asked of a unit here. A file of its model is
read before it is kept, so that none is kept that cannot be used.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bridge.app.facility import memory, unit
from bridge.app.facility.unit import Unit
from bridge.app.office import found
from bridge.app.office.call import Call, Reply, Wrong, wrong
from bridge.app.office.cursor import paged
from bridge.iec61850.scl import reader
from bridge.sdk.forms.facility import Facility, FacilityQuery, FacilitySet
from bridge.sdk.forms.kinds import Page
from bridge.sep2 import ours
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.work import Work

RESOURCE = "IEC"
"""What stands behind an address that has no resource (8-2)."""


async def one(work: Work, lfdi: str) -> Facility:
    """A unit as it is shown."""
    return await form(work, await _row(work, lfdi))


async def form(work: Work, row: Row) -> Facility:
    """A unit's row as it is shown."""
    said, state = unit.read(row), await work.shelf.get(memory.href(row.mark))
    known: dict[str, Any] = {name: each for name, each in ours.read(state).items() if name != "entries"}
    known["device"] = said.device or known.get("device", "")
    return Facility(
        version=found.edition(row), lfdi=row.mark, address=said.address, sealed=said.sealed,
        scl=bool(said.scl), **known,
    )  # fmt: skip


async def _row(work: Work, lfdi: str) -> Row:
    row = await work.shelf.get(unit.href(lfdi.upper()))
    if row is None:
        raise Wrong(404, f"there is no unit {lfdi}")
    return row


async def list_(call: Call, query: FacilityQuery) -> Page[Facility]:
    """The units."""

    async def show_(row: Row) -> Facility:
        return await form(call.work, row)

    return await paged(call.work.shelf, ours.FACILITIES, Cut(), query, show_)


async def add(call: Call, said: FacilitySet) -> Reply:
    """Say where a unit speaks."""
    device = await found.device(call.work.shelf, call.path["lfdi"])
    was = await call.work.shelf.get(unit.href(device.mark))
    made = _made(device.mark, said)
    call.work.put(unit.row(made), was)
    return found.shown(one, device.mark)


def _made(lfdi: str, said: FacilitySet) -> Unit:
    """A unit as it was said, completed from its file."""
    address, device = said.address or "", said.device or ""
    if said.scl is not None:
        address, device = _filed(said.scl, address, device)
    if not address:
        raise wrong("/address", "an address is needed, or a file that has one")
    whole = address if "/" in address else f"{address}/{RESOURCE}"
    return Unit(lfdi, whole, device, said.sealed, said.scl or "")


def _filed(text: str, address: str, device: str) -> tuple[str, str]:
    """Address and device by a file, as far as they were not said."""
    try:
        servers = reader.load(text.encode())
    except (ValueError, LookupError) as fault:
        raise wrong("/scl", str(fault)) from None
    named = {each.domain.name: server.jid for server in servers for each in server.devices}
    if not device and len(named) != 1:
        raise wrong("/device", f"its file has {', '.join(sorted(named)[:10]) or 'no logical device'}")
    device = device or next(iter(named))
    if device not in named:
        raise wrong("/device", f"its file has no {device}, but {', '.join(sorted(named)[:10])}")
    return address or named[device], device


async def show(call: Call) -> Facility:
    """One unit."""
    return await one(call.work, call.path["lfdi"])


async def remove(call: Call) -> None:
    """Speak with a unit no more."""
    call.work.drop(await _row(call.work, call.path["lfdi"]))


async def discover(call: Call) -> Reply:
    """Begin anew with a unit."""
    row = await _row(call.work, call.path["lfdi"])
    was = unit.read(row)
    call.work.put(unit.row(replace(was, asked=was.asked + 1)), row)
    return found.shown(one, row.mark)
