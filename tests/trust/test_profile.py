"""The rules of a profile: each passes what it should, and is broken by one certificate that breaks it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from bridge.trust import draft, facts, issue, profile, role
from bridge.trust.credential import Claim
from bridge.trust.draft import Draft
from bridge.trust.terms import ANY_POLICY, MODULE_NAME, NEVER, POLICIES

ROOT = issue.root("SERCA")
MICA = issue.authority(ROOT, "MICA", depth=0)
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
DEVICE = draft.device(b"4711")
GOOD = {
    "device": DEVICE,
    "aggregator": draft.client("a", address="a@example.org"),
    "operator": draft.client("o", claims=(Claim((1,), "", 0),)),
    "server": draft.server(("example.org",), name="example.org"),
    "relay": draft.relay("example.org"),
    "signer": draft.signer("s"),
    "ocsp": draft.responder("o"),
}


def certificate(said: Draft, *, endless: bool = False) -> x509.Certificate:
    return issue.made(MICA, said, since=SINCE, until=NEVER if endless else UNTIL).certificate


def failed(one: x509.Certificate, kind: str) -> set[str]:
    return {each.name for each in profile.verdicts(one, kind) if each.verdict != "pass"}


def changed(said: Draft, *extensions: tuple[x509.ExtensionType, bool], without: type | None = None) -> Draft:
    """A draft with extensions in place of those of their kind."""
    kinds = (*(type(each) for each, _ in extensions), *((without,) if without else ()))
    kept = tuple(each for each in said.extensions if not isinstance(each[0], kinds))
    return Draft(said.subject, (*kept, *extensions))


@pytest.mark.parametrize("kind", GOOD)
def test_what_we_issue_passes(kind: str) -> None:
    assert failed(certificate(GOOD[kind], endless=kind == "device"), kind) == set()


def test_authorities_pass() -> None:
    assert failed(ROOT.certificate, "root") == failed(MICA.certificate, "authority") == set()


def policies(oid: x509.ObjectIdentifier) -> x509.CertificatePolicies:
    return x509.CertificatePolicies([x509.PolicyInformation(oid, None)])


def named(value: bytes) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([x509.OtherName(MODULE_NAME, value)])


GENESIS = policies(POLICIES["genesis"])
ROLE = role.extension([Claim((1,), "", 0)])
SPOILT = x509.UnrecognizedExtension(ROLE.oid, b"\x0c\x01x")
ROLES_RULE = "roles can be read, are not critical, and end"
CRITICAL = "no critical extension that is not known"


@pytest.mark.parametrize(
    ("said", "kind", "broken"),
    [
        (Draft(draft.called("x"), DEVICE.extensions), "device", {"empty subject"}),
        (
            changed(DEVICE, without=x509.CertificatePolicies),
            "device",
            {"critical policies", "a policy of 2030.5"},
        ),
        (changed(DEVICE, (GENESIS, False)), "device", {"critical policies"}),
        (changed(DEVICE, (policies(ANY_POLICY), True)), "device", {"a policy of 2030.5"}),
        (changed(DEVICE, (named(draft.module(b"1")), False)), "device", {"critical hardware module name"}),
        (changed(DEVICE, (named(b"\x30\x00"), True)), "device", {"critical hardware module name"}),
        (changed(DEVICE, without=x509.KeyUsage), "device", {"critical key usage: signs"}),
        (changed(DEVICE, (draft.usage("digital_signature"), False)), "device", {"critical key usage: signs"}),
        (changed(DEVICE, (draft.usage("key_agreement"), True)), "device", {"critical key usage: signs"}),
        (
            changed(DEVICE, (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)),
            "device",
            {"no extended key usage"},
        ),
        (
            changed(DEVICE, (x509.BasicConstraints(ca=True, path_length=0), True)),
            "device",
            {"no authority"},
        ),
        (changed(DEVICE, *issue.FLAWS["mappings"]), "device", {"no name constraints, no policy mappings"}),
        (changed(DEVICE, *issue.FLAWS["constraints"]), "device", {"no name constraints, no policy mappings"}),
        (changed(DEVICE, *issue.FLAWS["unknown"]), "device", {CRITICAL}),
        (changed(DEVICE, (ROLE, False)), "device", {ROLES_RULE}),
        (changed(GOOD["aggregator"], *issue.FLAWS["usage"]), "aggregator", {"may be a TLS client"}),
        (changed(GOOD["operator"], (SPOILT, False)), "operator", {ROLES_RULE}),
        (changed(GOOD["operator"], (ROLE, True)), "operator", {ROLES_RULE, CRITICAL}),
        (changed(GOOD["server"], *issue.FLAWS["usage"]), "server", {"may be a TLS server"}),
        (
            draft.server(("example.org",), name="x", critical=False),
            "server",
            {"alternative name is critical, as some clients insist"},
        ),
        (
            draft.server(("example.org",), critical=False),
            "server",
            {"alternative name is critical, as some clients insist", "a name"},
        ),
        (GOOD["server"], "relay", {"its domain as xmppAddr and DNS name"}),
        (changed(GOOD["ocsp"], without=x509.OCSPNoCheck), "ocsp", {"is not asked for itself"}),
        (changed(GOOD["ocsp"], without=x509.ExtendedKeyUsage), "ocsp", {"may answer OCSP"}),
    ],
)
def test_rules_one_by_one(said: Draft, kind: str, broken: set[str]) -> None:
    assert failed(certificate(said, endless=kind == "device"), kind) == broken


@pytest.mark.parametrize(("kind", "endless", "broken"), [
    ("device", False, {"no end"}), ("relay", True, {"an end"}), ("ocsp", True, {"an end"}),
    ("operator", True, {ROLES_RULE}), ("server", True, set()), ("aggregator", True, set()),
])  # fmt: skip
def test_ends(kind: str, endless: bool, broken: set[str]) -> None:
    assert failed(certificate(GOOD[kind], endless=endless), kind) == broken


def test_key_and_signature() -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    made = issue.made(MICA, DEVICE, key=key).certificate
    assert failed(made, "device") == {"key on P-256"}
    assert facts.read(made).key == "secp384r1"


def test_authority_rules() -> None:
    plain = draft.authority("MICA", 0)
    signs = issue.made(ROOT, changed(plain, (draft.usage("key_cert_sign"), True))).certificate
    assert failed(signs, "authority") == {"critical key usage: signs certificates and lists"}
    loose = (x509.BasicConstraints(ca=True, path_length=0), False)
    quiet = issue.made(ROOT, changed(plain, loose)).certificate
    assert failed(quiet, "authority") == {"critical basic constraints: an authority"}


def test_every_rule_is_named_once_and_can_be_broken() -> None:
    names = [rule.name for rule in profile.RULES]
    assert len(names) == len(set(names))
    assert {kind for rule in profile.RULES for kind in rule.kinds} == profile.KINDS


@pytest.mark.parametrize("kind", GOOD)
def test_kind_is_guessed(kind: str) -> None:
    expected = {"aggregator": "client"}.get(kind, kind)
    assert facts.kind(certificate(GOOD[kind])) == expected


def test_facts_of_a_device() -> None:
    found = facts.read(issue.device(MICA, b"\x00\x01").certificate)
    assert found.module
    assert (found.module.text, found.module.hardware) == ("0x0001", "1.3.6.1.4.1.40732.99.1")
    assert (found.subject, found.issuer, found.names) == ("", "CN=MICA", ("HardwareModuleName",))
    assert found.policies == ("1.3.6.1.4.1.40732.1.1 (genesis)",)


def test_spoilt_roles_are_told() -> None:
    found = facts.read(certificate(changed(GOOD["operator"], (SPOILT, False))))
    assert (found.claims, found.unread) == ((), "one value of tag 0x30 is expected")
