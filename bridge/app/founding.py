"""A working set of certificates in one go: what `derbridge init` and `derbridge pki init` have in common.

Roots of devices, operators and services with the authorities between them and whom they are for, the server,
an operator, and who answers OCSP for each issuer of leaves. It overwrites nothing.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bridge.app import screen
from bridge.app.config import Https
from bridge.app.fault import Fault
from bridge.app.kinds import HOST, KINDS
from bridge.trust import draft, folder, issue
from bridge.trust.folder import LEVELS, Client, Folder

YEARS = 20
"""How long what is finite and issues others lasts."""
DAYS = {name: kind.days or 0 for name, kind in KINDS.items()}
DAY = timedelta(days=1)


def run(place: Path, names: tuple[str, ...], levels: int, years: int) -> None:
    """Make a folder, and explain it."""
    if place.exists() and not (place.is_dir() and not any(place.iterdir())):
        raise Fault(str(place), "is there already; nothing was changed")
    try:
        made, operator = found(place, hosts(names), levels=levels, years=years)
    except OSError as error:
        raise Fault(str(error.filename or place), error.strerror or "cannot be written") from error
    for line in _told(made, operator, levels, years):
        screen.say(line)


def hosts(names: tuple[str, ...]) -> tuple[str, ...]:
    """What the server's certificate is good for: this machine by its usual names, and what was asked for."""
    for name in names:
        if not HOST.fullmatch(name):
            raise Fault("--name", f"{name!r} is no name or address of a host")
    own = socket.gethostname()
    usual = (*Https().names, *((own,) if HOST.fullmatch(own) else ()))
    return tuple(dict.fromkeys((*usual, *names)))


def found(
    place: Path, names: tuple[str, ...], *, levels: int = 1, years: int = YEARS
) -> tuple[Folder, Client]:
    """Make the files; give the folder and the operator."""
    now = datetime.now(UTC).replace(microsecond=0)
    since, until = now - DAY, now + 365 * years * DAY
    ends = {kind: min(now + days * DAY, until) for kind, days in DAYS.items()}
    made = folder.make(place, names, since=since, until=until, levels=levels)
    for name in map(made.lowest, ("serca", "operator", "service")):
        said = draft.responder(f"ocsp-{name}")
        answers = issue.made(made.issuer(name), said, since=since, until=ends["ocsp"])
        folder.keep(place / "services" / f"ocsp-{name}", answers)
    return made, made.client("operator", "operator", since=since, until=ends["operator"])


def relay(made: Folder, names: tuple[str, ...]) -> None:
    """Make the relay's certificate: its domain is the first name, and its host has the others, too."""
    now = datetime.now(UTC).replace(microsecond=0)
    above = made.issuer(made.lowest("service"))
    until = min(now + DAYS["relay"] * DAY, above.certificate.not_valid_after_utc)
    one = issue.made(above, draft.relay(names[0], names[1:]), since=now - DAY, until=until)
    folder.keep(made.path / "services" / "relay", one)


def rows(levels: int, within: str = "") -> tuple[tuple[str, str], ...]:
    """What lies where, and what it is for."""
    issuers = ", ".join(("serca", *LEVELS[levels], "operator", "service"))
    return (
        (f"{within}roots/serca.pem", "the root of devices, aggregators and servers; give it to every client"),
        (f"{within}roots/operator.pem", "the root of operators: whose certificate is below it may write"),
        (f"{within}roots/service.pem", "the root of relays and signers; never a root of clients"),
        (f"{within}issuers/", f"issue more with {issuers}; keep it off this machine in production"),
        (f"{within}server.pem, .key", "the server's own certificate and key"),
        (
            f"{within}clients/operator.pem, .key",
            f"your own certificate as operator, for {DAYS['operator']} days",
        ),
        (f"{within}services/", f"who answers OCSP for each issuer, for {DAYS['ocsp']} days; relays, signers"),
    )


def aligned(told: tuple[tuple[str, str], ...]) -> Iterator[str]:
    """Rows as lines."""
    width = max(len(name) for name, _ in told)
    return (f"  {name:<{width}}  {what}" for name, what in told)


def _told(made: Folder, operator: Client, levels: int, years: int) -> Iterator[str]:
    """What there is now, and what to type next."""
    yield f"Made in {made.path}; devices have chains of {levels + 2}, what ends lasts {years} years:"
    yield ""
    yield from aligned(rows(levels))
    yield ""
    for name, one in (("server", made.known("../server")), ("operator", operator)):
        yield f"  {name:<8}  LFDI {one.lfdi}  SFDI {one.sfdi}"
    yield ""
    yield "No key was shown, and none leaves this folder. Next:"
    yield ""
    at = f"--pki {made.path}"
    yield f"  derbridge pki issue device inverter-1 --serial 4711 {at}"
    yield f"  derbridge pki show inverter-1 --as device {at}"
    yield f"  derbridge pki crl {at}"
    yield f"  derbridge pki list {at}"
