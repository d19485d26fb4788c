"""Outages, as they are declared and shown: of a device or a group, by an operator's word or the unit's own.

Whose word decides is said in docs/outage.md. Powers are in W. A window has its end not in it; one without an
end holds until it is cleared.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.sdk.forms.kinds import Asked, Edition, Figure, Given, Moment, Number, Shown, Words

Which = Annotated[str, Field(pattern=r"^([0-9]{1,18}|[0-9A-Fa-f]{40})$")]
Kind = Literal["planned", "forced", "derated", "restored"]
Watts = Annotated[Figure, Field(ge=0, le=10**12)]
Percent = Annotated[Figure, Field(ge=0, le=100)]


class OutageQuery(Asked):
    """Which of the devices that are out or derated."""

    group: Number | None = None
    """Members of this group, or of one below it."""
    state: Literal["planned", "forced", "derated"] | None = None
    """Those in this state."""


class OutageNew(Given):
    """What an operator says of a device or of all devices of a group, for a while."""

    device: Which | None = None
    """The device: its number, or its LFDI."""
    group: Number | None = None
    """Or the group, with all groups below it."""
    state: Kind
    """`restored` says that it is in service whatever it reports itself."""
    start: Moment | None = None
    """From when on; now when not given."""
    end: Moment | None = None
    """Until when; without it until it is cleared."""
    left: Watts | None = None
    """Of a derated device: W that are left."""
    percent: Percent | None = None
    """Of what is derated: how much of setMaxW is left, of each device."""
    reason: Words = ""
    """Why, for people."""


class OutageChange(Given):
    """What is to be different about an entry; what is not given stays, null takes away."""

    start: Moment | None = None
    """From when on."""
    end: Moment | None = None
    """Until when; null: until it is cleared."""
    left: Watts | None = None
    """W that are left."""
    percent: Percent | None = None
    """Per cent of setMaxW that are left."""
    reason: Words | None = None
    """Why, for people."""


class OutageEntry(Edition):
    """What an operator said."""

    id: int
    device: str | None = None
    """LFDI of the device."""
    group: int | None = None
    """Or number of the group."""
    state: str
    phase: str
    """`ahead`, `now` or `over`."""
    start: Moment
    end: Moment | None = None
    """Null until it is cleared."""
    left: Figure | None = None
    percent: Figure | None = None
    reason: str = ""


class EntryQuery(Asked):
    """Which entries."""

    device: Which | None = None
    """Of this device itself, not of its groups."""
    group: Number | None = None
    """Of this group itself."""
    over: bool = False
    """With those that are over."""


class OutageState(Shown):
    """How a device stands, in short."""

    state: str = "none"
    """`none` for in service, `planned`, `forced` or `derated`."""
    source: str | None = None
    """Whose word that is: `operator` or `unit`."""
    since: Moment | None = None
    """Since when it is so."""
    until: Moment | None = None
    """Until when it is to be so, where that is known."""
    left: Figure | None = None
    """W that are left; null where that is not known."""
    rated: Figure | None = None
    """W that it could give; null where it has not said."""
    reason: str = ""
    entry: int | None = None
    """Number of the entry that decides."""


class Outage(OutageState):
    """How a device stands."""

    device: int
    """Number of its EndDevice."""
    lfdi: str


class OutageSum(Shown):
    """How the devices of a group stand together."""

    state: str = "none"
    """`none`: all in service; `derated`: some are out or derated; `planned` or `forced`: all are out."""
    members: int = 0
    """Devices in it and in the groups below it."""
    serving: int = 0
    """How many of them are wholly in service."""
    planned: int = 0
    forced: int = 0
    derated: int = 0
    left: Figure | None = None
    """W that are left of all of them; null where one is not known."""
    rated: Figure | None = None
    """W that they could give together; null where one has not said."""


class GroupOutage(OutageSum):
    """The same, with the group's number."""

    group: int


class HistoryQuery(Asked):
    """Which changes, oldest first."""

    device: Which | None = None
    """Of this device."""
    group: Number | None = None
    """Of this group as a whole."""
    since: Moment | None = None
    """From this moment on."""


class Turn(Shown):
    """A change: how a device or a group has stood from a moment on."""

    at: Moment
    device: str | None = None
    """LFDI of the device."""
    group: int | None = None
    """Or number of the group."""
    state: str
    """`planned`, `forced`, `derated`, or `restored` for back in service."""
    source: str
    """`operator`, `unit`, or `members` for a group."""
    until: Moment | None = None
    left: Figure | None = None
    rated: Figure | None = None
    members: int | None = None
    planned: int | None = None
    forced: int | None = None
    derated: int | None = None
    reason: str = ""
