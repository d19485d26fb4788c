"""A booth: a request handler of aiohttp's at a connection whose TLS is worked by us.

So each refused handshake has its alert, the peer is known before its first byte is heard, and it has the
limits of every other peer. To the handler it looks like any transport. It understands nothing of what passes.
"""

from __future__ import annotations

import asyncio
from math import inf
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bridge.transports.timed import Timed
    from bridge.transports.wire import Wire


class Booth(asyncio.Transport):
    """One connection's."""

    def __init__(self, wire: Wire, handler: Timed) -> None:
        super().__init__()
        wire.due = inf  # from now on deadlines are the handler's
        self._wire, self._handler = wire, handler
        self._full = False
        handler.connection_made(self)

    # ------------------------------------------------------------------------------- from the wire

    @property
    def busy(self) -> bool:
        """Whether something is being answered."""
        return self._handler.busy

    def received(self, data: bytes) -> None:
        """Take plain text."""
        self._handler.data_received(data)

    def ended(self) -> None:
        """The client sends no more, or is gone."""
        if self._wire.closing:
            self._handler.connection_lost(None)
        elif not self._handler.eof_received():
            self._wire.close()

    def late(self) -> None:
        """The deadline has passed."""
        self._handler.late()

    def writable(self) -> None:
        """The client has taken what it was sent."""
        self._wire.due = inf
        if self._full:
            self._full = False
            self._handler.resume_writing()

    def stop(self) -> None:
        """End now, or after the answer that is on its way."""
        if self.busy:
            self._handler.close()
        else:
            self._wire.close()

    # ---------------------------------------------------------------------------- from the handler

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - the library's signature
        """Tell something of the connection."""
        return self._wire.told(name, default)

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Send plain text."""
        self._wire.send(bytes(data))
        if self._wire.full and not self._full:
            self._full = True
            self._handler.pause_writing()

    def is_closing(self) -> bool:
        """Whether nothing more is taken."""
        return self._wire.closing

    def close(self) -> None:
        """End the connection once what was sent has arrived."""
        self._wire.close()

    def abort(self) -> None:
        """Cut the connection."""
        self._wire.abort()

    def pause_reading(self) -> None:
        """Take nothing for now."""
        self._wire.hold(on=True)

    def resume_reading(self) -> None:
        """Go on taking."""
        self._wire.hold(on=False)
