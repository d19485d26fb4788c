"""The way back at a unit's device: what a client operates, schedules or switches on becomes a control.

The records that are shown first are those of the tests of the way there. Nothing is asked of a server here.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

import pytest

import models.der.messages as m
from bridge.iec61850 import intake
from bridge.iec61850.first import GOOD
from bridge.iec61850.intake import Operated
from tests.iec61850.test_device import NAME, START, limit
from tests.iec61850.units import AT, ENVELOPE, LFDI, amount, everything, served


@pytest.mark.parametrize(
    ("ref", "value", "modes"),
    [
        ("DWMX1.WMaxSptPct", (50.0,), {"maxLimW": amount(50, "%", "setMaxW")}),
        ("CSWI1.Pos", False, {"connect": False}),
        ("DCTE1.CeaEgzReqCtl", 1, {"energize": False}),
        ("DGEN1.AuthConn", True, {"gridConnectPermit": True}),
        ("DWMN2.WMinSpt", (-300.0,), {"impLimW": amount(300, "W")}),
    ],
)
def test_an_operated_object_is_a_control(ref: str, value: Any, modes: dict[str, Any]) -> None:
    _, made = served(everything())
    found = intake.command(made, Operated(ref, value), ENVELOPE)
    assert found is not None
    assert found.modes == m.Modes(**modes)
    assert (found.id, found.kept) == ("x", ())


def test_an_object_that_says_nothing_alone_says_it_with_its_companion() -> None:
    estate, made = served(everything())
    assert intake.command(made, Operated("DFPF1.PFGnExtQud", value=True), ENVELOPE) is None
    estate.image.update(NAME, {"DFPF1$ST$PFGnExtQud$stVal": True, "DFPF1$ST$PFGnExtQud$q": GOOD}, AT)
    found = intake.command(made, Operated("DFPF1.PFGnTgtSpt", (0.95,)), ENVELOPE)
    assert found is not None
    assert found.modes.fixedPFInjectW == m.PowerFactor(value=Decimal("0.95"), absorbing=False)


def test_a_schedule_that_a_client_enables_is_the_control_it_was_made_of() -> None:
    estate, made = served(everything())
    estate.show(LFDI, limit(), float(START) - 1)
    found = intake.command(made, Operated("FSCH86.EnaReq", value=True), ENVELOPE)
    assert found is not None
    assert found.modes == limit().modes
    assert (found.start, found.duration, found.primacy) == (START, Decimal(600), 3)
    stopped = intake.command(made, Operated("FSCH86.DsaReq", value=True), ENVELOPE)
    assert stopped is not None
    assert stopped.status is not None
    assert stopped.status.currentStatus == 2


def test_a_schedule_begins_when_it_says_whatever_its_client_knows_of_its_clock() -> None:
    estate, made = served(everything())
    estate.show(LFDI, limit(), float(START) - 1)
    told = cast("bytes", made.domain.leaves["FSCH86$SP$StrTm1$setTm"])
    estate.image.update(NAME, {"FSCH86$SP$StrTm1$setTm": told[:-1] + b"\x1f"}, AT)
    found = intake.command(made, Operated("FSCH86.EnaReq", value=True), ENVELOPE)
    assert found is not None
    assert found.start == START


def test_a_curve_that_a_client_switches_on_is_a_control_with_the_curve_of_the_picture() -> None:
    estate, made = served(everything())
    assert intake.command(made, Operated("DVVR1.Mod", 1), ENVELOPE) is None
    point = (m.Point(x=Decimal(92), y=Decimal(30)), m.Point(x=Decimal(108), y=Decimal(-30)))
    use = m.CurveUse(curve=m.Curve(kind=11, yOf="setMaxVar", point=point))
    estate.show(LFDI, limit(modes=m.Modes(voltVar=use)), AT)
    found = intake.command(made, Operated("DVVR1.Mod", 1), ENVELOPE)
    assert found is not None
    assert found.modes.voltVar == use
