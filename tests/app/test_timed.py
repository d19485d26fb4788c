"""The deadlines and limits of what aiohttp serves, on both loops: in plain, as the revocation data are told.

Slow peers of each kind meet their deadline; who waits for an answer does not. No time is measured here.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiohttp import web

from bridge.app import sockets
from bridge.app.clerk import Room, Runner
from bridge.transports.limits import Limits
from bridge.transports.timed import Ledger
from tests.app.revoking import told
from tests.served import Served, served
from tests.transports import site
from tests.transports.site import Talk

LONG = Limits(first=60.0, head=0.5, body=0.3, rate=100_000, idle=60.0, stall=0.3, linger=0.5)
LIMITS = replace(LONG, idle=0.3)
HUGE = 32 * 1024 * 1024
SLOW = 300


@dataclass
class Place:
    """A listener in a thread of its own."""

    limits: Limits
    loop: asyncio.AbstractEventLoop
    waiting: threading.Event = field(default_factory=threading.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0
    ledger: Ledger = field(init=False)

    @contextmanager
    def running(self) -> Iterator[Place]:
        thread = threading.Thread(target=self.loop.run_forever)
        thread.start()
        runner = self.call(self._open())
        try:
            yield self
        finally:
            self.call(runner.cleanup())
            self.loop.call_soon_threadsafe(self.loop.stop)
            thread.join()
            self.loop.close()

    def call(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    async def _open(self) -> Runner:
        made = web.Application(client_max_size=HUGE)
        made.router.add_get("/wait", self._wait)
        made.router.add_get("/huge", self._huge)
        made.router.add_route("*", "/", self._echo)
        runner = Runner(made, handle_signals=False, access_log=None, shutdown_timeout=1.0)
        runner.limits = self.limits
        await runner.setup()
        assert isinstance(runner.server, Room)
        self.ledger = runner.server.ledger
        sock = sockets.bound(socket.AF_INET, ("127.0.0.1", 0), shared=False)
        self.port = sock.getsockname()[1]
        await web.SockSite(runner, sock).start()
        return runner

    async def _echo(self, request: web.Request) -> web.Response:
        return web.Response(body=await request.read())

    async def _wait(self, _: web.Request) -> web.Response:
        self.waiting.set()
        await self.go.wait()
        return web.Response(text="gone on")

    async def _huge(self, _: web.Request) -> web.StreamResponse:
        self.waiting.set()
        return web.Response(body=bytes(HUGE))

    def talk(self) -> Talk:
        return Talk(socket.create_connection(("127.0.0.1", self.port), 60))


@contextmanager
def placed(limits: Limits, loop: str = "uvloop") -> Iterator[Place]:
    with Place(limits, site.LOOPS[loop]()).running() as found:
        yield found


@pytest.fixture(scope="module", params=site.LOOPS)
def here(request: pytest.FixtureRequest) -> Iterator[Place]:
    with placed(LIMITS, request.param) as found:
        yield found


def good(here: Place) -> None:
    with here.talk() as talk:
        said = talk.ask(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok")
        assert (said.status, said.body) == (200, b"ok")


def clock(here: Place) -> None:
    """Wait for as long as a head may take, which is longer than a body and than silence."""
    with here.talk() as talk:
        talk.send(b"GET / HTTP/1.1\r\n")
        assert site.ends(talk.sock)


def test_who_says_nothing_is_cut() -> None:
    with placed(replace(LONG, first=0.5)) as here, here.talk() as talk:
        assert site.ends(talk.sock)


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\nHost:", b"\r\n"])
def test_who_never_says_a_whole_head_is_cut(here: Place, said: bytes) -> None:
    with here.talk() as talk:
        talk.send(said)
        assert site.ends(talk.sock)
    good(here)


def test_a_head_has_its_time_even_where_silence_has_more() -> None:
    with placed(LONG) as here, here.talk() as talk:
        talk.send(b"GET / HTTP/1.1\r\n")
        assert site.ends(talk.sock)


def test_the_next_head_has_its_time_too() -> None:
    with placed(LONG) as here, here.talk() as talk:
        assert talk.ask(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").status == 200
        talk.send(b"GET / HTTP/1.1\r\n")
        assert site.ends(talk.sock)


def test_part_of_a_head_behind_a_request_has_its_time() -> None:
    with placed(LONG) as here, here.talk() as talk:
        talk.send(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        assert here.waiting.wait(60)
        talk.send(b"GET / HTTP/1.1\r\n")
        here.loop.call_soon_threadsafe(here.go.set)
        assert talk.read().body == b"gone on"
        assert site.ends(talk.sock)


def test_a_body_that_does_not_come_is_told_so(here: Place) -> None:
    with here.talk() as talk:
        said = talk.ask(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc")
        assert said.status == 408
        assert site.ends(talk.sock)
    good(here)


def test_silence_after_an_answer_ends(here: Place) -> None:
    with here.talk() as talk:
        assert talk.ask(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").status == 200
        assert site.ends(talk.sock)


def test_who_waits_for_an_answer_is_let_wait() -> None:
    with placed(LIMITS) as here, here.talk() as talk:
        talk.send(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        assert here.waiting.wait(60)
        clock(here)
        here.loop.call_soon_threadsafe(here.go.set)
        assert talk.read().body == b"gone on"


@pytest.mark.parametrize("loop", site.LOOPS)
def test_who_does_not_take_the_answer_is_cut(loop: str) -> None:
    with placed(LONG, loop) as here, here.talk() as talk:
        talk.send(b"GET /huge HTTP/1.1\r\nHost: x\r\n\r\n")
        assert here.waiting.wait(60)
        assert site.eventually(lambda: not here.ledger.here)
        taken = 0
        try:
            while data := talk.sock.recv(1_000_000):
                taken += len(data)
        except ConnectionError:
            pass
        assert taken < HUGE


def test_who_sends_no_more_gets_the_answer_that_is_on_its_way() -> None:
    with placed(LIMITS) as here, here.talk() as talk:
        talk.send(b"GET /wait HTTP/1.1\r\nHost: x\r\n\r\n")
        assert here.waiting.wait(60)
        talk.sock.shutdown(socket.SHUT_WR)
        here.loop.call_soon_threadsafe(here.go.set)
        assert talk.read().body == b"gone on"
        assert site.ends(talk.sock)


@pytest.mark.parametrize("limits", [Limits(connections=2), Limits(address=2)])
def test_one_connection_too_many(limits: Limits) -> None:
    with placed(limits) as here:
        with here.talk() as one, here.talk() as two:
            for talk in (one, two):
                assert talk.ask(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").status == 200
            with here.talk() as three:
                assert site.ends(three.sock)

        def room() -> bool:
            with here.talk() as talk:
                try:
                    return talk.ask(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").status == 200
                except (ConnectionError, EOFError):
                    return False

        assert site.eventually(room)


@pytest.mark.parametrize("loop", site.LOOPS)
def test_slow_peers_harm_nobody(loop: str) -> None:
    kinds = (b"", b"GET / HTTP/1.1\r\n", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")
    with placed(replace(LONG, first=8.0), loop) as here, ExitStack() as stack:
        slow = [stack.enter_context(here.talk()) for _ in range(SLOW)]
        for number, talk in enumerate(slow):
            talk.send(kinds[number % 3])
        good(here)
        for number, talk in enumerate(slow):
            if number % 3 == 2:
                assert talk.read().status == 408
            assert site.ends(talk.sock)
        good(here)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("timed")
    limits = {"first": 60.0, "head": 0.5, "body": 0.5, "idle": 600.0}
    with served(folder, revocation={"port": 0}, limits=limits) as found:
        yield found


def test_the_revocation_listener_has_the_limits_that_are_configured(whole: Served) -> None:
    with Talk(socket.create_connection(("127.0.0.1", whole.ports["revocation"]), 30)) as talk:
        talk.send(b"GET /crl HTTP/1.1\r\n")
        assert site.ends(talk.sock)
    assert told(whole)["edition"] == 0


async def test_the_administration_has_them_as_well(whole: Served) -> None:
    context = whole.admin.client.context()
    sock = socket.create_connection(("127.0.0.1", whole.ports["admin"]), 30)
    with Talk(context.wrap_socket(sock, server_hostname="localhost")) as talk:
        talk.send(b"GET /api/v1/health HTTP/1.1\r\n")
        assert site.ends(talk.sock)
    assert (await whole.admin.get("/api/v1/health"))[0] == 200


async def test_a_body_to_the_administration_that_does_not_come_is_told_so(whole: Served) -> None:
    sock = socket.create_connection(("127.0.0.1", whole.ports["admin"]), 60)
    with Talk(whole.admin.client.context().wrap_socket(sock, server_hostname="localhost")) as talk:
        head = b"POST /api/v1/devices HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        said = talk.ask(head + b"Content-Length: 9\r\n\r\n{")
        assert said.status == 408
        assert said.fields["Content-Type"].startswith("application/problem+json")
        assert site.ends(talk.sock)
