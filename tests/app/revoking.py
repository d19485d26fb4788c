"""What tests of revocation do: keep connections open to each worker, send lists in, ask in plain HTTP."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from cryptography import x509

from bridge.trust.credential import Serial, serials
from bridge.trust.folder import Client
from tests.served import Client as Caller
from tests.served import Reply, Served
from tests.transports.site import Said, Talk
from tests.trust.lists import crl

LINES = 8
"""Connections that are opened, so that each of two workers has some."""
DER = "application/pkix-crl"


def connect(caller: Caller, port: int) -> Talk:
    """A connection of one's own, kept open."""
    sock = socket.create_connection(("127.0.0.1", port), 30)
    return Talk(caller.context().wrap_socket(sock, server_hostname="localhost"))


@contextmanager
def connected(caller: Caller, count: int = LINES) -> Iterator[list[Talk]]:
    """Several of them, each of which has been answered."""
    with ExitStack() as stack:
        port = caller.site.ports["https"]
        talks = [stack.enter_context(connect(caller, port)) for _ in range(count)]
        assert [talk.get("/dcap").status for talk in talks] == [200] * count
        assert [talk.get("/dcap").status for talk in talks] == [200] * count
        yield talks


def refused(talk: Talk) -> Said:
    """The answer to the next request, after which the connection ends."""
    said = talk.get("/dcap")
    assert said.status == 403, said.line
    assert said.fields["Connection"] == "close"
    assert talk.over()
    return said


def shut(caller: Caller, door: str = "https") -> None:
    """Hold that a new connection is refused in its handshake, as soon as the worker that takes it knows."""
    deadline = time.monotonic() + 30
    while (said := alert(caller, door)) != "SSLV3_ALERT_CERTIFICATE_REVOKED":
        assert said == "403"
        assert time.monotonic() < deadline


def alert(caller: Caller, door: str) -> str:
    """The alert that a new connection gets; `403` where its first request is refused instead."""
    try:
        with connect(caller, caller.site.ports[door]) as talk:
            said = talk.get("/dcap")
            assert said.status == 403, said.line
            return str(said.status)
    except ssl.SSLError as fault:
        return str(fault.reason)


def serial(one: Client) -> Serial:
    """What a client's certificate could be revoked by."""
    return serials(x509.load_pem_x509_certificates(one.certificate.read_bytes()))[0]


def listed(site: Served, numbers: tuple[int, ...], number: int, issuer: str = "mica") -> bytes:
    """A list of an authority of a site, from a moment ago until tomorrow."""
    now = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=1)
    return crl(site.pki.issuer(issuer), numbers, number, since=now)


async def upload(site: Served, data: bytes) -> Reply:
    """Send a list in."""
    return await site.admin.client.post("/api/v1/revocation/lists", data, DER)


async def eventually(true: Callable[[], bool]) -> None:
    """Wait for something."""
    deadline = time.monotonic() + 30
    while not await asyncio.to_thread(true):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


def ask(site: Served, path: str, data: bytes | None = None, **headers: str) -> Reply:
    """Ask the plain listener."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    url = f"http://127.0.0.1:{site.ports['revocation']}{path}"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data, named), timeout=60) as answer:
            return Reply(answer.status, dict(answer.headers), answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, dict(error.headers), error.read())


def told(site: Served, query: str = "") -> Any:
    """What is revoked, as anyone is told."""
    return json.loads(ask(site, f"/revoked{query}").body)


@dataclass
class Issuer:
    """An authority's own web server: what it answers, and what it was asked."""

    data: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve, and give the address."""
        here = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                here.asked.append(dict(self.headers))
                tag = here.headers.get("ETag")
                same = tag is not None and self.headers.get("If-None-Match") == tag
                self.send_response(304 if same else here.status)
                for name, value in here.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if not same:
                    self.wfile.write(here.data)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            thread = Thread(target=server.serve_forever, args=(0.05,))
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_port}/one.crl"
            finally:
                server.shutdown()
                thread.join()
