"""Where the endpoint logs in, and by what name: as the configuration says, else at the relay of this process.

The name follows from the certificate that is there now, unless an address is configured. Opens nothing.
"""

from __future__ import annotations

from importlib.metadata import version

from bridge.app import sockets
from bridge.app.config import Config
from bridge.app.endpoint.seals import Seals
from bridge.app.relay.station import own
from bridge.app.sockets import Held
from bridge.iec61850.device import IED
from bridge.iec61850.scl.writer import Named
from bridge.transports.stream import Door

LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is listened on everywhere is here, too


def where(config: Config, held: Held) -> Door:
    """Where to log in: at the server that is named, else at the relay of this process."""
    said = config.iec61850
    address = _address(config, own(said.certificate.read_bytes()))
    if said.host:
        return Door(address, said.host, said.port, direct=said.tls == "direct")
    hosts, port = sockets.where(held["direct"])
    host = LOOPBACK.get(hosts[0], hosts[0])
    return Door(address, host, port, direct=True)


def _address(config: Config, lfdi: str) -> str:
    """What we are called there."""
    said = config.iec61850
    return f"{said.address or f'{lfdi.lower()}@{config.relay.domain}'}/{said.resource}"


def named(config: Config, seals: Seals) -> Named:
    """What a CID says of the server."""
    return Named(IED, version=version("derbridge"), jid=_address(config, seals.lfdi))
