"""Who may say what is revoked, and sign for it: the authorities and OCSP signers that a configuration names.

Lists are taken from the roots of devices and operators, and from authorities below them: those in the
server's own chain and those that are named. A signer answers for the authority that it is from.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bridge.app.config import Config
from bridge.trust import ocsp
from bridge.trust.listing import Pool


def pool(config: Config) -> Pool:
    """The authorities whose lists are taken."""
    own = x509.load_pem_x509_certificates(config.https.certificate.read_bytes())[1:]
    return among(config, own)


def among(config: Config, own: Iterable[x509.Certificate]) -> Pool:
    """The same with the authorities in a chain of our own."""
    soap = config.soap
    companies = (*soap.roots, *soap.signers) if soap.enabled else ()
    roots = read((*config.trust.devices, *config.trust.operators, *companies))
    return Pool(roots, (*own, *read(config.revocation.authorities)))


def signers(config: Config) -> tuple[ocsp.Signer, ...]:
    """Who signs answers of the OCSP responder; ValueError where one may not."""
    said = config.revocation
    if len(said.signers) != len(said.keys):
        raise ValueError("each signer has one key, in the same order")
    pool_ = pool(config) if said.signers else Pool(())
    return tuple(_signer(*pair, pool_) for pair in zip(said.signers, said.keys, strict=True))


def _signer(certificate: Path, key: Path, pool_: Pool) -> ocsp.Signer:
    found = x509.load_pem_x509_certificates(certificate.read_bytes())[0]
    secret = load_pem_private_key(key.read_bytes(), None)
    if not isinstance(secret, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{key} is no key of an elliptic curve")  # noqa: TRY004 - what is in a file is a value
    try:
        return ocsp.signer(found, secret, (*pool_.roots, *pool_.others))
    except ocsp.Unfit as unfit:
        raise ValueError(f"{certificate}: {unfit}") from None


def read(paths: Iterable[Path]) -> tuple[x509.Certificate, ...]:
    """The certificates of some files."""
    groups = (x509.load_pem_x509_certificates(path.read_bytes()) for path in paths)
    return tuple(one for group in groups for one in group)
