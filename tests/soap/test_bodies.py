"""Requests into their models, answers and reports out of them, faults and the description, by the schema."""

from __future__ import annotations

from pathlib import Path

import pytest
import xmlschema
from lxml import etree

from bridge.soap import bodies, fault, wsdl
from bridge.soap.bodies import MESSAGE, NAMESPACE, PRICE, Unfit
from bridge.trust.wsse import refusal
from models.meter import meter

XSD = Path(__file__).parents[2] / "xsd"
SAMPLES = XSD.parent / "tests" / "xsd" / "meter"
SOAP = f"{{{refusal.SOAP}}}"


def body(name: str) -> etree._Element:
    found = etree.parse(SAMPLES / f"{name}.xml").getroot().find(f"{SOAP}Body")
    assert found is not None
    return found


def test_requests_are_read() -> None:
    operation, element = bodies.judged(body("price"))
    read = bodies.request(operation, element)
    assert operation is PRICE
    assert isinstance(read, meter.PriceSignalRequest)
    assert read.PriceMessageBlock.GenerationPrice == 900
    assert read.AddressBlock.AddressList
    assert len(read.AddressBlock.AddressList.Address) == 2
    operation, element = bodies.judged(body("message"))
    assert operation is MESSAGE
    assert isinstance(bodies.request(operation, element), meter.SimpleMessageRequest)


@pytest.mark.parametrize("name", ["report", "fault", "price-answer"])
def test_what_is_no_operation_of_ours_is_refused(name: str) -> None:
    with pytest.raises(Unfit) as caught:
        bodies.judged(body(name))
    assert caught.value.reason == "operation"


@pytest.mark.parametrize("operation", [PRICE, MESSAGE])
def test_answers_are_valid_and_come_back(operation: bodies.Operation) -> None:
    element = bodies.accepted(operation, "r-7")
    xmlschema.XMLSchema(XSD / "meter.xsd").validate(element)
    holder = etree.Element(f"{SOAP}Body")
    holder.append(element)
    assert bodies.acknowledged(holder) == meter.Acknowledgement(
        RequestID="r-7", Verdict=meter.Verdict.accepted
    )
    with pytest.raises(Unfit):
        bodies.reported(holder)


def test_reports_come_back() -> None:
    said = bodies.reported(body("report"))
    assert (said.RequestID, said.Verdict) == ("r-1", meter.Verdict.delivered)
    again = etree.Element(f"{SOAP}Body")
    again.append(bodies.written(meter.ReportProgress(SMTxPProgressReport=said)))
    assert bodies.reported(again) == said


@pytest.mark.parametrize("code", sorted(set(fault.CODES.values())))
def test_each_fault_is_valid_and_tells_its_code_alone(code: str) -> None:
    made = etree.fromstring(fault.body(code))
    xmlschema.XMLSchema(XSD / "meter.xsd").validate(made)
    prefix, _, local = (made.findtext(".//faultcode") or "").partition(":")
    assert f"{{{made.nsmap[prefix]}}}{local}" == code
    assert made.findtext(".//faultstring") == fault.TEXTS[local]
    assert etree.fromstring(fault.body(code, "for you & me")).findtext(".//faultstring") == "for you & me"


def test_description_names_what_there_is() -> None:
    made = etree.fromstring(wsdl.document("https://meter.example:8445/smt?a=1&b=2"))
    spaces = {"w": "http://schemas.xmlsoap.org/wsdl/", "s": "http://schemas.xmlsoap.org/wsdl/soap/"}
    parts = [str(each.get("element")) for each in made.iterfind(".//w:part", spaces)]
    assert {part.partition(":")[2] for part in parts} == set(xmlschema.XMLSchema(XSD / "meter.xsd").elements)
    address = made.find(".//s:address", spaces)
    assert address is not None
    assert address.get("location") == "https://meter.example:8445/smt?a=1&b=2"
    assert made.get("targetNamespace") == NAMESPACE


@pytest.mark.parametrize("name", bodies.SCHEMAS)
def test_schemas_are_served_as_they_are_but_for_their_places(name: str) -> None:
    served = wsdl.schema(name)
    assert served
    there = (XSD / name).read_text("utf-8")
    assert served.decode().replace('"?xsd=', '"') == there


@pytest.mark.parametrize("name", ["", "der.xsd", "../pyproject.toml", "/etc/hosts"])
def test_no_other_file_is_served(name: str) -> None:
    assert wsdl.schema(name) is None
