"""The pure step: from a picture, one message and the moment to a new picture and what goes out.

`TABLE` has a row for each of the eleven kinds; docs/decisions/0002 says what each of them does. A message
that says nothing new changes nothing, so a message may come twice. Never waits, reads a clock, draws a
number or sees a wire.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeVar

from bridge.core import effects, facts, fleet, primacy
from bridge.core.fleet import Picture
from models.der import messages

Out = tuple[messages.Message, ...]
Handler = Callable[[Picture, Any, Decimal], tuple[Picture, Out]]
STRANGER = "the unit is not enrolled"
Window = TypeVar("Window", messages.Price, messages.Notice)


def step(picture: Picture, message: messages.Message, now: Decimal) -> tuple[Picture, Out]:
    """Take one message; raises KeyError for a thing that is none of the eleven kinds."""
    return TABLE[type(message)](picture, message, now)


def _settled(
    before: Picture, after: Picture, names: Iterable[str], cause: messages.Message, now: Decimal
) -> tuple[Picture, Out]:
    """Make the plans of these units anew and give what follows from it."""
    units = frozenset(names)
    planned = fleet.replanned(after, units)
    return planned, effects.changes(before, planned, units, cause, now)


def _event(
    picture: Picture, message: messages.Control | messages.Default, now: Decimal
) -> tuple[Picture, Out]:
    """Take a control or a default, unless a newer edition of it is held."""
    old = fleet.held(picture, primacy.key(message))
    if old is not None and type(old) is not type(message):
        reason = f"{old.mRID} names a {type(old).__name__}"
        return picture, (
            effects.refusal(picture, message, now, device=picture.own, status=effects.INVALID, reason=reason),
        )
    if old is not None and primacy.age(message) <= primacy.age(old):
        return picture, ()
    unknown = [one for one in message.target.device if not fleet.is_joined(picture, primacy.folded(one))]
    kept = _narrowed(message, unknown, old)
    after = fleet.hold(picture, kept, now)
    before = () if old is None else fleet.reached(picture, old.target)
    after, out = _settled(picture, after, {*before, *fleet.reached(after, kept.target)}, message, now)
    code = effects.UNSUPPORTED
    strangers = (
        effects.refusal(picture, message, now, device=one, status=code, reason=STRANGER) for one in unknown
    )
    return after, (*out, *strangers)


def _narrowed(
    message: messages.Control | messages.Default, unknown: list[str], old: messages.Message | None
) -> messages.Control | messages.Default:
    """Leave out units that are not in the fleet; a withdrawal is of the whole record, whomever it names."""
    target = message.target
    if old is not None and primacy.withdrawn(message):
        target = old.target
    known = tuple(one for one in target.device if one not in unknown)
    return message.model_copy(update={"target": target.model_copy(update={"device": known})})


def _fact(picture: Picture, message: facts.Fact, now: Decimal) -> tuple[Picture, Out]:
    """Take what a unit says of itself; new limits may let a control in or put one out."""
    name = facts.about(message)
    if not fleet.is_joined(picture, name):
        return picture, (effects.refusal(picture, message, now, device=name, status=None, reason=STRANGER),)
    device = facts.told(picture.devices[name], message)
    after = replace(picture, devices=fleet.put(picture.devices, name, device))
    if device.ratings == picture.devices[name].ratings:
        return after, ()
    return _settled(picture, after, (name,), message, now)


def _outcome(picture: Picture, message: messages.Outcome, now: Decimal) -> tuple[Picture, Out]:
    """Take what became of an event at a unit, and pass it on to the owner of the event."""
    subject, name = primacy.folded(message.subject), primacy.folded(message.device)
    record = fleet.held(picture, subject)
    if record is None or name not in picture.devices:
        return picture, ()
    last = picture.outcomes.get(subject, {}).get(name)
    if last is not None and _when(message) <= _when(last):
        return picture, ()
    after, out = _settled(picture, fleet.heard(picture, record, name, message), (name,), message, now)
    target = messages.Target(device=(record.origin.party,))
    onward = message.model_copy(update={"target": target, "correlation": record.correlation})
    return after, (onward, *out)


def _when(outcome: messages.Outcome) -> tuple[Decimal, Decimal, str]:
    return (outcome.issued if outcome.created is None else outcome.created, outcome.issued, outcome.id)


def _kept(held: Mapping[str, Window], message: Window, now: Decimal) -> Mapping[str, Window] | None:
    """Give the table with a price or notice in it and without what is over, or None where that is no news."""
    name = primacy.folded(message.mRID) if message.mRID else message.id
    last = held.get(name)
    if message.start + message.duration <= now or (last is not None and last.issued >= message.issued):
        return None
    live = {key: one for key, one in held.items() if one.start + one.duration > now}
    return fleet.frozen({**live, name: message})


def _price(picture: Picture, message: messages.Price, now: Decimal) -> tuple[Picture, Out]:
    """Keep a price for its window and publish it to its target."""
    prices = _kept(picture.prices, message, now)
    return (picture, ()) if prices is None else (replace(picture, prices=prices), (message,))


def _notice(picture: Picture, message: messages.Notice, now: Decimal) -> tuple[Picture, Out]:
    """Keep a text for its window and publish it to its target."""
    notices = _kept(picture.notices, message, now)
    return (picture, ()) if notices is None else (replace(picture, notices=notices), (message,))


def _enrolment(picture: Picture, message: messages.Enrolment, now: Decimal) -> tuple[Picture, Out]:
    """Let a party in or out; a unit that joins is told what its programmes ask for."""
    after = facts.enrolled(picture, message)
    if after is picture:
        return picture, ()
    return _settled(picture, after, (primacy.folded(message.device),), message, now)


TABLE: Mapping[type[messages.Message], Handler] = MappingProxyType(
    {
        messages.Capability: _fact,
        messages.Setting: _fact,
        messages.Control: _event,
        messages.Default: _event,
        messages.Reading: _fact,
        messages.Status: _fact,
        messages.Alarm: _fact,
        messages.Price: _price,
        messages.Notice: _notice,
        messages.Outcome: _outcome,
        messages.Enrolment: _enrolment,
    }
)
