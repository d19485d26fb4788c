"""Everything that is wrong with an installation, at once: `derbridge check`, and what `run` asks first.

Each problem has its place, what is wrong and what to do about it; remarks do not keep the server from
running. The ports are tried, the store is asked, the certificates are read. Nothing is changed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from errno import EACCES, EADDRINUSE
from importlib import import_module
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bridge.app import announced, authorities, bylaws, depot, loading, papers, screen, sockets
from bridge.app.adapter import plug
from bridge.app.config import Config
from bridge.app.endpoint import faults as endpoint
from bridge.app.gateway import faults as gateway
from bridge.app.loading import Loaded, Problem
from bridge.app.relay import faults
from bridge.app.sockets import Door
from bridge.transports import path
from bridge.trust import identity

EXTRAS: tuple[tuple[str, str, str, Callable[[Config], bool]], ...] = (
    ("discovery.enabled", "zeroconf", "discovery", lambda config: config.discovery.enabled),
    ("store.url", "asyncpg", "postgres", lambda config: config.store.url.startswith("postgresql")),
)
"""What needs a library that a plain installation does not bring: key, library, extra, when."""

REFUSALS = {
    EADDRINUSE: (True, "Stop what listens there (this server itself, perhaps), or take another port."),
    EACCES: (True, "Take a port from 1024 on, or grant CAP_NET_BIND_SERVICE as the systemd unit does."),
}
"""Why a port cannot be had: whether the port is at fault, or the host; and what to do."""


def run(place: Path | None, *, as_json: bool, alone: bool = False) -> int:
    """Show every problem of an installation, or of its relay alone; 1 when there is one that is grave."""
    loaded = loading.load(place, os.environ)
    found = relay(loaded) if alone else judge(loaded)
    if as_json:
        listed = [one._asdict() for one in found]
        screen.record({"configuration": str(loaded.place), "ready": not grave(found), "problems": listed})
    else:
        tell(loaded, found)
    return int(grave(found))


def tell(loaded: Loaded, found: list[Problem]) -> None:
    """The same for a person."""
    for one in found:
        screen.say(str(one) if one.grave else f"remark: {one}")
    count = sum(one.grave for one in found)
    said = f"{count} problem{'s' * (count != 1)}" if count else "ready to run"
    screen.say(f"{loaded.place}: {said}")


def grave(found: list[Problem]) -> bool:
    """Whether one of them keeps the server from running."""
    return any(one.grave for one in found)


def judge(loaded: Loaded) -> list[Problem]:
    """Everything that is wrong; without a configuration only why there is none."""
    config = loaded.config
    if config is None:
        return list(loaded.problems)
    checks = (
        _words,
        _proxies,
        bylaws.problems,
        announced.problems,
        _extras,
        _folders,
        _revocation,
        depot.depot,
        plug.problems,
    )
    found = [*loaded.problems, *papers.papers(loaded, config, datetime.now(UTC))]
    found += faults.faults(loaded, config) if config.relay.enabled else ()
    found += endpoint.faults(loaded, config) if config.iec61850.enabled else ()
    found += gateway.faults(loaded, config) if config.soap.enabled else ()
    found += _ports(loaded, sockets.doors(config))
    return [*found, *(one for check in checks for one in check(loaded, config))]


def relay(loaded: Loaded) -> list[Problem]:
    """The same of what a relay needs that runs by itself."""
    config = loaded.config
    if config is None:
        return list(loaded.problems)
    checks = (faults.faults, bylaws.problems, _extras, _folders, _revocation, depot.depot)
    found = [*loaded.problems, *papers.trust(loaded, config, datetime.now(UTC))]
    found += _ports(loaded, sockets.alone(config))
    return [*found, *(one for check in checks for one in check(loaded, config))]


def _words(loaded: Loaded, config: Config) -> Iterator[Problem]:
    """Values that are names of something."""
    for key, zone in (("rules.zone", config.rules.zone), ("market.zone", config.market.zone)):
        try:
            ZoneInfo(zone)
        except (OSError, KeyError, ValueError):
            yield loaded.problem(key, f"no time zone {zone!r}", "As Europe/Zurich, or UTC.")
    known = _types()
    for name in sorted(config.rules.polls.keys() - known):
        yield loaded.problem(f"rules.polls.{name}", "no such resource", loading.nearest(name, tuple(known)))
    if not config.rules.pen:
        what = "no private enterprise number: mRIDs of this server end in eight noughts"
        yield loaded.problem("rules.pen", what, "Enter the number that IANA gave you.", grave=False)


def _proxies(loaded: Loaded, config: Config) -> Iterator[Problem]:
    """Proxies that have no such name, or that could not be believed here."""
    for one in sorted(config.proxy.lfdis):
        if not identity.lfdi_ok(one):
            remedy = "As `derbridge pki show` tells it: 40 hexadecimal digits, upper case."
            yield loaded.problem("proxy.lfdis", f"{one!r} is no LFDI", remedy)
    if config.proxy.lfdis and not path.there():
        what = "the library that Python's ssl is linked with cannot be reached"
        remedy = "Take CPython from 3.11 on, linked with OpenSSL, which verifies what is forwarded."
        yield loaded.problem("proxy.lfdis", what, remedy)


def _types() -> frozenset[str]:
    """The names of all types of the schema, of both editions."""
    found = (import_module(f"models.sep2.{edition}.index").ELEMENTS for edition in ("y2018", "y2023"))
    return frozenset(name for names in found for name in names)


def _extras(loaded: Loaded, config: Config) -> Iterator[Problem]:
    for key, library, extra, needed in EXTRAS:
        if needed(config) and find_spec(library) is None:
            yield loaded.problem(key, f"needs {library}", f"pip install 'derbridge[{extra}]'")


def _folders(loaded: Loaded, config: Config) -> Iterator[Problem]:
    """Folders that are written to."""
    file = config.store.url.removeprefix("sqlite:///")
    wanted = {"store.url": Path(file).parent if file != config.store.url else None}
    for key, folder in {**wanted, "keep.backups": config.keep.backups}.items():
        if folder and not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
            what = "cannot be written to" if folder.is_dir() else "is no folder"
            yield loaded.problem(key, f"{folder} {what}", "Make it, and let this user write there.")


def _revocation(loaded: Loaded, config: Config) -> Iterator[Problem]:
    """Sources of revocation lists that cannot be read, and signers that may not sign."""
    said = config.revocation
    for url in said.urls:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            yield loaded.problem(
                "revocation.urls", f"{url!r} is no address", "As http://ca.example.org/1.crl."
            )
    if said.folder and not (said.folder.is_dir() and os.access(said.folder, os.R_OK | os.X_OK)):
        what = f"{said.folder} cannot be read"
        yield loaded.problem("revocation.folder", what, "Make it, and let this user read there.")
    for key, tried in (
        ("authorities", lambda: authorities.read(said.authorities)),
        ("signers", lambda: authorities.signers(config)),
    ):
        try:
            tried()
        except (OSError, TypeError, ValueError) as error:
            remedy = "Name certificates in PEM, and for each signer its key; docs/revocation.md says which."
            yield loaded.problem(f"revocation.{key}", str(error), remedy)


def _ports(loaded: Loaded, doors: Sequence[Door]) -> Iterator[Problem]:
    """Two listeners on one port; ports and addresses that cannot be had."""
    for first, second in combinations(doors, 2):
        if first.port and first.port == second.port:
            what = f"{first.name} listens on {first.port}, too"
            yield loaded.problem(second.key, what, "Give each listener a port of its own.")
    for door in doors:
        for host, error in sockets.free(door):
            port, remedy = REFUSALS.get(error.errno or 0, (False, "Name an address of this machine."))
            key = door.key if port else f"{door.key.partition('.')[0]}.hosts"
            said = error.strerror or str(error)
            yield loaded.problem(key, f"{host} port {door.port}: {said}", remedy)
