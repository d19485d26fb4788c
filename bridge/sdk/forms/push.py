"""Endpoints, accounts, notices and bulletins, as they are asked for and shown (docs/push.md).

An endpoint belongs to an organisation, which is known by its LFDI as areas of roles have it. What is told is
a notice; its body is picked up by an account of the organisation.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.sdk.forms.kinds import Asked, Edition, Given, Lfdi, Moment, Name, Number, Pem, Seconds, Shown

Leg = Literal["notification", "xmpp", "https"]
Kind = Literal["outage", "status", "event", "response", "market", "revocation"]
State = Literal["draft", "challenged", "echoed", "checked", "active", "suspended", "retired"]
Standing = Literal["proposed", "active", "suspended", "retired"]
Address = Annotated[str, Field(pattern="^[!-~]{1,1024}$")]
Subject = Annotated[str, Field(pattern="^[A-Za-z0-9-]{1,120}$")]
Contact = Annotated[str, Field(pattern="^[ -~\u00a0-\ud7ff\ue000-\ufffd]{0,192}$")]
Text = Annotated[str, Field(min_length=1, max_length=4_000)]


class EndpointQuery(Asked):
    """Which endpoints."""

    organisation: Lfdi | None = None
    """Those of one organisation; for who administers one alone, its own where nothing is said."""
    state: State | None = None


class EndpointNew(Given):
    """An endpoint that is registered."""

    organisation: Lfdi
    """Whose it is."""
    leg: Leg
    """How it is told: IEEE 2030.5 Notification, sealed XMPP message, sealed message posted over HTTPS."""
    address: Address
    """URL, or for XMPP the full address user@domain/resource."""
    recipient: Lfdi | None = None
    """The account that picks up; without it, the holder of the certificate."""
    certificate: Pem | None = None
    """The recipient's certificate, followed by those above it; both sealed legs need it."""
    identity: Lfdi | None = None
    """LFDI of the server at the URL; without it, the server's certificate has to bear the URL's host."""
    kinds: tuple[Kind, ...] = ()
    """What it is told of; everything where nothing is said."""
    subjects: Annotated[tuple[Subject, ...], Field(max_length=100)] = ()
    """mRIDs of events, LFDIs of devices; all where nothing is said."""
    within: Annotated[tuple[Number, ...], Field(max_length=100)] = ()
    """Numbers of groups: only what is in one of them, or below."""
    name: Name | None = None
    contact: Contact = ""
    """Who is to be called when it fails."""


class EndpointChange(Given):
    """What is to be otherwise; after that it has to be proved anew."""

    address: Address | None = None
    recipient: Lfdi | None = None
    certificate: Pem | None = None
    identity: Lfdi | None = None
    """null for none."""
    kinds: tuple[Kind, ...] | None = None
    subjects: Annotated[tuple[Subject, ...], Field(max_length=100)] | None = None
    within: Annotated[tuple[Number, ...], Field(max_length=100)] | None = None
    name: Name | None = None
    contact: Contact | None = None


class Reason(Given):
    """The reason."""

    why: Contact = ""


class Endpoint(Edition):
    """An endpoint, and how it stands."""

    id: int
    organisation: str
    leg: Leg
    address: str
    recipient: str
    identity: str = ""
    kinds: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
    within: tuple[int, ...] = ()
    name: str = ""
    contact: str = ""
    state: State
    why: str = ""
    """Why it came to be so."""
    since: Moment
    by: str
    """LFDI of the administrator who registered or changed it last."""
    ends: Moment | None = None
    """When the first of its certificates ends."""
    tls: str = ""
    """Version and suite that were agreed on when it was checked."""
    waiting: int = 0
    """Notices on their way."""
    dead: int = 0
    """Dead letters."""


class AccountQuery(Asked):
    """Which accounts."""

    organisation: Lfdi | None = None
    """Those of one organisation; for who administers one alone, its own where nothing is said."""


class AccountNew(Given):
    """An account that is registered."""

    organisation: Lfdi
    party: Lfdi | None = None
    """Its LFDI; without it, that of the certificate."""
    certificate: Pem | None = None
    name: Name | None = None
    contact: Contact = ""


class Account(Edition):
    """An account."""

    lfdi: str
    organisation: str
    name: str = ""
    contact: str = ""
    state: Standing
    since: Moment
    by: str
    """LFDI of the administrator who registered it."""


class NoticeQuery(Asked):
    """Which notices."""

    organisation: Lfdi | None = None
    """Those of one organisation; for who administers one alone, its own where no endpoint is named."""
    endpoint: Number | None = None
    dead: bool | None = None
    """Only dead letters, or only what is on its way; both where nothing is said."""


class Notice(Shown):
    """A notice on its way, or one that was given up."""

    id: int
    endpoint: int
    organisation: str
    kind: str
    subject: str
    version: int
    claim: int
    digest: str
    size: int
    expires: Moment
    made: Moment
    tries: int
    due: Moment
    """When it is tried next."""
    reason: str = ""
    """Why the last try came to nothing."""
    dead: bool = False


class BulletinQuery(Asked):
    """Which bulletins."""


class BulletinNew(Given):
    """What the market is told."""

    market: Name
    """Which market, as DAM."""
    title: Name
    """As Market Closed."""
    text: Text | None = None
    priority: Annotated[int, Field(ge=0, le=3)] = 1
    """0 low, 1 normal, 2 high, 3 critical, as in the messages of IEEE 2030.5."""
    start: Moment | None = None
    """When it begins to be so; now."""
    duration: Seconds = 0
    """How long; 0 for as long as nothing else is said."""
    organisations: Annotated[tuple[Lfdi, ...], Field(max_length=1_000)] = ()
    """Who is told; everybody where nothing is said."""


class Bulletin(Edition):
    """A bulletin."""

    id: int
    mrid: str
    market: str
    title: str
    text: str = ""
    priority: int
    start: Moment
    duration: int
    organisations: tuple[str, ...] = ()
    withdrawn: bool = False
    at: Moment
    """When it was said, or withdrawn."""
