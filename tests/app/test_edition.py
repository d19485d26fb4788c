"""Every profile of IEEE 2030.5 and what it makes of directions; the nominal frequency as it is said.

The profiles are found, not listed: one that is added without its directions fails here. The expected numbers
are those of `docs/interpretations.md`, rows 5 and 27.
"""

from __future__ import annotations

import json
from typing import Any
from xml.etree.ElementTree import canonicalize

import pytest
from lxml.etree import fromstring

from bridge.mapping import editions, nodes, profile
from tests.app.command import EXAMPLES, derbridge, refused

PROFILES = [name for name in profile.available() if profile.load(name).package in editions.PACKAGES.values()]
TURNED = {"2023"}
"""Profiles in which forward (1) is out of a DER; in all others reverse (19) is."""
WATTS = '[{"ref": "MMXU1.TotW.mag.f", "fc": "MX", "value": 5.0}]'
DROOP = """<DefaultDERControl xmlns="urn:ieee:std:2030.5:ns" href="/derp/1/dderc">
<mRID>AA</mRID><DERControlBase><opModFreqDroop><dBOF>36</dBOF><dBUF>100</dBUF><kOF>50</kOF><kUF>30</kUF>
<openLoopTms>500</openLoopTms></opModFreqDroop></DERControlBase></DefaultDERControl>"""


def mirror(name: str, direction: int) -> str:
    """A mirror usage point of a DER in the profile's namespace, with one momentary active power."""
    text = (EXAMPLES / "readings.xml").read_text("utf-8").replace("<dataQualifier>2<", "<dataQualifier>0<")
    text = text.replace("<flowDirection>19<", f"<flowDirection>{direction}<")
    return text.replace("urn:ieee:std:2030.5:ns", profile.load(name).namespace or "urn:ieee:std:2030.5:ns")


def converted(*arguments: str, given: str) -> Any:
    done = derbridge("map", "convert", "-", *arguments, given=given)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_profiles_are_found() -> None:
    assert {"2013", "2018", "2023", "csip", "csip-aus-1.2", "csip-aus-1.3"} <= set(PROFILES)


def test_every_edition_has_both_directions_at_either_place() -> None:
    flow = nodes.read().codes["readings"]["flow"]
    assert sorted((one["edition"], one["site"]) for one in flow) == sorted(
        (edition, site) for edition in editions.PACKAGES for site in (False, True)
    )
    assert all({one["supplied"], one["demanded"]} == {1, 19} for one in flow)


@pytest.mark.parametrize("direction", [1, 19])
@pytest.mark.parametrize("name", PROFILES)
def test_a_mirror_reading_is_converted_and_comes_back(name: str, direction: int) -> None:
    text = mirror(name, direction)
    there = converted("--profile", name, "--json", given=text)
    points = {point["ref"]: point["value"] for point in json.loads(there)["documents"][0]["points"]}
    out = (direction == 1) is (name in TURNED)
    assert points["MMXU1.TotW.mag.f"] == (2480.0 if out else -2480.0)
    back = converted(given=there)
    assert canonicalize(back, strip_text=True) == canonicalize(text, strip_text=True)


@pytest.mark.parametrize("name", PROFILES)
def test_points_alone_have_the_directions_of_the_profile_asked_for(name: str) -> None:
    root = fromstring(converted("--profile", name, "--now", "1", given=WATTS))
    (direction,) = (one.text for one in root.iter("{*}flowDirection"))
    assert direction == ("1" if name in TURNED else "19")


@pytest.mark.parametrize("name", [*PROFILES, *editions.PACKAGES])
def test_an_edition_may_be_said_by_its_profile(name: str) -> None:
    given = f'{{"bases": {{"edition": "{name}"}}, "points": {WATTS}}}'
    root = fromstring(converted("--profile", "2018", "--now", "1", given=given))
    (direction,) = (one.text for one in root.iter("{*}flowDirection"))
    assert direction == ("1" if name in TURNED else "19")


def test_an_edition_that_there_is_not_is_refused() -> None:
    assert refused("map", "convert", "readings.xml", "--base", "edition=1999").startswith(
        "--base edition=1999: no edition; there are 2018, 2023, aus12, aus13, "
    )


# ------------------------------------------------------------------------------- the nominal frequency


def test_a_droop_without_the_nominal_frequency_is_refused() -> None:
    assert refused("map", "convert", "-", given=DROOP) == (
        "standard input: freqDroop: the nominal frequency is needed, the base hertz, which is not known"
    )


@pytest.mark.parametrize(("hertz", "start"), [("50", 50.036), ("60", 60.036)])
def test_a_droop_at_the_frequency_that_is_said_comes_back(hertz: str, start: float) -> None:
    there = converted("--base", f"hertz={hertz}", "--json", given=DROOP)
    document = json.loads(there)["documents"][0]
    points = {point["ref"]: point["value"] for point in document["points"]}
    assert (points["DHFW1.HzRef.setMag.f"], points["DHFW1.HzStr.setMag.f"]) == (float(hertz), start)
    assert document["bases"]["hertz"] == hertz
    assert canonicalize(converted(given=there), strip_text=True) == canonicalize(DROOP, strip_text=True)


def test_the_peers_nominal_frequency_serves_points_alone() -> None:
    there = json.loads(converted("--base", "hertz=50", "--json", given=DROOP))["documents"][0]
    alone = json.dumps({"kind": "Default", "points": there["points"]})
    root = fromstring(converted("--profile", "2018", "--now", "1", given=alone))
    assert [one.text for one in root.iter("{*}dBOF")] == ["36"]
    said = refused("map", "convert", "-", "--profile", "2018", "--base", "hertz=60", given=alone)
    assert said == "standard input: DHFW1.HzRef: 50 Hz, where 60 Hz is nominal"
