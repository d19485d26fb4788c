"""Devices, aggregators and the access of every client: forms of what may connect, and as what.

A device is an EndDevice (IEEE 2030.5-2018 10.2) with what the operator knows beside it: profile, PIN, groups,
connection point. Access is what is said of a certificate before any device is registered under it.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.sdk.forms.kinds import (
    Asked,
    Bits,
    Document,
    Edition,
    Given,
    Label,
    Lfdi,
    Moment,
    Number,
    Pem,
    Pin,
    Profile,
    Seconds,
    Shown,
)
from bridge.sdk.forms.outage import OutageState

Role = Literal["device", "aggregator", "operator"]


class DeviceQuery(Asked):
    """Which devices."""

    aggregator: Lfdi | None = None
    """Those that this aggregator holds."""
    group: Number | None = None
    """Members of this group, or of one below it."""
    lfdi: Lfdi | None = None
    """The device of this LFDI."""
    sfdi: Annotated[int, Field(ge=0, le=999_999_999_999)] | None = None
    """Devices of this SFDI."""
    enabled: bool | None = None
    """Those whose `enabled` is so."""
    text: Annotated[str, Field(max_length=64)] = ""
    """Text that the name, the LFDI or the connection point has in it."""


class DeviceNew(Given):
    """A device to be registered out of band."""

    lfdi: Lfdi | None = None
    """Its LFDI, where there is no certificate to take it from."""
    certificate: Pem | None = None
    """Its certificate in PEM; the LFDI is taken from it."""
    name: Label = ""
    """What the operator calls it."""
    pin: Pin | None = None
    """PIN of its Registration, with the check digit; made from the LFDI when not given."""
    registration: bool = True
    """Whether a Registration, and the link to it, is served."""
    profile: Profile | None = None
    """Edition that it is written to in; the server's own when not given."""
    aggregator: Lfdi | None = None
    """Aggregator that holds it; a direct device without."""
    groups: Annotated[tuple[Number, ...], Field(max_length=64)] = ()
    """Groups that it is a member of."""
    connection_point: Annotated[str, Field(pattern=r"^[ -~]{1,32}$")] | None = None
    """connectionPointId of its ConnectionPoint (CSIP-AUS)."""
    device_category: Bits | None = None
    """deviceCategory bits."""
    enabled: bool = True
    """Whether the device is in use."""
    post_rate: Seconds | None = None
    """postRate of its EndDevice, in seconds."""
    ders: Annotated[int, Field(ge=0, le=32)] = 1
    """How many DER it has."""


class DeviceChange(Given):
    """What is to be different about a device; what is not given stays, null takes away."""

    name: Label | None = None
    """What the operator calls it."""
    pin: Pin | None = None
    """PIN of its Registration."""
    registration: bool | None = None
    """Whether a Registration, and the link to it, is served."""
    profile: Profile | None = None
    """Edition that it is written to in."""
    aggregator: Lfdi | None = None
    """Aggregator that holds it; null makes it a direct device."""
    groups: Annotated[tuple[Number, ...], Field(max_length=64)] | None = None
    """Groups that it is a member of, all of them."""
    connection_point: Annotated[str, Field(pattern=r"^[ -~]{1,32}$")] | None = None
    """connectionPointId of its ConnectionPoint (CSIP-AUS)."""
    device_category: Bits | None = None
    """deviceCategory bits."""
    enabled: bool | None = None
    """Whether the device is in use."""
    post_rate: Seconds | None = None
    """postRate of its EndDevice, in seconds."""


