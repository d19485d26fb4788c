"""The order in which a unit is told: settings, schedules, commands; and what a leave takes back."""

from __future__ import annotations

from tests.iec61850.carrying.asked import START, control, leave, take
from tests.iec61850.carrying.real import Unit, able
from tests.iec61850.carrying.told import done


def told(unit: Unit) -> list[str]:
    """What was told since this was asked last."""
    found, unit.works.told = unit.works.told, []
    return found


def test_settings_come_first_and_a_node_that_is_off_is_switched_on_before_its_value() -> None:
    unit = Unit(able("fixedVar"), schedules=False)
    unit.works.put("DVAR1", "Mod", 5)
    done(unit, take(control("fixedVar")))
    assert told(unit) == [
        "write DVAR1$SP$VArSptRef$setVal",
        "write DVAR1$SP$RvrtTms$setVal",
        "operate DVAR1.Mod 1",
        "operate DVAR1.VArTgtSptPct (30.0,)",
    ]
    done(unit, leave(control("fixedVar")))
    assert told(unit) == ["operate DVAR1.Mod 5", "operate DVAR3.Mod 5"]


HELD = ("StrTm1$setTm", "SchdIntv$setVal", "NumEntr$setVal", "{}", "SchdPrio$setVal", "SchdReuse$setVal")


def booked(schedule: str, value: str) -> list[str]:
    """What one schedule is told, in order."""
    written = [f"write {schedule}$SP${name.format(value)}" for name in HELD]
    return [f"write {schedule}$DC$SchdPrio$d", *written, f"operate {schedule}.EnaReq True"]


def test_a_schedule_is_marked_then_written_then_enabled() -> None:
    unit = Unit(able("maxLimW"), slots=2)
    order = take(control("maxLimW", start=START + 3600))
    done(unit, order)
    assert told(unit) == [*booked("FSCH86", "ValASG1$setMag$f"), *booked("FSCH87", "ValENG1$setVal")]
    done(unit, take(control("maxLimW", start=START + 3600), kind=order.kind))
    assert told(unit) == []
    done(unit, leave(control("maxLimW", start=START + 3600)))
    assert told(unit) == [
        "operate FSCH86.DsaReq True",
        "write FSCH86$DC$SchdPrio$d",
        "operate FSCH87.DsaReq True",
        "write FSCH87$DC$SchdPrio$d",
    ]
