"""A schedule that says no mode by itself goes with that of a set point: read, shown, kept, ended with it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest

import models.der.messages as m
from bridge.app.endpoint import parts, wishes
from bridge.app.endpoint.parts import Span
from bridge.app.endpoint.wishes import Fault, Terms
from bridge.iec61850 import device as devices
from bridge.iec61850 import intake
from bridge.iec61850.carrying import ways
from bridge.iec61850.command import Command, Target
from bridge.iec61850.device import Device, item_of, valued
from bridge.iec61850.peer import Peer
from bridge.iec61850.shape import Structure
from bridge.mapping.iec61850 import to_points
from bridge.mapping.nodes import read
from bridge.mapping.schedule import named
from bridge.mapping.sep2 import Envelope
from models.mms.codes import AddCause
from tests.iec61850 import units
from tests.iec61850.carrying.asked import MODES
from tests.iec61850.carrying.real import Unit
from tests.mapping.fitting import BASES

NOW = Decimal(1_700_000_000)
START, LASTS = NOW + 600, Decimal(900)
LIMIT, ON, SIDE, FACTOR = "FSCH86", "FSCH87", "FSCH13", "FSCH12"
SCHEDULED = sorted(ways.reach(Unit(slots=2).look(), BASES).scheduled)
"""The modes that go to a unit like ours by schedules."""


@pytest.fixture
def device() -> Device:
    """The device of a unit that can do everything."""
    return devices.unit(units.LFDI, units.everything(), BASES, float(NOW))


def written(device: Device, mode: str, start: Decimal = START, lasts: Decimal = LASTS) -> list[str]:
    """Write the schedules of a mode, and of its node's Mod; gives them, figures last but for Mod."""
    fields = {"mRID": "B001", "start": start, "duration": lasts, "primacy": 5}
    record = m.Control(**units.said(**fields, modes=m.Modes(**{mode: MODES[mode]})))
    told = {each.ref.removeprefix(f"{device.name}/"): each for each in to_points(record, device.bases).points}
    for ref, each in told.items():
        if each.fc == "SP":
            _put(device, item_of(ref, "SP"), each.value)
    found = dict.fromkeys(ref.partition(".")[0] for ref in told if ref.startswith("FSCH"))
    modes = (_mode(device, name, told) for name in list(found))
    found |= dict.fromkeys(name for name in modes if name)
    return sorted(found, key=lambda name: (_entity(device, name).endswith(".Mod"), _figured(device, name)))


def _mode(device: Device, schedule: str, told: Any) -> str:
    """Write the schedule of the Mod beside a schedule, as whoever carries an order does."""
    number = read().entities.get(f"{_entity(device, schedule).partition('.')[0]}.Mod")
    if number is None or named(number, 0) == schedule:
        return ""
    name = named(number, 0)
    for ref, each in told.items():
        if each.fc == "SP" and ref.startswith(f"{schedule}.") and ".Val" not in ref:
            _put(device, item_of(ref.replace(schedule, name, 1), "SP"), each.value)
    _put(device, f"{name}$SP$ValENG1$setVal", 1)
    return name


def _put(device: Device, item: str, value: Any) -> None:
    if item in device.domain.leaves:
        device.domain.leaves[item] = valued(device.draft.kinds[item], value)
        device.told.add(item)


def _entity(device: Device, schedule: str) -> str:
    return intake.entity(device, schedule)


def _figured(device: Device, schedule: str) -> bool:
    return f"{schedule}$SP$ValASG1$setMag$f" in device.told


def asked(device: Device, schedule: str, spans: parts.Spans, request: str = "EnaReq") -> wishes.Wish:
    """What it means to ask a schedule to run, or not to."""
    target = Target(device.name, schedule, request)
    command = Command(
        Peer("a@b"), target, "Oper", True, None, (3, b"x"), 1, bytes(8), False, "00", Structure(()), ()
    )
    about = Envelope("x", units.ORIGIN, m.Target(), NOW)
    return wishes.meant(device, command, about, Terms(3600, 1, (), spans))


