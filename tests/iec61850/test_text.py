"""Values and types as text: the same bytes as the models write, for whatever type there is."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.iec61850 import shape, text, unit
from bridge.iec61850.basic import Mismatch
from bridge.iec61850.image import Domain, gathered, laid
from bridge.iec61850.shape import Array, Basic, Structure, Type, Value
from models.mms import access, codes, data, names, services, variables

ASSOC, NUMBER = "12:3a", 77
NAMES = st.text("abcXYZ019_", min_size=1, max_size=6)
BASICS = st.one_of(
    st.just(Basic("boolean")), st.just(Basic("floating-point")), st.just(Basic("utc-time")),
    st.just(Basic("binary-time")),
    st.builds(Basic, st.just("integer"), st.sampled_from((8, 16, 32, 64))),
    st.builds(Basic, st.just("unsigned"), st.sampled_from((8, 16, 32))),
    st.builds(Basic, st.just("bit-string"), st.sampled_from((2, 13, -6))),
    st.builds(Basic, st.just("octet-string"), st.sampled_from((8, -20))),
    st.builds(Basic, st.sampled_from(("visible-string", "mMSString")), st.just(-30)),
)  # fmt: skip


def _structures(inner: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
    parts = st.lists(st.tuples(NAMES, inner), max_size=4, unique_by=lambda part: part[0])
    return st.one_of(
        st.builds(lambda held: Structure(tuple(held)), parts),
        st.builds(Array, st.integers(1, 3), inner),
    )


TYPES: st.SearchStrategy[Type] = st.recursive(BASICS, _structures, max_leaves=12)


def single(number: float) -> float:
    held: float = struct.unpack(">f", struct.pack(">f", number))[0]
    return held


def values(of: Type) -> st.SearchStrategy[Value]:
    if isinstance(of, Structure):
        return st.tuples(*(values(part) for _, part in of.fields))
    if isinstance(of, Array):
        return st.tuples(*(values(of.of) for _ in range(of.count)))
    bits = abs(of.size)
    low = 0 if of.size < 0 else bits
    found: dict[str, st.SearchStrategy[Any]] = {
        "boolean": st.booleans(),
        "floating-point": st.floats(width=32).map(single),
        "integer": st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if bits else st.just(0),
        "unsigned": st.integers(0, 2**bits - 1),
        "bit-string": st.text("01", min_size=low, max_size=bits),
        "octet-string": st.binary(min_size=low, max_size=bits),
        "utc-time": st.binary(min_size=8, max_size=8),
        "binary-time": st.binary(min_size=6, max_size=6),
        "visible-string": st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=bits),
        "mMSString": st.text(st.sampled_from("aé<&>\"'\r\n\t 日]"), max_size=bits),
    }
    return found[of.kind]


def written(result: data.AccessResult, asked: access.VariableAccessSpecification | None = None) -> bytes:
    """As the models write it."""
    response = variables.Read_Response(
        variableAccessSpecification=asked, listOfAccessResult=data.AccessResultList(AccessResult=(result,))
    )
    held = unit.answered(NUMBER, services.ConfirmedServiceResponse_read(value=response))
    return unit.write(ASSOC, "confirmed-ResponsePDU", held)


def success(of: Type, value: Value) -> data.AccessResult:
    return data.AccessResult(choice=data.AccessResult_success(value=shape.encode(of, value)))


@given(st.data())
def test_a_value_that_is_read_is_the_same_text(some: st.DataObject) -> None:
    of = some.draw(TYPES)
    value = some.draw(values(of))
    ready = text.read(None, [text.success(text.value(of, value))])
    assert unit.finished(ASSOC, NUMBER, ready) == written(success(of, value))


@given(st.data())
def test_an_item_of_a_device_is_the_same_text(some: st.DataObject) -> None:
    node = some.draw(_structures(TYPES).filter(lambda of: isinstance(of, Structure) and bool(of.fields)))
    device = Domain("D", Structure((("N1", node),)))
    index = laid(device.type)
    for leaf in device.leaves:
        of = index.types[leaf]
        device.leaves[leaf] = some.draw(values(of))
    for item in ("N1", *some.draw(st.lists(st.sampled_from(sorted(index.types)), max_size=3))):
        of = index.types[item]
        value = gathered(of, item, device.leaves.__getitem__)
        how = text.plan(device.index, item)
        ready = text.read(None, [text.success(text.filled(how, device.leaves, device.leaves.__getitem__))])
        assert unit.finished(ASSOC, NUMBER, ready) == written(success(of, value))


@given(TYPES)
def test_a_type_is_the_same_text(of: Type) -> None:
    response = variables.GetVariableAccessAttributes_Response(
        mmsDeletable=False, typeDescription=shape.description(of)
    )
    case = services.ConfirmedServiceResponse_getVariableAccessAttributes(value=response)
    wanted = unit.write(ASSOC, "confirmed-ResponsePDU", unit.answered(NUMBER, case))
    assert unit.finished(ASSOC, NUMBER, text.attributes(of)) == wanted


@pytest.mark.parametrize("code", list(codes.DataAccessError))
def test_a_failure_is_the_same_text(code: codes.DataAccessError) -> None:
    result = data.AccessResult(choice=data.AccessResult_failure(value=code))
    assert unit.finished(ASSOC, NUMBER, text.read(None, [text.failure(code)])) == written(result)


def test_what_was_asked_is_said_again() -> None:
    name = names.ObjectName(choice=names.ObjectName_aa_specific(value="mine"))
    asked = access.VariableAccessSpecification(
        choice=access.VariableAccessSpecification_variableListName(value=name)
    )
    code = codes.DataAccessError.hardware_fault
    result = data.AccessResult(choice=data.AccessResult_failure(value=code))
    assert unit.finished(ASSOC, NUMBER, text.read(asked, [text.failure(code)])) == written(result, asked)


def test_a_value_of_another_type_is_refused() -> None:
    with pytest.raises(Mismatch):
        text.value(Basic("integer", 8), "x")


def test_leaves_of_blocks_are_asked_of_their_owner() -> None:
    inner = Structure((("RptEna", Basic("boolean")),))
    device = Domain("D", Structure((("LLN0", Structure((("ST", inner), ("RP", inner)))),)))
    how = text.plan(device.index, "LLN0")
    asked: list[str] = []

    def owner(item: str) -> Value:
        asked.append(item)
        return True

    found = text.filled(how, device.leaves, owner)
    assert asked == ["LLN0$RP$RptEna"]
    assert (found.count("true"), found.count("false")) == (1, 1)


def test_plans_are_shared_by_devices_of_one_type_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    of = Structure((("N1", Structure((("ST", Structure((("a", Basic("boolean")),))),))),))
    one, other = Domain("A", of), Domain("B", of)
    assert text.plan(one.index, "N1") is text.plan(other.index, "N1")
    monkeypatch.setattr(text, "MOST", 1)
    text.plan(one.index, "N1$ST")
    assert set(one.index.plans) == {"N1$ST"}
