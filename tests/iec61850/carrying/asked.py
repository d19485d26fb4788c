"""Orders for the tests of carrying: one value for each mode, and whatever window and rank is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import models.der.messages as m
from bridge.ports import Kind, Order
from tests.iec61850.carrying.real import NOW
from tests.iec61850.units import LFDI, amount, said

MRID = "B0100000000000000000000000000001"
START = Decimal(int(NOW))
FOREVER = Decimal("Infinity")


def curve(kind: int, of: str, *points: tuple[float, float], **rest: Any) -> m.CurveUse:
    """A curve through some points."""
    made = tuple(m.Point(x=Decimal(str(x)), y=Decimal(str(y))) for x, y in points)
    return m.CurveUse(curve=m.Curve(kind=kind, yOf=of, point=made, **rest))


def _factor(absorbing: bool) -> m.PowerFactor:
    return m.PowerFactor(value=Decimal("0.95"), absorbing=absorbing)


def _trip(kind: int) -> m.CurveUse:
    return curve(kind, "effectiveV", (1, 120), (10, 110))


def _steps(kind: int) -> m.CurveUse:
    return curve(kind, "refType:0", (1, 62), (10, 61))


DROOP = m.Droop(
    overDeadband=amount("0.036", "Hz"),
    underDeadband=amount("0.036", "Hz"),
    overSlope=amount("0.05", "1"),
    underSlope=amount("0.05", "1"),
    openLoop=Decimal(5),
    minimum=amount(100, "W"),
)
VOLT_VAR = curve(
    11,
    "setMaxVar",
    (92, 44),
    (98, 0),
    (102, 0),
    (108, -44),
    openLoop=Decimal(5),
    rampUp=amount(5, "%/s", "setMaxW"),
    autonomousVRefEnable=True,
    autonomousVRefTimeConstant=Decimal(300),
    vRef=amount(100, "%", "VRef"),
)
FACTORS = m.CurveUse(
    curve=m.Curve(
        kind=13,
        yOf="refType:0",
        point=(
            m.Point(x=Decimal(0), y=Decimal(1), absorbing=True),
            m.Point(x=Decimal(100), y=Decimal("0.9"), absorbing=True),
        ),
    )
)
MODES: Mapping[str, Any] = {
    "connect": False,
    "deltaVar": amount(100, "var"),
    "deltaW": amount(-200, "W"),
    "energize": False,
    "fixedPFAbsorbW": _factor(absorbing=True),
    "fixedPFInjectW": _factor(absorbing=False),
    "fixedV": amount(101, "%", "setVNom"),
    "fixedVar": amount(30, "%", "setMaxVar"),
    "fixedW": amount(-20, "%", "setMaxChargeRateW"),
    "freqDroop": DROOP,
    "freqWatt": curve(0, "setMaxW", (59, 100), (60, 50), (61, 0)),
    "gridConnectPermit": False,
    "HFRTMayTrip": _steps(1),
    "HFRTMustTrip": _steps(2),
    "HVRTMayTrip": _trip(3),
    "HVRTMomentaryCessation": _trip(4),
    "HVRTMustTrip": _trip(5),
    "islandPermit": False,
    "LFRTMayTrip": _steps(6),
    "LFRTMustTrip": _steps(7),
    "LVRTMayTrip": _trip(8),
    "LVRTMomentaryCessation": _trip(9),
    "LVRTMustTrip": _trip(10),
    "maxLimPctVAAbsorb": amount(80, "%", "setMaxChargeRateVA"),
    "maxLimPctVAInject": amount(80, "%", "setMaxVA"),
    "maxLimPctVarAbsorb": amount(50, "%", "setMaxVar"),
    "maxLimPctVarInject": amount(50, "%", "setMaxVar"),
    "maxLimPctWAbsorb": amount(60, "%", "setMaxChargeRateW"),
    "maxLimVarAbsorb": amount(900, "var"),
    "maxLimVarInject": amount(800, "var"),
    "maxLimW": amount(50, "%", "setMaxW"),
    "maxLimWAbsorb": amount(1500, "W"),
    "maxLimWInject": amount(2500, "W"),
    "targetV": amount(231, "V"),
    "targetVar": amount(300, "var"),
    "targetW": amount(1200, "W"),
    "voltVar": VOLT_VAR,
    "voltWatt": curve(12, "setMaxW", (100, 100), (106, 100), (110, 0)),
    "wattPF": FACTORS,
    "wattVar": curve(14, "setMaxVar", (0, 0), (50, 0), (100, -44)),
    "expLimW": amount(1500, "W"),
    "impLimW": amount(1400, "W"),
    "genLimW": amount(1300, "W"),
    "loadLimW": amount(1200, "W"),
    "storageTargetW": amount(-700, "W"),
}
"""One thing to ask for in each mode."""


def control(*modes: str, start: Decimal = START, last: int = 600, **fields: Any) -> m.Control:
    """A control that asks for modes by their names, or for what is given of them."""
    asked = {name: MODES[name] for name in modes} | fields.pop("asked", {})
    given = {"mRID": MRID, "start": start, "duration": Decimal(last), "primacy": 3} | fields
    return m.Control(**said(**given, modes=m.Modes(**asked)))


def default(*modes: str, **entry: Any) -> m.Default:
    """A default that asks for modes by their names, with settings beside."""
    asked = m.Modes(**{name: MODES[name] for name in modes})
    return m.Default(**said(mRID=MRID, modes=asked, entry=m.GridEntry(**entry)))


def take(record: m.Control | m.Default, **fields: Any) -> Order:
    """An order to take all that a record asks for."""
    asked = frozenset(name for name, value in record.modes if value is not None)
    window: dict[str, Any] = (
        {"start": record.start, "end": record.start + record.duration}
        if isinstance(record, m.Control)
        else {"start": -FOREVER, "end": FOREVER}
    )
    given: dict[str, Any] = {
        "unit": LFDI,
        "number": 9,
        "kind": Kind.take,
        "record": record,
        "modes": asked,
    } | window
    return Order(**given | fields)


def leave(record: m.Control | m.Default, **fields: Any) -> Order:
    """An order to leave it again."""
    return take(record, kind=Kind.leave, **fields)
