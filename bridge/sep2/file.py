"""Files to download: what there is for whom, and the octets themselves, whole or a part (file function set).

IEEE 2030.5-2018 9.7, and RFC 9110 section 14 for ranges. A File says its kind, maker and model, and
since when it is to be used; a list may be filtered by that. The octets are kept in pieces below `/-/`, so a
part is read without the rest. A file that names a device is that device's alone. Nothing here runs a file.
"""

from __future__ import annotations

import hashlib

from bridge.sep2 import canon, draft, groups, ours, plain, rules, span
from bridge.sep2.draft import Facts
from bridge.sep2.shelf import HIDDEN, Cut, Page, Row
from bridge.sep2.talk import Answer, Told
from bridge.sep2.tree import Spot
from bridge.sep2.work import Body, Work

CONTENTS = f"{HIDDEN}file"
PIECE = 262_144
"""Octets in one row."""
OCTETS = "application/octet-stream"
FILTERS = frozenset({"type", "lFDI", "mfHwVer", "mfID", "mfModel", "mfSerNum", "mfVer"})
"""Fields by which the query of a list may ask for files."""
KINDS = range(4)
MAKERS = range(0x8000, 0x10000)
"""Types of file that the standard and that makers have."""
WHOLE, STATES = 100, 8


async def posted(work: Work, spot: Spot, body: Body) -> Answer:
    """Take the description of a file whose octets are elsewhere, or are stored afterwards."""
    href = f"{spot.href}/{await work.shelf.fresh()}"
    work.put(await _described(work, spot.href, body, href))
    return Answer(201, location=href)


async def _described(work: Work, parent: str, body: Body, href: str) -> Row:
    said = canon.parsed(body.data, body.profile)
    kind = int(said.type or "0", 16)  # type: ignore[attr-defined]
    if kind not in KINDS and kind not in MAKERS:
        raise Told(400, f"file type {kind:04X} is reserved")
    return (await plain.made(work, parent, body, href))._replace(owner=(said.lFDI or "").upper())  # type: ignore[attr-defined]


async def replaced(work: Work, spot: Spot, body: Body, row: Row | None) -> Answer:
    """Put a description in the place of what is there; the octets stay."""
    fresh = await _described(work, "/file", body, spot.href)
    work.put(fresh._replace(grp=row.grp) if row else fresh, row)
    return Answer(204) if row else Answer(201, location=spot.href)


async def removed(work: Work, spot: Spot, row: Row) -> Answer:
    """Remove a file, its octets too."""
    await _emptied(work, row.href)
    about = await work.shelf.get(_contents(row.href))
    if about:
        work.drop(about, deep=False)
    return await plain.removed(work, spot, row)


async def store(work: Work, facts: Facts, octets: bytes, *, grp: str = "", was: Row | None = None) -> Row:
    """Store a file: what it is from plain facts, its octets here; for the devices of a group, or for all."""
    href = was.href if was else f"/file/{await work.shelf.fresh()}"
    said = {
        "type": "00",
        "activateTime": work.now,
        **facts,
        "fileURI": f"{href}/content",
        "size": len(octets),
    }
    row = await _described(work, "/file", draft.body("File", said), href)
    await _emptied(work, href)
    place = _contents(href)
    about = ours.body({"size": len(octets), "tag": f'"{hashlib.sha256(octets).hexdigest()[:32]}"'})
    work.put(Row(place, CONTENTS, "Content", about), await work.shelf.get(place))
    for at in range(0, len(octets), PIECE):
        name = f"{place}/{await work.shelf.fresh()}"
        work.put(Row(name, place, "Octets", octets[at : at + PIECE], rank=f"{at:012d}"))
    return work.put(row._replace(grp=grp or (was.grp if was else "")), was)


def _contents(href: str) -> str:
    return f"{CONTENTS}/{href.rpartition('/')[2]}"


async def _emptied(work: Work, href: str) -> None:
    for row in await work.shelf.beneath(_contents(href)):
        work.drop(row, deep=False)


# -------------------------------------------------------------------------------------------------- reading


async def listed(work: Work, spot: Spot, cut: Cut) -> Page:
    """Give the files that are for the caller and fit what its query asks for."""
    rows = (await work.shelf.children(spot.href, Cut(limit=groups.EVERY))).rows
    wanted = {name: text for name, text in reversed(work.ask.query) if name in FILTERS}
    found = [row for row in rows if _fits(row, wanted) and await _for(work, row)]
    return Page(tuple(found[cut.start : cut.start + cut.limit]), len(found))


def _fits(row: Row, wanted: dict[str, str]) -> bool:
    said = canon.obj(row)
    return all(_plain(getattr(said, name)) == _plain(text) for name, text in wanted.items())


def _plain(value: object) -> str:
    return "" if value is None else str(value).upper().lstrip("0")


async def _for(work: Work, row: Row) -> bool:
    """Whether a file is for the caller: for everyone, for a group it is in, or for a device of its own."""
    return (not row.owner and not row.grp) or await rules.visible(work, row)


async def seen(work: Work, spot: Spot, row: Row | None) -> Row | None:
    """Give the description of a file to whom it is for; one for everyone is every caller's."""
    del spot
    if row is None or not await _for(work, row):
        return None
    return row if row.owner or row.grp else row._replace(grp=work.caller.lfdi)


async def content(work: Work, spot: Spot) -> Answer:
    """Give the octets of a file, or the part of them that a Range header asks for."""
    href = spot.href.rpartition("/")[0]
    row = await seen(work, spot, await work.shelf.get(href))
    if row is None:
        raise Told(404, f"there is no file {href}")
    about = ours.read(await work.shelf.get(_contents(href)))
    if not about:
        raise Told(404, f"the octets of {href} are not here")
    size, tag = about["size"], about["tag"]
    if span.held(work.ask.held, tag):
        return span.same(tag)
    part = span.part(work.ask.span, work.ask.condition, tag, size)
    octets = await _octets(work, _contents(href), range(size) if part is None else part)
    return span.answer(octets, part, size, tag, OCTETS)


async def _octets(work: Work, place: str, part: range) -> bytes:
    """Read a part of a file, and of its pieces no more than those it is in."""
    first = part.start // PIECE
    pieces = -(-part.stop // PIECE) - first if part else 0
    rows = (await work.shelf.children(place, Cut(first, pieces))).rows
    return b"".join(row.body for row in rows)[part.start - first * PIECE :][: len(part)]


async def reported(work: Work, spot: Spot, body: Body, row: Row | None) -> Answer:
    """Take how far a device is with a file."""
    said = body.obj
    if said.loadPercent > WHOLE or said.status > STATES:  # type: ignore[attr-defined]
        raise Told(400, "loadPercent is at most 100, status at most 8")
    return await plain.replaced(work, spot, body, row)
