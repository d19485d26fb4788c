"""TLS contexts, and who is at the other end: suites and rules of 2030.5 for server and client.

IEEE 2030.5-2018 clause 6.7 and 6.11: TLS 1.2 with ECDHE-ECDSA-AES128-CCM8 first and P-256, certificates on
both sides. `Guard` holds what we trust and present, judges each chain in its handshake, and takes new files
in while it runs. No session is ever resumed: each connection shows its certificate.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import structlog
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bridge.sep2.talk import Peer
from bridge.transports import gate, resumption
from bridge.trust import chain, credential, extension, facts, identity
from bridge.trust.terms import MODULE_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

SUITES = "ECDHE-ECDSA-AES128-CCM8:ECDHE-ECDSA-AES128-GCM-SHA256:@SECLEVEL=0"
"""For 1.2. Newer OpenSSL has CCM8 at level 0 only; what else that admits is shut out elsewhere."""
CURVE = "prime256v1"
POLICY_CHECK = 0x80
"""X509_V_FLAG_POLICY_CHECK, which ssl has no name for: constraints on policies are enforced."""
OPTIONS = (
    ssl.OP_NO_TICKET
    | ssl.OP_NO_RENEGOTIATION
    | ssl.OP_NO_COMPRESSION
    | ssl.OP_CIPHER_SERVER_PREFERENCE
    | ssl.OP_SINGLE_ECDH_USE
)
LOG = structlog.get_logger("derbridge.tls")
REMEMBERED = 4096
"""Chains whose verdict is kept, so that a device that connects anew is not judged anew."""


class Refused(Exception):
    """A peer whose chain does not pass; `alert` tells it so."""

    def __init__(self, reason: str, alert: int = gate.BAD) -> None:
        super().__init__(reason)
        self.alert = alert


@dataclass(frozen=True, slots=True)
class Files:
    """Where certificates and keys lie, in PEM."""

    certificate: Path
    """Our own, with the chain above it; without root."""
    key: Path
    roots: tuple[Path, ...]
    """Trusted for devices and aggregators."""
    operators: tuple[Path, ...] = ()
    """Trusted for operators: a client below one of these has the role `operator`."""
    relays: tuple[Path, ...] = ()
    """Trusted for relays: one below these has the role `relay`."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a chain told us."""

    peer: Peer
    ends: float
    """When the first of its certificates ends, in seconds since 1970."""
    addresses: tuple[str, ...] = ()
    """The XMPP addresses in its certificate."""


class Guard:
    """What we trust and present; `context` is the one for new connections."""

    def __init__(
        self,
        files: Files,
        spoken: str = "http/1.1",
        *,
        standing: Callable[[Peer], bool] = lambda _: True,
        hear: Callable[[], object] = lambda: None,
    ) -> None:
        self.files = files
        self.spoken = spoken
        """The protocol inside, by its name for ALPN."""
        self.standing = standing
        """Whether a peer holds by now: asked in each handshake anew, since what is revoked changes."""
        self.hear = hear
        """Called when somebody comes, so that what changed is read while the handshake is on its way."""
        self.edition = 0
        """One more with each reload; a connection judged under an earlier one is judged again."""
        self.reload()

    def reload(self) -> None:
        """Take the files in anew; where one cannot be used, all stays as it was and the error is raised."""
        context = self.made()
        files = self.files
        roots, operators, relays = map(ders, (files.roots, files.operators, files.relays))
        self.uncached = resumption.off(context)
        self.gated = gate.hang(context, self._alert)
        self.context, self._roots, self._operators, self._relays = context, roots, operators, relays
        self._seen: dict[bytes, Seen | str] = {}
        self.edition += 1

    def made(self) -> ssl.SSLContext:
        """Make a context of the files as they are."""
        return server(self.files, self.spoken)

    def identify(self, session: ssl.SSLObject) -> Seen:
        """Say who is at the other end of a session that is through its handshake."""
        if session.session_reused:
            raise Refused("a session was resumed")
        return self.known(presented(session))

    def admit(self, peer: Peer) -> None:
        """Let a peer in whose chain passed, unless it is revoked by now."""
        if not self.standing(peer):
            raise Refused("access is withdrawn", gate.REVOKED)

    def _alert(self, shown: list[bytes]) -> int:
        """Judge a chain in its handshake: the alert that it is refused with, or 0."""
        try:
            self.admit(self.known(shown).peer)
        except Refused as fault:
            LOG.info("chain refused", reason=str(fault), alert=fault.alert)
            return fault.alert
        return 0

    def known(self, shown: list[bytes]) -> Seen:
        """Say who has a chain that OpenSSL has verified; Refused where our own rules do.

        The verdict is remembered, as each chain is seen twice and comes again.
        """
        name = sha256(b"".join(shown)).digest()
        if (seen := self._seen.get(name)) is None:
            if len(self._seen) >= REMEMBERED:
                self._seen.clear()
            seen = self._seen[name] = self.judged(shown)
        if isinstance(seen, str):
            raise Refused(seen, gate.UNSUPPORTED if seen in chain.UNSUPPORTED else gate.BAD)
        return seen

    def judged(self, shown: list[bytes]) -> Seen | str:
        """Say who has a chain that OpenSSL has verified, or why it is refused."""
        trusted = (*self._roots, *self._operators, *self._relays)
        if reason := chain.judge(shown, trusted):
            return reason
        lfdi = identity.lfdi(shown[0])
        certificates = [x509.load_der_x509_certificate(one) for one in shown]
        rooted = (("operator", self._operators), ("relay", self._relays))
        roles = frozenset(name for name, roots in rooted if shown[-1] in roots) | _device(certificates[0])
        ends = min(one.not_valid_after_utc.timestamp() for one in certificates)
        serials, claims = credential.serials(certificates), extension.claims(certificates[0])
        peer = Peer(lfdi, identity.sfdi(lfdi), roles, serials, claims)
        return Seen(peer, ends, _addresses(certificates[0]))


