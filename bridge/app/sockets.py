"""The ports of an installation: which there are, taking them, and taking them again in each worker.

Every worker has sockets of its own on the same ports (SO_REUSEPORT), so that the kernel spreads connections
evenly. The parent holds the ports without listening, so that nobody else takes them while a worker is
started again. A port on which anyone listens already is refused, ourselves included.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from errno import EADDRNOTAVAIL, EAFNOSUPPORT
from typing import NamedTuple

from bridge.app.config import Config

ANY = ("0.0.0.0", "::")  # noqa: S104 - what `*` stands for
NAMES = ("https", "plain", "admin", "probe", "revocation", "soap")


Held = dict[str, list[socket.socket]]
"""Ports that are taken, by the names of their listeners."""


class Door(NamedTuple):
    """A listener: what it is called, and where it is."""

    name: str
    hosts: tuple[str, ...]
    port: int
    key: str
    """Of the configuration, where its port is said."""


def doors(config: Config) -> tuple[Door, ...]:
    """The listeners that are switched on."""
    sections = [(name, getattr(config, name)) for name in NAMES]
    found = tuple(
        Door(name, getattr(one, "hosts", config.https.hosts), one.port, f"{name}.port")
        for name, one in sections
        if getattr(one, "enabled", one.port is not None)
    )
    return (*found, *relay(config)) if config.relay.enabled else found


def alone(config: Config) -> tuple[Door, ...]:
    """Those of a relay that runs by itself: its own, and the probe where it is switched on."""
    return (*relay(config), *(door for door in doors(config) if door.name == "probe"))


def relay(config: Config) -> tuple[Door, Door]:
    """Those of the relay: for STARTTLS, and for TLS at once."""
    said = config.relay
    return (
        Door("relay", said.hosts, said.port, "relay.port"),
        Door("direct", said.hosts, said.direct, "relay.direct"),
    )


def places(host: str, port: int) -> list[tuple[int, tuple[str | int, ...]]]:
    """Families and addresses of a host; OSError when it has none."""
    wanted = ANY if host == "*" else (host,)
    flags = socket.AI_PASSIVE
    found: dict[tuple[int, tuple[str | int, ...]], None] = {}
    for one in wanted:
        for family, _, _, _, address in socket.getaddrinfo(one, port, type=socket.SOCK_STREAM, flags=flags):
            found[family, (str(address[0]), *address[1:])] = None
    return list(found)


def bound(family: int, address: tuple[str | int, ...], *, shared: bool) -> socket.socket:
    """A socket on an address, to be shared with other workers or only tried."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address)
    except OSError:
        sock.close()
        raise
    sock.setblocking(False)
    return sock


def free(door: Door) -> Iterator[tuple[str, OSError]]:
    """The hosts of a door that cannot be listened on, each with the reason."""
    for host in door.hosts:
        try:
            for family, address in places(host, door.port):
                if sock := _some(family, address, host, shared=False):
                    with sock:
                        sock.listen(1)
        except OSError as error:
            yield host, error


def _some(family: int, address: tuple[str | int, ...], host: str, *, shared: bool) -> socket.socket | None:
    try:
        return bound(family, address, shared=shared)
    except OSError as error:
        if host == "*" and family == socket.AF_INET6 and error.errno in {EADDRNOTAVAIL, EAFNOSUPPORT}:
            return None
        raise


def hold(door: Door) -> list[socket.socket]:
    """Take the port of a door on all its hosts; a free one where it asks for none."""
    held: list[socket.socket] = []
    port = door.port
    try:
        for host in door.hosts:
            for family, address in places(host, port):
                place = (address[0], port, *address[2:])
                if sock := _some(family, place, host, shared=True):
                    held.append(sock)
                    port = sock.getsockname()[1]
    except OSError:
        for sock in held:
            sock.close()
        raise
    return held


def again(sock: socket.socket) -> socket.socket:
    """A socket of one's own on a port that is held, to be listened on."""
    return bound(sock.family, sock.getsockname(), shared=True)


def where(held: list[socket.socket]) -> tuple[tuple[str, ...], int]:
    """Addresses and port of a door that is held."""
    names = [sock.getsockname() for sock in held]
    return tuple(name[0] for name in names), names[0][1]
