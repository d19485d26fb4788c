"""What a verified envelope hands on, and what is taken: profiles, moments, certificates in change, order."""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import datetime

import pytest
from cryptography import x509
from lxml import etree

from bridge.trust.wsse import algorithms, envelope, signature, signing
from bridge.trust.wsse.algorithms import DEFAULT, RSA_SHA1, SHA1, legacy
from bridge.trust.wsse.refusal import FAULTS, SOAP, WSSE, WSU, Rejected
from tests.trust.wsse.keys import ALONG, INLINE, along, binary
from tests.trust.wsse.making import (
    BODY,
    CURVE,
    NOW,
    OTHER,
    REP,
    REP_RSA,
    STAMP,
    THREE,
    TIME,
    TOKEN,
    USER,
    WEAK,
    WHOLE,
    Seal,
    Store,
    cut,
    key_info,
    signed,
)  # fmt: skip
from tests.trust.wsse.sizes import ADDRESS

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
OLD = Seal(tuple(one._replace(method=SHA1) for one in THREE), REP_RSA, RSA_SHA1)


def verify(text: str, profile: algorithms.Profile = DEFAULT, now: float = NOW) -> signature.Verified:
    return signature.verify(text.encode(), "REP", Store(), profile, now)


def reason(text: str, profile: algorithms.Profile = DEFAULT, now: float = NOW) -> str:
    with pytest.raises(Rejected) as caught:
        verify(text, profile, now)
    return caught.value.reason


def test_what_is_handed_on() -> None:
    found = verify(signed())
    assert found.body.tag == envelope.BODY
    assert found.username == "CNP"
    assert (found.created, found.until) == (NOW, NOW + 300 + 300)
    assert found.certificate == REP.certificate
    assert found.certificate.serial_number.bit_length() > 64
    assert len(found.digest) == 32
    assert len(found.value) == 64
    assert not found.legacy


def test_the_elements_are_the_ones_that_were_found() -> None:
    """Body is not looked up again: it is the very child of the Envelope."""
    found = verify(signed())
    root = found.body.getroottree().getroot()
    assert root[1] is found.body


def test_the_order_in_security_is_free() -> None:
    parts = [STAMP, "@@", USER]
    for first in range(3):
        turned = "".join(parts[first:] + parts[:first])
        assert verify(signed(WHOLE.replace(f"{STAMP}@@{USER}", turned))).username == "CNP"
    assert verify(signed(seal=Seal((TOKEN, BODY, TIME)))).username == "CNP"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<e:Header>", "\n <e:Header>\n  "),
        ("</e:Header>", '<m:Trace x="1">other block</m:Trace></e:Header>'),
        ("</e:Header>", '<m:Trace e:mustUnderstand="0"/></e:Header>'),
        (' e:mustUnderstand="1"', ""),
        (' e:mustUnderstand="1"', ' e:actor=""'),
        ("<e:Envelope", '<?xml version="1.0" encoding="utf-8"?>\n<e:Envelope'),
        ("<SignatureValue>", "<SignatureValue>\r\n  "),
    ],
)
def test_what_may_be_otherwise(old: str, new: str) -> None:
    assert verify(signed().replace(old, new)).username == "CNP"


def test_what_may_be_inside_what_is_signed() -> None:
    inside = "<![CDATA[<!-- & -->]]>&#13;&#x1F600;&lt;\u00e9 four"
    found = verify(signed(WHOLE.replace("four", inside)))
    assert found.body.findtext(".//Message") == "Peak at <!-- & -->\r\U0001f600<\u00e9 four"


def test_a_second_value_has_the_same_digest() -> None:
    """Of an ECDSA value another is made without the key; a replay is known by its digest."""
    made = signed()
    old, _ = cut(made, "SignatureValue")
    value = b64decode(old[len("<SignatureValue>") : -len("</SignatureValue>")])
    twin = value[:32] + (ORDER - int.from_bytes(value[32:], "big")).to_bytes(32, "big")
    other = verify(made.replace(old, f"<SignatureValue>{b64encode(twin).decode()}</SignatureValue>"))
    assert other.value == twin != value
    assert other.digest == verify(made).digest != verify(signed(WHOLE.replace("four", "five"))).digest


def test_sha1_only_by_the_profile_and_until_its_end() -> None:
    made, profile = signed(seal=OLD), legacy(NOW + 5)
    found = verify(made, profile, NOW + 4)
    assert (found.legacy, found.method) == (True, RSA_SHA1)
    assert reason(made, profile, NOW + 5) == "algorithm"
    assert reason(made) == "algorithm"
    assert not verify(signed(), profile).legacy
    assert reason(signed(seal=Seal(who=REP, method=RSA_SHA1)), profile) == "algorithm"


