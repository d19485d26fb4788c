"""Built-in types are read as libxml2's schema validation reads them, text by text.

The judge is a schema of one element for each type, built here from the public names of XML Schema. Texts are
drawn from characters that decide, and from spellings near the edge of what each type allows.
"""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from bridge.mapping import lexical
from bridge.mapping.form import Scalar
from bridge.mapping.plan import parser

XS = "http://www.w3.org/2001/XMLSchema"
WHOLE = (
    ("unsignedByte", 0, 2**8 - 1),
    ("unsignedShort", 0, 2**16 - 1),
    ("unsignedInt", 0, 2**32 - 1),
    ("unsignedLong", 0, 2**64 - 1),
    ("byte", -(2**7), 2**7 - 1),
    ("short", -(2**15), 2**15 - 1),
    ("int", -(2**31), 2**31 - 1),
    ("long", -(2**63), 2**63 - 1),
)
NUMBERS = st.one_of(
    st.text("0159+-. \n\t_eE\u0661", max_size=8),
    st.integers(-(2**64), 2**64).map(str),
    st.integers(-5, 5).flatmap(
        lambda off: st.sampled_from([2**n + off for n in (7, 8, 15, 16, 31, 32, 63, 64)]).map(str)
    ),
)
URIS = st.one_of(
    st.text('ab1:/?#[]@%4f!&=. \t\n\\<>"{}|^`\u00e9-+_~', max_size=10),
    st.text("ab1:/?#[]@%4f", max_size=8).map(lambda rest: f"http://{rest}"),
)


@cache
def judge(builtin: str, facet: str = "") -> etree.XMLSchema:
    body = f'<s:restriction base="s:{builtin}">{facet}</s:restriction>'
    element = f'<s:element name="e"><s:simpleType>{body}</s:simpleType></s:element>'
    text = f'<s:schema xmlns:s="{XS}">{element}</s:schema>'
    return etree.XMLSchema(etree.fromstring(text))


def theirs(text: str, builtin: str, facet: str = "") -> bool:
    element = etree.Element("e")
    element.text = text
    return judge(builtin, facet).validate(element)


def ours(text: str, kind: Scalar) -> bool:
    try:
        parser(kind)(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(("builtin", "least", "most"), WHOLE)
@settings(max_examples=200, deadline=None)
@given(text=NUMBERS)
@example(text=" 5 ")
@example(text="+5")
@example(text="007")
@example(text="-0")
@example(text="")
@example(text="1_000")
@example(text="0" * 50 + "5")
def test_whole_numbers(builtin: str, least: int, most: int, text: str) -> None:
    assert ours(text, Scalar(builtin, int, ge=least, le=most)) == theirs(text, builtin)


@settings(max_examples=500, deadline=None)
@given(text=URIS)
@example(text="http://h:99999999999/")
@example(text="//")
@example(text="http://[::1]:80/a?b#[c]")
@example(text="1:a")
@example(text="")
def test_uris(text: str) -> None:
    assert ours(text, Scalar("anyURI", str)) == theirs(text, "anyURI")


@settings(max_examples=200, deadline=None)
@given(text=st.text("0123456789abcdefABCDEFg \n", max_size=10))
def test_hexadecimal(text: str) -> None:
    facet = f'<s:maxLength xmlns:s="{XS}" value="2"/>'
    assert ours(text, Scalar("hexBinary", str, max_length=4)) == theirs(text, "hexBinary", facet)


@settings(max_examples=100, deadline=None)
@given(text=st.text("a\u20ac\U0001f600 \n", max_size=6))
def test_strings_are_counted_in_characters(text: str) -> None:
    facet = f'<s:maxLength xmlns:s="{XS}" value="3"/>'
    assert ours(text, Scalar("string", str, max_length=3)) == theirs(text, "string", facet)


@pytest.mark.parametrize(
    "text", ["true", "false", "1", "0", " true\n", "", "TRUE", "yes", "01", "tru e", "\u00a01"]
)
def test_booleans(text: str) -> None:
    assert ours(text, Scalar("boolean", bool)) == theirs(text, "boolean")


@settings(max_examples=300, deadline=None)
@given(text=st.text("0123456789-:.TZ+", max_size=24))
@example(text="2024-02-29T23:59:59Z")
@example(text="2023-02-29T00:00:00")
@example(text="2024-13-01T00:00:00Z")
@example(text="2024-01-01T24:00:00Z")
@example(text="2024-01-01T24:00:01Z")
@example(text="0000-01-01T00:00:00Z")
@example(text="2024-01-01T00:00:00+14:00")
@example(text="2024-01-01T00:00:00+14:01")
@example(text="2024-01-01T00:00:00.5-03:30")
def test_moments(text: str) -> None:
    assert ours(text, Scalar("dateTime", str)) == theirs(text, "dateTime")


def test_values() -> None:
    assert lexical.integer(" +007 ") == 7
    assert lexical.hexadecimal(" aB ") == "aB"
    assert lexical.uri(" a b ") == "a b"
    assert lexical.string(" a ") == " a "
    assert lexical.boolean("0") is False
