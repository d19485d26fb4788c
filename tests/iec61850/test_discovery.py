"""Discovery: what a server of ours has is found again, whole or in parts; a server without end is left."""

from __future__ import annotations

from typing import TypeVar, cast

import pytest
from hypothesis import given

from bridge.iec61850 import discovery, shape, text, unit
from bridge.iec61850.discovery import Conversation, Excess
from bridge.iec61850.floor import Floor
from bridge.iec61850.hooks import Refusal
from bridge.iec61850.image import Domain, Image
from bridge.iec61850.peer import Peer
from bridge.iec61850.server import Server
from bridge.iec61850.shape import Array, Basic, Mismatch, Structure, Type
from models.mms import data, mms_ours, names, pdu, services, variables
from tests.iec61850 import conversation, scene
from tests.iec61850.test_shape import PAIRS, Pair

T = TypeVar("T")
ME = Peer("utility@dso.example/IEC")


def found(server: Server, talk: Conversation[T], size: int = 65_000) -> T:
    """Have a conversation with a server, from bytes to bytes."""
    sent = conversation.wrapped("001:000", conversation.INITIATE.format(size=size))
    peer = server.receive(ME, sent, "set", 0.0)[0].peer
    try:
        request = next(talk)
        while True:
            held = services.ConfirmedServiceRequest(choice=request)
            asked = pdu.Confirmed_RequestPDU(invokeID=1, ConfirmedServiceRequest=held)
            (out,) = server.receive(ME, unit.write(peer.assoc, "confirmed-RequestPDU", asked), "get", 0.0)
            answer = unit.read(out.payload).choice
            if isinstance(answer, mms_ours.Context_confirmed_ResponsePDU):
                request = talk.send(answer.value.ConfirmedServiceResponse.choice.value)
            else:
                refused = cast("pdu.Confirmed_ErrorPDU", answer.value).serviceError.errorClass.choice
                request = talk.throw(Refusal(refused.tag, int(refused.value)))
    except StopIteration as end:
        return cast("T", end.value)


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
        talk.send(told)


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
