"""A TCP proxy that cuts: every connection through it ends at once, as when a cable is pulled.

async with Cutter(port) as cutter:      # connect to cutter.port
cutter.cut()
"""

from __future__ import annotations

import asyncio
import socket
import struct
from types import TracebackType
from typing import Self

PIECE = 65_536
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER with no time: what is unsent is thrown away, and the other end gets a reset."""


class Cutter:
    """Forwards to a port of loopback, until it cuts."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self.cuts = 0
        self._target = target
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def cut(self) -> None:
        """Cut every connection there is."""
        self.cuts += 1
        for writer in self._writers:
            if writer.transport.is_closing():
                continue
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
            pair = {writer, back}
            self._writers |= pair
            await asyncio.gather(pump(reader, back), pump(there, writer))
            self._writers -= pair
        finally:
            self._tasks.discard(task)


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry octets one way until it is over, then close the other side."""
    try:
        while (data := await reader.read(PIECE)) and not writer.transport.is_closing():
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)
