"""The metering mirror: usage points that clients keep here, and who may write to them.

IEEE 2030.5-2018 10.11; CSIP-AUS S-ALL-05 to 07. A mirror is known by its mRID: posted again by the same
client it is changed, never doubled; nobody else may write it. What is mirrored is read below /upt, under the
same numbers. The postRate of an operator goes over what the client asks for.
"""

from __future__ import annotations

from bridge.sep2 import document, metering, mrid, order, ours, readings, series, tree
from bridge.sep2.document import Thing
from bridge.sep2.readings import Desk
from bridge.sep2.series import Book
from bridge.sep2.shelf import Change, Cut, Page, Row
from bridge.sep2.talk import Answer, Told
from bridge.sep2.tree import Spot
from bridge.sep2.work import Body, Work

TYPE = "MirrorUsagePoint"
PLACE = "/mup"


async def members(work: Work, spot: Spot, cut: Cut) -> Page:
    """Give the mirrors that the caller keeps; all of them to an operator."""
    mine = cut if work.caller.role == "operator" else cut._replace(grp=work.caller.lfdi)
    return await work.shelf.children(spot.href, mine)


async def posted(work: Work, spot: Spot, body: Body) -> Answer:
    """Take a MirrorUsagePoint: a new one, or the one of the same mRID changed."""
    del spot
    obj: Thing = body.obj
    mark = mrid.mark(obj.mRID, work.policy)
    was = next(iter(await work.shelf.marked(TYPE, mark)), None)
    if was is not None:
        _mine(work, was)
        await _kept(work, was, body)
        return Answer(204, location=was.href)
    device = obj.deviceLFDI.upper()
    holder = await _holder(work, device)
    href = f"{PLACE}/{await work.shelf.fresh()}"
    place = order.rank(tree.node(PLACE), obj)
    row = Row(href, PLACE, TYPE, b"", body.profile, device, work.caller.lfdi, mark, place)
    work.changes += metering.founded(row, obj, holder)
    await _settled(Desk(work, row, series.read(b""), body.profile, overwrite=True), obj)
    return Answer(201, location=href)


async def taken(work: Work, spot: Spot, body: Body) -> Answer:
    """Take MirrorMeterReadings, one or a list of them, with the readings that they bring."""
    obj: Thing = body.obj
    items = obj.MirrorMeterReading if body.type == "MirrorMeterReadingList" else (obj,)
    if not items:
        raise Told(400, "a list without any MirrorMeterReading")
    desk = await _desk(work, spot, body)
    for item in items:
        await readings.take(desk, item)
    if desk.turned:
        await _settled(desk, None)
    else:
        readings.filed(desk)
    return Answer(201, location=f"{desk.row.href}/mr/{desk.born[0]}") if desk.born else Answer(204)


async def replaced(work: Work, spot: Spot, body: Body, row: Row | None) -> Answer:
    """Put a mirror, or readings into it, in place of what is there."""
    if row is None:
        raise Told(404, f"there is no {spot.href}")
    if body.type != TYPE:
        await taken(work, spot, body)
        return Answer(204)
    obj: Thing = body.obj
    _mine(work, row)
    if obj.mRID.upper() != row.mark:
        raise Told(400, f"{spot.href} has mRID {row.mark}, which may not change")
    await _kept(work, row, body)
    return Answer(204)


async def removed(work: Work, spot: Spot, row: Row) -> Answer:
    """Remove a mirror with what was read by it."""
    _mine(work, row)
    work.drop(row)
    work.changes.append(Change(metering.point(row.href), None, deep=True))
    del spot
    return Answer(204)


async def dropped(work: Work, spot: Spot, row: Row) -> Answer:
    """Remove one series of a mirror with its readings."""
    desk = await _desk(work, spot, None)
    number = int(row.href.rpartition("/")[2])
    desk.book = Book(
        desk.book.rate, {mark: each for mark, each in desk.book.series.items() if each.number != number}
    )
    desk.turned = True
    work.drop(row)
    work.changes.append(Change(desk.place(number), None, deep=True))
    await _settled(desk, None, without=row.mark)
    return Answer(204)


async def retold(work: Work, spot: Spot, body: Body, row: Row | None) -> Answer:
    """Put a MirrorMeterReading in the place of one that is there: readings, or a new description."""
    obj: Thing = body.obj
    if row is None or obj.mRID.upper() != row.mark:
        raise Told(400, "a MirrorMeterReading is put where its mRID stands, or posted to its mirror")
    await taken(work, spot, body)
    return Answer(204)


