"""The rules that a server's TLS is held to, one row each, and the verdict on what was found out about it.

`sep2` is IEEE 2030.5-2018 clause 6.7 and 6.11 with what the utilities ask for beside it: nothing older than
TLS 1.2, certificates on both sides, no session that outlives a revocation. `web` is for a server of any other
kind. A rule that could not be tried says so, and fails nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from cryptography import x509

from bridge.transports.sounding import hello
from bridge.transports.sounding.facts import Facts
from bridge.transports.sounding.names import (
    CCM8,
    GROUPS,
    P256,
    SECRET,
    SUITES,
    TLS12,
    TLS13,
    VERSIONS,
    WEAK,
    called,
)
from bridge.trust import chain
from bridge.trust.terms import SERVER

Said = tuple[bool | None, str]
"""Whether a rule is kept, None if that could not be tried; and what was seen."""
BOTH, SEP2 = frozenset({"sep2", "web"}), frozenset({"sep2"})


@dataclass(frozen=True)
class Case:
    """What a rule looks at."""

    facts: Facts
    roots: tuple[bytes, ...]
    now: datetime


class Rule(NamedTuple):
    """A rule, and for which servers it is one."""

    name: str
    profiles: frozenset[str]
    tried: Callable[[Case], Said]


class Verdict(NamedTuple):
    """What came of a rule."""

    rule: str
    verdict: str
    seen: str


def judge(case: Case, profile: str) -> Iterator[Verdict]:
    """Hold what was found out to each rule of a profile."""
    for rule in RULES:
        if profile in rule.profiles:
            kept, seen = rule.tried(case)
            yield Verdict(rule.name, {True: "pass", False: "FAIL", None: "unknown"}[kept], seen)


def _none(wrong: list[str], right: str) -> Said:
    return not wrong, ", ".join(wrong) or right


def _floor(case: Case) -> Said:
    old = [VERSIONS[one] for one, seen in case.facts.versions.items() if seen.accepted and one < TLS12]
    return _none(old, "SSLv3, TLSv1.0 and TLSv1.1 are refused")


def _mandatory(case: Case) -> Said:
    return case.facts.versions[TLS12].accepted, case.facts.versions[TLS12].told


def _modern(case: Case) -> Said:
    good = [VERSIONS[one] for one in (TLS12, TLS13) if case.facts.versions[one].accepted]
    return bool(good), ", ".join(good) or "neither TLSv1.2 nor TLSv1.3"


def _alerts(case: Case) -> Said:
    mute = [
        f"{VERSIONS[one]}: {seen.told}"
        for one, seen in case.facts.versions.items()
        if not (seen.accepted or seen.alert)
    ]
    if (stranger := case.facts.stranger) and stranger.ended and not stranger.alert:
        mute.append(f"no certificate: {stranger.ended}")
    return _none(mute, "each refusal came with one")


def _suites(case: Case) -> tuple[int, ...]:
    return tuple(suite for suites in case.facts.suites.values() for suite in suites)


def _ccm8(case: Case) -> Said:
    old = case.facts.suites.get(TLS12, ())
    place = f"number {old.index(CCM8) + 1} of {len(old)}" if CCM8 in old else "it is not taken"
    return CCM8 in old, place


def _secret(case: Case) -> Said:
    names = [called(SUITES, one) for one in _suites(case)]
    return _none([name for name in names if not name.startswith(SECRET)], "no suite without it")


def _strong(case: Case) -> Said:
    names = dict.fromkeys(called(SUITES, one) for one in _suites(case))
    weak = [name for name in names if any(part in name for part in WEAK)]
    return _none(weak, f"{len(names)} suites, none of them broken")


def _curve(case: Case) -> Said:
    group = case.facts.flight.group
    return group == P256, called(GROUPS, group) if group else "no curve"


def _asked(case: Case) -> Said:
    stranger = case.facts.stranger
    if stranger and stranger.ended:
        return True, f"without one: {stranger.ended}"
    if case.facts.flight.asks and not stranger:
        return None, "asked for; no handshake could be tried"
    return False, "asked for, but not needed" if case.facts.flight.asks else "not asked for"


def _resumption(case: Case) -> Said:
    tried = {
        version: told for version, told in case.facts.resumed.items() if not told.startswith("not tried")
    }
    again = [version for version, told in tried.items() if told == "yes"]
    if case.facts.flight.session or hello.TICKET in case.facts.flight.extensions:
        return False, "a session is offered" if not again else f"resumed: {', '.join(again)}"
    if again or tried:
        return _none(again, "no session is resumed")
    return None, "a certificate is needed to try: --certificate and --key"


def _renegotiation(case: Case) -> Said:
    if not case.facts.versions[TLS12].accepted:
        return None, "TLSv1.3 has none"
    there = hello.RENEGOTIATION in case.facts.flight.extensions
    return there, "RFC 5746 is told" if there else "RFC 5746 is not told"


def _master(case: Case) -> Said:
    if not case.facts.versions[TLS12].accepted:
        return None, "TLSv1.3 has no need of it"
    there = hello.MASTER in case.facts.flight.extensions
    return there, "RFC 7627 is told" if there else "RFC 7627 is not told"


def _compression(case: Case) -> Said:
    off = not case.facts.flight.compression
    return off, "none" if off else "on"


def _chain(case: Case) -> Said:
    if not case.roots:
        return None, "roots are needed to judge it: --roots"
    if not case.facts.chain:
        return None, "the chain was not seen"
    reason = chain.judge(case.facts.chain, case.roots, SERVER)
    return not reason, reason or "clause 6.11 is kept"


def _trusted(case: Case) -> Said:
    return _verified(case) if case.roots else (None, "roots are needed to judge it: --roots")


def _verified(case: Case) -> Said:
    if not case.facts.whole:
        return None, "no handshake could be tried"
    return not case.facts.verified, case.facts.verified or "it holds for the name"


def _period(case: Case) -> Said:
    try:
        known = [x509.load_der_x509_certificate(one) for one in case.facts.chain]
    except ValueError as fault:
        return False, f"a certificate cannot be read: {fault}"
    ends = min((one.not_valid_after_utc for one in known), default=None)
    if ends is None:
        return None, "the chain was not seen"
    begun = all(one.not_valid_before_utc <= case.now for one in known)
    return begun and case.now < ends, f"until {ends:%Y-%m-%d}" if begun else "it has not begun"


def _guest(case: Case) -> Said:
    if case.facts.guest is None:
        return None, "none was given: --certificate and --key"
    ended = case.facts.guest.ended
    return not ended, ended or "it is let in"


RULES = (
    Rule("nothing older than TLS 1.2", BOTH, _floor),
    Rule("TLS 1.2 is taken", SEP2, _mandatory),
    Rule("TLS 1.2 or 1.3 is taken", frozenset({"web"}), _modern),
    Rule("a refusal is told by an alert", BOTH, _alerts),
    Rule("ECDHE-ECDSA-AES128-CCM8 is taken", SEP2, _ccm8),
    Rule("forward secrecy", BOTH, _secret),
    Rule("no broken suite", BOTH, _strong),
    Rule("the curve is P-256", SEP2, _curve),
    Rule("a client's certificate is demanded", SEP2, _asked),
    Rule("the certificate given is let in", SEP2, _guest),
    Rule("no session is resumed", SEP2, _resumption),
    Rule("secure renegotiation", BOTH, _renegotiation),
    Rule("extended master secret", BOTH, _master),
    Rule("no compression", BOTH, _compression),
    Rule("the chain is one of IEEE 2030.5", SEP2, _chain),
    Rule("the chain holds for the name", SEP2, _trusted),
    Rule("the chain holds for the name", frozenset({"web"}), _verified),
    Rule("the chain is in its period", BOTH, _period),
)
