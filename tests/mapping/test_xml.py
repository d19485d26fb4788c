"""The binding end to end: what is read is what was written, and pydantic would have passed it.

Objects come from strategies made of the models, for every global element of every profile in turn; the number
of examples is small here and large in the long run (DERBRIDGE_EXAMPLES).
"""

from __future__ import annotations

import os
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.mapping import express, guard, reading, xml
from bridge.mapping.profile import available, load
from bridge.mapping.xml import Refused, Unwritable, from_element, read, write
from models import kit
from models.sep2.aus12 import der as aus
from models.sep2.y2018 import billing, common, der, edev, pubsub, quantity, time
from tests import strategies
from tests.mapping.attacks.making import BODY, GOOD, NS, XSI

EXAMPLES = int(os.environ.get("DERBRIDGE_EXAMPLES", "60"))
P2018 = load("2018")
LINK = f'<ReadingLink xmlns="{NS}" href="/r"/>'


def roots(name: str) -> list[tuple[str, type[kit.Model]]]:
    names = load(name).names("ELEMENTS")
    return sorted(
        (f"{{{ns}}}{local}", cls) for cls, found in names.items() for ns, local in found if not cls.ABSTRACT
    )


@pytest.mark.parametrize("name", available())
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_what_is_written_is_read(name: str, data: st.DataObject) -> None:
    profile = load(name)
    root, cls = data.draw(st.sampled_from(roots(name)))
    made = data.draw(strategies.model(cls, profile=profile, depth=3))
    text = write(made, profile, root=root)
    back = read(text, profile)
    assert back == made
    assert type(back) is type(made)
    assert write(back, profile, root=root) == text
    assert type(back).model_validate(_plain(back)) == back


def _plain(value: Any) -> Any:
    """An object's fields as they were given; each part of it has been validated again from its own."""
    return {
        name: _again(held) for name, held in value.__dict__.items() if name in value.__pydantic_fields_set__
    }


def _again(held: Any) -> Any:
    if isinstance(held, tuple):
        return tuple(map(_again, held))
    return type(held).model_validate(_plain(held)) if isinstance(held, kit.Model) else held


@settings(max_examples=EXAMPLES, deadline=None)
@given(made=strategies.model(der.DERControlList))
def test_both_ways_through_give_the_same(made: der.DERControlList) -> None:
    """The quick way and the careful one, on documents that both accept."""
    text = write(made, P2018)
    wire, plan = xml._form(guard.parse(text, P2018.caps), P2018)  # noqa: SLF001 - the two halves of read
    quick = express.express(wire, guard.parse(text, P2018.caps, blanks=False), plan)
    careful = reading.Reading(wire).build(guard.parse(text, P2018.caps), plan)
    assert quick == careful == made
    assert quick.model_fields_set == careful.model_fields_set


def test_blanks_between_elements_do_not_matter() -> None:
    spaced = GOOD.replace("><", ">\n\t <").replace("<Time", "\n<Time")
    assert read(spaced.encode(), P2018) == read(GOOD.encode(), P2018)


def test_sections_are_text() -> None:
    held = GOOD.replace(">7<", "><![CDATA[7]]><")
    assert read(held.encode(), P2018) == read(GOOD.encode(), P2018)
    held = "<description> <![CDATA[<x>]]> </description><kind>0</kind><value>1</value>"
    named = f'<Charge xmlns="{NS}">{held}</Charge>'
    made = read(named.encode(), P2018)
    assert isinstance(made, billing.Charge)
    assert made.description == " <x> "


def test_an_extension_is_named_and_read() -> None:
    body = "<subscribedResource>/a</subscribedResource><Resource xsi:type='Time'>{}</Resource>"
    text = (
        f'<Notification xmlns="{NS}" xmlns:xsi="{XSI}">{body.format(BODY)}'
        "<status>0</status><subscriptionURI>/s</subscriptionURI></Notification>"
    )
    made = read(text.encode(), P2018)
    assert isinstance(made, pubsub.Notification)
    assert isinstance(made.Resource, time.Time)
    assert b'<Resource xsi:type="Time">' in write(made, P2018)
    assert read(write(made, P2018), P2018) == made


