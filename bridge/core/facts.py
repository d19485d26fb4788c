"""What units say of themselves, and how it changes the picture: a row for each kind, with what is newer.

A later word replaces an earlier one, never the other way round, whatever order they come in. A message is
about the unit that its target names, for an aggregator speaks for its units; else about the unit the
readings were taken at; else about its sender. Never sends anything and never judges.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeVar

from bridge.core import fleet, primacy
from models.der import messages

Fact = messages.Capability | messages.Setting | messages.Reading | messages.Status | messages.Alarm

Part = TypeVar("Part", messages.Operation, messages.Availability)

ALARMS = 100
"""How many alarms of a unit the picture keeps; the store has them all."""


def about(message: Fact) -> str:
    """Give the unit that a message is about."""
    if message.target.device:
        return primacy.folded(message.target.device[0])
    if isinstance(message, messages.Reading) and message.point is not None:
        return primacy.folded(message.point.deviceLFDI)
    return primacy.folded(message.origin.party)


def told(device: fleet.Device, message: Fact) -> fleet.Device:
    """Give the unit as it is after it said something."""
    return TABLE[type(message)](device, message)


def enrolled(picture: fleet.Picture, message: messages.Enrolment) -> fleet.Picture:
    """Give the picture after a party joined or left; the same picture where that is no news."""
    name = primacy.folded(message.device)
    last = picture.devices.get(name)
    if last is not None and _order(last.enrolment) >= _order(message):
        return picture
    device = fleet.Device(message) if last is None or not message.joined else replace(last, enrolment=message)
    gone = () if last is None else last.enrolment.programme
    groups = dict(picture.groups)
    for group in {*gone, *message.programme}:
        wanted = device.joined and group in message.programme
        members = groups.get(group, frozenset()) - {name} | (frozenset({name}) if wanted else frozenset())
        groups.update({group: members})
    return replace(
        picture,
        devices=fleet.put(picture.devices, name, device),
        groups=fleet.frozen({group: members for group, members in groups.items() if members}),
    )


def _order(message: messages.Enrolment) -> tuple[Decimal, Decimal, str]:
    return (message.at, message.issued, message.id)


def _capability(device: fleet.Device, message: messages.Capability) -> fleet.Device:
    last = device.capability
    return (
        device if last is not None and last.issued > message.issued else replace(device, capability=message)
    )


def _setting(device: fleet.Device, message: messages.Setting) -> fleet.Device:
    last = device.setting
    return device if last is not None and last.updated > message.updated else replace(device, setting=message)


def _status(device: fleet.Device, message: messages.Status) -> fleet.Device:
    """Each part of a status has its own time and is replaced on its own."""
    following = device.following
    newer = message.modesAt is not None and (
        following is None or following.modesAt is None or following.modesAt <= message.modesAt
    )
    return replace(
        device,
        operation=_later(device.operation, message.operation),
        availability=_later(device.availability, message.availability),
        following=message if newer else following,
    )


def _later(last: Part | None, new: Part | None) -> Part | None:
    """Give the later of two parts that bear the moment they were true at."""
    return last if new is None or (last is not None and last.at > new.at) else new


def _reading(device: fleet.Device, message: messages.Reading) -> fleet.Device:
    series = dict(device.series)
    for one in message.series:
        last = series.get(primacy.folded(one.mRID))
        if last is None or _stamp(last) <= _stamp(one):
            series[primacy.folded(one.mRID)] = one
    point = message.point
    points = device.points if point is None else fleet.put(device.points, primacy.folded(point.mRID), point)
    return replace(device, series=fleet.frozen(series), points=points)


def _stamp(series: messages.Series) -> Decimal:
    """Give the latest moment that a series speaks of."""
    moments = [series.lastUpdate, *(one.start + one.duration for one in series.set)]
    if series.value is not None and series.value.start is not None:
        moments.append(series.value.start)
    return max((one for one in moments if one is not None), default=Decimal(0))


def _alarm(device: fleet.Device, message: messages.Alarm) -> fleet.Device:
    if any(_mark(one) == _mark(message) for one in device.alarms):
        return device
    kept = sorted((*device.alarms, message), key=lambda one: (one.created, one.logEventID, one.id))[-ALARMS:]
    return replace(device, alarms=tuple(kept))


def _mark(alarm: messages.Alarm) -> tuple[int, int, int, int, Decimal]:
    """What makes two alarms the same one."""
    return (alarm.profileID, alarm.functionSet, alarm.logEventCode, alarm.logEventID, alarm.created)


TABLE: Mapping[type[Fact], Callable[[fleet.Device, Any], fleet.Device]] = MappingProxyType(
    {
        messages.Capability: _capability,
        messages.Setting: _setting,
        messages.Reading: _reading,
        messages.Status: _status,
        messages.Alarm: _alarm,
    }
)
