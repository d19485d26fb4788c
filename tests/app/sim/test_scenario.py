"""Scenario files: the shipped ones pass, a wrong expectation fails, a file that is wrong is told where."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bridge.app.cli import app
from bridge.app.fault import Fault
from bridge.app.sim import script, stage
from bridge.app.sim.scene import Expect
from bridge.app.sim.unit import Output
from bridge.app.sim.verdict import Watch

SHIPPED = sorted(
    place
    for place in (Path(__file__).parents[3] / "examples" / "scenarios").glob("*.toml")
    if place.stem not in {"server", "relay", "aggregator"}
)
"""All but those that need a server, which are played at one in test_venue and test_relayed."""
PLAIN = """
name = "A limit"
lasts = "00:10"
[[inverters]]
name = "pv"
count = 2
[[story]]
at = "00:02"
do = "control"
name = "limit"
lasts = "00:05"
modes = { opModMaxLimW = 60 }
"""
EXPECT = """
[[expect]]
at = "00:02"
within = 30
device = "pv-*"
what = "w"
equals = 6000
"""


def played(folder: Path, text: str) -> stage.Played:
    place = folder / "scenario.toml"
    place.write_text(text, "utf-8")
    return stage.play(script.read(place), folder)


def test_there_are_shipped_scenarios() -> None:
    assert {place.stem for place in SHIPPED} >= {"limit", "voltage", "faults", "year"}


@pytest.mark.parametrize("place", SHIPPED, ids=lambda place: place.stem)
def test_shipped_scenario_goes_as_it_expects(place: Path) -> None:
    found = stage.play(script.read(place), place.parent)
    assert found.rows
    assert [row for row in found.rows if not row.passed] == []


def test_same_seed_gives_the_same_run(tmp_path: Path) -> None:
    text = PLAIN.replace('lasts = "00:05"', 'lasts = "00:05"\nspread = 60')
    assert played(tmp_path, text) == played(tmp_path, text)


def test_units_move_a_start_that_is_spread(tmp_path: Path) -> None:
    text = PLAIN.replace("count = 2", "count = 40").replace(
        'lasts = "00:05"', 'lasts = "00:05"\nspread = 120'
    )
    place = tmp_path / "scenario.toml"
    place.write_text(text, "utf-8")
    begun: dict[str, float] = {}

    def seen(t: float, outputs: object) -> None:
        assert isinstance(outputs, dict)
        for name, out in outputs.items():
            if t > 60 and out.w < 9_900:
                begun.setdefault(name, t)

    stage.play(script.read(place), tmp_path, seen)
    assert len(begun) == 40
    assert len(set(begun.values())) > 10
    assert all(120 <= t <= 245 for t in begun.values())


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("equals = 6000", "equals = 6200", "w 6000"),
        ("equals = 6000", "least = 9000", "w 6000"),
        ("equals = 6000", "most = 100", "w 6000"),
        ("equals = 6000", "equals = 6000\nlasts = 400", "after it had been right"),
        ('what = "w"\nequals = 6000', 'what = "operating"\nequals = false', "operating 1"),
        ('what = "w"\nequals = 6000', 'what = "soc"\nequals = 50', "not known"),
        ('what = "w"\nequals = 6000', 'control = "limit"\nresponses = [1, 2, 3]', "[1, 2]"),
    ],
)
def test_what_is_not_as_expected_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    (row,) = played(tmp_path, PLAIN + EXPECT.replace(old, new)).rows
    assert not row.passed
    assert told in row.told


def test_tolerance_is_of_the_rating_or_in_units(tmp_path: Path) -> None:
    near = EXPECT.replace("equals = 6000", "equals = 6090")
    assert played(tmp_path, PLAIN + near).passed
    assert not played(tmp_path, PLAIN + near + "tolerance = 50\n").passed
    assert played(tmp_path, PLAIN + near + 'tolerance = "2 %"\n').passed


def test_control_beyond_the_rating_is_refused_by_the_unit(tmp_path: Path) -> None:
    found = played(tmp_path, PLAIN.replace("opModMaxLimW = 60", "opModTargetW = 50000"))
    assert found.responses == {script.mrid("limit"): {"pv-1": (253,), "pv-2": (253,)}}
    assert found.outputs["pv-1"].w == pytest.approx(10_000)


def test_unit_without_its_server_goes_back_to_the_default(tmp_path: Path) -> None:
    cut = """
