"""What stands in a stanza: octets come back as they were; an element in clear keeps all that it says."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from bridge.xmpp import letter
from bridge.xmpp.letter import Letter, Malformed

PDU = (
    '<ctx xmlns="urn:derbridge:mms" assoc="1:2"><read xmlns="http://www.iec.ch/61850/2018/SCSM_8_2" '
    'more="a&amp;b&#10;c">x &lt; y&#13;z<i/> tail</read></ctx>'
)


def parsed(text: str) -> ET.Element:
    """As a server hands it over."""
    return ET.fromstring(text.replace("<message", "<message xmlns='jabber:client'", 1))  # noqa: S314 - our own


@given(st.binary(max_size=3000))
def test_octets_come_back(octets: bytes) -> None:
    found = letter.read(parsed(letter.message("a@b/c", "1", Letter(octets))))
    assert found == Letter(octets)


@given(st.text("ab<>&'\"\u00e9\U0001f600 "), st.text("<>&'\"ab\n\t"))
def test_address_and_name_are_only_text(to: str, name: str) -> None:
    stanza = parsed(letter.message(to, name, Letter(b"x")))
    assert (stanza.get("to"), stanza.get("id")) == (to, name)
    assert len(stanza) == 1


def test_clear_says_the_same() -> None:
    found = letter.read(parsed(letter.message("a@b/c", "1", Letter(PDU.encode(), opaque=False))))
    assert found is not None
    assert not found.opaque
    assert etree.tostring(etree.fromstring(found.octets), method="c14n") == etree.tostring(
        etree.fromstring(PDU), method="c14n"
    )


def test_clear_with_prefixed_attributes_says_the_same() -> None:
    odd = '<ctx xmlns="urn:derbridge:mms" xmlns:u="urn:u" u:id="1"><a/>t</ctx>'
    found = letter.read(parsed(letter.message("a@b/c", "1", Letter(odd.encode(), opaque=False))))
    assert found is not None
    read = etree.fromstring(found.octets)
    assert read.get("{urn:u}id") == "1"
    assert [one.tag for one in read] == ["{urn:derbridge:mms}a"]


@pytest.mark.parametrize("inside", ["%%%", "QQ", "QUJD<x/>", "QUJDR", "\u00e9"])
def test_not_base64(inside: str) -> None:
    text = f"<message><octets xmlns='urn:derbridge:link'>{inside}</octets></message>"
    with pytest.raises(Malformed):
        letter.read(parsed(text))


def test_white_space_between_digits_is_none_of_them() -> None:
    text = "<message><octets xmlns='urn:derbridge:link'>\n QU\tJD\r\n</octets></message>"
    assert letter.read(parsed(text)) == Letter(b"ABC")


def test_too_deep() -> None:
    deep = "<a>" * 100_000 + "</a>" * 100_000
    with pytest.raises(Malformed, match="deep"):
        letter.read(parsed(f"<message><ctx xmlns='urn:derbridge:mms'>{deep}</ctx></message>"))


@pytest.mark.parametrize("inside", ["", "<body>hello</body>", "<octets/>", "<ctx xmlns='urn:other'/>"])
def test_nothing_of_ours(inside: str) -> None:
    assert letter.read(parsed(f"<message>{inside}</message>")) is None


@pytest.mark.parametrize("condition", [*letter.TYPES, "gone"])
def test_refusals_are_read_as_written(condition: str) -> None:
    stanza = parsed(letter.error("message", "a@b/c", "1", condition, "a < b"))
    assert stanza.get("type") == "error"
    assert letter.condition(stanza) == (condition, "a < b")


def test_refusal_without_a_reason() -> None:
    assert letter.condition(parsed("<message type='error'/>")) == ("undefined-condition", "")
