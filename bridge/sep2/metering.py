"""Usage points: what was mirrored, to be read by the device, its aggregator and operators (IEEE 2030.5 10.4).

A mirror /mup/5 with series 7 is read as /upt/5/mr/7, with its ReadingType, its sets and their readings; these
are rows like any other, written when the mirror is. Here they are made, and the latest reading of a series is
found. Never changes a mirror.
"""

from __future__ import annotations

from decimal import Decimal

from bridge.mapping.sep2 import Envelope, to_canonical
from bridge.sep2 import document, groups, names, order, tree
from bridge.sep2.document import Thing
from bridge.sep2.readings import Desk
from bridge.sep2.shelf import Change, Cut, Page, Row, Shelf
from bridge.sep2.tree import Spot
from bridge.sep2.work import Body, Trace, Work
from models import kit
from models.der import messages

PLACE = "/upt"
TYPE = "UsagePoint"


def point(mirror: str) -> str:
    """Give the address of the usage point that a mirror is read as."""
    return f"{PLACE}/{mirror.rpartition('/')[2]}"


async def points(work: Work, spot: Spot, cut: Cut) -> Page:
    """Give the usage points that the caller may read: its own, its devices', those of its groups."""
    caller = work.caller
    if caller.role == "operator":
        return await work.shelf.children(spot.href, cut)
    shared = await groups.programmes(work.shelf, caller.lfdi, TYPE)
    if caller.role == "aggregator" and not shared:
        return await work.shelf.children(spot.href, cut._replace(grp=caller.lfdi))
    held = await work.shelf.grouped(TYPE, caller.lfdi) if caller.role == "aggregator" else ()
    mine = (*await work.shelf.owned(TYPE, caller.lfdi), *held, *shared)
    return await work.shelf.children(spot.href, cut._replace(among=tuple(row.href for row in mine)))


async def latest(work: Work, spot: Spot, row: Row | None) -> Row | None:
    """Give the latest reading of a series, at the address of its ReadingLink."""
    del row
    found = next(iter(await newest(work.shelf, spot.href.rpartition("/")[0])), None)
    return found and found._replace(href=spot.href, parent=spot.href.rpartition("/")[0])


async def newest(shelf: Shelf | Trace, meter: str, most: int = 1) -> tuple[Row, ...]:
    """Give the last readings of the newest set that has any, the last first; newest sets are ranked first."""
    for found in (await shelf.children(f"{meter}/rs", Cut(limit=8))).rows:
        total = await shelf.count(f"{found.href}/r", Cut())
        if total:
            cut = Cut(start=max(total - most, 0), limit=most)
            return (await shelf.children(f"{found.href}/r", cut)).rows[::-1]
    return ()


async def entrusted(work: Work, device: str, holder: str) -> None:
    """Let another aggregator read what was mirrored of a device, when the device changes hands."""
    for row in await work.shelf.owned(TYPE, device):
        work.amend(row, grp=holder or device)


async def canonical(shelf: Shelf | Trace, row: Row) -> messages.Reading | None:
    """Give a reading's row as a canonical message: with its series' type, under its address as the id."""
    meter = "/".join(row.href.split("/")[:5])
    kind, about = await shelf.get(f"{meter}/rt"), await shelf.get(meter)
    if kind is None or about is None:
        return None
    return said(row, kind, about)


def said(row: Row, kind: Row, about: Row) -> messages.Reading | None:
    """Give a reading's row as a canonical message, with the rows of its type and its series at hand."""
    origin = messages.Origin(party=about.grp or about.owner, door=messages.Door.sep2)
    target = messages.Target(device=(about.owner,) if about.owner else ())
    fields = {"Reading": _part(row, row.profile), "ReadingType": _part(kind, row.profile)}
    obj = document.made(row.profile, "MirrorMeterReading", mRID=about.mark, **fields)
    envelope = Envelope(row.href, origin, target, Decimal(row.changed))
    found = to_canonical(obj, names.edition(row.profile), envelope=envelope)
    return found if isinstance(found, messages.Reading) else None


def _part(row: Row, profile: str) -> Thing:
    """Give a row's document as a part of one in a profile."""
    moved = document.moved(document.read(row), row.type, row.profile, profile)
    return document.part(moved, row.type, profile)


# ----------------------------------------------------------------------------------- made when a mirror is


def founded(mirror: Row, obj: Thing, holder: str) -> list[Change]:
    """Make the usage point of a new mirror."""
    row = Row(
        point(mirror.href), PLACE, TYPE, owner=mirror.owner, grp=holder, mark=mirror.mark, rank=mirror.rank
    )
    return [Change(row.href, _told(row, obj, mirror.profile), expect=0)]


async def changed(work: Work, mirror: Row, body: Body) -> None:
    """Change the usage point of a mirror that is posted again."""
    was = await work.shelf.get(point(mirror.href))
    if was is not None:
        work.put(_told(was, body.obj, body.profile), was)


def _told(row: Row, obj: Thing, profile: str) -> Row:
    fields = {
        "mRID": row.mark,
        "description": obj.description,
        "version": obj.version,
        "roleFlags": obj.roleFlags,
        "serviceCategoryKind": obj.serviceCategoryKind,
        "status": obj.status,
        "deviceLFDI": row.owner,
    }
    told = document.made(profile, TYPE, **fields)
    return row._replace(body=document.written(told, TYPE, profile), profile=profile)


async def described(desk: Desk, mark: str, item: Thing) -> None:
    """Write the rows of a series that is new or described anew: mirrored, as MeterReading, and its type."""
    number = desk.book.series[mark].number
    meter = desk.place(number)
    link = document.made(desk.profile, "ReadingTypeLink", href=f"{meter}/rt")
    fields = {"mRID": mark, "description": item.description, "version": item.version, "ReadingTypeLink": link}
    reading = document.made(desk.profile, "MeterReading", **fields)
    place = order.rank(tree.node("/upt/{}/mr"), item)
    blank = Row("", "", "", b"", desk.profile, desk.row.owner, desk.row.grp, mark, place)
    await _put(desk, blank._replace(href=f"{desk.row.href}/mr/{number}", type="MirrorMeterReading"), item)
    await _put(desk, blank._replace(href=meter, type="MeterReading"), reading)
    kind = blank._replace(href=f"{meter}/rt", type="ReadingType", mark="", rank="")
    await _put(desk, kind, item.ReadingType)


async def _put(desk: Desk, row: Row, obj: kit.Model) -> None:
    was = await desk.work.shelf.get(row.href)
    body = document.written(obj, row.type, desk.profile)
    desk.work.put(row._replace(parent=row.href.rpartition("/")[0], body=body), was)
