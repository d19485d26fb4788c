"""Readings on their way in: MirrorMeterReadings posted to a mirror, filed as Readings of a usage point.

IEEE 2030.5-2018 10.11. One row for each reading, known by when it begins, so that one posted twice replaces
the first: nothing is read, counted or rewritten for a series that is known. Single readings are filed in one
set for each day (UTC), sets of the client's in sets of their own. Says nothing of who may post.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from bridge.sep2 import document, mrid, order, series, tree
from bridge.sep2.document import Thing
from bridge.sep2.nodes import Key
from bridge.sep2.series import DAY, NEVER, Book, Series
from bridge.sep2.shelf import Change, Row
from bridge.sep2.talk import Told
from bridge.sep2.work import Work

TENS = range(-9, 10)
"""Powers of ten that a ReadingType may have (nano to giga)."""
SETS = "/upt/{}/mr/{}/rs"
READINGS = "/upt/{}/mr/{}/rs/{}/r"
TIMES = range(1 << 33)
PARTS = range(1 << 6)
"""Blocks and tiers are 16 at most; a number of an address has 19 digits at most."""


@dataclass(slots=True)
class Desk:
    """A mirror whose readings are being filed."""

    work: Work
    row: Row
    """The mirror usage point's."""
    book: Book
    profile: str
    """Under which the documents at hand were read."""
    overwrite: bool = False
    """Whether a series may be given another ReadingType: only by posting the mirror usage point anew."""
    turned: bool = False
    """Whether the book is no longer what the row says."""
    learnt: dict[str, Thing] = field(default_factory=dict)
    """MirrorMeterReadings without readings, by mRID: the series that are new or described anew."""
    born: list[int] = field(default_factory=list)
    """Numbers of the new ones."""
    rows: dict[str, Row] = field(default_factory=dict)
    """What is filed, by address: each address once, however often it was posted in one body."""

    def place(self, number: int) -> str:
        """Give the address of the MeterReading that a series is read as."""
        return f"/upt{self.row.href[4:]}/mr/{number}"

    def note(self, mark: str, known: Series) -> Series:
        """Write a series into a book of our own."""
        if not self.turned:
            self.book, self.turned = Book(self.book.rate, dict(self.book.series)), True
        self.book.series[mark] = known
        return known


async def take(desk: Desk, item: Thing) -> None:
    """File what one MirrorMeterReading brings."""
    mark = item.mRID.upper()
    known = desk.book.series.get(mark)
    if known is None:
        known = await _begin(desk, item)
    elif item.ReadingType is not None or item.description is not None or item.version is not None:
        known = await _again(desk, mark, known, item)
    if item.Reading is not None:
        await _single(desk, mark, known, item.Reading)
    for each in item.MirrorReadingSet:
        await _set(desk, known, each)


def filed(desk: Desk) -> None:
    """Hand what was filed to the work, to be put in place whatever is there."""
    desk.work.changes.extend(Change(href, row) for href, row in desk.rows.items())


# ------------------------------------------------------------------------------------------------- readings


async def _single(desk: Desk, mark: str, known: Series, reading: Thing) -> None:
    """File a reading that came without a set; the usage point says whose it is."""
    period = reading.timePeriod
    day = (desk.work.now if period is None else period.start) // DAY
    number = known.set if day == known.day else await _daily(desk, mark, known, day)
    _file(desk, f"{desk.place(known.number)}/rs/{number}/r", reading)


def _file(desk: Desk, parent: str, reading: Thing) -> None:
    if reading.timePeriod is None:
        now = document.made(desk.profile, "DateTimeInterval", start=desk.work.now, duration=0)
        reading = reading.model_copy(update={"timePeriod": now})
    start, length = reading.timePeriod.start, reading.timePeriod.duration
    href = f"{parent}/{_number(reading, start)}"
    desk.rows[href] = Row(
        href,
        parent,
        "Reading",
        document.written(reading, "Reading", desk.profile),
        desk.profile,
        rank=order.placed(_keys(READINGS), reading),
        at=start,
        until=start + length,
    )


def _number(reading: Thing, start: int) -> int:
    """Give the number of a reading: when it begins, and which of those that begin then."""
    local, block, tier = reading.localID, reading.consumptionBlock or 0, reading.touTier or 0
    if start not in TIMES or block not in PARTS or tier not in PARTS:
        raise Told(400, f"no reading begins at {start} in block {block} and tier {tier}")
    which = int(local or "0", 16) << 12 | block << 6 | tier
    return start << 28 | which if which else start


