"""What a careless or hostile user gives, and what a shell does to the streams: one line, never a traceback.

Each case was once answered otherwise. Processes are used where the process itself is the subject.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.app.command import COMMAND, EXAMPLES, derbridge, refused

POINT = '{"ref": "DWMX1.WMaxSptPct.ctlVal.f", "fc": "CO", "value": 60.0}'
NEW = "https://csipaus.org/ns/v1.3-beta/storage"


def control(old: str, new: str) -> str:
    return (EXAMPLES / "control.xml").read_text("utf-8").replace(old, new)


def shell(line: str, **more: str) -> subprocess.CompletedProcess[str]:
    words = ["bash", "-c", f"set -o pipefail; {line.replace('derbridge', str(COMMAND))}"]
    env = {**os.environ, **more}
    return subprocess.run(words, cwd=EXAMPLES, env=env, capture_output=True, text=True, check=False)


def test_kind_does_not_hang_on_the_hash() -> None:
    line = "derbridge map convert points.json --now 1 --json"
    said = [shell(line, PYTHONHASHSEED=seed).stdout for seed in "0123"]
    assert {json.loads(one)["documents"][0]["kind"] for one in said} == {"Control"}


def test_each_document_has_its_own_profile(tmp_path: Path) -> None:
    place = tmp_path / "aus13.xml"
    place.write_text(control("https://csipaus.org/ns", NEW), "utf-8")
    done = derbridge("map", "convert", "control.xml", place, "--json")
    found = json.loads(done.stdout)["documents"]
    assert [one["profile"] for one in found] == ["csip-aus-1.2", "csip-aus-1.3"]


def test_foreign_part_is_told_or_put_back() -> None:
    text = control("</DERControl>", '<z:a xmlns:z="urn:z">1</z:a></DERControl>')
    there = json.loads(derbridge("map", "convert", "-", "--json", given=text).stdout)["documents"][0]
    assert there["profile"] == "csip"
    assert any("opModExpLimW" in loss["path"] for loss in there["losses"])
    assert "urn:z" in derbridge("map", "convert", "-", "--to", "sep2", given=text).stdout


@pytest.mark.parametrize("beside", ['{"modes.maxLimW": {"said": 5}}', '{"kept": {"said": 5}}', '{"kept": 5}'])
def test_wrong_beside_is_refused(beside: str) -> None:
    text = f'{{"kind": "Control", "points": [{POINT}], "beside": {beside}}}'
    assert "beside" in refused("map", "convert", "-", given=text)


def test_long_profile_is_refused_and_cut() -> None:
    assert len(refused("map", "convert", "control.xml", "--profile", "x" * 300)) < 400


@pytest.mark.parametrize("stream", ["<&-", ">&-", "> /dev/full"])
def test_closed_stream_is_one_line(stream: str) -> None:
    done = shell(f"derbridge map convert {'-' if stream == '<&-' else 'control.xml'} {stream}")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr


def test_reader_that_left_is_no_failure() -> None:
    done = shell("derbridge map check | true")
    assert done.returncode in {0, 141}
    assert done.stderr.count("standard output") == 0


def test_twice_is_refused_with_its_line() -> None:
    other = POINT.replace("60.0", "50.0")
    assert refused("map", "convert", "-", given=f"[{POINT},\n{other}]").startswith("standard input:2: DWMX1")
    twice = POINT.replace("}", ',\n"fc": "CO"}')
    assert refused("map", "convert", "-", given=f"[{twice}]").startswith("standard input:2: fc: ")


def test_error_for_programs() -> None:
    for words in (("convert", "nothing.xml"), ("show", "Xyzzyx")):
        error = json.loads(derbridge("map", *words, "--json").stdout)["error"]
        assert set(error) == {"file", "path", "line", "reason"}


def test_error_is_one_line() -> None:
    assert refused("map", "convert", "a\nb.xml").startswith("a\\nb.xml: ")
    assert refused("map", "convert", "").startswith("'': ")
