"""The decision log in the store: what is noted, found, sealed, shortened, and the papers it refers to.

Groups are committed one after the other whichever process they are from, so the log is one chain, numbered in
the order of the commits, and appending needs no lock of its own. A checkpoint is signed within such a
transaction, over the last record there is. Only whole beginnings are ever removed, up to a checkpoint that
stays, and the log says so itself.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Boolean, ColumnElement, bindparam, select
from sqlalchemy.sql.base import Executable

from bridge.transports.store.engine import Engine
from bridge.transports.store.group import Rows
from bridge.transports.store.ledger import Batch, Chore, Sealing
from bridge.transports.store.query import bounded, keepable, whole, words
from bridge.transports.store.tables import DECISIONS
from bridge.trust import log
from bridge.trust.checkpoint import Seal
from bridge.trust.decision import Decision
from bridge.trust.log import NOTHING, Entry, Facts, Note

BLOCK = 2_000
"""Records that are removed in one transaction."""


class Wish(NamedTuple):
    """Which records; what is None is not asked for."""

    subject: str | None = None
    function: str | None = None
    action: str | None = None
    rule: str | None = None
    hop: str | None = None
    allowed: bool | None = None
    since: int | None = None
    """Microseconds since 1970."""
    until: int | None = None
    """Not included."""
    before: int | None = None
    """Only records with smaller numbers."""
    after: int | None = None
    """Only records with higher numbers."""


class Decisions:
    """The log of one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def waiting(self) -> int:
        """How many decisions are not yet on the disk."""
        return len(self._engine.notes)

    @property
    def lost(self) -> int:
        """How many decisions found no room while nothing could be written."""
        return self._engine.notes.lost

    def note(self, decision: Decision, facts: Facts = NOTHING) -> None:
        """Have a decision written with the next commit, whosever it is."""
        self._engine.notes.add(log.checked(Note(decision, facts)))

    async def flush(self, sealing: Sealing | None = None) -> None:
        """Have all that waits written now, and sealed where a signer is given."""
        while self.waiting:
            await self._engine.commit(Batch())
        if sealing is not None:
            await self._engine.commit(Batch(sealing=sealing))

    async def find(self, wish: Wish, limit: int) -> list[Entry]:
        """Give records, the last one first; those after a number in the order of their numbers."""
        asked = tuple(each is None for each in wish)
        query = self._engine.book.made(("decisions", *asked), lambda _: _wanted(wish))
        arguments = bounded({**wish._asdict(), "limit": limit})
        if not keepable(arguments.values()):
            return []
        return [_entry(row) for row in await self._engine.search(query, arguments)]

    async def seals(self) -> list[Seal]:
        """Give the checkpoints that there are."""
        rows = await self._engine.search(self._engine.book["seals"], {})
        return [Seal(number, at, str(signer), str(token)) for number, at, signer, token in rows]

    async def keep(self, name: str, body: bytes, at: int) -> None:
        """Keep a paper under a name, as `policy/VERSION`."""
        await self._chore("file", name=name, body=body, at=at)

    async def paper(self, name: str) -> bytes | None:
        """Give a paper."""
        if not keepable((name,)):
            return None
        rows = await self._engine.read(self._engine.book["paper"], {"name": name})
        return _octets(rows[0][0]) if rows else None

    async def papers(self, folder: str) -> dict[str, bytes]:
        """Give the papers of a folder, by what stands behind it in their names."""
        span = {"low": f"{folder}/", "high": f"{folder}0"}
        rows = await self._engine.search(self._engine.book["papers"], span)
        return {name.removeprefix(f"{folder}/"): _octets(body) for name, body in rows}

    async def oldest(self) -> tuple[int, int] | None:
        """Number and moment of the first decision that is kept."""
        rows = await self._engine.read(self._engine.book["first"], {})
        return (rows[0][0], rows[0][1]) if rows else None

    async def sealed(self, before: int) -> int | None:
        """Give the number of the last checkpoint made before a moment."""
        rows = await self._engine.read(self._engine.book["seals before"], {"moment": before})
        return rows[0][0] if rows else None

    async def shorten(self, first: int) -> int:
        """Remove all before a record that a checkpoint covers; how many. That is noted beforehand."""
        removed = 0
        while rows := await self._chore("shorten", first=first, limit=BLOCK):
            removed += len(rows)
        await self._chore("unseal", first=first)
        return removed

    async def _chore(self, name: str, /, **arguments: object) -> Rows:
        return await self._engine.commit(Batch(chore=Chore(name, arguments)))


def _wanted(wish: Wish) -> Executable:
    table = DECISIONS.c
    asked: dict[str, ColumnElement[bool]] = {
        name: table[name] == words(name) for name in ("subject", "function", "action", "rule", "hop")
    } | {
        "allowed": table.allowed == bindparam("allowed", type_=Boolean()),
        "since": table.at >= whole("since"),
        "until": table.at < whole("until"),
        "before": table.number < whole("before"),
        "after": table.number > whole("after"),
    }
    conditions = [condition for name, condition in asked.items() if getattr(wish, name) is not None]
    order = table.number.desc() if wish.after is None else table.number
    return select(DECISIONS).where(*conditions).order_by(order).limit(whole("limit"))


def _entry(row: Any) -> Entry:  # noqa: ANN401 - a row of either driver
    number, at, subject, function, action, rule, hop, allowed, body, digest = row
    moment = at if isinstance(at, int) else -1
    texts = str(subject), str(function), str(action), str(rule), str(hop)
    return Entry(number, _octets(body), str(digest), (moment, *texts, bool(allowed)))


def _octets(value: Any) -> bytes:  # noqa: ANN401 - SQLite keeps what it was given, whatever the column says
    return value.encode(errors="replace") if isinstance(value, str) else bytes(value)
