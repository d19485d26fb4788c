"""What is no HTTP gets a problem document from the administration listener, and one line in the log."""

from __future__ import annotations

import json
import socket
import ssl
from typing import TYPE_CHECKING

import pytest

from bridge.transports import tls
from tests.served import Served, served

if TYPE_CHECKING:
    from collections.abc import Iterator

STRANGE = [
    b"GARBAGE\r\n\r\n",
    b"\x00\x01\x02\r\n\r\n",
    b"GET /api/v1/health HTTP/9.9\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("clerk")) as found:
        yield found


def said(site: Served, data: bytes) -> tuple[str, bytes]:
    """The head and the body of the answer, up to the end of the connection."""
    client = site.pki.client("clerk", "operator")
    context = tls.client([site.pki.roots], client.certificate, client.key)
    plain = socket.create_connection(("127.0.0.1", site.ports["admin"]), 10.0)
    with context.wrap_socket(plain, server_hostname="localhost") as sock:
        sock.sendall(data)
        found = b""
        while more := _more(sock):
            found += more
    head, _, body = found.partition(b"\r\n\r\n")
    return head.decode(), body


def _more(sock: ssl.SSLSocket) -> bytes:
    try:
        return sock.recv(4_096)
    except ssl.SSLEOFError:
        return b""


@pytest.mark.parametrize("data", STRANGE, ids=lambda data: repr(data[:30]))
def test_a_problem_and_no_traceback(site: Served, data: bytes) -> None:
    before = len(site.log)
    head, body = said(site, data)
    assert " 400 Bad Request" in head
    assert "Content-Type: application/problem+json" in head
    assert "Server: derbridge" in head
    assert "ython" not in head
    assert json.loads(body)["status"] == 400
    told = site.log[before:]
    assert "request not taken" in told
    assert "exception" not in told
