"""What an operator says of a device, as changes of the rows that it is made of.

The EndDevice itself, its registration, its connection point, its DER, its permit and its holder; the forms
are in `bridge.sdk.forms.fleet`. One request touches each row once, however many fields it has.
"""

from __future__ import annotations

from secrets import randbelow
from typing import Any

from bridge.app.office import found
from bridge.app.office.call import wrong
from bridge.sdk.forms.fleet import DeviceChange, DeviceNew
from bridge.sep2 import canon, connection, der, document, enrol, permit
from bridge.sep2.shelf import Row
from bridge.sep2.work import Work

PROFILE = "2018"
PINS = 100_000
FIELDS = {"device_category": "deviceCategory", "enabled": "enabled", "post_rate": "postRate"}


async def enrolled(work: Work, said: DeviceNew) -> Row:
    """Register a device."""
    lfdi = found.named(said.lfdi, said.certificate)
    row = await enrol.enrolled(
        work,
        lfdi,
        pin=_pin(said.pin) if said.registration else None,
        aggregator=await _holder(work, said.aggregator),
        category=said.device_category,
        post_rate=said.post_rate,
        point=said.connection_point or "",
        join=await found.groups(work.shelf, said.groups),
    )
    if not said.registration:
        _forget(work, f"{row.href}/rg")
    if not said.enabled:
        found.amended(work, row, body=canon.amended_row(row, enabled=False))
    await _ders(work, row, said.ders)
    if said.name or said.profile:
        await permit.grant(work, lfdi, name=said.name, profile=said.profile or "")
    return row


def _pin(said: int | None) -> int:
    """A PIN with its check digit: as said, with it or without, or drawn by lot."""
    return permit.pin(f"{randbelow(PINS):05d}" if said is None else said)


def _forget(work: Work, href: str) -> None:
    """Take back what was to be put at an address."""
    work.changes[:] = [change for change in work.changes if change.href != href]


async def _holder(work: Work, lfdi: str | None) -> str:
    """The aggregator that a form names."""
    if lfdi is None:
        return ""
    said = await permit.of(work.shelf, lfdi)
    if said is None or said.role != "aggregator":
        raise wrong("/aggregator", f"there is no aggregator {lfdi}", 409)
    return lfdi


async def _ders(work: Work, row: Row, count: int) -> None:
    """Give a new device the number of DER that it has: the first is there by itself."""
    first = f"{row.href}/der/{der.FIRST}"
    if count == 0:
        _forget(work, first)
        work.put(Row(first, f"{first}{der.GONE}", der.GONE))
    for _ in range(count - 1):
        href = f"{row.href}/der/{await work.shelf.fresh()}"
        empty = der.virtual(href, row.mark)
        work.put(empty)


async def changed(work: Work, row: Row, said: DeviceChange) -> None:
    """Change what a form sets of a device; its groups are changed elsewhere."""
    given = said.model_fields_set
    words: dict[str, Any] = {name: getattr(said, name) or "" for name in ("name", "profile") if name in given}
    if words:
        await permit.grant(work, row.mark, **words)
    if "aggregator" in given:
        await _entrust(work, row, await _holder(work, said.aggregator))
    if given & FIELDS.keys():
        fields = {FIELDS[name]: getattr(said, name) for name in given & FIELDS.keys()}
        found.amended(work, row, body=canon.amended_row(row, changedTime=work.now, **fields))
    if "connection_point" in given:
        await _point(work, row, said.connection_point)
    await _register(work, row, said)


async def _entrust(work: Work, row: Row, holder: str) -> None:
    """Give a device to an aggregator, with what was mirrored of it."""
    if row.grp == row.mark:
        raise wrong("/aggregator", "this is an aggregator's own EndDevice", 409)
    if holder != row.grp:
        await enrol.entrusted(work, row, holder)


async def _point(work: Work, row: Row, identifier: str | None) -> None:
    href = f"{row.href}/cp"
    was = await work.shelf.get(href)
    if identifier is not None:
        data = connection.body(identifier, connection.PROFILE)
        work.put(Row(href, row.href, connection.TYPE, data, connection.PROFILE, owner=row.owner), was)
    elif was:
        work.drop(was)


async def _register(work: Work, row: Row, said: DeviceChange) -> None:
    """Give a device a registration, another PIN, or no registration any more."""
    href = f"{row.href}/rg"
    was = await work.shelf.get(href)
    gone = said.registration is False or ("pin" in said.model_fields_set and said.pin is None)
    if gone and was:
        work.drop(was)
    if gone or (said.pin is None and (said.registration is None or was)):
        return
    pin = _pin(said.pin)
    since = canon.obj(was).dateTimeRegistered if was else work.now
    made = document.made(PROFILE, "Registration", dateTimeRegistered=since, pIN=pin)
    data = document.written(made, "Registration", PROFILE)
    work.put(Row(href, row.href, "Registration", data, PROFILE, owner=row.owner), was)
