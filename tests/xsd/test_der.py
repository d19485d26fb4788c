"""The canonical schemas as schemas: they compile in two libraries, hold every node, and refuse bad documents.

The figures are those of the IEC definitions the schemas come from; documents are built by
tests/xsd/emitted.py from the committed files, so nothing of the generator takes part.
"""

from __future__ import annotations

import re
from copy import deepcopy

import pytest
import xmlschema
from lxml import etree

from tests.xsd import emitted, known

NODES = [(name, emitted.DER) for name in known.nodes()] + [
    (name, emitted.EXTENSION) for name in ("DPFW", "DVSC", "DVAX", "DVRX", "DSET")
]


def wrapped(*nodes: etree._Element) -> etree._Element:
    device = etree.Element(f"{{{emitted.DER}}}LogicalDevice", name="DER1")
    device.extend(deepcopy(node) for node in nodes)
    return device


def test_every_file_compiles_alone_in_lxml() -> None:
    for path in sorted(emitted.FOLDER.glob("*.xsd")):
        etree.XMLSchema(etree.parse(path))


def test_compiles_in_xmlschema_with_every_node() -> None:
    schema = xmlschema.XMLSchema10(emitted.FOLDER / "device.xsd")
    there = {e.name for e in schema.maps.elements.values() if e.name.startswith("{urn:derbridge:")}
    assert there == {f"{{{space}}}{name}" for name, space in [*NODES, ("LogicalDevice", emitted.DER)]}


def test_figures() -> None:
    assert len(known.nodes()) == 42
    assert sum(len(emitted.elements(name)) for name in known.nodes()) == len(known.objects()) == 2179
    assert len(emitted.named("simpleType")) == 84
    assert (
        sum(1 for e in emitted.named("simpleType").values() if e.getparent() is emitted.roots()["enums"])
        == 61
    )


def test_one_class_for_each_enumeration_and_each_numbering() -> None:
    types = emitted.named("complexType")
    made = {
        n for n, e in types.items() if e.find(f"{emitted.XS}annotation/{emitted.XS}appinfo/cdc") is not None
    }
    used = {"_".join(filter(None, (row["CDC"], row["underlying"]))) for row in known.objects()} | {"CMV"}
    numbered = {
        e.type for name in known.nodes() for e in emitted.elements(name).values() if e.most == "unbounded"
    }
    assert made == used | numbered
    assert (len(used), len(numbered)) == (74, 13)


@pytest.mark.parametrize(("name", "space"), NODES)
def test_smallest_document_is_valid_in_both_libraries(name: str, space: str) -> None:
    node = emitted.smallest(name, space)
    emitted.compiled().assertValid(node)
    emitted.compiled().assertValid(wrapped(node))


@pytest.mark.parametrize(("name", "space"), NODES)
def test_document_without_a_mandatory_object_is_refused(name: str, space: str) -> None:
    whole = emitted.smallest(name, space)
    for index, child in enumerate(whole):
        broken = deepcopy(whole)
        broken.remove(broken[index])
        assert not emitted.compiled().validate(broken), child.tag


@pytest.mark.parametrize("name", known.nodes())
def test_every_object_is_described_in_words(name: str) -> None:
    assert [
        e.name for e in emitted.elements(name).values() if not re.fullmatch(r"[A-Z0-9].*[.]", e.text)
    ] == []


def numbered(*numbers: str) -> etree._Element:
    node = emitted.smallest("FSCC")
    first = node.find(f"{{{emitted.DER}}}Schd")
    assert first is not None
    for number in numbers:
        twin = deepcopy(first)
        twin.set("n", number)
        first.addprevious(twin)
    node.remove(first)
    return node


def test_numbered_objects_need_numbers_of_their_own() -> None:
    assert emitted.compiled().validate(numbered("1", "2", "7"))
    assert not emitted.compiled().validate(numbered("1", "1"))
    assert not emitted.compiled().validate(numbered("0"))
    assert not emitted.compiled().validate(numbered())


@pytest.mark.parametrize(("number", "good"), [("32", False), ("33", True), ("48", True), ("49", False)])
def test_numbers_keep_to_the_range_of_the_condition(number: str, good: bool) -> None:
    node = emitted.smallest("PTOV")
    curve = etree.Element(f"{{{emitted.DER}}}TmVChr", n=number)
    emitted.fill(curve, "CSG")
    order = list(emitted.elements("PTOV"))
    after = [c for c in node if order.index(etree.QName(c).localname) > order.index("TmVChr")]
    node.insert(node.index(after[0]) if after else len(node), curve)
    assert emitted.compiled().validate(node) is good


def test_a_device_has_no_two_nodes_of_one_name() -> None:
    one, other = emitted.smallest("DWMX"), emitted.smallest("DWMX")
    assert not emitted.compiled().validate(wrapped(one, other))
    other.set("prefix", "Mst")
    assert emitted.compiled().validate(wrapped(one, other))
    other.set("prefix", "")
    other.set("inst", "2")
    assert emitted.compiled().validate(wrapped(one, other))


SPELLINGS = [
    ("q", "good", True),
    ("q", "invalid failure oldData substituted test operatorBlocked", True),
    ("q", "invalid oldData failure", False),
    ("q", "bad", False),
    ("t", "2030-02-28T23:59:59Z", True),
    ("t", "2030-02-28T23:59:59.123456789Z;q=4A", True),
    ("t", "2030-13-28T23:59:59Z", False),
    ("t", "2030-02-28T23:59:59+01:00", False),
    ("stVal", "1", True),
    ("stVal", "6", False),
    ("stVal", "on", False),
]


@pytest.mark.parametrize(("leaf", "text", "good"), SPELLINGS)
def test_spelling_of_leaves(leaf: str, text: str, good: bool) -> None:
    node = emitted.smallest("DWMX")
    found = node.find(f"{{{emitted.DER}}}Beh/{{{emitted.DER}}}{leaf}")
    assert found is not None
    found.text = text
    assert emitted.compiled().validate(node) is good
