"""Lives of interface versions as rows, who uses each, and the notices that were given of it.

An announcement is one row; the canonical Notice to all who use the version then is committed with it
(docs/lifecycle.md). Uses are written now and then by whoever counts them. Nothing here commits.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from bridge.core import lifecycle
from bridge.core.lifecycle import ALIVE, TABLE, Life
from bridge.sep2 import canon, mrid, ours
from bridge.sep2.shelf import Cut, Row, Shelf
from bridge.sep2.work import Trace, Work
from models.der import messages

INTERFACE, USE, NOTICE = "Interface", "Use", "Notice"
EVERY = 1_000_000_000
URGENT, NORMAL = 2, 1
"""Priorities of 2030.5 messages: high, normal."""


class Use(NamedTuple):
    """How a version is used by somebody."""

    lfdi: str
    times: int
    first: int
    last: int


def href(name: str) -> str:
    """Give the address of a life."""
    return f"{ours.INTERFACES}/{name}"


def read(row: Row | None) -> Life:
    """Give what a row says."""
    said = ours.read(row)
    return Life(**{name: said[name] for name in Life._fields if name in said}) if said else ALIVE


def by(row: Row | None) -> str:
    """Give who announced it: `operator` or `configuration`."""
    said: str = ours.read(row).get("by", "operator")
    return said


async def life(shelf: Shelf | Trace, name: str) -> Life:
    """Give the life of a version."""
    return read(await shelf.get(href(name)))


async def lives(shelf: Shelf | Trace) -> dict[str, Life]:
    """Give the lives of all versions."""
    return {name: await life(shelf, name) for name in TABLE}


async def declare(work: Work, name: str, said: Life, *, by: str = "operator") -> None:
    """Announce something of a version, and tell all who use it."""
    was = await work.shelf.get(href(name))
    body = ours.body({**said._asdict(), "by": by})
    work.put(Row(href(name), ours.INTERFACES, INTERFACE, body), was)
    users = [each.lfdi for each in await uses(work.shelf, name)]
    work.put(await _notice(work, name, said, tuple(users)))


async def restore(work: Work, name: str) -> None:
    """Take back what was announced; all who use the version are told."""
    row = await work.shelf.get(href(name))
    if row is not None:
        work.drop(row)
        users = [each.lfdi for each in await uses(work.shelf, name)]
        work.put(await _notice(work, name, ALIVE, tuple(users)))


async def _notice(work: Work, name: str, said: Life, users: tuple[str, ...]) -> Row:
    at = f"{ours.NOTICES}/{await work.shelf.fresh()}"
    mark = mrid.made(at, work.policy)
    about = canon.envelope(work, at, users)
    told = messages.Notice(
        **about._asdict(), mRID=mark, originator="derbridge", priority=URGENT if said.sunset else NORMAL,
        start=Decimal(work.now), duration=Decimal(0), text=text(name, said),
    )  # fmt: skip
    record = told.model_dump_json().encode()
    return Row(at, ours.NOTICES, NOTICE, b"{}", grp=href(name), mark=mark, at=work.now, record=record)


def text(name: str, said: Life) -> str:
    """Give the words of a notice."""
    if not said.deprecated:
        return f"{name} is served on; what was announced is taken back"
    fields = dict(lifecycle.fields(said))
    parts = [f"{name} is deprecated from {said.deprecated}"]
    parts += [f"and retired from {said.sunset} ({fields['Sunset']})"] if said.sunset else []
    where = " at ".join(each for each in (said.successor, said.to) if each)
    parts += [f"; use {where}"] if where else []
    return " ".join(parts) + (f": {said.reason}" if said.reason else "")


async def uses(shelf: Shelf | Trace, name: str) -> list[Use]:
    """Give who has used a version."""
    rows = (await shelf.children(f"{ours.USES}/{name}", Cut(limit=EVERY))).rows
    return [use(row) for row in rows]


def use(row: Row) -> Use:
    """Give what a row says of a use."""
    said = ours.read(row)
    return Use(row.owner, said["times"], said["first"], row.at)


def used(name: str, said: Use) -> Row:
    """Give the row of a use."""
    parent = f"{ours.USES}/{name}"
    body = ours.body({"times": said.times, "first": said.first})
    return Row(f"{parent}/{said.lfdi}", parent, USE, body, owner=said.lfdi, at=said.last)
