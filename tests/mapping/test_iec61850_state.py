"""States, alarms, supported modes and outcomes as IEC 61850 points."""

from __future__ import annotations

from decimal import Decimal

import pytest

import models.der.messages as m
from bridge.mapping.bases import Bases
from bridge.mapping.causes import verdict
from bridge.mapping.iec61850 import to_points
from bridge.mapping.nodes import read
from tests.mapping.telling import ENVELOPE, amount, back, points

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
