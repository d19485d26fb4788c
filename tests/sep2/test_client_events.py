"""The client machine and its events: what it obeys and what it answers, at a scripted server."""

from __future__ import annotations

import pytest

from bridge.sep2.client.plant import Options
from tests.sep2.stage import LFDI, NOW, Stage, control, doc, listed, programme

EDEV = f"/edev/{LFDI[:4]}"
TWO = ("/derp", listed("DERProgramList", programme(1, 2), programme(2, 1), pollRate=60))


def test_a_control_is_received_started_and_completed_and_the_default_holds_around_it() -> None:
    stage = Stage()
    stage.default()
    stage.controls(control("A1", NOW + 100, 600))
    stage.play(900)
    assert stage.statuses("A1") == [1, 2, 3]
    assert stage.times("A1") == [0, 100, 700]
    limits = [float(each.maxLimW.value) for each in stage.plant.demands if each.maxLimW]
    assert limits == [90, 30, 90]


@pytest.mark.parametrize(("asks", "said"), [("00", []), ("01", [1]), ("02", [2, 3]), ("03", [1, 2, 3])])
def test_only_what_was_asked_for_is_answered(asks: str, said: list[int]) -> None:
    stage = Stage()
    stage.controls(control("A1", NOW + 10, 60, asks=asks))
    stage.play(200)
    assert stage.statuses("A1") == said


def test_a_cancelled_control_ends_at_once_before_and_while_it_runs() -> None:
    stage = Stage()
    stage.controls(control("A1", NOW + 10, 600), control("B1", NOW + 1000, 600))
    stage.play(100)
    stage.controls(
        control("A1", NOW + 10, 600, state=2, at=NOW + 100), control("B1", NOW + 1000, state=2, at=NOW + 100)
    )
    stage.play(200)
    assert stage.statuses("A1") == [1, 2, 6]
    assert stage.statuses("B1") == [1, 6]
    assert stage.limit() is None


def test_a_control_that_its_list_no_longer_has_is_cancelled() -> None:
    stage = Stage()
    stage.controls(control("A1", NOW + 10, 600))
    stage.play(100)
    stage.controls()
    stage.play(200)
    assert stage.statuses("A1") == [1, 2, 6]


def test_one_that_is_missing_at_its_end_is_complete() -> None:
    stage = Stage()
    stage.controls(control("A1", NOW + 10, 112))
    stage.play(100)
    stage.controls()
    stage.play(200)  # the list is read two seconds before the end
    assert stage.statuses("A1") == [1, 2, 3]


@pytest.mark.parametrize(("number", "status"), [(1, 7), (2, 14)])
def test_what_a_stronger_control_takes_is_superseded_for_good(number: int, status: int) -> None:
    stage = Stage(docs=dict([TWO]))
    stage.controls(number=2)
    first = control("A1", NOW + 10, 600)
    newer = control("B1", NOW + 100, 100, made=NOW, modes="<opModMaxLimW>2000</opModMaxLimW>")
    stage.controls(first, *([newer] if number == 1 else []))
    stage.controls(*([newer] if number == 2 else []), number=2)
    stage.play(400)
    assert stage.statuses("A1") == [1, 2, status]
    assert stage.statuses("B1") == [1, 2, 3]
    assert stage.limit() is None


def test_by_the_rules_of_2023_it_comes_back() -> None:
    stage = Stage(Options(profile="2023"), docs=dict([TWO]))
    stage.controls(control("A1", NOW + 10, 600))
    stage.controls(control("B1", NOW + 100, 100, modes="<opModMaxLimW>2000</opModMaxLimW>"), number=2)
    stage.play(400)
    assert stage.statuses("A1") == [1, 2, 14, 15]
    assert stage.limit() == 30
    stage.play(700)
    assert stage.statuses("A1")[-1] == 3


def test_independent_modes_run_beside_each_other() -> None:
    stage = Stage()
    stage.controls(
        control("A1", NOW + 10, 100), control("B1", NOW + 20, 200, modes="<opModConnect>true</opModConnect>")
    )
    stage.play(30)
    assert stage.limit() == 30
    assert stage.plant.demands[-1].connect is True
    stage.play(400)
    assert stage.statuses("A1") == stage.statuses("B1") == [1, 2, 3]


def test_there_is_no_gap_between_neighbours_whatever_their_spread() -> None:
    stage = Stage()
    wide = "<randomizeDuration>0</randomizeDuration><randomizeStart>40</randomizeStart>"
    second = control("B1", NOW + 200, 100, spread=wide, modes="<opModMaxLimW>2000</opModMaxLimW>")
    stage.controls(control("A1", NOW + 100, 100), second)
    stage.play(900)
    begins, ends = stage.times("B1")[1], stage.times("A1")[2]
    assert begins == ends
    assert 200 <= begins <= 240
    limits = [each.maxLimW and float(each.maxLimW.value) for each in stage.plant.demands]
    assert limits == [30, 20, None]


