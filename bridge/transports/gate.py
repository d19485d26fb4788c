"""A say of our own in the handshake: a peer's chain that our rules refuse gets its TLS alert there and then.

OpenSSL builds and verifies the path first; what passes is judged here (SSL_CTX_set_cert_verify_callback),
and a refusal leaves as the alert that RFC 5246 7.2.2 and RFC 8446 6.2 have for it. Where the call cannot be
had, nothing is touched, and the peer is judged after its handshake (wire.py).
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING

import structlog

from bridge.transports import openssl
from bridge.transports.openssl import POINTER

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

BAD, UNSUPPORTED, REVOKED, INTERNAL = 42, 43, 44, 80
"""Alerts: bad_certificate, unsupported_certificate, certificate_revoked, internal_error."""
FAULTS = {BAD: 28, UNSUPPORTED: 26, REVOKED: 23, INTERNAL: 1}
"""The error of X509_verify_cert that OpenSSL turns into an alert."""
CALLS: dict[str, openssl.Call] = {
    "SSL_CTX_set_cert_verify_callback": (None, (POINTER, POINTER, POINTER)),
    "X509_verify_cert": (ctypes.c_int, (POINTER,)),
    "X509_STORE_CTX_get0_chain": (POINTER, (POINTER,)),
    "X509_STORE_CTX_set_error": (None, (POINTER, ctypes.c_int)),
    "OPENSSL_sk_num": (ctypes.c_int, (POINTER,)),
    "OPENSSL_sk_value": (POINTER, (POINTER, ctypes.c_int)),
    "i2d_X509": (ctypes.c_int, (POINTER, POINTER)),
}
Hook = ctypes.CFUNCTYPE(ctypes.c_int, POINTER, POINTER)
LOG = structlog.get_logger("derbridge.tls")


def hang(context: ssl.SSLContext, judge: Callable[[list[bytes]], int]) -> bool:
    """Have a context's peers judged in their handshake, and say whether that was done.

    `judge` gives the alert that refuses a path, leaf first and root last, or 0.
    """
    if (library := openssl.library(CALLS)) is None:
        return False

    def verify(store: int, _: int | None) -> int:
        """Answer OpenSSL; an error of ours must not pass for a yes."""
        try:
            passed: int = library.X509_verify_cert(store)
            if passed <= 0 or not (alert := judge(_path(library, store))):
                return passed
        except Exception:
            LOG.exception("judgement failed")
            alert = INTERNAL
        library.X509_STORE_CTX_set_error(store, FAULTS[alert])
        return 0

    hook = Hook(verify)
    context.hook = hook  # type: ignore[attr-defined] # OpenSSL holds it as long as the context lives
    library.SSL_CTX_set_cert_verify_callback(openssl.handle(context), ctypes.cast(hook, POINTER), None)
    return True


def _path(library: ctypes.CDLL, store: int) -> list[bytes]:
    """The path that was verified, in DER."""
    path = library.X509_STORE_CTX_get0_chain(store)
    return [_der(library, library.OPENSSL_sk_value(path, at)) for at in range(library.OPENSSL_sk_num(path))]


def _der(library: ctypes.CDLL, certificate: int) -> bytes:
    held = ctypes.create_string_buffer(library.i2d_X509(certificate, None))
    library.i2d_X509(certificate, ctypes.byref(POINTER(ctypes.addressof(held))))
    return held.raw
