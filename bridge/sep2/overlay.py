"""A shelf as it will be once some changes are committed, for notifications of what a commit will leave.

Reads go to the shelf below and are put right where a change bears on them; a list is read no further than the
page asked for and as many rows more as there are changes. The contract is `shelf.Shelf`; commits are refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bridge.sep2.shelf import Change, Cut, Page, Parcel, Row, Shelf, Who
from bridge.sep2.work import Trace


def fresh(changes: Sequence[Change]) -> frozenset[str]:
    """Give addresses where nothing stands, or the commit fails; none are known where it removes anything."""
    if any(change.row is None for change in changes):
        return frozenset()
    return frozenset(change.href for change in changes if change.expect == 0)


class Overlay:
    """Rows put in place and addresses removed, over a shelf that knows nothing of it."""

    def __init__(self, shelf: Shelf | Trace, changes: Sequence[Change], at: int) -> None:
        self._shelf = shelf
        self._put: dict[str, Row] = {}
        self._gone: set[str] = set()
        self._new = fresh(changes)
        self._deep: list[str] = []
        for change in changes:
            self._change(change, at)
        self._types: dict[str, list[Row]] = {}
        for row in self._put.values():
            self._types.setdefault(row.type, []).append(row)

    def _change(self, change: Change, at: int) -> None:
        if change.deep:
            self._deep.append(f"{change.href}/")
            self._put = {
                href: row for href, row in self._put.items() if not href.startswith(f"{change.href}/")
            }
        if change.row is None:
            self._put.pop(change.href, None)
            self._gone.add(change.href)
        else:
            # The next version is the store's to give; one more than expected is what it will be.
            fresh = (change.expect or 0) + 1 if change.expect is not None else change.row.version + 1
            self._put[change.href] = change.row._replace(version=fresh, changed=at)
            self._gone.discard(change.href)

    def dropped(self, href: str) -> bool:
        """Whether what stood at an address is removed or replaced."""
        return href in self._gone or href in self._put or any(href.startswith(deep) for deep in self._deep)

    async def get(self, href: str) -> Row | None:
        """Give the row of an address."""
        if href in self._put:
            return self._put[href]
        return None if self.dropped(href) else await self._shelf.get(href)

    async def children(self, parent: str, cut: Cut) -> Page:
        """Give members of a list in the order of rank."""
        own = [row for row in self._put.values() if matches(row, parent, cut)]
        was = await self._replaced(parent, cut)
        if not own and not was:
            if any(f"{parent}/".startswith(deep) for deep in self._deep):
                return Page((), 0)
            return await self._shelf.children(parent, cut)
        wide = cut._replace(start=0, limit=cut.start + cut.limit + was)
        below = await self._shelf.children(parent, wide)
        rows = _ranked([*(row for row in below.rows if not self.dropped(row.href)), *own])
        return Page(rows[cut.start : cut.start + cut.limit], below.total - was + len(own))

    async def _replaced(self, parent: str, cut: Cut) -> int:
        """Give how many rows of a cut below are removed or replaced."""
        count = 0
        for href in {*self._gone, *self._put} - self._new:
            row = await self._shelf.get(href)
            count += row is not None and matches(row, parent, cut)
        deep = [deep for deep in self._deep if f"{parent}/".startswith(deep)]
        return count if not deep else await self._shelf.count(parent, cut)

    async def count(self, parent: str, cut: Cut) -> int:
        """Give how many members a cut has."""
        return (await self.children(parent, cut._replace(start=0, limit=0))).total

    async def owned(self, type_: str, owner: str, grp: str = "") -> tuple[Row, ...]:
        """Give the rows of a type that belong to an EndDevice."""
        found = await self._shelf.owned(type_, owner, grp)
        own = [row for row in self._kind(type_) if row.owner == owner and row.grp == (grp or row.grp)]
        return self._merged(found, own)

    async def grouped(self, type_: str, grp: str) -> tuple[Row, ...]:
        """Give the rows of a type that hang from something."""
        found = await self._shelf.grouped(type_, grp)
        return self._merged(found, [row for row in self._kind(type_) if row.grp == grp])

    async def marked(self, type_: str, mark: str) -> tuple[Row, ...]:
        """Give the rows of a type with a mark."""
        found = await self._shelf.marked(type_, mark)
        return self._merged(found, [row for row in self._kind(type_) if row.mark == mark])

    async def beneath(self, href: str) -> tuple[Row, ...]:
        """Give every row below an address."""
        found = await self._shelf.beneath(href)
        own = [row for row in self._put.values() if row.href.startswith(f"{href}/")]
        merged = self._merged(found, own)
        return tuple(sorted(merged, key=lambda row: row.href))

    async def fresh(self) -> int:
        """Give a number that was never given before."""
        return await self._shelf.fresh()

    async def commit(self, changes: Sequence[Change], who: Who, parcels: Sequence[Parcel] = ()) -> None:
        """Refuse: nothing is written through what is yet to be written itself."""
        raise TypeError(f"nothing is committed through an overlay: {len(changes)}, {who}, {len(parcels)}")

    def _kind(self, type_: str) -> Sequence[Row]:
        """Give the rows of a type that are put in place."""
        return self._types.get(type_, ())

    def _merged(self, found: Sequence[Row], own: Sequence[Row]) -> tuple[Row, ...]:
        return _ranked([*(row for row in found if not self.dropped(row.href)), *own])


def matches(row: Row, parent: str, cut: Cut) -> bool:
    """Whether a row is in a cut of a list, `start` and `limit` left aside."""
    return (
        (row.parent == parent if cut.among is None else row.href in cut.among)
        and (cut.after is None or row.at > cut.after)
        and (cut.owner is None or row.owner == cut.owner)
        and (cut.grp is None or row.grp == cut.grp)
        and (cut.active is None or (row.at <= cut.active and (not row.until or cut.active < row.until)))
        and (cut.ending is None or not row.until or row.until > cut.ending)
    )


def _ranked(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: (row.rank, len(row.href), row.href)))
