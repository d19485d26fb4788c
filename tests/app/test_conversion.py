"""`derbridge map convert`: every example to IEC 61850 and back, points alone to documents, what is refused.

Equality is that of canonical XML. Each refusal is asserted as the one line a person sees: place, line,
path, reason.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import canonicalize

import pytest
from lxml.etree import fromstring

from tests.app.command import EXAMPLES, derbridge, refused, spawned

SETS = (
    ("alarm.xml",),
    ("availability.xml", "settings.xml"),
    ("capability.xml",),
    ("control.xml", "curve.xml", "settings.xml"),
    ("control-2023.xml",),
    ("curve.xml",),
    ("default.xml", "curve.xml"),
    ("readings.xml",),
    ("response.xml",),
    ("settings.xml",),
    ("status.xml",),
)
SEP2 = "{urn:ieee:std:2030.5:ns}"


def same(one: str, other: str) -> bool:
    """Whether two documents say the same."""
    first, second = (canonicalize(text, strip_text=True, rewrite_prefixes=True) for text in (one, other))
    return first == second


def converted(*arguments: str | Path, given: str = "") -> Any:
    done = derbridge("map", "convert", *arguments, "--json", given=given)
    assert (done.returncode, done.stderr) == (0, "")
    (document,) = json.loads(done.stdout)["documents"]
    return document


def test_every_example_is_tried() -> None:
    assert {path.name for path in EXAMPLES.glob("*.xml")} == {names[0] for names in SETS}


@pytest.mark.parametrize("names", SETS, ids=" ".join)
def test_example_comes_back_equal(names: tuple[str, ...]) -> None:
    there = derbridge("map", "convert", *names, "--json")
    assert there.returncode == 0, there.stderr
    document = json.loads(there.stdout)["documents"][0]
    assert set(document) == {"kind", "profile", "bases", "points", "losses", "beside"}
    said = {"ref", "fc", "value"} | ({"due"} if document["kind"] == "Control" else set())
    assert all(set(point) == said for point in document["points"])
    assert all(loss["path"] and loss["reason"] for loss in document["losses"])
    back = derbridge("map", "convert", "-", given=there.stdout)
    assert back.returncode == 0, back.stderr
    assert same(back.stdout, (EXAMPLES / names[0]).read_text("utf-8"))


def test_values_stand_at_their_references() -> None:
    document = converted("control.xml", "curve.xml", "settings.xml")
    points = {point["ref"]: (point["fc"], point["value"]) for point in document["points"]}
    assert points["DWMX1.WMaxSptPct.ctlVal.f"] == ("CO", 60.0)
    assert points["DWMX2.WMaxSpt.ctlVal.f"] == ("CO", 2500.0)
    assert points["DWMX2.InEcpRef.setSrcRef"] == ("SP", "DPCC1")
    assert points["DVVR1.VVArCrv.numPts"] == ("SP", 4)
    assert points["DVVR1.VVArCrv.crvPts(3).yVal"] == ("SP", -60.0)
    assert document["bases"]["setMaxW"] == "10000"
    assert document["profile"] == "csip-aus-1.2"


def test_one_process_feeds_another() -> None:
    there = spawned("map", "convert", "control.xml", "curve.xml", "settings.xml", "--json")
    back = spawned("map", "convert", "-", given=there.stdout)
    assert (back.returncode, back.stderr) == (0, "")
    assert same(back.stdout, (EXAMPLES / "control.xml").read_text("utf-8"))


def test_control_without_its_curve_says_what_is_lost() -> None:
    done = derbridge("map", "convert", "control.xml")
    assert "DVVR1" not in done.stdout
    assert any(line.startswith("lost: modes.voltVar") for line in done.stderr.splitlines())


def test_plain_points_go_out_one_a_line_and_losses_apart() -> None:
    done = derbridge("map", "convert", "settings.xml")
    assert "DGEN1.WMax.setMag.f     SP  10000.0" in done.stdout.splitlines()
    assert all(line.startswith("lost: ") for line in done.stderr.splitlines())


def test_change_on_the_other_side_is_not_overwritten() -> None:
    document = converted("control.xml", "curve.xml", "settings.xml")
    for point in document["points"]:
        if point["ref"].endswith(".f") and point["value"] == 60.0:
            point["value"] = 45.5
    back = fromstring(derbridge("map", "convert", "-", given=json.dumps(document)).stdout)
    assert back.findtext(f".//{SEP2}opModMaxLimW") == "4550"
    assert back.findtext(f"{SEP2}mRID") == "5A1F0C72E4B84D0D8C1E5A3700007ED9"


def test_points_alone_become_a_control_and_its_curve() -> None:
    done = derbridge("map", "convert", "points.json", "--now", "1799996400", "--json")
    control, curve = (fromstring(one["xml"]) for one in json.loads(done.stdout)["documents"])
    assert (control.tag, curve.tag) == (f"{SEP2}DERControl", f"{SEP2}DERCurve")
    assert control.findtext(f"{SEP2}creationTime") == "1799996400"
    assert control.findtext(f"{SEP2}interval/{SEP2}start") == "1800000000"
    (link,) = control.iter(f"{SEP2}opModVoltVar")
    assert link.get("href") == curve.get("href") == "/curves/1"
    assert [one.text for one in curve.iter(f"{SEP2}yvalue")] == ["44", "0", "0", "-60"]
    assert control.findtext(f"{SEP2}mRID") != curve.findtext(f"{SEP2}mRID")


def test_points_alone_get_the_same_name_each_time() -> None:
    names = {converted_name("--now", "1"), converted_name("--now", "2")}
    assert len(names) == 1
    assert converted_name("--mrid", "AB" * 16) == "AB" * 16


def converted_name(*arguments: str) -> str | None:
    points = '[{"ref": "DWMX1.WMaxSptPct.ctlVal.f", "fc": "CO", "value": 60.0}]'
    done = derbridge("map", "convert", "-", *arguments, given=points)
    return fromstring(done.stdout).findtext(f"{SEP2}mRID")


def test_canonical_messages_are_shown_as_xml() -> None:
    root = fromstring(derbridge("map", "convert", "control.xml", "--to", "canonical").stdout)
    assert root.tag == "{urn:derbridge:messages}Control"
    (limit,) = root.iter("{urn:derbridge:messages}maxLimW")
    assert (limit.text, limit.get("unit"), limit.get("of")) == ("60.00", "%", "setMaxW")


@pytest.mark.parametrize(
    ("bases", "expected"), [((), "needs that base"), (("setMaxW=10000", "setMaxChargeRateW=5000"), "-25.0")]
)
def test_percentage_of_something_else_needs_its_base(bases: tuple[str, ...], expected: str) -> None:
    text = (EXAMPLES / "control.xml").read_text("utf-8")
    text = text.replace("<opModMaxLimW>6000</opModMaxLimW>", "<opModFixedW>-5000</opModFixedW>")
    line = [part for base in bases for part in ("--base", base)]
    done = derbridge("map", "convert", "-", *line, given=text)
    assert done.returncode == (0 if bases else 2)
    assert expected in done.stdout + done.stderr


def broken(old: str, new: str) -> str:
    text = (EXAMPLES / "control.xml").read_text("utf-8")
    assert text.count(old) == 1
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new", "line", "path", "reason"),
    [
        ("6000<", "70000<", 17, "/DERControl/DERControlBase/opModMaxLimW", "65535"),
        ("6000<", "most<", 17, "/DERControl/DERControlBase/opModMaxLimW", "most"),
        ("<version>1</version>", "<version>1</version><version>1</version>", 4, "/DERControl/version", ""),
        ("<version>1</version>", "<edition>1</edition>", 4, "/DERControl/edition", "edition"),
        ("<start>1800000000</start>", "", 11, "/DERControl/interval", "start"),
        ('responseRequired="03"', 'responseRequired="03" colour="red"', 1, "/DERControl/@colour", "colour"),
        ("<description>", "<!-- hello --><description>", 3, "/", "comment"),
        ("</DERControl>", "", 26, "/", "well-formed"),
    ],
)
def test_wrong_document_is_told_in_one_line(old: str, new: str, line: int, path: str, reason: str) -> None:
    told = refused("map", "convert", "-", given=broken(old, new))
    place, number, rest = told.split(":", 2)
    assert (place, int(number)) == ("standard input", line)
    where, _, why = rest.strip().partition(": ")
    assert where.split("[")[0] == path
    assert reason in why


def test_file_is_named_in_the_error(tmp_path: Path) -> None:
    place = tmp_path / "wrong.xml"
    place.write_text(broken("6000<", "-1<"), "utf-8")
    assert refused("map", "convert", place).startswith(
        f"{place}:17: /DERControl/DERControlBase/opModMaxLimW: "
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "standard input:1: not JSON: Expecting value"),
        ("[{]", "standard input:1: not JSON: "),
        ('[\n{"ref": "DWMX1.Mod.ctlVal", "fc": "CO"}]', "standard input:2: $[0].value: "),
        ('[\n\n{"ref": "D W", "fc": "CO", "value": 1}]', "standard input:3: $[0].ref: "),
        ('[{"ref": "A.b", "fc": "CO", "value": NaN}]', "standard input: NaN is not a number of JSON"),
        ("[" * 100_000, "standard input: nested too deep"),
        ('{"points": [], "kind": "Wish"}', "standard input: Wish: no kind of record; there are "),
        ('{"points": [], "color": 1}', "standard input:1: $.color: "),
        ('[{"ref": "XYZW1.Abc.stVal", "fc": "ST", "value": 1}]', "standard input: none of the points is in"),
        (
            '[{"ref": "DWMX1.WMaxSptPct.ctlVal.f", "fc": "CO", "value": 1e300}]',
            "standard input: DWMX1.WMaxSptPct",
        ),
        (
            '[{"ref": "DWMX1.WMaxSptPct.ctlVal.f", "fc": "CO", "value": "x"}]',
            "standard input: DWMX1.WMaxSptPct",
        ),
    ],
)
def test_wrong_points_are_told_in_one_line(text: str, told: str) -> None:
    assert refused("map", "convert", "-", given=text).startswith(told)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("nothing.xml",), "nothing.xml: No such file or directory"),
        (("control.xml", "--profile", "2099"), "2099: no profile"),
        (("control.xml", "--profile", "2018"), "control.xml:20: /DERControl/DERControlBase/opModExpLimW: "),
        (("control.xml", "--profile", "der"), "der: not a profile of IEEE 2030.5"),
        (("control.xml", "--to", "pdf"), "--to pdf: one of 61850, sep2, canonical"),
        (("control.xml", "--base", "setMaxW=much"), "--base setMaxW=much: 'much' is not a number"),
        (("control.xml", "--base", "much=1"), "--base much=1: not NAME=VALUE with a name of setMaxW,"),
        (("points.json", "--to", "61850"), "points.json: these are points already"),
        (("points.json", "--mrid", "ABC"), "--mrid ABC: not 1 to 16 octets in hexadecimal"),
        (("points.json", "--kind", "Wish"), "--kind Wish: one of Capability,"),
        (("-", "-"), "standard input: can be read only once"),
    ],
)
def test_wrong_wish_is_told_in_one_line(arguments: tuple[str, ...], told: str) -> None:
    assert refused("map", "convert", *arguments).startswith(told)
