"""Companies that send signed requests, as they are asked for, said and shown.

A company has a name, a kind, a system account, a company number, certificates to connect with and exactly one
to sign by (docs/soap.md). Certificates are given in PEM and shown by what they are.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.sdk.forms.kinds import Asked, Edition, Given, Lfdi, Moment, Pem, Shown

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Account = Annotated[str, Field(pattern=r"^[!-~]([ -~]{0,126}[!-~])?$")]
Duns = Annotated[str, Field(pattern=r"^[0-9]{9}([0-9]{4})?$")]
Url = Annotated[str, Field(pattern=r"^https?://[!-~]{1,1016}$")]
Uri = Annotated[str, Field(pattern=r"^[!-~]{1,1024}$")]
Kind = Literal["rep", "third-party", "tdsp"]
Right = Literal["price", "message"]
Requester = Annotated[int, Field(ge=0, le=9)]
Certificates = Annotated[tuple[Lfdi, ...], Field(max_length=16)]
Rights = Annotated[tuple[Right, ...], Field(max_length=2)]
Callbacks = Annotated[tuple[Url, ...], Field(max_length=16)]


class EntityQuery(Asked):
    """Which companies."""

    kind: Kind | None = None
    """Those of a kind."""
    enabled: bool | None = None
    """Those that are let in, or those that are not."""


class EntityNew(Given):
    """A company that is to be let in."""

    name: Name
    """What it says in ENTITY_NAME; letter for letter."""
    kind: Kind
    """`rep` a retail provider, `third-party`, or `tdsp` a distribution company, which sends assertions."""
    requester_type: Requester | None = None
    """Its RequesterType: 0 of a rep, 3 of a third party; that of a tdsp is agreed with it."""
    account: Account
    """Its system account: Username, or NameID of its assertions; letter for letter."""
    duns: Duns
    """Its company number, 9 or 13 digits: RequesterAuthenticationID."""
    tls: Certificates = ()
    """LFDIs of the certificates that it connects with."""
    certificate: Pem | None = None
    """One of them in PEM; its LFDI is added to `tls`."""
    signer: Pem
    """The one certificate that it signs by, followed by those between it and a root, in PEM."""
    rights: Rights = ("price", "message")
    """What it may send."""
    callbacks: Callbacks = ()
    """Addresses that reports may go to; CallbackUri must be one of them, letter for letter."""
    legacy_until: Moment | None = None
    """Until when RSA with SHA-1 is taken of it; never without."""
    issuer: Uri | None = None
    """What Issuer says in its assertions."""
    asserter: Pem | None = None
    """The certificate that its assertions are signed by, in PEM."""
    enabled: bool = True
    """Whether it is let in."""


class EntityChange(Given):
    """What is to be different of a company; its name and its kind stay."""

    requester_type: Requester | None = None
    """Its RequesterType."""
    account: Account | None = None
    """Its system account."""
    duns: Duns | None = None
    """Its company number."""
    tls: Certificates | None = None
    """LFDIs of the certificates that it connects with, in place of those before."""
    certificate: Pem | None = None
    """One of them in PEM; its LFDI is added to those."""
    signer: Pem | None = None
    """The one certificate that it signs by from now on, in place of the one before."""
    rights: Rights | None = None
    """What it may send."""
    callbacks: Callbacks | None = None
    """Addresses that reports may go to."""
    legacy_until: Moment | None = None
    """Until when RSA with SHA-1 is taken of it; null ends that."""
    issuer: Uri | None = None
    """What Issuer says in its assertions."""
    asserter: Pem | None = None
    """The certificate that its assertions are signed by, in PEM."""
    enabled: bool | None = None
    """Whether it is let in."""


class Held(Shown):
    """A certificate that is held of a company."""

    lfdi: str
    subject: str
    issuer: str
    serial: str
    """In decimal digits, as X509SerialNumber has it."""
    ends: Moment


class Entity(Edition):
    """A company."""

    name: str
    kind: Kind
    requester_type: int
    account: str
    duns: str
    tls: tuple[str, ...] = ()
    signer: Held
    rights: tuple[str, ...] = ()
    callbacks: tuple[str, ...] = ()
    legacy_until: Moment | None = None
    issuer: str | None = None
    asserter: Held | None = None
    enabled: bool
