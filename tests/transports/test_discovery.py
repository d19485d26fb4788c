"""The responder, asked by a foreign client (py20305) over real multicast sockets on loopback: COMM-001.

Both multicasts, all services and subtypes, with and without the bit for a unicast answer; what is not ours
stays unanswered, and a goodbye follows.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from ipaddress import ip_address

import pytest
from py20305.client.dnssd import wire
from py20305.client.dnssd.discover import DiscoveredServer, discover
from zeroconf import DNSAddress, DNSIncoming, DNSOutgoing, DNSPointer, DNSQuestion, DNSService, DNSText

from bridge.transports import discovery, multicast
from bridge.transports.discovery import Advert, text
from bridge.transports.multicast import GROUPS, Group, Link

SFDI = 167_261_211_391
ADVERT = Advert(
    "test", https=8443, plain=8080, subtypes={"derp": "/derp", "mup": "/mup"}, among=frozenset({"127.0.0.1"})
)
MDNS, XMDNS = wire.MDNS, wire.XMDNS


async def find(sfdi: int) -> str:
    return "/edev/3" if sfdi == SFDI else ""


def free() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@asynccontextmanager
async def responder(*names: str) -> AsyncIterator[int]:
    port = free()
    async with multicast.answering(ADVERT, find, names or tuple(GROUPS), ("lo",), port) as refused:
        assert refused == []
        yield port


class Straight:
    """Takes the client's questions to the port itself: loopback has no route for IPv6 groups."""

    def exchange(
        self, transport: wire.MulticastTransport, queries: Sequence[bytes], timeout: float, _on: str | None
    ) -> list[tuple[bytes, str]]:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.settimeout(timeout)
            for one in queries:
                sock.sendto(one, ("::1", transport.port))
            with suppress(TimeoutError):
                return [(data, place[0]) for data, place in (sock.recvfrom(9000) for _ in queries)]
            return []


async def found(
    port: int, transport: wire.MulticastTransport, subtype: str | None = None
) -> list[DiscoveredServer]:
    here = replace(transport, port=port, groups=transport.groups[:1])
    source = None if transport is MDNS else Straight()
    return await asyncio.to_thread(
        discover, here, timeout=0.6, subtype=subtype, interface="127.0.0.1", source=source
    )


@pytest.mark.parametrize("transport", [MDNS, XMDNS], ids=["mdns", "xmdns"])
async def test_foreign_client_finds_the_server(transport: wire.MulticastTransport) -> None:
    async with responder(transport.name) as port:
        (server,) = await found(port, transport)
    assert server.dcap_url == "https://127.0.0.1:8443/dcap"
    assert server.instance == f"test._smartenergy._tcp.{transport.domain.decode()}"
    assert (server.level, server.is_2018, server.function_set_path) == ("-S1", True, None)
    assert next(iter(server.txt)) == "txtvers"


@pytest.mark.parametrize(
    ("subtype", "path"),
    [
        ("derp", "/derp"),
        ("mup", "/mup"),
        (f"edev-{SFDI}", "/edev/3"),
        ("edev-167261211380", None),
        ("bill", None),
    ],
)
async def test_subtype_gives_its_path_or_nothing(subtype: str, path: str | None) -> None:
    async with responder() as port:
        servers = await found(port, MDNS, subtype)
    assert [one.function_set_path for one in servers] == ([path] if path else [])


class Hearer(asyncio.DatagramProtocol):
    """Keeps what comes in."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[DNSIncoming] = asyncio.Queue()

    def datagram_received(self, data: bytes, _from: tuple[str | int, ...]) -> None:
        packet = DNSIncoming(data)
        if not packet.is_query():
            self.heard.put_nowait(packet)


@asynccontextmanager
async def host(port: int) -> AsyncIterator[tuple[asyncio.DatagramTransport, Hearer]]:
    """An mDNS host: bound to the port itself and member of the group."""
    link = Link("lo", socket.if_nametoindex("lo"), ("127.0.0.1",))
    sock = multicast.opened(GROUPS["mdns"][0], link, port)
    transport, hearer = await asyncio.get_running_loop().create_datagram_endpoint(Hearer, sock=sock)
    try:
        yield transport, hearer
    finally:
        transport.close()


def query(name: str, kind: int, class_: int = 1) -> bytes:
    out = DNSOutgoing(0)
    question = DNSQuestion(name, kind, class_)
    out.add_question(question)
    return out.packets()[0]


async def until(hearer: Hearer, wanted: Callable[[DNSIncoming], bool]) -> DNSIncoming:
    async with asyncio.timeout(5):
        while not wanted(packet := await hearer.heard.get()):
            pass
    return packet


async def test_announcement_answer_to_the_group_and_goodbye() -> None:
    port = free()
    async with host(port) as (transport, hearer):
        async with multicast.answering(ADVERT, find, ("mdns",), ("lo",), port):
            first = await until(hearer, lambda packet: bool(packet.answers()))
            kinds = {type(one) for one in first.answers()}
            assert kinds == {DNSPointer, DNSService, DNSText, DNSAddress}
            transport.sendto(query("_services._dns-sd._udp.local.", 12), ("224.0.0.251", port))
            said = await until(hearer, lambda packet: packet.num_answers == 1)
            (pointer,) = said.answers()
            assert isinstance(pointer, DNSPointer)
            assert pointer.alias == "_smartenergy._tcp.local."
        last = await until(hearer, lambda packet: all(one.ttl == 0 for one in packet.answers()))
        assert any(isinstance(one, DNSService) and one.port == 8080 for one in last.answers())


async def test_record_that_the_asker_knows_is_not_told_again() -> None:
    known = DNSPointer("_smartenergy._tcp.local.", 12, 1, 4500, ADVERT.name("local"))
    out = DNSOutgoing(0)
    out.add_question(DNSQuestion(known.name, 12, 1))
    out.add_answer_at_time(known, 0)
    told, _ = await discovery.answers(ADVERT, "local", ("127.0.0.1",), DNSIncoming(out.packets()[0]), find)
    assert told == []


async def test_what_is_not_ours_is_not_answered() -> None:
    for name, kind in (("other.local.", 255), ("_http._tcp.local.", 12), (ADVERT.name("local"), 28)):
        asked = DNSIncoming(query(name, kind))
        told, more = await discovery.answers(ADVERT, "local", ("127.0.0.1",), asked, find)
        assert (told, more) == ([], [])


def test_only_addresses_that_are_listened_on_are_told() -> None:
    records = discovery.details(ADVERT, "local", ("127.0.0.1", "::1", "192.0.2.1"))
    told = [ip_address(one.address) for one in records if isinstance(one, DNSAddress)]
    assert told == [ip_address("127.0.0.1")]


@pytest.mark.parametrize(("port", "said"), [(443, b"\x05https"), (8443, b"\x0ahttps=8443")])
def test_https_key_has_no_value_for_the_default_port(port: int, said: bytes) -> None:
    assert said + b"\x09level=-S1" == text(replace(ADVERT, https=port))[-len(said) - 10 :]


async def test_rubbish_is_dropped() -> None:
    async with responder() as port:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
            for rubbish in (b"", b"\x00" * 11, b"\xff" * 40, query("_x.local.", 12)[:-3]):
                sock.sendto(rubbish, ("224.0.0.251", port))
        assert len(await found(port, MDNS)) == 1


def test_no_group_of_ours_is_missing() -> None:
    assert {one.address for group in GROUPS.values() for one in group} == {*MDNS.groups, *XMDNS.groups}
    assert GROUPS["xmdns"] == (Group("site", "ff05::fb"),)
