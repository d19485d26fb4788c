"""Strategies for canonical records that IEC 61850 can hold: fields from the models, figures from rows.

`record(kind)` draws whole records, with everything a field may be except what the mapping must refuse;
`BASES` are the bases that make them so. What lies outside is asserted to be refused by tests that say so.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

import models.der.messages as m
from bridge.mapping import modes, nodes
from bridge.mapping.bases import Bases
from tests.strategies import model

BASES = Bases(
    setMaxW=Decimal(5000),
    setMaxChargeRateW=Decimal(3000),
    setMaxDischargeRateW=Decimal(4600),
    setMaxVA=Decimal(5500),
    setMaxVar=Decimal(2200),
    setMaxVarNeg=Decimal(2000),
    statVarAvail=Decimal(1700),
    WhRtg=Decimal(13500),
    VRef=Decimal(230),
    hertz=Decimal(60),
)
SIGNED = frozenset(
    {"deltaVar", "deltaW", "fixedVar", "fixedW", "targetVar", "targetW", "storageTargetW", "fixedV"}
)
VAR_BASES = ("setMaxW", "setMaxVar", "statVarAvail", "setMaxVA")
W_BASES = ("setMaxW", "statWAvail", "setMaxChargeRateW", "setMaxDischargeRateW")
LIMIT_BASES = ("setMaxW", "setMaxVar", "statVarAvail", "setMaxVA")
TRIP_BASES = ("effectiveV", "VRef", "refType:0")


def steps(low: int, high: int, power: int) -> SearchStrategy[Decimal]:
    """Whole numbers of steps of a power of ten."""
    return st.integers(low, high).map(lambda value: Decimal(value).scaleb(power))


def scaled(low: int, high: int) -> SearchStrategy[Decimal]:
    """Figures as 2030.5 writes them: a short integer and a power of ten."""
    return st.tuples(st.integers(low, high), st.integers(-3, 5)).map(
        lambda pair: Decimal(pair[0]).scaleb(pair[1])
    )


def amounts(unit: str, of: str | None = None, *, signed: bool = False, **fixed: Any) -> SearchStrategy[Any]:
    """Amounts in a unit, with whatever else an amount may bear."""
    low = -10000 if signed else 0
    value = (
        steps(low, 10000, -2)
        if unit in ("%", "%/s")
        else steps(0, 65535, -3)
        if unit == "1"
        else scaled(low, 32767)
    )
    given = {"value": value} | fixed
    return model(m.Amount, unit=st.just(m.Unit(unit)), of=st.just(of), **given)


def factors() -> SearchStrategy[m.PowerFactor]:
    """Displacement factors of 0 to 1."""
    return model(m.PowerFactor, value=steps(0, 1000, -3))


def mode(row: nodes.Row) -> SearchStrategy[Any]:
    """What a mode may ask for."""
    how, name = modes.how(row), row.canonical
    if row.kind >= 0:
        return st.builds(
            m.CurveUse,
            curve=curve(row.kind) | st.none(),
            ref=st.none() | st.just("/dc/9"),
            disabled=st.none() | st.booleans(),
        )
    if how in ("droop", "factor", "each"):
        plain: dict[str, Callable[[], SearchStrategy[Any]]] = {
            "droop": droop,
            "factor": factors,
            "each": lambda: steps(0, 65535, -2),
        }
        return plain[how]()
    if name == "fixedW":
        return amounts("%", "setMaxW") | amounts("%", "setMaxChargeRateW", value=steps(-10000, -1, -2))
    if how in ("reference", "absolute"):
        return st.sampled_from(VAR_BASES if how == "reference" else LIMIT_BASES).flatmap(
            lambda of: amounts("%", of, signed=name in SIGNED)
        )
    return amounts(row.unit, row.of or None, signed=name in SIGNED) if how == "amount" else st.booleans()


def droop() -> SearchStrategy[m.Droop]:
    """Droops with dead bands inside the frequencies and slopes above zero."""
    band, slope = amounts("Hz", value=steps(0, 60000, -3)), amounts("1", value=steps(1, 65535, -3))
    return model(
        m.Droop,
        overDeadband=band,
        underDeadband=band,
        overSlope=slope,
        underSlope=slope,
        openLoop=steps(0, 65535, -2),
        minimum=st.none() | amounts("W", signed=True),
    )


def curve(kind: int) -> SearchStrategy[m.Curve]:
    """Curves of a type, with figures and bases that the type may have."""
    percent, hertz = steps(-10000, 10000, -2), steps(40000, 70000, -3)
    seconds, volts = steps(0, 1_000_000, -3), steps(0, 20000, -2)
    x = {0: hertz, 11: steps(0, 15000, -2), 12: steps(0, 15000, -2), 13: percent, 14: percent}.get(
        kind, seconds
    )
    y = hertz if kind in (1, 2, 6, 7) else percent if kind in (0, 11, 12, 14) else volts
    of = W_BASES if kind in (0, 12) else VAR_BASES if kind in (11, 14) else TRIP_BASES
    dot = model(m.Point, x=x, y=y, absorbing=st.none()) if kind != 13 else power_factor(x)
    dots = st.lists(dot, min_size=1, max_size=10).map(
        lambda found: tuple(sorted(found, key=_x) if kind == 0 else found)
    )
    return model(
        m.Curve,
        kind=st.just(kind),
        yOf=st.sampled_from(of),
        point=dots,
        openLoop=st.none() | steps(0, 65535, -2),
        rampUp=st.none() | amounts("%/s", "setMaxW"),
        rampDown=st.none() | amounts("%/s", "setMaxW"),
        rampPT1=st.none() | steps(0, 65535, -2),
        vRef=st.none() | amounts("%", "VRef"),
        autonomousVRefTimeConstant=st.none() | steps(0, 100_000_000, -2),
    )


def _x(point: m.Point) -> Decimal:
    return point.x


def power_factor(x: SearchStrategy[Decimal]) -> SearchStrategy[m.Point]:
    """Points with a side (2023), or with a sign (2018)."""
    sided = model(m.Point, x=x, y=steps(0, 1000, -3), absorbing=st.booleans())
    return sided | model(m.Point, x=x, y=steps(-1000, 1000, -3), absorbing=st.none())


def all_modes() -> SearchStrategy[m.Modes]:
    """Any few modes."""
    rows = {row.canonical: row for row in nodes.read().rows["Modes"]}
    few = st.lists(st.sampled_from(sorted(rows)), unique=True, max_size=5)
    return few.flatmap(lambda names: st.fixed_dictionaries({name: mode(rows[name]) for name in names})).map(
        lambda found: m.Modes(**found)
    )


def ratings(of: str) -> SearchStrategy[m.Ratings]:
    """Ratings or settings, by the rows that stand for them."""
    rows = nodes.read().rows[of]
    units = {row.canonical: row.unit or ("V" if row.canonical == "VRefOfs" else "S") for row in rows}
    return st.fixed_dictionaries(
        {},
        optional={name: amounts(unit, signed=name in ("AvarMax", "VRefOfs")) for name, unit in units.items()},
    ).map(lambda found: m.Ratings(**found))


def entry() -> SearchStrategy[m.GridEntry]:
    """Enter-service settings."""
    optional: dict[str, SearchStrategy[Any]] = {
        row.canonical: steps(0, 2**31 // 10 - 1, -2) if row.unit == "s" else amounts(row.unit, row.of or None)
        for row in nodes.read().rows["GridEntry"]
    }
    return st.fixed_dictionaries({}, optional=optional).map(lambda found: m.GridEntry(**found))


def instants() -> SearchStrategy[Decimal]:
    """Moments within the 32 bits of a timestamp."""
    return st.integers(0, 2**32 - 1).map(Decimal)


def stamped(cls: type[Any], value: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """A value and its moment."""
    return st.builds(cls, at=instants(), value=value)


def status() -> SearchStrategy[m.Status]:
    """Operation, availability and modes, each or none."""
    bits, code = model(m.StampedBits, at=instants()), model(m.StampedCode, at=instants())
    operation = model(
        m.Operation,
        at=instants(),
        DEROpSt=st.none() | st.sampled_from([*range(1, 12), 98]),
        connectStatus=st.none() | bits,
        genConnectStatus=st.none() | bits,
        inverterStatus=st.none() | code | _known(10),
        operationalModeStatus=st.none() | code | _known(3),
        storConnectStatus=st.none() | bits,
        localControlModeStatus=st.none() | code | _known(1),
        storageModeStatus=st.none() | code | _known(2),
        manufacturerStatus=st.none()
        | stamped(m.StampedText, st.sampled_from(["OK", "Warn", "Alarm", "x", ""])),
        stateOfChargeStatus=st.none() | stamped(m.StampedAmount, amounts("%", "setMaxWh")),
    )
    return model(
        m.Status,
        operation=st.none() | operation,
        availability=st.none() | availability(),
        modes=st.none() | all_modes(),
        modesAt=st.none() | instants(),
    )


def _known(most: int) -> SearchStrategy[Any]:
    return stamped(m.StampedCode, st.integers(0, most))


def availability() -> SearchStrategy[m.Availability]:
    """What a unit could do."""
    rows = {row.canonical: row for row in nodes.read().rows["Availability"] if row.canonical != "at"}
    given: dict[str, SearchStrategy[Any]] = {
        name: st.integers(0, 2**32 - 1).map(Decimal) if row.unit == "s" else amounts(row.unit, row.of or None)
        for name, row in rows.items()
    }
    found = st.fixed_dictionaries({}, optional=given)
    return st.tuples(instants(), found).map(
        lambda pair: m.Availability(at=pair[0]).model_copy(update=pair[1])
    )


def reading() -> SearchStrategy[m.Reading]:
    """Readings of the kinds that meters have, and of others."""
    uom, phase = (
        st.sampled_from([5, 29, 33, 38, 61, 63, 71, 72, 73, 106, 6]),
        st.sampled_from([None, 0, 128, 129, 64, 32, 132, 66, 40, 224]),
    )
    kind = model(
        m.ReadingType,
        uom=st.none() | uom,
        phase=phase,
        kind=st.sampled_from([None, 0, 37, 12, 8]),
        accumulationBehaviour=st.sampled_from([None, 12, 9, 4]),
        flowDirection=st.sampled_from([None, 0, 1, 19, 4]),
        dataQualifier=st.sampled_from([None, 0, 2, 8, 9, 12]),
        powerOfTenMultiplier=st.none() | st.integers(-6, 6),
    )
    value = model(
        m.Value, value=st.none() | st.integers(-(2**47), 2**47 - 1).map(Decimal), start=st.none() | instants()
    )
    series = model(m.Series, type=st.none() | kind, value=st.none() | value)
    return model(m.Reading, series=st.lists(series, max_size=3).map(tuple))


def alarm() -> SearchStrategy[m.Alarm]:
    """Events of the DER function set, and of others."""
    return model(
        m.Alarm,
        created=instants(),
        functionSet=st.just(11) | st.integers(0, 255),
        profileID=st.just(2) | st.integers(0, 255),
        logEventCode=st.integers(0, 24),
    )


def control() -> SearchStrategy[m.Control]:
    """Controls of any modes."""
    return model(
        m.Control,
        start=instants(),
        duration=st.integers(0, 2**31 - 1).map(Decimal),
        modes=all_modes(),
        randomizeStart=st.none() | st.integers(-3600, 3600).map(Decimal),
        primacy=st.none() | st.integers(0, 255),
    )


def record(kind: str) -> SearchStrategy[Any]:
    """Records of a kind that can be written whole."""
    made: dict[str, Callable[[], SearchStrategy[Any]]] = {
        "Control": control,
        "Status": status,
        "Reading": reading,
        "Alarm": alarm,
        "Default": lambda: model(m.Default, modes=all_modes(), entry=entry()),
        "Capability": lambda: model(
            m.Capability,
            type=st.sampled_from([0, 1, 2, 3, 4, 5, 6, 80, 81, 82, 83, 77]),
            ratings=ratings("CapabilityRatings"),
        ),
        "Setting": lambda: model(m.Setting, ratings=ratings("SettingRatings"), entry=entry()),
        "Curve": lambda: st.integers(0, 14).flatmap(curve),
    }
    return made[kind]() if kind in made else model(getattr(m, kind))


def anything(kind: str) -> SearchStrategy[Any]:
    """Records of a kind with whatever the models allow, most of it beyond what a mapping can carry."""
    return model(getattr(m, kind))
