"""Ports of loopback, for peers and benches that start servers: one that is free, one that is listened at.

Whoever asks for a free one takes it soon. Nothing here opens a port to anybody else.
"""

from __future__ import annotations

import socket
import time

PATIENCE = 60.0


def free() -> int:
    """A port of loopback that nobody has."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def reachable(port: int) -> None:
    """Wait until somebody listens."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
