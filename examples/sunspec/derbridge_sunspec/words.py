"""What the registers of models 701 to 704 say, as canonical messages: capability, settings, status, readings.

SunSpec DER Information Model 1.2 against the canonical names of derbridge; a register that is not implemented
says nothing. Codes are turned by tables. Speaks with nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from models.der import messages
from models.der.messages import Unit

Head = Mapping[str, Any]
BITS = {
    "connect": 2,
    "voltVar": 23,
    "maxLimW": 20,
    "fixedW": 7,
    "fixedVar": 6,
    "fixedPFInjectW": 5,
    "fixedPFAbsorbW": 4,
}
"""Bits of DERControlType (IEEE 2030.5) of the modes that are carried."""
RATINGS = {
    "WMax": ("WMax", Unit.W), "VAMax": ("VAMax", Unit.VA), "VarMaxInj": ("IvarMax", Unit.var),
    "VarMaxAbs": ("AvarMax", Unit.var), "WChaRteMax": ("ChaWMax", Unit.W),
    "WDisChaRteMax": ("DschWMax", Unit.W), "VNom": ("VNom", Unit.V), "VMax": ("VMax", Unit.V),
    "VMin": ("VMin", Unit.V), "AMax": ("AMax", Unit.A),
}  # fmt: skip
"""Point of model 702, without Rtg: the canonical rating, and its unit."""
SET = frozenset({"WMax", "VAMax", "IvarMax", "AvarMax", "ChaWMax", "DschWMax"})
"""Ratings that are settings, too."""
READ: Mapping[str, tuple[int, dict[str, Any]]] = {
    "W": (38, {}), "VA": (61, {}), "Var": (63, {}), "LNV": (29, {}), "Hz": (33, {}), "A": (5, {}),
    "TotWhInj": (72, {"accumulationBehaviour": 3, "kind": 12}),
}  # fmt: skip
"""Point of model 701: its unit of measure, and what else its series is known by."""
ALARMS = {6: 7, 8: 3, 9: 4, 10: 1, 11: 2}
"""Bits of Alrm, and those of alarmStatus."""
CONNECTED, OPERATING, OFF, RUNNING = 0x03, 0x07, 1, 2
PRODUCING = frozenset({3, 4})
"""InvSt: running, throttled."""


def said(unit: Any, modes: Iterable[str], kind: int, head: Head) -> tuple[messages.Message, ...]:
    """Give all that a unit's models say."""
    first, second, third, fourth = (unit.models[number][0] for number in (701, 702, 703, 704))
    bits = sum(1 << BITS[mode] for mode in modes)
    found = [
        messages.Capability(
            **head, type=kind, modesSupported=f"{bits:08X}", ratings=ratings(second, "Rtg", frozenset())
        ),
        status(first, head),
        messages.Reading(**head, series=tuple(series(first, head))),
    ]
    if fourth.WRmp.value is not None:
        found.append(setting(second, third, fourth, head))
    return tuple(found)


def ratings(model: Any, suffix: str, only: frozenset[str]) -> messages.Ratings:
    """Give the ratings of model 702, or its settings."""
    made = {}
    for point, (name, unit) in RATINGS.items():
        value = getattr(model, point + suffix).cvalue
        if value is not None and (not only or name in only):
            made[name] = messages.Amount(value=Decimal(str(value)), unit=unit)
    return messages.Ratings(**made)


def setting(model: Any, service: Any, control: Any, head: Head) -> messages.Setting:
    """Give the settings of a unit; setGradW is the ramp rate of model 704."""
    points = {"setESDelay": "ESDlyTms", "setESRandomDelay": "ESRndTms", "setESRampTms": "ESRmpTms"}
    times = {name: getattr(service, point).cvalue for name, point in points.items()}
    entry: dict[str, Any] = {name: Decimal(value) for name, value in times.items() if value is not None}
    rate = messages.Amount(value=Decimal(control.WRmp.value), unit=Unit.percent_per_s, of="setMaxW")
    return messages.Setting(
        **head, updated=head["issued"], entry=messages.GridEntry(setGradW=rate, **entry),
        ratings=ratings(model, "", SET),
    )  # fmt: skip


def status(model: Any, head: Head) -> messages.Status:
    """Give the status of model 701."""
    at, state = head["issued"], model.InvSt.value
    there, alarms = model.ConnSt.value == 1, model.Alrm.value or 0
    bits = sum(1 << ours for theirs, ours in ALARMS.items() if alarms >> theirs & 1)
    running = there and state in PRODUCING
    operation = messages.Operation(
        at=at,
        alarmStatus=f"{bits:08X}",
        genConnectStatus=messages.StampedBits(at=at, value=f"{_connected(there, running):02X}"),
        inverterStatus=None if state is None else messages.StampedCode(at=at, value=state + 1),
        operationalModeStatus=messages.StampedCode(at=at, value=RUNNING if running else OFF),
    )
    return messages.Status(**head, operation=operation)


def _connected(there: bool, running: bool) -> int:  # noqa: FBT001 - two bits
    if running:
        return OPERATING
    return CONNECTED if there else 0


def series(model: Any, head: Head) -> Iterator[messages.Series]:
    """Give a series for each reading that model 701 has."""
    for point, (uom, more) in READ.items():
        value = getattr(model, point).cvalue
        if value is not None:
            yield messages.Series(
                mRID="00",
                type=messages.ReadingType(uom=uom, flowDirection=19, **{"kind": 37, **more}),
                value=messages.Value(value=Decimal(str(value)), start=head["issued"]),
            )
