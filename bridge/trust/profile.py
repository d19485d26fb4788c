"""What a certificate of each kind should look like: a table of rules, each checked by itself.

IEEE 2030.5-2018 clause 6.11, RFC 5280 where that says nothing, RFC 6120 and 6960 for relays and responders,
IEC 62351-8 for roles. A rule that does not bind is advice. No chain is judged here, and no moment is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, SignatureAlgorithmOID

from bridge.trust import facts, role
from bridge.trust.facts import found
from bridge.trust.terms import ARC, CLIENT, FORBIDDEN, KNOWN, NEVER, ROLE_EXTENSIONS, SERVER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LEAVES = frozenset({"device", "aggregator", "operator", "client", "server", "relay", "signer", "ocsp"})
ABOVE = frozenset({"authority", "root"})
KINDS = LEAVES | ABOVE
PROGRAMS = frozenset({"aggregator", "operator", "client"})
DEVICE = frozenset({"device"})
SERIAL_BITS = 159
"""A serial number has 20 bytes at most, and the first bit says that it is positive."""


class Rule(NamedTuple):
    """A rule: what it asks, where that is written, whom it is for, and the check that says what is wrong."""

    name: str
    clause: str
    kinds: frozenset[str]
    wrong: Callable[[x509.Certificate], str]
    binds: bool = True


class Verdict(NamedTuple):
    """What became of a rule."""

    name: str
    clause: str
    verdict: str
    """pass, fail or note."""
    reason: str


def verdicts(one: x509.Certificate, kind: str) -> Iterator[Verdict]:
    """Check a certificate by each rule for a kind."""
    for rule in RULES:
        if kind in rule.kinds:
            reason = _tried(rule, one)
            verdict = "pass" if not reason else "fail" if rule.binds else "note"
            yield Verdict(rule.name, rule.clause, verdict, reason)


def _tried(rule: Rule, one: x509.Certificate) -> str:
    try:
        return rule.wrong(one)
    except ValueError as fault:
        return f"cannot be read: {fault}"


def _unless(fits: bool, reason: str) -> str:  # noqa: FBT001 - the condition is what is said
    return "" if fits else reason


def _version(one: x509.Certificate) -> str:
    return _unless(one.version is x509.Version.v3, f"is version {one.version.name}")


def _key(one: x509.Certificate) -> str:
    return _unless(facts.key(one) == ec.SECP256R1.name, f"the key is {facts.key(one)}")


def _signature(one: x509.Certificate) -> str:
    oid = one.signature_algorithm_oid
    said = facts.SAID.get(oid, oid.dotted_string)
    return _unless(oid == SignatureAlgorithmOID.ECDSA_WITH_SHA256, f"the signature is {said}")


def _serial(one: x509.Certificate) -> str:
    return _unless(
        0 < one.serial_number.bit_length() <= SERIAL_BITS, "the serial number is too long, or zero"
    )


def _ordered(one: x509.Certificate) -> str:
    return _unless(one.not_valid_before_utc < one.not_valid_after_utc, "it ends before it begins")


def _forbidden(one: x509.Certificate) -> str:
    return ", ".join(FORBIDDEN[each.oid] for each in one.extensions if each.oid in FORBIDDEN)


def _critical(one: x509.Certificate) -> str:
    known = KNOWN | FORBIDDEN.keys()
    return ", ".join(
        each.oid.dotted_string for each in one.extensions if each.critical and each.oid not in known
    )


def _identified(one: x509.Certificate) -> str:
    own, above = found(one, x509.SubjectKeyIdentifier), found(one, x509.AuthorityKeyIdentifier)
    if own is None or (above is None and one.subject != one.issuer):
        return "a key identifier is missing"
    return _unless(not own.critical and not (above and above.critical), "a key identifier is critical")


def _nameless(one: x509.Certificate) -> str:
    return _unless(not list(one.subject), f"the subject is {one.subject.rfc4514_string()}")


def _named(one: x509.Certificate) -> str:
    names = found(one, x509.SubjectAlternativeName)
    known = bool(list(one.subject)) or bool(names and names.critical)
    return _unless(known, "there is neither a subject nor a critical alternative name")


def _module(one: x509.Certificate) -> str:
    names = found(one, x509.SubjectAlternativeName)
    module = facts.module(one)
    if names is None or module is None:
        return "there is no hardware module name"
    if not names.critical:
        return "the alternative name is not critical"
    return _unless(bool(module.serial), "the hardware has no serial number")


def _policies(one: x509.Certificate) -> str:
    said = found(one, x509.CertificatePolicies)
    if said is None:
        return "there are no policies"
    return _unless(said.critical, "the policies are not critical")


def _arc(one: x509.Certificate) -> str:
    return _unless(
        any(each.startswith(f"{ARC}.") for each in facts.policies(one)), f"no policy is below {ARC}"
    )


def _endless(one: x509.Certificate) -> str:
    return _unless(one.not_valid_after_utc == NEVER, f"it ends on {one.not_valid_after_utc:%Y-%m-%d}")


def _finite(one: x509.Certificate) -> str:
    return _unless(one.not_valid_after_utc != NEVER, "it has no end")


def _signs(one: x509.Certificate) -> str:
    usage = found(one, x509.KeyUsage)
    if usage is None or not usage.value.digital_signature:
        return "the key is not said to sign"
    return _unless(usage.critical, "the key usage is not critical")


def _certifies(one: x509.Certificate) -> str:
    usage = found(one, x509.KeyUsage)
    if usage is None or not (usage.value.key_cert_sign and usage.value.crl_sign):
        return "the key is not said to sign certificates and revocation lists"
    return _unless(usage.critical, "the key usage is not critical")


def _leaf(one: x509.Certificate) -> str:
    return _unless(not facts.authority(one), "it is an authority")


def _authority(one: x509.Certificate) -> str:
    basic = found(one, x509.BasicConstraints)
    return _unless(bool(basic and basic.critical and basic.value.ca), "no critical word says that it is one")


def _purposeless(one: x509.Certificate) -> str:
    return _unless(not facts.purposes(one), "there is an extended key usage")


def _client(one: x509.Certificate) -> str:
    said = facts.purposes(one)
    return _unless(not said or bool(CLIENT & set(said)), "an extended key usage forbids it")


def _server(one: x509.Certificate) -> str:
    said = facts.purposes(one)
    return _unless(not said or bool(SERVER & set(said)), "an extended key usage forbids it")


def _hosts(one: x509.Certificate) -> str:
    kinds = {type(name) for name in facts.names(one)}
    return _unless(bool(kinds & {x509.DNSName, x509.IPAddress}), "no host is named")


def _strict(one: x509.Certificate) -> str:
    names = found(one, x509.SubjectAlternativeName)
    return _unless(bool(names and names.critical), "it is not")


def _domain(one: x509.Certificate) -> str:
    hosts = {name.value for name in facts.names(one) if isinstance(name, x509.DNSName)}
    return _unless(bool(hosts & set(facts.addresses(one))), "no domain is both xmppAddr and DNS name")


def _answers(one: x509.Certificate) -> str:
    fits = ExtendedKeyUsageOID.OCSP_SIGNING in facts.purposes(one)
    return _unless(fits, "the extended key usage OCSPSigning is missing")


def _unchecked(one: x509.Certificate) -> str:
    return _unless(found(one, x509.OCSPNoCheck) is not None, "OCSPNoCheck is missing")


def _roles(one: x509.Certificate) -> str:
    said = [each for each in one.extensions if each.oid in ROLE_EXTENSIONS]
    if not said:
        return ""
    role.claims(one)
    if one.not_valid_after_utc == NEVER:
        return "a role stands in a certificate without end, and is not believed"
    return _unless(
        not any(each.critical for each in said), "the extension is critical; no TLS library knows it"
    )


SEP2 = "IEEE 2030.5 6.11"
RULES: tuple[Rule, ...] = (
    Rule("version 3", "RFC 5280 4.1.2.1", KINDS, _version),
    Rule("key on P-256", SEP2, KINDS, _key),
    Rule("signed with ECDSA and SHA-256", SEP2, KINDS, _signature),
    Rule("positive serial number of 20 bytes at most", "RFC 5280 4.1.2.2", KINDS, _serial),
    Rule("begins before it ends", "RFC 5280 4.1.2.5", KINDS, _ordered),
    Rule("no name constraints, no policy mappings", SEP2, KINDS, _forbidden),
    Rule("no critical extension that is not known", "RFC 5280 4.2", KINDS, _critical),
    Rule("key identifiers, not critical", "RFC 5280 4.2.1.1", KINDS, _identified),
    Rule("empty subject", SEP2, DEVICE, _nameless),
    Rule("a name", "RFC 5280 4.1.2.6", KINDS - DEVICE, _named),
    Rule("critical hardware module name", SEP2, DEVICE, _module),
    Rule("critical policies", SEP2, KINDS - {"root", "ocsp"}, _policies),
    Rule("a policy of 2030.5", SEP2, DEVICE, _arc),
    Rule("no end", SEP2, DEVICE, _endless),
    Rule("an end", "ejabberd fails on year 9999", frozenset({"relay", "ocsp"}), _finite),
    Rule("critical key usage: signs", SEP2, LEAVES, _signs),
    Rule("critical key usage: signs certificates and lists", SEP2, ABOVE, _certifies),
    Rule("no authority", SEP2, LEAVES, _leaf),
    Rule("critical basic constraints: an authority", "RFC 5280 4.2.1.9", ABOVE, _authority),
    Rule("no extended key usage", SEP2, DEVICE, _purposeless),
    Rule("may be a TLS client", SEP2, PROGRAMS, _client),
    Rule("may be a TLS server", SEP2, frozenset({"server", "relay"}), _server),
    Rule("names of hosts", "RFC 6125 6.4", frozenset({"server"}), _hosts),
    Rule("alternative name is critical, as some clients insist", SEP2, frozenset({"server"}), _strict, False),  # noqa: FBT003
    Rule("its domain as xmppAddr and DNS name", "RFC 6120 13.7.1", frozenset({"relay"}), _domain),
    Rule("may answer OCSP", "RFC 6960 4.2.2.2", frozenset({"ocsp"}), _answers),
    Rule("is not asked for itself", "RFC 6960 4.2.2.2.1", frozenset({"ocsp"}), _unchecked),
    Rule("roles can be read, are not critical, and end", "IEC 62351-8", LEAVES, _roles),
)
