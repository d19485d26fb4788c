"""Profiles: what each accepts, writes and keeps, and how a wrong table is refused.

The tables are those of mappings/profiles; a property that a profile promises is tested on the profile itself.
What is kept must come back: kept parts and object together give the document again.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from lxml import etree

from bridge.mapping import profile as profiles
from bridge.mapping.guard import Caps
from bridge.mapping.profile import available, load
from bridge.mapping.xml import Foreign, Refused, Unwritable, document, read, write
from models.sep2.y2018 import der
from tests import strategies
from tests.mapping.attacks.making import GOOD, NS

OLD = "http://ieee.org/2030.5"
DRAFT = "http://zigbee.org/sep"


def canonical(data: bytes) -> bytes:
    return etree.tostring(etree.fromstring(data), method="c14n")


def test_all_are_there() -> None:
    assert set(available()) == {
        *("2013", "2018", "2023", "csip", "csip-aus-1.2", "csip-aus-1.3", "der", "meter", "mms"),
    }


@pytest.mark.parametrize("name", available())
def test_each_loads_under_its_own_name(name: str) -> None:
    loaded = load(name)
    assert loaded.name == name
    assert loaded.names("ELEMENTS")


@pytest.mark.parametrize(
    "name",
    ["", "2019", "../profiles/2018", "2018.toml", ".", "/etc/hosts", "a" * 300, "a\0b", "a/../csip"],
)
def test_an_unknown_name(name: str) -> None:
    with pytest.raises(ValueError, match="no profile"):
        load(name)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unknown": "ignore"}, "unknown must be"),
        ({"colour": 1}, "unknown key 'colour'"),
        ({"caps": {"width": 1}}, "unknown key 'width'"),
    ],
)
def test_a_wrong_table(change: dict[str, object], message: str) -> None:
    table = {"name": "x", "package": "models.sep2.y2018", "unknown": "refuse", **change}
    with pytest.raises(ValueError, match=message):
        profiles._profile(table, "x.toml")  # noqa: SLF001 - what `load` does with a file's text


@pytest.mark.parametrize("namespace", [OLD, DRAFT, NS])
def test_2013_reads_three_namespaces_and_writes_its_own(namespace: str) -> None:
    made = read(GOOD.replace(NS, namespace).encode(), load("2013"))
    assert made == read(GOOD.encode(), load("2018"))
    assert write(made, load("2013")) == GOOD.replace(NS, OLD).encode()


@pytest.mark.parametrize("namespace", [OLD, DRAFT])
def test_2018_reads_one(namespace: str) -> None:
    with pytest.raises(Refused, match="is not one of profile 2018"):
        read(GOOD.replace(NS, namespace).encode(), load("2018"))


def test_2023_knows_what_2018_refuses() -> None:
    text = GOOD.replace("<Time", '<Time schemaVer="2.2"', 1).encode()
    assert type(read(text, load("2023"))) is load("2023").root(NS, "Time")
    with pytest.raises(Refused, match="schemaVer is not known here"):
        read(text, load("2018"))


def test_an_element_without_content_stands_for_its_default() -> None:
    text = f'<DeviceStatus xmlns="{NS}"><changedTime>1</changedTime><opState/></DeviceStatus>'.encode()
    made = read(text, load("2023"))
    assert vars(made)["opState"] == 0
    assert b"<opState>0</opState>" in write(made, load("2023"))
    with pytest.raises(Refused, match="opState"):
        read(text.replace(b"<opState/>", b"<opState> </opState>"), load("2023"))


def test_no_content_where_it_would_be_read_as_a_default() -> None:
    cls = load("2023").root(NS, "BillingReading")
    assert cls is not None
    with pytest.raises(Unwritable, match="qualityFlags: without content"):
        write(cls.model_validate({"qualityFlags": ""}), load("2023"))


def test_attributes_of_scalars_come_back() -> None:
    note = ' xmlns:x="urn:x" x:note="a&amp;b">'
    made = read(GOOD.replace("<currentTime>", f"<currentTime{note}").encode(), load("2023"))
    assert vars(made)["anyAttribute"] == (("currentTime/@{urn:x}note", "a&b"),)
    assert read(write(made, load("2023")), load("2023")) == made
    assert b'"a&amp;b">1</currentTime>' in write(made, load("2023"))
    with pytest.raises(Refused, match="note is not known here"):
        read(GOOD.replace("<quality>", f"<quality{note}").encode(), load("2023"))


def test_what_is_unknown_is_kept_and_put_back() -> None:
    strange = '<x:more xmlns:x="urn:x" a="1"><x:in>t</x:in></x:more>'
    text = GOOD.replace("<quality>", f"{strange}<quality b='2'>").replace("<Time", "<Time c='3'", 1).encode()
    kept = document(text, load("csip"))
    assert kept.root == read(GOOD.encode(), load("2018"))
    assert kept.foreign == (
        Foreign("/Time", -1, "c", "3"),
        Foreign("/Time", 4, "{urn:x}more", strange),
        Foreign("/Time/quality", -1, "b", "2"),
    )
    assert canonical(write(kept.root, load("csip"), foreign=kept.foreign)) == canonical(text)


def test_a_keeping_profile_still_refuses_what_is_wrong() -> None:
    for wrong in (
        GOOD.replace(">7<", ">x<"),
        GOOD.replace("<quality>7</quality>", ""),
        GOOD.replace("<quality>", "x<quality>"),
    ):
        with pytest.raises(Refused):
            read(wrong.encode(), load("csip"))


def test_what_is_kept_finds_its_place_beside_its_like() -> None:
    """A kept sibling of the same local name does not shift the numbers of those that are known."""
    time = GOOD.replace("<quality>", '<x:quality xmlns:x="urn:x"></x:quality><quality b="2">').encode()
    kept = document(time, load("csip"))
    assert [part.path for part in kept.foreign] == ["/Time", "/Time/quality"]
    assert canonical(write(kept.root, load("csip"), foreign=kept.foreign)) == canonical(time)


def test_as_much_is_kept_as_the_profile_says() -> None:
    strange = "".join(f"<z{n % 2} a='{n}'></z{n % 2}>" for n in range(256))
    text = GOOD.replace("<quality>", f"{strange}<quality>").encode()
    kept = document(text, load("csip"))
    assert len(kept.foreign) == load("csip").caps.kept == 256
    assert canonical(write(kept.root, load("csip"), foreign=kept.foreign)) == canonical(text)
    with pytest.raises(Refused, match="more than 256 unknown parts"):
        document(text.replace(b"</Time>", b"<more/></Time>").replace(b"<Time", b"<Time c='1'"), load("csip"))


def test_a_place_that_is_gone() -> None:
    made = read(GOOD.encode(), load("csip"))
    with pytest.raises(ValueError, match="no longer there"):
        write(made, load("csip"), foreign=(Foreign("/Time/gone[2]", 0, "x", "<x/>"),))


@settings(max_examples=20, deadline=None)
@given(made=strategies.model(der.DERControl))
def test_keeping_changes_nothing_where_all_is_known(made: der.DERControl) -> None:
    text = write(made, load("csip"))
    assert document(text, load("csip")).foreign == ()
    assert text == write(made, load("2018"))


def test_caps_are_the_profile_s() -> None:
    assert load("2018").caps == Caps()
    assert load("meter").caps.bytes > Caps().bytes
