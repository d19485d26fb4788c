"""The server as a whole: whatever comes in, an iq is answered once, nothing is raised, no more changes."""

from __future__ import annotations

from copy import deepcopy
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.iec61850 import association, serving, table, unit
from bridge.iec61850.cases import cases
from bridge.iec61850.floor import Floor, Note
from bridge.iec61850.hooks import Call
from bridge.iec61850.image import Image
from bridge.iec61850.peer import Out, Peer, Report
from bridge.iec61850.server import ALL, EACH, Server
from bridge.iec61850.shape import Value
from bridge.iec61850.terms import Terms
from models.mms import codes, mms_ours, services
from tests.iec61850 import conversation, scene

UTILITY = Peer("utility@dso.example/IEC", "A" * 40)
HOWS = st.sampled_from(["get", "set", "message"])
UNITS = [
    (line.words.split()[-1], conversation.wrapped(line.words.split()[-1], line.body))
    for path in sorted(conversation.HERE.glob("*.txt"))
    for line in conversation.lines(path.read_text("utf-8"))
    if " -> " in line.words and not line.words.startswith("raw ")
]


def opened(server: Server, peer: Peer = UTILITY, caller: str = "001", now: float = 0.0) -> Peer:
    """Open an association and give its name."""
    sent = conversation.wrapped(f"{caller}:000", conversation.INITIATE.format(size=65000))
    out = server.receive(peer, sent, "set", now)[0]
    assert b"initiate-ResponsePDU" in out.payload
    return out.peer


def ask(server: Server, peer: Peer, service: str, how: str = "get") -> list[Out]:
    """Send one confirmed request."""
    text = f"<invokeID>1</invokeID><ConfirmedServiceRequest>{service}</ConfirmedServiceRequest>"
    sent = conversation.wrapped(peer.assoc, f"<confirmed-RequestPDU>{text}</confirmed-RequestPDU>")
    return server.receive(peer, sent, how, 0.0)


def held(picture: Image) -> object:
    """All that a picture holds."""
    return {name: (dict(one.leaves), deepcopy(dict(one.sets))) for name, one in picture.domains.items()}


def answered_once(outs: list[Out], how: str) -> None:
    assert sum(out.how in {"result", "error"} for out in outs) == (how != "message")
    for out in outs:
        if out.how != "error":
            unit.read(out.payload)


@given(st.binary(max_size=400), HOWS)
def test_any_bytes_are_answered_and_change_nothing(payload: bytes, how: str) -> None:
    server = scene.server()
    opened(server)
    before = held(server.floor.image)
    answered_once(server.receive(UTILITY, payload, how, 1.0), how)
    assert held(server.floor.image) == before


@given(st.data(), HOWS)
def test_a_unit_that_was_tampered_with_is_answered_and_changes_nothing_unsaid(
    data: st.DataObject, how: str
) -> None:
    server = scene.server()
    opened(server)
    _, sent = data.draw(st.sampled_from(UNITS))
    at = data.draw(st.integers(0, len(sent)))
    cut = data.draw(st.integers(0, 20))
    changed = sent[:at] + data.draw(st.binary(max_size=8)) + sent[at + cut :]
    before = held(server.floor.image)
    outs = server.receive(UTILITY, changed, how, 1.0)
    answered_once(outs, how)
    told = b"".join(out.payload for out in outs)
    if held(server.floor.image) != before:
        assert how == "set"
        assert b"success" in told or b"NamedVariableList" in told


@given(st.lists(st.tuples(st.sampled_from(UNITS), HOWS), max_size=12))
def test_units_in_any_order_are_each_answered_once(sent: list[tuple[tuple[str, bytes], str]]) -> None:
    server = scene.server()
    for (_, payload), how in sent:
        answered_once(server.receive(UTILITY, payload, how, 1.0), how)


def test_the_tables_know_every_unit_and_every_service() -> None:
    assert set(association.TABLE) == set(cases(mms_ours, "Context"))
    assert set(table.SERVICES) == set(cases(services, "ConfirmedServiceRequest"))
    assert set(serving.OWN) <= set(table.SERVICES)
    steps = {step for row in association.TABLE.values() for step in (row.absent, row.opened)}
    assert steps == set(scene.server().steps)


@pytest.mark.parametrize("room", [2048, 2500, 4096, 65000])
def test_pages_joined_are_the_whole_list_and_each_fits(room: int) -> None:
    server = scene.server()
    sent = conversation.wrapped("001:000", conversation.INITIATE.format(size=room))
    peer = server.receive(UTILITY, sent, "set", 0.0)[0].peer
    after = ""
    found: list[str] = []
    while True:
        rest = f"<continueAfter>{after}</continueAfter>" if after else ""
        out = ask(
            server,
            peer,
            f"<getNameList><objectClass><namedVariable/></objectClass><objectScope><domainSpecific>D1</domainSpecific></objectScope>{rest}</getNameList>",
        )[0]
        assert len(out.payload) <= room
        choice = cast("mms_ours.Context_confirmed_ResponsePDU", unit.read(out.payload).choice)
        page = cast(
            "services.ConfirmedServiceResponse_getNameList", choice.value.ConfirmedServiceResponse.choice
        )
        found += page.value.listOfIdentifier.Identifier
        if not page.value.moreFollows:
            break
        after = found[-1]
    assert tuple(found) == server.floor.image.domains["D1"].index.names


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("<proposedVersionNumber>1<", "<proposedVersionNumber>0<", 1),
        (">65000<", ">2047<", 2),
        ("OutstandingCalling>5<", "OutstandingCalling>0<", 3),
        ("OutstandingCalled>5<", "OutstandingCalled>-1<", 4),
        (">11110001000<", ">1101<", 6),
        (
            "<initRequestDetail>",
            "<proposedDataStructureNestingLevel>4</proposedDataStructureNestingLevel><initRequestDetail>",
            7,
        ),
    ],
)
def test_terms_that_a_server_cannot_work_with_are_refused_by_name(old: str, new: str, code: int) -> None:
    server = scene.server()
    text = conversation.INITIATE.format(size=65000)
    assert old in text
    out = server.receive(UTILITY, conversation.wrapped("001:000", text.replace(old, new)), "set", 0.0)[0]
    choice = unit.read(out.payload).choice
    assert choice.tag == "initiate-ErrorPDU"
    assert (choice.value.errorClass.choice.tag, choice.value.errorClass.choice.value) == ("initiate", code)