def test_spreads_are_the_same_each_time_and_differ_by_seed() -> None:
    spread = "<randomizeDuration>3000</randomizeDuration><randomizeStart>3000</randomizeStart>"
    found = []
    for seed in ("a", "a", "b"):
        stage = Stage(Options(profile="2018", seed=seed))
        stage.controls(control("A1", NOW + 100, 100, spread=spread))
        stage.play(9000)
        found.append(stage.times("A1"))
    assert found[0] == found[1] != found[2]


def test_a_cancellation_with_spread_lets_go_within_the_larger_spread() -> None:
    spread = "<randomizeDuration>0</randomizeDuration><randomizeStart>-60</randomizeStart>"
    stage = Stage()
    stage.controls(control("A1", NOW + 100, 6000, spread=spread))
    stage.play(170)
    stage.controls(control("A1", NOW + 100, 6000, spread=spread, state=3, at=NOW + 170))
    stage.play(500)
    assert stage.statuses("A1") == [1, 2, 6]
    assert 170 < stage.times("A1")[2] <= 230


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (control("A1", NOW - 500, 100), [254]),
        (control("A1", NOW + 10, 100, modes="<opModFixedW>3000</opModFixedW>"), [252]),
        (control("A1", NOW + 10, 0), [253]),
        (control("A1", NOW + 10, 100, modes='<opModVoltVar href="/dc/9"/>'), [253]),
        (control("A1", NOW + 10, 100, category="<deviceCategory>00000002</deviceCategory>"), []),
    ],
    ids=["over", "beyond its means", "no duration", "no curve", "for others"],
)
def test_what_cannot_be_followed_is_refused(made: str, said: list[int]) -> None:
    stage = Stage(Options(profile="2018", category=1))
    stage.controls(made)
    stage.play(300)
    assert stage.statuses("A1") == said
    assert stage.limit() is None


def test_a_curve_is_read_before_its_control_counts() -> None:
    stage = Stage()
    points = "".join(
        f"<CurveData><xvalue>{x}</xvalue><yvalue>{y}</yvalue></CurveData>" for x, y in ((92, 44), (108, -44))
    )
    stage.docs["/dc/1"] = doc(
        "DERCurve",
        f"<mRID>CC</mRID><creationTime>1</creationTime>{points}<curveType>11</curveType>"
        "<xMultiplier>0</xMultiplier><yMultiplier>0</yMultiplier><yRefType>3</yRefType>",
    )
    stage.controls(control("A1", NOW + 10, 100, modes='<opModVoltVar href="/dc/1"/>'))
    stage.play(20)
    use = stage.plant.demands[-1].voltVar
    assert use is not None
    assert use.curve is not None
    assert [int(point.y) for point in use.curve.point] == [44, -44]


def test_a_user_may_opt_out_and_in_again() -> None:
    stage = Stage()
    stage.controls(control("A1", NOW + 10, 600), control("B1", NOW + 700, 100))
    stage.play(100)
    stage.client.opt(LFDI, stage.now, out=True)
    stage.play(200)
    assert stage.limit() is None
    stage.client.opt(LFDI, stage.now, out=False)
    stage.play(300)
    assert stage.limit() == 30
    stage.play(690)
    stage.client.opt(LFDI, stage.now, out=True)
    stage.play(1000)
    assert stage.statuses("A1") == [1, 2, 4, 5, 9]
    assert stage.statuses("B1") == [1, 4, 10]


def test_without_communication_the_running_control_is_finished_and_none_begins() -> None:
    stage = Stage(Options(profile="2018", patience=120, longest=30))
    stage.default()
    stage.controls(
        control("A1", NOW + 10, 600),
        control("B1", NOW + 700, 600, modes="<opModMaxLimW>2000</opModMaxLimW>"),
    )
    stage.play(65)
    stage.replies = {
        ("GET", path): [None] * 500 for path in ("/derp", "/derp/1/derc", "/derp/1/dderc", "/dcap")
    }
    for name in ("Status", "Availability"):
        stage.replies["PUT", f"{EDEV}/der/1/{name}"] = [None] * 500
    for path in ("/rsp", "/mup/1"):
        stage.replies["POST", path] = [None] * 500
    stage.play(400)
    assert stage.client.lost is True
    assert stage.limit() == 30
    stage.play(800)
    assert stage.limit() == 90
    stage.replies = {}
    stage.play(900)
    assert len(stage.said("returned")) == 1
    assert stage.limit() == 20
    assert sorted(set(stage.statuses("A1"))) == [1, 2, 3]
    assert sorted(set(stage.statuses("B1"))) == [1, 2]
