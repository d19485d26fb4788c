"""The intake of requests for many meters: kept whole and durable, then acknowledged; served by others later.

The same request again is given the same name, and has no second effect: known by the sender's own name for
it, and by its number with all that it says. A name or a number that was something else before is refused.
Nobody is reached here.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from bridge.app.market import asked, reading, registry, state
from bridge.app.market.asked import Asked
from bridge.app.market.reading import Refused, Request
from bridge.app.market.section import Market
from bridge.app.market.state import State
from bridge.sep2 import ours
from bridge.sep2.shelf import HIDDEN, Change, Conflict, Row, Shelf, Who
from bridge.sep2.work import Trace

__all__ = ["Refused", "Taken", "accept", "take"]
MOST = 10_000
TRIES = 8
KEYS = f"{HIDDEN}requested"


class Place(Protocol):
    """What is needed of a site."""

    @property
    def shelf(self) -> Shelf:
        """Where everything is read and committed."""
        ...

    @property
    def market(self) -> Market:
        """How requests are read."""
        ...


class Taken(NamedTuple):
    """A request that was taken, now or before."""

    id: str
    href: str
    changes: tuple[Change, ...] = ()
    """What keeps it; none where it is kept already."""


async def accept(site: Place, entity: str, request: Request, at: int) -> str:
    """Keep a request of the SOAP service, and give its RequestID; Refused where it can have no effect."""
    made = reading.read(site.market, entity, request, at)
    named = reading.group(request)
    if named:
        listed = await registry.among(site.shelf, named, entity)
        made = made._replace(to=tuple(dict.fromkeys((*made.to, *listed))))
    for _ in range(TRIES):
        taken = await take(site.shelf, made, at)
        try:
            if taken.changes:
                await site.shelf.commit(taken.changes, Who(entity, "soap", at))
        except Conflict:
            continue
        return taken.id
    raise Conflict(f"other requests came between, {TRIES} times")


async def take(shelf: Shelf | Trace, made: Asked, at: int) -> Taken:
    """Give what keeps a request, or what it was called when it was taken before."""
    if not made.to:
        raise Refused("nobody is addressed")
    if len(made.to) > MOST:
        raise Refused(f"{len(made.to)} addresses are more than {MOST}")
    keys = _keys(made)
    for key, said, wrong in keys:
        known = ours.read(await shelf.get(f"{KEYS}/{key}"))
        if known and known["said"] != said:
            raise Refused(wrong)
        if known and known["said"] == made.digest:
            return Taken(known["id"], known["request"])
    return await _fresh(shelf, made, at)


def _keys(made: Asked) -> list[tuple[str, str, str]]:
    """Give what a request is known by: a name for it, what it stands for, and what is wrong otherwise."""
    who, number = made.entity, reading.numbered(made.message)
    verb = "cancel" if made.cancels else "send"
    found = [
        (asked.digest(who, number, verb, made.digest), made.digest, ""),
        (asked.digest(who, number, verb), made.block, f"{number} was something else before"),
    ]
    if made.id:
        found.insert(0, (asked.digest(who, made.id), made.digest, f"{made.id} was another request"))
    return found


async def _fresh(shelf: Shelf | Trace, made: Asked, at: int) -> Taken:
    place = f"{ours.REQUESTS}/{await shelf.fresh()}"
    name = made.id or f"derbridge-{ours.number(place)}"
    rows = [
        asked.row(made, at, name, place),
        state.row(State(place, len(made.to)), state.WAITING, made.urgency, at),
    ]
    keys = _keys(made) if made.id else [(asked.digest(made.entity, name), made.digest, ""), *_keys(made)]
    for key, said, _ in keys:
        where = f"{KEYS}/{key}"
        if await shelf.get(where) is None:
            body = ours.body({"id": name, "request": place, "said": said})
            rows.append(Row(where, KEYS, asked.KEY, body, grp=place))
    return Taken(name, place, tuple(Change(each.href, each, expect=0) for each in rows))
