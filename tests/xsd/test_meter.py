"""The SOAP schema: samples of every operation are taken, broken ones refused, by lxml and xmlschema alike.

The samples are our own; they follow the names and the order that the published examples show.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import xmlschema
from lxml import etree

XSD = Path(__file__).parents[2] / "xsd"
SAMPLES = sorted((Path(__file__).parent / "meter").glob("*.xml"))
XS = "{http://www.w3.org/2001/XMLSchema}"
SMT = "{http://schemas.esb.ams.com/smtxpmessaging}"
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"

BROKEN = [
    ("price", "SMTxPPriceSignalRequest>", "SMTxPPPriceSignalRequest>", "the name with one P too many"),
    ("price", "<UOM>0</UOM>", "", "no unit of measure"),
    (
        "price",
        "<RequesterType>0</RequesterType>",
        "<smt:RequesterType>0</smt:RequesterType>",
        "a child with a name space",
    ),
    ("price", "<RequesterType>0", "<RequesterType>10", "a requester type of two digits"),
    (
        "price",
        "AuthenticationID>123456789<",
        "AuthenticationID>12345678<",
        "a company number of eight digits",
    ),
    ("price", "<RequestPriority>L", "<RequestPriority>X", "an unknown priority"),
    ("price", "<ESIID>10443720000000001<", "<ESIID>1044372000000000<", "a service point of sixteen digits"),
    ("price", "<MeterSerialNumber>60000001</MeterSerialNumber>", "", "no meter number"),
    ("price", "<Price>125", "<Price>1.25", "a price with a point"),
    ("price", "<Price>125", "<Price>4294967296", "a price of 33 bits"),
    ("price", "<PriceTrailingDigit>4", "<PriceTrailingDigit>16", "sixteen trailing digits"),
    ("price", "<Duration>480", "<Duration>65536", "a duration of 17 bits"),
    ("price", "<Currency>USD", "<Currency>840", "a currency by number"),
    ("price", "2026-03-01T22:00:00<", "2026-13-01T22:00:00<", "a thirteenth month"),
    ("price", "2026-03-01T22:00:00<", "2026-03-01T22:00:00Z<", "a local time with a zone"),
    ("price", "12:05:00Z", "12:05:00", "a security time without a zone"),
    ("price", "<wsu:Expires>2026-03-01T12:05:00Z</wsu:Expires>", "", "a time stamp without an end"),
    ("price", 'wsu:Id="user"', 'wsu:Id="time"', "two parts of one name"),
    ("price", 'mustUnderstand="1"', 'mustUnderstand="yes"', "a flag in words"),
    (
        "price",
        "</soapenv:Body>",
        "<smt:reportProgressResponse><RequestID>x</RequestID></smt:reportProgressResponse></soapenv:Body>",
        "two operations",
    ),
    ("message", "<soapenv:Body>", "<soapenv:Body/><soapenv:Body>", "two bodies"),
    ("message", "smt:processSimpleMessaging>", "smt:processAnything>", "an unknown operation"),
    ("message", "<MCPriority>2", "<MCPriority>4", "a message priority beyond 3"),
    ("message", "<wsse:Username>HOME_ENERGY</wsse:Username>", "<wsse:Username/>", "an empty account"),
    ("message", "</wsse:Username>", "</wsse:Username><wsse:Password>x</wsse:Password>", "a password"),
    ("message", "<AddressBlock><GroupID>feeder-12</GroupID></AddressBlock>", "", "no addresses"),
    ("message-answer", "<Verdict>refused", "<Verdict>perhaps", "an unknown verdict"),
    ("fault", "<faultcode>wsse:FailedCheck", "<faultcode>a b", "a fault code that is no name"),
    (
        "fault",
        "<faultstring>The signature or decryption was invalid</faultstring>",
        "",
        "a fault without words",
    ),
]


@pytest.fixture(scope="module")
def fast() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(XSD / "meter.xsd"))


@pytest.fixture(scope="module")
def slow() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(XSD / "meter.xsd")


def sample(name: str) -> str:
    return (Path(__file__).parent / "meter" / f"{name}.xml").read_text(encoding="utf-8")


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


def test_ten_thousand_addresses_and_no_more(fast: etree.XMLSchema) -> None:
    tree = etree.fromstring(sample("price").encode())
    held = tree.find(".//AddressList")
    assert held is not None
    one = etree.tostring(held[0])
    held[:] = [etree.fromstring(one) for _ in range(10_000)]
    assert fast.validate(tree), fast.error_log
    held.append(etree.fromstring(one))
    assert not fast.validate(tree)


def test_each_operation_has_a_sample(slow: xmlschema.XMLSchema) -> None:
    bodies = {str(etree.parse(path).findall(f"{SOAP}Body/*")[0].tag) for path in SAMPLES}
    assert bodies == {f"{SMT}{name}" for name in slow.elements} | {f"{SOAP}Fault"}
    assert len(slow.elements) == 6


def test_every_name_has_a_grade() -> None:
    path = f"{XS}annotation/{XS}appinfo/evidence"
    rows = [
        (one.get("name"), None if (mark := one.find(path)) is None else mark.get("grade"))
        for one in etree.parse(XSD / "meter.xsd").iter(f"{XS}element")
    ]
    assert rows
    assert [row for row in rows if row[1] not in {"A", "C"}] == []
