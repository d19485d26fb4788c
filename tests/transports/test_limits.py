"""Limits over real mutual TLS: deadlines, connections of one peer and of all, many that are idle."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time

import pytest

from bridge.sep2.talk import Answer, Ask
from bridge.transports import origin
from bridge.transports.limits import Limits
from tests.transports import site
from tests.transports.site import Site


async def answer(ask: Ask) -> Answer:
    """Take a moment for what is slow, and give much where that is asked for."""
    if ask.path == "/slow":
        await asyncio.sleep(0.3)
    return Answer(200, b"x" * 5_000_000) if ask.path == "/large" else await site.echo(ask)


def running(**limits: float) -> Site:
    return Site(answer=answer, limits=Limits(**limits))  # type: ignore[arg-type] # sizes are given whole


def test_silence_from_the_start_ends() -> None:
    with running(first=0.2).running() as here:
        with socket.create_connection(("127.0.0.1", here.listener.port), site.PATIENCE) as sock:
            assert site.ends(sock)
        with here.connect() as talk:
            assert talk.over()


def test_idle_connection_ends_with_a_goodbye() -> None:
    with running(idle=0.2).running() as here, here.connect() as talk:
        assert talk.get("/dcap").status == 200
        assert talk.over()


def test_idle_time_begins_anew_with_each_request() -> None:
    with running(idle=0.5).running() as here, here.connect() as talk:
        for _ in range(5):
            assert talk.get("/kept").status == 200
            time.sleep(0.2)
        assert talk.get("/kept").status == 200


def test_time_of_an_answer_is_not_the_client_s() -> None:
    with running(idle=0.1, first=0.1, head=0.1).running() as here, here.connect() as talk:
        assert talk.get("/slow").status == 200


def test_client_that_does_not_take_its_answer_is_cut() -> None:
    with running(stall=0.3).running() as here, here.connect() as talk:
        talk.send(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
        assert site.eventually(lambda: here.listener.connections == 0)


MANY = b"GET /dcap HTTP/1.1\r\nHost: x\r\n\r\n" * 300_000


def test_client_that_asks_ahead_is_answered_in_the_end() -> None:
    with running(ahead=10_000).running() as here, here.connect() as talk:
        talk.send(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n" + MANY[:96_000])
        assert [talk.read().status for _ in range(3_001)] == [200] * 3_001


def test_client_that_asks_ahead_is_not_read_without_end() -> None:
    go = threading.Event()

    async def wait(_: Ask) -> Answer:
        await asyncio.to_thread(go.wait)
        return Answer(204)

    with Site(answer=wait).running() as here, here.connect() as talk:
        talk.sock.settimeout(0.5)
        try:
            with pytest.raises(TimeoutError):
                talk.send(MANY)
        finally:
            go.set()


def test_nothing_is_answered_for_a_client_that_does_not_take_it() -> None:
    asked: list[Ask] = []

    async def large(ask: Ask) -> Answer:
        asked.append(ask)
        return Answer(200, b"x" * 5_000_000)

    with Site(answer=large, limits=Limits(stall=1.0)).running() as here, here.connect() as talk:
        talk.sock.settimeout(0.5)
        with pytest.raises(TimeoutError):
            talk.send(MANY)
        assert len(asked) <= 2


def test_peer_with_too_many_connections_loses_the_one_idle_longest() -> None:
    with running(peer=2).running() as here:
        other = here.connect(site.device("device2"))
        with other, here.connect() as one, here.connect() as two:
            assert one.get("/dcap").status == two.get("/dcap").status == other.get("/dcap").status == 200
            time.sleep(1.1)
            assert one.get("/dcap").status == 200
            with here.connect() as three:
                assert three.get("/dcap").status == 200
                assert two.over()
                assert one.get("/dcap").status == other.get("/dcap").status == 200


def test_peer_whose_connections_are_all_busy_gets_no_more() -> None:
    with running(peer=1).running() as here, here.connect() as one:
        one.send(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.1)
        with here.connect() as two:
            assert two.over()
        assert one.read().status == 200


def test_connections_in_all() -> None:
    with running(connections=1).running() as here, here.connect() as one:
        assert one.get("/dcap").status == 200
        with pytest.raises((OSError, ssl.SSLError)):
            here.connect(site.device("device2"))
        assert one.get("/dcap").status == 200


def test_connections_of_an_address() -> None:
    """Counted before anybody is known, and given back when they end; another address has its own."""
    with running(address=2).running() as here:
        place = ("127.0.0.1", here.listener.port)
        with here.connect() as one, socket.create_connection(place, site.PATIENCE) as silent:
            assert one.get("/dcap").status == 200
            with pytest.raises((OSError, ssl.SSLError)):
                here.connect(site.device("device2"))
            with here.connect(host="::1") as other:
                assert other.get("/dcap").status == one.get("/dcap").status == 200
            silent.close()
            assert site.eventually(lambda: here.listener.connections == 1)
            with here.connect(site.device("device2")) as two:
                assert two.get("/dcap").status == 200
    assert not here.listener.hall.census.networks  # nothing is remembered of those who went


@pytest.mark.parametrize(
    ("name", "counted"),
    [
        (("192.0.2.1", 1), "192.0.2.1"),
        (("2001:db8::1", 1, 0, 0), "2001:db8::2:3"),
        (("fe80::1%lo", 1, 0, 1), "fe80::2"),
    ],
)
def test_addresses_that_count_as_one(name: tuple[str, ...], counted: str) -> None:
    assert origin.network(name) == origin.network((counted,))
    assert origin.network(name) != origin.network(("2001:db8:0:1::1",))
    assert origin.network(None) == b""


def test_five_hundred_idle_connections_do_not_disturb() -> None:
    with Site(limits=Limits(peer=1000)).running() as found:
        talks = [found.connect() for _ in range(500)]
        try:
            assert found.listener.connections == 500
            assert [talk.get("/kept").status for talk in talks] == [200] * 500
        finally:
            for talk in talks:
                talk.sock.close()


@pytest.mark.parametrize("loop", site.LOOPS)
def test_connection_that_both_ends_closed_is_gone_at_once(loop: str) -> None:
    with Site(limits=Limits(linger=3600.0), loop_name=loop).running() as here:
        with here.connect() as talk:
            assert talk.get("/dcap").status == 200
        assert site.eventually(lambda: here.listener.connections == 0)
        with here.connect() as talk:
            assert talk.get("/dcap", "Connection: close\r\n").status == 200
            assert talk.over()
        assert site.eventually(lambda: here.listener.connections == 0)