def test_moments() -> None:
    made = signed()
    for now in (NOW - 300, NOW + 599.9):
        assert verify(made, now=now).created == NOW
    assert reason(made, now=NOW - 300.1) == "future"
    assert reason(made, now=NOW + 600) == "expired"
    parts = signed(WHOLE.replace("12:00:00Z", "12:00:00.25Z").replace("12:05:00Z", "12:05:00.2500001Z"))
    assert verify(parts).created == NOW + 0.25
    assert reason(signed(), DEFAULT._replace(longest=299)) == "lifetime"


def test_a_certificate_is_valid_until_its_last_second() -> None:
    end = datetime.fromisoformat("2027-01-01T00:00:00Z").timestamp()
    written = STAMP.replace("2026-03-01T12:00", "2026-12-31T23:58").replace(
        "2026-03-01T12:05", "2027-01-01T00:02"
    )
    made = signed(WHOLE.replace(STAMP, written))
    assert verify(made, now=end).username == "CNP"
    assert reason(made, now=end + 1) == "certificate"


def test_ten_thousand_addresses() -> None:
    found = verify(signed(WHOLE.replace("<Message>", f"{ADDRESS * 10_000}<Message>")))
    assert sum(1 for _ in found.body.iter("Address")) == 10_001


def test_every_fault_code_is_one_of_its_standard() -> None:
    spaces = {code[1:].partition("}")[0] for code in FAULTS}
    assert spaces == {SOAP, WSSE, WSU}
    assert Rejected("digest", "").fault == f"{{{WSSE}}}FailedCheck"
    assert Rejected("expired", "").fault == f"{{{WSU}}}MessageExpired"


def test_what_is_sent_holds_no_certificate_and_no_password() -> None:
    made = signing.sign(etree.fromstring("<a/>"), signing.Signer(*REP), "CNP", (NOW, NOW + 300), "x")
    names = {etree.QName(each).localname for each in etree.fromstring(made).iter()}
    assert names & {"X509Certificate", "BinarySecurityToken", "Password", "KeyValue"} == set()
    assert "X509SerialNumber" in names


def test_signing_leaves_the_request_alone() -> None:
    request = etree.fromstring('<r xmlns="urn:a" xmlns:b="urn:b"><x b:c="1"/> </r>')
    before = etree.tostring(request)
    made = signing.sign(request, signing.Signer(*REP), "CNP", (NOW, NOW + 300), "x")
    assert etree.tostring(request) == before
    found = signature.verify(made, "REP", Store(), DEFAULT, NOW)
    assert etree.tostring(found.body[0], method="c14n", exclusive=True) == etree.tostring(
        request, method="c14n", exclusive=True
    )


@pytest.mark.parametrize("who", [WEAK, CURVE], ids=["1024 bits", "P-384"])
def test_a_key_that_may_not_sign(who: signing.Signer) -> None:
    with pytest.raises(ValueError, match="a signer's key is on P-256"):
        signing.sign(etree.fromstring("<a/>"), signing.Signer(*who), "CNP", (NOW, NOW + 300), "x")


def test_a_value_is_of_its_key_alone() -> None:
    octets = b"octets"
    for who, other in ((REP, OTHER), (REP_RSA, REP)):
        value, digest = algorithms.made(who.key, octets), DEFAULT.signatures[algorithms.ECDSA]
        assert algorithms.holds(digest, who.certificate.public_key(), value, octets)
        assert not algorithms.holds(digest, who.certificate.public_key(), value, octets + b"x")
        assert not algorithms.holds(digest, other.certificate.public_key(), value, octets)


@pytest.mark.parametrize("name", ALONG)
def test_a_certificate_that_is_sent_along_is_left_aside_or_refused(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("a certificate of the message was read")

    for reader in ("load_der_x509_certificate", "load_pem_x509_certificate", "load_pem_x509_certificates"):
        monkeypatch.setattr(x509, reader, never)
    found = verify(ALONG[name])
    assert found.certificate == REP.certificate
    assert reason(ALONG[name], DEFAULT._replace(strict=True)) in {"token", "key"}


def test_how_many_were_left_aside_is_counted() -> None:
    both = signed(along(binary()), Seal(key=key_info(REP, inside=INLINE * 2)))
    found = envelope.read(both.encode())
    assert (found.aside, signature.read(found.signature, DEFAULT).aside) == (1, 2)
    assert not envelope.read(signed().encode()).aside
