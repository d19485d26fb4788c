"""The certificates of a folder as the PKI commands find them: by name, file or serial number.

A name is that of a file without its ending, wherever in the folder it lies; `server` is the server's own. An
old certificate that was renewed goes on as NAME.SERIAL. Nothing is written here, and no key is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from bridge.app.fault import Fault
from bridge.trust.folder import Folder

PLACES = ("", "clients", "services", "issuers", "roots")
"""Where certificates lie, in the order in which a name is looked for."""
ISSUED = ("", "clients", "services")
"""Where those lie that are no authority's."""
BEGIN = b"-----BEGIN"
SECRET = b"PRIVATE KEY-----"


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate in a file, with what stands above it there."""

    path: Path
    chain: tuple[x509.Certificate, ...]

    @property
    def name(self) -> str:
        """What it goes by."""
        return self.path.stem

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate itself."""
        return self.chain[0]

    @property
    def key(self) -> Path:
        """Where its key lies, if it is here."""
        return self.path.with_suffix(".key")

    @property
    def replaced(self) -> bool:
        """Whether another one took its place."""
        return self.name.endswith(f".{self.certificate.serial_number:X}")


def opened(place: Path | None) -> Folder:
    """Find the folder: the one that is named, this one, or `pki` in it."""
    tried = (place,) if place else (Path(), Path("pki"))
    for one in tried:
        if (one / "roots").is_dir() and (one / "issuers").is_dir():
            return Folder(one)
    where = str(place or "pki")
    raise Fault(
        where, "is no folder of certificates; make one with `derbridge pki init`, or name it with --pki"
    )


@contextmanager
def working(place: Path | None) -> Iterator[Folder]:
    """Find the folder to change something in; what the disk refuses is told."""
    try:
        yield opened(place)
    except OSError as error:
        raise Fault(str(error.filename or place), error.strerror or "cannot be used") from error


def held(folder: Folder, places: tuple[str, ...] = PLACES) -> Iterator[Held]:
    """Give every certificate of a folder."""
    for place in places:
        for file in sorted((folder.path / place).glob("*.pem" if place else "server*.pem")):
            yield Held(file, certificates(file))


def named(folder: Folder, text: str, places: tuple[str, ...] = PLACES) -> Held | None:
    """Find a certificate by its name."""
    files = (folder.path / place / f"{text}.pem" for place in places)
    plain = bool(text) and "/" not in text and "\0" not in text
    file = next((one for one in files if plain and one.is_file()), None)
    return Held(file, certificates(file)) if file else None


def certificates(file: Path) -> tuple[x509.Certificate, ...]:
    """Read a file of certificates, PEM or DER, leaf first."""
    try:
        data = file.read_bytes()
        if BEGIN in data:
            return tuple(x509.load_pem_x509_certificates(data))
        return (x509.load_der_x509_certificate(data),)
    except OSError as error:
        raise Fault(str(file), error.strerror or "cannot be read") from error
    except ValueError as error:
        raise Fault(str(file), "holds no certificate that can be read, in PEM or DER") from error


def issuers(folder: Folder) -> dict[str, x509.Certificate]:
    """Give the issuers of a folder by their names."""
    return {one.name: one.certificate for one in held(folder, ("issuers",))}


def above(ours: Mapping[str, x509.Certificate], one: x509.Certificate) -> str:
    """Name the issuer of a certificate, if it is one of ours and its signature holds."""
    return next((name for name, issuer in ours.items() if signed(one, issuer)), "")


def signed(one: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether a certificate is signed by an issuer."""
    try:
        one.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def roots(folder: Folder) -> tuple[bytes, ...]:
    """Give all roots of a folder, in DER."""
    return tuple(ders(one for each in held(folder, ("roots",)) for one in each.chain))


def ders(chain: Iterator[x509.Certificate] | tuple[x509.Certificate, ...]) -> tuple[bytes, ...]:
    """Certificates in DER."""
    return tuple(one.public_bytes(Encoding.DER) for one in chain)
