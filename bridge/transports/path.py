"""OpenSSL's verification of a chain outside of a handshake, with the roots and rules of a TLS context.

What a handshake would do with a client's chain is done with one that somebody else has received: path,
signatures, periods at this moment, constraints on policies, purpose (SSL_CTX_get_cert_store,
X509_verify_cert). Our own rules come after it, as in the handshake; nothing here reads a certificate.
"""

from __future__ import annotations

import ctypes
from contextlib import ExitStack
from typing import TYPE_CHECKING

from bridge.transports import openssl
from bridge.transports.openssl import POINTER

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

PURPOSE = b"ssl_client"
CALLS: dict[str, openssl.Call] = {
    "SSL_CTX_get_cert_store": (POINTER, (POINTER,)),
    "SSL_CTX_get0_param": (POINTER, (POINTER,)),
    "X509_STORE_CTX_new": (POINTER, ()),
    "X509_STORE_CTX_init": (ctypes.c_int, (POINTER, POINTER, POINTER, POINTER)),
    "X509_STORE_CTX_set_default": (ctypes.c_int, (POINTER, ctypes.c_char_p)),
    "X509_STORE_CTX_get0_param": (POINTER, (POINTER,)),
    "X509_STORE_CTX_get0_chain": (POINTER, (POINTER,)),
    "X509_STORE_CTX_get_error": (ctypes.c_int, (POINTER,)),
    "X509_STORE_CTX_free": (None, (POINTER,)),
    "X509_VERIFY_PARAM_set1": (ctypes.c_int, (POINTER, POINTER)),
    "X509_verify_cert": (ctypes.c_int, (POINTER,)),
    "X509_verify_cert_error_string": (ctypes.c_char_p, (ctypes.c_long,)),
    "X509_free": (None, (POINTER,)),
    "OPENSSL_sk_new_null": (POINTER, ()),
    "OPENSSL_sk_push": (ctypes.c_int, (POINTER, POINTER)),
    "OPENSSL_sk_free": (None, (POINTER,)),
    "OPENSSL_sk_num": (ctypes.c_int, (POINTER,)),
    "OPENSSL_sk_value": (POINTER, (POINTER, ctypes.c_int)),
    "d2i_X509": (POINTER, (POINTER, POINTER, ctypes.c_long)),
    "i2d_X509": (ctypes.c_int, (POINTER, POINTER)),
}


class Unverified(Exception):
    """A chain that OpenSSL refuses, or cannot read."""


def there() -> bool:
    """Whether this can be done here."""
    return openssl.library(CALLS) is not None


def verified(context: ssl.SSLContext, shown: Sequence[bytes]) -> list[bytes]:
    """Give the path that OpenSSL builds for a chain, leaf first, root last; Unverified if there is none."""
    library = openssl.library(CALLS)
    if library is None:
        raise Unverified("the library that ssl is linked with cannot be reached")
    with ExitStack() as stack:
        pile = library.OPENSSL_sk_new_null()
        stack.callback(library.OPENSSL_sk_free, pile)
        held = [one for der in shown if (one := _read(library, der))]
        for one in held:
            stack.callback(library.X509_free, one)
        if not held or len(held) < len(shown):
            raise Unverified("a certificate cannot be read")
        for one in held[1:]:
            library.OPENSSL_sk_push(pile, one)
        return _judged(library, context, held[0], pile)


def _judged(library: ctypes.CDLL, context: ssl.SSLContext, leaf: int, pile: int) -> list[bytes]:
    """Verify as ssl_verify_cert_chain does: the purpose's rules, then the context's own."""
    handle, judge = openssl.handle(context), library.X509_STORE_CTX_new()
    try:
        if library.X509_STORE_CTX_init(judge, library.SSL_CTX_get_cert_store(handle), leaf, pile) != 1:
            raise Unverified("the library refused to begin")
        library.X509_STORE_CTX_set_default(judge, PURPOSE)
        rules = library.X509_STORE_CTX_get0_param(judge)
        library.X509_VERIFY_PARAM_set1(rules, library.SSL_CTX_get0_param(handle))
        if library.X509_verify_cert(judge) != 1:
            error = library.X509_STORE_CTX_get_error(judge)
            raise Unverified(library.X509_verify_cert_error_string(error).decode())
        path = library.X509_STORE_CTX_get0_chain(judge)
        count = library.OPENSSL_sk_num(path)
        return [_der(library, library.OPENSSL_sk_value(path, at)) for at in range(count)]
    finally:
        library.X509_STORE_CTX_free(judge)


def _read(library: ctypes.CDLL, der: bytes) -> int | None:
    """A certificate of the library's, None where the bytes are none, or more than one."""
    held = ctypes.create_string_buffer(der, len(der))
    place = POINTER(ctypes.addressof(held))
    found: int | None = library.d2i_X509(None, ctypes.byref(place), len(der))
    if found and place.value != ctypes.addressof(held) + len(der):
        library.X509_free(found)
        return None
    return found


def _der(library: ctypes.CDLL, certificate: int) -> bytes:
    held = ctypes.create_string_buffer(library.i2d_X509(certificate, None))
    library.i2d_X509(certificate, ctypes.byref(POINTER(ctypes.addressof(held))))
    return held.raw
