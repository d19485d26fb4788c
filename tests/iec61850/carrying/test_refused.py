"""What a unit refuses half-way: taken back whole, named by its part, and told as the response it means."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

import models.der.messages as m
from bridge.iec61850.carrying.doing import carry
from bridge.iec61850.carrying.fault import Fault
from bridge.iec61850.plant import PENDING
from bridge.mapping import causes, nodes
from bridge.ports import Away
from models.mms.codes import AddCause, DataAccessError
from tests.iec61850.carrying.asked import START, control, curve, default, leave, take
from tests.iec61850.carrying.real import AUTHOR, Unit, able
from tests.iec61850.carrying.told import done, held, refused
from tests.iec61850.carrying.works import NOT_READY, READY
from tests.mapping.fitting import BASES

TOLD = [cause for cause in AddCause if cause not in {AddCause.none, AddCause.blocked_by_mode}]


def verdict(cause: AddCause) -> causes.Verdict:
    found = causes.verdict(nodes.read(), cause=cause)
    assert found is not None
    return found


def bare(*modes: str) -> Unit:
    return Unit(able(*modes), schedules=False)


@pytest.mark.parametrize("cause", TOLD)
def test_each_cause_means_its_response(cause: AddCause) -> None:
    unit, order = bare("voltVar", "fixedVar"), take(control("voltVar", "fixedVar"))
    unit.works.answers["DVAR1.VArTgtSptPct"] = cause
    wanted = verdict(cause)
    if wanted.status == 2:
        assert done(unit, order).commanded
    elif wanted.retry:
        before = unit.leaves()
        with pytest.raises(Away, match=r"DVAR1\.VArTgtSptPct"):
            done(unit, order)
        assert unit.leaves() == before
    else:
        found = refused(unit, order)
        assert (found.part, found.cause, found.verdict.status) == ("DVAR1.VArTgtSptPct", cause, wanted.status)


@pytest.mark.parametrize(
    "error", [each for each in DataAccessError if each is not DataAccessError.type_inconsistent]
)
def test_a_setting_that_is_refused_takes_the_others_back(error: DataAccessError) -> None:
    unit = bare("voltVar")
    unit.works.unwritable["DVVR1$SP$OplTmsMax$setVal"] = error
    found = refused(unit, take(control("voltVar")))
    assert (found.part, found.error) == ("DVVR1$SP$OplTmsMax$setVal", error)
    assert found.verdict.status == causes.verdict(nodes.read(), error=error).status  # type: ignore[union-attr]


def test_a_curve_that_is_not_taken_whole_is_told_point_by_point() -> None:
    unit = bare("voltVar")
    unit.works.unwritable["DVVR1$SP$VVArCrv"] = DataAccessError.type_inconsistent
    done(unit, take(control("voltVar")))
    assert unit.read("DVVR1$SP$VVArCrv$numPts") == 4
    assert unit.works.written[-1][0] != "DVVR1$SP$VVArCrv"


def test_a_curve_half_told_is_drawn_back() -> None:
    unit = bare("voltVar")
    unit.works.unwritable["DVVR1$SP$VVArCrv"] = DataAccessError.object_access_unsupported
    unit.works.unwritable["DVVR1$SP$VVArCrv$numPts"] = DataAccessError.object_access_denied
    found = unit.talk(carry(take(control("voltVar")), unit.look(), BASES, AUTHOR, unit.now))
    assert isinstance(found, Fault)
    assert unit.read("DVVR1$SP$VVArCrv$crvPts(0)$xVal") == 0.0


def test_what_cannot_be_taken_back_is_named() -> None:
    unit = bare("fixedVar", "targetW")
    unit.works.answers["DWGC2.WSpt"] = AddCause.blocked_by_process
    order, seen = take(control("fixedVar", "targetW")), unit.look()
    written = unit.works.write

    def once(*call: Any) -> DataAccessError | None:
        if call[2] == "DVAR1$SP$VArSptRef$setVal" and unit.read(call[2]) == 2:
            return DataAccessError.object_access_denied
        return written(*call)

    object.__setattr__(unit.server.floor, "written", once)
    found = unit.talk(carry(order, seen, BASES, AUTHOR, unit.now))
    assert isinstance(found, Fault)
    assert "not taken back: DVAR1$SP$VArSptRef$setVal" in found.why


@pytest.mark.parametrize("model", [1, 2, 3, 4])
def test_each_control_model_is_gone_its_way(model: int) -> None:
    unit = _modelled(model)
    done(unit, take(control("targetW")))
    assert held(unit, "DWGC2.WSpt") == 1200.0
    (command,) = [each for each in unit.works.done if each.target.object == "WSpt"]
    assert (command.origin, command.number, command.test) == (*AUTHOR, False)


@pytest.mark.parametrize("model", [1, 2, 3, 4])
def test_each_control_model_tells_its_refusal(model: int) -> None:
    unit = _modelled(model)
    unit.works.answers["DWGC2.WSpt"] = AddCause.blocked_by_interlocking
    found = refused(unit, take(control("targetW")))
    assert (found.cause, found.verdict.status) == (AddCause.blocked_by_interlocking, 10)


def _modelled(model: int) -> Unit:
    """A unit whose set point of power has a control model."""
    from bridge.iec61850 import roster  # noqa: PLC0415

    was = roster.COMMANDED
    roster.COMMANDED = model
    try:
        return bare("targetW")
    finally:
        roster.COMMANDED = was


@pytest.mark.parametrize("model", [3, 4])
def test_no_termination_is_no_success(model: int) -> None:
    unit = _modelled(model)
    unit.works.answers["DWGC2.WSpt"] = PENDING
    unit.controls.tick = lambda _now: []  # type: ignore[assignment,method-assign]
    with pytest.raises(Away, match="nothing was heard in time"):
        done(unit, take(control("targetW")))


def test_a_switch_is_operated_with_its_checks() -> None:
    unit = bare("connect")
    done(unit, take(control("connect")))
    (command,) = [each for each in unit.works.done if each.target.object == "Pos"]
    assert (command.check, command.value) == ("11", False)


def test_a_schedule_that_does_not_enable_says_why_and_is_as_before() -> None:
    unit = Unit(able("maxLimW"), slots=2)
    unit.works.faults["FSCH86"] = 6
    found = refused(unit, take(control("maxLimW", start=START + 3600)))
    assert (found.part, found.schedule, found.verdict.status) == ("FSCH86", 6, 253)


def test_what_was_scheduled_before_is_so_again_after_a_refusal() -> None:
    unit = Unit(able("maxLimW", "targetW"), slots=1)
    done(unit, take(control("maxLimW", start=START + 3600)))
    before = unit.read("FSCH86$SP")
    unit.works.faults["FSCH97"] = unit.works.faults["FSCH96"] = 4
    other = control("maxLimW", "targetW", start=START + 3600, mRID="B002", last=60)
    found = unit.talk(carry(take(other), unit.look(), BASES, AUTHOR, unit.now))
    assert isinstance(found, Fault)
    assert (unit.read("FSCH86$SP"), unit.read("FSCH86$ST$SchdSt$stVal")) == (before, READY)
    assert unit.read("FSCH96$ST$SchdSt$stVal") in {0, NOT_READY}


def test_a_window_that_is_over_is_refused_before_anything_is_asked() -> None:
    unit, seen = bare("maxLimW"), bare("maxLimW").look()
    found = unit.talk(carry(take(control("maxLimW", start=START - 900)), seen, BASES, AUTHOR, unit.now))
    assert isinstance(found, Fault)
    assert (found.verdict.status, unit.asked) == (254, 0)


@pytest.mark.parametrize(
    ("record", "status", "words"),
    [
        (control("maxLimW"), 252, "DWMX1"),
        (control("expLimW"), 252, "DWMX2"),
        (control(asked={"voltVar": m.CurveUse(ref="/dc/9")}), 253, "curve is not known"),
        (control(asked={"voltVar": curve(11, "statWAvail", (92, 44))}), 253, ""),
    ],
)
def test_what_cannot_be_said_is_refused_before_anything_is_asked(
    record: Any, status: int, words: str
) -> None:
    unit, seen = bare("voltVar"), bare("voltVar").look()
    found = unit.talk(carry(take(record), seen, BASES, AUTHOR, unit.now))
    assert isinstance(found, Fault)
    assert (found.verdict.status, unit.asked) == (status, 0)
    assert words in str(found)


def test_what_the_record_does_not_ask_for_is_not_taken() -> None:
    unit = bare("maxLimW", "targetW")
    found = refused(unit, take(control("maxLimW"), modes=frozenset({"targetW"})))
    assert found.verdict.status == 253


def test_settings_that_a_unit_has_no_object_for_are_passed_over_and_named() -> None:
    unit = bare("voltVar")
    entry = {
        "setESDelay": Decimal(60),
        "setSoftGradW": m.Amount(value=Decimal(2), unit=m.Unit("%/s"), of="setMaxW"),
    }
    order = take(default("voltVar", **entry))
    found = done(unit, order._replace(modes=order.modes | {"entry"}))
    assert found.apart == ("DPMC1.StrWRpuPct.setMag.f",)
    assert unit.read("DCTE1$SP$RtnDlTmms$setVal") == 60_000


def test_a_default_is_left_by_switching_its_node_off() -> None:
    unit = bare("voltVar")
    done(unit, take(default("voltVar")))
    done(unit, leave(default("voltVar")))
    assert unit.read("DVVR1$ST$Mod$stVal") == 5


def test_a_shared_node_is_told_what_asks_for_nothing_and_is_off_when_all_of_it_is() -> None:
    unit = bare("fixedPFInjectW", "fixedPFAbsorbW")
    both = control("fixedPFInjectW", "fixedPFAbsorbW")
    done(unit, take(both))
    done(unit, leave(both, modes=frozenset({"fixedPFInjectW"})))
    assert (held(unit, "DFPF1.PFGnTgtSpt"), unit.read("DFPF1$ST$Mod$stVal")) == (1.0, 1)
    done(unit, leave(both, modes=frozenset({"fixedPFAbsorbW"})))
    assert (held(unit, "DFPF1.PFLodTgtSpt"), unit.read("DFPF1$ST$Mod$stVal")) == (1.0, 5)


@pytest.mark.parametrize(("mode", "ref"), [("connect", "CSWI1.Pos"), ("gridConnectPermit", "DGEN1.AuthConn")])
def test_what_disconnects_is_left_connected(mode: str, ref: str) -> None:
    unit = bare(mode)
    done(unit, take(control(mode)))
    assert held(unit, ref) is False
    done(unit, leave(control(mode)))
    assert held(unit, ref) is True


def test_what_comes_before_its_time_is_armed_where_the_unit_can_wait_for_it() -> None:
    unit = bare("targetW")
    found = done(unit, take(control("targetW", start=START + 60)))
    assert (found.armed, held(unit, "DWGC2.WSpt")) == (True, 0.0)
    unit.go(61)
    assert held(unit, "DWGC2.WSpt") == 1200.0


def test_what_comes_before_its_time_with_settings_of_its_own_has_to_wait() -> None:
    unit = bare("voltVar")
    with pytest.raises(Away, match="not before its start"):
        done(unit, take(control("voltVar", start=START + 60)))
