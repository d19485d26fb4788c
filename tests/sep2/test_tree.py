"""The resource tree: the standard's table of methods, names that are there, paths that match, holes found."""

from __future__ import annotations

import csv
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from bridge.mapping import form
from bridge.mapping.table import Hole, parse
from bridge.sep2 import names, survey, tree
from models import kit

WADL = Path(__file__).parents[1] / "standards" / "wadl.csv"
TEXT = files("mappings").joinpath("sep2-tree.toml").read_text("utf-8")


def wadl() -> list[dict[str, str]]:
    with WADL.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def template(path: str) -> str:
    return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))


def served(name: str) -> str:
    """The type that a resource of the WADL has; some stand under a name that says what they are for."""
    return {
        "AssociatedUsagePoint": "UsagePoint",
        "AssociatedDERProgramList": "DERProgramList",
        "CurrentDERProgram": "DERProgram",
    }.get(name, name.removeprefix("Active") if name.startswith("Active") else name)


@pytest.mark.parametrize("row", wadl(), ids=lambda row: row["resource"])
def test_every_resource_of_the_standard_has_its_methods(row: dict[str, str]) -> None:
    node = tree.node(template(row["path"]))
    assert {method: row[method] for method in tree.METHODS} == dict(node.modes)
    assert served(row["resource"]) in node.also | {node.type}
    assert ("a" in row["query"].split()) == node.timed
    assert bool(row["query"]) == node.lists
    assert not node.ours


def test_every_address_beyond_the_standard_is_said_to_be_ours() -> None:
    standard = {template(row["path"]) for row in wadl()}
    assert (len(wadl()), len(standard)) == (126, 121)
    assert {node.template for node in tree.nodes().values() if not node.ours} == standard


def links(cls: type[kit.Model], before: str = "") -> set[str]:
    """The links of a class, dotted where they are inside a part; those inside a control say which curve."""
    found = set()
    for part in form.parts(cls):
        if not isinstance(part.item, type) or part.many or part.name.endswith("_r2_3"):
            continue
        if "Link" in {base.__name__ for base in part.item.__mro__}:
            found.add(before + part.name)
        elif not before and cls.__name__ not in {"DERControl", "DefaultDERControl", "CurrentDERControls"}:
            found |= links(part.item, f"{part.name}.")
    return found


@pytest.mark.parametrize("name", sorted({node.type for node in tree.nodes().values()}))
def test_every_link_that_a_type_has_leads_somewhere(name: str) -> None:
    said = {link.name for node in tree.nodes().values() if node.type == name for link in node.links}
    all_ = set().union(*(links(cls) for _, cls in names.classes(name)))
    assert said == all_


@pytest.mark.parametrize(
    ("path", "ids"),
    [
        ("/dcap", ()),
        ("/edev/3", (3,)),
        ("/edev/3/der/1/derg", (3, 1)),
        ("/rsps/0/rsp/9223372036854775807", (0, 2**63 - 1)),
    ],
)
def test_a_path_is_matched_with_its_numbers(path: str, ids: tuple[int, ...]) -> None:
    spot = tree.match(path)
    assert spot is not None
    assert (spot.ids, spot.href) == (ids, path)


OTHER = " / /edev/ /edev/03 /edev/x /edev/1/ /Edev /edev/{} /-/group/1 /edev//rg dcap /dcap/1"


@pytest.mark.parametrize(
    "path", [*OTHER.split(" "), "/edev/\N{ARABIC-INDIC DIGIT ONE}", f"/edev/{10**19}", "/dcap\n"]
)
def test_no_other_path_is_matched(path: str) -> None:
    assert tree.match(path) is None


def test_what_may_be_posted_where() -> None:
    assert "DERControlResponse" in tree.node("/rsps/{}/rsp").takes
    assert "DefaultDERControlResponse" in tree.node("/rsps/{}/rsp").takes
    assert tree.node("/mup/{}").takes == ("MirrorMeterReading", "MirrorMeterReadingList")
    assert tree.node("/edev/{}/lel").takes == ("LogEvent",)
    assert tree.node("/edev/{}").takes == ()
    for node in tree.nodes().values():
        assert bool(node.takes) >= (node.modes["POST"] != "E"), node.template


HOLES = [
    ('type = "DERSettings"', 'type = "DERSetting"', "no edition has a type DERSetting"),
    ('of = "DERProgram", modes = "MMEOE"', 'of = "DERControl", modes = "MMEOE"', "has no members DERControl"),
    (
        'keys = "primacy, mRID-", order = "N", sub = 1, poll = 600',
        'keys = "primacie", order = "N"',
        "has no primacie",
    ),
    (
        '"TimeLink", to = "/tm", when = "always"',
        '"TimesLink", to = "/tm"',
        "no edition of DeviceCapability has this link",
    ),
    (
        'name = "TimeLink", to = "/tm", when = "always"',
        'name = "TimeLink", to = "/time"',
        "leads to /time, where there is nothing",
    ),
    ('name = "TimeLink", to = "/tm", when = "always"', 'name = "TimeLink", to = "/edev"', "/edev is a list"),
    ('path = "/tm", type = "Time"', 'path = "/tm", type = "Time", sub = 1', "Time has no subscribable"),
    ('path = "/tm", type = "Time"', 'path = "/dcap", type = "Time"', "there is a row for it already"),
    ('path = "/tm", type = "Time"', 'path = "/x/tm", type = "Time"', "no row for /x"),
    ('path = "/tm", type = "Time"', 'path = "/tm", typ = "Time"', "type"),
    ('path = "/tm", type = "Time"', 'path = "/tm", type = "TimeTariffIntervalList"', "is a list"),
    ('"/rsps", modes = "MMEEE"', '"/rspss", modes = "MMEEE"', "like /rspss"),
    ('modes = "MMDEE", poll = 900, read = "any"', 'modes = "MMXEE", poll = 900, read = "any"', "modes"),
]


@pytest.mark.parametrize(("old", "new", "reason"), HOLES, ids=lambda text: str(text)[:30])
def test_a_wrong_name_is_a_hole_with_its_line(old: str, new: str, reason: str) -> None:
    assert old in TEXT
    at = TEXT[: TEXT.index(old)].count("\n") + 1
    with pytest.raises(Hole) as found:
        survey.read(parse(TEXT.replace(old, new, 1), "tree.toml"))
    assert reason in str(found.value)
    assert (found.value.file, found.value.line) == ("tree.toml", at)


def test_a_table_is_read_once() -> None:
    there: Any = tree
    assert there.NODES is tree.nodes()
    with pytest.raises(AttributeError):
        _ = there.OTHERS
