"""The client's end: with a server of ours, with one that answers wrong or not at all, in every state."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

from bridge.iec61850 import unit
from bridge.iec61850.calling import TABLE, State, Untimely
from bridge.iec61850.client import PATIENCE, Client, Event, TooLong
from bridge.iec61850.peer import Peer
from bridge.iec61850.refusing import Reason
from bridge.iec61850.server import Server
from bridge.iec61850.terms import Terms
from models.mms import mms_ours, names, pdu, services, variables
from tests.iec61850 import conversation, scene

ME = Peer("utility@dso.example/IEC")
IDENTIFY = services.ConfirmedServiceRequest_identify(value=names.Null())
DIRECTORY = services.ConfirmedServiceRequest_status(value=False)


def carry(client: Client, server: Server, now: float = 0.0) -> list[Event]:
    """Take what the client sends to the server, and its answers back, until nothing is left."""
    events: list[Event] = []
    while client.out:
        sent = client.out.popleft()
        for out in server.receive(ME, sent.payload, sent.how, now):
            if out.how == "error":
                events += client.failed(sent.number, out.payload.decode(), now)
            else:
                events += client.receive(out.payload, now)
    return events


def opened(terms: Terms | None = None) -> tuple[Client, Server]:
    client, server = Client("001", terms or Terms()), scene.server()
    client.open(0.0)
    assert [event.what for event in carry(client, server)] == ["opened"]
    return client, server


def said(client: Client, text: str, assoc: str = "001:001", now: float = 0.0) -> list[Event]:
    return client.receive(conversation.wrapped(assoc, text), now)


def turned(client: Client) -> str:
    """Why the client has rejected what it was sent."""
    sent = client.out.popleft()
    reason = cast("pdu.RejectPDU", unit.read(sent.payload).choice.value).rejectReason.choice
    assert sent.how == "message"
    return f"{reason.tag} {reason.value.value}"


NAMED = "<identify><vendorName>a</vendorName><modelName>b</modelName><revision>c</revision></identify>"


def answer(number: int, service: str = NAMED) -> str:
    text = f"<invokeID>{number}</invokeID><ConfirmedServiceResponse>{service}</ConfirmedServiceResponse>"
    return f"<confirmed-ResponsePDU>{text}</confirmed-ResponsePDU>"


def test_an_association_is_opened_asked_and_closed() -> None:
    client, server = opened()
    assert (client.state, client.room) == (State.OPEN, Terms().detail)
    number = client.ask(IDENTIFY, 1.0)
    (event,) = carry(client, server)
    assert (event.what, event.number, event.content.vendorName) == ("answered", number, "Example")
    client.close(2.0)
    assert carry(client, server) == [Event("closed")]
    assert client.state is State.CLOSED
    client.open(3.0)
    assert [event.what for event in carry(client, server)] == ["opened"]


def test_no_more_is_outstanding_than_was_agreed() -> None:
    client, server = opened(Terms(calling=2))
    numbers = [client.ask(IDENTIFY, 1.0) for _ in range(5)]
    assert [sent.number for sent in client.out] == numbers[:2]
    client.out.popleft()
    client.out.popleft()
    (event,) = said(client, answer(numbers[1]))
    assert (event.number, [sent.number for sent in client.out]) == (numbers[1], numbers[2:3])
    assert client.failed(numbers[0], "remote-server-timeout", 1.0) == [
        Event("failed", numbers[0], "remote-server-timeout")
    ]
    assert [sent.number for sent in client.out] == numbers[2:4]
    assert [event.number for event in carry(client, server)] == numbers[2:]


def test_what_is_not_answered_in_time_has_expired_and_a_late_answer_is_turned_back() -> None:
    client, _ = opened()
    number = client.ask(IDENTIFY, 1.0)
    client.out.clear()
    assert client.deadline == 1.0 + PATIENCE
    assert client.tick(PATIENCE) == []
    assert client.tick(1.0 + PATIENCE) == [Event("expired", number)]
    assert said(client, answer(number)) == []
    assert turned(client) == "confirmed-responsePDU 2"
    assert client.state is State.OPEN


@pytest.mark.parametrize("end", ["lost", "expired", "failed"])
def test_with_the_association_ends_all_that_was_asked(end: str) -> None:
    client, _ = opened(Terms(calling=1))
    first, second = client.ask(IDENTIFY, 1.0), client.ask(IDENTIFY, 1.0)
    client.close(1.0)
    ends: dict[str, Callable[[], list[Event]]] = {
        "lost": client.lost,
        "failed": lambda: client.failed(0, "item-not-found", 2.0),
        "expired": lambda: [event for event in client.tick(1.0 + PATIENCE) if event.number != first],
    }
    events = ends[end]()
    assert Event("lost", second) in events
    assert events[-1] == Event("closed")
    assert (client.state, list(client.out), client.deadline) == (State.CLOSED, [], None)


def test_a_refused_opening_leaves_it_closed() -> None:
    client, server = Client("001", Terms(nesting=3)), scene.server()
    client.open(0.0)
    (event,) = carry(client, server)
    assert (event.what, event.content.errorClass.choice.tag) == ("refused", "initiate")
    assert client.state is State.CLOSED


@pytest.mark.parametrize(
    ("text", "assoc", "why"),
    [
        (answer(9), "001:001", "confirmed-responsePDU 2"),
        (answer(1), "001:002", "confirmed-responsePDU 2"),
        (answer(1, "<fileClose/>"), "001:001", "confirmed-responsePDU 2"),
        (answer(0), "001:001", "confirmed-responsePDU 2"),
        ("<conclude-ResponsePDU/>", "001:001", "conclude-responsePDU 1"),
        (
            "<initiate-ErrorPDU><errorClass><initiate>0</initiate></errorClass></initiate-ErrorPDU>",
            "001:001",
            "pdu-error 1",
        ),
        ("<conclude-RequestPDU/>", "001:001", "pdu-error 1"),
        (
            "<confirmed-RequestPDU><invokeID>1</invokeID><ConfirmedServiceRequest><identify/></ConfirmedServiceRequest></confirmed-RequestPDU>",
            "001:001",
            "pdu-error 1",
        ),
    ],
)
def test_what_answers_nothing_of_ours_is_turned_back(text: str, assoc: str, why: str) -> None:
    client, _ = opened()
    number = client.ask(IDENTIFY, 0.0)
    client.out.clear()
    assert said(client, text, assoc) == []
    assert turned(client) == why
    assert [event.number for event in said(client, answer(number))] == [number]


def test_what_cannot_be_read_is_turned_back() -> None:
    client, _ = opened()
    assert client.receive(b"<x/>", 0.0) == []
    assert turned(client) == "pdu-error 1"


def test_a_reject_ends_the_request_it_names_and_is_not_answered() -> None:
    client, _ = opened()
    number = client.ask(IDENTIFY, 0.0)
    client.out.clear()
    reason = "<rejectReason><confirmed-requestPDU>4</confirmed-requestPDU></rejectReason>"
    text = f"<rejectPDU><originalInvokeID>{{}}</originalInvokeID>{reason}</rejectPDU>"
    assert said(client, text.format(9)) == []
    assert said(client, text.format(number)) == [Event("rejected", number, Reason("confirmed-requestPDU", 4))]
    assert (list(client.out), client.deadline) == ([], None)
    assert client.failed(number, "bad-request", 0.0) == []


def test_reports_are_handed_on_and_names_are_asked_for_by_their_beginning() -> None:
    client, server = opened()
    listed = "<variableListName><vmd-specific>RPT</vmd-specific></variableListName>"
    where = f"<variableAccessSpecification>{listed}</variableAccessSpecification><listOfAccessResult/>"
    report = f"<unconfirmed-PDU><informationReport>{where}</informationReport></unconfirmed-PDU>"
    assert [event.what for event in said(client, report)] == ["reported"]
    wanted = mms_ours.ExtendedGetNameList_Request(
        objectClass=names.ObjectClass(choice=names.ObjectClass_namedVariable(value=names.Null())),
        objectScope=names.ObjectScope(choice=names.ObjectScope_domainSpecific(value="D1")),
        beginsWith="MMXU1$MX$Hz",
    )
    number = client.begins(wanted, 0.0)
    (event,) = carry(client, server)
    assert event.number == number
    assert event.content.listOfIdentifier.Identifier[0] == "MMXU1$MX$Hz"


def test_a_request_that_is_too_long_is_not_sent() -> None:
    client, _ = opened(Terms(detail=2_048))
    long = names.ObjectName(choice=names.ObjectName_aa_specific(value="a" * 64))
    with pytest.raises(TooLong):
        client.ask(
            services.ConfirmedServiceRequest_deleteNamedVariableList(
                value=variables.DeleteNamedVariableList_Request(
                    listOfVariableListName=names.ObjectNameList(ObjectName=(long,) * 40)
                )
            ),
            0.0,
        )
    assert not client.out
    assert client.deadline is None


@pytest.mark.parametrize("state", State)
def test_what_the_application_may_do_is_what_the_table_says(state: State) -> None:
    acts: dict[str, Callable[[Client], object]] = {
        "open": lambda client: client.open(0.0),
        "ask": lambda client: client.ask(DIRECTORY, 0.0),
        "close": lambda client: client.close(0.0),
    }
    for event, act in acts.items():
        client, _ = opened()
        client.state = state
        if (state, event) in TABLE:
            act(client)
        else:
            with pytest.raises(Untimely, match=state.value):
                act(client)


def test_the_closing_that_expires_takes_what_was_sent_after_it() -> None:
    client, _ = opened(Terms(calling=1))
    first, second = client.ask(IDENTIFY, 1.0), client.ask(IDENTIFY, 1.0)
    client.close(1.0)
    assert [event.number for event in said(client, answer(first))] == [first]
    assert client.tick(9 * PATIENCE) == [Event("expired"), Event("lost", second), Event("closed")]