def server(files: Files, spoken: str = "http/1.1") -> ssl.SSLContext:
    """Make a server's context: a client without a certificate does not get past the handshake."""
    context = _context(ssl.PROTOCOL_TLS_SERVER, (*files.roots, *files.operators, *files.relays))
    context.load_cert_chain(files.certificate, files.key)
    context.verify_mode = ssl.CERT_REQUIRED
    context.num_tickets = 0
    context.set_alpn_protocols([spoken])
    return context


def client(
    roots: Iterable[Path], certificate: Path | None = None, key: Path | None = None, *, named: bool = True
) -> ssl.SSLContext:
    """Make a client's context; the server's name is checked unless `named` says that it goes by LFDI."""
    context = _context(ssl.PROTOCOL_TLS_CLIENT, roots)
    context.check_hostname = named
    if certificate is not None:
        context.load_cert_chain(certificate, key)
    return context


def public(roots: Iterable[Path]) -> ssl.SSLContext:
    """Make a client's context for servers of anyone, as those that hand out revocation lists are."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for root in roots:
        context.load_verify_locations(root)
    return context


def presented(session: ssl.SSLObject) -> list[bytes]:
    """The verified chain of a peer, leaf first, root last."""
    if hasattr(session, "get_verified_chain"):  # public from Python 3.13
        return list(session.get_verified_chain())
    inner = session._sslobj  # type: ignore[attr-defined]  # noqa: SLF001 - the only door to it before 3.13
    encoding = ssl._ssl.ENCODING_DER  # type: ignore[attr-defined]  # noqa: SLF001 - the same
    return [one.public_bytes(encoding) for one in inner.get_verified_chain()]


def _context(side: ssl._SSLMethod, roots: Iterable[Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(side)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(SUITES)
    context.set_ecdh_curve(CURVE)
    context.options |= OPTIONS
    context.verify_flags |= POLICY_CHECK
    for root in roots:
        context.load_verify_locations(root)
    return context


def _device(one: x509.Certificate) -> frozenset[str]:
    """The role `device` for a certificate that names a hardware module."""
    try:
        return frozenset({"device"} if facts.others(one, MODULE_NAME) else ())
    except ValueError:
        return frozenset()


def _addresses(one: x509.Certificate) -> tuple[str, ...]:
    """The XMPP addresses of a certificate; none where one is spoilt."""
    try:
        return facts.addresses(one)
    except ValueError:
        return ()


def ders(paths: Iterable[Path]) -> tuple[bytes, ...]:
    """Give the certificates of files in PEM, one file after the other."""
    found = (x509.load_pem_x509_certificates(path.read_bytes()) for path in paths)
    return tuple(one.public_bytes(Encoding.DER) for group in found for one in group)
