"""Which schedule an order stands in: found again, taken over by what supersedes it, never somebody else's."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.iec61850.carrying.deed import Author
from bridge.iec61850.carrying.doing import carry
from bridge.iec61850.shape import Value
from bridge.ports import Away
from models.mms.codes import DataAccessError
from tests.iec61850.carrying.asked import START, control, default, leave, take
from tests.iec61850.carrying.real import NAME, Silent, Unit, able
from tests.iec61850.carrying.told import done, held
from tests.iec61850.carrying.works import NOT_READY, READY, RUNNING
from tests.iec61850.units import amount
from tests.mapping.fitting import BASES

LATER = START + 3600
LIMIT = "DWMX1.WMaxSptPct"


def unit(slots: int = 2) -> Unit:
    return Unit(able("maxLimW"), slots=slots)


def state(of: Unit, schedule: str) -> object:
    return of.read(f"{schedule}$ST$SchdSt$stVal")


def mark(of: Unit, schedule: str) -> str:
    return str(of.read(f"{schedule}$DC$SchdPrio$d"))


def limit(percent: float, **fields: Any) -> Any:
    return control(asked={"maxLimW": amount(percent, "%", "setMaxW")}, **fields)


def test_an_order_that_comes_twice_writes_once() -> None:
    one, order = unit(), take(control("maxLimW", start=LATER))
    first = done(one, order)
    before, written = one.leaves(), len(one.works.written)
    assert done(one, order) == first
    assert (one.leaves(), len(one.works.written)) == (before, written)


def test_an_order_that_was_broken_off_anywhere_stands_in_the_same_schedules_when_it_comes_again() -> None:
    whole, order = unit(), take(control("maxLimW", start=LATER))
    wanted = done(whole, order).schedules
    needed = whole.asked
    for limit_ in range(1, needed):
        one = unit()
        seen = one.look()
        one.limit = one.asked + limit_
        try:
            one.talk(carry(order, seen, BASES, Author((3, b"A"), 9), one.now))
        except Silent:
            one.limit = None
            assert done(one, order).schedules == wanted, limit_
        assert state(one, "FSCH86") == READY
        assert mark(one, "FSCH286") == "not told by the device"


def test_another_control_stands_beside_the_first_and_rank_decides() -> None:
    one = unit()
    done(one, take(limit(50, start=LATER, primacy=3)))
    other = limit(20, start=LATER, primacy=1, mRID="B002")
    assert "FSCH286" in done(one, take(other)).schedules
    one.go(3601)
    assert held(one, LIMIT) == 20.0
    done(one, leave(other))
    assert (held(one, LIMIT), state(one, "FSCH86"), state(one, "FSCH286")) == (50.0, RUNNING, NOT_READY)


def test_a_control_that_is_moved_leaves_no_second_window() -> None:
    one = unit()
    done(one, take(control("maxLimW", start=LATER)))
    done(one, take(control("maxLimW", start=LATER + 7200)))
    assert state(one, "FSCH286") == NOT_READY
    one.go(3700)
    assert held(one, LIMIT) != 50.0
    one.go(7200)
    assert held(one, LIMIT) == 50.0


def test_when_every_schedule_waits_a_further_order_has_to_wait_too() -> None:
    one = unit()
    for number in (1, 2):
        done(one, take(limit(50, start=LATER * number, mRID=f"B00{number}")))
    before = one.leaves()
    with pytest.raises(Away, match="every schedule is in use"):
        done(one, take(limit(20, start=LATER, mRID="B003")))
    assert one.leaves() == before


def test_the_only_schedule_goes_to_whatever_comes_at_its_time() -> None:
    one = unit(1)
    done(one, take(limit(50)))
    one.go(2)
    assert held(one, LIMIT) == 50.0
    done(one, take(limit(20, mRID="B002", primacy=1)))
    one.go(2)
    assert (held(one, LIMIT), "B002" in mark(one, "FSCH86")) == (20.0, True)


def test_the_only_schedule_lasts_as_long_as_its_record_whatever_is_planned_after_it() -> None:
    one = unit(1)
    done(one, take(limit(50), end=START + 60))
    one.go(300)
    assert held(one, LIMIT) == 50.0
    one.go(301)
    assert held(one, LIMIT) != 50.0


def test_a_default_takes_the_place_of_the_only_schedule() -> None:
    one = unit(1)
    done(one, take(limit(20)))
    one.go(2)
    done(one, take(default("maxLimW")))
    assert (held(one, LIMIT), state(one, "FSCH86"), mark(one, "FSCH86")) == (50.0, NOT_READY, "")


def test_a_default_is_not_ended_by_the_time_that_a_command_before_it_has_left() -> None:
    one = Unit(able("maxLimW"), schedules=False)
    done(one, take(limit(20)))
    left = "DWMX1$SP$RvrtTms$setVal"
    assert one.image.read(NAME, left) != 0
    done(one, take(default("maxLimW")))
    assert (one.image.read(NAME, left), held(one, LIMIT)) == (0, 50.0)


def test_a_default_stays_behind_schedules_that_wait_or_run() -> None:
    one = unit()
    done(one, take(limit(20)))
    one.go(2)
    done(one, take(default("maxLimW")))
    assert held(one, LIMIT) == 20.0
    one.go(600)
    assert held(one, LIMIT) == 50.0


def test_somebody_elses_schedule_is_never_touched() -> None:
    one = unit(1)
    theirs: dict[str, Value] = {
        "FSCH86$SP$StrTm1$setTm": bytes(8),
        "FSCH86$SP$SchdIntv$setVal": 2**30,
        "FSCH86$SP$NumEntr$setVal": 4,
        "FSCH86$SP$ValASG1$setMag$f": 77.0,
    }
    one.image.update(NAME, theirs, one.now)
    one.works.switch("FSCH86", enable=True)
    with pytest.raises(Away, match="FSCH86"):
        done(one, take(limit(50)))
    done(one, leave(limit(50)))
    assert (state(one, "FSCH86"), held(one, LIMIT)) == (RUNNING, 77.0)


def test_a_schedule_that_bears_no_mark_is_known_by_its_window_and_rank() -> None:
    one = unit()
    for number in (86, 286, 87, 287):
        one.works.unwritable[f"FSCH{number}$DC$SchdPrio$d"] = DataAccessError.object_access_denied
    order, seen = take(control("maxLimW", start=LATER)), one.look()
    for _ in range(2):
        one.talk(carry(order, seen, BASES, Author((3, b"A"), 9), one.now))
    assert (state(one, "FSCH86"), state(one, "FSCH286")) == (READY, NOT_READY)
    one.talk(carry(leave(control("maxLimW", start=LATER)), seen, BASES, Author((3, b"A"), 9), one.now))
    assert state(one, "FSCH86") == NOT_READY


def test_whoever_comes_anew_knows_a_schedule_that_bears_no_mark() -> None:
    one, order = unit(), take(control("maxLimW", start=LATER))
    for number in (86, 286, 87, 287):
        one.works.unwritable[f"FSCH{number}$DC$SchdPrio$d"] = DataAccessError.object_access_denied
    for _ in range(2):
        one.talk(carry(order, one.look(), BASES, Author((3, b"A"), 9), one.now))
    assert [state(one, f"FSCH{number}") for number in (86, 286, 87, 287)] == [READY, NOT_READY] * 2


def test_an_only_schedule_that_bears_no_mark_is_let_be_and_the_unit_commanded() -> None:
    one = unit(1)
    for number in (86, 87):
        one.works.unwritable[f"FSCH{number}$DC$SchdPrio$d"] = DataAccessError.object_access_denied
    author, seen = Author((3, b"A"), 9), one.look()
    with pytest.raises(Away, match="whose it is"):
        one.talk(carry(take(limit(50)), seen, BASES, author, one.now))
    for percent in (50, 30):
        one.talk(carry(take(limit(percent)), seen, BASES, author, one.now))
        assert (state(one, "FSCH86"), held(one, LIMIT)) == (NOT_READY, percent)


def test_a_free_arbiter_is_taken_up_for_an_object() -> None:
    one = unit()
    one.image.put(NAME, "FSCC86$SP$CtlEnt$setSrcRef", "", one.now)
    done(one, take(control("maxLimW", start=LATER)))
    assert one.read("FSCC86$SP$CtlEnt$setSrcRef") == f"{NAME}/{LIMIT}"


def test_a_record_without_a_name_is_known_by_its_id() -> None:
    one = unit()
    nameless = control("maxLimW", start=LATER).model_copy(update={"mRID": None})
    done(one, take(nameless))
    done(one, leave(nameless))
    assert state(one, "FSCH86") == NOT_READY


@pytest.mark.parametrize("slots", [0, 1, 2])
def test_leaving_gives_back_what_was_before(slots: int) -> None:
    one = Unit(able("maxLimW"), slots=max(slots, 1), schedules=slots > 0)
    one.works.put("DWMX1", "Mod", 5)
    done(one, take(control("maxLimW")))
    one.go(2)
    assert (held(one, LIMIT), one.read("DWMX1$ST$Mod$stVal")) == (50.0, 1)
    done(one, leave(control("maxLimW")))
    assert one.read("DWMX1$ST$Mod$stVal") == 5


def test_leaving_what_is_not_there_is_done() -> None:
    one = unit()
    done(one, leave(control("maxLimW")))
    assert not sum(1 for each in one.works.done if each.target.node.startswith("FSCH"))
