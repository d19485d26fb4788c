"""Who a simulated inverter is: its certificate and key, the roots it trusts, and the LFDI that follows.

IEEE 2030.5-2018 6.3. What cannot be used is a Fault with the file's name. Makes no certificate.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bridge.app.fault import Fault
from bridge.transports import tls
from bridge.trust import identity


@dataclass(frozen=True, slots=True)
class Identity:
    """The files of a client, and its names."""

    certificate: Path
    """In PEM, with the chain above it."""
    key: Path
    roots: tuple[Path, ...]
    lfdi: str

    @property
    def sfdi(self) -> int:
        """Its SFDI."""
        return identity.sfdi(self.lfdi)

    def context(self, *, named: bool = True) -> ssl.SSLContext:
        """Give its side of mutual TLS; `named` says whether the server's name is checked."""
        try:
            return tls.client(self.roots, self.certificate, self.key, named=named)
        except (OSError, ssl.SSLError, ValueError) as error:
            raise Fault(str(self.certificate), f"is no certificate with its key: {error}") from error


def read(certificate: Path, key: Path, *roots: Path) -> Identity:
    """Read who someone is."""
    for each in (certificate, key, *roots):
        if not each.is_file():
            raise Fault(str(each), "there is no such file")
    try:
        first = x509.load_pem_x509_certificates(certificate.read_bytes())[0]
    except (OSError, ValueError) as error:
        raise Fault(str(certificate), f"is no certificate in PEM: {error}") from error
    lfdi = identity.lfdi(first.public_bytes(Encoding.DER))
    return Identity(certificate, key, tuple(roots), lfdi)
