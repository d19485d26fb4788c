"""The tables of the store, one definition for SQLite and PostgreSQL.

`rows` is what is there now, `archive` every edition and removal ever committed, `gone` the last version of
addresses that are free again, `outbox` the parcels on their way, `keys` what the administration API
remembers, `counters` the numbers given so far; `decisions`, `checkpoints` and `papers` are the decision log.
Text is compared by code points on both databases.
Holds no query, and makes no table: that is for the migrations beside it.
"""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    func,
)

EDITION = "0002"
"""The last migration; a database of this edition is used as it is."""

METADATA = MetaData()
WORDS = Text().with_variant(Text(collation="C"), "postgresql")
WHOLE = BigInteger().with_variant(Integer, "sqlite")
"""An INTEGER key of SQLite is the number of the row itself."""


def _words(name: str, *, key: bool = False) -> Column[str]:
    return Column(name, WORDS, primary_key=key, nullable=False)


def _whole(name: str, *, key: bool = False) -> Column[int]:
    return Column(name, WHOLE if key else BigInteger, primary_key=key, nullable=False, autoincrement=False)


def _bytes(name: str) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False)


def _row() -> list[Column[str] | Column[int] | Column[bytes]]:
    """The fields of a row in the order of `bridge.sep2.shelf.Row`, without its address."""
    return [
        _words("parent"),
        _words("type"),
        _bytes("body"),
        _words("profile"),
        _words("owner"),
        _words("grp"),
        _words("mark"),
        _words("rank"),
        _whole("at"),
        _whole("until"),
        _bytes("record"),
        _whole("version"),
        _whole("changed"),
    ]


ROWS = Table("rows", METADATA, _words("href", key=True), *_row(), _whole("entry"))
ORDER = (ROWS.c.rank, func.length(ROWS.c.href), ROWS.c.href)
"""Place among siblings."""


def _filled(which: ColumnElement[bool]) -> dict[str, Any]:
    """Of which rows an index is made, for both databases."""
    return {"sqlite_where": which, "postgresql_where": which}


def _index(
    name: str, *columns: ColumnElement[Any], filled: Column[str] | None = None, unique: bool = False
) -> Index:
    """An index of rows; where `filled` is named, of those only in which it is not empty."""
    return Index(name, *columns, unique=unique, **({} if filled is None else _filled(filled != "")))


INDEXES = (
    _index("rows_place", ROWS.c.parent, *ORDER, ROWS.c.at, ROWS.c.until),
    _index("rows_group", ROWS.c.parent, ROWS.c.grp, *ORDER, filled=ROWS.c.grp),
    _index("rows_owned", ROWS.c.owner, ROWS.c.type, ROWS.c.grp, *ORDER, filled=ROWS.c.owner),
    _index("rows_grouped", ROWS.c.type, ROWS.c.grp, *ORDER, filled=ROWS.c.grp),
    _index("rows_mark", ROWS.c.parent, ROWS.c.mark, filled=ROWS.c.mark, unique=True),
    _index("rows_age", ROWS.c.type, ROWS.c.changed),
    _index("rows_marked", ROWS.c.type, ROWS.c.mark, filled=ROWS.c.mark),
)

ARCHIVE = Table(
    "archive",
    METADATA,
    _whole("number", key=True),
    _words("party"),
    _words("door"),
    Column("removed", Boolean, nullable=False),
    _words("href"),
    *_row(),
    _whole("before"),
)
"""Entries of one address hang together: `entry` of its row names the last, `before` of each the one before.
So no index by address is written with every entry; nor one by party, where a device writes of its own."""

Index("archive_party", ARCHIVE.c.party, ARCHIVE.c.number, **_filled(ARCHIVE.c.party != ARCHIVE.c.owner))
Index("archive_changed", ARCHIVE.c.changed)

GONE = Table(
    "gone", METADATA, _words("href", key=True), _whole("version"), _whole("entry"), _whole("changed")
)
OUTBOX = Table(
    "outbox",
    METADATA,
    _whole("number", key=True),
    _words("subscription"),
    _words("url"),
    _bytes("body"),
    _words("media"),
    _whole("tries"),
    _whole("due"),
)
Index("outbox_subscription", OUTBOX.c.subscription, OUTBOX.c.number)
KEYS = Table("keys", METADATA, _words("key", key=True), _bytes("value"), _whole("until"))
COUNTERS = Table("counters", METADATA, _words("name", key=True), _whole("value"))

DECISIONS = Table(
    "decisions",
    METADATA,
    _whole("number", key=True),
    _whole("at"),
    _words("subject"),
    _words("function"),
    _words("action"),
    _words("rule"),
    _words("hop"),
    Column("allowed", Boolean, nullable=False),
    _bytes("body"),
    _words("digest"),
)
"""The body is what counts, and what the digest is of; the others are to find it by."""

Index("decisions_at", DECISIONS.c.at)
Index("decisions_subject", DECISIONS.c.subject, DECISIONS.c.number)
CHECKPOINTS = Table(
    "checkpoints", METADATA, _whole("number", key=True), _whole("at"), _words("signer"), _words("token")
)
PAPERS = Table("papers", METADATA, _words("name", key=True), _bytes("body"), _whole("at"))
"""What records and checkpoints refer to: policies by their version, certificates of signers."""

FOUND = ("parent", "type", "owner", "grp", "mark", "rank")
"""By what a row is found, beside its address and its window in time."""
LIGHT = tuple(ROWS.c[name] for name in ("href", "version", "entry", *FOUND))
"""What must be known of a row that is about to change."""
AMENDED = tuple(column for column in ROWS.c if column.name not in {"href", *FOUND})
"""What changes in a row that is found as before."""
amendment = itemgetter(*(ROWS.c.keys().index(column.name) for column in AMENDED), 0)
"""Of the values of a row, those that change so, and its address."""

FILLED = ("rows", "archive", "outbox", "keys", "decisions")
"""Tables that are empty in a store that was never used."""