async def rated(work: Work, row: Row, seconds: int | None) -> None:
    """Set the postRate of a mirror over whatever its client asks for; None leaves it to the client again."""
    book = series.read(row.record)._replace(rate=seconds)
    obj = document.read(row)
    asked = seconds or await usual(work)
    body = document.written(obj.model_copy(update={"postRate": asked}), TYPE, row.profile)
    work.amend(row, body=body, record=series.record(book))


async def usual(work: Work) -> int:
    """Give the postRate of mirrors that name none: as the operator set it, else as the server is set up."""
    said = ours.read(await work.shelf.get(f"{ours.POLLS}/{TYPE}")).get("seconds")
    return said if isinstance(said, int) else work.policy.post_rate


# -------------------------------------------------------------------------------------------------- writing


async def _desk(work: Work, spot: Spot, body: Body | None) -> Desk:
    """Open the mirror that an address is in, for the client that keeps it."""
    row = await work.shelf.get(f"{PLACE}/{spot.ids[0]}")
    if row is None:
        raise Told(404, f"there is no {PLACE}/{spot.ids[0]}")
    _mine(work, row)
    return Desk(work, row, series.read(row.record), body.profile if body else row.profile)


async def _kept(work: Work, row: Row, body: Body) -> None:
    """Change a mirror that is there already."""
    obj: Thing = body.obj
    if obj.deviceLFDI.upper() != row.owner:
        raise Told(400, f"{row.href} is of device {row.owner}, which may not change")
    await metering.changed(work, row, body)
    await _settled(Desk(work, row, series.read(row.record), body.profile, overwrite=True), obj)


async def _settled(desk: Desk, obj: Thing, without: str = "") -> None:
    """Write a mirror's own row, with what has been learnt of its series, and all that was filed."""
    for item in obj.MirrorMeterReading if obj is not None else ():
        await readings.take(desk, item)
    row, fresh = desk.row, desk.row.version == 0
    fields: dict[str, object] = {"record": series.record(desk.book)}
    if obj is not None or desk.learnt or without:
        profile = desk.profile if obj is not None else row.profile
        known = {} if fresh else _series(row, profile)
        known |= {
            mark: document.moved(each, "MirrorMeterReading", desk.profile, profile)
            for mark, each in desk.learnt.items()
        }
        known.pop(without, None)
        told = document.part(obj if obj is not None else document.read(row), TYPE, profile)
        fields |= {"profile": profile, "body": _written(desk, told, known, profile, await usual(desk.work))}
    for mark, each in desk.learnt.items():
        await metering.described(desk, mark, each)
    readings.filed(desk)
    desk.work.put(row._replace(**fields), None if fresh else row)  # type: ignore[arg-type]


def _series(row: Row, profile: str) -> dict[str, Thing]:
    """Give the series that a mirror's document lists, by mRID."""
    parts = document.moved(document.read(row), TYPE, row.profile, profile).MirrorMeterReading
    return {each.mRID: document.part(each, "MirrorMeterReading", profile) for each in parts}


def _written(desk: Desk, obj: Thing, known: dict[str, Thing], profile: str, least: int) -> bytes:
    """Give a mirror's document: as posted, with its series and the postRate that holds, without readings."""
    rate = desk.book.rate or obj.postRate or least
    fields = {"mRID": desk.row.mark, "deviceLFDI": desk.row.owner, "postRate": rate}
    whole = obj.model_copy(update={**fields, "href": None, "MirrorMeterReading": tuple(known.values())})
    return document.written(whole, TYPE, profile)


# --------------------------------------------------------------------------------------------------- access


def _mine(work: Work, row: Row) -> None:
    """Hold the caller to its own mirrors."""
    if work.caller.role != "operator" and row.grp != work.caller.lfdi:
        raise Told(403, f"{row.type} {row.mark} is kept by another client")


async def _holder(work: Work, device: str) -> str:
    """Give the LFDI of who may read on behalf of a device: the aggregator that holds it, or the caller."""
    rows = await work.shelf.marked("EndDevice", device)
    holder = rows[0].grp if rows else ""
    if work.caller.lfdi in {device, holder} or (rows and work.caller.role == "operator"):
        return holder or work.caller.lfdi
    raise Told(403, f"deviceLFDI {device} is neither the caller nor one of its devices")
