"""Connections by hand: a handshake whose outcome is told, and requests that no library would send."""

from __future__ import annotations

import socket
import ssl
import subprocess
from dataclasses import dataclass

from bridge.transports import tls
from bridge.trust.folder import Client
from tests.served import Reply, Served

PATIENCE = 30.0


@dataclass
class Met:
    """What became of a connection."""

    reply: Reply | None = None
    cipher: tuple[str, str, int] | None = None
    refused: str = ""


def spoken(site: Served, files: Client | None, request: str = "", *, suites: str = tls.SUITES) -> Met:
    """Shake hands under TLS 1.2 and ask; an alert, or a goodbye without an answer, is a refusal."""
    asked = request or "GET /dcap HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    context = tls.client((site.pki.roots,), *((files.certificate, files.key) if files else ()))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(suites)
    place = ("127.0.0.1", site.ports["https"])
    try:
        with (
            socket.create_connection(place, PATIENCE) as plain,
            context.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
        ):
            secure.sendall(asked.encode())
            data = drained(secure)
            reply = answered(data) if data else None
            return Met(reply, secure.cipher(), "" if reply else "closed")
    except OSError as error:
        return Met(refused=getattr(error, "reason", None) or type(error).__name__)


def client(site: Served, files: Client, *options: str) -> str:
    """What `openssl s_client` says of a handshake with a certificate and a request."""
    place = f"127.0.0.1:{site.ports['https']}"
    command = ["openssl", "s_client", "-connect", place, "-ign_eof", "-cipher", "ALL:@SECLEVEL=0", *options]
    shown = ["-cert", files.certificate, "-cert_chain", files.certificate, "-key", files.key]
    asked = "GET /dcap HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    done = subprocess.run(
        [*command, *map(str, shown)],
        input=asked,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    return done.stdout + done.stderr


def drained(sock: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    found = b""
    while part := sock.recv(65536):
        found += part
    return found


def answered(data: bytes) -> Reply:
    """An answer taken apart."""
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("ascii").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return Reply(int(first.split()[1]), {name: value.strip() for name, _, value in pairs}, body)
