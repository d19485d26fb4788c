"""Stopping, over real mutual TLS on both loops: answers on their way arrive, and nothing waits for ever."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

import pytest

from bridge.sep2.talk import Answer, Ask
from tests.transports import site
from tests.transports.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator


async def answer(ask: Ask) -> Answer:
    """Take a moment for what is slow, and give much where that is asked for."""
    if ask.path == "/slow":
        await asyncio.sleep(0.3)
    return Answer(200, b"x" * 5_000_000) if ask.path == "/large" else await site.echo(ask)


@pytest.fixture(scope="module", params=site.LOOPS)
def here(request: pytest.FixtureRequest) -> Iterator[Site]:
    with Site(answer=answer, loop_name=request.param).running() as found:
        yield found


def test_stop_finishes_what_is_on_its_way(here: Site) -> None:
    with Site(answer=answer, loop_name=here.loop_name).running() as found:
        with found.connect() as busy, found.connect() as idle, found.plain() as plain:
            busy.send(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
            assert idle.get("/dcap").status == 200
            stopped = threading.Thread(target=lambda: found.call(found.listener.stop(5.0)))
            stopped.start()
            assert idle.over()
            said = busy.read()
            assert (said.status, said.fields["Connection"]) == (200, "close")
            assert busy.over()
            assert site.ends(plain.sock)
            stopped.join()
        assert found.listener.connections == 0
        with pytest.raises(ConnectionRefusedError):
            found.connect()


def test_stop_does_not_wait_beyond_the_grace() -> None:
    with Site(answer=answer).running() as found, found.connect() as talk:
        talk.send(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.1)
        found.call(found.listener.stop(0.05))
        assert not talk.over() or found.listener.connections == 0
