"""Discovery: what a server of ours has is found again, whole or in parts; a server without end is left."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import pytest
from hypothesis import given

from bridge.iec61850 import discovery, shape, text
from bridge.iec61850.client import Client
from bridge.iec61850.discovery import Conversation, Excess
from bridge.iec61850.floor import Floor
from bridge.iec61850.hooks import Refusal
from bridge.iec61850.image import Domain, Image
from bridge.iec61850.peer import Peer
from bridge.iec61850.server import Server
from bridge.iec61850.shape import Array, Basic, Mismatch, Structure, Type
from bridge.iec61850.terms import Terms
from models.mms import data, faults, names, variables
from tests.iec61850 import scene
from tests.iec61850.test_shape import PAIRS, Pair

T = TypeVar("T")
ME = Peer("utility@dso.example/IEC")


@dataclass
class Trip:
    """A client's real association with a server, from bytes to bytes; what may be under way goes together."""

    server: Server
    client: Client
    count: int = 0
    """How often something was sent, and then waited for."""
    told: dict[int, Any] = field(default_factory=dict)

    def go(self) -> None:
        """Send all that may be sent, and take the answers."""
        sent = [self.client.out.popleft() for _ in range(len(self.client.out))]
        assert len(sent) <= self.client.terms.calling
        self.count += 1
        for each in sent:
            for out in self.server.receive(ME, each.payload, each.how, 0.0):
                for event in self.client.receive(out.payload, 0.0):
                    self.told[event.number] = event.content

    def asked(self, requests: tuple[discovery.Request, ...]) -> list[Any]:
        """Answers and refusals, in the order of the requests."""
        numbers = [self.client.ask(each, 0.0) for each in requests]
        while self.client.out:
            self.go()
        return [answered(self.told.pop(number)) for number in numbers]


def answered(content: Any) -> Any:
    """A response, or the refusal that a service error is."""
    if not isinstance(content, faults.ServiceError):
        return content
    refused = content.errorClass.choice
    return Refusal(refused.tag, int(refused.value))


def found(server: Server, talk: Conversation[T], size: int = 65_000) -> T:
    """Have a conversation with a server."""
    return travelled(server, talk, Terms(detail=size))[0]


def travelled(server: Server, talk: Conversation[T], terms: Terms) -> tuple[T, int]:
    """Have a conversation with a server, and count the round trips."""
    trip = Trip(server, Client("001", terms))
    trip.client.open(0.0)
    trip.go()
    try:
        request = next(talk)
        while True:
            together = isinstance(request, tuple)
            answers = trip.asked(request if isinstance(request, tuple) else (request,))
            refused = None if together else next((one for one in answers if isinstance(one, Refusal)), None)
            if refused is None:
                request = talk.send(answers if together else answers[0])
            else:
                request = talk.throw(refused)
    except StopIteration as end:
        return cast("T", end.value), trip.count


def sorted_like(of: Type, item: str, loose: set[str]) -> Type:
    """A type with the parts of loose items in the order of their names."""
    if not isinstance(of, Structure):
        return of
    parts = [(name, sorted_like(part, f"{item}${name}" if item else name, loose)) for name, part in of.fields]
    return Structure(tuple(sorted(parts) if item in loose else parts))


@pytest.mark.parametrize("size", [65_000, 4_096, 2_048])
def test_what_a_server_has_is_found_again(size: int) -> None:
    server = scene.server()
    there = server.floor.image.domains["D1"]
    got = found(server, discovery.server(), size)
    loose = {item for domain, item in got.loose if domain == "D1"}
    assert list(got.domains) == ["D1"]
    assert got.domains["D1"].type == sorted_like(there.type, "", loose | {""})
    assert got.domains["D1"].sets == there.sets
    assert got.untold == set()
    assert bool(loose) is (size < 65_000)
    for item in loose:
        assert text.depth(there.index.types[item]) > 0


@given(PAIRS)
def test_any_type_is_told_and_understood(pair: Pair) -> None:
    assert shape.described(shape.description(pair[0])) == pair[0]


def test_types_that_nobody_knows_here_are_refused() -> None:
    double = data.FloatingPointType(format_width=64, exponent_width=11)
    name = names.ObjectName(choice=names.ObjectName_vmd_specific(value="Known"))
    named = data.TypeSpecification(choice=data.TypeSpecification_typeName(value=name))
    bare = data.ComponentList(SEQUENCE=(data.Component(componentType=shape.specification(scene.REAL)),))
    for choice in (
        data.TypeDescription_floating_point(value=double),
        data.TypeDescription_binary_time(value=False),
        data.TypeDescription_array(value=data.ArrayType(numberOfElements=1, elementType=named)),
        data.TypeDescription_structure(value=data.StructureType(components=bare)),
    ):
        with pytest.raises(Mismatch):
            shape.described(data.TypeDescription(choice=choice))


def page(*held: str, more: bool) -> names.GetNameList_Response:
    return names.GetNameList_Response(
        listOfIdentifier=names.IdentifierList(Identifier=held), moreFollows=more
    )


def told_for_ever(talk: Conversation[tuple[str, ...]], answer: names.GetNameList_Response) -> None:
    for _ in range(discovery.PAGES + 1):
        talk.send(answer)


def test_a_list_without_end_is_left() -> None:
    for answer in (page("A", more=True), page(more=True)):
        talk = discovery.listed("domain", None)
        next(talk)
        with pytest.raises(Excess):
            told_for_ever(talk, answer)


def test_a_type_without_end_is_never_laid_out() -> None:
    endless = Array(2**32 - 1, Array(2**32 - 1, Basic("boolean")))
    told = variables.GetVariableAccessAttributes_Response(
        mmsDeletable=False, typeDescription=shape.description(Structure((("SP", endless),)))
    )
    talk = discovery.device("D1", discovery.Found())
    next(talk)
    talk.send(page("LLN0", more=False))
    with pytest.raises(Excess):
        talk.send([told])


def test_an_item_that_is_refused_and_has_no_parts_ends_the_conversation() -> None:
    picture = Image(
        {"D1": Domain("D1", scene.made(LLN0=scene.made(ST=scene.made(A=scene.made(b=scene.ENUM)))))}
    )
    floor = Floor(picture, lambda _peer, service, *_: service != "getVariableAccessAttributes")
    with pytest.raises(Refusal, match="access 3"):
        found(Server(floor), discovery.server())


def test_a_data_set_that_is_not_told_is_put_down_as_such() -> None:
    floor = Floor(scene.picture(), lambda _peer, service, *_: service != "getNamedVariableListAttributes")
    got = found(Server(floor), discovery.server())
    assert got.untold == {("D1", f"LLN0${name}") for name in ("Measures", "Spare", "Used")}
    assert got.domains["D1"].sets == {}
