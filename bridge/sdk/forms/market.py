"""Prices and messages to many meters, the register of meters, and what became of each address of a request.

An operator's request goes the way of one that came by SOAP (docs/market.md): kept whole, then served. Who is
meant is said by meters, by devices, by a set of meters, or by a group of the topology, or by several of them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.sdk.forms.kinds import Asked, Edition, Figure, Given, Lfdi, Moment, Name, Number, Seconds, Shown

Esiid = Annotated[str, Field(pattern=r"^[0-9]{17,22}$")]
Serial = Annotated[str, Field(pattern=r"^[A-Za-z0-9\-]{0,32}$")]
Mac = Annotated[str, Field(pattern=r"^[A-Za-z0-9:\-]{0,32}$")]
Title = Annotated[str, Field(pattern=r"^[ -~]{0,20}$")]
Called = Annotated[str, Field(pattern=r"^[!-~]{0,64}$")]
Count = Annotated[int, Field(ge=0, le=4_294_967_295)]
Urgency = Literal["H", "M", "L"]
MOST = 10_000


class MeterQuery(Asked):
    """Which meters."""

    device: Lfdi | None = None
    """Those with this device behind them."""


class MeterSet(Given):
    """What a meter is; what was said of it before is replaced."""

    devices: Annotated[tuple[Lfdi, ...], Field(max_length=100)] = ()
    """LFDIs of the devices behind it."""
    serial: Serial = ""
    """Its serial number; a request that gives another one does not reach it."""
    mac: Mac = ""
    """Its MAC address; the same."""
    set: Annotated[str, Field(pattern=r"^[ -~]{0,64}$")] = ""
    """The set of meters that it is in, by which a request may address all of them."""
    entities: Annotated[tuple[Name, ...], Field(max_length=100)] = ()
    """Who may address it by SOAP; everybody where none is named."""


class Meter(Edition):
    """A meter as it is registered."""

    esiid: str
    devices: tuple[str, ...] = ()
    serial: str = ""
    mac: str = ""
    set: str = ""
    entities: tuple[str, ...] = ()


class Loaded(Shown):
    """What was registered by a table."""

    meters: int
    """How many meters."""


class Addressed(Given):
    """Whom something is for, how urgent it is, and when it holds."""

    number: Count
    """The issuer's number of it; of prices the larger one counts for the same time."""
    meters: Annotated[tuple[Esiid, ...], Field(max_length=MOST)] = ()
    """ESIIDs."""
    devices: Annotated[tuple[Lfdi, ...], Field(max_length=MOST)] = ()
    """LFDIs."""
    set: Name | None = None
    """A set of meters."""
    members_of: Number | None = None
    """Number of a group of the topology."""
    start: Moment | None = None
    """When it begins; now where nothing is said."""
    duration: Seconds
    """How long it holds; what 0 means is configured."""
    urgency: Urgency = "M"
    """The class of the queue."""
    name: Called = ""
    """Name of the request; the same name again is the same request."""


class PriceNew(Addressed):
    """A price."""

    provider: Count = 0
    label: Title = ""
    """Name of the rate; prices of a provider with the same one are one tariff."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    price: Figure
    """Of a kilowatt hour that is delivered."""
    generation: Figure | None = None
    """Of a kilowatt hour that is received from the customer."""
    cost: Annotated[Figure, Field(ge=0)] | None = None
    """Emissions of a kilowatt hour, in kg of carbon dioxide."""
    tier: Annotated[int, Field(ge=0, le=15)] = 0


class NoticeNew(Addressed):
    """A text."""

    text: Annotated[str, Field(min_length=1, max_length=400)]
    priority: Annotated[int, Field(ge=0, le=3)] = 0
    """0 low, 1 normal, 2 high, 3 critical."""
    confirm: bool = False
    """Whether a person is to confirm it."""
    originator: Title = ""


class RequestQuery(Asked):
    """Which requests."""

    name: Called | None = None
    entity: Name | None = None


class ResultQuery(Asked):
    """Which addresses."""

    verdict: Literal["waiting", "accepted", "delivered", "confirmed", "unknown", "failed"] | None = None


class Request(Edition):
    """A request, and how far it has got."""

    id: int
    name: str
    """RequestID."""
    entity: str
    """Who sent it."""
    kind: Literal["Price", "Notice"]
    urgency: Urgency
    received: Moment
    addresses: int
    """How many it has."""
    served: int
    """How many of them were served."""
    state: Literal["waiting", "served", "failed"]
    reason: str = ""
    """Why it was served to nobody."""
    mrid: str = ""
    """mRID of what it became on the 2030.5 side."""
    resources: tuple[str, ...] = ()
    """Addresses of that."""
    not_mapped: tuple[str, ...] = ()
    """What goes no further than the record, with the reason."""
    message: Annotated[str, Field(description="The canonical message, as JSON.")] = ""


class Result(Shown):
    """What became of one address."""

    esiid: str = ""
    device: str = ""
    """LFDI, where an operator named a device itself."""
    verdict: Literal["waiting", "accepted", "delivered", "confirmed", "unknown", "failed"]
    reason: str = ""
    devices: tuple[str, ...] = ()
    """LFDIs that it led to."""
