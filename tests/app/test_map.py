"""`derbridge map check` and `map show`: figures, holes with file and line, rows by every kind of name.

The tables are the ones that ship. That a hole is found is proved on a copy of the tree's tables with one
name broken.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.app.command import COMMAND, ROOT, derbridge, spawned

EDITIONS = ("2018", "2023", "aus12", "aus13")


@pytest.fixture(scope="module")
def figures() -> Any:
    done = spawned("map", "check", "--json")
    assert done.stderr == ""
    assert done.returncode == 0
    return json.loads(done.stdout)


def test_every_name_is_resolved(figures: Any) -> None:
    assert figures["ok"] is True
    assert figures["names"]["percent"] == 100
    assert figures["names"]["resolved"] == figures["names"]["total"] > 1000
    assert figures["rows"] > 500
    assert figures["holes"] == []


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize(
    "kind", ["DERControlBase", "DERControl", "DefaultDERControl", "DERCurve", "DERSettings"]
)
def test_every_element_is_mapped_or_kept(figures: Any, edition: str, kind: str) -> None:
    one = figures["coverage"][edition][kind]
    assert one["percent"] == 100
    assert one["mapped"] + one["kept"] == one["total"] > 0
    assert one["bare"] == []


def test_every_field_is_carried_or_declared_lost(figures: Any) -> None:
    other = figures["coverage"]["iec61850"]
    assert {"Control", "Default", "Capability", "Setting", "Status", "Reading", "Outcome", "Alarm"} <= set(
        other
    )
    assert {name for name, one in other.items() if one["percent"] != 100} == set()


def test_losses_say_why(figures: Any) -> None:
    assert figures["losses"]
    assert all(loss["path"] and loss["reason"] and loss["table"] for loss in figures["losses"])


def test_text_ends_with_one_line_that_sums_up() -> None:
    lines = derbridge("map", "check").stdout.splitlines()
    assert lines[-1].endswith("100 % resolved: sound")


@pytest.mark.parametrize(
    ("table", "right", "wrong"),
    [
        ("der-sep2.toml", '"opModMaxLimW"', '"opModMaxLimX"'),
        ("der-sep2.toml", 'canonical = "maxLimW"', 'canonical = "maxLimX"'),
        ("der-iec61850.toml", 'iec61850 = "DWMX1.WMaxSptPct"', 'iec61850 = "DWMX1.WMaxSptPcx"'),
        ("der-iec61850.toml", 'object = "DVVR1.Mod"', 'object = "DVVR9.Mod"'),
        ("der-iec61850.toml", 'canonical = "maxLimW"', 'canonical = "maxLimX"'),
    ],
)
def test_hole_is_told_with_file_and_line(tmp_path: Path, table: str, right: str, wrong: str) -> None:
    for room in ("bridge", "models", "mappings", "xsd"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    place = tmp_path / "mappings" / table
    text = place.read_text("utf-8")
    assert text.count(right) == 1, "the fault is planted in one row"
    place.write_text(text.replace(right, wrong), "utf-8")
    line = text[: text.index(right)].count("\n") + 1
    env = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    run = [str(COMMAND), "map", "check", "--json"]
    done = subprocess.run(run, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    holes = json.loads(done.stdout)["holes"]
    assert {(hole["file"], hole["line"]) for hole in holes} == {(f"mappings/{table}", line)}
    assert any(wrong.strip('"').rpartition('"')[2].rpartition(".")[2] in hole["reason"] for hole in holes)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("opModVoltVar", "DVVR1.VVArCrv"),
        ("DWMX1.WMaxSptPct", "DERControlBase.opModMaxLimW"),
        ("DWMX.WMaxSptPct", "DERControlBase.opModMaxLimW"),
        ("modes.maxLimW", "DWMX1.WMaxSptPct"),
        ("Control.modes.maxLimW", "DERControlBase.opModMaxLimW"),
        ("opmodmaxlimw", "DWMX1.WMaxSptPct"),
        ("DERCurve", "DERCurve.CurveData"),
        ("rtgMaxW", "DGEN1.WMaxRtg"),
        ("DPCC1", "DERControlBase.opModExpLimW"),
    ],
)
def test_rows_are_found_by_any_of_their_names(name: str, expected: str) -> None:
    done = derbridge("map", "show", name)
    assert done.returncode == 0
    assert expected in done.stdout.split()


def test_rows_as_json_say_where_they_stand() -> None:
    rows = json.loads(derbridge("map", "show", "opModMaxLimW", "--json").stdout)
    assert {row["table"] for row in rows} == {"der-sep2", "der-iec61850"}
    for row in rows:
        text = (ROOT / row["file"]).read_text("utf-8").splitlines()[row["line"] - 1]
        assert "maxLimW" in text


def test_unknown_name_gets_near_ones() -> None:
    done = derbridge("map", "show", "opModMaxLimX")
    assert (done.returncode, done.stdout) == (1, "")
    first, second = done.stderr.splitlines()
    assert first == "derbridge: opModMaxLimX: no row names it"
    assert "opModMaxLimW" in second


def test_name_near_nothing_gets_one_line() -> None:
    done = derbridge("map", "show", "zzzzzzzz")
    assert (done.returncode, done.stderr) == (1, "derbridge: zzzzzzzz: no row names it\n")
