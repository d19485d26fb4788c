"""A small proxy, as a process of its own: it ends TLS with certificates, and forwards them as RFC 9440 says.

All clients share one connection to the server, on which the proxy shows its own certificate. What a client
itself says in those fields is dropped. `python -m tests.transports.proxy` is told by its arguments what to
do, and prints its port.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import sys
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path

from bridge.transports import tls

LENGTH = re.compile(rb"(?i)\r\ncontent-length: *([0-9]+)\r\n")
OURS = re.compile(rb"(?i)\r\nclient-cert(-chain)?:[^\r]*")


def fields(chain: Sequence[bytes]) -> str:
    """A chain in DER, leaf first, as both fields have it."""
    leaf, *above = (f":{b64encode(one).decode()}:" for one in chain)
    more = f"Client-Cert-Chain: {', '.join(above)}\r\n" if above else ""
    return f"Client-Cert: {leaf}\r\n{more}"


async def message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """A head and its body."""
    head = await reader.readuntil(b"\r\n\r\n")
    found = LENGTH.search(head)
    return head, await reader.readexactly(int(found[1])) if found else b""


async def run(port: int, roots: Path, own: tuple[Path, Path], shown: tuple[Path, Path]) -> None:
    """Serve until ended."""
    outer = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    outer.load_cert_chain(*own)
    outer.load_verify_locations(roots)
    outer.verify_mode = ssl.CERT_REQUIRED
    inner = tls.client([roots], *shown)
    lock = asyncio.Lock()
    back, there = await asyncio.open_connection("127.0.0.1", port, ssl=inner, server_hostname="localhost")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        told = fields(tls.presented(writer.get_extra_info("ssl_object"))).encode()
        try:
            while True:
                head, body = await message(reader)
                async with lock:
                    there.write(OURS.sub(b"", head)[:-2] + told + b"\r\n" + body)
                    answer = await message(back)
                writer.write(b"".join(answer))
                await writer.drain()
        except (EOFError, OSError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=outer)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    paths = [Path(one) for one in sys.argv[2:]]
    asyncio.run(run(int(sys.argv[1]), paths[0], (paths[1], paths[2]), (paths[3], paths[4])))
