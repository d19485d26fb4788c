"""The extension of IEC 62351-8: what is written comes back, and another form is not read as one."""

from __future__ import annotations

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from bridge.trust import der, draft, issue, role
from bridge.trust.credential import Claim
from bridge.trust.draft import Draft
from bridge.trust.terms import ROLE_EXTENSIONS, ROLES

CLAIMS = st.builds(
    Claim,
    st.lists(st.integers(-(2**31), 2**31), min_size=1, max_size=4).map(tuple),
    st.text(max_size=200),
    st.integers(0, 2**40),
    st.text(max_size=20),
    st.none() | st.integers(0, 1000),
)
ROOT = issue.root("Operators")


def holding(oid: x509.ObjectIdentifier, data: bytes) -> x509.Certificate:
    said = draft.client("someone")
    extension = (x509.UnrecognizedExtension(oid, data), False)
    return issue.made(ROOT, Draft(said.subject, (*said.extensions, extension))).certificate


@given(st.lists(CLAIMS, min_size=1, max_size=3))
def test_claims_come_back(claims: list[Claim]) -> None:
    said = role.extension(claims)
    assert said.oid.dotted_string == "1.2.840.10070.8.1"
    assert role.claims(holding(said.oid, said.value)) == tuple(claims)


def test_extension_is_not_critical() -> None:
    claim = Claim((1,), "feeder", 1)
    one = issue.made(ROOT, draft.client("op", claims=(claim,))).certificate
    assert [each.critical for each in one.extensions if each.oid in ROLE_EXTENSIONS] == [False]
    assert role.claims(issue.made(ROOT, draft.client("op")).certificate) == ()


def test_both_arcs_are_read() -> None:
    data = role.extension([Claim((1,), "", 0)]).value
    assert [len(role.claims(holding(oid, data))) for oid in ROLE_EXTENSIONS] == [1, 1]


NUMBERS = der.tlv(der.SEQUENCE, der.integer(1))
AREA, REVISION = der.tlv(der.TEXT, b"a"), der.integer(1)


def wrapped(*parts: bytes) -> bytes:
    return der.tlv(der.SEQUENCE, der.tlv(der.SEQUENCE, b"".join(parts)))


@pytest.mark.parametrize(
    "data",
    [
        b"", b"a plain string", der.tlv(der.TEXT, b"1.2.3"), der.tlv(der.SEQUENCE, b""), wrapped(),
        wrapped(NUMBERS, AREA), wrapped(AREA, NUMBERS, REVISION),
        wrapped(der.tlv(der.SEQUENCE, b""), AREA, REVISION),
        wrapped(der.tlv(der.SEQUENCE, AREA), AREA, REVISION),
        wrapped(NUMBERS, der.tlv(der.TEXT, b"\xff"), REVISION),
        wrapped(NUMBERS, AREA, REVISION, der.integer(1, der.ENUMERATED), AREA),
        wrapped(NUMBERS, AREA, REVISION, AREA, AREA), wrapped(NUMBERS, AREA, REVISION, REVISION),
        wrapped(NUMBERS, AREA, REVISION) + b"\0", wrapped(NUMBERS, AREA, b"\x02\x02\x00\x01"),
    ],
)  # fmt: skip
def test_other_forms_are_not_read(data: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        role.claims(holding(ROLE_EXTENSIONS[0], data))


def test_names_of_roles() -> None:
    assert [role.number(name.lower()) for name in ROLES] == list(range(7))
    assert [role.name(number) for number in (0, 6, -4)] == ["VIEWER", "RBACMNT", "-4"]
    assert role.number("-4") == -4
    with pytest.raises(ValueError, match="is no role"):
        role.number("KING")
    with pytest.raises(ValueError, match="one role"):
        role.extension([Claim((), "", 0)])
