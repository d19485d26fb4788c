"""Sealed units: what must come sealed is refused in clear, and a seal on anything else is worth nothing.

Seals are made and judged by bridge.trust, with real keys and certificates; what a relay could do is done.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bridge.iec61850 import sealing, unit
from bridge.iec61850.floor import Floor, Note
from bridge.iec61850.peer import Out, Peer
from bridge.iec61850.sealing import MEDIA, Misplaced, Sealed
from bridge.iec61850.server import Server
from bridge.trust import seal, verify
from bridge.trust.header import Message
from bridge.trust.refusal import Refused
from tests.iec61850 import conversation, scene
from tests.iec61850.test_server import opened
from tests.trust import sealed as made

ALICE = Peer("alice@dso.example/IEC", made.ALICE.lfdi)
LIMIT = "DWMX1$SP$WMaxSet$setMag$f"
NAME = f"<name><domain-specific><domainId>D1</domainId><itemId>{LIMIT}</itemId></domain-specific></name>"
WHERE = (
    "<variableAccessSpecification><listOfVariable><SEQUENCE><variableSpecification>"
    f"{NAME}</variableSpecification></SEQUENCE></listOfVariable></variableAccessSpecification>"
)
WRITE = (
    f"<write>{WHERE}<listOfData><Data><floating-point>447A0000</floating-point></Data></listOfData></write>"
)
READ = f"<read>{WHERE}</read>"


def request(assoc: str, service: str) -> bytes:
    text = f"<invokeID>1</invokeID><ConfirmedServiceRequest>{service}</ConfirmedServiceRequest>"
    return conversation.wrapped(assoc, f"<confirmed-RequestPDU>{text}</confirmed-RequestPDU>")


def message(payload: bytes, number: int = 1, **changes: Any) -> Message:
    service, reference = sealing.subject(unit.read(payload))
    return made.message(
        number, **{"media": MEDIA, "payload": payload, "service": service, "reference": reference, **changes}
    )


def server(notes: list[Note] | None = None) -> Server:
    """One that takes in clear what only reads."""
    heard: list[Note] = [] if notes is None else notes
    floor = Floor(scene.picture(), scene.allowed, clear=sealing.reads, note=heard.append)
    return Server(floor)


def sent(on: Server, payload: bytes, how: str, judge: verify.Verifier) -> list[Out]:
    """What the shell does: prove a seal, open it, hand in what was sealed."""
    said = sealing.found(payload)
    if said is None:
        return on.receive(ALICE, payload, how, 1.0)
    proved = asyncio.run(verify.verify(said.text, judge, made.NOW))
    peer = ALICE._replace(lfdi=proved.message.sender)
    return on.receive(peer, sealing.opened(said, proved.message), how, 1.0, sealed=True)


def limit(on: Server) -> object:
    return on.floor.image.read("D1", LIMIT)


def test_a_write_in_clear_is_refused_and_a_read_is_served() -> None:
    notes: list[Note] = []
    on = server(notes)
    peer = opened(on, ALICE)
    outs = sent(on, request(peer.assoc, WRITE), "set", made.verifier())
    assert b"sealed only" in outs[0].payload
    assert limit(on) == 0.0
    assert b"success" in sent(on, request(peer.assoc, READ), "get", made.verifier())[0].payload
    assert [(note.what, note.why) for note in notes if note.what == "denied"] == [
        ("denied", "write in clear")
    ]


def test_a_sealed_write_is_done_once() -> None:
    on, judge = server(), made.verifier()
    peer = opened(on, ALICE)
    text = seal.seal(message(request(peer.assoc, WRITE)), made.ALICE.key)
    payload = sealing.covered(peer.assoc, text)
    assert b"success" in sent(on, payload, "set", judge)[0].payload
    assert limit(on) == 1000.0
    with pytest.raises(Refused):
        sent(on, payload, "set", judge)


def test_a_seal_cannot_be_moved_to_another_association_or_peer() -> None:
    on, judge = server(), made.verifier()
    first, second = opened(on, ALICE), opened(on, ALICE, caller="002")
    text = seal.seal(message(request(first.assoc, WRITE)), made.ALICE.key)
    with pytest.raises(Misplaced, match="association"):
        sent(on, sealing.covered(second.assoc, text), "set", judge)
    eve = seal.seal(message(request(first.assoc, WRITE), 2, sender=made.EVE.lfdi), made.EVE.key)
    assert b"<mms:service>1<" in sent(on, sealing.covered(first.assoc, eve), "set", judge)[0].payload
    assert limit(on) == 0.0


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"media": "application/sep+xml"}, "media"),
        ({"service": "read"}, "service"),
        ({"reference": "D1/DWMX1$SP$ModEna"}, "service"),
        ({"payload": b"<x/>"}, "payload"),
        ({"payload": sealing.covered("001:001", "a.b.c"), "service": "", "reference": ""}, "seal within"),
    ],
)
def test_a_seal_on_something_else_is_worth_nothing(changes: dict[str, Any], why: str) -> None:
    said = message(request("001:001", WRITE))._replace(**changes)
    with pytest.raises(Misplaced, match=why):
        sealing.opened(Sealed("001:001", ""), said)


def test_only_a_context_that_holds_a_seal_is_one() -> None:
    assert sealing.found(sealing.covered("1:1", "a.b.c")) == Sealed("1:1", "a.b.c")
    odd = sealing.covered("1:1", "a.b.c").replace(b'"', b"'").replace(b"><", b"> <")
    assert sealing.found(odd) == Sealed("1:1", "a.b.c")
    for payload in (request("001:001", READ), b"sealed", b"<sealed>a.b.c</sealed>", b""):
        assert sealing.found(payload) is None


def test_what_a_header_says_is_the_first_object_of_a_request() -> None:
    assert sealing.subject(unit.read(request("1:1", WRITE))) == ("write", f"D1/{LIMIT}")
    assert sealing.subject(unit.read(request("1:1", "<identify/>"))) == ("", "")
    assert sealing.subject(unit.read(sealing.covered("1:1", "a.b.c"))) == ("", "")
