"""The judge of chains: COMM-004A to G, and each rule of clause 6.11 by a certificate that breaks it alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from bridge.trust import chain, draft, issue
from bridge.trust.issue import Issued
from bridge.trust.terms import MAPPINGS, NEVER, SERVER, SINCE

SERCA = issue.root("SERCA")
ROOTS = (SERCA.der,)


def judge(made: Issued) -> str:
    return chain.judge(made.chain, ROOTS)


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_chains_of_two_to_four(depth: int) -> None:
    """COMM-004A, B, C; with the root in the chain or not."""
    made = issue.device(issue.issuer(SERCA, depth), b"1")
    assert len(made.chain) == depth
    assert judge(made) == chain.judge(made.chain[:-1], ROOTS) == chain.judge(made.chain) == ""
    assert chain.judge(made.chain[:-1]) == "the chain does not end in a root"


def test_roots_of_one_name() -> None:
    """A root whose key was changed has two certificates of one name; each chain ends in its own."""
    made, other = issue.device(issue.issuer(SERCA, 3), b"1"), issue.root("SERCA").der
    assert chain.judge(made.chain, (other,)) == "the chain does not end in a root that is trusted"
    assert chain.judge(made.chain[:-1], (other,)) == "a signature does not hold"
    for roots in ((other, SERCA.der), (SERCA.der, other)):
        assert chain.judge(made.chain, roots) == chain.judge(made.chain[:-1], roots) == ""


@pytest.mark.parametrize(
    ("flaw", "reason"),
    [
        ("usage", "an authority has a critical extended key usage"),
        ("constraints", "a certificate has name constraints"),
        ("mappings", "a certificate has policy mappings"),
        ("unknown", "a critical extension is not known: 1.3.6.1.4.1.40732.99.2"),
    ],
)
@pytest.mark.parametrize("depth", [3, 4])
def test_flaws_of_an_authority(flaw: str, reason: str, depth: int) -> None:
    """COMM-004D, E, F."""
    assert judge(issue.device(issue.issuer(SERCA, depth, flaw=flaw), b"1")) == reason


def test_a_device_that_signed_itself() -> None:
    """COMM-004G."""
    made = issue.device(None, b"1", policy="selfsigned")
    assert judge(made) == "the chain does not end in a root that is trusted"
    assert chain.judge(made.chain) == "a chain has 2 to 4 certificates, not 1"


def test_five_and_none() -> None:
    made = issue.device(issue.issuer(issue.authority(SERCA, "more"), 4), b"1")
    assert judge(made) == "a chain has 2 to 4 certificates, not 5"
    assert chain.judge((), ROOTS) == "there is no certificate"


def test_root_alone_and_authority_as_device() -> None:
    mica = issue.authority(SERCA, "MICA", depth=0)
    assert chain.judge(mica.chain, ROOTS) == "an authority is no device"
    assert chain.judge(SERCA.chain, ROOTS) == "a chain has 2 to 4 certificates, not 1"


@pytest.mark.parametrize("junk", [b"", b"junk", SERCA.der[:-1], SERCA.der + b"\x00"])
def test_junk(junk: bytes) -> None:
    assert chain.judge((junk,), ROOTS).startswith("a certificate cannot be read")


@pytest.mark.parametrize("place", [0, 1])
def test_altered_certificate(place: int) -> None:
    ders = list(issue.device(issue.issuer(SERCA, 3), b"1").chain)
    ders[place] = ders[place][:-1] + bytes((ders[place][-1] ^ 1,))
    assert chain.judge(ders, ROOTS) == "a signature does not hold"


def test_certificates_of_two_chains() -> None:
    one, other = (issue.device(issue.issuer(SERCA, 3), b"1").chain for _ in range(2))
    assert chain.judge((one[0], *other[1:]), ROOTS) == "a signature does not hold"
    ours = issue.device(issue.authority(SERCA, "another name", depth=0), b"1").chain
    assert chain.judge((one[0], *ours[1:]), ROOTS) == "an issuer is not the one that is named"


def built(
    issuer: Issued,
    *extensions: tuple[x509.ExtensionType, bool],
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | None = None,
    digest: hashes.SHA256 | hashes.SHA384 | hashes.SHA512 | None = None,
) -> Issued:
    """A certificate with these extensions and nothing else."""
    own = key or ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder(
        issuer_name=issuer.certificate.subject,
        subject_name=x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "built")]),
        public_key=own.public_key(),
        serial_number=1,
        not_valid_before=SINCE,
        not_valid_after=NEVER,
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    made = builder.sign(issuer.key, digest or hashes.SHA256())
    return Issued(made, own, (issuer.certificate, *issuer.above))  # type: ignore[arg-type] # an RSA key, too


MICA = issue.authority(SERCA, "MICA", depth=0)
CA = (x509.BasicConstraints(ca=True, path_length=None), True)
SIGNS = (draft.usage("key_cert_sign"), True)  # as an authority has it
NOT = (draft.usage("crl_sign"), True)  # an authority that may sign none


def usage(*usages: x509.ObjectIdentifier, critical: bool = False) -> tuple[x509.ExtensionType, bool]:
    return x509.ExtendedKeyUsage(usages), critical


CLIENT_, SERVER_ = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH
ANY = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (built(MICA), ""),
        (built(MICA, usage(CLIENT_)), ""),
        (built(MICA, usage(CLIENT_, SERVER_, critical=True)), ""),
        (built(MICA, usage(ANY)), ""),
        (built(MICA, usage(SERVER_)), "an extended key usage does not allow this use"),
        (built(MICA, (draft.usage("key_agreement"), True)), "the key may not sign"),
        (built(MICA, key=ec.generate_private_key(ec.SECP384R1())), "a key is not on P-256"),
        (built(MICA, key=ec.generate_private_key(ec.SECP256K1())), "a key is not on P-256"),
        (built(MICA, key=rsa.generate_private_key(65_537, 2048)), "a key is not on P-256"),
        (built(MICA, digest=hashes.SHA384()), "a signature is not ECDSA with SHA-256"),
        (built(MICA, digest=hashes.SHA512()), "a signature is not ECDSA with SHA-256"),
        (built(MICA, (x509.UnrecognizedExtension(issue.UNKNOWN, b"\x05\x00"), False)), ""),
        (
            built(MICA, (x509.UnrecognizedExtension(MAPPINGS, b"\x30\x00"), False)),
            "a certificate has policy mappings",
        ),
        (built(built(SERCA, CA, SIGNS)), ""),
        (built(built(SERCA, CA)), ""),
        (built(built(SERCA, SIGNS)), "an issuer is no authority"),
        (
            built(built(SERCA, (x509.BasicConstraints(ca=False, path_length=None), True))),
            "an issuer is no authority",
        ),
        (built(built(SERCA, CA, NOT)), "an issuer may not sign certificates"),
        (built(built(MICA, CA, SIGNS)), "there are more authorities than an issuer allows"),
        (built(built(SERCA, CA, SIGNS, usage(CLIENT_))), ""),
        (built(built(SERCA, CA, SIGNS, usage(SERVER_))), "an extended key usage does not allow this use"),
        (
            built(built(SERCA, CA, SIGNS, usage(CLIENT_, critical=True))),
            "an authority has a critical extended key usage",
        ),
    ],
)
def test_rules_one_by_one(made: Issued, reason: str) -> None:
    assert judge(made) == reason


def test_root_is_held_to_the_rules_too() -> None:
    weak = issue.root("weak", key=ec.generate_private_key(ec.SECP384R1()))
    made = issue.device(weak, b"1")
    assert chain.judge(made.chain, (weak.der,)) == "a key is not on P-256"


def test_servers_have_their_own_usage() -> None:
    made = built(MICA, usage(SERVER_))
    assert chain.judge(made.chain, ROOTS, SERVER) == ""
    assert chain.judge(built(MICA, usage(CLIENT_)).chain, ROOTS, SERVER) != ""


def test_presented_twice() -> None:
    made = issue.device(MICA, b"1")
    ders = [one.public_bytes(Encoding.DER) for one in (made.certificate, made.certificate, *made.above)]
    assert chain.judge(ders, ROOTS) == "an issuer is no authority"
    assert replace(made).chain == made.chain
