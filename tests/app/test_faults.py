"""What a careless or hostile user gives, and what a shell does to the streams: one line, never a traceback.

Each case was once answered otherwise. Processes are used where the process itself is the subject.
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from lxml.etree import fromstring

from bridge.app import rendering, source
from bridge.app.fault import Fault
from bridge.app.source import Given
from bridge.mapping.foreign import Foreign
from tests.app.command import COMMAND, EXAMPLES, derbridge, refused

POINT = '{"ref": "DWMX1.WMaxSptPct.ctlVal.f", "fc": "CO", "value": 60.0}'
SEP2 = "urn:ieee:std:2030.5:ns"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
NEW = "https://csipaus.org/ns/v1.3-beta/storage"


def control(old: str, new: str) -> str:
    return (EXAMPLES / "control.xml").read_text("utf-8").replace(old, new)


def shell(line: str, **more: str) -> subprocess.CompletedProcess[str]:
    words = ["bash", "-c", f"set -o pipefail; {line.replace('derbridge', str(COMMAND))}"]
    env = {**os.environ, "PYTHONUNBUFFERED": "", **more}  # what is said waits in a buffer, as for a user
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


def test_foreign_part_is_not_taken_for_its_namesake() -> None:
    text = control("<version>", '<z:version xmlns:z="urn:z">0</z:version><version colour="red">')
    back = fromstring(
        derbridge("map", "convert", "-", "--to", "sep2", "--profile", "csip", given=text).stdout
    )
    assert [(one.tag, one.get("colour")) for one in back if one.tag.endswith("}version")] == [
        ("{urn:z}version", None),
        ("{urn:ieee:std:2030.5:ns}version", "red"),
    ]


@pytest.mark.parametrize("beside", ['{"modes.maxLimW": {"said": 5}}', '{"kept": {"said": 5}}', '{"kept": 5}'])
def test_wrong_beside_is_refused(beside: str) -> None:
    text = f'{{"kind": "Control", "points": [{POINT}], "beside": {beside}}}'
    assert "beside" in refused("map", "convert", "-", given=text)


def test_long_profile_is_refused_and_cut() -> None:
    assert len(refused("map", "convert", "control.xml", "--profile", "x" * 300)) < 400


@pytest.mark.parametrize("stream", ["<&-", ">&-", "> /dev/full"])
def test_closed_stream_is_one_line(stream: str) -> None:
    done = shell(f"derbridge map convert {'-' if stream == '<&-' else 'control.xml'} --json {stream}")
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


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('"bases": {"setMaxW": "much"}', "standard input: setMaxW=much: 'much' is not a number"),
        ('"bases": {"much": "1"}', "standard input: much=1: not NAME=VALUE with a name of setMaxW, "),
        ('"profile": "2099"', "standard input: 2099: no profile of this name; there are 2013, "),
    ],
)
def test_what_a_page_says_wrong_is_told_of_the_page(more: str, told: str) -> None:
    assert refused("map", "convert", "-", given=f'{{"points": [{POINT}], {more}}}').startswith(told)


LONG = "colour " * 1000
WORD = "colour" * 1000


@pytest.mark.parametrize(
    "text",
    [
        control("6000<", f"{LONG}<"),
        control("6000<", f"{WORD}<"),
        control("<version>", f"<{WORD}/><version>"),
        control('responseRequired="03"', f'{WORD}="03"'),
        control('responseRequired="03"', f'responseRequired="{LONG}"'),
        control("<DERControl ", f'<DERControl xmlns:xsi="{XSI}" xsi:type="{WORD}" '),
        control("</DERControlBase>", f"</{WORD}>"),
        control("urn:ieee:std:2030.5:ns", f"urn:{'colour' * 40}"),
        f'{{"points": [{POINT}], "{WORD}": 1}}',
        f'{{"points": [{POINT}], "kind": "{LONG}"}}',
        f'{{"points": [{POINT}], "profile": "{LONG}"}}',
        f'{{"points": [{POINT}], "bases": {{"setMaxW": "{LONG}"}}}}',
        f'{{"points": [{POINT}], "bases": {{"{WORD}": 1}}}}',
        f'{{"points": [{POINT}], "kind": "Control", "beside": {{"{WORD}": {{}}}}}}',
        f'{{"points": [{POINT}], "kind": "Control", "beside": {{"modes": {{"{WORD}": 1}}}}}}',
        f"[{POINT.replace('60.0', chr(34) + LONG + chr(34))}]",
        f"[{POINT.replace('DWMX1', WORD)}]",
        f"[{POINT.replace('CO', WORD)}]",
        f"[{POINT}, {POINT.replace('DWMX1.WMaxSptPct.ctlVal.f', 'A.b').replace('60.0', '1' * 5000)}]",
    ],
)
def test_what_was_given_is_not_repeated_whole(text: str) -> None:
    told = refused("map", "convert", "-", given=text)
    assert told.count("colour") <= 30
    assert len(told) < 600


def test_a_reason_repeats_eighty_characters_of_a_value() -> None:
    for value in ("x" * 1000, "x y " * 250):
        assert Fault("f", f"{value!r} is no number").reason == f"'{value[:80]}...' is no number"
    assert Fault("f", f"{'x' * 81} is not known").reason == f"{'x' * 80}... is not known"
    for whole in ("x" * 80, f"'{'x y ' * 20}'", f"a peer's {'x y ' * 40}day's work"):
        assert Fault("f", f"{whole} z").reason == f"{whole} z"


def test_a_loss_is_one_line_and_cut() -> None:
    text = control("</DERControl>", f'<z:{WORD} xmlns:z="urn:z">1</z:{WORD}></DERControl>')
    lines = derbridge("map", "convert", "-", "--profile", "csip", given=text).stderr.splitlines()
    assert [line for line in lines if not line.startswith("lost: ")] == []
    (told,) = (line for line in lines if WORD[:20] in line)
    assert told.startswith("lost: /DERControl/{urn:z}colour")
    assert told.endswith("...: is not in the model of the profile")
    assert told.count("colour") < 15


def test_no_control_character_reaches_the_terminal() -> None:
    assert "\x1b" not in refused(
        "map", "convert", "-", given=f'{{"points": [{POINT}], "kind": "\\u001b[31m"}}'
    )
    assert Fault("f", "a \x1b[31m b").reason == "a \\x1b[31m b"


@pytest.mark.parametrize("words", ["--version", "schema", "map convert control.xml --json"])
def test_full_disk_is_one_line_however_little_is_said(words: str) -> None:
    done = shell(f"derbridge {words} > /dev/full")
    assert (done.returncode, done.stderr) == (2, "derbridge: standard output: No space left on device\n")


def test_closed_error_stream_changes_no_status() -> None:
    assert shell("derbridge map convert nothing.xml 2>&-").returncode == 2


def test_one_and_true_are_two_values() -> None:
    one, true = POINT.replace("60.0", "1"), POINT.replace("60.0", "true")
    assert refused("map", "convert", "-", given=f"[{one},\n{true}]").endswith("was given before")


def test_document_of_more_than_16_mebibytes_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "large.xml"
    place.write_bytes(b" " * (16 * 1024 * 1024 + 1))
    assert refused("map", "convert", place) == f"{place}: has more than 16777216 bytes"


def test_points_in_another_encoding_are_refused(tmp_path: Path) -> None:
    place = tmp_path / "points.json"
    place.write_bytes(f"[\n{POINT}]".encode().replace(b"DWMX1", b"DWMX\xe9"))
    assert refused("map", "convert", place) == f"{place}:2: not UTF-8"


def test_refusal_that_came_furthest_is_told() -> None:
    text = f'<CurrentDERControls xmlns="{SEP2}">\n<opModConnect>maybe</opModConnect></CurrentDERControls>'
    assert refused("map", "convert", "-", given=text).startswith("standard input:2: /CurrentDERControls/")


def test_profiles_that_refuse_alike_are_told_together() -> None:
    sheet = json.loads(derbridge("map", "convert", "curve.xml", "--json").stdout)["documents"][0]
    del sheet["profile"]
    sheet["beside"]["description"] = {"said": "\x01"}
    assert refused("map", "convert", "-", given=json.dumps(sheet)) == (
        "standard input: no profile can say it all; 2018, csip-aus-1.2, csip-aus-1.3, 2023, 2013: "
        "description: holds a character that XML cannot carry"
    )


def test_part_without_a_place_is_a_loss_and_the_rest_comes_back() -> None:
    text = control("</DERControl>", '<z:a xmlns:z="urn:z">1</z:a></DERControl>').encode()
    (document,) = source.documents([Given("x", text)], "csip")
    gone = Foreign("/DERControl/gone", 0, "{urn:z}b", '<b xmlns="urn:z"></b>')
    result = rendering.again(replace(document, foreign=(gone, *document.foreign)))
    assert b'<z:a xmlns:z="urn:z">1</z:a>' in result.document
    assert [loss for loss in result.losses if "gone" in loss[0]] == [
        (
            "/DERControl/gone/{urn:z}b",
            "/DERControl/gone is no longer there, so what was kept in it has no place",
        )
    ]
