"""The 8-2-shaped PDU schema: each service has a sample that is taken, broken ones are not, names have grades.

Each verdict is asked of lxml and of xmlschema, which share no code. The samples are our own.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import xmlschema
from lxml import etree

XSD = Path(__file__).parents[2] / "xsd"
SAMPLES = sorted((Path(__file__).parent / "mms").glob("*.xml"))
XS = "{http://www.w3.org/2001/XMLSchema}"
MMS = "{http://www.iec.ch/61850/2018/SCSM_8_2}"

BROKEN = [
    ("read-request", "<invokeID>3</invokeID>", "", "a request without its number"),
    ("read-request", "ConfirmedServiceRequest>", "service>", "the field's name in place of the type's"),
    ("read-request", "<SEQUENCE>", "<SEQUENCE><oops/>", "an unknown element"),
    ("read-request", 'Result="false"', 'Result="no"', "not a boolean"),
    ("read-request", "MMXU1$MX$TotW", "MMXU1.TotW", "a dot in an item name"),
    ("read-request", "MMXU1$MX$TotW", "M" * 65, "an item name of 65 characters"),
    ("read-request", "2018/SCSM_8_2", "2018/SCSM_8_3", "a foreign name space"),
    ("read-response", "4589D000", "084589D000", "a float with the octet of the binary encoding"),
    ("read-response", "4589D000", "1.5", "a float in decimal"),
    ("read-response", "6553F1008000000A", "6553F10080000A", "a time of seven octets"),
    ("read-response", "0000000000000<", "2000000000000<", "a bit that is 2"),
    ("read-failure", "<failure>10", "<failure>12", "a data access error beyond 11"),
    ("read-failure", "<failure>10", "<failure>-1", "a data access error below 0"),
    ("write-response", "<success/>", "", "an empty CHOICE"),
    ("write-response", "<success/>", "<success>1</success>", "success with content"),
    ("write-request", "<listOfData>", "<listOfData><integer>1</integer>", "a value outside Data"),
    ("write-request", "<integer>-5</integer>", "<unsigned>-5</unsigned>", "a sign where none can be"),
    ("operate-request", "<unsigned>7", "<unsigned>4294967296", "a number of 33 bits"),
    ("getNameList-request", "<domain/>", "<domain/><journal/>", "two classes"),
    ("getNameList-request", "<vmdSpecific/>", "", "no scope"),
    ("getNameList-response", "Identifier>DER1DER<", "Identifier>DER-1<", "a hyphen in a name"),
    ("confirmed-error", "<access>2", "<access>5", "an access code that does not exist"),
    ("confirmed-error", "<access>2</access>", "", "no class"),
    ("reject", "<confirmed-requestPDU>4", "<confirmed-requestPDU>7", "a reason that does not exist"),
    ("report", "informationReport>", "eventNotification>", "a service IEC 61850 does not use"),
    ("fileRead-response", "00FF10a0", "00FF10a", "half an octet"),
    ("fileOpen-response", "20240117103000", "2024-01-17", "a date in another form"),
    ("readJournal-request", "<numberOfEntries>10", "<numberOfEntries>ten", "a word for a number"),
    ("context-read", 'assoc="001:001"', "", "a context without association"),
    ("context-read", 'assoc="001:001"', 'assoc="001"', "an association with one end"),
    ("context-sealed", "</sealed>", ".x</sealed>", "a seal of four parts"),
    ("context-extended-request", "<atMost>200", "<atMost>0", "a page of nothing"),
]


@pytest.fixture(scope="module")
def fast() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(XSD / "mms-ours.xsd"))


@pytest.fixture(scope="module")
def slow() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(XSD / "mms-ours.xsd")


def sample(name: str) -> str:
    return (Path(__file__).parent / "mms" / f"{name}.xml").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_sample_is_taken(path: Path, fast: etree.XMLSchema, slow: xmlschema.XMLSchema) -> None:
    tree = etree.parse(path)
    fast.assertValid(tree)
    slow.validate(tree)


@pytest.mark.parametrize("row", BROKEN, ids=[f"{row[0]}: {row[3]}" for row in BROKEN])
def test_broken_is_refused(
    row: tuple[str, str, str, str], fast: etree.XMLSchema, slow: xmlschema.XMLSchema
) -> None:
    name, old, new, why = row
    text = sample(name)
    assert old in text, "the sample no longer holds what this row breaks"
    tree = etree.fromstring(text.replace(old, new).encode())
    assert not fast.validate(tree), why
    assert not slow.is_valid(tree), why


@pytest.mark.parametrize("direction", ["Request", "Response"])
def test_each_service_has_samples(direction: str) -> None:
    path = f".//{XS}complexType[@name='ConfirmedService{direction}']//{XS}element"
    services = {one.get("name") for one in etree.parse(XSD / "mms.xsd").iterfind(path)}
    found = {
        one.tag
        for path in SAMPLES
        for one in etree.parse(path).iterfind(f".//{MMS}ConfirmedService{direction}/*")
    }
    assert {f"{MMS}{name}" for name in services} == found
    assert len(services) == 15


def test_each_unit_has_a_sample(slow: xmlschema.XMLSchema) -> None:
    units = {name for name in slow.maps.elements if name.startswith(MMS)}
    assert units <= {etree.parse(path).getroot().tag for path in SAMPLES}
    assert len(units) == 14


def grades(name: str) -> list[tuple[str, str | None]]:
    """Every element and attribute that a schema declares, with its grade."""
    path = f"{XS}annotation/{XS}appinfo/evidence"
    return [
        (str(one.get("name")), None if (mark := one.find(path)) is None else mark.get("grade"))
        for one in etree.parse(XSD / name).iter(f"{XS}element", f"{XS}attribute")
        if one.get("name")
    ]


@pytest.mark.parametrize(("name", "allowed"), [("mms.xsd", {"A", "B", "N"}), ("mms-ours.xsd", {"C"})])
def test_every_name_has_a_grade(name: str, allowed: set[str]) -> None:
    rows = grades(name)
    assert rows
    assert [row for row in rows if row[1] not in allowed] == []


@pytest.mark.parametrize(
    ("name", "structure"), [("lastApplError", "LastApplError"), ("operate-later", "SBOw")]
)
def test_control_structures_follow_their_note(name: str, structure: str) -> None:
    note = etree.parse(XSD / "mms.xsd").find(f".//structure[@name='{structure}']")
    assert note is not None
    held = etree.fromstring(sample(name).encode()).find(f".//{MMS}structure")
    assert held is not None
    tags = [etree.QName(data[0]).localname for data in held]
    wanted = [str(member.get("data")) for member in note]
    assert len(tags) == len(wanted)
    assert all(want in ("any", tag) for tag, want in zip(tags, wanted, strict=True))
