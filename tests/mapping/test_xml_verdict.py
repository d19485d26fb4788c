"""The binding's verdict is the official schema's, on documents of every global element, half of them changed.

The long run, with 2,000 documents an edition and a second copy of the schemas, is the peer `verdicts`; this
is its short form. A disagreement is printed with both reasons.
"""

from __future__ import annotations

import os

import pytest
from lxml import etree

from bridge.mapping.profile import Profile, load
from bridge.mapping.xml import Refused, read
from peers.changes import CHANGES
from peers.documents import samples
from peers.verdicts import SCHEMAS, compared, official
from tests.mapping.attacks.making import NS

COUNT = max(600, 2 * int(os.environ.get("DERBRIDGE_EXAMPLES", "0")))


@pytest.mark.parametrize(("profile", "schema"), SCHEMAS, ids=[name for name, _ in SCHEMAS])
def test_verdicts_are_the_same(profile: str, schema: str) -> None:
    found = compared(profile, official(schema), COUNT)
    assert found["first"] == []
    assert int(str(found["accepted"])) > COUNT / 2
    assert int(str(found["refused"])) > COUNT / 8


def test_every_change_makes_some_document_invalid() -> None:
    schema = official("sep2_schema_2018.xsd")
    refused = {
        one.change
        for one in samples(load("2018"), 3000, 7)
        if not schema.validate(etree.fromstring(one.data))
    }
    assert refused == {name for name, _ in CHANGES}


def test_documents_not_changed_are_valid() -> None:
    for profile, name in SCHEMAS:
        schema = official(name)
        bad = [
            one
            for one in samples(load(profile), 200, 11)
            if one.change == "none" and not schema.validate(etree.fromstring(one.data))
        ]
        assert bad == []


@pytest.mark.parametrize("inside", ["", "<![CDATA[]]>", " ", "<![CDATA[ ]]>"])
@pytest.mark.parametrize(
    "text",
    [
        f'<ReadingLink xmlns="{NS}" href="/r">{{}}</ReadingLink>',
        f'<DERControlBase xmlns="{NS}"><opModVoltVar href="/d">{{}}</opModVoltVar></DERControlBase>',
        f'<DERControlList xmlns="{NS}" all="0" results="0">{{}}</DERControlList>',
    ],
)
def test_nothing_in_a_section_is_text(text: str, inside: str) -> None:
    data = text.format(inside).encode()
    assert verdict(data, load("2018")) == official("sep2_schema_2018.xsd").validate(etree.fromstring(data))


def verdict(data: bytes, profile: Profile) -> bool:
    try:
        read(data, profile)
    except Refused:
        return False
    return True


def test_a_disagreement_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("peers.verdicts.verdict", lambda *_: "")
    assert int(str(compared("2018", official("sep2_schema_2018.xsd"), 200)["disagreements"])) > 0
