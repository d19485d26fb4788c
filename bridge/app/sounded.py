"""`derbridge check tls`: sound a server's TLS, whoever made it, and show what was found and what it is worth.

Facts first, as tables; then a line for each rule, and one for the whole. Exit status 0 when each rule that
could be tried is kept, 1 when one is not, 2 when there is no such server. The server is asked a few dozen
times, and nothing is sent that would harm it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from bridge.app import floor, screen
from bridge.app.fault import Fault, sentence
from bridge.app.floor import Verdict
from bridge.transports.sounding import facts, hello
from bridge.transports.sounding.facts import Facts
from bridge.transports.sounding.names import GROUPS, SUITES, VERSIONS, called
from bridge.transports.sounding.reach import Target, Unreachable
from bridge.transports.sounding.session import Identity
from bridge.trust import identity

PORTS = {"": 443, "xmpp": 5222}
"""Where a server listens that is given without a port."""
PROFILES = ("sep2", "web")
WRAP = (bytes.fromhex("020100"), bytes.fromhex("3018301306072a8648ce3d020106082a8648ce3d030107030100a000"))
SIGNED = bytes.fromhex("300a06082a8648ce3d040302030100")
"""What makes a name into a request for a certificate, which the library can read a name out of."""


@dataclass(frozen=True)
class Wish:
    """What was asked for."""

    place: str
    starttls: str = ""
    domain: str = ""
    roots: tuple[Path, ...] = ()
    certificate: Path | None = None
    key: Path | None = None
    profile: str = "sep2"
    timeout: float = 5.0
    as_json: bool = False


def run(wish: Wish) -> int:
    """Sound, judge and show."""
    target, roots = _target(wish), _roots(wish.roots)
    own = Identity(wish.certificate, wish.key or wish.certificate) if wish.certificate else None
    try:
        found = facts.sound(target, wish.roots, own)
    except Unreachable as fault:
        raise Fault(wish.place, str(fault)) from fault
    except OSError as fault:
        raise Fault(wish.place, f"the certificate or the roots cannot be used: {fault}") from fault
    verdicts = list(floor.judge(floor.Case(found, roots, datetime.now(UTC)), wish.profile))
    failed = sum(one.verdict == "FAIL" for one in verdicts)
    if wish.as_json:
        listed = [one._asdict() for one in verdicts]
        screen.record(
            {"server": wish.place, "profile": wish.profile, "ok": not failed, **_told(found), "rules": listed}
        )
    else:
        _show(wish, found, verdicts, failed)
    return int(failed > 0)


def _target(wish: Wish) -> Target:
    """The server, from HOST, HOST:PORT or [ADDRESS]:PORT."""
    if wish.starttls not in PORTS:
        raise Fault("--starttls", f"{wish.starttls!r} is not known; xmpp is")
    if wish.profile not in PROFILES:
        raise Fault("--profile", f"{wish.profile!r} is neither sep2 nor web")
    host, colon, port = wish.place.rpartition(":")
    if not colon or port.endswith("]"):
        host, port = wish.place, str(PORTS[wish.starttls])
    if not host or not port.isdecimal() or not 0 < int(port) < 65_536:  # noqa: PLR2004 - a port
        raise Fault(wish.place, "is not HOST:PORT")
    host = host.removeprefix("[").removesuffix("]")
    return Target(host, int(port), (wish.domain or host) if wish.starttls else "", wish.timeout)


def _roots(paths: tuple[Path, ...]) -> tuple[bytes, ...]:
    try:
        read = (x509.load_pem_x509_certificates(path.read_bytes()) for path in paths)
        return tuple(one.public_bytes(Encoding.DER) for group in read for one in group)
    except (OSError, ValueError) as fault:
        raise Fault("--roots", sentence(str(fault))) from fault


def _told(found: Facts) -> dict[str, Any]:
    """The facts as plain data."""
    flight = found.flight
    return {
        "versions": {VERSIONS[one]: asdict(seen) for one, seen in found.versions.items()},
        "suites": {
            VERSIONS[one]: [called(SUITES, each) for each in seen] for one, seen in found.suites.items()
        },
        "chain": [_certificate(der) for der in found.chain],
        "verified": found.verified or "yes",
        "curve": called(GROUPS, flight.group) if flight.group else "",
        "protocol": _protocol(found),
        "client": {
            "asked": flight.asks,
            "authorities": [_name(one) for one in flight.authorities],
            "without": found.stranger.ended or "let in" if found.stranger else "",
            "with": (found.guest.ended or "let in") if found.guest else "",
        },
        "session": {
            "named": flight.session,
            "ticket": hello.TICKET in flight.extensions,
            "resumed": found.resumed,
        },
        "renegotiation": hello.RENEGOTIATION in flight.extensions,
        "master": hello.MASTER in flight.extensions,
        "compression": bool(flight.compression),
    }


def _protocol(found: Facts) -> str:
    """What ALPN agreed on."""
    return found.flight.extensions.get(hello.PROTOCOLS, b"")[3:].decode("ascii", "replace")


def _certificate(der: bytes) -> dict[str, str]:
    """What one certificate says."""
    try:
        one = x509.load_der_x509_certificate(der)
        key, lfdi = one.public_key(), identity.lfdi(der)
        kind = key.curve.name if isinstance(key, ec.EllipticCurvePublicKey) else type(key).__name__.strip("_")
        algorithm = one.signature_algorithm_oid._name  # noqa: SLF001 - the library has no other name for it
        return {
            "subject": one.subject.rfc4514_string(), "issuer": one.issuer.rfc4514_string(),
            "serial": f"{one.serial_number:X}", "since": f"{one.not_valid_before_utc:%Y-%m-%d}",
            "until": f"{one.not_valid_after_utc:%Y-%m-%d}", "key": kind, "signature": algorithm, "lfdi": lfdi,
        }  # fmt: skip
    except Exception as fault:  # noqa: BLE001 - a stranger's certificate; whatever it breaks is told
        return {"subject": f"cannot be read: {sentence(str(fault))}"}


def _name(der: bytes) -> str:
    """A name in DER, as RFC 4514 writes it."""
    try:
        request = _sequence(_sequence(WRAP[0] + der + WRAP[1]) + SIGNED)
        return x509.load_der_x509_csr(request).subject.rfc4514_string()
    except ValueError:
        return der.hex()


def _sequence(value: bytes) -> bytes:
    size = len(value).to_bytes(2, "big").lstrip(b"\x00")
    short = len(value) < 0x80  # noqa: PLR2004 - the short form of a length ends here
    return b"\x30" + (size if short else bytes((0x80 | len(size),)) + size) + value


def _show(wish: Wish, found: Facts, verdicts: list[Verdict], failed: int) -> None:
    """The same for a person."""
    told = _told(found)
    rows = [
        (VERSIONS[one], "taken" if seen.accepted else "refused", seen.told)
        for one, seen in found.versions.items()
    ]
    screen.table(("version", "", "suite chosen, or how it was told"), rows, wish.place)
    screen.table(
        ("version", "suites, as the server prefers them"),
        ((one, ", ".join(seen)) for one, seen in told["suites"].items()),
    )
    shown = ("subject", "issuer", "until", "key", "signature", "lfdi")
    screen.table(
        shown, (tuple(one.get(name, "") or "(none)" for name in shown) for one in told["chain"]), "chain"
    )
    screen.table(("fact", ""), _lines(told))
    screen.table(
        ("verdict", "rule", "seen"),
        ((one.verdict, one.rule, one.seen) for one in verdicts),
        f"profile {wish.profile}",
    )
    screen.say(
        f"{wish.place}: {failed} of {len(verdicts)} rules broken"
        if failed
        else f"{wish.place}: no rule broken"
    )


def _lines(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The facts that are no tables."""
    client, session = told["client"], told["session"]
    yield "curve", told["curve"] or "none seen"
    yield "protocol (ALPN)", told["protocol"] or "none"
    yield (
        "client's certificate",
        "asked for" if client["asked"] else "not asked for, as far as it is in the clear",
    )
    yield "acceptable client CA names", "; ".join(client["authorities"]) or "none told"
    yield "client without certificate", client["without"] or "not tried"
    yield "client with the one given", client["with"] or "none was given"
    yield "session id or ticket", "offered" if session["named"] or session["ticket"] else "not offered"
    yield from ((f"session resumed, {version}", how) for version, how in session["resumed"].items())
    yield "secure renegotiation", "yes" if told["renegotiation"] else "not told"
    yield "extended master secret", "yes" if told["master"] else "not told"
    yield "compression", "on" if told["compression"] else "off"
    yield "chain", told["verified"] if told["verified"] != "yes" else "holds for the name"
