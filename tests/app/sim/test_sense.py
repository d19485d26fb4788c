"""What nobody could do is told by `sim check`, and what an aggregator hears is held against the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from bridge.app.cli import app
from bridge.app.fault import Fault
from bridge.app.sim import script
from bridge.app.sim.heard import Heard
from bridge.app.sim.scene import Expect
from bridge.app.sim.unit import Output
from bridge.app.sim.verdict import Watch

SPOKEN = """
name = "Spoken"
lasts = 60
[[inverters]]
name = "pv"
count = 2
group = "feeder"
protocol = "61850"
[[inverters]]
name = "other"
protocol = "2030.5"
[[aggregators]]
name = "fleet"
holds = "pv-*"
[[story]]
at = 1
by = "fleet"
do = "control"
name = "limit"
group = "feeder"
lasts = 20
modes = { opModMaxLimW = 60 }
[[expect]]
at = 2
within = 20
device = "pv-1"
control = "limit"
hears = "done"
"""
UNFIT = (
    ('protocol = "61850"', 'protocol = "none"', "every kind of inverter speaks a protocol"),
    ('protocol = "61850"', 'protocol = "61850"\nmodel = "opender"', "the model is light"),
    ('protocol = "61850"', 'protocol = "61850"\nfollows = ["opModNo"]', "there is no mode opModNo"),
    ('protocol = "2030.5"', 'protocol = "61850"\n[[aggregators]]\nname = "two"', "held by two aggregators"),
    ('do = "control"', 'do = "default"', "an aggregator has no default"),
    ('do = "control"', 'do = "control"\nspread = 5', "has no spread"),
    ('do = "control"', 'do = "control"\nafter = 5', "what begins later is a schedule"),
    ('by = "fleet"\n', "", "no aggregator hears of it"),
    ('by = "fleet"\ndo = "control"', 'do = "schedule"', "only an aggregator"),
    ('by = "fleet"', 'by = "nobody"', "there is no aggregator nobody"),
    ('group = "feeder"\nlasts', 'device = "other-1"\nlasts', "aggregator fleet holds no other-1"),
    ('group = "feeder"\nlasts', "lasts", "does not hold all of group all"),
    ('holds = "pv-*"', 'holds = "x-*"', "holds nobody"),
    ('hears = "done"', 'hears = "done"\ncause = 5', "a cause is heard with refused or failed"),
    ('hears = "done"', 'hears = "done"\nresponses = [1]', "either the responses"),
    ("modes =", 'name = "limit"\nat = 2\n#', "is no TOML"),
    ("[[expect]]", '[[story]]\nat = 5\ndo = "cancel"\nname = "limit"\n[[expect]]', "by somebody else"),
    ("[[expect]]", '[[story]]\nat = 5\ndo = "cut"\n[[expect]]', "a server is not cut off"),
    ('2030.5"', '61850"', "has no patience"),
)


@pytest.mark.parametrize(("old", "new", "told"), UNFIT)
def test_what_nobody_could_do_is_told_by_check(tmp_path: Path, old: str, new: str, told: str) -> None:
    place = tmp_path / "scenario.toml"
    patient = "lasts = 60\npatience = 5" if told == "has no patience" else "lasts = 60"
    place.write_text(SPOKEN.replace(old, new).replace("lasts = 60", patient), "utf-8")
    done = CliRunner().invoke(app, ["sim", "check", str(place)])
    assert isinstance(done.exception, Fault)
    assert told in str(done.exception)


def test_what_can_be_done_passes_check_and_needs_a_server(tmp_path: Path) -> None:
    place = tmp_path / "scenario.toml"
    place.write_text(SPOKEN, "utf-8")
    assert CliRunner().invoke(app, ["sim", "check", str(place)]).exit_code == 0
    run = CliRunner().invoke(app, ["sim", "run", str(place)])
    assert "name a server with --server" in str(run.exception)


@pytest.mark.parametrize(
    ("heard", "passed"),
    [
        (Heard("refused", 27, "locked by other"), True),
        (Heard("refused", 20), False),
        (Heard("failed", 27), False),
        (None, False),
    ],
)
def test_what_an_aggregator_hears_is_held_against_what_is_expected(heard: Heard | None, passed: bool) -> None:
    watch = Watch(Expect(at=1, device="pv-*", control="limit", hears="refused", cause=27), {"pv-1": 10_000})
    told = {} if heard is None else {script.mrid("limit"): {"pv-1": heard}}
    watch.look(1.0, {"pv-1": Output(7_000, 0, 240, 60)}, {}, told)
    row = watch.row()
    assert row.passed is passed
    assert passed or row.told.startswith(f"pv-1: {f'heard {heard}' if heard else 'nothing was heard yet'}")
