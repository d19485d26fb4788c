"""The register of meters: which devices stand behind an ESIID, by what else it is known, who may address it.

One row for each meter, below `/-/`. A serial number or a MAC address that a request gives must be the
registered one. Whom a meter is not for is told the same as of one that does not exist. Commits nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from bridge.app.market.asked import Address
from bridge.sep2 import ours
from bridge.sep2.shelf import Row, Shelf
from bridge.sep2.work import Trace

TYPE = "Meter"
GROUPED = "group "


class Meter(NamedTuple):
    """One meter."""

    esiid: str
    devices: tuple[str, ...] = ()
    """LFDIs."""
    serial: str = ""
    mac: str = ""
    group: str = ""
    """Name of a set of meters that a request may be for as a whole."""
    entities: tuple[str, ...] = ()
    """Who may address it; anybody where none is named."""


class Found(NamedTuple):
    """What an address leads to."""

    devices: tuple[str, ...] = ()
    reason: str = ""
    """Why it leads nowhere."""


def href(esiid: str) -> str:
    """Give the address of a row."""
    return f"{ours.METERS}/{esiid}"


def row(meter: Meter) -> Row:
    """Give the row of a meter."""
    said = {key: value for key, value in meter._asdict().items() if key != "esiid"}
    place = f"{GROUPED}{meter.group}" if meter.group else ""
    return Row(
        href(meter.esiid), ours.METERS, TYPE, ours.body(said), mark=meter.esiid, grp=place, rank=meter.esiid
    )


def read(held: Row) -> Meter:
    """Give the meter of a row."""
    said = ours.read(held)
    lists = {"devices": tuple(said["devices"]), "entities": tuple(said["entities"])}
    return Meter(**{**said, **lists, "esiid": held.mark})


async def among(shelf: Shelf | Trace, group: str, entity: str) -> tuple[Address, ...]:
    """Give the addresses of a set of meters that somebody may address."""
    rows = await shelf.grouped(TYPE, f"{GROUPED}{group}")
    return tuple(Address(each.mark) for each in rows if _open(read(each), entity))


async def found(shelf: Shelf | Trace, address: Address, entity: str) -> Found:
    """Give the devices of an address, or why there is none."""
    if address.device:
        return Found((address.device,))
    held = await shelf.get(href(address.esiid))
    meter = read(held) if held else None
    if meter is None or not _open(meter, entity):
        return Found(reason="no such meter is registered")
    if _other(address.serial, meter.serial):
        return Found(reason="the meter has another serial number")
    if _other(address.mac, meter.mac):
        return Found(reason="the meter has another MAC address")
    return Found(meter.devices, "" if meter.devices else "no device stands behind the meter")


def _open(meter: Meter, entity: str) -> bool:
    return not meter.entities or entity in meter.entities


def _other(said: str, known: str) -> bool:
    return bool(said and known) and plain(said) != plain(known)


def plain(text: str) -> str:
    """Give a serial number or a MAC address without what it is grouped by."""
    return text.replace(":", "").replace("-", "").upper()
