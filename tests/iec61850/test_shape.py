"""Types and values: a value passes through its data element and through bytes unharmed, or is refused.

The bytes are written and read by the binding, so that what is shown here holds for a document on the wire.
"""

from __future__ import annotations

import math
import struct
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.iec61850 import shape
from bridge.iec61850.shape import Array, Basic, Mismatch, OutOfRange, Structure, Type, Value
from bridge.mapping import profile, xml
from models.mms import access, data, names, pdu

MMS = profile.load("mms")
SINGLES = st.floats(width=32, allow_nan=False)
KINDS: dict[Basic, st.SearchStrategy[Value]] = {
    Basic("boolean"): st.booleans(),
    Basic("integer", 8): st.integers(-128, 127),
    Basic("integer", 64): st.integers(-(2**63), 2**63 - 1),
    Basic("unsigned", 32): st.integers(0, 2**32 - 1),
    Basic("floating-point"): SINGLES,
    Basic("bit-string", -13): st.text("01", max_size=13),
    Basic("bit-string", 2): st.text("01", min_size=2, max_size=2),
    Basic("octet-string", -64): st.binary(max_size=64),
    Basic("octet-string", 8): st.binary(min_size=8, max_size=8),
    Basic("visible-string", -20): st.text([chr(c) for c in range(32, 127)], max_size=20),
    Basic("mMSString", -20): st.text('aZ\u00e4\u20ac<&"\t\n ]', max_size=20),
    Basic("utc-time"): st.binary(min_size=8, max_size=8),
    Basic("binary-time"): st.binary(min_size=6, max_size=6),
}
TOTAL = Structure((
    ("mag", Structure((("f", Basic("floating-point")),))),
    ("q", Basic("bit-string", -13)), ("t", Basic("utc-time")),
))  # fmt: skip

Pair = tuple[Type, Value]


def basic() -> st.SearchStrategy[Pair]:
    return st.one_of([st.tuples(st.just(of), values) for of, values in KINDS.items()])


def joined(pairs: list[Pair]) -> Pair:
    return Structure(tuple((f"p{n}", of) for n, (of, _) in enumerate(pairs))), tuple(
        held for _, held in pairs
    )


def repeated(pair: Pair, times: int) -> Pair:
    return Array(times, pair[0]), (pair[1],) * times


def deeper(inner: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    return st.one_of(st.lists(inner, max_size=4).map(joined), st.builds(repeated, inner, st.integers(0, 4)))


PAIRS = st.recursive(basic(), deeper, max_leaves=8)


def through_bytes(said: data.Data) -> data.Data:
    """A data element written into a report and read from it."""
    name = names.ObjectName(choice=names.ObjectName_vmd_specific(value="RPT"))
    where = access.VariableAccessSpecification(
        choice=access.VariableAccessSpecification_variableListName(value=name)
    )
    result = data.AccessResult(choice=data.AccessResult_success(value=said))
    report = pdu.InformationReport(
        variableAccessSpecification=where, listOfAccessResult=data.AccessResultList(AccessResult=(result,))
    )
    sent = xml.write(pdu.Unconfirmed_PDU(informationReport=report), MMS)
    back = cast("pdu.Unconfirmed_PDU", xml.read(sent, MMS))
    found = back.informationReport.listOfAccessResult.AccessResult[0].choice
    return cast("data.AccessResult_success", found).value


@given(PAIRS)
def test_a_value_comes_back_from_bytes_as_it_was(pair: Pair) -> None:
    of, value = pair
    said = through_bytes(shape.encode(of, value))
    assert shape.decode(of, said) == value
    assert shape.free(said) == value


@given(PAIRS)
def test_a_type_has_a_default_that_is_one_of_its_values(pair: Pair) -> None:
    of, _ = pair
    value = shape.default(of)
    assert shape.fault(of, value) is None
    assert shape.decode(of, shape.encode(of, value)) == value


@given(PAIRS, PAIRS)
def test_a_value_of_another_type_is_refused_and_never_taken_for_one(one: Pair, other: Pair) -> None:
    said = shape.encode(*other)
    try:
        value = shape.decode(one[0], said)
    except (Mismatch, OutOfRange):
        return
    assert shape.encode(one[0], value) == said


@pytest.mark.parametrize(
    ("of", "value"),
    [
        (Basic("integer", 8), True),
        (Basic("integer", 8), 1.0),
        (Basic("boolean"), 1),
        (Basic("floating-point"), False),
        (Basic("floating-point"), "1.0"),
        (Basic("bit-string", -13), "2"),
        (Basic("bit-string", -13), b"01"),
        (Basic("octet-string", -4), "00"),
        (Basic("visible-string", -4), b"ab"),
        (TOTAL, ((1.0,), "0" * 13)),
        (TOTAL, 1.0),
        (Array(2, Basic("boolean")), (True,)),
    ],
)
def test_wrong_kinds_are_mismatches(of: Type, value: Value) -> None:
    with pytest.raises(Mismatch):
        shape.encode(of, value)
    with pytest.raises(Mismatch):
        shape.checked(of, value)


@pytest.mark.parametrize(
    ("of", "value"),
    [
        (Basic("integer", 8), 128),
        (Basic("integer", 8), -129),
        (Basic("unsigned", 16), 65536),
        (Basic("unsigned", 32), -1),
        (Basic("floating-point"), 1e39),
        pytest.param(Basic("floating-point"), 10**400, id="huge"),
        (Basic("bit-string", 2), "0"),
        (Basic("bit-string", -13), "0" * 14),
        (Basic("octet-string", 8), b"1234567"),
        (Basic("octet-string", -2), b"123"),
        (Basic("visible-string", -3), "abcd"),
        (Basic("visible-string", -3), "\u00e4"),
        (Basic("visible-string", -3), "\n"),
        (Basic("mMSString", -3), "\x00"),
        (Basic("utc-time"), b"1234567"),
        (Basic("binary-time"), b"1234567"),
    ],
)
def test_what_a_type_has_no_room_for_is_out_of_range(of: Basic, value: Value) -> None:
    with pytest.raises(OutOfRange):
        shape.encode(of, value)
    assert shape.fault(of, value)


def test_a_float_is_written_as_the_octets_of_a_single() -> None:
    said = shape.encode(Basic("floating-point"), 4410.0)
    assert said.choice.value == "4589D000"
    assert struct.unpack(">f", bytes.fromhex("4589D000")) == (4410.0,)


def test_not_a_number_passes_as_such() -> None:
    value = shape.decode(Basic("floating-point"), shape.encode(Basic("floating-point"), math.nan))
    assert math.isnan(cast("float", value))


def test_a_type_is_told_with_names_sizes_and_numbers_of_elements() -> None:
    points = Array(10, Structure((("xVal", Basic("floating-point")), ("yVal", Basic("integer", 32)))))
    curve = Structure(
        (("numPts", Basic("unsigned", 16)), ("crvPts", points), ("q", Basic("bit-string", -13)))
    )
    told = shape.description(curve).model_dump()["choice"]
    parts = told["value"]["components"]["SEQUENCE"]
    kinds = [part["componentType"]["choice"]["value"]["choice"] for part in parts]
    assert told["tag"] == "structure"
    assert [part["componentName"] for part in parts] == ["numPts", "crvPts", "q"]
    assert [kind["tag"] for kind in kinds] == ["unsigned", "array", "bit-string"]
    assert (kinds[0]["value"], kinds[1]["value"]["numberOfElements"], kinds[2]["value"]) == (16, 10, -13)
