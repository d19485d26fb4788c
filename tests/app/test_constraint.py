"""`derbridge map convert` of points under a wrong functional constraint: one line that names the point.

The same points under their own constraint are converted. What a state says is not taken for a command.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lxml.etree import fromstring

from tests.app.command import EXAMPLES, derbridge, refused

SEP2 = "{urn:ieee:std:2030.5:ns}"
REQUEST = {"ref": "DCTE1.CeaEgzReqCtl.ctlVal", "fc": "CO", "value": 1}
LIMIT = {"ref": "DWMX1.WMaxSptPct.ctlVal.f", "fc": "CO", "value": 60.0}


def sheet(place: Path, *points: dict[str, Any], **more: Any) -> Path:
    path = place / "points.json"
    path.write_text(json.dumps({"kind": "Default", **more, "points": points}), "utf-8")
    return path


def modes(path: Path) -> dict[str, str | None]:
    done = derbridge("map", "convert", path)
    assert done.returncode == 0, done.stderr
    base = fromstring(done.stdout).find(f"{SEP2}DERControlBase")
    return {} if base is None else {one.tag.removeprefix(SEP2): one.text for one in base}


@pytest.mark.parametrize(
    ("ref", "fc", "value", "right"),
    [
        ("DCTE1.CeaEgzReqCtl.ctlVal", "ST", 1, "CO"),
        ("DCTE1.CeaEgzReqCtl.stVal", "CO", 1, "ST"),
        ("DWMX1.WMaxSptPct.ctlVal.f", "SP", 60.0, "CO"),
        ("DWMX1.WMaxSptPct.mxVal.f", "CO", 60.0, "MX"),
        ("DWMX1.RmpTms.setVal", "ST", 3, "SP or SG or SE"),
    ],
)
def test_a_wrong_constraint_is_told_in_one_line(
    tmp_path: Path, ref: str, fc: str, value: Any, right: str
) -> None:
    path = sheet(
        tmp_path, LIMIT if "WMaxSptPct" not in ref else REQUEST, {"ref": ref, "fc": fc, "value": value}
    )
    assert refused("map", "convert", path) == f"{path}: {ref}: stands under {right}, not under {fc}"


def test_every_point_of_the_examples_stands_under_its_own_constraint() -> None:
    whole = json.loads((EXAMPLES / "points.json").read_text("utf-8"))
    assert derbridge("map", "convert", "points.json", "--now", "1").returncode == 0
    for number in (0, len(whole) // 2, len(whole) - 1):
        wrong = [dict(point) for point in whole]
        wrong[number]["fc"] = "SV"
        assert wrong[number]["ref"] in refused("map", "convert", "-", given=json.dumps(wrong))


def test_a_state_is_not_converted_into_a_command(tmp_path: Path) -> None:
    assert modes(sheet(tmp_path, REQUEST)) == {"opModEnergize": "false"}
    state = {"ref": "DCTE1.CeaEgzReqCtl.stVal", "fc": "ST", "value": 1}
    assert modes(sheet(tmp_path, state, LIMIT)) == {"opModMaxLimW": "6000"}


@pytest.mark.parametrize(
    ("ref", "fc", "value"),
    [
        ("DWMX1.WMaxSptPct.mxVal.f", "MX", 60.0),
        ("DCTE1.CeaEgzReqCtl.stVal", "ST", 1),
    ],
)
def test_states_alone_are_no_default(ref: str, fc: str, value: Any) -> None:
    given = json.dumps([{"ref": ref, "fc": fc, "value": value}])
    assert "DefaultDERControl" not in derbridge("map", "convert", "-", given=given).stdout
    canonical = derbridge("map", "convert", "-", "--to", "canonical", given=given)
    assert fromstring(canonical.stdout).tag == "{urn:derbridge:messages}Status"


def test_one_attribute_with_two_values_is_refused(tmp_path: Path) -> None:
    ref = "DWMX1.RmpTms.setVal"
    both = ({"ref": ref, "fc": fc, "value": value} for fc, value in (("SG", 3), ("SE", 4)))
    told = refused("map", "convert", sheet(tmp_path, LIMIT, *both))
    assert f"{ref}: 3 under SG, 4 under SE" in told
