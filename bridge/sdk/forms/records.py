"""What clients have told, and what was sent to them: readings, responses, log events, subscriptions, archive.

Nothing here is made by an operator; it is asked for, by device and time, and cleared where that is allowed.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.sdk.forms.kinds import (
    Asked,
    Byte,
    Document,
    Figure,
    Given,
    Lfdi,
    Moment,
    Mrid,
    Shown,
    Word,
)

Which = Annotated[str, Field(pattern=r"^([0-9]{1,18}|[0-9A-Fa-f]{40})$")]
"""A device, by the number of its EndDevice or by its LFDI."""


class Window(Asked):
    """Of which device, and when."""

    device: Which | None = None
    """By number or LFDI."""
    since: Moment | None = None
    """Not before this moment."""
    until: Moment | None = None
    """Before this moment."""


class MirrorQuery(Asked):
    """Which mirror usage points."""

    device: Which | None = None
    """The device that they measure."""
    client: Lfdi | None = None
    """The client that posted them."""
    mrid: Mrid | None = None


class Series(Shown):
    """What one meter reading of a mirror measures."""

    href: str
    mrid: str
    description: str = ""
    uom: int | None = None
    """38 W, 63 var, 29 V, 33 Hz, 72 Wh ... (UomType)."""
    kind: int | None = None
    flow: int | None = None
    """flowDirection: 1 forward, 19 reverse."""
    phase: int | None = None
    qualifier: int | None = None
    """dataQualifier: 2 average, 8 maximum, 9 minimum ..."""
    multiplier: int = 0
    """powerOfTenMultiplier."""
    interval: int | None = None
    """intervalLength in seconds."""


class Mirror(Shown):
    """A mirror usage point."""

    id: int
    href: str
    mrid: str
    description: str = ""
    device: str
    """LFDI of the device that it measures."""
    client: str
    """LFDI of the client that posted it."""
    roles: str = ""
    """roleFlags."""
    category: int = 0
    """serviceCategoryKind."""
    post_rate: int | None = None
    changed: Moment = 0
    series: tuple[Series, ...] = ()


class Emptying(Shown):
    """What was removed."""

    removed: int


class Empty(Given):
    """Whose mirror usage points are removed."""

    client: Lfdi | None = None
    """Those that this client posted; everyone's when not given."""
    device: Which | None = None


class MirrorRate(Empty):
    """How often, and whose."""

    seconds: Annotated[int, Field(ge=1, le=4_294_967_295)] | None
    """postRate; null leaves it to the client again."""


class Rated(Shown):
    """How many were told."""

    rated: int


class ReadingQuery(Window):
    """Which readings."""

    mirror: Annotated[int, Field(ge=1)] | None = None
    """Of this mirror usage point."""
    uom: Byte | None = None
    kind: Byte | None = None
    phase: Byte | None = None
    flow: Byte | None = None


class Reading(Shown):
    """One reading."""

    href: str
    device: str
    """LFDI."""
    series: str
    """mRID of the meter reading."""
    mirror: str
    """Address of the mirror usage point, or of the usage point that shows it."""
    start: Moment | None = None
    duration: int | None = None
    value: Figure | None = None
    """With the multiplier applied."""
    raw: int | None = None
    """As it was sent."""
    uom: int | None = None
    kind: int | None = None
    flow: int | None = None
    phase: int | None = None
    quality: str | None = None
    """qualityFlags."""


class ResponseQuery(Window):
    """Which responses."""

    subject: Mrid | None = None
    """mRID of what they answer to."""
    status: Byte | None = None


class Response(Shown):
    """A response."""

    href: str
    type: str
    device: str
    """LFDI of the device that it speaks for."""
    subject: str
    """mRID of the control or message."""
    status: int | None = None
    meaning: str = ""
    created: Moment | None = None
    """As the device says."""
    received: Moment


class LogEvent(Shown):
    """A log event."""

    href: str
    device: str
    """LFDI."""
    created: Moment
    function_set: int
    code: int
    event: int
    """logEventID."""
    pen: int
    profile: int
    details: str = ""
    extended: int | None = None


class SubscriptionQuery(Asked):
    """Which subscriptions."""

    client: Lfdi | None = None
    """Of this client."""


class Subscription(Shown):
    """A subscription."""

    id: int
    href: str
    client: str
    """LFDI."""
    resource: str
    """What it is about."""
    url: str
    """Where its notifications go."""
    encoding: int = 0
    level: str = ""
    limit: int = 0
    changed: Moment
    waiting: bool = False
    """Whether notifications are on their way."""


class WaitingQuery(Asked):
    """Which notifications."""

    subscription: Annotated[str, Field(pattern=r"^/[ -~]{1,400}$")] | None = None
    """Of this subscription, by its address."""


class Waiting(Shown):
    """The first notification of a subscription that is on its way."""

    number: int
    subscription: str
    url: str
    tries: int
    size: int
    """Bytes."""


class ArchiveQuery(Asked):
    """Which changes."""

    href: Annotated[str, Field(pattern=r"^/[ -~]{0,400}$")] | None = None
    """Of this address."""
    below: bool = False
    """Of the addresses below it, too."""
    type: Word | None = None
    """Of this type."""
    party: Lfdi | Literal["core"] | None = None
    """By this party."""
    since: Moment | None = None
    until: Moment | None = None


class Entry(Shown):
    """A change that was made."""

    number: int
    at: Moment
    party: str
    """LFDI of who made it, or `core`."""
    door: str
    """How it came in."""
    href: str
    type: str
    version: int
    gone: bool
    """Whether this took it away."""
    profile: str = ""
    body: str = ""
    """The document, as it was accepted."""
    record: Document | None = None
    """The canonical message."""
