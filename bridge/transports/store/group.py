"""A group of batches in one transaction, as a conversation with whoever holds the connection.

It asks for what must be known, lets the ledger decide, and gives what is to be written; the one who holds the
connection runs each statement in its own way, between its own BEGIN and COMMIT. Decisions that wait are
chained to the last one of the log, in the same transaction. It never begins or ends a transaction.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any, NamedTuple

from bridge.sep2.shelf import Conflict
from bridge.transports.store.ledger import Batch, Ledger, Light
from bridge.trust import log
from bridge.trust.log import Note

Rows = Sequence[Any]
"""Rows of values, of either driver."""


class Fetch(NamedTuple):
    """A statement with named arguments, and its rows are wanted."""

    name: str
    arguments: dict[str, Any]


class Bulk(NamedTuple):
    """A statement to be run for each of these rows of values."""

    name: str
    rows: Sequence[Sequence[Any]]


class Done(NamedTuple):
    """What became of each batch, in their order, and what the group changed."""

    results: list[Conflict | Rows]
    topics: frozenset[str]
    number: int
    """Of the last entry in the archive after it."""
    puts: Mapping[str, tuple[Any, ...]] = {}
    """What was put, by address: the fields of its row, and the number of its entry."""
    noted: int = 0
    """How many decisions went into the log."""


Flow = Generator[Fetch | Bulk, Rows, Done]


def settle(batches: Sequence[Batch], notes: Sequence[Note] = ()) -> Flow:
    """Take a group through, and the decisions that wait; give the statements, at the end what came of it."""
    results: list[Conflict | Rows] = []
    ledger = yield from _opened(batches)
    for batch in batches:
        results.append(ledger.take(batch) or ())
        if batch.chore is not None:
            results[-1] = yield Fetch(batch.chore.name, dict(batch.chore.arguments))
    yield from _write(ledger)
    if notes:
        yield from _log(notes)
    for batch in batches:
        if batch.sealing is not None:
            yield from _seal(batch)
    puts = {href: row for href, row in ledger.puts.items() if ledger.rows[href] is not None}
    return Done(results, frozenset(ledger.topics), ledger.number, puts, len(notes))


def _log(notes: Sequence[Note]) -> Generator[Fetch | Bulk, Rows, None]:
    """Chain decisions to the last one."""
    ended = yield Fetch("ended", {})
    number, digest = (ended[0][0], str(ended[0][1])) if ended else (0, "")
    rows = []
    for note in notes:
        number += 1
        made = log.entry(number, digest, note)
        digest = made.digest
        rows.append((number, *(made.beside or ()), made.body, digest))
    yield Bulk("log", rows)


def _seal(batch: Batch) -> Generator[Fetch | Bulk, Rows, None]:
    """Sign the log, if it has grown since the last checkpoint."""
    ended, sealed = (yield Fetch("ended", {})), (yield Fetch("sealed", {}))
    if batch.sealing is not None and ended and (not sealed or sealed[0][0] < ended[0][0]):
        number, digest = ended[0]
        yield Bulk("seal", [batch.sealing(number, str(digest), str(sealed[0][1]) if sealed else "")])


def _opened(batches: Sequence[Batch]) -> Generator[Fetch | Bulk, Rows, Ledger]:
    """Learn what the batches touch."""
    changes = [change for batch in batches for change in batch.changes]
    if not changes and not any(batch.parcels or batch.keys for batch in batches):
        return Ledger({}, {}, {}, {}, 0, 0)
    hrefs = list({change.href for change in changes})
    found = (yield Fetch("look", {"hrefs": hrefs})) if hrefs else ()
    was = {row[0]: Light(*row) for row in found}
    for low in {f"{change.href}/" for change in changes if change.deep}:
        below = yield Fetch("under", {"low": low, "high": low[:-1] + "0"})
        was.update({row[0]: Light(*row) for row in below})
    missing = [href for href in hrefs if href not in was]
    ends = (yield Fetch("ends", {"hrefs": missing})) if missing else ()
    marks = yield from _marks(batches, was)
    keys = [key.key for batch in batches for key in batch.keys]
    held = (yield Fetch("held", {"keys": keys})) if keys else ()
    counters = dict((yield Fetch("counters", {})))
    return Ledger(
        was,
        {href: (version, entry) for href, version, entry in ends},
        marks,
        dict(held),
        counters["entry"],
        counters["parcel"],
    )


def _marks(
    batches: Sequence[Batch], was: dict[str, Light]
) -> Generator[Fetch | Bulk, Rows, dict[tuple[str, str], str | None]]:
    """Who has the marks that are asked for now."""
    rows = [change.row for batch in batches for change in batch.changes if change.row and change.row.mark]
    pairs = {(row.parent, row.mark) for row in rows}
    known: dict[tuple[str, str], str | None] = {
        (row.parent, row.mark): row.href for row in was.values() if row.mark
    }
    if asked := list(pairs - known.keys()):
        parents, marks = zip(*asked, strict=True)
        taken = yield Fetch("taken", {"pairs": asked, "parents": list(parents), "marks": list(marks)})
        known.update({(parent, mark): href for parent, mark, href in taken})
    return known


def _write(ledger: Ledger) -> Generator[Fetch | Bulk, Rows, None]:
    """Write what the ledger came to."""
    if removed := ledger.removed():
        yield Fetch("remove", {"hrefs": removed})
    puts, amended = ledger.put()
    if puts:
        yield Bulk("put", puts)
    if amended:
        yield Bulk("amend", amended)
    if ledger.entries:
        yield Bulk("enter", ledger.entries)
    if raised := [href for href, end in ledger.buried.items() if end is None]:
        yield Fetch("raise", {"hrefs": raised})
    if buried := [(href, *end) for href, end in ledger.buried.items() if end is not None]:
        yield Bulk("bury", buried)
    if ledger.parcels:
        yield Bulk("post", ledger.parcels)
    if ledger.remembered:
        yield Bulk("remember", list({key.key: key for key in ledger.remembered}.values()))
    if ledger.entries or ledger.parcels:
        yield Bulk("counted", [("entry", ledger.number), ("parcel", ledger.parcel)])
