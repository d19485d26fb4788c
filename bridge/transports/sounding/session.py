"""Whole handshakes with a server that is sounded: who is let in without a certificate, what is resumed.

What is in the clear is read by hand (flight.py); this needs keys, so Python's ssl does it, with everything
allowed that it can still do. The server's chain is judged by one context that trusts only what it is told.
"""

from __future__ import annotations

import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from bridge.transports.sounding.reach import Target

LEGACY = 0x4
"""OP_LEGACY_SERVER_CONNECT, which ssl has a name for from 3.12 on."""
MOMENT = 1.0
"""Seconds in which a server that has something to say after its handshake says it."""
VERSIONS = {"TLSv1.2": ssl.TLSVersion.TLSv1_2, "TLSv1.3": ssl.TLSVersion.TLSv1_3}


@dataclass(frozen=True)
class Identity:
    """A client's certificate."""

    certificate: Path
    key: Path


@dataclass
class Met:
    """What became of a handshake."""

    ended: str = ""
    """Why it failed; '' if it did not."""
    alert: bool = False
    """Whether that was told by an alert."""
    chain: tuple[bytes, ...] = ()
    protocol: str = ""
    """What ALPN agreed on."""
    resumed: bool = False
    named: bool = False
    """Whether a session came that could be resumed."""
    session: ssl.SSLSession | None = None


def context(version: str, identity: Identity | None = None) -> ssl.SSLContext:
    """Make a context of one version that takes any server."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    made.set_ciphers("ALL:@SECLEVEL=0")
    made.minimum_version = made.maximum_version = VERSIONS[version]
    made.options |= LEGACY
    made.set_alpn_protocols(["http/1.1"])
    if identity:
        made.load_cert_chain(identity.certificate, identity.key)
    return made


def meet(target: Target, own: ssl.SSLContext, session: ssl.SSLSession | None = None) -> Met:
    """Shake hands, and hear what is said at once thereafter: tickets come then, and refusals under 1.3."""
    found = Met()
    with target.connect() as sock:
        try:
            with own.wrap_socket(sock, server_hostname=target.name or None, session=session) as secure:
                found.chain, found.protocol = shown(secure), secure.selected_alpn_protocol() or ""
                found.resumed = bool(secure.session_reused)
                secure.settimeout(min(MOMENT, target.patience))
                with suppress(TimeoutError):
                    if not secure.recv(1):
                        found.ended = "closed"
                found.session = secure.session
                found.named = bool(found.session and (found.session.has_ticket or found.session.id))
        except ssl.SSLError as fault:
            found.ended = (fault.reason or str(fault)).lower()
            found.alert = "alert" in found.ended
        except OSError as error:
            found.ended = (error.strerror or str(error)).lower()
    return found


def verified(target: Target, version: str, roots: Iterable[Path], identity: Identity | None) -> str:
    """Why a server's chain does not hold for its name, judged by the library; '' if it does."""
    own = context(version, identity)
    own.verify_mode = ssl.CERT_REQUIRED
    own.check_hostname = True
    trusted = list(roots)
    for root in trusted:
        own.load_verify_locations(root)
    if not trusted:
        own.load_default_certs()
    host = target.xmpp or target.host
    with target.connect() as sock:
        try:
            own.wrap_socket(sock, server_hostname=host).close()
        except ssl.SSLCertVerificationError as fault:
            return fault.verify_message
        except OSError:
            return ""
    return ""


def shown(secure: ssl.SSLSocket) -> tuple[bytes, ...]:
    """The chain as it was presented, leaf first."""
    if hasattr(secure, "get_unverified_chain"):  # public from Python 3.13
        return tuple(secure.get_unverified_chain())
    inner = secure._sslobj  # type: ignore[attr-defined]  # noqa: SLF001 - the only door to it before 3.13
    encoding = ssl._ssl.ENCODING_DER  # type: ignore[attr-defined]  # noqa: SLF001 - the same
    return tuple(one.public_bytes(encoding) for one in inner.get_unverified_chain() or ())
