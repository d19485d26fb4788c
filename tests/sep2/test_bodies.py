"""Bodies: media types, generations told by their namespaces, faults with their place, types expected."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.sep2 import bodies
from bridge.sep2.talk import Told
from bridge.sep2.work import Body, Caller

NS = "urn:ieee:std:2030.5:ns"
OLD = "http://ieee.org/2030.5"
AUS12 = "https://csipaus.org/ns"
AUS13 = "https://csipaus.org/ns/v1.3-beta/storage"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
SEP = "application/sep+xml"


def status(ns: str = NS, *, extra: str = "", attributes: str = "") -> bytes:
    return f'<DERStatus xmlns="{ns}"{attributes}>{extra}<readingTime>5</readingTime></DERStatus>'.encode()


def read(
    data: bytes,
    profile: str = "2018",
    media: str = SEP,
    expect: tuple[str, ...] = ("DERStatus",),
    strict: tuple[str, ...] = (),
) -> Body:
    caller = Caller("AB" * 20, 1, "device", "/edev/1", profile)
    return bodies.read(data, media, caller, expect, frozenset(strict))


# ------------------------------------------------------------------------------------------------ media type


@pytest.mark.parametrize(
    "media",
    [
        SEP,
        "application/sep+xml; level=+S1",
        'application/sep+xml;level="-S0";charset=UTF-8',
        "Application/SEP+XML ; Charset=utf-8",
        "application/sep+xml;",
        "text/xml",
        "application/xml; charset=utf-8",
        "",
    ],
)
def test_a_media_type_that_is_read(media: str) -> None:
    assert read(status(), media=media).type == "DERStatus"


@pytest.mark.parametrize(
    ("media", "strict"),
    [
        ("application/sep-exi", ()),
        ("application/sep-exi; level=+S1", ()),
        ("application/json", ()),
        ("application/x-www-form-urlencoded", ()),
        ("application/sep+xml; charset=iso-8859-1", ()),
        ("application/sep+xml; level=high", ()),
        ("sep+xml", ()),
        ("text/xml", ("media",)),
        ("application/xml", ("media",)),
        ("", ("media",)),
    ],
)
def test_a_media_type_that_is_refused(media: str, strict: tuple[str, ...]) -> None:
    with pytest.raises(Told) as told:
        read(status(), media=media, strict=strict)
    assert told.value.status == 415
    assert ("EXI" in told.value.reason) == ("exi" in media)


TAKEN = """