def test_a_redefined_type_writes_its_prefix() -> None:
    limit = quantity.ActivePower(multiplier=0, value=5)
    base = aus.DERControlBase(opModExpLimW=limit)
    text = write(base, load("csip-aus-1.2"))
    assert b'xmlns:csipaus="https://csipaus.org/ns"' in text
    assert b"<csipaus:opModExpLimW><multiplier>0</multiplier><value>5</value></csipaus:opModExpLimW>" in text
    assert read(text, load("csip-aus-1.2")) == base
    with pytest.raises(Refused, match="opModExpLimW is not known here"):
        read(text, P2018)


def test_only_prefixes_in_use_are_declared() -> None:
    assert b"csipaus" not in write(aus.DERControlBase(), load("csip-aus-1.2"))


def test_expect() -> None:
    assert isinstance(read(GOOD.encode(), P2018, expect=common.Resource), time.Time)
    with pytest.raises(Refused, match="EndDevice is expected") as caught:
        read(GOOD.encode(), P2018, expect=edev.EndDevice)
    assert caught.value.kind == "root"


def test_line_and_path_of_a_fault() -> None:
    control = "<DERControl>\n<mRID>{}</mRID>\n</DERControl>\n"
    text = f'<DERControlList xmlns="{NS}" all="0" results="0">\n{control.format("0")}</DERControlList>'
    with pytest.raises(Refused) as caught:
        read(text.encode(), P2018)
    assert (caught.value.path, caught.value.line, caught.value.kind) == (
        "/DERControlList/DERControl/mRID",
        3,
        "value",
    )


def test_from_element() -> None:
    root = guard.parse(GOOD.encode(), P2018.caps)
    assert from_element(root, P2018) == read(GOOD.encode(), P2018)
    assert from_element(ET.fromstring(GOOD), P2018) == read(GOOD.encode(), P2018)  # noqa: S314
    envelope = guard.parse(f"<a>{GOOD}<b/></a>".encode(), P2018.caps)
    assert from_element(envelope[0], P2018) == read(GOOD.encode(), P2018)
    root.append(root.makeelement("{urn:x}bogus"))
    with pytest.raises(Refused, match="bogus is not known here"):
        from_element(root, P2018)


@settings(max_examples=20, deadline=None)
@given(made=strategies.model(der.DERControlList))
def test_an_element_of_the_standard_library(made: der.DERControlList) -> None:
    assert from_element(ET.fromstring(write(made, P2018)), P2018) == made  # noqa: S314


def test_a_comment_in_an_element_is_refused() -> None:
    from lxml import etree  # noqa: PLC0415 - a parser that keeps what ours refuses

    for text in (GOOD.replace("<quality>", "<!-- --><quality>"), GOOD.replace(">7<", "><!-- -->7<")):
        with pytest.raises(Refused):
            from_element(etree.fromstring(text), P2018)


def test_what_xml_cannot_carry_is_not_written() -> None:
    for text in ("\x00", "\x0b", "\uffff"):
        with pytest.raises(Unwritable, match="description"):
            write(der.DERProgram(mRID="00", primacy=0, description=text), P2018)
    with pytest.raises(Unwritable, match="href"):
        write(der.DERProgram(mRID="00", primacy=0, href="%"), P2018)


def test_text_is_escaped() -> None:
    text = "a<b>&\"'\r\n\t]]>"
    made = der.DERProgram(mRID="00", primacy=0, description=text, href='/?a=1&b="<\'>"')
    assert read(write(made, P2018), P2018) == made


def test_the_root_may_be_named() -> None:
    made = read(GOOD.encode(), P2018)
    text = write(made, P2018, root="Resource")
    assert text.startswith(b"<Resource")
    assert b'xsi:type="Time"' in text
    assert read(text, P2018) == made
    with pytest.raises(Unwritable, match="no element of profile"):
        write(made, P2018, root="EndDevice")


def test_a_mixed_namespace_is_refused() -> None:
    text = GOOD.replace("<quality>", '<quality xmlns="http://ieee.org/2030.5">')
    with pytest.raises(Refused, match="quality is not known here"):
        read(text.encode(), P2018)
