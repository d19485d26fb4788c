"""The canonical schemas against the IEC definitions, row by row, as an independent reader found them.

For every node and every data object: place, class, enumeration, occurrence and presence condition. The
same for every attribute of every class in use, and for every literal. Nothing of the generator takes
part.
"""

from __future__ import annotations

import pytest

from tests.xsd import emitted, known

MANY = {"Mmulti", "Omulti", "OmultiRange", "MmultiF"}
ONE = {"M", "Mmulti"}
CODED = {"Dbpos"}
UNLISTED = {"EnumDA", "DERGeneratorStateKind", "GridConnectModeKind", "GridConnectStateKind"}


def structures() -> list[str]:
    """The names of complex types that are data classes or constructed types, numbered twins left out."""
    nodes = {*known.nodes(), "LogicalDevice"}
    return [n for n in emitted.named("complexType") if n not in nodes and "_n" not in n]


def made_for(type_: str) -> tuple[str, str]:
    """The class and the enumeration a type was made for."""
    name, _, enum = type_.partition("_")
    return name, enum


@pytest.mark.parametrize("node", known.nodes())
def test_node_has_the_objects_of_the_definition_in_order(node: str) -> None:
    rows = [row for row in known.objects() if row["LN"] == node]
    assert list(emitted.elements(node)) == [row["DO"] for row in rows]


@pytest.mark.parametrize("node", known.nodes())
def test_object_keeps_class_occurrence_and_condition(node: str) -> None:
    for row in (row for row in known.objects() if row["LN"] == node):
        e = emitted.elements(node)[row["DO"]]
        many = row["condition"] in MANY
        type_ = f"{row['CDC']}_{row['underlying']}" if row["underlying"] else row["CDC"]
        span = "to".join(row["args"].split()) if row["condition"] == "OmultiRange" else ""
        assert e.type == (f"{type_}_n{span}" if many else type_), row
        assert (e.least, e.most) == ("1" if row["condition"] in ONE else "0", "unbounded" if many else "1"), (
            row
        )
        assert (e.cond, e.args) == (row["condition"], known.arguments(row)), row
        assert e.facts["owner"] == row["class"], row
        assert ("multi" in e.facts) is many, row


@pytest.mark.parametrize("type_", structures())
def test_structure_has_the_attributes_of_the_definition(type_: str) -> None:
    name, enum = made_for(type_)
    rows = known.members(name)
    found = emitted.elements(type_)
    assert list(found) == [row["attribute"] for row in rows]
    for row in rows:
        e = found[row["attribute"]]
        assert e.type in (row["type"] or enum, f"{name}_{row['attribute']}"), row
        assert e.least == ("1" if row["condition"] == "M" else "0"), row
        assert e.most == ("unbounded" if row["array"] else "1"), row
        assert e.facts.get("array", "") == row["array"], row
        assert (e.cond, e.args) == (row["condition"], tuple(row["args"].split())), row
        assert e.facts.get("fc", "") == row["fc"], row


def test_settings_keep_three_constraints_and_commands_one() -> None:
    assert emitted.elements("ASG")["setMag"].facts["fc"] == "SP SG SE"
    assert emitted.elements("APC")["ctlVal"].facts["fc"] == "CO"
    assert emitted.elements("APC")["ctlVal"].type == "AnalogueValueCtl"


def enums() -> list[str]:
    return [n for n, e in emitted.named("simpleType").items() if emitted.roots()["enums"] is e.getparent()]


@pytest.mark.parametrize("enum", enums())
def test_enumeration_has_the_literals_of_the_definition(enum: str) -> None:
    rows = [row for row in known.table("enums") if row["enumeration"] == enum]
    expected = [(row["literal"] or "none", row["value"]) for row in rows]
    found = list(emitted.literals(enum))
    if enum in CODED:
        assert found == [("intermediate-state", "0"), ("off", "1"), ("on", "2"), ("bad-state", "3")]
    else:
        assert found == expected
        assert bool(found) is (enum not in UNLISTED)


def test_every_enumeration_of_a_type_name_is_there() -> None:
    used = {made_for(t)[1] for t in structures()} - {""}
    assert used <= set(enums())


def test_bounded_members_keep_their_limits() -> None:
    day = emitted.named("simpleType")["CalendarTime_day"].find(f"{emitted.XS}restriction")
    assert day is not None
    limits = {emitted.bare(str(f.tag).replace("}", ":")).rpartition(":")[2]: f.get("value") for f in day}
    assert (day.get("base"), limits) == ("der:INT8U", {"minInclusive": "1", "maxInclusive": "31"})
    assert emitted.elements("Vector")["ang"].facts == {"min": "-180", "max": "180"}


def test_extension_inherits_the_standards_objects_unchanged() -> None:
    ours = emitted.elements("DPFW", emitted.EXTENSION)
    theirs = emitted.elements("DWVR")
    shared = [name for name in ours if ours[name].facts["owner"] != "DPFW"]
    assert len(shared) == 53
    assert [ours[name] for name in shared] == [theirs[name] for name in shared]
