"""What is stored in one profile and read in another: what both can say is said, the rest is left out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bridge.mapping import form, xml
from bridge.mapping.profile import load
from bridge.mapping.sep2 import to_canonical
from bridge.sep2 import names, tree
from bridge.sep2.recast import Turned, recast, turned
from bridge.sep2.shelf import Row
from models import kit
from peers.roundtrip import ENVELOPE
from tests.sep2.sowing import WRITERS, some, sown

URN = 'xmlns="urn:ieee:std:2030.5:ns"'
AUS12 = 'xmlns:c="https://csipaus.org/ns"'
AUS13 = 'xmlns:c="https://csipaus.org/ns/v1.3-beta/storage"'
STATUS = (
    "<EventStatus><currentStatus>0</currentStatus><dateTime>1</dateTime>"
    "<potentiallySuperseded>false</potentiallySuperseded></EventStatus>"
)


def row(text: str, profile: str, record: bytes = b"") -> Row:
    kind = names.kind(xml.read(text.encode(), load(profile)))
    return Row("/x/1", "/x", kind, text.encode(), profile, record=record)


def read(text: str, old: str, new: str, *expect: str) -> Any:
    stored = row(text, old)
    found = turned(stored, new, frozenset(expect or {stored.type}))
    return None if found is None else found.obj


def control(base: str, ns: str = URN) -> str:
    return (
        f"<DERControl {ns}><mRID>AB</mRID><description>d</description><creationTime>5</creationTime>{STATUS}"
        f"<interval><duration>60</duration><start>9</start></interval><randomizeStart>30</randomizeStart>"
        f"<DERControlBase>{base}</DERControlBase></DERControl>"
    )


# ----------------------------------------------------------------------------------------------- every type


SAID = [("2018", "aus12"), ("2018", "aus13"), ("2018", "2023")]
"""Editions, and those that can say as much."""
SAME = [
    (template, name, old, new)
    for template, name in sorted({(n.template, n.type) for n in tree.nodes().values() if not n.lists})
    for old, new in SAID
    if names.named(old, name) and names.named(new, name) and not template.startswith("/sdev/")
]


@pytest.mark.parametrize(("template", "name", "old", "new"), SAME)
def test_nothing_is_lost_in_a_later_edition(template: str, name: str, old: str, new: str) -> None:
    for obj in some(old, name, 5):
        stored = sown(template, name, obj, WRITERS[old])
        there = turned(stored, WRITERS[new], frozenset({name}))
        assert there is not None
        assert type(there.obj) is names.named(new, name)
        assert stripped(recast(there.obj, new, old, frozenset({name}))) == stripped(obj)


def stripped(obj: Any) -> Any:
    """An object without what is said by saying nothing, and with identifiers in one spelling."""
    if isinstance(obj, kit.Model):
        fields = {part.field: stripped(getattr(obj, part.field)) for part in form.parts(type(obj))}
        return {name: value for name, value in fields.items() if value not in (None, "", (), {})}
    if isinstance(obj, tuple):
        return tuple(stripped(each) for each in obj)
    return obj


# ------------------------------------------------------------------------------------------------ one by one


def test_a_control_of_2018_is_one_of_2023() -> None:
    base = "<opModConnect>true</opModConnect><opModMaxLimW>5000</opModMaxLimW>"
    base += '<opModVoltVar href="/derp/1/dc/2"/>'
    found = read(control(base), "2018", "2023")
    assert (found.mRID, found.randomizeStart, found.interval.start) == ("AB", 30, 9)
    assert found.DERControlBase.opModConnect is True
    assert found.DERControlBase.opModMaxLimW.value == 5000
    assert found.DERControlBase.opModVoltVar.href == "/derp/1/dc/2"
    assert type(found) is names.named("2023", "DERControl")


def test_a_mode_that_the_reader_has_not_is_left_out_and_the_rest_stays() -> None:
    limit = "<opModMaxLimWAbsorb><multiplier>0</multiplier><value>7</value></opModMaxLimWAbsorb>"
    base = f"<opModConnect>true</opModConnect><opModMaxLimW>5000</opModMaxLimW>{limit}"
    found = read(control(base), "2023", "2018")
    assert found.DERControlBase.opModConnect is True
    assert found.DERControlBase.opModMaxLimW == 5000
    assert b"Absorb" not in xml.write(found, load("2018"))


@pytest.mark.parametrize(
    ("new", "kept"), [("csip-aus-1.3", True), ("2018", False), ("2023", False), ("csip", False)]
)
def test_a_limit_of_csip_aus_goes_to_those_who_know_it(new: str, kept: bool) -> None:
    limited = "<c:opModExpLimW><multiplier>0</multiplier><value>9</value></c:opModExpLimW>"
    base = f"<opModConnect>true</opModConnect>{limited}"
    found = read(control(base, f"{URN} {AUS12}"), "csip-aus-1.2", new)
    assert found.DERControlBase.opModConnect is True
    limit = getattr(found.DERControlBase, "opModExpLimW", None)
    assert (limit is not None and limit.value == 9) == kept
    assert (b"ExpLimW" in xml.write(found, load(new), root="DERControl")) == kept if new != "2023" else True


def test_a_device_that_was_never_asked_supports_no_mode_of_csip_aus() -> None:
    text = (
        f"<DERCapability {URN}><modesSupported>01</modesSupported><rtgMaxW><multiplier>0</multiplier>"
        "<value>5</value></rtgMaxW><type>4</type></DERCapability>"
    )
    found = read(text, "2018", "csip-aus-1.2")
    assert (found.doeModesSupported, found.rtgMaxW.value, found.type) == ("00", 5, 4)
    assert read(text, "2018", "2023").rtgMaxW.value == 5


def test_a_connection_point_is_moved_between_the_versions_and_is_nothing_to_others() -> None:
    text = f"<c:ConnectionPoint {AUS12}><c:connectionPointId>41</c:connectionPointId></c:ConnectionPoint>"
    found = read(text, "csip-aus-1.2", "csip-aus-1.3")
    assert found.connectionPointId == "41"
    assert b"v1.3-beta" in xml.write(found, load("csip-aus-1.3"))
    assert read(text, "csip-aus-1.2", "2018") is None


def test_a_version_of_the_schema_belongs_to_the_document_and_not_to_the_member() -> None:
    text = f'<DERStatus {URN} schemaVer="2.2"><readingTime>5</readingTime></DERStatus>'
    for profile in ("2023", "2018", "csip-aus-1.2"):
        found = read(text, "2023", profile)
        assert found.readingTime == 5
        assert type(found) is names.named(names.edition(profile), "DERStatus")


def test_a_type_that_is_not_expected_is_nothing() -> None:
    text = f"<DERStatus {URN}><readingTime>5</readingTime></DERStatus>"
    assert read(text, "2018", "2018", "DERSettings") is None


def test_foreign_parts_come_back_in_a_profile_of_the_same_models_that_keeps_them() -> None:
    text = (
        f'<DERStatus {URN}><v:mood xmlns:v="urn:vendor">good</v:mood><readingTime>5</readingTime></DERStatus>'
    )
    stored = row(text, "csip")

    def kept(new: str) -> int:
        found = turned(stored, new, frozenset({"DERStatus"}))
        assert isinstance(found, Turned)
        return len(found.foreign)

    assert [kept(new) for new in ("csip", "2013", "2018", "2023", "csip-aus-1.2")] == [1, 1, 0, 0, 0]


@pytest.mark.parametrize("profile", ["2018", "2023", "csip-aus-1.2", "csip-aus-1.3", "2013"])
def test_a_row_without_a_document_is_written_from_its_record(profile: str) -> None:
    obj = xml.read(control("<opModConnect>true</opModConnect>").encode(), load("2018"))
    message = to_canonical(obj, "2018", envelope=ENVELOPE._replace(issued=Decimal(5)))
    stored = Row("/x/1", "/x", "DERControl", record=message.model_dump_json().encode())
    found: Any = turned(stored, profile, frozenset({"DERControl"}))
    assert found.obj.DERControlBase.opModConnect is True
    assert type(found.obj) is names.named(names.edition(profile), "DERControl")
    assert turned(Row("/x/1", "/x", "Time"), profile, frozenset({"Time"})) is None


def test_a_part_that_extends_what_is_declared_stays_what_it_is() -> None:
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="DERStatus"'
    text = (
        f"<Notification {URN}><subscribedResource>/a</subscribedResource><Resource {xsi}>"
        "<readingTime>5</readingTime></Resource><status>0</status><subscriptionURI>/s</subscriptionURI></Notification>"
    )
    found = read(text, "2018", "2023")
    assert found.Resource.readingTime == 5
    assert type(found.Resource) is names.named("2023", "DERStatus")
