"""Outgoing calls over real sockets: what the receiver sees, where no call goes, how a failure is told."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bridge.sep2.work import Policy
from bridge.transports import tls
from bridge.transports.calls import Bounds, Calls, Failed, Forbidden
from bridge.trust import issue
from tests.transports.receiver import context, receiving
from tests.transports.site import pki

OPEN = Policy(hosts=frozenset({"localhost", "127.0.0.1"}), plain_http=True)
MEDIA = "application/sep+xml"


@asynccontextmanager
async def calling(
    policy: Policy = OPEN, bounds: Bounds | None = None, *, show: bool = True
) -> AsyncIterator[Calls]:
    here = pki()
    made = tls.client([here.roots], *((here.certificate, here.key) if show else ()))
    nameless = partial(tls.client, [here.roots], named=False)
    async with Calls(policy, made, bounds or Bounds(whole=5.0), nameless=nameless) as calls:
        yield calls


async def test_a_document_arrives_whole_over_the_standards_suite() -> None:
    async with receiving() as there, calling() as calls:
        assert await calls.post(there.url("/a/b?c=d"), b"<x/>", MEDIA) == 204
    (got,) = there.got
    assert (got.path, got.body, got.media, got.shown) == ("/a/b", b"<x/>", MEDIA, True)
    assert got.cipher in {"ECDHE-ECDSA-AES128-CCM8", "TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"}


async def test_the_suite_of_tls_1_2_is_ccm8() -> None:
    made = context()
    made.maximum_version = ssl.TLSVersion.TLSv1_2
    async with receiving(made=made) as there, calling(show=False) as calls:
        assert await calls.post(there.url(), b"<x/>", MEDIA) == 204
    assert (there.got[0].cipher, there.got[0].shown) == ("ECDHE-ECDSA-AES128-CCM8", False)


def device(name: str) -> ssl.SSLContext:
    """A server that shows a device's certificate."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.set_ciphers(tls.SUITES)
    client = pki().client(name)
    made.load_cert_chain(client.certificate, client.key)
    return made


async def test_a_receiver_without_a_name_is_known_by_its_lfdi() -> None:
    lfdi = pki().client("told").lfdi
    async with receiving(made=device("told")) as there, calling() as calls:
        for _ in range(2):
            assert await calls.post(there.url(), b"<x/>", MEDIA, lfdi) == 204
        for other in ("", "AB" * 20):
            with pytest.raises(Failed):
                await calls.post(there.url(), b"<x/>", MEDIA, other)
    assert len(there.got) == 2


async def test_another_device_in_its_place_is_told_nothing() -> None:
    lfdi = pki().client("told").lfdi
    async with receiving(made=device("told")) as there, calling() as calls:
        assert await calls.post(there.url(), b"<x/>", MEDIA, lfdi) == 204
        async with receiving(made=device("impostor")) as other:
            with pytest.raises(Failed):
                await calls.post(other.url(), b"<x/>", MEDIA, lfdi)
        assert other.got == []


async def test_a_known_holder_may_take_a_certificate_with_its_name() -> None:
    lfdi = pki().client("told").lfdi
    async with receiving(made=device("told")) as there, calling() as calls:
        assert await calls.post(there.url(), b"<x/>", MEDIA, lfdi) == 204
        async with receiving() as other:
            assert await calls.post(other.url(), b"<x/>", MEDIA, lfdi) == 204


async def test_plain_http_is_called_where_the_policy_lets_it() -> None:
    async with receiving(plain=True) as there:
        async with calling() as calls:
            assert await calls.post(there.url(), b"<x/>", MEDIA) == 204
        async with calling(Policy(hosts=OPEN.hosts)) as calls:
            with pytest.raises(Forbidden):
                await calls.post(there.url(), b"<x/>", MEDIA)
    assert len(there.got) == 1


@pytest.mark.parametrize("status", [200, 201, 400, 404, 410, 500, 503])
async def test_the_status_of_the_answer_is_given(status: int) -> None:
    async with receiving(plain=True) as there, calling() as calls:
        there.statuses["/hook"] = [status]
        assert await calls.post(there.url(), b"<x/>", MEDIA) == status


async def test_no_redirect_is_followed() -> None:
    async with receiving(plain=True) as there, receiving(plain=True) as other, calling() as calls:
        for status in (301, 302, 307, 308):
            there.statuses["/hook"], there.location = [status], other.url()
            assert await calls.post(there.url(), b"<x/>", MEDIA) == status
    assert other.got == []


async def test_a_receiver_below_an_unknown_root_is_not_told(tmp_path: Path) -> None:
    top = issue.root("elsewhere")
    leaf = issue.server(top, ("localhost",))
    (tmp_path / "c.pem").write_bytes(leaf.pem)
    (tmp_path / "k.pem").write_bytes(leaf.key_pem)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(tmp_path / "c.pem", tmp_path / "k.pem")
    async with receiving(made=made) as there, calling() as calls:
        with pytest.raises(Failed, match=r"[Cc]ertificate"):
            await calls.post(there.url(), b"<x/>", MEDIA)
    assert there.got == []


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/", "http://[::1]:1/", "http://169.254.169.254/", "file:///etc/passwd"]
)
async def test_an_address_that_is_not_public_is_never_connected_to(url: str) -> None:
    async with calling() as calls:
        with pytest.raises(Forbidden):
            await calls.post(url, b"<x/>", MEDIA)


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["93.184.215.14", "127.0.0.1"], ["169.254.169.254"]])
async def test_a_public_name_that_leads_inside_is_not_followed(
    addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def lie(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

    async with receiving(plain=True) as there, calling() as calls:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", lie)
        with pytest.raises(Forbidden, match="not public"):
            await calls.post(there.url(host="rebind.example.org"), b"<x/>", MEDIA)
    assert asked == ["rebind.example.org"]
    assert there.got == []


async def test_a_name_is_connected_to_where_it_was_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [["127.0.0.1"], ["10.0.0.1"]]

    async def turn(host: str, port: int, **_: Any) -> list[Any]:
        assert host == "localhost"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in answers.pop(0)]

    async with receiving(plain=True) as there, calling() as calls:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", turn)
        assert await calls.post(there.url(), b"<x/>", MEDIA) == 204
    assert len(answers) == 1


async def test_a_receiver_that_does_not_answer_in_time_has_failed() -> None:
    async with receiving(plain=True) as there, calling(bounds=Bounds(whole=0.3)) as calls:
        there.held["/hook"] = asyncio.Event()
        with pytest.raises(Failed, match="Timeout"):
            await calls.post(there.url(), b"<x/>", MEDIA)


async def test_what_is_no_http_has_failed() -> None:
    async def garble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"<x/>")
        writer.write(b"nonsense\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(garble, "127.0.0.1", 0)
    async with server, calling() as calls:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Failed):
            await calls.post(f"http://127.0.0.1:{port}/", b"<x/>", MEDIA)


async def test_a_closed_port_has_failed() -> None:
    async with receiving(plain=True) as there:
        url = there.url()
    async with calling() as calls:
        with pytest.raises(Failed, match="Connect"):
            await calls.post(url, b"<x/>", MEDIA)


async def test_calls_are_made_only_while_it_is_open() -> None:
    with pytest.raises(RuntimeError):
        await Calls(OPEN, tls.client([pki().roots])).post("http://localhost/", b"", MEDIA)
