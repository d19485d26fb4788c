"""The responder of DNS-SD: a socket for each group and interface, announcements, answers, goodbye (RFC 6762).

An answer goes to the group after a moment, or straight back to one who asked for that; neither oftener than
is polite, so that nobody can use us against another. A packet that cannot be read is dropped. What is
answered is in `bridge.transports.discovery`.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from functools import partial
from ipaddress import ip_address
from random import SystemRandom
from typing import TYPE_CHECKING, NamedTuple

import ifaddr
from zeroconf import DNSIncoming, DNSRecord

from bridge.transports import discovery

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence

    from bridge.transports.discovery import Advert, Finder

PORT = 5353
HOPS = 255
"""So a receiver sees that a packet comes from its own link (RFC 6762 11)."""
ONLY_JOINED = {socket.AF_INET: (socket.IPPROTO_IP, 49), socket.AF_INET6: (socket.IPPROTO_IPV6, 29)}
"""Linux: without it a socket hears the groups that any other socket has joined."""
DELAY = (0.02, 0.12)
"""Seconds before an answer that other hosts may give too (RFC 6762 6)."""
PAUSE = 1.0
"""Seconds between two packets to a group."""
BURST = 20
"""Answers to single hosts in that time."""
ANNOUNCED = 2


class Group(NamedTuple):
    """A multicast group and the domain that is asked for in it."""

    domain: str
    address: str


GROUPS = {
    "mdns": (Group("local", "224.0.0.251"), Group("local", "ff02::fb")),
    "xmdns": (Group("site", "ff05::fb"),),
}


class Link(NamedTuple):
    """A network interface."""

    name: str
    number: int
    addresses: tuple[str, ...]


def links(names: Sequence[str] = ()) -> Iterator[Link]:
    """The interfaces of these names, or all but loopback; each with its addresses, the widest scope first."""
    for adapter in ifaddr.get_adapters():
        found = [ip_address(one.ip if isinstance(one.ip, str) else one.ip[0]) for one in adapter.ips]
        wanted = adapter.name in names if names else any(not one.is_loopback for one in found)
        if wanted and adapter.index is not None and found:
            ordered = sorted(found, key=lambda one: one.is_link_local)
            yield Link(adapter.name, adapter.index, tuple(map(str, ordered)))


def opened(group: Group, link: Link, port: int) -> socket.socket:
    """A socket that hears a group on one interface, and speaks to it there."""
    family = socket.AF_INET6 if ":" in group.address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "SO_REUSEPORT"):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        with contextlib.suppress(OSError):
            sock.setsockopt(*ONLY_JOINED[family], 0)
        (_six if family == socket.AF_INET6 else _four)(sock, group, link, port)
        sock.setblocking(False)  # noqa: FBT003 - the library's own argument
    except OSError:
        sock.close()
        raise
    return sock


def _four(sock: socket.socket, group: Group, link: Link, port: int) -> None:
    own = next((one for one in link.addresses if ":" not in one), "0.0.0.0")  # noqa: S104 - no address yet
    place = struct.pack("=4s4si", socket.inet_aton(group.address), socket.inet_aton(own), link.number)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, HOPS)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, place)
    sock.bind(("", port))
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, place)


def _six(sock: socket.socket, group: Group, link: Link, port: int) -> None:
    place = socket.inet_pton(socket.AF_INET6, group.address) + struct.pack("=I", link.number)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, HOPS)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, link.number)
    sock.bind(("::", port))
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, place)


class Voice(asyncio.DatagramProtocol):
    """One group on one interface."""

    def __init__(self, advert: Advert, find: Finder, group: Group, link: Link, port: int) -> None:
        self._advert = advert
        self._find = find
        self._group = group
        self._link = link
        self._port = port
        self._tasks: set[asyncio.Task[None]] = set()
        self._budget: dict[bool, tuple[float, int]] = {}
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        """Announce the service."""
        self._transport = transport
        self._start(self._announce())

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        """Answer a question, if it is one about us."""
        asked = DNSIncoming(data)
        if asked.valid and asked.is_query() and asked.questions:
            self._start(self._answer(asked, addr))

    def error_received(self, exc: Exception) -> None:
        """Go on: a host that went away is no fault of ours."""

    async def _announce(self) -> None:
        for _ in range(ANNOUNCED):
            self._send(discovery.packet(self._records()))
            await asyncio.sleep(PAUSE)

    async def _answer(self, asked: DNSIncoming, addr: tuple[str | int, ...]) -> None:
        legacy = addr[1] != self._port
        alone = legacy or any(one.unicast for one in asked.questions)
        told, more = await discovery.answers(
            self._advert, self._group.domain, self._link.addresses, asked, self._find
        )
        if not told or not self._may(alone=alone):
            return
        if not alone:
            await asyncio.sleep(SystemRandom().uniform(*DELAY))
        self._send(discovery.packet(told, more, asked if legacy else None), addr if alone else None)

    def _may(self, *, alone: bool) -> bool:
        """Whether there may be another packet, to one host or to the group."""
        now = asyncio.get_running_loop().time()
        since, count = self._budget.get(alone, (now - PAUSE, 0))
        if now - since >= PAUSE:
            since, count = now, 0
        self._budget[alone] = since, count + 1
        return count < (BURST if alone else ANNOUNCED)

    def _records(self) -> list[DNSRecord]:
        domain = self._group.domain
        return [
            *discovery.pointers(self._advert, domain),
            *discovery.details(self._advert, domain, self._link.addresses),
        ]

    def _send(self, packets: Sequence[bytes], addr: tuple[str | int, ...] | None = None) -> None:
        six = ":" in self._group.address
        group = (self._group.address, self._port, *((0, self._link.number) if six else ()))
        for one in packets:
            if self._transport and not self._transport.is_closing():
                self._transport.sendto(one, addr or group)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Take back what was announced, and leave."""
        for task in self._tasks:
            task.cancel()
        self._send(discovery.packet(self._records(), ttl=0))
        if self._transport:
            self._transport.close()


def _same(voice: Voice) -> Voice:
    return voice


@contextlib.asynccontextmanager
async def answering(
    advert: Advert,
    find: Finder,
    transports: Sequence[str] = tuple(GROUPS),
    names: Sequence[str] = (),
    port: int = PORT,
) -> AsyncIterator[list[str]]:
    """Answer as long as the context lasts; gives what could not be opened, with the reason."""
    loop = asyncio.get_running_loop()
    voices: list[Voice] = []
    refused: list[str] = []
    for group in (one for name in transports for one in GROUPS[name]):
        for link in links(names):
            try:
                sock = opened(group, link, port)
            except OSError as error:
                refused.append(f"{group.address} on {link.name}: {error.strerror}")
                continue
            voice = Voice(advert, find, group, link, port)
            await loop.create_datagram_endpoint(partial(_same, voice), sock=sock)
            voices.append(voice)
    try:
        yield refused
    finally:
        for voice in voices:
            voice.close()
        await asyncio.sleep(0)