*/*
application/*
application/sep+xml
application/sep+xml; level=+S1
application/sep+xml;q=x
application/sep-exi, application/sep+xml
application/xml;q=0.9
text/html, */*;q=0.1
text/xml"""


@pytest.mark.parametrize("accept", TAKEN.splitlines())
def test_an_answer_that_is_taken(accept: str) -> None:
    bodies.acceptable(accept)


@pytest.mark.parametrize(
    ("accept", "strict"),
    [
        ("application/sep-exi", ()),
        ("application/json", ()),
        ("application/sep+xml;q=0", ()),
        ("image/*", ()),
        ("text/xml", ("media",)),
    ],
)
def test_an_answer_that_is_not_taken(accept: str, strict: tuple[str, ...]) -> None:
    with pytest.raises(Told) as told:
        bodies.acceptable(accept, frozenset(strict))
    assert told.value.status == 406


@given(st.text(max_size=60))
def test_any_header_is_judged(text: str) -> None:
    for judge in (lambda: bodies.acceptable(text), lambda: read(status(), media=text)):
        try:
            judge()
        except Told as told:
            assert told.status in {406, 415}  # noqa: PT017 - either verdict is right, anything else is not


# ----------------------------------------------------------------------------------------------- generations


@pytest.mark.parametrize(
    ("data", "own", "profile"),
    [
        (status(), "2018", "2018"),
        (status(), "csip", "csip"),
        (status(), "2023", "2023"),
        (status(), "csip-aus-1.2", "csip-aus-1.2"),
        (status(OLD), "2018", "2013"),
        (status("http://zigbee.org/sep"), "csip-aus-1.3", "2013"),
        (status(), "2013", "2013"),
        (status(attributes=' schemaVer="2.2"'), "2018", "2023"),
        (status(attributes=' schemaVer="2.2"'), "csip-aus-1.2", "2023"),
        (status(attributes=f' xmlns:c="{AUS12}"'), "2018", "csip-aus-1.2"),
        (status(attributes=f' xmlns:c="{AUS13}"'), "2018", "csip-aus-1.3"),
        (status(attributes=f' xmlns:c="{AUS13}"'), "csip-aus-1.2", "csip-aus-1.3"),
        (status(attributes=f" {XSI}"), "2018", "2018"),
    ],
)
def test_the_generation_is_told_by_the_client_and_by_its_namespaces(
    data: bytes, own: str, profile: str
) -> None:
    body = read(data, own)
    assert (body.profile, body.type, body.data) == (profile, "DERStatus", data)


def test_an_extension_of_ours_is_read_by_the_profile_that_has_it() -> None:
    inner = "<c:connectionPointId>41</c:connectionPointId>"
    data = f'<c:ConnectionPoint xmlns:c="{AUS12}">{inner}</c:ConnectionPoint>'
    body = read(data.encode(), "2018", expect=("ConnectionPoint",))
    assert (body.type, body.profile) == ("ConnectionPoint", "csip-aus-1.2")


def test_a_foreign_element_is_named_or_kept_as_the_profile_says() -> None:
    data = status(extra='<v:mood xmlns:v="urn:vendor">good</v:mood>')
    with pytest.raises(Told, match=r"^/DERStatus/mood, line 1: mood is not known here"):
        read(data, "2018")
    assert read(data, "csip").profile == "csip"
    with pytest.raises(Told, match="/DERStatus/mood"):
        read(status(extra="<mood>good</mood>"), "2018")


def test_only_the_clients_own_profile_where_the_switch_says_so() -> None:
    with pytest.raises(Told, match="schemaVer"):
        read(status(attributes=' schemaVer="2.2"'), "2018", strict=("profile",))
    with pytest.raises(Told, match="namespace"):
        read(status(OLD), "2018", strict=("profile",))


# ---------------------------------------------------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "there is no body"),
        (b"<", "line 1: not well-formed"),
        (b"hello", "not an XML document"),
        (status().replace(b">5<", b">five<"), "/DERStatus/readingTime, line 1"),
        (status().replace(b"><", b">\n<", 1).replace(b">5<", b">five<"), "/DERStatus/readingTime, line 2"),
        (b'<DERStatus xmlns="%s"/>' % NS.encode(), "required element readingTime is missing"),
        (b'<!DOCTYPE a []><DERStatus xmlns="%s"/>' % NS.encode(), "document type"),
        (b'<DERStatus xmlns="urn:other"/>', "namespace 'urn:other' is not one of profile 2018"),
        (b'<Derp xmlns="%s"/>' % NS.encode(), "Derp is no element of profile 2018"),
        (b'<Time xmlns="%s"/>' % NS.encode(), "/Time"),
        (status().replace(b">5<", b">\xff<"), "not UTF-8"),
    ],
)
def test_a_fault_has_its_place_and_reason(data: bytes, reason: str) -> None:
    with pytest.raises(Told) as told:
        read(data)
    assert told.value.status == 400
    assert reason in told.value.reason


def test_too_much_is_said_to_be_too_much() -> None:
    with pytest.raises(Told) as told:
        read(status(extra=" " * 600_000))
    assert told.value.status == 413


@pytest.mark.parametrize(
    ("name", "attributes", "kind"),
    [
        ("Response", "", "Response"),
        ("DERControlResponse", "", "DERControlResponse"),
        ("Response", f' {XSI} xsi:type="DERControlResponse"', "DERControlResponse"),
        ("DrResponse", "", "DrResponse"),
    ],
)
def test_a_type_may_be_said_by_its_element_or_by_its_attribute(name: str, attributes: str, kind: str) -> None:
    inner = "<endDeviceLFDI>AB</endDeviceLFDI><status>1</status><subject>AB</subject>"
    data = f'<{name} xmlns="{NS}"{attributes}>{inner}</{name}>'.encode()
    takes = ("DERControlResponse", "DrResponse", "Response")
    assert read(data, expect=takes).type == kind
    with pytest.raises(Told, match=f"{kind} where DERStatus is expected"):
        read(data)
