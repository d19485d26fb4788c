"""TLS for companies: a listener whose clients have certificates of commercial or private authorities.

TLS 1.2 or 1.3, forward secrecy and AES-GCM alone, keys of RSA or of an elliptic curve, a certificate on both
sides; no session is resumed. Chains are verified by OpenSSL up to roots of its own list. A certificate that
signed itself is let in only if it was pinned. Which company it is of is decided above.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable
from pathlib import Path

from cryptography import x509

from bridge.sep2.talk import Peer
from bridge.transports import tls
from bridge.transports.tls import Files, Guard, Seen
from bridge.trust import credential, identity

SUITES = "ECDHE+AESGCM:@SECLEVEL=2"
"""For 1.2; the level refuses keys of RSA below 2,048 bits, and signatures by SHA-1."""


class Partners(Guard):
    """What we trust and present to companies."""

    def __init__(
        self,
        files: Files,
        pinned: tuple[Path, ...] = (),
        *,
        standing: Callable[[Peer], bool] = lambda _: True,
        hear: Callable[[], object] = lambda: None,
    ) -> None:
        self.pinned = pinned
        """Certificates that signed themselves, and are let in as they are."""
        super().__init__(files, standing=standing, hear=hear)

    def made(self) -> ssl.SSLContext:
        """Make a context of the files as they are."""
        context = _context(ssl.PROTOCOL_TLS_SERVER, (*self.files.roots, *self.pinned))
        context.load_cert_chain(self.files.certificate, self.files.key)
        context.verify_mode = ssl.CERT_REQUIRED
        context.num_tickets = 0
        context.set_alpn_protocols([self.spoken])
        return context

    def judged(self, shown: list[bytes]) -> Seen | str:
        """Say who has a chain that OpenSSL has verified, or why it is refused."""
        alone = shown[-1] in tls.ders(self.pinned)
        if len(shown) == 1 and not alone:
            return "a certificate that signed itself, and is not pinned"
        if alone and len(shown) > 1:
            return "below a certificate that is pinned for itself"
        certificates = [x509.load_der_x509_certificate(one) for one in shown]
        ends = min(one.not_valid_after_utc.timestamp() for one in certificates)
        lfdi = identity.lfdi(shown[0])
        return Seen(Peer(lfdi, identity.sfdi(lfdi), serials=credential.serials(certificates)), ends)


def client(roots: Iterable[Path], certificate: Path, key: Path) -> ssl.SSLContext:
    """Make the context of a call to a company; the server bears the name that it is called by."""
    context = _context(ssl.PROTOCOL_TLS_CLIENT, roots)
    context.load_cert_chain(certificate, key)
    return context


def _context(side: ssl._SSLMethod, roots: Iterable[Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(side)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(SUITES)
    context.options |= tls.OPTIONS
    for root in roots:
        context.load_verify_locations(root)
    return context
