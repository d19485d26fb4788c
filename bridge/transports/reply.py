"""A response as bytes: status line, fields in the order that all our answers have, body.

RFC 9112 clause 4, RFC 9110 clause 8.6: 204 has no length. What a field says is ours, and still nothing that
would end its line is let through.
"""

from __future__ import annotations

from functools import cache
from http import HTTPStatus

from bridge.sep2.talk import MEDIA

SERVER = "derbridge"
Fields = tuple[tuple[str, str], ...]


def text(
    status: int,
    content: bytes,
    date: bytes,
    extra: Fields = (),
    *,
    media: str = MEDIA,
    close: bool = False,
    bare: bool = False,
) -> bytes:
    """A whole response; `bare` leaves the body off, as HEAD asks."""
    said = [_line(status), b"Date: ", date, b"\r\nServer: derbridge\r\n"]
    if content:
        said.append(b"Content-Type: %b\r\n" % media.encode())
    said += [_field(*one) for one in extra]
    if status != HTTPStatus.NO_CONTENT:
        said.append(b"Content-Length: %d\r\n" % len(content))
    said.append(b"Connection: close\r\n\r\n" if close else b"\r\n")
    if not bare:
        said.append(content)
    return b"".join(said)


@cache
def _line(status: int) -> bytes:
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()


def _field(name: str, value: str) -> bytes:
    if "\r" in value or "\n" in value:
        raise ValueError(f"the value of {name} would end its line")
    return f"{name}: {value}\r\n".encode()
