"""OCSP answers, asked for and verified by another program: openssl ocsp."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from time import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp as library
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from bridge.trust import draft, issue, ocsp
from bridge.trust.credential import Serial
from bridge.trust.draft import Draft
from bridge.trust.ocsp import Responder, Signer, Unfit, Verdict
from tests.trust.lists import DAY, MOMENT, NOW

USAGE = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False)
UNASKED = (x509.OCSPNoCheck(), False)
GOOD, UNKNOWN = Verdict(known=True), Verdict(known=False)
LOST = Verdict(known=True, at=NOW - 60, reason=x509.ReasonFlags.key_compromise)
States = library.OCSPResponseStatus


@cache
def serca() -> issue.Issued:
    return issue.root("SERCA")


@cache
def mica() -> issue.Issued:
    return issue.authority(serca(), "MICA", depth=0)


def delegate(*extras: tuple[x509.ExtensionType, bool], above: issue.Issued | None = None) -> issue.Issued:
    """A certificate that an authority gave a responder."""
    return issue.made(above or mica(), Draft(draft.called("responder"), (*draft.LEAF, *extras)))


@cache
def signer() -> Signer:
    made = delegate(USAGE, UNASKED)
    return ocsp.signer(made.certificate, made.key, [serca().certificate, mica().certificate])


@dataclass
class Known:
    """Whoever is asked, and how often that was."""

    verdict: Verdict = GOOD
    times: int = 0

    def __call__(self, serial: Serial) -> Verdict:
        assert serial.number > 0
        self.times += 1
        return self.verdict


def request(
    one: issue.Issued, algorithm: Callable[[], hashes.HashAlgorithm] = hashes.SHA256, nonce: bytes = b""
) -> bytes:
    issuer = one.above[0]
    builder = library.OCSPRequestBuilder().add_certificate(one.certificate, issuer, algorithm())
    if nonce:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def answered(responder: Responder, asked: bytes, known: Known, now: int = NOW) -> library.OCSPResponse:
    return library.load_der_ocsp_response(responder.answer(asked, known, None, now).der)


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "sha512"])
@pytest.mark.parametrize("nonce", [True, False])
@pytest.mark.parametrize(
    ("verdict", "said"), [(GOOD, "good"), (LOST._replace(at=1_700_000_000), "revoked"), (UNKNOWN, "unknown")]
)
def test_openssl_asks_and_verifies(
    tmp_path: Path, algorithm: str, nonce: bool, verdict: Verdict, said: str
) -> None:
    device = issue.device(mica(), b"1")
    for name, one in {"root": serca(), "mica": mica(), "device": device}.items():
        (tmp_path / name).write_bytes(one.certificate.public_bytes(Encoding.PEM))
    flag = "-nonce" if nonce else "-no_nonce"
    about = ("-issuer", "mica", f"-{algorithm}", "-cert", "device")
    openssl(tmp_path, "ocsp", *about, flag, "-reqout", "asked")
    asked = (tmp_path / "asked").read_bytes()
    made = Responder((signer(),)).answer(asked, Known(verdict), None, int(time()))
    (tmp_path / "told").write_bytes(made.der)
    trust = ("-CAfile", "root", "-verify_other", "mica")
    told = openssl(tmp_path, "ocsp", *about, "-no_nonce", "-reqin", "asked", "-respin", "told", *trust)
    assert "Response verify OK" in told
    assert "nonce" not in told
    assert f"device: {said}" in told
    assert ("Reason: keyCompromise" in told) is (said == "revoked")


def openssl(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


def test_the_nonce_comes_back_and_such_an_answer_is_not_kept() -> None:
    responder, known = Responder((signer(),)), Known()
    for nonce in (b"1" * 16, b"2" * 32):
        asked = request(issue.device(mica(), b"1"), nonce=nonce)
        made = responder.answer(asked, known, None, NOW)
        told = library.load_der_ocsp_response(made.der)
        assert told.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == nonce
        assert made.until == 0
    assert (known.times, responder.kept) == (2, {})


def test_an_answer_is_signed_once_and_again_at_half_its_life_or_when_something_changed() -> None:
    responder, known, asked = Responder((signer(),)), Known(), request(issue.device(mica(), b"1"))
    source = object()
    first = responder.answer(asked, known, source, NOW)
    assert first == responder.answer(asked, known, source, NOW + ocsp.LIFE // 2 - 1)
    assert (known.times, first.until) == (1, NOW + ocsp.LIFE)
    assert responder.answer(asked, known, source, NOW + ocsp.LIFE // 2).until == NOW + ocsp.LIFE * 3 // 2
    assert known.times == 2
    known.verdict = LOST
    told = library.load_der_ocsp_response(responder.answer(asked, known, object(), NOW).der)
    assert told.certificate_status == library.OCSPCertStatus.REVOKED
    assert told.revocation_reason == x509.ReasonFlags.key_compromise
    assert told.revocation_time_utc == MOMENT - timedelta(seconds=60)


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocsp, "KEPT", 3)
    responder = Responder((signer(),))
    for number in range(8):
        responder.answer(request(issue.device(mica(), bytes((number,)))), Known(), None, NOW)
    assert len(responder.kept) <= 3


def test_no_answer_outlives_its_list() -> None:
    told = answered(
        Responder((signer(),)), request(issue.device(mica(), b"1")), Known(GOOD._replace(until=NOW + 7))
    )
    assert (told.this_update_utc, told.next_update_utc) == (MOMENT, MOMENT + timedelta(seconds=7))


def test_another_authority_is_not_ours_to_answer_for() -> None:
    other = issue.authority(serca(), "MICA", depth=0)
    known = Known()
    told = answered(Responder((signer(),)), request(issue.device(other, b"1")), known)
    assert (told.response_status, known.times) == (States.UNAUTHORIZED, 0)


def test_each_authority_has_its_signer() -> None:
    made = delegate(USAGE, UNASKED, above=serca())
    both = (signer(), ocsp.signer(made.certificate, made.key, [serca().certificate]))
    for one, mine in ((mica(), both[1]), (issue.device(mica(), b"1"), both[0])):
        told = answered(Responder(both), request(one), Known())
        assert [each.public_bytes(Encoding.DER) for each in told.certificates] == [
            mine.certificate.public_bytes(Encoding.DER)
        ]


def test_a_signer_out_of_force_signs_nothing() -> None:
    said = Draft(draft.called("responder"), (*draft.LEAF, USAGE, UNASKED))
    made = issue.made(mica(), said, until=MOMENT - DAY)
    old = ocsp.signer(made.certificate, made.key, [mica().certificate])
    told = answered(Responder((old,)), request(issue.device(mica(), b"1")), Known())
    assert told.response_status == States.TRY_LATER


def malformed() -> dict[str, bytes]:
    asked = request(issue.device(mica(), b"1"))
    strange = library.OCSPRequestBuilder().add_certificate(
        issue.device(mica(), b"1").certificate, mica().certificate, hashes.SHA256()
    )
    critical = x509.UnrecognizedExtension(issue.UNKNOWN, b"\x05\x00")
    return {
        "nothing": b"",
        "text": b"GET / HTTP/1.1",
        "cut": asked[:-1],
        "more": asked + b"\x00",
        "large": asked + bytes(ocsp.LARGE),
        "long nonce": request(issue.device(mica(), b"1"), nonce=b"1" * 129),
        "critical": strange.add_extension(critical, critical=True).build().public_bytes(Encoding.DER),
        "two certificates": _doubled(asked),
    }


def _doubled(asked: bytes) -> bytes:
    """A request with its one question asked twice."""
    whole = asked.index(b"\x30", 1)
    question = asked[whole:][2:][2:]
    return _sequence(_sequence(_sequence(question * 2)))


def _sequence(data: bytes) -> bytes:
    size = len(data).to_bytes(2, "big")
    return b"\x30\x82" + size + data


@pytest.mark.parametrize("case", malformed())
def test_malformed(case: str) -> None:
    known = Known()
    told = answered(Responder((signer(),)), malformed()[case], known)
    assert (told.response_status, known.times) == (States.MALFORMED_REQUEST, 0)


@given(st.binary(max_size=200))
def test_no_bytes_are_too_strange(data: bytes) -> None:
    told = answered(Responder((signer(),)), data, Known())
    assert told.response_status in {States.MALFORMED_REQUEST, States.UNAUTHORIZED}


@pytest.mark.parametrize(
    ("extras", "why"), [((UNASKED,), "OCSP signing"), ((USAGE,), "nocheck")], ids=["usage", "nocheck"]
)
def test_unfit_signers(extras: tuple[tuple[x509.ExtensionType, bool], ...], why: str) -> None:
    made = delegate(*extras)
    with pytest.raises(Unfit, match=why):
        ocsp.signer(made.certificate, made.key, [mica().certificate])


def test_a_signer_is_its_authority_s_own() -> None:
    made = delegate(USAGE, UNASKED)
    with pytest.raises(Unfit, match="another's"):
        ocsp.signer(made.certificate, ec.generate_private_key(ec.SECP256R1()), [mica().certificate])
    twin = issue.authority(serca(), "MICA", depth=0)
    with pytest.raises(Unfit, match="no authority"):
        ocsp.signer(made.certificate, made.key, [serca().certificate, twin.certificate])
