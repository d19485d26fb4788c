"""What goes out when the picture changes: the difference between where each record stood and where it stands.

The table `SAYS` gives the response status (2030.5-2018 table 27) that tells the owner of a record of its
new standing with a unit. Both sides are judged at the same moment, so the mere passing of time has no
effect here: that is read off by `events`. Ids are made from the cause, so the same step gives the same ids.
Never answers an Outcome with an Outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from enum import Enum, auto
from types import MappingProxyType
from typing import NamedTuple

from bridge.core import displaced, fleet, limits, primacy, timeline
from models.der import messages

Event = messages.Control | messages.Default


class Standing(Enum):
    """How a record stands with a unit."""

    ABSENT = auto()
    LIVE = auto()
    OVERTAKEN = auto()
    BEYOND = auto()
    WITHDRAWN = auto()
    CLOSED = auto()
    PAST = auto()


class Place(NamedTuple):
    """Where a record stands, and the record."""

    standing: Standing
    record: Event | None = None


RECEIVED, COMPLETED, CANCELLED, NO_PART = 1, 3, 6, 10
SUPERSEDED = displaced.SUPERSEDED
UNSUPPORTED, INVALID, EXPIRED = 252, 253, 254

BEGUN = frozenset({Standing.LIVE, Standing.OVERTAKEN})
FRESH = frozenset({Standing.ABSENT, Standing.BEYOND, Standing.WITHDRAWN, Standing.PAST})
ALL = frozenset(Standing)
ENDS = MappingProxyType({2: CANCELLED, 3: CANCELLED, 4: SUPERSEDED, 5: COMPLETED})
"""What the owner is told of an end that the source itself declared, by its currentStatus."""

SAYS: tuple[tuple[frozenset[Standing], Standing, tuple[int, ...]], ...] = (
    (FRESH | {Standing.OVERTAKEN}, Standing.LIVE, (RECEIVED,)),
    (FRESH, Standing.OVERTAKEN, (RECEIVED, SUPERSEDED)),
    (frozenset({Standing.LIVE}), Standing.OVERTAKEN, (SUPERSEDED,)),
    (ALL, Standing.BEYOND, (INVALID,)),
    (frozenset({Standing.ABSENT}), Standing.PAST, (EXPIRED,)),
    (BEGUN, Standing.ABSENT, (NO_PART,)),
)
"""From, to, and what the owner is told. A change that is not listed says nothing."""

Places = Mapping[tuple[str, str], Place]
NO_PLAN: timeline.Plan = MappingProxyType({})


def places(picture: fleet.Picture, names: Iterable[str], now: Decimal) -> Places:
    """Give the place of every record with every one of these units.

    A record that a plan gives time to come is live, for a plan holds nothing else; only the others are judged
    one by one. Units that share a plan share its list of what is live: that makes a large group cheap.
    """
    live: dict[int, frozenset[str]] = {}
    found: dict[tuple[str, str], Place] = {}
    for name in names:
        plan = picture.plans.get(name, NO_PLAN)
        if id(plan) not in live:
            live[id(plan)] = timeline.ahead(plan, now)
        for record in (one for row in fleet.asked(picture, name) for one in row):
            key = primacy.key(record)
            begun = Standing.LIVE if key in live[id(plan)] else _standing(picture, name, record, now)
            found[name, key] = Place(begun, record)
    return found


def changes(
    before: fleet.Picture, after: fleet.Picture, names: Iterable[str], cause: messages.Message, now: Decimal
) -> tuple[messages.Message, ...]:
    """Give what goes out to these units, and to the owners of records that stand otherwise than before."""
    units = sorted(names)
    old, new = places(before, units, now), places(after, units, now)
    return tuple(
        message
        for name, key in sorted({*old, *new})
        for message in _one(
            after, name, (old.get((name, key), NOWHERE), new.get((name, key), NOWHERE)), cause, now
        )
    )


NOWHERE = Place(Standing.ABSENT)


def outcome(
    picture: fleet.Picture,
    cause: messages.Message,
    now: Decimal,
    *,
    device: str,
    subject: str,
    status: int | None,
    owner: messages.Message,
    reason: str | None = None,
) -> messages.Outcome:
    """Tell the owner of a record what became of it at a unit."""
    return messages.Outcome(
        id=f"{cause.id}/{device}/{subject}/{status}",
        origin=messages.Origin(party=picture.own, door=messages.Door.core),
        target=messages.Target(device=(owner.origin.party,)),
        issued=now,
        correlation=owner.correlation,
        created=now,
        device=device,
        subject=subject,
        status=status,
        reason=reason,
    )


def refusal(
    picture: fleet.Picture,
    cause: messages.Message,
    now: Decimal,
    *,
    device: str,
    status: int | None,
    reason: str,
) -> messages.Outcome:
    """Tell a sender that its message was not taken for a unit."""
    named = cause.mRID if isinstance(cause, messages.Control | messages.Default) else None
    subject = named or primacy.folded(cause.id.encode().hex())
    return outcome(
        picture, cause, now, device=device, subject=subject, status=status, owner=cause, reason=reason
    )


def to(record: messages.Message, device: str, cause: messages.Message) -> messages.Message:
    """Give the message that carries a record to one unit."""
    target = messages.Target(device=(device,))
    return record.model_copy(update={"id": f"{cause.id}/{device}/{record.id}", "target": target})


def _one(
    after: fleet.Picture, name: str, pair: tuple[Place, Place], cause: messages.Message, now: Decimal
) -> Iterator[messages.Message]:
    old, new = pair
    record = new.record or old.record
    if record is None or old == new:
        return
    yield from _orders(after, name, pair, cause, now)
    for status in _said(after, name, (old, new)):
        yield outcome(
            after,
            cause,
            now,
            device=name,
            subject=record.mRID or primacy.key(record),
            status=status,
            owner=record,
            reason=_reason(after, name, record, new.standing),
        )


def _orders(
    after: fleet.Picture, name: str, pair: tuple[Place, Place], cause: messages.Message, now: Decimal
) -> Iterator[messages.Message]:
    """Give what the unit itself is told: the record it shall follow, or that one it followed is off."""
    old, new = pair
    ended = new.standing is Standing.WITHDRAWN and old.standing in BEGUN
    if new.record is not None and (ended or new.standing is Standing.LIVE):
        yield to(new.record, name, cause)
    elif isinstance(old.record, messages.Control) and old.standing in BEGUN and _taken_away(after, name, new):
        state = messages.EventState(currentStatus=2, at=now, potentiallySuperseded=False)
        yield to(old.record.model_copy(update={"status": state}), name, cause)


def _taken_away(after: fleet.Picture, name: str, new: Place) -> bool:
    """Whether a unit of the fleet no longer has a record: it is not asked for it now, or may not be."""
    return fleet.is_joined(after, name) and new.standing in {Standing.ABSENT, Standing.BEYOND}


def _said(after: fleet.Picture, name: str, pair: tuple[Place, Place]) -> tuple[int, ...]:
    """Give what the owner of a record is told; a new edition of it is a new question, answered anew."""
    old, new = pair
    if new.standing is Standing.WITHDRAWN:
        state = new.record.status if isinstance(new.record, messages.Control) else None
        return () if state is None or old.standing not in BEGUN else (ENDS[state.currentStatus],)
    renewed = new.record is not None and old.record != new.record
    begun = Standing.ABSENT if renewed else old.standing
    if begun is new.standing:
        return ()
    codes = next((codes for froms, goal, codes in SAYS if begun in froms and goal is new.standing), ())
    return tuple(_displaced(after, name, new.record) if code == SUPERSEDED else code for code in codes)


def _displaced(picture: fleet.Picture, name: str, record: Event | None) -> int:
    """The status of a record that was overtaken, by what took its place."""
    if not isinstance(record, messages.Control):
        return SUPERSEDED
    known = {primacy.key(one): one.programme for row in fleet.asked(picture, name) for one in row}
    plan = picture.plans.get(name, NO_PLAN)
    found = displaced.rivals(plan, record, timeline.window(record), known)
    return displaced.status(record.programme, found)


def _standing(picture: fleet.Picture, name: str, record: Event, now: Decimal) -> Standing:
    """Judge a record that no plan gives time to come; a default waits, and what is empty loses nothing."""
    rows: tuple[tuple[Standing, Callable[[], bool]], ...] = (
        (Standing.WITHDRAWN, lambda: primacy.withdrawn(record)),
        (Standing.CLOSED, lambda: fleet.closed(picture, name, record)),
        (Standing.PAST, lambda: timeline.window(record)[1] <= now),
        (Standing.BEYOND, lambda: limits.beyond(record.modes, picture.devices[name].ratings) is not None),
        (Standing.LIVE, lambda: isinstance(record, messages.Default) or timeline.empty(record)),
    )
    return next((standing for standing, holds in rows if holds()), Standing.OVERTAKEN)


def _reason(picture: fleet.Picture, name: str, record: Event, standing: Standing) -> str | None:
    if standing is Standing.BEYOND:
        return limits.beyond(record.modes, picture.devices[name].ratings)
    return "the unit left the fleet or is no longer meant" if standing is Standing.ABSENT else None