def test_an_account_has_so_many_associations_and_no_more() -> None:
    server = scene.server()
    for place in range(EACH):
        opened(server, caller=f"c{place}")
    sent = conversation.wrapped("last:000", conversation.INITIATE.format(size=65000))
    assert b"initiate-ErrorPDU" in server.receive(UTILITY, sent, "set", 0.0)[0].payload
    opened(server, UTILITY._replace(jid="other@dso.example/IEC"))
    server.gone(UTILITY, 1.0)
    opened(server, caller="last")
    assert EACH < ALL


def test_a_unit_beyond_the_servers_size_is_not_even_read() -> None:
    notes: list[Note] = []
    server = scene.server(notes, Terms(detail=2048))
    outs = server.receive(UTILITY, b"<" * 2049, "get", 0.0)
    assert [(out.how, out.payload) for out in outs][1:] == [("error", b"policy-violation")]
    assert [(note.what, note.why) for note in notes] == [("rejected", "too long")]


def test_what_is_refused_is_noted_with_who_and_why() -> None:
    notes: list[Note] = []
    server = scene.server(notes)
    peer = opened(server)
    ask(server, peer, "<fileDirectory/>")
    ask(
        server,
        peer,
        "<getNamedVariableListAttributes><domain-specific><domainId>D2</domainId><itemId>x</itemId></domain-specific></getNamedVariableListAttributes>",
    )
    server.receive(peer, b"<x/>", "get", 0.0)
    server.gone(peer, 0.0)
    assert [note.what for note in notes] == ["opened", "rejected", "rejected", "ended"]
    assert {note.peer.jid for note in notes} == {UTILITY.jid}


class Broken:
    """A neighbour that fails at every turn."""

    deadline = 5.0

    def tick(self, _now: float) -> list[Report]:
        raise RuntimeError("tick")

    def gone(self, _peer: Peer, _now: float) -> None:
        raise RuntimeError("gone")

    def read(self, _peer: Peer, _domain: str, _item: str) -> Value:
        raise RuntimeError("read")

    def write(self, *_: object) -> codes.DataAccessError | None:
        raise RuntimeError("write")


RPT_ID = "<domain-specific><domainId>D1</domainId><itemId>LLN0$RP$Measures01$RptID</itemId></domain-specific>"
VARIABLE = f"<SEQUENCE><variableSpecification><name>{RPT_ID}</name></variableSpecification></SEQUENCE>"
WHERE = (
    f"<variableAccessSpecification><listOfVariable>{VARIABLE}</listOfVariable></variableAccessSpecification>"
)
GIVEN = "<listOfData><Data><visible-string>x</visible-string></Data></listOfData>"
FAILING = [
    (f"<read>{WHERE}</read>", "get"),
    (f"<write>{WHERE}{GIVEN}</write>", "set"),
    ("<fileDirectory/>", "get"),
]


def failing(_call: Call) -> services.ConfirmedServiceResponse_choice:
    raise RuntimeError("open")


def test_a_neighbour_that_fails_takes_nobody_with_it() -> None:
    notes: list[Note] = []
    handlers = {"fileDirectory": failing}
    floor = Floor(scene.picture(), scene.allowed, reports=Broken(), services=handlers, note=notes.append)
    server = Server(floor)
    peer = opened(server)
    for service, how in FAILING:
        outs = ask(server, peer, service, how)
        answered_once(outs, how)
        assert b"<mms:vmd-state>2<" in outs[0].payload
    assert b"identify" in ask(server, peer, "<identify/>")[0].payload
    server.gone(peer, 1.0)
    assert {note.why for note in notes if note.what == "failed"} == {
        f"RuntimeError('{word}')" for word in ("tick", "gone", "read", "write", "open")
    }
    assert server.deadline == 5.0


class Telling(Broken):
    """A neighbour that reports the same to everybody it ever knew."""

    def __init__(self, peers: list[Peer]) -> None:
        self.peers = peers

    def tick(self, _now: float) -> list[Report]:
        sent = conversation.wrapped("1:1", REPORTED)
        held = cast("mms_ours.Context_unconfirmed_PDU", unit.read(sent).choice).value
        return [Report(peer, held) for peer in self.peers]

    def gone(self, _peer: Peer, _now: float) -> None:
        return


LISTED = "<variableListName><vmd-specific>RPT</vmd-specific></variableListName>"
SAID = f"<variableAccessSpecification>{LISTED}</variableAccessSpecification><listOfAccessResult/>"
REPORTED = f"<unconfirmed-PDU><informationReport>{SAID}</informationReport></unconfirmed-PDU>"


def test_a_report_goes_to_an_association_that_is_open_and_to_no_other() -> None:
    peers: list[Peer] = []
    server = Server(Floor(scene.picture(), scene.allowed, reports=Telling(peers)))
    first, second = opened(server), opened(server, caller="002")
    peers += [first, second, UTILITY, first._replace(lfdi="B" * 40)]
    assert [(out.peer, out.how) for out in server.tick(1.0)] == [(first, "message"), (second, "message")]
    server.gone(first, 2.0)
    assert server.tick(3.0) == []
