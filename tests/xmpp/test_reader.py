"""The reader: any division of the bytes gives the same, RFC 6120 11 holds, and payloads keep their bytes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.xmpp.element import Element, without
from bridge.xmpp.fault import Broken
from bridge.xmpp.reader import ATTRIBUTES, DEPTH, TOKEN, Ended, Reader, read
from tests.transports import xmpp
from tests.xmpp.shapes import SHAPES

MOST = 4096
ROOT = xmpp.header()
WHOLE = (
    ROOT + b" \n<message to='a>b' from = \"q'>\"><b:x xmlns:b='u'/>x<b/>&#13;<![CDATA[<>]]></message >"
    b"<iq/>  <r xmlns='x'/>\r\n<presence>\xf0\x9f\x94\x8c</presence></stream:stream>zzz"
)


def told(data: bytes, cuts: tuple[int, ...] = ()) -> list[Any]:
    """What a reader gives for bytes that come in pieces."""
    reader = Reader(MOST)
    places = [0, *sorted({cut % (len(data) + 1) for cut in cuts}), len(data)]
    found = [event for start, end in pairwise(places) for event in reader.feed(data[start:end])]
    return [shown(event) for event in found]


def shown(event: object) -> Any:
    if isinstance(event, Element):
        return event.name, dict(event.attrs), tuple(event.children), event.head, event.inner, event.tail
    return event.condition if isinstance(event, Broken) else event


FAULTS: dict[str, tuple[bytes, str]] = {
    "entity": (b"<a>&x;</a>", "restricted-xml"),
    "comment": (b"<!--x-->", "restricted-xml"),
    "comment inside": (b"<a><!--x--></a>", "restricted-xml"),
    "instruction": (b"<?x y?>", "restricted-xml"),
    "unbound prefix": (b"<a:b/>", "bad-namespace-prefix"),
    "text between": (b"abc<a/>", "bad-format"),
    "section between": (b"<![CDATA[x]]><a/>", "bad-format"),
    "reference between": (b"&#32;<a/>", "bad-format"),
    "depth": (b"<a>" * DEPTH, "policy-violation"),
    "attributes": (
        b"<a " + b" ".join(b"a%d=''" % i for i in range(ATTRIBUTES + 1)) + b"/>",
        "policy-violation",
    ),
    "length": (b"<a>" + b"x" * MOST, "policy-violation"),
    "length of a tag": (b"<a b='" + b"x" * MOST, "policy-violation"),
    "double attribute": (b"<a b='' b=''/>", "not-well-formed"),
    "crossed": (b"<a><b></a></b>", "not-well-formed"),
    "declaration": (b"<?xml version='1.0'?>", "not-well-formed"),
    "control character": (b"<a>\x01</a>", "not-well-formed"),
    "bad UTF-8": (b"<a>\xff\xfe</a>", "not-well-formed"),
    "surrogate": (b"<a>\xed\xa0\x80</a>", "not-well-formed"),
}
HEADERS: dict[str, tuple[bytes, str]] = {
    "DTD": (b"<!DOCTYPE a [<!ENTITY x 'y'>]>", "restricted-xml"),
    "DTD elsewhere": (b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'>", "restricted-xml"),
    "comment": (b"<!--x-->", "restricted-xml"),
    "other prefix": (ROOT.replace(b"<stream:", b"<s:").replace(b":stream=", b":s="), "bad-namespace-prefix"),
    "prefix beside": (ROOT.replace(b"'>", b"' xmlns:q='x'>"), "bad-namespace-prefix"),
    "server's content": (ROOT.replace(b"jabber:client", b"jabber:server"), "invalid-namespace"),
    "other streams": (ROOT.replace(b"/streams'", b"/stream'"), "invalid-namespace"),
    "other root": (b"<a/>", "bad-format"),
    "empty root": (ROOT.replace(b"'>", b"'/>"), "bad-format"),
    "HTTP": (b"GET / HTTP/1.0\r\n\r\n", "not-well-formed"),
    "encoding": (b"<?xml version='1.0' encoding='ISO-8859-1'?><a>", "unsupported-encoding"),
    "endless": (b"<stream:stream a='" + b"x" * MOST, "policy-violation"),
}


def test_elements_come_with_their_bytes() -> None:
    message, iq, r, presence = (
        event for event in told(WHOLE) if isinstance(event, tuple) and len(event) == 6
    )
    assert b"".join(message[3:]) in WHOLE
    assert message[4] == b"<b:x xmlns:b='u'/>x<b/>&#13;<![CDATA[<>]]>"
    assert message[:3] == ("jabber:client message", {"to": "a>b", "from": "q'>"}, ("u x", "jabber:client b"))
    assert [one[0] for one in (iq, r, presence)] == ["jabber:client iq", "x r", "jabber:client presence"]
    assert told(WHOLE)[-1] == Ended()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 10_000), max_size=40))
def test_any_division_gives_the_same(cuts: list[int]) -> None:
    assert told(WHOLE, tuple(cuts)) == told(WHOLE)


def test_single_bytes_give_the_same() -> None:
    assert told(WHOLE, tuple(range(len(WHOLE)))) == told(WHOLE)


@pytest.mark.parametrize(("data", "condition"), FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("size", [1, 3, 100, 100_000])
def test_faults_have_their_condition(data: bytes, condition: str, size: int) -> None:
    whole = ROOT + b"<iq/>" + data
    found = told(whole, tuple(range(0, len(whole), size)))
    assert found[1][0] == "jabber:client iq"
    assert found[-1] == condition


@pytest.mark.parametrize(("data", "condition"), HEADERS.values(), ids=HEADERS)
@pytest.mark.parametrize("size", [1, 3, 100_000])
def test_headers_have_their_condition(data: bytes, condition: str, size: int) -> None:
    assert told(data, tuple(range(0, len(data), size))) == [condition]


def test_nothing_comes_after_a_fault() -> None:
    reader = Reader(MOST)
    assert len(reader.feed(ROOT + b"<a></b>")) == 2
    assert reader.feed(b"<iq/>") == []


@pytest.mark.parametrize("kept", [True, False])
def test_a_tag_that_never_ends_is_refused_and_text_is_not(kept: bool) -> None:
    reader = Reader(1_000_000)
    reader.feed(ROOT + (b"<a><b>" if kept else b"<a><b c='"))
    found = [event for _ in range(2 * TOKEN // 100) for event in reader.feed(b">" * 100)]
    assert [shown(event) for event in found] == ([] if kept else ["policy-violation"])


def test_white_space_costs_nothing() -> None:
    reader = Reader(MOST)
    reader.feed(ROOT)
    for _ in range(10):
        assert reader.feed(b" \n" * MOST) == []
    assert [event.name for event in reader.feed(b"<iq/>") if isinstance(event, Element)] == [
        "jabber:client iq"
    ]


@pytest.mark.parametrize("inner", SHAPES.values(), ids=SHAPES)
def test_payloads_keep_their_bytes(inner: bytes) -> None:
    raw = b"<message to='x'>" + inner + b"</message>"
    for size in (1, 7, len(raw)):
        reader = Reader(MOST)
        reader.feed(ROOT)
        pieces = (raw[place : place + size] for place in range(0, len(raw), size))
        (found,) = (event for piece in pieces for event in reader.feed(piece))
        assert isinstance(found, Element)
        assert (found.inner, found.raw) == (inner, raw)
        assert read(raw).inner == inner


HEADS = {
    b"<message from='x'>": b"<message>",
    b"<message to='a' from='x' id='i'>": b"<message to='a' id='i'>",
    b'<message\tid=" from=\'y\'" from = "x"/>': b"<message\tid=\" from='y'\"/>",
    b"<c:message xmlns:c='jabber:client' a='1' from='x'>": b"<c:message xmlns:c='jabber:client' a='1'>",
    b"<message id='1'>": b"<message id='1'>",
}


@pytest.mark.parametrize(("head", "left"), HEADS.items())
def test_a_sender_is_taken_out_and_nothing_else(head: bytes, left: bytes) -> None:
    assert without(head, b"from") == left


def test_a_sender_is_stamped() -> None:
    raw = b"<message id=\" from='y'\" from='evil' to='b'><x/></message>"
    assert read(raw).stamped(b" from='me'") == b"<message from='me' id=\" from='y'\" to='b'><x/></message>"
