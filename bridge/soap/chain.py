"""The chain that a request passes: states in the order of Smart Meter Texas' interface, section 4.4.

Handshake (by the listener), ENTITY_NAME, schema, signature, system account, company number; then rights of
our own. The first state that fails ends it. Each check adds what it found to the case for those after it. The
clock, the company and the store of certificates are given; nothing is sent, kept or logged here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from cryptography import x509
from lxml.etree import _Element

from bridge.soap import bodies
from bridge.soap.bodies import Operation, Request, Unfit
from bridge.soap.entity import Entity, Kind
from bridge.soap.fault import MEDIA, Refused
from bridge.trust.wsse import algorithms, assertion, envelope, signature
from bridge.trust.wsse.algorithms import Profile
from bridge.trust.wsse.assertion import Asserted, Trusted
from bridge.trust.wsse.envelope import Envelope, Opened
from bridge.trust.wsse.refusal import Rejected
from bridge.trust.wsse.signature import Claimed, Signers

T = TypeVar("T")


class Terms(NamedTuple):
    """How the door is set up."""

    audience: str = "derbridge"
    """What an assertion must be for."""
    skew: int = 300
    longest: int = 300
    most: int = 10_000
    """Addresses of one request."""
    serials: bool = False
    """Whether a meter's serial number must be given."""
    strict: bool = False
    """Whether a message with a certificate in it is refused."""


class Came(NamedTuple):
    """What came in."""

    media: str
    names: tuple[str, ...]
    """Every value of ENTITY_NAME."""
    lfdi: str
    """Of the certificate of the connection."""
    data: bytes


@dataclass(slots=True)
class Case:
    """A request on its way."""

    came: Came
    entity: Entity | None
    """The company of that name, if there is one."""
    signers: Signers
    terms: Terms
    now: float
    opened: Opened | None = None
    operation: Operation | None = None
    element: _Element | None = None
    found: Envelope | None = None
    claimed: Claimed | None = None
    certificate: x509.Certificate | None = None
    digest: bytes = b""
    asserted: Asserted | None = None
    until: float = 0.0
    """When it would be refused for its age."""
    repeated: bool = False
    """Whether it was taken before; said by whoever keeps what was."""
    request: Request | None = None
    passed: str = ""
    """The state that it passed last."""

    @property
    def profile(self) -> Profile:
        """The algorithms that are taken of this company at this moment."""
        until = self.entity.legacy if self.entity else 0
        base = algorithms.legacy(until) if self.now < until else algorithms.DEFAULT
        return base._replace(skew=self.terms.skew, longest=self.terms.longest, strict=self.terms.strict)

    @property
    def legacy(self) -> bool:
        """Whether it needed an algorithm that the default profile refuses."""
        return self.claimed is not None and signature.legacy(self.claimed)

    @property
    def aside(self) -> int:
        """How many certificates that were sent along were left aside."""
        return (self.found.aside if self.found else 0) + (self.claimed.aside if self.claimed else 0)

    @property
    def keys(self) -> tuple[tuple[str, float], ...]:
        """What is taken once only, each until a moment: the message, and its assertion."""
        mine = ((f"message {self.digest.hex()}", self.until),)
        if self.asserted is None or self.entity is None:
            return mine
        return (*mine, (f"assertion {self.entity.name} {self.asserted.mark}", self.asserted.until))


def _entity(case: Case) -> None:
    """ENTITY_NAME: one, known, enabled, and bound to the certificate of the connection."""
    if case.came.media != MEDIA:
        raise _no("media", f"{case.came.media[:80]!r} is not {MEDIA}")
    if len(case.came.names) != 1:
        raise _no("name", f"{len(case.came.names)} of ENTITY_NAME, not one")
    if case.entity is None:
        raise _no("entity", f"nobody is called {case.came.names[0][:80]!r}")
    if not case.entity.enabled:
        raise _no("entity", f"{case.entity.name} is not enabled")
    if case.came.lfdi not in case.entity.tls:
        raise _no("entity", f"{case.came.lfdi} is no certificate of {case.entity.name}")


def _schema(case: Case) -> None:
    """An envelope of SOAP 1.1 with one operation that the schema takes."""
    case.opened = envelope.opened(case.came.data)
    case.operation, case.element = bodies.judged(case.opened.body)


def _security(case: Case) -> None:
    """One Security header with the token that this kind of company sends."""
    opened, entity = _given(case.opened), _given(case.entity)
    form = assertion.FORM if entity.kind is Kind.TDSP else envelope.USER
    case.found = envelope.secured(opened, form, strict=case.terms.strict)


