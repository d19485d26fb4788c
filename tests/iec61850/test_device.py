"""Records at a unit's device: values with quality and time, what is not known, loss, return, the way back."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

import models.der.messages as m
from bridge.iec61850 import able, device, intake
from bridge.iec61850.device import AS_RATED, IED
from bridge.iec61850.first import GOOD, INVALID, UNTOLD
from bridge.iec61850.image import Change
from bridge.iec61850.shape import Value
from bridge.iec61850.sorts import instant, quality
from bridge.mapping.bases import Bases
from bridge.mapping.leaves import flatten
from tests.iec61850.units import AT, ENVELOPE, LFDI, MRID, amount, capability, everything, said, served
from tests.mapping import fitting

NAME = f"{IED}D{LFDI}"
KINDS = ("Capability", "Setting", "Control", "Default", "Status", "Alarm", "Reading")
few = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
ABLE = served(everything())
"""A unit that is told one record after the other."""
START = Decimal(1_700_000_100)


def limit(percent: float = 40, **fields: Any) -> m.Control:
    """A limit of active power for ten minutes."""
    given = {"start": START, "duration": Decimal(600), "primacy": 3}
    modes = m.Modes(maxLimW=amount(percent, "%", "setMaxW"))
    return m.Control(**said(**given | {"modes": modes} | fields))


def setting(**fields: Any) -> m.Setting:
    """Settings of a unit."""
    given = {"updated": Decimal(1), "entry": m.GridEntry(), "ratings": m.Ratings(WMax=amount(4000, "W"))}
    return m.Setting(**said(**given | fields))


def test_what_nobody_has_told_is_invalid_or_no_number_and_says_so() -> None:
    estate, _ = served(capability(ratings=m.Ratings()))
    read = estate.image.read
    assert read(NAME, "MMXU1$MX$TotW$q") == INVALID
    assert math.isnan(cast("float", read(NAME, "DGEN1$SP$WMax$setMag$f")))
    assert read(NAME, "DGEN1$DC$WMax$d") == UNTOLD
    assert read(NAME, "DGEN1$SP$PhsConnTyp$setVal") == 98


def test_what_the_bridge_knows_by_itself_is_good_from_the_first() -> None:
    estate, _ = served(capability())
    assert estate.image.read(NAME, "LPHD1$ST$Proxy")[:2] == (True, GOOD)  # type: ignore[index]
    assert estate.image.read(NAME, "DWMX1$ST$Beh")[:2] == (1, GOOD)  # type: ignore[index]


def test_the_nameplate_stands_for_a_setting_until_that_is_told() -> None:
    estate, _ = served(capability())
    assert estate.image.read(NAME, "DGEN1$SP$WMax$setMag$f") == 5000.0
    assert estate.image.read(NAME, "DGEN1$DC$WMax$d") == AS_RATED
    estate.show(LFDI, setting(), AT)
    assert estate.image.read(NAME, "DGEN1$SP$WMax$setMag$f") == 4000.0
    assert not estate.image.read(NAME, "DGEN1$DC$WMax$d")


def test_a_reading_comes_with_its_own_quality_and_time() -> None:
    estate, _ = served(capability())
    kind = m.ReadingType(uom=38, kind=37, phase=0, powerOfTenMultiplier=1)
    value = m.Value(value=Decimal(321), start=Decimal(1_700_000_060), qualityFlags="0010")
    series = m.Series(mRID="00", type=kind, value=value)
    assert estate.show(LFDI, m.Reading(**said(series=(series,))), AT).apart == ()
    mag, q, t = cast("tuple[Any, Any, bytes]", estate.image.read(NAME, "MMXU1$MX$TotW"))
    assert (mag, q, instant(t)) == ((3210.0,), quality("questionable"), 1_700_000_060)


def test_whoever_watches_is_told_each_leaf_that_a_record_puts() -> None:
    estate, _ = served(capability())
    told: list[tuple[Change, ...]] = []
    estate.image.watchers.append(lambda changes, _: told.append(changes))
    operation = m.Operation(at=Decimal(1_700_000_000), DEROpSt=6)
    estate.show(LFDI, m.Status(**said(operation=operation)), AT)
    (changes,) = told
    by = {change.item: (change.old, change.new) for change in changes}
    assert by["DGEN1$ST$DEROpSt$stVal"] == (0, 6)
    assert by["DGEN1$ST$DEROpSt$q"] == (INVALID, GOOD)


@pytest.mark.parametrize(
    ("now", "state", "arbiter", "q"),
    [(99, 3, "", INVALID), (100, 4, "FSCH86", GOOD), (699, 4, "FSCH86", GOOD), (700, 1, "", INVALID)],
)
def test_a_control_is_a_schedule_and_in_force_only_in_its_window(
    now: int, state: int, arbiter: str, q: str
) -> None:
    estate, _ = served(capability())
    at = 1_700_000_000.0 + now
    assert estate.show(LFDI, limit(), at).apart == ()
    read = estate.image.read
    assert read(NAME, "FSCH86$ST$SchdSt$stVal") == state
    assert read(NAME, "FSCH86$SP$ValASG1$setMag$f") == 40.0
    assert read(NAME, "FSCC86$ST$ActSchdRef$stVal") == (f"{NAME}/{arbiter}" if arbiter else "")
    assert read(NAME, "DWMX1$MX$WMaxSptPct$q") == q
    assert read(NAME, "FSCH86$MX$ValMV$q") == q


def test_an_arbiter_names_the_schedule_that_runs_whatever_the_other_one_says() -> None:
    estate, made = served(capability())
    second = replace(made, bases=replace(made.bases, slot=1))
    begun, later = float(START) + 1, float(START) + 701

    def shown(of: device.Device, record: m.Control, now: float) -> Value:
        estate.put(LFDI, device.show(of, record, now).values, now)
        return estate.image.read(NAME, "FSCC86$ST$ActSchdRef$stVal")

    after = limit(start=START + 600)
    assert shown(made, limit(), begun) == shown(second, after, begun) == f"{NAME}/FSCH86"
    assert shown(second, after, later) == shown(made, limit(), later) == f"{NAME}/FSCH286"
    assert shown(second, after, float(START) + 1201) == ""


def test_a_cancelled_control_is_not_in_force_in_its_window() -> None:
    estate, _ = served(capability())
    state = m.EventState(currentStatus=2, at=START, potentiallySuperseded=False)
    estate.show(LFDI, limit(), float(START) + 1)
    estate.show(LFDI, limit(status=state), float(START) + 2)
    assert estate.image.read(NAME, "FSCH86$ST$SchdSt$stVal") == 1
    assert estate.image.read(NAME, "DWMX1$MX$WMaxSptPct$q") == INVALID


def test_a_shorter_curve_leaves_nothing_of_the_longer_one() -> None:
    estate, _ = served(everything())
    for length in (4, 2):
        point = tuple(m.Point(x=Decimal(90 + n), y=Decimal(30 - n)) for n in range(length))
        curve = m.Curve(kind=11, yOf="setMaxVar", point=point)
        modes = m.Modes(voltVar=m.CurveUse(curve=curve))
        estate.show(LFDI, m.Control(**said(start=START, duration=Decimal(600), modes=modes)), AT)
    read = estate.image.read
    assert read(NAME, "DVVR1$SP$VVArCrv$numPts") == 2
    assert [read(NAME, f"DVVR1$SP$VVArCrv$crvPts({n})$xVal") for n in range(4)] == [90.0, 91.0, 0.0, 0.0]


def test_modes_that_a_unit_has_switched_off_are_off_and_the_others_on() -> None:
    estate, _ = served(capability(modesSupported="00500080"))
    estate.show(LFDI, setting(modesEnabled="00100080"), AT)
    assert estate.image.read(NAME, "DWMX1$ST$Beh$stVal") == 1
    assert estate.image.read(NAME, "DWGC1$ST$Mod$stVal") == 1
    assert estate.image.read(NAME, "DWGC2$ST$Beh$stVal") == 5


def test_what_the_unit_has_no_object_for_is_told_and_harms_nothing() -> None:
    estate, _ = served(capability())
    control = limit(modes=m.Modes(maxLimW=amount(40, "%", "setMaxW"), targetW=amount(100, "W")))
    apart = dict(estate.show(LFDI, control, float(START)).apart)
    assert {ref.partition(".")[0] for ref in apart} == {"DWGC2", "FSCH96", "FSCC96"}
    assert estate.image.read(NAME, "FSCH86$ST$SchdSt$stVal") == 4


def test_a_record_that_cannot_be_written_gives_nothing_and_says_why() -> None:
    made = device.unit(LFDI, everything(), Bases(), AT)
    modes = m.Modes(maxLimPctVarInject=amount(10, "%", "setMaxVar"))
    shown = device.show(made, m.Control(**said(start=START, duration=Decimal(1), modes=modes)), AT)
    assert shown.values == {}
    assert "setMaxVar" in shown.apart[0][1]


@pytest.mark.parametrize("kind", KINDS)
@few
@given(data=st.data())
def test_a_unit_that_can_do_everything_has_a_place_for_every_point(kind: str, data: DataObject) -> None:
    estate, made = ABLE
    record = data.draw(fitting.record(kind))
    shown = device.show(made, record, AT)
    assert [ref for ref, _ in shown.apart if ref != kind] == []
    estate.image.update(NAME, shown.values, AT)


@few
@given(record=fitting.record("Setting"))
def test_settings_come_back_out_of_the_picture(record: m.Setting) -> None:
    estate, made = ABLE
    estate.show(LFDI, record, AT)
    found = flatten(intake.settings(made, ENVELOPE))
    wanted = {path: value for path, value in flatten(record).items() if value and _alone(path)}
    assert {path: found.get(path) for path in wanted} == wanted


def _alone(path: str) -> bool:
    """A rating that is not lost and has an object of its own, which nothing else is written to."""
    kind, _, rest = path.partition(".")
    name, _, leaf = rest.partition(".")
    shared = {"Susc", "VRefOfs", "AvarMax", "IvarMax", "WhMin"}
    return (kind, leaf) == ("ratings", "value") and name not in shared


# ----------------------------------------------------------------------------------------- loss and return


def test_a_lost_unit_is_old_and_invalid_but_for_what_the_bridge_knows() -> None:
    estate, made = served(capability())
    estate.show(LFDI, m.Status(**said(operation=m.Operation(at=START, DEROpSt=6))), AT)
    estate.aged(LFDI, AT + 60)
    read = estate.image.read
    state, q, t = cast("tuple[Any, Any, bytes]", read(NAME, "DGEN1$ST$DEROpSt"))
    assert (state, q, instant(t)) == (6, quality("invalid oldData"), AT + 60)
    assert read(NAME, "LPHD1$ST$Proxy$q") == read(NAME, "LLN0$ST$Health$q") == GOOD
    assert made.held


def test_a_unit_that_is_back_has_the_qualities_it_had() -> None:
    estate, _ = served(capability())
    estate.show(LFDI, m.Status(**said(operation=m.Operation(at=START, DEROpSt=6))), AT)
    for _ in range(2):
        estate.aged(LFDI, AT + 60)
    estate.returned(LFDI, AT + 90)
    assert estate.image.read(NAME, "DGEN1$ST$DEROpSt$q") == GOOD
    assert estate.image.read(NAME, "MMXU1$MX$TotW$q") == INVALID


def test_what_a_unit_tells_before_it_is_called_back_stays_good() -> None:
    estate, _ = served(capability())
    estate.aged(LFDI, AT + 60)
    estate.show(LFDI, m.Status(**said(operation=m.Operation(at=START, DEROpSt=6))), AT + 61)
    estate.returned(LFDI, AT + 90)
    assert estate.image.read(NAME, "DGEN1$ST$DEROpSt$q") == GOOD


def test_a_device_is_left_out_with_its_domain_and_may_come_again() -> None:
    estate, made = served(capability())
    assert estate.of(NAME) is made
    estate.drop(LFDI)
    estate.drop(LFDI)
    assert estate.image.domains == {}
    assert estate.of(NAME) is None
    estate.add(MRID, device.group(MRID, able.modes(capability()), fitting.BASES, AT))
    assert list(estate.image.domains) == [f"{IED}G{MRID}"]
