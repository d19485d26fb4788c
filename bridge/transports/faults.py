"""What the listener itself answers when a request goes wrong before or beside the server: status and body.

The body is the Error of the 2030.5 schema with one of its reason codes, in the namespace of 2018. It never
says what went on inside.
"""

from __future__ import annotations

from http import HTTPStatus

from bridge.transports.reply import Fields, text

INVALID, LIMIT = 0, 2
"""Reason codes: invalid request format; resource limit reached."""
LIMITS = frozenset({408, 413, 414, 431, 500, 503})
ERROR = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<Error xmlns="urn:ieee:std:2030.5:ns"><reasonCode>{code}</reasonCode></Error>'
)
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Fault(Exception):
    """A request that the listener answers itself; the connection ends unless `soft`."""

    def __init__(self, status: int, reason: str, *, soft: bool = False) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.soft = soft


def body(status: int) -> bytes:
    """The body for a status; none for one that is no error."""
    code = LIMIT if status in LIMITS else INVALID
    return ERROR.format(code=code).encode() if status >= HTTPStatus.BAD_REQUEST else b""


def reply(status: int, date: bytes, *, close: bool, bare: bool = False, extra: Fields = ()) -> bytes:
    """A whole response in bytes; `bare` leaves the body off, as HEAD asks."""
    return text(status, body(status), date, extra, close=close, bare=bare)
