"""The statements of the store by name: what is read, what a batch looks up and writes, outbox, archive.

Each takes the tongue of the database it is for. Those that write many rows take their values in the order
of the table's columns. Rows are given by rank, then by length of the address, then by address; archive
entries by number, the last one first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    Column,
    ColumnElement,
    LargeBinary,
    Table,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.sql.base import Executable

from bridge.transports.store.query import EMPTY, FIELDS, ZERO, Tongue, filled, whole, words
from bridge.transports.store.tables import (
    AMENDED,
    ARCHIVE,
    CHECKPOINTS,
    COUNTERS,
    DECISIONS,
    GONE,
    KEYS,
    LIGHT,
    ORDER,
    OUTBOX,
    PAPERS,
    ROWS,
)


def _put(table: Table) -> Callable[[Tongue], Executable]:
    """Put rows in place, over those of the same key."""

    def made(tongue: Tongue) -> Executable:
        key, *others = table.c
        put = tongue.upsert(table).values({column.name: bindparam(column.name) for column in table.c})
        done: Executable = put.on_conflict_do_update(
            index_elements=[key], set_={column.name: put.excluded[column.name] for column in others}
        )
        return done

    return made


def _amend(_: Tongue) -> Executable:
    """Change what a row says, and nothing by which it is found."""
    fields = {column.name: bindparam(f"new_{column.name}", type_=column.type) for column in AMENDED}
    return update(ROWS).where(ROWS.c.href == words("which")).values(fields)


def _advance(tongue: Tongue) -> Executable:
    """Keep a value under a key if it is above what is there; bytes are compared as they stand."""
    given = {"key": words("key"), "value": bindparam("value", type_=LargeBinary()), "until": ZERO}
    put = tongue.upsert(KEYS).values(given)
    raised: Executable = put.on_conflict_do_update(
        index_elements=[KEYS.c.key],
        set_={"value": put.excluded.value, "until": put.excluded.until},
        where=KEYS.c.value < put.excluded.value,
    ).returning(KEYS.c.key)
    return raised


def _add(table: Table) -> Callable[[Tongue], Executable]:
    return lambda _: insert(table).values({column.name: bindparam(column.name) for column in table.c})


def _drop(table: Table, name: str) -> Callable[[Tongue], Executable]:
    """Remove the rows whose keys are in a list."""
    return lambda tongue: delete(table).where(next(iter(table.c)).in_(tongue.listed(name)))


def _searched(*wanted: ColumnElement[bool]) -> Callable[[Tongue], Executable]:
    return lambda _: select(*FIELDS).where(*wanted).order_by(*ORDER)


def between(column: ColumnElement[str]) -> ColumnElement[bool]:
    """Addresses below another: from `/a/` to before `/a0`, the character after the slash."""
    return and_(column >= words("low"), column < words("high"))


def _waiting(_: Tongue) -> Executable:
    """The first parcel of each subscription, if it is due; one step of the index for each subscription."""
    heads = select(func.min(OUTBOX.c.subscription).label("name")).cte("heads", recursive=True)
    after = select(func.min(OUTBOX.c.subscription)).where(OUTBOX.c.subscription > heads.c.name)
    heads = heads.union_all(select(after.scalar_subquery()).where(heads.c.name.is_not(None)))
    first = select(func.min(OUTBOX.c.number)).where(OUTBOX.c.subscription == heads.c.name)
    firsts = select(first.scalar_subquery()).where(heads.c.name.is_not(None))
    order = [
        OUTBOX.c.subscription,
        OUTBOX.c.url,
        OUTBOX.c.body,
        OUTBOX.c.media,
        OUTBOX.c.number,
        OUTBOX.c.tries,
    ]
    due = select(*order).where(OUTBOX.c.number.in_(firsts), OUTBOX.c.due <= whole("now"))
    return due.order_by(OUTBOX.c.number).limit(whole("limit"))


def _count(_: Tongue) -> Executable:
    more = COUNTERS.c.value + whole("more")
    return (
        update(COUNTERS)
        .where(COUNTERS.c.name == words("counter"))
        .values(value=more)
        .returning(COUNTERS.c.value)
    )


def chained(*, beneath: bool) -> CTE:
    """The last `depth` entries of `href`, where asked also of each address between `low` and `high`."""
    starts = []
    for table in (ROWS, GONE):
        at = table.c.href == words("href")
        among = or_(at, between(table.c.href)) if beneath else at
        starts.append(select(table.c.entry.label("number")).where(among))
    first = select(union_all(*starts).subquery().c.number, literal_column("1", BigInteger()).label("depth"))
    chain = first.cte("chain", recursive=True)
    back = select(ARCHIVE.c.before, chain.c.depth + literal_column("1", BigInteger()))
    back = back.join_from(chain, ARCHIVE, ARCHIVE.c.number == chain.c.number)
    return chain.union_all(back.where(ARCHIVE.c.before > ZERO, chain.c.depth < whole("depth")))


def _forget(_: Tongue) -> Executable:
    old = select(ARCHIVE.c.number).where(ARCHIVE.c.changed < whole("moment")).limit(whole("limit"))
    return delete(ARCHIVE).where(ARCHIVE.c.number.in_(old)).returning(ARCHIVE.c.number)


def _last(*columns: Column[Any]) -> Callable[[Tongue], Executable]:
    """Of the row with the highest number."""
    return lambda _: select(*columns).order_by(columns[0].desc()).limit(literal_column("1"))


def _shorten(_: Tongue) -> Executable:
    """Remove the first records of the log, some at a time."""
    old = select(DECISIONS.c.number).where(DECISIONS.c.number < whole("first"))
    some = old.order_by(DECISIONS.c.number).limit(whole("limit"))
    return delete(DECISIONS).where(DECISIONS.c.number.in_(some)).returning(DECISIONS.c.number)


def _spread(_: Tongue) -> Executable:
    """How many addresses are between two, up to a limit."""
    found = [select(table.c.href).where(between(table.c.href)).limit(whole("most")) for table in (ROWS, GONE)]
    counts = [select(func.count()).select_from(each.subquery()).scalar_subquery() for each in found]
    return select(counts[0] + counts[1])


STATEMENTS: dict[str, Callable[[Tongue], Executable]] = {
    # what is read
    "get": lambda _: select(*FIELDS).where(ROWS.c.href == words("href")),
    "owned": _searched(ROWS.c.owner == words("owner"), ROWS.c.type == words("type"), filled(ROWS.c.owner)),
    "both": _searched(
        ROWS.c.owner == words("owner"),
        ROWS.c.type == words("type"),
        ROWS.c.grp == words("grp"),
        filled(ROWS.c.owner),
    ),
    "unowned": _searched(ROWS.c.type == words("type"), ROWS.c.owner == EMPTY),
    "grouped": _searched(ROWS.c.type == words("type"), ROWS.c.grp == words("grp"), filled(ROWS.c.grp)),
    "ungrouped": _searched(ROWS.c.type == words("type"), ROWS.c.grp == EMPTY),
    "marked": _searched(ROWS.c.type == words("type"), ROWS.c.mark == words("mark"), filled(ROWS.c.mark)),
    "unmarked": _searched(ROWS.c.type == words("type"), ROWS.c.mark == EMPTY),
    "beneath": lambda _: select(*FIELDS).where(between(ROWS.c.href)).order_by(ROWS.c.href),
    # what a batch must know, and what it writes
    "look": lambda tongue: select(*LIGHT).where(ROWS.c.href.in_(tongue.listed("hrefs"))),
    "under": lambda _: select(*LIGHT).where(between(ROWS.c.href)),
    "ends": lambda tongue: select(GONE.c.href, GONE.c.version, GONE.c.entry).where(
        GONE.c.href.in_(tongue.listed("hrefs"))
    ),
    "taken": lambda tongue: select(ROWS.c.parent, ROWS.c.mark, ROWS.c.href).where(
        tuple_(ROWS.c.parent, ROWS.c.mark).in_(tongue.paired()), filled(ROWS.c.mark)
    ),
    "held": lambda tongue: select(KEYS.c.key, KEYS.c.until).where(KEYS.c.key.in_(tongue.listed("keys"))),
    "counters": lambda _: select(COUNTERS.c.name, COUNTERS.c.value),
    "counted": _put(COUNTERS),
    "count": _count,
    "remove": _drop(ROWS, "hrefs"),
    "put": _put(ROWS),
    "amend": _amend,
    "enter": _add(ARCHIVE),
    "bury": _put(GONE),
    "raise": _drop(GONE, "hrefs"),
    "post": _add(OUTBOX),
    "remember": _put(KEYS),
    "advance": _advance,
    # the outbox, and what is remembered
    "waiting": _waiting,
    "backlog": lambda _: select(func.count()).select_from(OUTBOX),
    "sent": _drop(OUTBOX, "numbers"),
    "later": lambda _: (
        update(OUTBOX)
        .where(OUTBOX.c.number == whole("which"))
        .values(due=whole("at"), tries=OUTBOX.c.tries + whole("more"))
    ),
    "dropped": lambda _: delete(OUTBOX).where(OUTBOX.c.subscription == words("subscription")),
    "remembered": lambda _: select(KEYS.c.value).where(
        KEYS.c.key == words("key"), or_(KEYS.c.until == ZERO, KEYS.c.until > whole("now"))
    ),
    "aged": lambda _: (
        select(ROWS.c.href, ROWS.c.version)
        .where(ROWS.c.type == words("type"), ROWS.c.changed < whole("moment"))
        .order_by(ROWS.c.changed)
        .limit(whole("limit"))
    ),
    # the decision log
    "ended": _last(DECISIONS.c.number, DECISIONS.c.digest),
    "log": _add(DECISIONS),
    "sealed": _last(CHECKPOINTS.c.number, CHECKPOINTS.c.token),
    "seal": _add(CHECKPOINTS),
    "seals": lambda _: select(CHECKPOINTS).order_by(CHECKPOINTS.c.number),
    "seals before": lambda _: select(func.max(CHECKPOINTS.c.number)).where(
        CHECKPOINTS.c.at < whole("moment")
    ),
    "first": lambda _: (
        select(DECISIONS.c.number, DECISIONS.c.at).order_by(DECISIONS.c.number).limit(literal_column("1"))
    ),
    "shorten": _shorten,
    "unseal": lambda _: delete(CHECKPOINTS).where(CHECKPOINTS.c.number < whole("first")),
    "file": _put(PAPERS),
    "paper": lambda _: select(PAPERS.c.body).where(PAPERS.c.name == words("name")),
    "papers": lambda _: (
        select(PAPERS.c.name, PAPERS.c.body).where(between(PAPERS.c.name)).order_by(PAPERS.c.name)
    ),
    # the archive
    "forget": _forget,
    "unbury": lambda _: delete(GONE).where(GONE.c.changed < whole("moment")),
    "expire": lambda _: delete(KEYS).where(KEYS.c.until != ZERO, KEYS.c.until <= whole("moment")),
    "spread": _spread,
    "last": lambda _: select(COUNTERS.c.value).where(COUNTERS.c.name == words("counter")),
    "owning": lambda _: (
        select(ROWS.c.href).where(ROWS.c.owner == words("party"), filled(ROWS.c.owner)).limit(whole("most"))
    ),
}
