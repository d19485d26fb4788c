"""Where a request's body ends: by its length, or by its chunks (RFC 9112 clauses 6 and 7.1).

A scan goes on where it stopped, so that a body that comes byte by byte costs no more than one that comes
whole. It decodes nothing: chunks are decoded by aiohttp's parser, which must come to the same end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bridge.transports.faults import Fault
from bridge.transports.heads import CHUNKED, FIELD

if TYPE_CHECKING:
    from bridge.transports.limits import Limits

SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:;[\t -~\x80-\xff]*)?")
LINE = 256
"""Longest line before a chunk, its extensions included, and longest trailer."""
TRAILERS = 20
HEADS = frozenset({b"content-length", b"host", b"transfer-encoding"})
"""Fields that no trailer has."""


class Counted:
    """A body of known length."""

    __slots__ = ("_stop",)

    def __init__(self, start: int, length: int) -> None:
        self._stop = start + length

    def end(self, data: bytearray) -> int | None:
        """Give where the body ends, None where that has not come yet."""
        return self._stop if len(data) >= self._stop else None


class Chunks:
    """A body in chunks; `at` is where the next line of the framing begins."""

    __slots__ = ("_at", "_content", "_over", "_raw", "_size", "_trailers")

    def __init__(self, start: int, limits: Limits) -> None:
        self._at = start
        self._size = 0
        self._over = False
        self._trailers = 0
        self._content = limits.content
        self._raw = start + 2 * limits.content + limits.whole

    def end(self, data: bytearray) -> int | None:
        """Give where the body ends, None where that has not come yet."""
        while not self._over:
            if not self._chunk(data):
                return None
        while (line := self._line(data)) is not None:
            self._at += len(line) + 2
            if not line:
                return self._at
            self._trailers += 1
            found = FIELD.fullmatch(line)
            if self._trailers > TRAILERS or found is None or found[1].lower() in HEADS:
                raise Fault(400, "a trailer is malformed, or belongs into the head")
        return None

    def _chunk(self, data: bytearray) -> bool:
        """Pass one chunk, if it is there."""
        if (line := self._line(data)) is None:
            return False
        if (found := SIZE.fullmatch(line)) is None:
            raise Fault(400, "the size of a chunk is malformed")
        size, start = int(found[1], 16), self._at + len(line) + 2
        stop = start + size
        if self._size + size > self._content or stop > self._raw:
            raise Fault(413, "the body is too large")
        if size == 0:
            self._over, self._at = True, start
            return True
        if len(data) < stop + 2:
            return False
        if data[stop : stop + 2] != b"\r\n":
            raise Fault(400, "a chunk does not end where it should")
        self._size, self._at = self._size + size, stop + 2
        return True

    def _line(self, data: bytearray) -> bytes | None:
        """Give the line that begins here, once it is there."""
        window = bytes(data[self._at : self._at + LINE + 2])
        stop = window.find(b"\r\n")
        if stop >= 0:
            return window[:stop]
        if len(window) > LINE or b"\n" in window:
            raise Fault(400, "a line between chunks is malformed")
        return None


def scan(start: int, length: int, limits: Limits) -> Counted | Chunks:
    """Give what looks for the end of a body that begins here."""
    return Chunks(start, limits) if length == CHUNKED else Counted(start, length)
