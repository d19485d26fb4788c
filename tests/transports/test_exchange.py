"""Documents exchanged with endpoints: whom they reach, whom they never do, and what is read of an answer."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bridge.transports import tls
from bridge.transports.calls import Failed, Forbidden
from bridge.transports.exchange import Exchange, Terms
from bridge.trust import folder, identity, issue
from tests.transports.receiver import context, receiving
from tests.transports.site import pki

LFDI = "AB" * 20


@asynccontextmanager
async def exchanging(port: int, *hosts: str) -> AsyncIterator[Exchange]:
    here = pki()
    made = partial(tls.client, [here.roots], here.certificate, here.key)
    terms = Terms(frozenset(hosts), frozenset({port}), 5.0)
    async with Exchange(terms, made, partial(made, named=False)) as found:
        yield found


async def test_it_reaches_a_server_by_its_name_and_by_its_lfdi() -> None:
    own = identity.lfdi(tls.ders((pki().certificate,))[0])
    async with receiving() as door, exchanging(door.port, "localhost") as calls:
        assert (await calls.post(door.url(), b"one", "text/plain")).status == 204
        assert (await calls.post(door.url(), b"two", "text/plain", own)).status == 204
        with pytest.raises(Failed, match=LFDI):
            await calls.post(door.url(), b"three", "text/plain", LFDI)
        assert [one.body for one in door.got] == [b"one", b"two"]
        assert all(one.shown for one in door.got)
        seen = await calls.glance(door.url())
        assert (seen.version, identity.lfdi(seen.chain[0])) == ("TLSv1.3", own)
        with pytest.raises(Failed):
            await calls.glance(door.url(), LFDI)


async def test_a_name_that_leads_inwards_is_judged_by_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """A public name whose address is that of this machine: asked once, and nothing is connected to."""
    asked = []

    async def found(_: Any, host: str, port: int, **more: Any) -> list[Any]:
        del more
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    async with receiving() as door, exchanging(door.port) as calls:
        monkeypatch.setattr(type(asyncio.get_running_loop()), "getaddrinfo", found)
        with pytest.raises(Forbidden, match="not public"):
            await calls.post(f"https://public.example.com:{door.port}/", b"x", "text/plain")
        with pytest.raises((Forbidden, Failed), match="not public"):
            await calls.glance(f"https://public.example.com:{door.port}/")
        assert asked == ["public.example.com"] * 2
        assert door.got == []


async def test_no_redirect_is_followed() -> None:
    async with receiving() as door, exchanging(door.port, "localhost") as calls:
        door.statuses["/hook"], door.location = [307], door.url("/inner")
        assert (await calls.post(door.url(), b"x", "text/plain")).status == 307
        assert [one.path for one in door.got] == ["/hook"]


@pytest.mark.parametrize(
    "url", ["https://localhost:22/", "http://localhost/", "https://10.0.0.1/", "https://x/"]
)
async def test_what_may_not_be_called_is_not(url: str) -> None:
    async with exchanging(443, "localhost") as calls:
        with pytest.raises(Forbidden):
            await calls.post(url, b"x", "text/plain")
        with pytest.raises(Forbidden):
            await calls.glance(url)


async def test_who_is_not_there_or_not_believed_has_failed(tmp_path: Path) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        async with exchanging(port, "localhost") as calls:
            with pytest.raises(Failed):
                await calls.post(f"https://localhost:{port}/", b"x", "text/plain")
    above = issue.authority(issue.root("Elsewhere"), "MICA", depth=0)
    folder.keep(tmp_path / "strange", issue.server(above, ("localhost",)))
    strange = context()
    strange.load_cert_chain(tmp_path / "strange.pem", tmp_path / "strange.key")
    async with receiving(made=strange) as there, exchanging(there.port, "localhost") as calls:
        with pytest.raises(Failed):
            await calls.post(there.url(), b"x", "text/plain")
        assert there.got == []