async def _daily(desk: Desk, mark: str, known: Series, day: int) -> int:
    """Give the number of the set of a day's single readings, a new one where there is none yet."""
    name = mrid.made(f"{desk.row.mark} {mark} {day}", desk.work.policy)
    parent = f"{desk.place(known.number)}/rs"
    found = await _among(desk, parent, name) if known.day != NEVER else None
    number = found or await desk.work.shelf.fresh()
    if found is None:
        period = document.made(desk.profile, "DateTimeInterval", start=day * DAY, duration=DAY)
        _set_row(
            desk,
            f"{parent}/{number}",
            document.made(desk.profile, "ReadingSet", mRID=name, timePeriod=period),
        )
    if day > known.day:
        desk.note(mark, known._replace(day=day, set=number))
    return number


async def _set(desk: Desk, known: Series, each: Thing) -> None:
    """File a set of the client's: a new one, or more of one that is known by its mRID."""
    mark = mrid.mark(each.mRID, desk.work.policy)
    parent = f"{desk.place(known.number)}/rs"
    number = await _among(desk, parent, mark) or await desk.work.shelf.fresh()
    fields = {"description": each.description, "version": each.version, "timePeriod": each.timePeriod}
    _set_row(desk, f"{parent}/{number}", document.made(desk.profile, "ReadingSet", mRID=mark, **fields))
    for reading in each.Reading:
        _file(desk, f"{parent}/{number}/r", reading)


async def _among(desk: Desk, parent: str, mark: str) -> int | None:
    """Give the number of the set of a series that has an mRID, filed now or before."""
    here = [row for row in desk.rows.values() if row.mark == mark and row.parent == parent]
    rows = here or [row for row in await desk.work.shelf.marked("ReadingSet", mark) if row.parent == parent]
    return int(rows[0].href.rpartition("/")[2]) if rows else None


def _set_row(desk: Desk, href: str, obj: Thing) -> None:
    start, length = obj.timePeriod.start, obj.timePeriod.duration
    desk.rows[href] = Row(
        href,
        href.rpartition("/")[0],
        "ReadingSet",
        document.written(obj, "ReadingSet", desk.profile),
        desk.profile,
        desk.row.owner,
        desk.row.grp,
        obj.mRID,
        order.placed(_keys(SETS), obj),
        start,
        start + length,
    )


# --------------------------------------------------------------------------------------------------- series


async def _begin(desk: Desk, item: Thing) -> Series:
    """Begin a series: from here on it is known by its mRID alone."""
    mark = mrid.mark(item.mRID, desk.work.policy)
    if item.ReadingType is None:
        raise Told(400, f"MirrorMeterReading {mark} is not known and has no ReadingType")
    if len(desk.book.series) >= series.MOST:
        raise Told(400, f"a mirror usage point has at most {series.MOST} meter readings")
    for other in await desk.work.shelf.marked("MirrorMeterReading", mark):
        own = other.grp == desk.row.grp
        raise Told(400 if own else 403, f"MirrorMeterReading {mark} is in another mirror usage point")
    _scaled(item.ReadingType)
    number = await desk.work.shelf.fresh()
    desk.born.append(number)
    desk.learnt[mark] = _bare(desk, mark, item, item.ReadingType)
    return desk.note(mark, Series(number, series.kind(item.ReadingType), series.about(item)))


async def _again(desk: Desk, mark: str, known: Series, item: Thing) -> Series:
    """Take a series that is described anew; nothing is done where it says what it said before."""
    type_, about = item.ReadingType, series.about(item, known.about)
    kind = known.kind if type_ is None else series.kind(type_)
    if kind == known.kind and about == known.about:
        return known
    if kind != known.kind:
        if not desk.overwrite:
            raise Told(400, f"the ReadingType of MirrorMeterReading {mark} may not change")
        _scaled(type_)
        # What was read as another quantity is no reading of this one.
        desk.work.changes.append(Change(f"{desk.place(known.number)}/rs", None, deep=True))
        known = known._replace(day=NEVER, set=0)
    was = await desk.work.shelf.get(f"{desk.row.href}/mr/{known.number}")
    if was is not None:
        old = document.moved(document.read(was), "MirrorMeterReading", was.profile, desk.profile)
        item = old.model_copy(update=document.said(_bare(desk, mark, item, type_)))
    desk.learnt[mark] = _bare(desk, mark, item, item.ReadingType)
    return desk.note(mark, known._replace(kind=kind, about=about))


def _bare(desk: Desk, mark: str, item: Thing, type_: Thing) -> Thing:
    """Give a series as a MirrorMeterReading without readings."""
    fields = {"mRID": mark, "description": item.description, "version": item.version, "ReadingType": type_}
    return document.made(desk.profile, "MirrorMeterReading", **fields)


@cache
def _keys(template: str) -> tuple[Key, ...]:
    return tree.node(template).keys


def _scaled(type_: Thing) -> None:
    power = type_.powerOfTenMultiplier
    if power is not None and power not in TENS:
        raise Told(400, f"powerOfTenMultiplier {power} is not between {TENS[0]} and {TENS[-1]}")
