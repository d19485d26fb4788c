"""A shelf in memory, for tests that need no database: the contract of bridge.sep2.shelf and nothing more.

A batch is done on a copy and put in place as a whole. What each commit made stale, its parcels and its author
stay readable, so that a test may ask what was written, by whom and what it touched. Nothing is kept on disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bridge.sep2.shelf import Change, Conflict, Cut, Page, Parcel, Row, Who, above, topics
from bridge.sep2.talk import Ask, Peer
from bridge.sep2.work import Caller, Policy, Trace, Work

NOW = 1_767_225_600
LFDI = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5"
SFDI = 167261211391
OTHER = "AB12000000000000000000000000000000000CD3"


@dataclass
class Commit:
    """One batch that was done."""

    who: Who
    changes: tuple[Change, ...]
    parcels: tuple[Parcel, ...]
    topics: frozenset[str]


@dataclass
class Memory:
    """A dictionary of rows behind the contract of a shelf."""

    rows: dict[str, Row] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    commits: list[Commit] = field(default_factory=list)
    last: int = 0
    reads: int = 0

    async def get(self, href: str) -> Row | None:
        self.reads += 1
        return self.rows.get(href)

    async def children(self, parent: str, cut: Cut) -> Page:
        self.reads += 1
        found = self._cut(parent, cut)
        return Page(tuple(found[cut.start : cut.start + cut.limit]), len(found))

    async def count(self, parent: str, cut: Cut) -> int:
        self.reads += 1
        return len(self._cut(parent, cut))

    async def owned(self, type_: str, owner: str, grp: str = "") -> tuple[Row, ...]:
        self.reads += 1
        mine = (row for row in self.rows.values() if row.type == type_ and row.owner == owner)
        return _ranked(row for row in mine if not grp or row.grp == grp)

    async def grouped(self, type_: str, grp: str) -> tuple[Row, ...]:
        self.reads += 1
        return _ranked(row for row in self.rows.values() if row.type == type_ and row.grp == grp)

    async def marked(self, type_: str, mark: str) -> tuple[Row, ...]:
        self.reads += 1
        return _ranked(row for row in self.rows.values() if row.type == type_ and row.mark == mark)

    async def beneath(self, href: str) -> tuple[Row, ...]:
        self.reads += 1
        return tuple(sorted(_below(self.rows, href), key=lambda row: row.href))

    async def fresh(self) -> int:
        self.last += 1
        return self.last

    async def commit(self, changes: Sequence[Change], who: Who, parcels: Sequence[Parcel] = ()) -> None:
        rows, versions = dict(self.rows), dict(self.versions)
        touched: set[str] = set()
        for change in changes:
            was = rows.get(change.href)
            if change.expect is not None and change.expect != (was.version if was else 0):
                raise Conflict(f"{change.href} is at {was.version if was else 0}, not {change.expect}")
            touched |= _do(change, rows, versions, who.at)
        self.rows, self.versions = rows, versions
        self.commits.append(Commit(who, tuple(changes), tuple(parcels), frozenset(touched)))

    async def lay(self, *rows: Row, at: int = NOW) -> None:
        """Put rows in place without asking what was there."""
        await self.commit([Change(row.href, row) for row in rows], Who("test", "test", at))

    @property
    def parcels(self) -> list[Parcel]:
        """Every parcel that was ever committed, in order."""
        return [parcel for commit in self.commits for parcel in commit.parcels]

    def _cut(self, parent: str, cut: Cut) -> list[Row]:
        among = None if cut.among is None else frozenset(cut.among)
        return list(_ranked(row for row in self.rows.values() if _fits(row, parent, cut, among)))


def work(
    shelf: Memory,
    *,
    method: str = "GET",
    path: str = "/dcap",
    role: str = "device",
    profile: str = "2018",
    edev: str = "/edev/1",
    lfdi: str = LFDI,
    now: int = NOW,
    query: tuple[tuple[str, str], ...] = (),
    policy: Policy | None = None,
) -> Work:
    """A request of a caller, as a handler gets it."""
    ask = Ask(method, path, Peer(lfdi, SFDI), now, query)
    return Work(ask, Caller(lfdi, SFDI, role, edev, profile), policy or Policy(), Trace(shelf))


def _do(change: Change, rows: dict[str, Row], versions: dict[str, int], at: int) -> set[str]:
    """Do one change; what it makes stale."""
    gone = [was for was in (rows.get(change.href),) if was]
    if change.deep:
        gone += _below(rows, change.href)
    for row in gone:
        del rows[row.href]
    fresh = [] if change.row is None else [_edition(change, rows, versions, at)]
    for row in fresh:
        rows[row.href] = row
    return {topic for row in (*gone, *fresh) for topic in (*topics(row), *above(row.href))}


def _edition(change: Change, rows: dict[str, Row], versions: dict[str, int], at: int) -> Row:
    row = change.row
    assert row is not None
    assert row.href == change.href
    if row.mark and any(row.parent == each.parent and row.mark == each.mark for each in rows.values()):
        raise Conflict(f"{row.mark} is taken in {row.parent}")
    versions[row.href] = versions.get(row.href, 0) + 1
    return row._replace(version=versions[row.href], changed=at)


def _fits(row: Row, parent: str, cut: Cut, among: frozenset[str] | None) -> bool:
    return (
        (row.parent == parent if among is None else row.href in among)
        and (cut.after is None or row.at > cut.after)
        and (cut.owner is None or row.owner == cut.owner)
        and (cut.grp is None or row.grp == cut.grp)
        and (cut.active is None or (row.at <= cut.active and (not row.until or cut.active < row.until)))
        and (cut.ending is None or not row.until or row.until > cut.ending)
    )


def _ranked(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: (row.rank, len(row.href), row.href)))


def _below(rows: dict[str, Row], href: str) -> list[Row]:
    return [row for row in rows.values() if row.href.startswith(f"{href}/")]
