"""The virtual server as one: a unit's device with report blocks and controls, found, read and reported."""

from __future__ import annotations

import struct
from decimal import Decimal

from lxml import etree

import models.der.messages as m
from bridge.iec61850 import discovery, unit
from bridge.iec61850.buffer import Memory
from bridge.iec61850.control import Controls
from bridge.iec61850.estate import Estate
from bridge.iec61850.floor import Floor
from bridge.iec61850.peer import Out, Peer
from bridge.iec61850.report import Reports
from bridge.iec61850.server import Server
from bridge.iec61850.terms import Terms
from models.mms import mms_ours
from tests.iec61850 import conversation
from tests.iec61850.controlled import Works
from tests.iec61850.test_discovery import found, travelled
from tests.iec61850.test_server import opened
from tests.iec61850.units import AT, LFDI, everything, said, served

NAME = "<domain-specific><domainId>{}</domainId><itemId>{}</itemId></domain-specific>"


def whole() -> tuple[Server, Estate, str, Works]:
    """A server of one unit that can do everything."""
    estate, _ = served(everything())
    (domain,) = estate.image.domains
    rooms: list[Server] = []
    works = Works()
    reports = Reports(estate.image, Memory(), lambda peer: rooms[0].room(peer))  # noqa: PLW0108  made later
    reports.join(domain, AT)
    floor = Floor(estate.image, lambda *_: True, reports=reports, controls=Controls(estate.image, works))
    rooms.append(Server(floor))
    return rooms[0], estate, domain, works


def ask(server: Server, peer: Peer, service: str, how: str) -> list[Out]:
    text = f"<invokeID>1</invokeID><ConfirmedServiceRequest>{service}</ConfirmedServiceRequest>"
    sent = conversation.wrapped(peer.assoc, f"<confirmed-RequestPDU>{text}</confirmed-RequestPDU>")
    return server.receive(peer, sent, how, AT)


def where(domain: str, item: str) -> str:
    name = f"<variableSpecification><name>{NAME.format(domain, item)}</name></variableSpecification>"
    listed = f"<listOfVariable><SEQUENCE>{name}</SEQUENCE></listOfVariable>"
    return f"<variableAccessSpecification>{listed}</variableAccessSpecification>"


def test_a_client_finds_the_device_as_it_is() -> None:
    server, estate, domain, _ = whole()
    got = found(server, discovery.server(), Terms().detail)
    there = estate.image.domains[domain]
    loose = {item for _, item in got.loose}
    types, wanted = got.domains[domain].index.types, there.index.types
    assert set(types) == set(wanted)
    assert {item for item in wanted if types[item] != wanted[item]} <= loose


def test_what_need_not_wait_for_each_other_is_under_way_together() -> None:
    """As much as the association has room for: five at once take little more than a fifth of the trips."""
    server, *_ = whole()
    together, trips = travelled(server, discovery.server(), Terms(calling=5))
    single, more = travelled(server, discovery.server(), Terms(calling=1))
    assert together == single
    assert trips * 4 < more, (trips, more)


def test_every_node_of_the_device_can_be_read() -> None:
    server, estate, domain, _ = whole()
    peer = opened(server)
    for node, _ in estate.image.domains[domain].type.fields:
        (out,) = ask(server, peer, f"<read>{where(domain, node)}</read>", "get")
        answer = unit.read(out.payload).choice
        assert isinstance(answer, mms_ours.Context_confirmed_ResponsePDU), node
        assert b"failure" not in out.payload, node
        conversation.XSD.assertValid(etree.fromstring(out.payload))


def test_a_record_that_is_shown_is_reported_to_who_has_asked() -> None:
    server, estate, domain, _ = whole()
    peer = opened(server)
    held = estate.image.domains[domain].leaves
    blocks = [item for item, value in held.items() if value == f"{domain}/LLN0$Measurements"]
    block = next(item for item in blocks if "$RP$" in item).removesuffix("$DatSet")
    given = "<listOfData><Data><boolean>true</boolean></Data></listOfData>"
    outs = ask(server, peer, f"<write>{where(domain, f'{block}$RptEna')}{given}</write>", "set")
    assert b"success" in outs[0].payload
    kind = m.ReadingType(uom=38, kind=37, phase=0, powerOfTenMultiplier=1)
    value = m.Value(value=Decimal(321), start=Decimal(1_700_000_060), qualityFlags="0010")
    series = m.Series(mRID="00", type=kind, value=value)
    estate.show(LFDI, m.Reading(**said(series=(series,))), AT + 1)
    told = [out for out in server.tick(server.deadline or AT + 1) if out.how == "message"]
    assert {out.peer for out in told} == {peer}
    assert b"4548A000" in b"".join(out.payload for out in told)
    assert struct.unpack(">f", bytes.fromhex("4548A000")) == (3210.0,)
