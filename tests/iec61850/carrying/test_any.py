"""Any control there can be: refused with a reason before anything is written, or written whole."""

from __future__ import annotations

import os
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import models.der.messages as m
from bridge.iec61850.carrying import plan
from bridge.iec61850.carrying.doing import carry
from bridge.iec61850.carrying.fault import Fault
from bridge.mapping.iec61850 import from_points, to_points
from bridge.ports import Away
from tests.iec61850.carrying.asked import START, take
from tests.iec61850.carrying.real import AUTHOR, Unit, able
from tests.iec61850.carrying.told import BARE, points
from tests.mapping import fitting
from tests.mapping.fitting import BASES
from tests.strategies import model

EXAMPLES = int(os.environ.get("DERBRIDGE_EXAMPLES", "6"))
WHOLE = replace(BASES, wholeSeconds=True)
"""The units of these tests count whole seconds, which the mapping declares."""
few = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def controls(modes: Any) -> Any:
    """Controls that run now, of any rank."""
    lasting = st.integers(60, 86_400).map(Decimal)
    return model(
        m.Control,
        mRID=st.just("B001"),
        start=st.just(START),
        duration=lasting,
        status=st.none(),
        primacy=st.none() | st.integers(0, 255),
        modes=modes,
    )


def asked(record: m.Control) -> list[str]:
    """The modes that a record asks for."""
    return [name for name, value in record.modes if value is not None]


def carried(unit: Unit, record: m.Control) -> None:
    """Carry a control, and see that it was done whole or not at all."""
    order, before, seen = take(record), unit.leaves(), unit.look()
    writes = len(unit.works.written) + len(unit.works.done)
    try:
        found = unit.talk(carry(order, seen, WHOLE, AUTHOR, unit.now))
    except Away as away:
        raise AssertionError(f"put off: {away}") from away
    if isinstance(found, Fault):
        assert str(found), "there is a reason"
        assert unit.leaves() == before, str(found)
        assert len(unit.works.written) + len(unit.works.done) == writes, f"something was written: {found}"
        return
    wanted = plan.narrowed(order, order.modes, order.start)
    bases = replace(WHOLE, ld=BARE.ld)
    beside = to_points(wanted, bases).beside
    unit.go(3)
    told = points(unit, wanted, commanded=True, bases=bases)
    back: Any = from_points(told, "Control", bases, beside)
    assert {name: value for name, value in back.modes if not alike(value, getattr(wanted.modes, name))} == {}


def alike(told: Any, meant: Any) -> bool:
    """Whether a mode is told as it is meant: of one that is off a schedule says no more than that."""
    off = getattr(told, "disabled", None) is True and getattr(meant, "disabled", None) is True
    return off or bool(told == meant)


@few
@given(record=controls(fitting.all_modes()))
def test_what_fits_is_written_whole_or_refused_before_anything_is(record: m.Control) -> None:
    carried(Unit(able(*asked(record)), schedules=False), record)


@few
@given(record=controls(fitting.all_modes()))
def test_by_schedules_as_well(record: m.Control) -> None:
    carried(Unit(able(*asked(record)), slots=1), record)


@few
@given(record=controls(model(m.Modes)))
def test_whatever_there_is_is_refused_or_written_and_never_breaks(record: m.Control) -> None:
    unit, order = Unit(able(*asked(record)), schedules=False), take(record)
    before = unit.leaves()
    found = unit.talk(carry(order, unit.look(), BASES, AUTHOR, unit.now))
    assert not isinstance(found, Fault) or unit.leaves() == before, str(found)