def all_asked(device: Device, names: Iterable[str]) -> dict[str, wishes.Wish]:
    """Ask schedules to run, one after the other, and have done what that means."""
    found: dict[str, wishes.Wish] = {}
    spans: dict[str, Span] = {}
    for name in names:
        found[name] = wish = asked(device, name, spans)
        if isinstance(wish, wishes.Begin):
            spans[name] = Span(wish.control.start, wish.control.start + wish.control.duration)
        if isinstance(wish, wishes.Keep):
            device.domain.leaves.update(wish.values)
    return found


@pytest.mark.parametrize("mode", SCHEDULED)
def test_every_mode_that_goes_by_schedules_is_one_control_whatever_it_consists_of(
    device: Device, mode: str
) -> None:
    found = all_asked(device, written(device, mode))
    (control,) = [each.control for each in found.values() if isinstance(each, wishes.Begin)]
    assert [name for name, value in control.modes if value is not None] == [mode]
    assert (control.start, control.duration, control.primacy) == (START, LASTS, 5)
    assert all(isinstance(each, wishes.Begin | wishes.Keep) for each in found.values())


def test_a_node_is_put_on_before_or_after_its_set_point(device: Device) -> None:
    names = written(device, "maxLimW")
    assert names == [LIMIT, ON]
    first = all_asked(device, reversed(names))
    assert isinstance(first[ON], wishes.Keep)
    assert isinstance(first[LIMIT], wishes.Begin)
    again = asked_again(device, {LIMIT: Span(START, START + LASTS)})
    assert again is AddCause.already_in_execution


def asked_again(device: Device, spans: parts.Spans) -> AddCause:
    with pytest.raises(Fault) as fault:
        asked(device, ON, spans)
    return fault.value.cause


@pytest.mark.parametrize(
    ("start", "lasts", "cause"),
    [
        (START + 60, LASTS, AddCause.inconsistent_parameters),  # the set point holds before it
        (START, LASTS - 60, AddCause.inconsistent_parameters),  # and after it
        (NOW - 900, Decimal(600), AddCause.time_limit_over),
    ],
)
def test_what_no_control_can_say_is_refused(
    device: Device, start: Decimal, lasts: Decimal, cause: AddCause
) -> None:
    written(device, "maxLimW", start, lasts)
    with pytest.raises(Fault) as fault:
        asked(device, ON, {LIMIT: Span(START, START + LASTS)})
    assert fault.value.cause is cause


def test_off_is_not_scheduled_and_a_value_has_to_be_there(device: Device) -> None:
    written(device, "maxLimW")
    device.domain.leaves[f"{ON}$SP$ValENG1$setVal"] = 5
    with pytest.raises(Fault) as fault:
        asked(device, ON, {})
    assert fault.value.cause is AddCause.not_supported
    device.told.discard(f"{ON}$SP$ValENG1$setVal")
    with pytest.raises(Fault) as fault:
        asked(device, ON, {})
    assert (fault.value.cause, fault.value.schedule) == (AddCause.inconsistent_parameters, wishes.VALUES)


def state(device: Device, spans: parts.Spans, over: Iterable[Span], now: Decimal) -> Any:
    found = parts.found(device, spans, over, float(now))
    device.domain.leaves.update(found.values)
    return found.values.get(f"{ON}$ST$SchdSt$stVal")


def test_it_is_shown_as_its_set_point_is_and_ends_with_it(device: Device) -> None:
    written(device, "maxLimW")
    device.domain.leaves.update(parts.told(ON, on=True))
    beside, end = Span(START + 5, START + LASTS), START + LASTS
    assert state(device, {LIMIT: beside}, (), NOW) == 3
    assert state(device, {LIMIT: beside}, (), START + 4) == 3
    assert state(device, {LIMIT: beside}, (), START + 5) == 4
    assert device.domain.leaves["FSCC87$ST$ActSchdRef$stVal"] == f"{device.name}/{ON}"
    assert state(device, {}, (beside,), START + 60) == 1  # the device has refused it, or it was cancelled
    assert device.domain.leaves["FSCC87$ST$ActSchdRef$stVal"] == ""
    assert state(device, {}, (), end) is None  # and nobody asks any more


def test_it_waits_by_the_clock_while_no_set_point_is_scheduled(device: Device) -> None:
    written(device, "maxLimW")
    device.domain.leaves.update(parts.told(ON, on=True))
    assert parts.found(device, {}, (), float(NOW)).edges == (START, START + LASTS)
    assert state(device, {}, (), START) == 4
    assert state(device, {}, (), START + LASTS) == 1
