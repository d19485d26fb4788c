"""What a keeping profile keeps comes back where it stood, however many they are and whatever they are named.

Foreign elements and attributes are strewn over drawn documents: beside, before and between what is known,
several at one place, nested, under the names of known elements in another namespace. A place that is gone is
told and the rest comes back all the same.
"""

from __future__ import annotations

from copy import copy
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from lxml.etree import _Element

from bridge.mapping.foreign import Foreign, replaced, restored
from bridge.mapping.profile import load
from bridge.mapping.xml import document, read, write
from models.sep2.y2018 import der
from tests import strategies
from tests.mapping.attacks.making import GOOD, NS

CSIP = load("csip")
NAMES = ("z", f"{{{NS}}}z", "{urn:x}z", "{urn:x}mRID", "{urn:y}EventStatus", "{urn:x}DERControl", "interval")
MARKS = ("mark", "{urn:x}mark", "{urn:y}mRID", "{http://www.w3.org/XML/1998/namespace}lang")
TEXT = st.text("ab<&>\"' \u00e9", max_size=4)
MARKED = st.dictionaries(st.sampled_from(MARKS), TEXT)


def said(element: _Element) -> object:
    """An element without regard to prefixes."""
    return element.tag, dict(element.attrib.items()), element.text or "", [said(child) for child in element]


def foreign(levels: int = 2) -> st.SearchStrategy[_Element]:
    """An element that no model knows, with attributes, text, and more of its kind inside."""
    inside: st.SearchStrategy[list[_Element]]
    inside = st.lists(foreign(levels - 1), max_size=2) if levels else st.just([])
    return st.builds(_made, st.sampled_from(NAMES), MARKED, TEXT, inside)


def _made(name: str, marks: dict[str, str], text: str, inside: list[_Element]) -> _Element:
    bare = cast("dict[str, str]", {None: ""})
    made = etree.Element(name, marks, None if name.startswith("{") else bare)
    made.text = text or None
    for child in inside:
        made.append(copy(child))
    return made


@st.composite
def strewn(draw: st.DrawFn) -> tuple[der.DERControl, bytes, int]:
    """A control, its document with foreign parts strewn over it, and how many they are."""
    made = draw(strategies.model(der.DERControl))
    root = etree.fromstring(write(made, CSIP))
    known = list(root.iter())
    number = 0
    for part in draw(st.lists(foreign(), max_size=6)):
        parent = draw(st.sampled_from([each for each in known if len(each)]))
        parent.insert(draw(st.integers(0, len(parent))), copy(part))
        number += 1
    for name, text in draw(MARKED).items():
        draw(st.sampled_from(known)).set(name, text)
        number += 1
    return made, etree.tostring(root), number


@settings(max_examples=100, deadline=None)
@given(drawn=strewn())
def test_all_comes_back_where_it_stood(drawn: tuple[der.DERControl, bytes, int]) -> None:
    made, data, number = drawn
    kept = document(data, CSIP)
    assert kept.root == made
    assert len(kept.foreign) == number
    back = write(kept.root, CSIP, foreign=kept.foreign)
    assert said(etree.fromstring(back)) == said(etree.fromstring(data))
    assert document(back, CSIP).foreign == kept.foreign


def test_a_part_is_not_taken_for_what_it_is_named_like() -> None:
    parts = (
        Foreign("/Time", 4, "{urn:x}quality", '<quality xmlns="urn:x"></quality>'),
        Foreign("/Time", 5, "{urn:x}quality", '<quality xmlns="urn:x">2</quality>'),
        Foreign("/Time/quality", -1, "b", "2"),
    )
    root = etree.fromstring(restored(GOOD.encode(), parts))
    assert [(child.tag, child.text) for child in list(root)[4:7]] == [
        ("{urn:x}quality", None),
        ("{urn:x}quality", "2"),
        (f"{{{NS}}}quality", "7"),
    ]
    assert [child.get("b") for child in list(root)[4:7]] == [None, None, "2"]


@pytest.mark.parametrize("path", ["/Time/gone", "/Time/quality[2]", "/Tyme", "/Time/quality/quality"])
def test_the_rest_comes_back_where_a_place_is_gone(path: str) -> None:
    gone, there = Foreign(path, 0, "x", "<x/>"), Foreign("/Time", 0, "y", '<y xmlns=""></y>')
    text, told = replaced(GOOD.encode(), (gone, there))
    assert told == (gone,)
    assert etree.fromstring(text)[0].tag == "y"
    with pytest.raises(ValueError, match="no longer there"):
        restored(GOOD.encode(), (gone, there))


def test_a_part_behind_elements_that_are_gone_is_the_last() -> None:
    text, told = replaced(GOOD.encode(), (Foreign("/Time", 40, "y", '<y xmlns=""></y>'),))
    assert (etree.fromstring(text)[-1].tag, told) == ("y", ())


def test_what_a_wildcard_takes_stays_without_a_namespace() -> None:
    text = '<x:k xmlns:x="urn:x"><y xmlns=""><z></z></y><x:y><z xmlns=""></z></x:y></x:k>'
    data = f'<Time xmlns="{NS}">{text}{GOOD[GOOD.index("<currentTime") :]}'.encode()
    made = read(data, load("2023"))
    assert vars(made)["any"] == (text,)
    assert said(etree.fromstring(write(made, load("2023")))) == said(etree.fromstring(data))
