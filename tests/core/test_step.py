"""The step, message by message: what goes out, to whom, and what the picture then says.

Controls, defaults and outcomes; what units say of themselves is in `test_facts`.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from bridge.core import effects, events, step
from models.der import messages
from tests.core import records
from tests.core.records import GROUP, NOW, OWNER, UNITS, control, default, outcome, run, said, sent, setting

ONE = UNITS[0]


def test_each_kind_has_a_row() -> None:
    assert set(step.TABLE) == set(messages.Message.__subclasses__())
    assert len(step.TABLE) == 11


def test_a_control_for_a_group_goes_to_each_unit_and_each_receives_it() -> None:
    picture, out = run([control("0A", group=[GROUP])], records.housed())
    assert sent(out) == [(unit, "Control", "0A") for unit in UNITS]
    assert said(out) == [(unit, "0A", 1) for unit in UNITS]
    assert {one.target.device for one in out if isinstance(one, messages.Outcome)} == {(OWNER,)}
    assert {one.correlation for one in out} == {"c-m-0A-900"}
    assert len({one.id for one in out}) == len(out)
    assert all(picture.plans[unit]["maxLimW"][0].source == "0A" for unit in UNITS)


def test_identifiers_are_compared_without_case() -> None:
    _, out = run([control("0a", device=["0d01"]), control("0A", device=["0D01"])], records.housed())
    assert said(out) == [("0D01", "0a", 1)]


def test_the_overtaken_one_is_superseded() -> None:
    weak = control("0A", 1_100, 50, primacy=2, group=[GROUP])
    strong = control("0B", 1_050, 200, primacy=1, device=[ONE])
    picture, out = run([strong], run([weak], records.housed())[0])
    assert said(out) == [(ONE, "0A", 7), (ONE, "0B", 1)]
    assert [one.correlation for one in out if isinstance(one, messages.Outcome)] == [
        "c-m-0A-900",
        "c-m-0B-900",
    ]
    assert sent(out) == [(ONE, "Control", "0B")]
    assert events.state(weak, picture.plans[ONE], Decimal(1_120)) is events.State.SUPERSEDED
    assert events.state(weak, picture.plans[UNITS[1]], Decimal(1_120)) is events.State.ACTIVE


def test_one_that_keeps_a_part_is_not_superseded() -> None:
    weak = control("0A", 1_100, 50, primacy=2, device=[ONE])
    _, out = run([control("0B", 1_120, 10, primacy=1, device=[ONE])], run([weak], records.housed())[0])
    assert said(out) == [(ONE, "0B", 1)]


def test_one_that_comes_too_late_to_win_is_received_and_superseded() -> None:
    strong = control("0B", 1_050, 200, primacy=1, device=[ONE])
    _, out = run([control("0A", 1_100, 50, primacy=2, device=[ONE])], run([strong], records.housed())[0])
    assert said(out) == [(ONE, "0A", 1), (ONE, "0A", 7)]
    assert sent(out) == []


def test_a_cancel_ends_one_and_brings_back_another() -> None:
    strong = control("0B", 1_050, 200, primacy=1, device=[ONE])
    before = run([control("0A", 1_100, 50, primacy=2, device=[ONE]), strong], records.housed())[0]
    picture, out = run([records.cancelled(strong)], before)
    assert sent(out) == [(ONE, "Control", "0A"), (ONE, "Control", "0B")]
    assert said(out) == [(ONE, "0A", 1), (ONE, "0B", 6)]
    assert (
        picture.plans == run([control("0A", 1_100, 50, primacy=2, device=[ONE])], records.housed())[0].plans
    )


@pytest.mark.parametrize(("code", "status"), [(2, 6), (3, 6), (4, 7), (5, 3)])
def test_an_end_is_told_as_the_source_means_it(code: int, status: int) -> None:
    one = control("0A", device=[ONE])
    _, out = run([records.cancelled(one, code=code)], run([one], records.housed())[0])
    assert said(out) == [(ONE, "0A", status)]


def test_a_cancel_that_comes_first_still_cancels() -> None:
    one = control("0A", device=[ONE])
    picture, out = run([records.cancelled(one), one], records.housed())
    assert picture.plans[ONE] == {}
    assert (said(out), sent(out)) == ([], [])


def test_a_cancel_is_of_the_whole_control_whomever_it_names() -> None:
    one = control("0A", group=[GROUP])
    house = run([one], records.housed())[0]
    for target in (messages.Target(), messages.Target(device=(ONE,))):
        _, out = run([records.cancelled(one).model_copy(update={"target": target})], house)
        assert said(out) == [(unit, "0A", 6) for unit in UNITS]
        assert sent(out) == [(unit, "Control", "0A") for unit in UNITS]


def test_a_withdrawn_control_is_not_taken_away_once_more() -> None:
    house = run(
        [control("0A", group=[GROUP]), records.cancelled(control("0A", group=[GROUP]))], records.housed()
    )[0]
    _, out = run([control("0A", device=[ONE], version=2)], house)
    assert (sent(out), said(out)) == ([(ONE, "Control", "0A")], [(ONE, "0A", 1)])


def test_a_control_of_which_only_the_past_is_left_is_superseded() -> None:
    strong = control("0B", 1_050, 200, primacy=1, device=[ONE])
    house = run([strong], records.housed())[0]
    _, out = run([control("0A", 1_000, 100, primacy=2, device=[ONE])], house, now=Decimal(1_060))
    assert (sent(out), said(out)) == ([], [(ONE, "0A", 1), (ONE, "0A", 7)])


def test_a_new_edition_is_a_new_question() -> None:
    house = run([control("0A", device=[ONE]), outcome(ONE, "0A", 253, 1_001)], records.housed())[0]
    assert house.plans[ONE] == {}
    picture, out = run([control("0A", device=[ONE], version=2)], house)
    assert said(out) == [(ONE, "0A", 1)]
    assert picture.plans[ONE] != {}


def test_what_comes_twice_says_nothing_new() -> None:
    messages_in = [
        control("0A", group=[GROUP]),
        default("DD", group=[GROUP]),
        setting(ONE, WMax=records.watts(9)),
    ]
    first, _ = run(messages_in, records.housed())
    again, out = run(messages_in, first)
    assert out == ()
    assert again == first
    assert run([messages_in[0], records.enrolment(ONE)], first)[0] is first


def test_a_past_control_is_expired() -> None:
    picture, out = run([control("0A", 900, 100, device=[ONE])], records.housed())
    assert (said(out), sent(out)) == ([(ONE, "0A", 254)], [])
    assert events.state(picture.controls["0A"], picture.plans[ONE], NOW) is events.State.COMPLETED


def test_a_unit_that_is_not_enrolled_is_refused_and_the_others_are_not() -> None:
    picture, out = run([control("0A", device=["0D99", ONE])], records.housed())
    assert said(out) == [(ONE, "0A", 1), ("0D99", "0A", 252)]
    assert picture.controls["0A"].target.device == (ONE,)


def test_beyond_the_setting_is_refused_for_that_unit_alone() -> None:
    asked = records.modes(targetW=records.watts(5_000))
    house = run([setting(ONE, WMax=records.watts(4_000))], records.housed())[0]
    picture, out = run([control("0A", asked=asked, group=[GROUP])], house)
    assert said(out) == [(ONE, "0A", 253), *((unit, "0A", 1) for unit in UNITS[1:])]
    assert (
        next(one.reason for one in out if isinstance(one, messages.Outcome))
        == "targetW 5000 W is above 4000 W"
    )
    assert picture.plans[ONE] == {}


def test_a_lower_setting_puts_out_what_it_no_longer_allows_and_a_higher_one_lets_it_in() -> None:
    asked = records.modes(targetW=records.watts(5_000))
    house = run([control("0A", asked=asked, device=[ONE])], records.housed())[0]
    low, out = run([setting(ONE, WMax=records.watts(4_000))], house)
    assert said(out) == [(ONE, "0A", 253)]
    assert [one.status.currentStatus for one in out if isinstance(one, messages.Control) and one.status] == [
        2
    ]
    high, out = run([setting(ONE, updated=200, WMax=records.watts(6_000))], low)
    assert (said(out), sent(out)) == ([(ONE, "0A", 1)], [(ONE, "Control", "0A")])
    assert high.plans == house.plans


def test_a_default_goes_to_each_unit_and_fills_the_gaps() -> None:
    picture, out = run([default("DD", group=[GROUP]), control("0A", device=[ONE])], records.housed())
    assert [row for row in sent(out) if row[1] == "Default"] == [(unit, "Default", "DD") for unit in UNITS]
    assert [span.source for span in picture.plans[ONE]["maxLimW"]] == ["DD", "0A", "DD"]
    assert [span.source for span in picture.plans[UNITS[1]]["maxLimW"]] == ["DD"]


def test_a_name_cannot_be_both_control_and_default() -> None:
    house = run([control("0A", device=[ONE])], records.housed())[0]
    picture, out = run([default("0A", device=[ONE])], house)
    assert picture is house
    assert said(out) == [(records.OWN, "0A", 253)]


def test_a_new_edition_replaces_the_old_one_and_one_it_no_longer_means_is_told() -> None:
    house = run([control("0A", group=[GROUP], version=1)], records.housed())[0]
    edition = control("0A", 1_500, device=[ONE], issued=901, version=2)
    picture, out = run([edition, control("0A", group=[GROUP], version=1)], house)
    assert sent(out) == [(unit, "Control", "0A") for unit in UNITS]
    assert said(out) == [(ONE, "0A", 1), *((unit, "0A", 10) for unit in UNITS[1:])]
    assert [unit for unit in UNITS if picture.plans[unit]] == [ONE]


def test_an_outcome_goes_on_to_the_owner_and_closes_the_control_there() -> None:
    house = run([control("0A", group=[GROUP])], records.housed())[0]
    picture, out = run([outcome(ONE, "0a", 3, 1_001)], house)
    assert [(one.target.device, one.correlation) for one in out] == [((OWNER,), "c-m-0A-900")]
    assert picture.plans[ONE] == {}
    assert picture.plans[UNITS[1]] != {}
    assert run([outcome(ONE, "0A", 1, 1_002)], picture)[0].plans[ONE] == {}


def test_opting_out_and_in_again() -> None:
    house = run([control("0A", device=[ONE])], records.housed())[0]
    out_of_it, _ = run([outcome(ONE, "0A", 4, 1_001)], house)
    assert out_of_it.plans[ONE] == {}
    back, out = run([outcome(ONE, "0A", 5, 1_002)], out_of_it)
    assert back.plans == house.plans
    assert sent(out) == [(ONE, "Control", "0A")]
    assert run([outcome(ONE, "0A", 4, 1_001)], back)[0] is back


def test_an_outcome_is_never_answered_with_an_outcome_of_its_subject() -> None:
    house = run([control("0A", device=[ONE])], records.housed())[0]
    _, out = run([outcome(ONE, "0A", 253, 1_001)], house)
    assert said(out) == [(ONE, "0A", 253)]
    assert run([outcome(ONE, "77", 3)], house) == (house, ())


def test_the_table_of_standings_names_each_step_once() -> None:
    steps = [(old, new) for froms, new, _ in effects.SAYS for old in froms]
    assert len(steps) == len(set(steps))
    assert {new for _, new in steps} == set(effects.Standing) - {
        effects.Standing.WITHDRAWN,
        effects.Standing.CLOSED,
    }
