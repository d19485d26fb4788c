"""What each number of 2030.5 means: unit, scale and base, as the texts of the schema give them.

The list below is written from those texts and not from the table, so that a row that is wrong in the same way
in both directions is noticed. A number of 100 stands in every field; the rest follows.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bridge.mapping import editions
from bridge.mapping.sep2 import to_canonical
from bridge.mapping.table import resolve
from models import kit
from models.der import messages as m
from models.sep2.y2023 import quantity
from peers.roundtrip import ENVELOPE

HUNDREDTHS, THOUSANDTHS, ONES = Decimal(1), Decimal("0.1"), Decimal(100)

GRID = {
    "setESDelay": ("setESDelay", HUNDREDTHS, "s"),
    "setESHighFreq": ("setESHighFreq", HUNDREDTHS, "Hz"),
    "setESHighVolt": ("setESHighVolt", HUNDREDTHS, "% VRef"),
    "setESLowFreq": ("setESLowFreq", HUNDREDTHS, "Hz"),
    "setESLowVolt": ("setESLowVolt", HUNDREDTHS, "% VRef"),
    "setESRampTms": ("setESRampTms", HUNDREDTHS, "s"),
    "setESRandomDelay": ("setESRandomDelay", HUNDREDTHS, "s"),
    "setGradW": ("setGradW", HUNDREDTHS, "%/s setMaxW"),
    "setSoftGradW": ("setSoftGradW", HUNDREDTHS, "%/s setMaxW"),
}
DROOP = {
    "dBOF": ("overDeadband", THOUSANDTHS, "Hz"),
    "dBUF": ("underDeadband", THOUSANDTHS, "Hz"),
    "kOF": ("overSlope", THOUSANDTHS, "1"),
    "kUF": ("underSlope", THOUSANDTHS, "1"),
    "openLoopTms": ("openLoop", HUNDREDTHS, "s"),
    "pMin": ("minimum", ONES, "W"),
}
CURVE = {
    "openLoopTms": ("openLoop", HUNDREDTHS, "s"),
    "rampIncTms": ("rampUp", HUNDREDTHS, "%/s setMaxW"),
    "rampDecTms": ("rampDown", HUNDREDTHS, "%/s setMaxW"),
    "rampPT1Tms": ("rampPT1", HUNDREDTHS, "s"),
    "vRef": ("vRef", HUNDREDTHS, "% VRef"),
    "autonomousVRefTimeConstant": ("autonomousVRefTimeConstant", HUNDREDTHS, "s"),
    "creationTime": ("created", ONES, "s"),
}
MODES = {
    "opModDeltaVar": ("deltaVar", ONES, "var"),
    "opModDeltaW": ("deltaW", ONES, "W"),
    "opModFixedV": ("fixedV", HUNDREDTHS, "% setVNom"),
    "opModFixedW": ("fixedW", HUNDREDTHS, "% setMaxW"),
    "opModMaxLimPctVAAbsorb": ("maxLimPctVAAbsorb", HUNDREDTHS, "% setMaxChargeRateVA"),
    "opModMaxLimPctVAInject": ("maxLimPctVAInject", HUNDREDTHS, "% setMaxVA"),
    "opModMaxLimPctWAbsorb": ("maxLimPctWAbsorb", HUNDREDTHS, "% setMaxChargeRateW"),
    "opModMaxLimVarAbsorb": ("maxLimVarAbsorb", ONES, "var"),
    "opModMaxLimVarInject": ("maxLimVarInject", ONES, "var"),
    "opModMaxLimW": ("maxLimW", HUNDREDTHS, "% setMaxW"),
    "opModMaxLimWAbsorb": ("maxLimWAbsorb", ONES, "W"),
    "opModMaxLimWInject": ("maxLimWInject", ONES, "W"),
    "opModTargetV": ("targetV", ONES, "V"),
    "opModTargetVar": ("targetVar", ONES, "var"),
    "opModTargetW": ("targetW", ONES, "W"),
    "rampTms": ("rampTms", HUNDREDTHS, "s"),
}
SITE = {
    "opModExpLimW": ("expLimW", ONES, "W"),
    "opModImpLimW": ("impLimW", ONES, "W"),
    "opModGenLimW": ("genLimW", ONES, "W"),
    "opModLoadLimW": ("loadLimW", ONES, "W"),
    "opModStorageTargetW": ("storageTargetW", ONES, "W"),
}
BOTH = {
    "MaxW": ("WMax", ONES, "W"),
    "MaxVA": ("VAMax", ONES, "VA"),
    "MaxVar": ("IvarMax", ONES, "var"),
    "MaxVarNeg": ("AvarMax", ONES, "var"),
    "MaxA": ("AMax", ONES, "A"),
    "MaxV": ("VMax", ONES, "V"),
    "MinV": ("VMin", ONES, "V"),
    "VNom": ("VNom", ONES, "V"),
    "MaxChargeRateW": ("ChaWMax", ONES, "W"),
    "MaxDischargeRateW": ("DschWMax", ONES, "W"),
    "MaxChargeRateVA": ("ChaVAMax", ONES, "VA"),
    "MaxDischargeRateVA": ("DschVAMax", ONES, "VA"),
    "MaxWh": ("Wh", ONES, "Wh"),
    "MaxAh": ("Ah", ONES, "Ah"),
    "MinPFOverExcited": ("MinOvPF", ONES, "1"),
    "MinPFUnderExcited": ("MinUnPF", ONES, "1"),
}
ONCE = {
    "rtgOverExcitedW": ("WOvPF", ONES, "W"),
    "rtgUnderExcitedW": ("WUnPF", ONES, "W"),
    "rtgOverExcitedPF": ("OvPF", ONES, "1"),
    "rtgUnderExcitedPF": ("UnPF", ONES, "1"),
    "rtgReactiveSusceptance": ("Susc", ONES, "S"),
}
VOLTS = {"setVRef": ("VRef", ONES, "V"), "setVRefOfs": ("VRefOfs", ONES, "V")}
AVAILABLE = {
    "readingTime": ("at", ONES, "s"),
    "availabilityDuration": ("availabilityDuration", ONES, "s"),
    "maxChargeDuration": ("maxChargeDuration", ONES, "s"),
    "reserveChargePercent": ("reserveChargePercent", HUNDREDTHS, "% setMaxChargeRateW"),
    "reservePercent": ("reservePercent", HUNDREDTHS, "% setMaxW"),
    "statVarAbsorbAvail": ("statVarAbsorbAvail", ONES, "var"),
    "statVarAvail": ("statVarAvail", ONES, "var"),
    "statWAbsorbAvail": ("statWAbsorbAvail", ONES, "W"),
    "statWAvail": ("statWAvail", ONES, "W"),
}
TIMES = {
    "randomizeStart": ("randomizeStart", ONES, "s"),
    "randomizeDuration": ("randomizeDuration", ONES, "s"),
}

FACTS = (
    ("2023", "DefaultDERControl", "", "entry", GRID),
    ("2023", "DERSettings", "", "entry", GRID),
    ("2018", "DERSettings", "", "entry", GRID),
    ("2023", "DERControl", "DERControlBase.opModFreqDroop", "modes.freqDroop", DROOP),
    ("2023", "DERCurve", "", "", CURVE),
    ("2023", "DERControl", "DERControlBase", "modes", MODES),
    ("aus13", "DERControl", "DERControlBase", "modes", SITE),
    ("2018", "DERCapability", "", "ratings", {f"rtg{name}": fact for name, fact in BOTH.items()} | ONCE),
    ("2018", "DERSettings", "", "ratings", {f"set{name}": fact for name, fact in BOTH.items()} | VOLTS),
    ("aus13", "DERSettings", "", "ratings", {"setMinWh": ("WhMin", ONES, "Wh")}),
    ("2023", "DERAvailability", "", "availability", AVAILABLE),
    (
        "2023",
        "DERStatus",
        "stateOfChargeStatus",
        "operation.stateOfChargeStatus",
        {"value": ("value", HUNDREDTHS, "% setMaxWh")},
    ),
    ("2018", "DERControl", "", "", TIMES),
    (
        "2018",
        "DERControl",
        "interval",
        "",
        {"start": ("start", ONES, "s"), "duration": ("duration", ONES, "s")},
    ),
)
CASES = [
    (
        edition,
        name,
        ".".join(filter(None, (inside, field))),
        ".".join(filter(None, (where, fact[0]))),
        fact[1],
        fact[2],
    )
    for edition, name, inside, where, facts in FACTS
    for field, fact in facts.items()
]


def filled(cls: Any, path: str) -> Any:
    """Return an object with what it must have, and with a hundred of whatever the path leads to."""
    if not (isinstance(cls, type) and issubclass(cls, kit.Model)):
        return {int: 100, bool: False, str: ""}[cls]
    name, _, rest = path.partition(".")
    wanted = {field for field in cls.model_fields if cls.model_fields[field].is_required()} | {name} - {""}
    values: dict[str, Any] = {}
    for field in wanted:
        leaf = resolve(cls, field)
        value = (
            0
            if field in {"multiplier", "xMultiplier", "yMultiplier"}
            else filled(leaf.type, rest if field == name else "")
        )
        values[field] = (value,) if leaf.many else value
    return cls(**values)


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(case[:3]))
def test_a_hundred_means(case: tuple[str, str, str, str, Decimal, str]) -> None:
    edition, name, wire, canonical, value, unit = case
    found: Any = to_canonical(filled(editions.named(edition, name), wire), edition, envelope=ENVELOPE)
    for step in canonical.split("."):
        found = getattr(found, step)
    if isinstance(found, m.Amount):
        assert (found.value, " ".join(filter(None, (found.unit.value, found.of)))) == (value, unit)
    else:
        assert (found, unit) == (value, "s")


def test_every_amount_of_the_ratings_and_modes_has_its_fact() -> None:
    said = {path.rpartition(".")[2] for _, _, _, path, _, _ in CASES}
    parts = (m.Modes, m.Ratings, m.GridEntry, m.Availability, m.Droop, m.Curve)
    fields = [(part, name) for part in parts for name in part.model_fields]
    amounts = {name for part, name in fields if resolve(part, name).type is m.Amount}
    assert amounts - said == {
        "fixedVar",
        "maxLimPctVarAbsorb",
        "maxLimPctVarInject",
    }  # they say it themselves


def test_a_multiplier_counts() -> None:
    power = quantity.ActivePower(multiplier=-2, value=100)
    droop = filled(editions.named("2023", "FreqDroopType"), "").model_copy(update={"pMin": power})
    control = filled(editions.named("2023", "DERControl"), "DERControlBase.opModFreqDroop")
    base = control.DERControlBase.model_copy(update={"opModFreqDroop": droop})
    found: Any = to_canonical(control.model_copy(update={"DERControlBase": base}), "2023", envelope=ENVELOPE)
    assert found.modes.freqDroop.minimum == m.Amount(value=Decimal(1), unit=m.Unit("W"), scale=-2)
