"""Records of controls, made from documents, for the tests of the mapping to start from.

Nothing here asserts. The document is the smallest that the schema of every edition accepts, with a few
letters in either case.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bridge.mapping import xml
from bridge.mapping.profile import load
from bridge.mapping.sep2 import from_canonical, to_canonical
from models.der import messages as m
from peers.roundtrip import ENVELOPE, PROFILES

NS = "urn:ieee:std:2030.5:ns"
CONTROL = """<DERControl xmlns="{ns}" xmlns:x="urn:example:x" href="/derp/1/derc/2" {root}>
<mRID>0aFFb1</mRID><description>peak</description><creationTime>1700000000</creationTime>
<EventStatus><currentStatus>0</currentStatus><dateTime>1700000000</dateTime>
<potentiallySuperseded>false</potentiallySuperseded></EventStatus>
<interval><duration>3600</duration><start>1700003600</start></interval>
<DERControlBase>{modes}</DERControlBase></DERControl>"""


def control(edition: str, modes: str, root: str = "") -> Any:
    """Return the record of a control that came in as a document."""
    data = CONTROL.format(ns=NS, modes=modes, root=root).encode()
    return to_canonical(xml.read(data, load(PROFILES[edition])), edition, envelope=ENVELOPE)


def changed(record: Any, **modes: Any) -> Any:
    """Return the same control with other modes."""
    return record.model_copy(update={"modes": record.modes.model_copy(update=modes)})


def revalued(amount: m.Amount, value: str) -> m.Amount:
    return amount.model_copy(update={"value": Decimal(value)})


def modes_of(record: Any, edition: str) -> Any:
    """Return the DERControlBase that a control is written with."""
    found: Any = from_canonical(record, edition)
    return found.DERControlBase
