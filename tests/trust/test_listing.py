"""Revocation lists: what is taken, what is refused and why; read back by another program, openssl."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from functools import cache
from itertools import count
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from bridge.trust import credential, issue, listing
from bridge.trust.listing import Listing, Pool, Refused
from tests.trust.lists import DAY, MOMENT, NOW, Extra, crl, pem

URL = x509.UniformResourceIdentifier("http://crl.example.org/1")


@cache
def serca() -> issue.Issued:
    return issue.root("SERCA")


@cache
def mica() -> issue.Issued:
    return issue.authority(serca(), "MICA", depth=0)


def read(data: bytes, *others: issue.Issued, now: int = NOW) -> Listing:
    pool = Pool((serca().certificate,), tuple(one.certificate for one in others))
    return listing.read(data, pool, now)


def scope(**fields: object) -> Extra:
    usual = {
        "full_name": None, "relative_name": None, "only_contains_user_certs": False,
        "only_contains_ca_certs": False, "only_some_reasons": None, "indirect_crl": False,
        "only_contains_attribute_certs": False,
    }  # fmt: skip
    return x509.IssuingDistributionPoint(**{**usual, **fields}), True  # type: ignore[arg-type]


def test_a_list_says_what_openssl_reads_in_it(tmp_path: Path) -> None:
    data = crl(serca(), (0x1F, 2**159 - 1, 1), 77)
    (tmp_path / "one.crl").write_bytes(data)
    said = subprocess.run(
        ["openssl", "crl", "-inform", "DER", "-in", tmp_path / "one.crl", "-noout", "-text"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    found = read(data)
    shown = {int(line.split(": ")[1], 16) for line in said.splitlines() if "Serial Number" in line}
    assert found.serials == shown == {0x1F, 2**159 - 1, 1}
    assert (found.number, found.since, found.until) == (77, NOW, NOW + 86_400)
    assert "X509v3 CRL Number: \n                77" in said
    assert found.issuer == credential.serials([mica().certificate])[0].issuer
    assert (found.title, found.der) == ("CN=SERCA", data)


@given(st.sets(st.integers(1, 2**159 - 1), max_size=30))
def test_serials_are_those_that_the_library_reads(serials: set[int]) -> None:
    data = crl(serca(), serials)
    assert (
        listing.parsed(data).serials == {one.serial_number for one in x509.load_der_x509_crl(data)} == serials
    )


def test_pem_is_the_same_list() -> None:
    data = crl(serca(), (5,))
    assert read(pem(data)) == read(data)
    assert read(b"\n" + pem(data).replace(b"\n", b"\r\n")).der == data


def test_an_authority_below_a_root_is_believed_if_it_is_known() -> None:
    data = crl(mica(), (5,))
    assert read(data, mica()).serials == {5}
    with pytest.raises(Refused, match="no authority that is trusted and in force is called CN=MICA"):
        read(data)
    together = mica().certificate.public_bytes(Encoding.PEM) + pem(data)
    assert read(together).serials == {5}


def test_an_authority_that_leads_nowhere_is_not_believed() -> None:
    stranger = issue.authority(issue.root("SERCA"), "MICA", depth=0)
    data = crl(stranger, (5,))
    with pytest.raises(Refused, match="no authority"):
        read(data, stranger)
    with pytest.raises(Refused, match="signature"):
        read(data, mica(), stranger)


def test_a_device_signs_no_list() -> None:
    device = issue.client(mica(), "device")
    with pytest.raises(Refused, match="may not sign lists"):
        read(crl(device), mica(), device)


def test_scopes_of_an_issuer_are_lists_of_their_own() -> None:
    users, authorities = (
        read(crl(serca(), (number,), extras=(scope(full_name=[URL], **{name: True}),)))
        for number, name in ((1, "only_contains_user_certs"), (2, "only_contains_ca_certs"))
    )
    assert len({users.name, authorities.name, read(crl(serca())).name}) == 3
    assert users.issuer == authorities.issuer


UNKNOWN = x509.UnrecognizedExtension(issue.UNKNOWN, b"\x05\x00")
REFUSED: dict[str, tuple[bytes, str]] = {
    "another's signature": (crl(serca(), signer=ec.generate_private_key(ec.SECP256R1())), "signature"),
    "another hash": (crl(serca(), algorithm=hashes.SHA384()), "SHA-256"),
    "no number": (crl(serca(), number=None), "number"),
    "past": (crl(serca(), since=MOMENT - 2 * DAY), "past its nextUpdate"),
    "ends now": (crl(serca(), since=MOMENT - DAY), "past its nextUpdate"),
    "future": (crl(serca(), since=MOMENT + timedelta(seconds=301)), "of the future"),
    "delta": (crl(serca(), number=2, extras=((x509.DeltaCRLIndicator(1), True),)), "delta"),
    "indirect": (crl(serca(), extras=(scope(indirect_crl=True),)), "indirect"),
    "some reasons": (
        crl(serca(), extras=(scope(
            full_name=[URL], only_some_reasons=frozenset({x509.ReasonFlags.key_compromise})),)),
        "some reasons",
    ),
    "attributes": (crl(serca(), extras=(scope(only_contains_attribute_certs=True),)), "other things"),
    "unknown critical": (crl(serca(), extras=((UNKNOWN, True),)), "critical extension is not known"),
    "unknown critical in an entry": (crl(serca(), (1, 2), entry=((UNKNOWN, True),)), "of an entry"),
    "an entry of another issuer": (
        crl(serca(), (1,), entry=((x509.CertificateIssuer([x509.DirectoryName(x509.Name([]))]), True),)),
        "of an entry",
    ),
    "a certificate": (serca().der, "no revocation list"),
    "nothing": (b"", "no revocation list"),
    "text": (b"-----BEGIN NOTHING-----", "no revocation list in this PEM"),
    "cut": (crl(serca(), (1, 2, 3))[:-1], "no revocation list"),
    "more behind": (crl(serca()) + b"\x00", "no revocation list"),
    "large": (b"\x30" * (listing.LARGE + 1), "bytes at most"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    data, why = REFUSED[case]
    with pytest.raises(Refused, match=why):
        read(data)


def test_what_is_not_critical_or_is_known_is_let_pass() -> None:
    extras = ((UNKNOWN, False), (x509.AuthorityKeyIdentifier(b"12345678", None, None), False))
    assert read(crl(serca(), (1,), extras=extras, entry=((UNKNOWN, False),))).serials == {1}
    critical = ((x509.CRLReason(x509.ReasonFlags.superseded), True),)
    assert read(crl(serca(), (1,), entry=critical)).serials == {1}


def test_v1_list_without_extensions_is_refused() -> None:
    made = x509.CertificateRevocationListBuilder(serca().certificate.subject, MOMENT, MOMENT + DAY)
    data = made.sign(serca().key, hashes.SHA256()).public_bytes(Encoding.DER)
    with pytest.raises(Refused, match="number"):
        read(data)


def ending(*, zeros: int) -> bytes:
    """A list whose signature ends in so many zero bits at least: the next may call these none of its own."""
    return next(data for data in (crl(serca(), (7,)) for _ in count()) if data[-1] % (1 << zeros) == 0)


@pytest.mark.parametrize("zeros", [0, 1, 3])
def test_every_flipped_bit_is_refused(zeros: int) -> None:
    data = ending(zeros=zeros)
    for bit in range(8 * len(data)):
        bad = bytearray(data)
        bad[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Refused):
            read(bytes(bad))


def test_an_authority_out_of_force_is_not_believed() -> None:
    ended = issue.root("ended", since=MOMENT - 9 * DAY, until=MOMENT - DAY)
    with pytest.raises(Refused, match="in force"):
        listing.read(crl(ended), Pool((ended.certificate,)), NOW)


def test_too_many_entries_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MANY", 2)
    assert len(read(crl(serca(), (1, 2))).serials) == 2
    with pytest.raises(Refused, match="2 certificates at most"):
        read(crl(serca(), (1, 2, 3)))


def test_an_entry_tells_when_and_why() -> None:
    assert read(crl(serca(), (1, 2))).entry(2) == (NOW, x509.ReasonFlags.key_compromise)
    with pytest.raises(LookupError):
        read(crl(serca(), (1, 2))).entry(3)
