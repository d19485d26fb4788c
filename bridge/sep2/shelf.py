"""What the server keeps: rows, what changes them, and the contract of whoever keeps them.

Everything is a row, a resource as much as a group or a client's permit; what is not served over IEEE 2030.5
stands below `/-/`. A body is the document as it was accepted, its links and addresses are put in when it is
read. Nothing here knows a database.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

HIDDEN = "/-/"
"""Rows below this path are ours: groups, members, permits, settings. No 2030.5 client ever sees them."""
OUTGOING = f"{HIDDEN}outgoing"
"""Topic of what is on its way out: stale when a parcel is added."""


class Row(NamedTuple):
    """One resource, or one record of ours."""

    href: str
    parent: str
    """The list it is a member of, or the resource it belongs to."""
    type: str
    """Name of its type in the schema (that of an extension, where `xsi:type` said so), or of our record."""
    body: bytes = b""
    """The document as accepted, to be read under `profile`; a JSON object for a record of ours."""
    profile: str = ""
    owner: str = ""
    """LFDI of the EndDevice it belongs to, in upper case; empty for what belongs to the utility."""
    grp: str = ""
    """What it hangs from: the group of a programme or a member, the aggregator's LFDI of an EndDevice."""
    mark: str = ""
    """What a second one would be known by, unique among its siblings: an mRID, an LFDI; upper case."""
    rank: str = ""
    """Place among its siblings: ASCII text, ascending; equal ranks by href's length, then by href."""
    at: int = 0
    """When what it tells begins, in seconds since 1970: the time key of its list."""
    until: int = 0
    """When that ends, not included; 0 for never."""
    record: bytes = b""
    """The canonical message as JSON, the truth for the DER function set; empty for other types."""
    version: int = 0
    """Set by the store: 1 for the first edition of an address, then one more with each."""
    changed: int = 0
    """Set by the store: when this edition was committed."""


class Change(NamedTuple):
    """One row put in place, or (where `row` is none) an address removed."""

    href: str
    row: Row | None
    expect: int | None = None
    """Version that the address must have now, 0 for none at all; not asked where None."""
    deep: bool = False
    """Remove all that stands below the address, too."""


class Who(NamedTuple):
    """In whose name a change is made: the party (an LFDI, or `core`), its door, and the moment."""

    party: str
    door: str
    at: int


class Parcel(NamedTuple):
    """An effect on its way out, committed with its cause: a Notification to be posted."""

    subscription: str
    """Address of the subscription; parcels of one subscription go out in the order of their commits."""
    url: str
    body: bytes
    media: str
    number: int = 0
    """Set by the store."""
    tries: int = 0


class Cut(NamedTuple):
    """Which members of a list: `s` and `l` of the query, `a` as `after`, and whose."""

    start: int = 0
    limit: int = 1
    after: int | None = None
    """Only rows with `at` greater than this."""
    owner: str | None = None
    grp: str | None = None
    active: int | None = None
    """Only rows whose window holds this moment."""
    among: tuple[str, ...] | None = None
    """Only rows of these addresses, wherever their parents are."""
    ending: int | None = None
    """Only rows that are not over at this moment (`until` 0 or greater)."""


class Page(NamedTuple):
    """The rows of a cut, and how many there are without `start` and `limit`."""

    rows: tuple[Row, ...]
    total: int


class Conflict(Exception):
    """An expectation failed, or a mark is taken among the siblings: nothing of the batch was done."""


class Shelf(Protocol):
    """Reads see every commit that was acknowledged before they began, in whichever process.

    What a read has seen is named by topics, one each: `href` for `get`, `parent/` for `children` and `count`,
    `type~owner`, `type^grp` and `type=mark` for the three searches, `href//` for `beneath`.
    """

    async def get(self, href: str) -> Row | None:
        """Give the row of an address."""
        ...

    async def children(self, parent: str, cut: Cut) -> Page:
        """Give members of a list in the order of rank."""
        ...

    async def count(self, parent: str, cut: Cut) -> int:
        """Give how many members a cut has, `start` and `limit` left aside."""
        ...

    async def owned(self, type_: str, owner: str, grp: str = "") -> tuple[Row, ...]:
        """Give the rows of a type that belong to an EndDevice, by rank; those alone that hang from `grp`."""
        ...

    async def grouped(self, type_: str, grp: str) -> tuple[Row, ...]:
        """Give the rows of a type that hang from something, by rank."""
        ...

    async def marked(self, type_: str, mark: str) -> tuple[Row, ...]:
        """Give the rows of a type with a mark, whosever they are."""
        ...

    async def beneath(self, href: str) -> tuple[Row, ...]:
        """Give every row below an address, the address itself not included, by href."""
        ...

    async def fresh(self) -> int:
        """Give a number that was never given before, for an address."""
        ...

    async def commit(self, changes: Sequence[Change], who: Who, parcels: Sequence[Parcel] = ()) -> None:
        """Make all of it durable or nothing; Conflict where an expectation fails."""
        ...


def topics(row: Row) -> frozenset[str]:
    """What a change of a row makes stale; the store adds `above//` for each address above it."""
    return frozenset({
        row.href,
        f"{row.parent}/",
        f"{row.type}~{row.owner}",
        f"{row.type}^{row.grp}",
        f"{row.type}={row.mark}",
    })  # fmt: skip


def above(href: str) -> list[str]:
    """The topics of the subtrees that an address is in: `/a/b/c` is in `/a//` and `/a/b//`."""
    parts = href.split("/")
    return ["/".join(parts[:end]) + "//" for end in range(2, len(parts))]