[[story]]
at = "00:01"
do = "default"
modes = { opModMaxLimW = 30 }
[[story]]
at = "00:01:30"
do = "cut"
[[expect]]
at = "00:05"
what = "w"
equals = 3000
[[expect]]
at = "00:09"
control = "limit"
responses = []
"""
    text = PLAIN.replace('lasts = "00:10"', 'lasts = "00:10"\npatience = "00:01"', 1)
    with pytest.raises(Fault, match="which responses"):
        played(tmp_path, text + cut)
    assert played(tmp_path, text + cut.partition('[[expect]]\nat = "00:09"')[0]).passed


WRONG = (
    ("= [", "", "is no TOML"),
    ("count = 2", "count = 0", "inverters.0.count"),
    ("count = 2", "cuont = 2", "cuont"),
    ("opModMaxLimW = 60", "opModMaxLimX = 60", "opModMaxLimX"),
    ("opModMaxLimW = 60", 'opModMaxLimW = "x"', "a number is expected"),
    ("opModMaxLimW = 60", 'opModVoltVar = "curve"', "names a curve that is not there"),
    ('at = "00:02"\ndo', 'at = "soon"\ndo', "is not a time"),
    ('do = "control"', 'do = "cancel"', "no control limit to cancel"),
    ('name = "limit"\n', "", "needs the name"),
    ("modes = { opModMaxLimW = 60 }", "", "asks for nothing"),
    ('do = "control"', 'do = "control"\ngroup = "g"', "no inverter is in group g"),
    ('device = "pv-*"', 'device = "x-*"', "no inverter is called x-*"),
    ("within = 30", "within = 3000", "not decided before the end"),
    ("equals = 6000", "", "equals, least or most"),
    ('what = "w"\nequals = 6000', 'control = "no"\nresponses = [1]', "no control no"),
    ("count = 2", 'count = 2\n[grid.voltage]\nkind = "recorded"\nfile = "no.csv"\ncolumn = "v"', "no.csv"),
    ("count = 2", 'faults = [{ kind = "bad", begin = 5, end = 5 }]', "end is not after begin"),
    ("count = 2", '[grid]\nvoltage = { kind = "ramp", points = [[5, 1], [5, 2]] }', "must rise"),
)


@pytest.mark.parametrize(("old", "new", "told"), WRONG)
def test_file_that_is_wrong_is_told_with_its_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    place = tmp_path / "scenario.toml"
    text = PLAIN + EXPECT
    place.write_text(text.replace(old, new) if new or old in text else text + old, "utf-8")
    with pytest.raises(Fault) as caught:
        script.read(place)
    assert told in str(caught.value)
    assert str(place) in str(caught.value)


def test_recorded_profile_is_read_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "sun.csv").write_text("time,percent\n0,0\n600,100\n", "utf-8")
    sun = '[grid.sun]\nkind = "recorded"\nfile = "sun.csv"\ncolumn = "percent"\nscale = 0.01\n'
    expect = EXPECT.replace("00:02", "00:09:55").replace("equals = 6000", "least = 9800").replace("30", "5")
    assert played(tmp_path, PLAIN + sun + expect).passed
    (tmp_path / "sun.csv").write_text("time,percent\n0,x\n", "utf-8")
    with pytest.raises(Fault, match=r"sun\.csv"):
        played(tmp_path, PLAIN + sun + expect)


def test_verbs_say_what_came_of_it(tmp_path: Path) -> None:
    place, record = tmp_path / "scenario.toml", tmp_path / "run.csv"
    place.write_text(PLAIN + EXPECT, "utf-8")
    checked = CliRunner().invoke(app, ["sim", "check", str(place)])
    assert (checked.exit_code, checked.stdout) == (
        0, "A limit: 2 inverters, 1 story, 1 expectations, 00:10:00\n",
    )  # fmt: skip
    done = CliRunner().invoke(app, ["sim", "run", str(place), "--json", "--record", str(record)])
    said = json.loads(done.stdout)
    assert done.exit_code == 0
    assert said["passed"] is True
    assert said["responses"] == {"limit": {"pv-1": [1, 2, 3], "pv-2": [1, 2, 3]}}
    with record.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 2 * 601
    assert float(next(row for row in rows if row["time"] == "200.0")["w"]) == pytest.approx(6_000)
    place.write_text(PLAIN + EXPECT.replace("6000", "9000"), "utf-8")
    failed = CliRunner().invoke(app, ["sim", "run", str(place)])
    assert failed.exit_code == 1
    assert "NO" in failed.stdout
    assert "0 of 1 as expected" in failed.stdout


@pytest.mark.parametrize(("w", "passed"), [(6_000, True), (7_000, False)])
def test_look_that_comes_late_counts_all_the_same(w: float, passed: bool) -> None:
    watch = Watch(Expect(at=5, device="pv-*", what="w", equals=6_000), {"pv-1": 10_000})
    watch.look(4.0, {"pv-1": Output(7_000, 0, 240, 60)}, {})
    watch.look(6.9, {"pv-1": Output(w, 0, 240, 60)}, {})
    assert watch.row().passed is passed
