"""Switch the session cache of a server's TLS context off, which Python's ssl offers no way to.

Without tickets TLS 1.2 clients can still resume by session id, without showing a certificate again, and
each session seen stays in memory: up to 20,480 of them. OpenSSL has a call for it. Where it cannot be had,
nothing is touched, and a resumed session is refused after its handshake (tls.py).
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

from bridge.transports import openssl
from bridge.transports.openssl import POINTER

if TYPE_CHECKING:
    import ssl

SET, GET = 44, 45
"""SSL_CTRL_SET_SESS_CACHE_MODE and its counterpart."""
OFF, SERVER = 0, 2
CALLS: dict[str, openssl.Call] = {
    "SSL_CTX_ctrl": (ctypes.c_long, (POINTER, ctypes.c_int, ctypes.c_long, POINTER)),
}


def off(context: ssl.SSLContext) -> bool:
    """Switch the cache off, and say whether that was done."""
    if (library := openssl.library(CALLS)) is None:
        return False
    control, handle = library.SSL_CTX_ctrl, openssl.handle(context)
    if control(handle, GET, 0, None) != SERVER:
        return False
    control(handle, SET, OFF, None)
    return bool(control(handle, GET, 0, None) == OFF)
