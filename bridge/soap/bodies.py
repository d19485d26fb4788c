"""What stands in a Body: the operations, each request read into its model, answers and reports written.

The schema (xsd/meter.xsd) says what a request may be, and is asked before a signature is looked at; the model
is made of what was signed. An answer is signed as a request is, so that whoever sent that can prove this.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple, cast

from lxml import etree
from lxml.etree import _Element

from bridge.mapping import xml
from bridge.mapping.profile import load
from bridge.trust.wsse import envelope
from models import kit
from models.meter import meter

NAMESPACE = "http://schemas.esb.ams.com/smtxpmessaging"
SCHEMA = "meter.xsd"
SCHEMAS = (SCHEMA, "meter-soap.xsd", "meter-wsse.xsd", "meter-wsu.xsd")
"""The files that the service is described by."""
Request = meter.PriceSignalRequest | meter.SimpleMessageRequest


class Operation(NamedTuple):
    """One operation."""

    name: str
    right: str
    """What a company must have been let do."""
    inside: str
    """Element of the request in it."""
    answer: str
    """Element of the acknowledgement in its answer."""
    answered: type[kit.Model]
    """Class of the answer."""


PRICE = Operation(
    "processPricingMessage", "price", "SMTxPPriceSignalRequest", "SMTxPPriceSignalResponse",
    meter.ProcessPricingMessageResponse,
)  # fmt: skip
MESSAGE = Operation(
    "processSimpleMessaging", "message", "SMTxPSimpleMessageRequest", "SMTxPSimpleMessageResponse",
    meter.ProcessSimpleMessagingResponse,
)  # fmt: skip
OPERATIONS: Mapping[str, Operation] = {f"{{{NAMESPACE}}}{each.name}": each for each in (PRICE, MESSAGE)}
REPORT = f"{{{NAMESPACE}}}reportProgress"


class Unfit(ValueError):
    """A Body is not one of an operation: `reason` is `operation` or `schema`."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@cache
def schema() -> etree.XMLSchema:
    """The schema, compiled."""
    return etree.XMLSchema(etree.parse(str(files("xsd") / SCHEMA)))


def content(body: _Element) -> _Element:
    """The one element in a Body."""
    envelope.bare(body, "envelope", map(str, body.keys()))
    if len(body) != 1:
        raise Unfit("operation", f"{len(body)} elements in Body, not one")
    return body[0]


def judged(body: _Element) -> tuple[Operation, _Element]:
    """The operation in a Body, which the schema takes."""
    element = content(body)
    found = OPERATIONS.get(str(element.tag))
    if found is None:
        raise Unfit("operation", f"there is no operation {envelope.local(element)}")
    held(element)
    return found, element


def held(element: _Element) -> None:
    """Refuse an element that the schema does not take."""
    if not schema().validate(element):
        last = cast("Any", schema().error_log).last_error
        raise Unfit("schema", f"line {last.line}: {last.message}"[:300] if last else "not by the schema")


def request(operation: Operation, element: _Element) -> Request:
    """The request in an operation that the schema has taken."""
    try:
        made = xml.from_element(element, load("meter"))
    except xml.Refused as fault:
        raise Unfit("schema", str(fault)) from None
    return cast("Request", getattr(made, operation.inside))


def written(obj: kit.Model) -> _Element:
    """An answer or a report as an element; what is written here is held by the schema like all else."""
    return etree.fromstring(xml.write(obj, load("meter")))


def accepted(operation: Operation, name: str) -> _Element:
    """The answer to a request that was taken, under the number that it goes by."""
    said = meter.Acknowledgement(RequestID=name, Verdict=meter.Verdict.accepted)
    return written(operation.answered(**{operation.answer: said}))


def acknowledged(body: _Element) -> meter.Acknowledgement:
    """What an answer, or a report, says."""
    element = content(body)
    held(element)
    made = xml.from_element(element, load("meter"))
    found = next(iter(made.__dict__.values()), None)
    if not isinstance(found, meter.Acknowledgement):
        raise Unfit("operation", f"{envelope.local(element)} acknowledges nothing")
    return found


def reported(body: _Element) -> meter.Acknowledgement:
    """What a progress report says; Unfit where it is another thing."""
    if content(body).tag != REPORT:
        raise Unfit("operation", "no progress report")
    return acknowledged(body)
