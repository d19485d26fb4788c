"""Issuers' names in the spellings that are seen, each read as the name that its certificate has."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID as Oid
from hypothesis import given
from hypothesis import strategies as st

from bridge.trust.wsse import name
from tests.trust.wsse.making import REP, SPELLED


def named(*pairs: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in pairs])


SEEN = named(
    (Oid.COUNTRY_NAME, "US"), (Oid.STATE_OR_PROVINCE_NAME, "TX"), (Oid.LOCALITY_NAME, "Dallas"),
    (Oid.ORGANIZATION_NAME, "RXYZ, Inc."), (Oid.EMAIL_ADDRESS, "ca@rxyz.example"), (Oid.COMMON_NAME, "R=Z"),
)  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        r"CN=R=Z,E=ca@rxyz.example,O=RXYZ\, Inc.,L=Dallas,ST=TX,C=US",
        r"CN=R=Z, E=ca@rxyz.example, O=RXYZ\, Inc., L=Dallas, S=TX, C=US",
        r"cn=R=Z, emailAddress=ca@rxyz.example, o=RXYZ\, Inc., l=dallas, st=tx, c=us",
        r'CN="R=Z", EMAILADDRESS=CA@RXYZ.example, O="RXYZ, Inc.", L=Dallas, ST=TX, C=US',
        r"CN=R\=Z;E=ca@rxyz.example;O=RXYZ\2C  Inc.;L=Dallas;SP=TX;C=US",
        r"CN = R=Z , 1.2.840.113549.1.9.1 = ca@rxyz.example , OID.2.5.4.10=RXYZ\, Inc. ,L=Dallas,ST=TX,C=US",
        "2.5.4.3=#0c03523d5a,E=#160f6361407278797a2e6578616d706c65,O=RXYZ\\, Inc.,L=Dallas,ST=TX,C=US",
        r"CN=R=Z,E=ca@rxyz.example,O=#130a5258595a2c20496e632e,L=#1E0c00440061006c006c00610073,ST=TX,C=US",
        r"CN=R=Z,E=ca@rxyz.example,O=RXYZ\, Inc.,L=Dallas,ST=#0C81025458,C=#13025553",
    ],
)
def test_one_name_in_many_spellings(text: str) -> None:
    assert name.read(text) == name.of(SEEN)


def test_the_name_of_the_tests_is_the_certificate_s() -> None:
    assert name.read(SPELLED) == name.of(REP.certificate.issuer)


@pytest.mark.parametrize(
    "text",
    [
        r"C=US,ST=TX,L=Dallas,O=RXYZ\, Inc.,E=ca@rxyz.example,CN=R=Z",
        r"CN=R=Z,E=ca@rxyz.example,O=RXYZ\, Inc.,L=Dallas,ST=TX",
        r"CN=R=Z+E=ca@rxyz.example,O=RXYZ\, Inc.,L=Dallas,ST=TX,C=US",
        r"CN=R=Z,E=ca@rxyz.example,O=RXYZ Inc.,L=Dallas,ST=TX,C=US",
        r"OU=R=Z,E=ca@rxyz.example,O=RXYZ\, Inc.,L=Dallas,ST=TX,C=US",
    ],
)
def test_other_names(text: str) -> None:
    assert name.read(text) != name.of(SEEN)


def test_several_values_have_no_order() -> None:
    assert name.read("CN=a+OU=b,C=US") == name.read("ou=B + cn=A, C=US") != name.read("CN=a,OU=b,C=US")


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "US", "=US", "C", "C=US,", ",C=US", "C=US,,O=x", "X=1", 'C="US', 'C="US"x', "C=U\\", "C=#0",
            "C=#0c", "C=#0c05ff", "C=#0c01ff", "C=#020101", "C=#0c8201", "C=\\ff", "1=x", "1.=x", "1..2=x",
            "C=US+",
        "C=" + "x" * 1_100, "C=#", "C\0=US",
    ],
)  # fmt: skip
def test_what_is_no_name(text: str) -> None:
    with pytest.raises(ValueError, match=r"name|decode|codec"):
        name.read(text)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [Oid.COMMON_NAME, Oid.ORGANIZATION_NAME, Oid.LOCALITY_NAME, Oid.EMAIL_ADDRESS, Oid.USER_ID]
            ),
            st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_what_the_library_writes_is_read(pairs: list[tuple[x509.ObjectIdentifier, str]]) -> None:
    written = named(*pairs)
    assert name.read(written.rfc4514_string()) == name.of(written)


@given(st.text('CNOU=,+;"\\#0c1f ', max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        name.read(text)
    except ValueError:
        return
