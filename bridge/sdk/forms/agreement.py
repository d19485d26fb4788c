"""Agreements on protocols, and the adapters that serve by them, as they are asked for and shown.

An agreement names units, a protocol and everybody who has to accept; what each party says is a statement that
it signed itself (docs/agreements.md). Moments are whole seconds; nothing here is judged.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.sdk.forms.kinds import Asked, Edition, Given, Lfdi, Moment, Pem, Shown
from bridge.sdk.forms.records import Which

Protocol = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
Terms = Annotated[str, Field(max_length=4_000)]
Token = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$", max_length=2_000)]
State = Literal["offered", "active", "refused", "withdrawn", "expired", "superseded"]
Act = Literal["accept", "refuse", "withdraw", "supersede"]


class AgreementQuery(Asked):
    """Which agreements."""

    device: Which | None = None
    """Those about a unit, by number or LFDI."""
    protocol: Protocol | None = None
    state: State | None = None


class AgreementNew(Given):
    """What is offered; all that it affects have to accept it."""

    protocol: Protocol
    """Name of the adapter that is to serve, as the configuration calls it."""
    units: Annotated[tuple[Lfdi, ...], Field(min_length=1, max_length=1_000)]
    """LFDIs of the units, which are registered devices."""
    parties: Annotated[tuple[Lfdi, ...], Field(max_length=100)] = ()
    """Who has to accept besides the operator and the owner of each unit."""
    terms: Terms = ""
    """What is agreed, in words."""
    start: Moment | None = None
    """From when it is to stand; at once where nothing is said."""
    until: Moment | None = None
    """Until when, not included; without end where nothing is said."""
    answer: Moment | None = None
    """Until when all have to have accepted; 30 days where nothing is said."""
    supersedes: Annotated[int, Field(ge=1)] | None = None
    """Number of the agreement that ends when this one begins to stand."""


class Statement(Given):
    """What a party says, signed by itself; who brings it does not matter."""

    token: Token
    """The signed statement: a JWS over act, digest of the text, and moment."""
    certificate: Pem
    """The certificate whose key has signed it, in PEM."""


class Said(Shown):
    """What a party has said."""

    party: str
    """LFDI, or operator; empty where no party said it."""
    act: Act
    at: int
    signer: str = ""
    """LFDI of the certificate that has signed."""
    token: str = ""
    certificate: str = ""


class Agreement(Edition):
    """An agreement, and how it stands."""

    id: int
    protocol: str
    units: tuple[str, ...]
    parties: tuple[str, ...]
    """Everybody who has to accept: LFDIs, and operator for the operator of this server."""
    state: State
    stands: bool
    """Whether units are served by it now."""
    missing: tuple[str, ...] = ()
    """Who has not accepted."""
    terms: str = ""
    start: int
    until: int | None = None
    answer: int
    by: str
    """LFDI of who offered it."""
    made: int
    supersedes: int | None = None
    text: str
    """What is signed, letter for letter."""
    digest: str
    """SHA-256 of it, in hexadecimal digits."""
    said: tuple[Said, ...] = ()


class AdapterQuery(Asked):
    """Which adapters."""


class Served(Shown):
    """A unit of an adapter."""

    lfdi: str
    there: bool = False
    """Whether it answers."""
    agreement: int | None = None
    """Number of the agreement by which it is served."""
    why: str = ""
    """Why it is not served, or does not answer."""
    modes: tuple[str, ...] = ()
    """Canonical names of the modes that it can be made to take."""


class Adapter(Shown):
    """An adapter, and how it is."""

    name: str
    kind: str
    """Name of its entry point."""
    version: str = ""
    """Distribution that it is from, with its version."""
    breaker: Literal["closed", "open", "half-open"] = "closed"
    """Open while it is left alone because it broke too often."""
    why: str = ""
    """What is wrong with it, by its own word or by ours; empty where it is well."""
    since: Moment | None = None
    """Since when it is so."""
    units: tuple[Served, ...] = ()
