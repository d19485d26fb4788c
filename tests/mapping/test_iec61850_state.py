"""States, alarms, supported modes and outcomes as IEC 61850 points."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

import models.der.messages as m
from bridge.mapping.bases import Bases
from bridge.mapping.causes import verdict
from bridge.mapping.iec61850 import from_points, to_points
from bridge.mapping.nodes import read
from tests.mapping.telling import ENVELOPE, STORE, amount, back, points

# --------------------------------------------------------------------------------------------- states, alarms


@pytest.mark.parametrize(
    ("state", "connect", "inverter", "mode"),
    [
        (1, "00", 3, 1),
        (2, "00", 3, 2),
        (3, "02", 8, 2),
        (4, "02", 3, 2),
        (5, "02", 3, 2),
        (6, "07", 4, 2),
        (7, "01", 6, 2),
        (8, "01", 6, 2),
        (9, "00", 1, 1),
        (10, "08", 9, 3),
        (11, "10", 7, 1),
        (98, None, 0, 0),
    ],
)
def test_states_stand_for_three_statuses(state: int, connect: str | None, inverter: int, mode: int) -> None:
    found = back(
        {"DGEN1.DEROpSt.stVal": state, "DGEN1.DEROpSt.t": "2027-01-15T08:00:00Z"}, "Status"
    ).operation
    assert (found.DEROpSt, found.inverterStatus.value, found.operationalModeStatus.value) == (
        state,
        inverter,
        mode,
    )
    assert (found.genConnectStatus and found.genConnectStatus.value) == connect
    assert found.at == 1_800_000_000


def test_three_statuses_choose_their_state() -> None:
    for state, connect, inverter, mode in (
        (3, "02", 8, 2),
        (6, "07", 4, 2),
        (10, "08", 9, 3),
        (11, "10", 7, 1),
    ):
        at = Decimal(1_800_000_000)
        operation = m.Operation(
            at=at,
            genConnectStatus=m.StampedBits(at=at, value=connect),
            inverterStatus=m.StampedCode(at=at, value=inverter),
            operationalModeStatus=m.StampedCode(at=at, value=mode),
        )
        assert points(m.Status(**ENVELOPE, operation=operation))["DGEN1.DEROpSt.stVal"] == state


def test_a_binding_limit_shows_as_derated() -> None:
    told = {
        "DGEN1.DEROpSt.stVal": 6,
        "DWMX1.ReqWMax.mag.f": 3000.0,
        "DGEN1.AvlUpW.mag.f": 500.0,
        "MMXU1.TotW.mag.f": 2900.0,
    }
    assert back(told, "Status").operation.inverterStatus.value == 5
    assert back(told | {"DWMX1.ReqWMax.mag.f": 3400.0}, "Status").operation.inverterStatus.value == 4


def test_alarm_bits_are_objects() -> None:
    operation = m.Operation(at=Decimal(5), alarmStatus="00000202")
    found = points(m.Status(**ENVELOPE, operation=operation))
    on = {ref for ref, value in found.items() if value is True}
    assert on == {"DHVT1.TrZnSt.stVal", "DINV1.InvDCLosAlm.stVal", "CALH1.GrAlm.stVal"}
    assert back({"MstPTUV1.Op.general": True}, "Status").operation.alarmStatus == "00000004"


@pytest.mark.parametrize(
    ("category", "bits", "code"),
    [(None, "00000100", 16), (0, "00000100", 16), (3, "00000100", 16), (6, "00000100", 16)]
    + [(local, "00000080", 14) for local in (1, 2, 4, 5, 7, 8)],
)
def test_an_emergency_is_remote_only_if_so_asked_for(category: int | None, bits: str, code: int) -> None:
    told: dict[str, int] = {"DGEN1.EmgMod.stVal": True}
    told |= {} if category is None else {"DGEN1.EmgMod.origin.orCat": category}
    assert back(told, "Status").operation.alarmStatus == bits
    assert back(told, "Status").kept == ()
    assert back(told, "Alarm").logEventCode == code
    assert back(told | {"DGEN1.EmgMod.stVal": False}, "Status").operation.alarmStatus == "00000000"


@pytest.mark.parametrize(
    ("told", "charge"),
    [
        ({"DSTO1.SocWh.mag.f": 5400.0}, "40"),
        ({"DSTO1.SocWh.mag.f": 5400.0, "DSTO1.WhRtg.setMag.f": 10800.0}, "50"),
        ({"DSTO1.SocWh.mag.f": 5.4, "DSTO1.SocWh.units.multiplier": 3, "DSTO1.SocWh.units.SIUnit": 72}, "40"),
        ({"DSTO1.SocWh.mag.f": 0.0}, "0"),
        ({"DSTO1.SocWh.mag.f": 1.0, "DSTO1.WhRtg.setMag.f": 3.0}, "33.333333"),
        ({"DSTO1.SocWh.mag.f": 5400.0, "DSTO1.UseSocPct.mag.f": 60.0}, "60"),
    ],
)
def test_a_level_of_charge_may_be_told_as_energy(told: dict[str, float], charge: str) -> None:
    found = back(told | {"DSTO1.SocWh.t": "2027-01-15T08:00:00Z"}, "Status").operation.stateOfChargeStatus
    assert found.value == amount(charge, "%", "setMaxWh")
    assert found.at == (0 if charge == "60" else 1_800_000_000)


def test_stored_energy_of_an_unknown_capacity_is_no_level_of_charge() -> None:
    told = {"DSTO1.SocWh.mag.f": 5400.0}
    for found in (back(told, "Status", Bases()), back({"DSTO1.SocWh.mag.f": 20000.0}, "Status")):
        assert found.operation is None
        assert len(found.kept) == 1


def test_the_capacity_beside_stored_energy_stays_with_the_record() -> None:
    told = {"DSTO1.SocWh.mag.f": 5400.0, "DSTO1.WhRtg.setMag.f": 10800.0}
    assert [item.path for item in back(told, "Status").kept] == ["iec61850:DSTO1.WhRtg.setMag.f[SP]"]


def test_who_asked_for_nothing_is_kept() -> None:
    found = back({"DGEN1.EmgMod.origin.orCat": 2, "PTOC1.Op.general": True}, "Status")
    assert found.operation.alarmStatus == "00000001"
    assert [item.path for item in found.kept] == ["iec61850:DGEN1.EmgMod.origin.orCat[ST]"]


def test_alarms_come_and_go() -> None:
    event = m.Alarm(
        **ENVELOPE,
        created=Decimal(1_800_000_000),
        functionSet=11,
        logEventCode=3,
        logEventID=1,
        logEventPEN=40732,
        profileID=2,
    )
    found = points(event)
    assert found == {"DHVT1.TrZnSt.stVal": False, "DHVT1.TrZnSt.t": "2027-01-15T08:00:00Z"}
    assert back(found, "Alarm").logEventCode == 3


def test_supported_modes_are_objects_that_are_there() -> None:
    ratings = m.Ratings(WMax=amount("5000", "W"))
    record = m.Capability(
        **ENVELOPE, type=83, modesSupported="00900000", doeModesSupported="01", ratings=ratings
    )
    found = points(record)
    assert found["DWMX1.WMaxSptPct.cdcName"] == "APC"
    assert (found["DVVR1.VVArCrv.cdcName"], found["DWMX2.WMaxSpt.cdcName"], found["DGEN1.DERTyp.setVal"]) == (
        "CSG",
        "APC",
        4,
    )
    again = back(found, "Capability")
    assert (again.modesSupported, again.doeModesSupported) == ("00900000", "01")


def test_enabled_modes_are_nodes_that_are_on() -> None:
    record = m.Setting(
        **ENVELOPE, updated=Decimal(5), modesEnabled="00900000", entry=m.GridEntry(), ratings=m.Ratings()
    )
    found = points(record)
    assert found == {"DWMX1.Beh.stVal": 1, "DVVR1.Beh.stVal": 1}
    assert back(found | {"DVVR1.Beh.stVal": 5}, "Setting").modesEnabled == "00100000"


def test_a_least_level_is_a_percentage_of_the_rated_capacity() -> None:
    record = m.Setting(
        **ENVELOPE, updated=Decimal(5), entry=m.GridEntry(), ratings=m.Ratings(WhMin=amount("1350", "Wh"))
    )
    assert points(record)["DSTO1.UseWhMinPct.setMag.f"] == 10.0
    assert to_points(record, Bases()).points == ()


@pytest.mark.parametrize(("kind", "tail"), [("Capability", "Rtg"), ("Setting", "")])
def test_an_absent_limit_of_absorbed_vars_is_that_of_delivered_ones(kind: str, tail: str) -> None:
    def record(**ratings: m.Amount) -> m.Capability | m.Setting:
        said: dict[str, Any] = {**ENVELOPE, "ratings": m.Ratings(**ratings)}
        if kind == "Setting":
            return m.Setting(**said, updated=Decimal(5), entry=m.GridEntry())
        return m.Capability(**said, type=4, modesSupported="00")

    inject, absorb = f"DGEN1.IvarMax{tail}.setMag.f", f"DGEN1.AvarMax{tail}.setMag.f"
    alone = record(IvarMax=amount("3000", "var"))
    translation = to_points(alone, STORE)
    found = {point.ref: point.value for point in translation.points}
    assert (found[inject], found[absorb]) == (3000.0, 3000.0)
    assert from_points(translation.points, kind, STORE, translation.beside) == alone
    both = points(record(IvarMax=amount("3000", "var"), AvarMax=amount("-2800", "var")))
    assert (both[inject], both[absorb]) == (3000.0, 2800.0)
    assert back({inject: 3000.0}, kind).ratings.AvarMax is None
    assert back({absorb: 2000.0, inject: 3000.0}, kind).ratings.AvarMax == amount("-2000", "var")


# --------------------------------------------------------------------------------------------------- outcomes


@pytest.mark.parametrize(
    ("cause", "status", "retry", "log"),
    [
        (1, 252, False, False),
        (3, 10, True, False),
        (5, 2, False, False),
        (8, 10, False, True),
        (12, 2, False, False),
        (15, 6, False, False),
        (16, 10, True, False),
        (17, 10, False, False),
        (25, 10, False, True),
        (26, 252, False, False),
        (27, 10, True, False),
        (0, 10, False, True),
    ],
)
def test_causes_say_a_status(cause: int, status: int, retry: bool, log: bool) -> None:
    assert verdict(read(), cause=cause) == (status, retry, log)
    assert back({"Service.AddCause": cause}, "Outcome").status == status


def test_every_cause_is_listed_and_own_commands_supersede() -> None:
    table = read()
    assert [item["iec"] for item in table.codes["AddCause"]["row"]] == list(range(28))
    own, other = verdict(table, cause=24, own=True), verdict(table, cause=24)
    assert own is not None
    assert other is not None
    assert (own.status, other.status) == (7, 10)


@pytest.mark.parametrize(("error", "status"), [(3, 10), (4, 252), (7, 253), (10, 252), (11, 253)])
def test_errors_say_a_status(error: int, status: int) -> None:
    assert back({"Service.DataAccessError": error}, "Outcome").status == status


def test_a_refused_schedule_is_an_invalid_parameter() -> None:
    assert back({"FSCH7.SchdEnaErr.stVal": 4}, "Outcome").status == 253
    assert back({"FSCH7.SchdEnaErr.stVal": 1}, "Outcome").status is None


def test_a_status_sends_the_cause_that_means_it() -> None:
    for status, expected in (
        (6, {"Service.AddCause": 15}),
        (252, {"Service.AddCause": 1}),
        (253, {"Service.DataAccessError": 11}),
        (1, {}),
    ):
        assert points(m.Outcome(**ENVELOPE, device="AB", subject="CD", status=status)) == expected
