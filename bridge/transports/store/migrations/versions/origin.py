"""The first edition of the store: rows, archive, gone, outbox, keys, counters, and the decision log.

Written out in full and never changed again, since databases that were made by it are out there; what comes
later gets a file of its own. What the tables are for is told in `bridge/transports/store/tables.py`.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

WORDS = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
KEY = sa.BigInteger().with_variant(sa.Integer, "sqlite")
TYPES: dict[str, Any] = {
    "words": WORDS,
    "whole": sa.BigInteger(),
    "bytes": sa.LargeBinary(),
    "flag": sa.Boolean(),
    "number": KEY,
}

ROW = {
    "parent": "words",
    "type": "words",
    "body": "bytes",
    "profile": "words",
    "owner": "words",
    "grp": "words",
    "mark": "words",
    "rank": "words",
    "at": "whole",
    "until": "whole",
    "record": "bytes",
    "version": "whole",
    "changed": "whole",
}
TABLES = {
    "rows": {"href": "words", **ROW, "entry": "whole"},
    "archive": {
        "number": "number",
        "party": "words",
        "door": "words",
        "removed": "flag",
        "href": "words",
        **ROW,
        "before": "whole",
    },
    "gone": {"href": "words", "version": "whole", "entry": "whole", "changed": "whole"},
    "outbox": {
        "number": "number",
        "subscription": "words",
        "url": "words",
        "body": "bytes",
        "media": "words",
        "tries": "whole",
        "due": "whole",
    },
    "keys": {"key": "words", "value": "bytes", "until": "whole"},
    "counters": {"name": "words", "value": "whole"},
    "decisions": {
        "number": "number",
        "at": "whole",
        "subject": "words",
        "function": "words",
        "action": "words",
        "rule": "words",
        "hop": "words",
        "allowed": "flag",
        "body": "bytes",
        "digest": "words",
    },
    "checkpoints": {"number": "number", "at": "whole", "signer": "words", "token": "words"},
    "papers": {"name": "words", "body": "bytes", "at": "whole"},
}
"""Columns of each table by kind; the first one is its key."""

PLACE = ("rank", "length(href)", "href")
INDEXES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "rows_place": ("rows", ("parent", *PLACE, "at", "until"), ""),
    "rows_group": ("rows", ("parent", "grp", *PLACE), "grp != ''"),
    "rows_owned": ("rows", ("owner", "type", *PLACE), "owner != ''"),
    "rows_grouped": ("rows", ("type", "grp", *PLACE), "grp != ''"),
    "rows_mark": ("rows", ("parent", "mark"), "mark != ''"),
    "rows_age": ("rows", ("type", "changed"), ""),
    "rows_marked": ("rows", ("type", "mark"), "mark != ''"),
    "archive_party": ("archive", ("party", "number"), "party != owner"),
    "archive_changed": ("archive", ("changed",), ""),
    "decisions_at": ("decisions", ("at",), ""),
    "decisions_subject": ("decisions", ("subject", "number"), ""),
    "outbox_subscription": ("outbox", ("subscription", "number"), ""),
}
"""Table, columns, and of which rows."""

COUNTERS = ("fresh", "entry", "parcel")


def upgrade() -> None:
    """Make everything."""
    for name, columns in TABLES.items():
        made = [_column(column, kind) for column, kind in columns.items()]
        op.create_table(name, *made, sa.PrimaryKeyConstraint(next(iter(columns))))
    for name, (table, parts, which) in INDEXES.items():
        where = sa.text(which) if which else None
        on = [sa.text(part) if "(" in part else part for part in parts]
        unique = name == "rows_mark"
        op.create_index(name, table, on, unique=unique, sqlite_where=where, postgresql_where=where)
    for name in COUNTERS:
        op.execute(sa.text(f"INSERT INTO counters (name, value) VALUES ('{name}', 0)"))  # noqa: S608 - our own words


def _column(name: str, kind: str) -> sa.Column[Any]:
    return sa.Column(name, TYPES[kind], nullable=False, autoincrement=False)


def downgrade() -> None:
    """Remove everything."""
    for name in TABLES:
        op.drop_table(name)
