"""The role extension of IEC 62351-8: read whole and strictly, or no claim; never from what never ends."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from bridge.trust.credential import Claim
from bridge.trust.extension import Malformed, claims, read
from bridge.trust.terms import NEVER, ROLE_EXTENSIONS

KEY = ec.generate_private_key(ec.SECP256R1())
ENDS = datetime(2030, 1, 1, tzinfo=UTC)
VIEWER = Claim((0,), "group/12", 3)


def tlv(tag: int, content: bytes) -> bytes:
    """DER by another hand than the reader's."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


def number(value: int, tag: int = 2) -> bytes:
    return tlv(
        tag, value.to_bytes(((value if value >= 0 else ~value).bit_length() + 8) // 8, "big", signed=True)
    )


def entry(claim: Claim) -> bytes:
    parts = [
        tlv(0x30, b"".join(map(number, claim.roles))),
        tlv(0x0C, claim.area.encode()),
        number(claim.revision),
        *([tlv(0x0C, claim.definition.encode())] if claim.definition else []),
        *([number(claim.operation, 0x0A)] if claim.operation is not None else []),
    ]
    return tlv(0x30, b"".join(parts))


def value(*said: Claim) -> bytes:
    return tlv(0x30, b"".join(map(entry, said)))


def certificate(
    data: bytes, oid: Any = ROLE_EXTENSIONS[0], until: datetime = ENDS, *, twice: bool = False
) -> x509.Certificate:
    name = x509.Name([])
    made = x509.CertificateBuilder(
        name, name, KEY.public_key(), 1, datetime(2025, 1, 1, tzinfo=UTC), until
    ).add_extension(x509.UnrecognizedExtension(oid, data), critical=False)
    if twice:
        other = ROLE_EXTENSIONS[1] if oid == ROLE_EXTENSIONS[0] else ROLE_EXTENSIONS[0]
        made = made.add_extension(x509.UnrecognizedExtension(other, data), critical=False)
    return made.sign(KEY, hashes.SHA256())


NUMBERS = st.integers(-(2**63), 2**63 - 1)
CLAIMS = st.builds(
    Claim,
    st.lists(NUMBERS, min_size=1, max_size=64).map(tuple),
    st.text(max_size=200),
    NUMBERS,
    st.text(max_size=40),
    st.none() | NUMBERS,
)


@given(st.lists(CLAIMS, max_size=4))
def test_what_is_written_is_read(said: list[Claim]) -> None:
    assert read(value(*said)) == tuple(said)


@given(st.lists(CLAIMS, min_size=1, max_size=2), st.data())
def test_one_octet_less_or_more_is_no_claim(said: list[Claim], data: st.DataObject) -> None:
    whole = value(*said)
    at = data.draw(st.integers(0, len(whole) - 1))
    for bad in (whole[:at], whole + b"\0", whole[:at] + b"\x80" + whole[at + 1 :] if at < 2 else b"\x30\x80"):
        with pytest.raises(Malformed):
            read(bad)


@given(st.binary(max_size=64))
def test_anything_else_is_malformed_and_nothing_worse(data: bytes) -> None:
    try:
        said = read(data)
    except Malformed:
        return
    assert value(*said) == data, "what is read is written back in the same octets: that is DER"


ROLES = tlv(0x30, number(0))
REST = tlv(0x0C, b"x") + number(1)


@pytest.mark.parametrize("data", [
    b"",
    b"SomeText",
    tlv(0x0C, b"a text of another's"),
    tlv(0x16, b"text"),
    b"\x30\x81\x00",
    b"\x30\x81\x02\x30\x00",
    b"\x30\x82\x00\x02\x30\x00",
    b"\x30\x83\x00\x00\x00",
    b"\x30\x80\x00\x00",
    tlv(0x30, tlv(0x30, b"")),
    tlv(0x30, tlv(0x30, tlv(0x30, b"") + REST)),
    tlv(0x30, tlv(0x30, tlv(0x30, number(0) * 65) + REST)),
    tlv(0x30, tlv(0x30, tlv(0x31, number(0)) + REST)),
    tlv(0x30, tlv(0x30, tlv(0x30, b"\x02\x02\x00\x01") + REST)),
    tlv(0x30, tlv(0x30, tlv(0x30, b"\x02\x02\xff\xff") + REST)),
    tlv(0x30, tlv(0x30, tlv(0x30, b"\x02\x00") + REST)),
    tlv(0x30, tlv(0x30, tlv(0x30, b"\x02\x09" + b"\x01" * 9) + REST)),
    tlv(0x30, tlv(0x30, ROLES + tlv(0x0C, b"\xff") + number(1))),
    tlv(0x30, tlv(0x30, ROLES + tlv(0x13, b"x") + number(1))),
    tlv(0x30, tlv(0x30, ROLES + tlv(0x0C, b"x"))),
    tlv(0x30, tlv(0x30, ROLES + REST + number(1))),
    tlv(0x30, tlv(0x30, ROLES + REST + number(1, 0x0A) + tlv(0x0C, b"late"))),
    tlv(0x30, tlv(0x30, ROLES + REST + tlv(0x0C, b"a") + number(1, 0x0A) + b"\x05\x00")),
    value(VIEWER) + value(VIEWER),
])  # fmt: skip
def test_what_is_not_in_order_is_no_claim(data: bytes) -> None:
    with pytest.raises(Malformed):
        read(data)
    assert claims(certificate(data)) == ()


@pytest.mark.parametrize("oid", ROLE_EXTENSIONS, ids=lambda each: each.dotted_string)
def test_both_identifiers_are_read(oid: Any) -> None:
    assert claims(certificate(value(VIEWER), oid)) == (VIEWER,)
    assert claims(certificate(value(VIEWER), oid, twice=True)) == (), "which of them is meant"


def test_a_certificate_that_never_ends_claims_nothing() -> None:
    assert claims(certificate(value(VIEWER), until=NEVER)) == ()
    assert claims(certificate(value(VIEWER), until=NEVER.replace(year=9998))) == (VIEWER,)


def test_a_certificate_without_the_extension_claims_nothing() -> None:
    plain = certificate(value(VIEWER), x509.ObjectIdentifier("1.2.3"))
    assert claims(plain) == ()
    assert ROLE_EXTENSIONS[0].dotted_string == "1.2.840.10070.8.1"
