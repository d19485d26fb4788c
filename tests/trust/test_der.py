"""DER by hand: what is written is read back, and openssl reads the same; only the shortest form is read."""

from __future__ import annotations

import subprocess

import pytest
from cryptography.x509 import ObjectIdentifier
from hypothesis import given
from hypothesis import strategies as st

from bridge.trust import der

ARCS = st.tuples(
    st.integers(0, 2), st.integers(0, 39), st.lists(st.integers(0, 2**60), min_size=1, max_size=6)
).map(lambda one: ObjectIdentifier(".".join(map(str, (one[0], one[1], *one[2])))))


def openssl(data: bytes) -> str:
    done = subprocess.run(
        ["openssl", "asn1parse", "-inform", "DER"], input=data, capture_output=True, check=True
    )
    return done.stdout.decode()


@given(st.integers(-(2**200), 2**200))
def test_numbers_come_back(number: int) -> None:
    assert der.number(der.inside(der.integer(number), der.INTEGER)) == number


@given(ARCS)
def test_object_identifiers_come_back(name: ObjectIdentifier) -> None:
    assert der.named(der.inside(der.oid(name), der.OID)) == name


@given(st.lists(st.tuples(st.sampled_from((2, 4, 12, 48)), st.binary(max_size=300)), max_size=5))
def test_parts_come_back(parts: list[tuple[int, bytes]]) -> None:
    assert der.parts(b"".join(der.tlv(tag, value) for tag, value in parts)) == tuple(parts)


@given(st.binary(max_size=40))
def test_whatever_is_read_is_written_the_same(data: bytes) -> None:
    try:
        found = der.parts(data)
    except ValueError:
        return
    assert b"".join(der.tlv(tag, value) for tag, value in found) == data


@pytest.mark.parametrize("number", [0, 1, -1, 127, 128, -128, -129, 255, 256, 2**63])
def test_numbers_by_openssl(number: int) -> None:
    said = openssl(der.integer(number)).strip().rpartition(":")[2]
    assert int(said, 16) == number


@pytest.mark.parametrize("name", ["1.2.840.10070.8.1", "1.0.62351.8.1", "2.5.29.32.0", "2.999.1", "0.9.2342"])
def test_object_identifiers_by_openssl(name: str) -> None:
    given_ = der.oid(ObjectIdentifier(name))
    assert der.named(given_[2:]).dotted_string == name
    assert openssl(der.tlv(der.SEQUENCE, given_)).count("OBJECT") == 1


@pytest.mark.parametrize("size", [0, 127, 128, 255, 256, 65_536])
def test_lengths_by_openssl(size: int) -> None:
    assert f"l={size:4} prim: OCTET STRING" in openssl(der.tlv(der.OCTETS, b"x" * size))


@pytest.mark.parametrize(
    "data",
    [
        "02",
        "0201",
        "0480",
        "048101ff",
        "04820001ff",
        "04847fffffff",
        "0485000000000100",
        "04ff00",
        "308000000000",
    ],
)
def test_lengths_that_are_not_shortest_or_not_there(data: str) -> None:
    with pytest.raises(ValueError, match=r"length|cut off"):
        der.parts(bytes.fromhex(data))


@pytest.mark.parametrize("value", ["", "0001", "ff80", "0000"])
def test_numbers_that_are_not_shortest(value: str) -> None:
    with pytest.raises(ValueError, match="shortest"):
        der.number(bytes.fromhex(value))


@pytest.mark.parametrize("value", ["", "2a80", "2a8001", "80"])
def test_object_identifiers_that_are_not_shortest(value: str) -> None:
    with pytest.raises(ValueError, match=r"shortest|asn1|InvalidValue"):
        der.named(bytes.fromhex(value))


def test_only_one_value_of_the_right_tag() -> None:
    assert der.inside(b"\x04\x01x", der.OCTETS) == b"x"
    for data in (b"\x04\x01x\x04\x01y", b"\x0c\x01x", b""):
        with pytest.raises(ValueError, match="one value"):
            der.inside(data, der.OCTETS)
