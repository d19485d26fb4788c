"""The codec of units: every sample of the shape is read and written back the same, and nothing else is read.

What the profile takes is compared with lxml's own verdict by the schema; the samples are those of tests/xsd.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from bridge.iec61850 import unit
from bridge.mapping import profile, xml
from bridge.mapping.xml import Refused
from tests.iec61850 import conversation
from tests.xsd.test_mms import BROKEN, SAMPLES, sample

MMS = profile.load("mms")
READ = sample("context-read")
FOREIGN = [
    ("<ctx ", '<ctx xmlns:f="urn:foreign" f:a="1" '),
    ("<read ", '<read xmlns:f="urn:foreign" f:a="1" '),
    ("</read>", '<x xmlns="urn:foreign"/></read>'),
    ("</ctx>", '<x xmlns="urn:foreign"/></ctx>'),
    ("<invokeID>", '<invokeID xmlns="urn:foreign">'),
    ("<invokeID>", '<invokeID xmlns="">'),
    ("urn:derbridge:mms", "urn:derbridge:other"),
    ("2018/SCSM_8_2", "2019/SCSM_8_2"),
    ("<ctx ", '<ctx xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true" '),
    ("</invokeID>", "<!-- x --></invokeID>"),
    ("</invokeID>", "</invokeID><?x y?>"),
    ("</invokeID>", "</invokeID>text"),
]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_is_read_and_written_back_the_same(path: Path) -> None:
    data = path.read_bytes()
    root = etree.fromstring(data)
    name = etree.QName(root)
    if name.localname in {"cancel-RequestPDU", "cancel-ResponsePDU"}:
        return  # a bare number is no document of its own; within its context it is tested below
    made = xml.read(data, MMS)
    again = xml.write(made, MMS, root=f"{{{name.namespace}}}{name.localname}")
    assert conversation.plain(again) == conversation.plain(data)
    conversation.XSD.assertValid(etree.fromstring(again))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_is_read_in_its_context_and_written_back_the_same(path: Path) -> None:
    text = path.read_text("utf-8")
    if "<ctx" not in text:
        text = f'<ctx xmlns="urn:derbridge:mms" assoc="1:1">{text}</ctx>'
    found = unit.read(text.encode())
    again = unit.write(found.assoc, found.choice.tag, found.choice.value)
    assert conversation.plain(again) == conversation.plain(text.encode())


@pytest.mark.parametrize("row", BROKEN, ids=[f"{row[0]}: {row[3]}" for row in BROKEN])
def test_what_is_broken_is_refused(row: tuple[str, str, str, str]) -> None:
    name, old, new, _ = row
    text = sample(name).replace(old, new)
    if "<ctx" not in text:
        text = f'<ctx xmlns="urn:derbridge:mms" assoc="1:1">{text}</ctx>'
    with pytest.raises(Refused):
        unit.read(text.encode())


@pytest.mark.parametrize(("old", "new"), FOREIGN)
def test_what_is_foreign_is_refused_wherever_it_stands(old: str, new: str) -> None:
    assert old in READ
    unit.read(READ.encode())
    with pytest.raises(Refused):
        unit.read(READ.replace(old, new, 1).encode())


def test_a_unit_without_its_context_is_none() -> None:
    with pytest.raises(Refused):
        unit.read(sample("read-request").encode())
