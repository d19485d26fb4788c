"""A ClientHello, written by hand: one version, these suites, so that a server's answer tells about them.

RFC 5246 7.4.1.2 and its extensions, RFC 8446 4.1.2, RFC 6101 for SSL 3.0. A TLS library offers only what it
would use itself. The handshake is never finished with it. Chance is an argument.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bridge.transports.sounding.names import P256, SSL3, TLS10, TLS12, TLS13, X25519

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SERVER_NAME, GROUPS, POINTS, SIGNATURES, PROTOCOLS = 0, 10, 11, 13, 16
MASTER, TICKET, VERSIONS, MODES, SHARES, RENEGOTIATION = 23, 35, 43, 45, 51, 0xFF01
OFFERED = (P256, X25519, 24, 25)
SCHEMES = (
    0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0807, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201,
)  # fmt: skip
"""Signatures: ECDSA, RSA-PSS, EdDSA, RSA, and those with SHA-1."""
RECORD, HELLO = 22, 1
RANDOM = 32


def client(
    version: int,
    suites: Iterable[int],
    chance: bytes,
    *,
    name: str = "",
    protocols: Sequence[str] = (),
    shares: Mapping[int, bytes] | None = None,
) -> bytes:
    """Write the record; `chance` is 32 bytes, `shares` a public key for each group that 1.3 is tried with."""
    body = _two(min(version, TLS12)) + chance[:RANDOM]
    body += _short(b"\x01" * RANDOM if version == TLS13 else b"")
    body += _long(b"".join(map(_two, suites))) + _short(b"\x00")
    if version != SSL3:
        body += _long(_extensions(version, name, protocols, shares or {}))
    message = bytes((HELLO,)) + len(body).to_bytes(3, "big") + body
    outer = SSL3 if version == SSL3 else TLS10
    return bytes((RECORD,)) + _two(outer) + _long(message)


def _extensions(version: int, name: str, protocols: Sequence[str], shares: Mapping[int, bytes]) -> bytes:
    found: dict[int, bytes] = {}
    if name:
        found[SERVER_NAME] = _long(b"\x00" + _long(name.encode("idna")))
    found[GROUPS] = _long(b"".join(map(_two, OFFERED)))
    found[POINTS] = _short(b"\x00")
    if version >= TLS12:
        found[SIGNATURES] = _long(b"".join(map(_two, SCHEMES)))
    if protocols:
        found[PROTOCOLS] = _long(b"".join(_short(one.encode("ascii")) for one in protocols))
    if version == TLS13:
        found[VERSIONS] = _short(_two(TLS13))
        found[MODES] = _short(b"\x01")
        found[SHARES] = _long(b"".join(_two(group) + _long(key) for group, key in shares.items()))
    else:
        found |= {MASTER: b"", TICKET: b"", RENEGOTIATION: b"\x00"}
    return b"".join(_two(kind) + _long(value) for kind, value in found.items())


def _two(number: int) -> bytes:
    return number.to_bytes(2, "big")


def _short(value: bytes) -> bytes:
    return bytes((len(value),)) + value


def _long(value: bytes) -> bytes:
    return _two(len(value)) + value