def _algorithms(case: Case) -> None:
    """Methods, transforms and references of the company's profile."""
    case.claimed = signature.read(_given(case.found).signature, case.profile)


def _signer(case: Case) -> None:
    """The certificate that is meant is the one that this company has in our store."""
    held = case.signers.signers(_given(case.entity).name)
    case.certificate = signature.named(_given(case.claimed), held)


def _certificate(case: Case) -> None:
    """It is valid, for signing, below a root and not revoked at this moment."""
    signature.trusted(_given(case.certificate), _given(case.claimed).method, case.signers, case.now)


def _coverage(case: Case) -> None:
    """Body, Timestamp and token are what was signed, and the signature holds."""
    found, claimed = _given(case.found), _given(case.claimed)
    signature.covered(found, claimed)
    case.digest = signature.held(found, claimed, _given(case.certificate), case.profile)


def _assertion(case: Case) -> None:
    """The assertion of a distribution company is its issuer's, for us and for now."""
    entity = _given(case.entity)
    if entity.kind is Kind.TDSP:
        certificate = x509.load_pem_x509_certificate(entity.asserter.encode())
        trusted = Trusted(entity.issuer, certificate, case.terms.audience)
        profile = algorithms.DEFAULT._replace(skew=case.terms.skew)
        case.asserted = assertion.verify(_given(case.found).token, trusted, profile, case.now)


def _freshness(case: Case) -> None:
    """It was made just now."""
    _, case.until = signature.fresh(_given(case.found).timestamp, case.profile, case.now)


def _replay(case: Case) -> None:
    """It was not taken before."""
    if case.repeated:
        raise _no("replay", "the message, or its assertion, was taken before")


def _account(case: Case) -> None:
    """The account is this company's, in the branch of its kind; letter for letter."""
    entity = _given(case.entity)
    case.request = bodies.request(_given(case.operation), _given(case.element))
    if _given(case.found).username != entity.account:
        raise _no("account", f"not the account of {entity.name}")
    if case.request.RequesterType != entity.requester:
        raise _no("account", f"RequesterType {case.request.RequesterType} is not that of {entity.name}")


def _duns(case: Case) -> None:
    """The company number is this company's."""
    if _asked(case).RequesterAuthenticationID != _given(case.entity).duns:
        raise _no("duns", f"not the company number of {_given(case.entity).name}")


def _rights(case: Case) -> None:
    """The company may do this, to so many."""
    entity, operation, terms = _given(case.entity), _given(case.operation), case.terms
    if operation.right not in entity.rights:
        raise _no("right", f"{entity.name} may not send a {operation.right}")
    block = _asked(case).AddressBlock.AddressList
    addresses = block.Address if block else ()
    if len(addresses) > terms.most:
        raise _no("addresses", f"{len(addresses)} addresses, at most {terms.most}")
    if terms.serials and any(each.MeterSerialNumber == "0" for each in addresses):
        raise _no("serial", "MeterSerialNumber 0 says that it is not given")


class State(NamedTuple):
    """A state of the chain."""

    number: str
    """What the page about it calls it."""
    name: str
    check: Callable[[Case], None]


PROOF = (
    State("2", "entity", _entity),
    State("3", "schema", _schema),
    State("4a", "security", _security),
    State("4b", "algorithms", _algorithms),
    State("4c", "signer", _signer),
    State("4d", "certificate", _certificate),
    State("4e", "coverage", _coverage),
    State("4f", "assertion", _assertion),
    State("4g", "freshness", _freshness),
)
"""What is decided by the request and what is known of its sender; state 1 is the handshake."""
CLAIM = (
    State("4h", "replay", _replay),
    State("5", "account", _account),
    State("6", "duns", _duns),
    State("7", "rights", _rights),
)
"""What is decided once it is known whether the message came before; state 8 is that it was taken."""


def walk(case: Case, states: Sequence[State]) -> None:
    """Take a case through states; Refused, by the first that fails."""
    for state in states:
        try:
            state.check(case)
        except (Rejected, Unfit) as no:
            raise Refused(state.name, no.reason, str(no)) from None
        except Refused as no:
            raise Refused(state.name, no.reason, no.detail) from None
        case.passed = state.name


def _no(reason: str, detail: str) -> Refused:
    return Refused("", reason, detail)


def _asked(case: Case) -> Request:
    """The request, once it was read."""
    if case.request is None:
        raise TypeError("a state was left out")
    return case.request


def _given(found: T | None) -> T:
    """What an earlier state has found."""
    if found is None:
        raise TypeError("a state was left out")
    return found
