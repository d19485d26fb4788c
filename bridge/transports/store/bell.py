"""The bell: a small file in memory by which the processes of one machine tell each other what has changed.

A ring of frames, each the topics of one group of commits, and before it how many bytes were ever written.
To see that nothing has changed costs one comparison. It is rung after a commit and before its
acknowledgement, so whoever reads after an acknowledgement hears of it. A reader that was left behind, or
finds a frame torn, takes everything as changed. It knows nothing of a database.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EVERYTHING = frozenset({"*"})
"""Stands for every topic there is."""

SIZE = 1 << 20
HEADER = 64
FRAME = struct.Struct("<II")
NAME = struct.Struct("<16s")
WRITTEN, NUMBER = 0, 1


class Bell:
    """One end of the ring; `path` None is a ring of this process alone."""

    def __init__(self, path: Path | None = None) -> None:
        self._file = -1 if path is None else os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with self._alone():
            if path is not None and os.fstat(self._file).st_size < HEADER + SIZE:
                os.ftruncate(self._file, HEADER + SIZE)
            self._map = mmap.mmap(self._file, HEADER + SIZE)
            self._words = memoryview(self._map)[:16].cast("Q")
            if not any(self._map[16:32]):
                self._map[16:32] = os.urandom(16)
        self.name = self._map[16:32].hex()
        """The same for all that hear this bell, and for nobody else."""
        self.heard: int = self._words[WRITTEN]
        self._own: tuple[int, int, frozenset[str]] = (-1, -1, frozenset())
        """From which count to which this end itself wrote last, and what."""

    def close(self) -> None:
        """Let go of the ring."""
        self._words.release()
        self._map.close()
        if self._file >= 0:
            os.close(self._file)

    @property
    def silent(self) -> bool:
        """Whether nothing was rung since this end last listened."""
        return self._words[WRITTEN] == self.heard

    @property
    def number(self) -> int:
        """The last archive entry that was rung for."""
        return int(self._words[NUMBER])

    def ring(self, topics: frozenset[str], number: int = 0) -> None:
        """Tell that these topics have changed, up to this archive entry."""
        body = "\0".join(topics).encode()
        if len(body) > SIZE // 4:
            body = b"*"
        data = FRAME.pack(len(body), zlib.crc32(body)) + body
        with self._alone():
            written = self._words[WRITTEN]
            start = written % SIZE
            first = data[: SIZE - start]
            self._map[HEADER + start : HEADER + start + len(first)] = first
            self._map[HEADER : HEADER + len(data) - len(first)] = data[len(first) :]
            self._words[NUMBER] = max(self._words[NUMBER], number)
            self._own = (written, written + len(data), topics)
            self._words[WRITTEN] = written + len(data)

    def restart(self, number: int) -> None:
        """Take a number for the last one although it is smaller: another database has come."""
        with self._alone():
            self._words[NUMBER] = number
        self.ring(EVERYTHING)

    def listen(self) -> frozenset[str]:
        """Everything that changed since this end last listened."""
        heard, written = self.heard, self._words[WRITTEN]
        self.heard = written
        own = self._own
        if own[:2] == (heard, written):
            return own[2]
        data = self._since(heard, written)
        return EVERYTHING if data is None else _topics(data)

    def _since(self, heard: int, written: int) -> bytes | None:
        """What was written from one count to another; None where it was overwritten before it was read."""
        length = written - heard
        if not 0 <= length <= SIZE:
            return None
        start = heard % SIZE
        data = self._map[HEADER + start : HEADER + min(start + length, SIZE)]
        data += self._map[HEADER : HEADER + length - len(data)]
        return data if self._words[WRITTEN] - heard <= SIZE else None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes from writing; a process that dies lets go of it."""
        if self._file < 0:
            yield
            return
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)


def _topics(data: bytes) -> frozenset[str]:
    """The topics of some frames; a frame that is not whole makes everything changed."""
    found: set[str] = set()
    place = 0
    while place < len(data):
        length, crc = FRAME.unpack_from(data, place)
        body = data[place + FRAME.size : place + FRAME.size + length]
        place += FRAME.size + length
        if zlib.crc32(body) != crc:
            return EVERYTHING
        found.update(body.decode().split("\0"))
    return EVERYTHING if "*" in found else frozenset(found)
