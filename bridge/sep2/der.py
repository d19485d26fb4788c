"""The DER of an EndDevice: what it can, how it is set, how it is, what it has, and which programmes rule it.

IEEE 2030.5-2018 10.10.4.3, CSIP 2.1 5.2.5, BASIC-028. The first DER of an EndDevice is there without being
posted, and so are its resources as far as a PUT goes: 204, never 201. What is told is stored with its
canonical message in one write. Never answers for a device that told nothing: 404.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from bridge.mapping.table import steps
from bridge.sep2 import canon, events, groups, outage, plain
from bridge.sep2.shelf import Cut, Page, Row
from bridge.sep2.talk import Answer, Told
from bridge.sep2.tree import Spot
from bridge.sep2.work import Body, Work
from models import kit

FIRST = "1"
GONE = "Gone"
"""Type of the record of ours that says that the first DER of an EndDevice was removed."""
MULTIPLIER = "multiplier"
POWERS = range(-9, 10)
"""Powers of ten that a multiplier may be (IEEE 2030.5-2018 PowerOfTenMultiplierType)."""
CLOCK = 300
"""Seconds that a unit's clock may be ahead, where the switch asks."""
STRICT_CLOCK = "der-clock"
TIMES = {"DERSettings": "updatedTime", "DERStatus": "readingTime", "DERAvailability": "readingTime"}
MIRRORED, IS_DER = "UsagePoint", 0x0008


async def told(work: Work, spot: Spot, body: Body, row: Row | None) -> Answer:
    """Take what a DER says of itself."""
    above = spot.href.rpartition("/")[0]
    if await _der(work, above) is None:
        raise Told(404, f"there is no DER {above}")
    check(work, body)
    device = await plain.owner(work, spot.href)
    about = canon.envelope(work, spot.href, (device,) if device else ())
    made = work.put(
        Row(
            spot.href,
            above,
            body.type,
            body.data,
            body.profile,
            owner=device,
            at=getattr(body.obj, TIMES.get(body.type, ""), 0) or 0,
            record=canon.record(body.obj, body.profile, about) if body.type in RECORDED else b"",
        ),
        row,
    )
    if body.type == STATUS:
        await outage.heard(work, made)
    return Answer(204)


STATUS = "DERStatus"
RECORDED = frozenset({"DERCapability", "DERSettings", "DERStatus", "DERAvailability"})


def check(work: Work, body: Body) -> None:
    """Hold a document to what its schema cannot say; Told 400."""
    for name, power in powers(body.obj):
        if power not in POWERS:
            raise Told(400, f"{name}: a power of ten of {power} is reserved")
    time = getattr(body.obj, TIMES.get(body.type, ""), None)
    if STRICT_CLOCK in work.policy.strict and time is not None and time > work.now + CLOCK:
        raise Told(400, f"{TIMES[body.type]} is {time - work.now} s ahead")


def powers(made: kit.Model, path: str = "") -> Iterator[tuple[str, int]]:
    """Give the multipliers that an object has anywhere, with their paths."""
    for name in _bearing(type(made)):
        value = getattr(made, name)
        if value is None:
            continue
        if name == MULTIPLIER:
            yield f"{path}{name}", value
        elif isinstance(value, kit.Model):
            yield from powers(value, f"{path}{name}.")


@cache
def _bearing(cls: type[kit.Model]) -> tuple[str, ...]:
    """Give the fields of a class that may bear a multiplier: itself, or an object."""
    return tuple(name for name, step in steps(cls).items() if name == MULTIPLIER or _model(step.type))


def _model(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, kit.Model)


# ------------------------------------------------------------------------------------------------------ DER


async def _der(work: Work, href: str) -> Row | None:
    """Give a DER, the first one of an EndDevice whether it is stored or not."""
    row = await work.shelf.get(href)
    if row is not None:
        return None if row.type == GONE else row
    parent, _, name = href.rpartition("/")
    device = await work.shelf.get(parent.rpartition("/")[0])
    return virtual(href, device.mark) if name == FIRST and device and device.type == "EndDevice" else None


def virtual(href: str, device: str) -> Row:
    """Give the row of a DER that is there without one."""
    body = b'<DER xmlns="urn:ieee:std:2030.5:ns"/>'
    return Row(href, href.rpartition("/")[0], "DER", body, "2018", owner=device)


async def seen(work: Work, spot: Spot, row: Row | None) -> Row | None:
    """Give a DER as it reads."""
    return await _der(work, spot.href if row is None else row.href)


async def ders(work: Work, spot: Spot, cut: Cut) -> Page:
    """Give the DERs of an EndDevice, the first one before those that were posted."""
    page = await work.shelf.children(spot.href, Cut(limit=groups.EVERY))
    first = await _der(work, f"{spot.href}/{FIRST}")
    rows = page.rows if first is None or first in page.rows else (first, *page.rows)
    return Page(rows[cut.start : cut.start + cut.limit], len(rows))


async def removed(work: Work, spot: Spot, row: Row | None) -> Answer:
    """Remove a DER with all it told; that the first one is gone is noted, since nobody posted it."""
    del row
    was = await work.shelf.get(spot.href)
    stored = None if was is None or was.type == GONE else was
    for each in await work.shelf.beneath(spot.href):
        work.drop(each, deep=False)
    if spot.href.rpartition("/")[2] == FIRST:
        work.put(Row(spot.href, f"{spot.href}{GONE}", GONE), was)
    elif stored is not None:
        work.drop(stored)
    return Answer(204)


async def replaced(work: Work, spot: Spot, body: Body, row: Row | None) -> Answer:
    """Put a DER in the place of what is there; the first one is there without a row."""
    if row is not None and row.type != GONE and row.version:
        return await plain.replaced(work, spot, body, row)
    if await _der(work, spot.href) is None:
        raise Told(404, f"there is no DER {spot.href}")
    device = await plain.owner(work, spot.href)
    parent = spot.href.rpartition("/")[0]
    work.put(Row(spot.href, parent, "DER", body.data, body.profile, owner=device))
    return Answer(204)


# ----------------------------------------------------------------------------------------------- programmes


async def programmes(work: Work, spot: Spot, cut: Cut) -> Page:
    """Give the programmes of the device that a DER belongs to."""
    rows = await groups.programmes(work.shelf, await plain.owner(work, spot.href))
    return Page(rows[cut.start : cut.start + cut.limit], len(rows))


async def current(work: Work, spot: Spot, row: Row | None) -> Row | None:
    """Give the programme that rules a DER now: the first with a running control, else one with a default."""
    del row
    rows = await groups.programmes(work.shelf, await plain.owner(work, spot.href))
    for each in rows:
        if await events.running(work, f"{each.href}/derc"):
            return each
    for each in rows:
        if await work.shelf.get(f"{each.href}/dderc"):
            return each
    return None


async def metered(work: Work, spot: Spot, row: Row | None) -> Row | None:
    """Give the usage point that a DER is metered at: one for DER, else the first of the device."""
    del row
    rows = await work.shelf.owned(MIRRORED, await plain.owner(work, spot.href))
    apt = [each for each in rows if int(canon.obj(each).roleFlags or "0", 16) & IS_DER]
    return next(iter([*apt, *rows]), None)