class Device(Edition):
    """A registered device."""

    id: int
    """Number of its EndDevice."""
    href: str
    """Address of its EndDevice."""
    lfdi: str
    sfdi: int
    name: str = ""
    role: str = "device"
    """`aggregator` for the aggregator's own EndDevice."""
    granted: bool = True
    """Whether its certificate is let in."""
    profile: str = ""
    """Empty for the server's own."""
    aggregator: str | None = None
    groups: tuple[int, ...] = ()
    """Groups that it is a member of itself."""
    connection_point: str | None = None
    device_category: str | None = None
    enabled: bool = True
    post_rate: int | None = None
    pin: int | None = None
    registered: Moment | None = None
    """dateTimeRegistered of its Registration; null where none is served."""
    changed: Moment = 0
    """When it was changed last."""
    ders: int = 0
    """How many DER it has."""
    outage: OutageState = OutageState()
    """Whether it is in service, and what is left of it."""


class Facet(Shown):
    """One document of a DER, as it was written and as the bridge understands it."""

    href: str
    changed: Moment
    """When it was written last."""
    profile: str
    """Edition it was written in."""
    document: Document
    """As IEEE 2030.5 says it."""
    record: Document
    """The canonical message."""


class Der(Shown):
    """A DER of a device."""

    id: int
    href: str
    capability: Facet | None = None
    settings: Facet | None = None
    status: Facet | None = None
    availability: Facet | None = None


class Membership(Given):
    """The groups of a device, all of them."""

    groups: Annotated[tuple[Number, ...], Field(max_length=64)]


class AccessQuery(Asked):
    """Whose access."""

    role: Role | None = None
    granted: bool | None = None


class AccessSet(Given):
    """What is said of a certificate; what is not given stays as it is."""

    role: Role | None = None
    """`device` for a certificate that is new."""
    profile: Profile | None = None
    """Edition that the client is written to in; null for the server's own."""
    granted: bool | None = None
    """Whether it is let in; false refuses every request from now on."""
    name: Label | None = None
    """What the operator calls it."""
    pin: Pin | None = None
    """PIN that it gets when it registers by itself."""
    aggregator: Lfdi | None = None
    """Aggregator that alone may register it."""
    groups: Annotated[tuple[Number, ...], Field(max_length=64)] | None = None
    """Groups that it joins when it registers."""


class AccessNew(AccessSet):
    """The same for a certificate that is sent, or an LFDI."""

    lfdi: Lfdi | None = None
    """Its LFDI, where there is no certificate."""
    certificate: Pem | None = None
    """The certificate in PEM; the LFDI is taken from it."""


class Access(Edition):
    """What is said of a certificate."""

    lfdi: str
    sfdi: int
    role: str
    profile: str = ""
    granted: bool
    name: str = ""
    pin: int | None = None
    aggregator: str | None = None
    groups: tuple[int, ...] = ()
    device: int | None = None
    """Number of the EndDevice registered under it."""


class Certificate(Given):
    """A certificate."""

    certificate: Pem
    """In PEM; the first one counts."""


class Identity(Shown):
    """Who a certificate is."""

    lfdi: str
    sfdi: int
    subject: str
    issuer: str
    serial: str
    starts: Moment
    ends: Moment


class AggregatorNew(Given):
    """An aggregator to be let in."""

    lfdi: Lfdi | None = None
    """LFDI of its certificate, where the certificate is not given."""
    certificate: Pem | None = None
    """Its certificate in PEM."""
    name: Label = ""
    profile: Profile | None = None
    """Edition that it is written to in."""
    pin: Pin | None = None
    """PIN of its own EndDevice."""
    post_rate: Seconds | None = None


class AggregatorChange(Given):
    """What is to be different about an aggregator; null takes away."""

    name: Label | None = None
    profile: Profile | None = None
    granted: bool | None = None
    """Whether it is let in."""


class AggregatorQuery(Asked):
    """Which aggregators."""

    granted: bool | None = None


class HeldQuery(Asked):
    """How many of an aggregator's devices at once."""


class Aggregator(Edition):
    """An aggregator."""

    lfdi: str
    sfdi: int
    name: str = ""
    profile: str = ""
    granted: bool
    device: int | None = None
    """Number of its own EndDevice; null until it has one."""
    devices: int = 0
    """How many devices it holds."""
    subscriptions: int = 0
    """How many subscriptions it has."""
