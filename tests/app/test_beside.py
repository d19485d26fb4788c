"""What travels beside points is judged at the door: a path of the record, and a value that may stand there.

Whatever else is sent is refused in one line with its path. The property changes what convert itself has
written: values for others of any type, paths for others, things left out, doubled and put elsewhere.
"""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.app.command import derbridge, line_of, refused

POINT = {"ref": "DWMX1.WMaxSptPct.ctlVal.f", "fc": "CO", "value": 60.0}
CURVE = "modes.voltVar.curve.point"
MOST = 0.7
FIGURE = {"decimal": "1"}
ROW = [FIGURE, FIGURE, None]
EXAMPLES = (
    ("control.xml", "curve.xml", "settings.xml"),
    ("control-2023.xml",),
    ("default.xml", "curve.xml"),
    ("capability.xml",),
    ("curve.xml",),
    ("readings.xml",),
    ("response.xml",),
    ("status.xml",),
)
PATHS = (
    *(
        "id",
        "origin",
        "origin.door",
        "target",
        "target.device",
        "issued",
        "kept",
        "kept[0]",
        "kept.path",
        "a",
    ),
    *("modes", "modes.maxLimW", "modes.maxLimW.value", CURVE, f"{CURVE}[0].kept", f"{CURVE}[0].x", "point"),
    *(
        "series",
        "series[0]",
        "series[99].value",
        "status.at",
        "value",
        "mRID",
        "ratings.WMax.value",
        "",
        "..",
    ),
)
VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 2**64, 0.5, 1e300, "", "x", "(present)", "\x01", "9" * 50, [], [[]], [None], ["x"]),
    *(
        [["x", "href"]],
        [["x", "element"]],
        [["DERControl", "element"]],
        [ROW],
        [[FIGURE]],
        {},
        FIGURE,
        "2023",
    ),
    *({"decimal": "x"}, {"decimal": 1}, {"decimal": "NaN"}, {"decimal": "1E+999999"}, {"said": 1}),
)


@cache
def written(names: tuple[str, ...]) -> Any:
    return json.loads(derbridge("map", "convert", *names, "--json").stdout)["documents"][0]


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(place for key, each in items for place in places(each, (*at, key)))]


def changed(document: Any, place: tuple[Any, ...], act: str, value: Any, path: str) -> None:
    *above, key = place
    holder = document
    for step in above:
        holder = holder[step]
    if act == "replace":
        holder[key] = value
    elif act == "delete":
        del holder[key]
    elif isinstance(holder, list):
        holder.insert(0, deepcopy(holder[key]))
    else:
        holder[path] = deepcopy(holder[key])
        if act == "rename" and path != key:
            del holder[key]


def spoilt(document: Any, dice: Random) -> Any:
    """What convert has written, with a few things changed, most of them beside."""
    document = deepcopy(document)
    for _ in range(dice.randint(1, 4)):
        found = [place for place in places(document) if place]
        near = [place for place in found if place[0] == "beside" and len(place) > 1]
        if found:
            place = dice.choice(near if near and dice.random() < MOST else found)
            act = dice.choice(("replace", "delete", "double", "rename"))
            changed(document, place, act, deepcopy(dice.choice(VALUES)), dice.choice(PATHS))
    return document


@settings(max_examples=300, deadline=None)
@given(names=st.sampled_from(EXAMPLES), dice=st.randoms(use_true_random=False))
def test_anything_else_is_converted_or_refused_in_one_line(names: tuple[str, ...], dice: Random) -> None:
    text = json.dumps(spoilt(written(names), dice))
    done = derbridge("map", "convert", "-", "--now", "1", given=text)
    if done.returncode:
        assert line_of(done).startswith("standard input")


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("modes.maxLimX", 5, "a Control has no such path"),
        ("modes.maxLimW", 5, '"(present)" stands here'),
        ("modes[0].maxLimW.value", FIGURE, "no such path"),
        ("modes.maxLimW.value.x", FIGURE, "no such path"),
        ("modes.maxLimW.value", 5, '{"decimal": "..."} stands here'),
        ("modes.maxLimW.value", {"decimal": 5}, 'a figure is {"decimal": "..."}'),
        ("modes.maxLimW.value", {"decimal": "NaN"}, "finite"),
        ("modes.maxLimW.value", {"decimal": "1E+401"}, "within 10^400"),
        ("modes.maxLimW.scale", True, "a whole number stands here"),
        ("modes.connect", 1, "true or false stands here"),
        ("description", ["a"], "a text stands here"),
        ("origin.door", "window", "one of sep2, "),
        ("target.device", "x", "a list, each a text, stands here"),
        ("target.device", [1], "a list, each a text, stands here"),
        ("kept", [["a"]], "a list of rows stands here"),
        ("kept", [["a", 1]], "a list of rows stands here"),
        ("kept[0]", "(present)", "no such path"),
        ("kept[0].path", "x", "no such path"),
        (CURVE, [[5, 5, None]], "a list of rows stands here"),
        (f"{CURVE}[0].x", FIGURE, "no such path"),
        (f"{CURVE}[0].kept", [[1, "a"]], "a list of rows stands here"),
        (f"{CURVE}[99999].kept", [["a", "a"]], "no such path"),
        (f"{CURVE}.kept", [["a", "a"]], "no such path"),
    ],
)
def test_what_does_not_fit_is_refused_with_path_and_reason(path: str, value: Any, reason: str) -> None:
    for side in ("said", "points"):
        sheet = {"kind": "Control", "points": [POINT], "beside": {path: {side: value}}}
        told = refused("map", "convert", "-", given=json.dumps(sheet))
        assert told.startswith(f"standard input: beside.{path}: ")
        assert reason in told


def test_what_no_document_can_hold_is_refused() -> None:
    document = deepcopy(written(EXAMPLES[0]))
    document["beside"]["description"]["said"] = "\x01"
    for to in ("sep2", "canonical"):
        told = refused("map", "convert", "-", "--to", to, given=json.dumps(document))
        assert told == "standard input: description: holds a character that XML cannot carry"
