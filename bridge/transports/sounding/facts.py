"""All that can be found out about a server's TLS from outside, gathered by asking it one thing at a time.

Which versions and suites it takes, with what it refuses the others, what it presents, whom it asks for, and
whether it lets in and resumes. Facts alone: what they are worth is judged elsewhere.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec, x25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bridge.transports.sounding import hello, session
from bridge.transports.sounding.flight import Flight
from bridge.transports.sounding.names import (
    ALERTS,
    NEW,
    OLD,
    P256,
    SUITES,
    TLS12,
    TLS13,
    VERSIONS,
    X25519,
    called,
)
from bridge.transports.sounding.reach import SILENT, Unreachable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bridge.transports.sounding.reach import Target
    from bridge.transports.sounding.session import Identity, Met

PROTOCOLS = ("http/1.1", "h2")


@dataclass(frozen=True)
class Outcome:
    """What became of a version."""

    accepted: bool
    told: str
    """The suite that was chosen, the alert, or how the connection ended."""
    alert: bool = False
    """Whether a refusal came as an alert."""


@dataclass
class Facts:
    """What was found out."""

    versions: dict[int, Outcome] = field(default_factory=dict)
    suites: dict[int, tuple[int, ...]] = field(default_factory=dict)
    """Those accepted of each version, as the server chose them one after the other."""
    flight: Flight = field(default_factory=Flight)
    """The most telling answer: of the newest version in which all is in the clear."""
    chain: tuple[bytes, ...] = ()
    verified: str = ""
    """Why the chain does not hold for the server's name; '' if it does."""
    stranger: Met | None = None
    """What became of a client without a certificate."""
    guest: Met | None = None
    """What became of the client with the certificate that was given."""
    resumed: dict[str, str] = field(default_factory=dict)
    """By version, whether a session was resumed: yes, no, or why that could not be tried."""

    @property
    def whole(self) -> tuple[str, ...]:
        """The versions in which whole handshakes can be tried."""
        return tuple(
            name
            for number, name in VERSIONS.items()
            if name in session.VERSIONS and number in self.versions and self.versions[number].accepted
        )


def sound(target: Target, roots: Sequence[Path] = (), identity: Identity | None = None) -> Facts:
    """Find out everything; a server that does not speak TLS is Unreachable."""
    found = Facts()
    answers = {version: _ask(target, version, _suites(version)) for version in reversed(VERSIONS)}
    if all(not answer.done for answer, _ in answers.values()):
        raise Unreachable(f"no TLS: {answers[TLS12][1]}")
    for version, (answer, ended) in sorted(answers.items()):
        found.versions[version] = _outcome(version, answer, ended)
        if found.versions[version].accepted:
            found.suites[version] = _each(target, version)
            if not found.flight.chain or answer.chain:
                found.flight = answer
    found.chain = found.flight.chain
    if found.whole:
        _met(found, target, roots, identity)
    return found


def _met(found: Facts, target: Target, roots: Sequence[Path], identity: Identity | None) -> None:
    """Shake hands for real: with nothing, with the certificate that is given, and again."""
    first = found.whole[0]
    found.stranger = session.meet(target, session.context(first))
    found.verified = session.verified(target, first, roots, identity)
    if identity:
        found.guest = session.meet(target, session.context(first, identity))
    best = found.guest or found.stranger
    found.chain = found.chain or best.chain or found.stranger.chain
    for version in found.whole:
        found.resumed[version] = _resumed(target, version, identity)


def _resumed(target: Target, version: str, identity: Identity | None) -> str:
    """Whether a session is resumed."""
    own = session.context(version, identity)
    first = session.meet(target, own)
    if first.ended not in {"", "closed"}:
        return f"not tried: {first.ended}"
    if first.session is None or not first.named:
        return "no: no session is offered"
    return "yes" if session.meet(target, own, first.session).resumed else "no: it is offered and refused"


def _suites(version: int) -> tuple[int, ...]:
    return tuple(NEW if version == TLS13 else OLD)


def _each(target: Target, version: int) -> tuple[int, ...]:
    """Every suite that is accepted: what was chosen is not offered again."""
    left, found = list(_suites(version)), list[int]()
    while left:
        answer, _ = _ask(target, version, left)
        if answer.version != version or answer.suite not in left:
            break
        found.append(answer.suite)
        left.remove(answer.suite)
    return tuple(found)


def _ask(target: Target, version: int, suites: Sequence[int]) -> tuple[Flight, str]:
    shares = _shares() if version == TLS13 else {}
    chance = secrets.token_bytes(hello.RANDOM)
    said = hello.client(version, suites, chance, name=target.name, protocols=PROTOCOLS, shares=shares)
    return target.ask(said)


def _shares() -> dict[int, bytes]:
    """Public keys whose other halves are thrown away: no handshake is finished with them."""
    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    return {
        P256: point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
        X25519: x25519.X25519PrivateKey.generate().public_key().public_bytes_raw(),
    }


def _outcome(version: int, answer: Flight, ended: str) -> Outcome:
    if answer.alert is not None:
        return Outcome(
            accepted=False, told=f"alert {called(ALERTS, answer.alert)} ({answer.alert})", alert=True
        )
    if answer.version == version and answer.suite:
        return Outcome(accepted=True, told=called(SUITES, answer.suite))
    if answer.suite:
        return Outcome(accepted=False, told=f"answered with {called(VERSIONS, answer.version)}", alert=True)
    return Outcome(accepted=False, told=ended or SILENT)
