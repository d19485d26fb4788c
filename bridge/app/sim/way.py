"""The way to a bridge over its relay: where to log in, as whom, what to believe, and where the bridge is.

Options first, then the configuration of a folder that `derbridge init` made. A party is what its certificate
says (docs/relay.md): the one xmppAddr of the domain, else its LFDI. Nothing is connected here; what cannot be
used is a Fault.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from cryptography import x509

from bridge.app import loading
from bridge.app.config import Config
from bridge.app.fault import Fault
from bridge.app.sim.inverter.identity import Identity
from bridge.app.sim.outstation.station import Papers
from bridge.transports import tls
from bridge.transports.stream import Door
from bridge.trust import facts, identity
from bridge.trust.folder import Folder
from bridge.xmpp import login
from bridge.xmpp.hooks import Credentials

RESOURCE = "IEC"
HERE = {"*": "localhost", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is listened on everywhere is here, too
DIRECT, PLAIN = 5223, 5222


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands on a command line."""

    site: str = ""
    pki: Path | None = None
    relay: str = ""
    """HOST or HOST:PORT."""
    starttls: bool = False
    domain: str = ""
    bridge: Path | None = None
    """The bridge's certificate."""
    service: Path | None = None
    """Root of the relay's certificate."""

    @property
    def folder(self) -> Path:
        """The folder of certificates."""
        if self.pki is None and not self.site:
            raise Fault(
                "--pki", "name the folder of certificates, or with --site one that derbridge init made"
            )
        return self.pki or Path(self.site) / "pki"


def asked(options: Mapping[str, Any]) -> Asked:
    """What the options of a command say of it, by their names."""
    return Asked(**{each.name: options[each.name] for each in fields(Asked)})


@dataclass(frozen=True, slots=True)
class Way:
    """How to a bridge."""

    host: str
    port: int
    direct: bool
    domain: str
    bridge: Path
    address: str
    """Where the bridge is at the relay."""
    service: Path
    parties: Path | None = None
    """Folder in which the bridge has the certificates of parties; None where it is not within reach."""

    def door(self, who: Identity) -> Door:
        """Where somebody logs in."""
        return Door(f"{_user(who, self.domain)}@{self.domain}/{RESOURCE}", self.host, self.port, self.direct)

    def papers(self, who: Identity) -> Papers:
        """What somebody shows and believes."""
        return Papers(who.lfdi, who.certificate, who.key, self.service, who.roots[0], self.bridge)

    def introduce(self, whos: Iterable[Identity]) -> tuple[str, ...]:
        """Lay certificates where the bridge reads those of parties; gives the names of new ones."""
        if self.parties is None:
            return ()
        found: list[str] = []
        try:
            self.parties.mkdir(exist_ok=True)
            for who in whos:
                place = self.parties / who.certificate.name
                if not place.is_file() or place.read_bytes() != who.certificate.read_bytes():
                    shutil.copy(who.certificate, place)
                    found.append(who.certificate.stem)
        except OSError as error:
            raise Fault(str(self.parties), f"takes no certificate: {error.strerror}") from error
        return tuple(found)


def find(asked: Asked) -> Way:
    """The way that is meant."""
    config = _config(asked.site) if asked.site else None
    host, port, direct = _relay(asked, config)
    domain = asked.domain or (_domain(config) if config else "")
    if not domain:
        raise Fault("--domain", "name the XMPP domain of the relay, or a folder with --site")
    bridge = asked.bridge or (config.iec61850.certificate if config else Folder(asked.folder).certificate)
    service = asked.service or (config.iec61850.roots[0] if config else asked.folder / "roots/service.pem")
    for file in (bridge, service):
        if not file.is_file():
            raise Fault(str(file), "there is no such file: see --bridge and --service")
    parties = config.iec61850.parties if config else None
    return Way(host, port, direct, domain, bridge, _address(config, bridge, domain), service, parties)


def _config(site: str) -> Config:
    loaded = loading.load(Path(site), os.environ)
    if loaded.config is None:
        first = loaded.problems[0]
        raise Fault(first.place, first.what, line=first.line)
    if not loaded.config.iec61850.enabled:
        raise Fault(str(loaded.place), "has no endpoint of IEC 61850: [iec61850] enabled = true")
    return loaded.config


def _relay(asked: Asked, config: Config | None) -> tuple[str, int, bool]:
    """Host and port, and whether TLS begins with the connection."""
    if asked.relay:
        host, _, port = asked.relay.rpartition(":") if ":" in asked.relay else (asked.relay, "", "")
        if not host or (port and not port.isdigit()):
            raise Fault("--relay", f"{asked.relay!r} is no HOST:PORT")
        return host, int(port or (PLAIN if asked.starttls else DIRECT)), not asked.starttls
    if config is None:
        raise Fault("--relay", "name the relay as HOST:PORT, or a folder with --site")
    said = config.iec61850
    if said.host:
        return said.host, said.port, said.tls == "direct"
    if not config.relay.direct:
        raise Fault("--relay", "the configuration says no port of the relay: name it as HOST:PORT")
    return HERE.get(config.relay.hosts[0], config.relay.hosts[0]), config.relay.direct, True


def _domain(config: Config) -> str:
    """The XMPP domain: that of the bridge's own address, if it has one."""
    return config.iec61850.address.partition("@")[2] or config.relay.domain


def _address(config: Config | None, bridge: Path, domain: str) -> str:
    """Where the bridge is."""
    own = identity.lfdi(_first(bridge)).lower()
    user = config.iec61850.address if config and config.iec61850.address else f"{own}@{domain}"
    return f"{user}/{config.iec61850.resource if config else RESOURCE}"


def _user(who: Identity, domain: str) -> str:
    """The name that a certificate has at the relay."""
    one = x509.load_der_x509_certificate(_first(who.certificate))
    users, own = login.names(Credentials(who.lfdi, facts.addresses(one)), domain)
    return users[0] if len(users) == 1 else own


def _first(file: Path) -> bytes:
    try:
        return tls.ders((file,))[0]
    except (OSError, ValueError, IndexError) as error:
        raise Fault(str(file), f"is no certificate in PEM: {error}") from error
