"""Programmes and what they hold: forms of controls, defaults and curves (IEEE 2030.5-2018 10.10).

A control is told in plain figures; the server makes the document of it, with mRID, creation time and the
edition that can say it. What a control's state is follows from the clock and the other controls, and is
never sent.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.sdk.forms.kinds import (
    Asked,
    Bits,
    Byte,
    Edition,
    Figure,
    Given,
    Label,
    Moment,
    Mrid,
    Number,
    Seconds,
    Shown,
)
from bridge.sdk.forms.modes import GridEntry, Modes

State = Literal["scheduled", "active", "cancelled", "superseded", "ended"]
Randomly = Annotated[int, Field(ge=-3600, le=3600)]
Kind = Annotated[int, Field(ge=0, le=255)]
Reference = Literal[
    "none",
    "setMaxW",
    "setMaxVar",
    "statVarAvail",
    "effectiveV",
    "setMaxChargeRateW",
    "setMaxDischargeRateW",
    "statWAvail",
]


class ProgrammeQuery(Asked):
    """Which programmes."""

    group: Number | None = None
    """Those that hang from this group."""
    mrid: Mrid | None = None


class ProgrammeNew(Given):
    """A DER programme to be made."""

    description: Label = ""
    primacy: Byte
    """The lower goes first."""
    group: Number
    """The group it hangs from."""
    mrid: Mrid | None = None
    """Made by the server when not given."""
    subscribable: bool = True
    """Whether its list of controls can be subscribed to."""


class ProgrammeChange(Given):
    """What is to be different about a programme; what is not given stays."""

    description: Label | None = None
    primacy: Byte | None = None
    group: Number | None = None
    subscribable: bool | None = None
    """Whether its list of controls can be subscribed to."""


class Programme(Edition):
    """A DER programme."""

    id: int
    href: str
    mrid: str
    description: str = ""
    primacy: int
    group: int | None = None
    subscribable: bool = True
    default: bool = False
    """Whether it has a default control."""
    controls: int = 0
    """Controls that are not over."""
    curves: int = 0


class ControlQuery(Asked):
    """Which controls."""

    programme: Number | None = None
    state: State | None = None
    mrid: Mrid | None = None
    device: Annotated[str, Field(pattern=r"^([0-9]{1,18}|[0-9A-Fa-f]{40})$")] | None = None
    """Those that this device sees, by its number or LFDI."""
    since: Moment | None = None
    """Those that end after this moment."""
    until: Moment | None = None
    """Those that start before this moment."""


class ControlNew(Given):
    """A control to be made."""

    modes: Modes
    """What it demands; at least one thing."""
    duration: Annotated[int, Field(ge=1, le=4_294_967_295)]
    """Seconds."""
    start: Moment | None = None
    """When it begins; now, when neither this nor `offset` is given."""
    offset: Annotated[int, Field(ge=-31_536_000, le=31_536_000)] | None = None
    """The same as seconds from now."""
    randomize_start: Randomly | None = None
    """Seconds by which a device may move the start, at random."""
    randomize_duration: Randomly | None = None
    """Seconds by which a device may change the duration, at random."""
    response_required: Annotated[int, Field(ge=0, le=7)] = 3
    """Responses asked for, added up: 1 received, 2 started and completed, 4 the customer's."""
    description: Label = ""
    mrid: Mrid | None = None
    """Made by the server when not given."""
    device_category: Bits | None = None
    """Only for devices of these categories."""


class Status(Shown):
    """EventStatus as a client reads it now."""

    code: int
    """0 scheduled, 1 active, 2 cancelled, 3 cancelled at random moments, 4 superseded."""
    at: Moment
    superseded: bool = False
    """Whether it may be superseded for some (potentiallySuperseded)."""
    reason: str = ""


class Control(Edition):
    """A control."""

    id: int
    href: str
    programme: int
    mrid: str
    description: str = ""
    state: str
    """`scheduled`, `active`, `cancelled`, `superseded` or `ended`."""
    status: Status
    created: Moment
    start: Moment
    duration: int
    randomize_start: int | None = None
    randomize_duration: int | None = None
    response_required: int = 0
    device_category: str | None = None
    modes: Modes
    profile: str
    """Edition that the document is kept in; each client reads it in its own."""


class Cancel(Given):
    """How a control is cancelled."""

    reason: Annotated[str, Field(pattern=r"^[ -~]{0,192}$")] = ""
    """For people; it stands in EventStatus."""
    randomly: bool = False
    """Whether devices end it at random moments, as they started it."""


class Clear(Cancel):
    """Which controls are cancelled at once."""

    which: Literal["all", "latest"] = "all"
    """All that are not over, or the one that was made last."""
    programme: Number | None = None
    """Of this programme only."""


class Cleared(Shown):
    """What was cancelled."""

    controls: tuple[str, ...] = ()
    """Their addresses."""


class DefaultSet(Given):
    """The default control of a programme."""

    modes: Modes = Modes()
    entry: GridEntry = GridEntry()
    description: Label = ""
    mrid: Mrid | None = None
    """Made by the server when not given; a default keeps its own."""


class Default(Edition):
    """The default control of a programme."""

    href: str
    programme: int
    mrid: str
    description: str = ""
    modes: Modes
    entry: GridEntry
    profile: str


class Spot(Given):
    """A point of a curve."""

    x: Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
    """xvalue, times ten to the power of `x_multiplier`."""
    y: Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
    """yvalue, times ten to the power of `y_multiplier`."""
    absorbing: bool | None = None
    """Excitation of a watt-power factor curve."""


class CurveNew(Given):
    """A curve to be made."""

    type: Kind
    """curveType: 0 frequency-watt ... 11 volt-var, 12 volt-watt, as DERCurveType numbers them."""
    points: Annotated[tuple[Spot, ...], Field(min_length=1, max_length=10)]
    y_reference: Reference
    """What y is a percentage of."""
    x_multiplier: Annotated[int, Field(ge=-9, le=9)] = 0
    y_multiplier: Annotated[int, Field(ge=-9, le=9)] = 0
    description: Label = ""
    mrid: Mrid | None = None
    """Made by the server when not given."""
    open_loop: Annotated[Figure, Field(ge=0)] | None = None
    """openLoopTms in seconds, to hundredths."""
    ramp_up: Annotated[int, Field(ge=0, le=65_535)] | None = None
    """rampIncTms, in hundredths of a per cent a second."""
    ramp_down: Annotated[int, Field(ge=0, le=65_535)] | None = None
    """rampDecTms, in hundredths of a per cent a second."""
    low_pass: Annotated[Figure, Field(ge=0)] | None = None
    """rampPT1Tms in seconds, to hundredths."""
    v_reference: Annotated[Figure, Field(ge=0, le=655)] | None = None
    """vRef in per cent of the nominal voltage."""
    autonomous: bool | None = None
    """autonomousVRefEnable."""
    time_constant: Seconds | None = None
    """autonomousVRefTimeConstant, in hundredths of a second."""


class CurveQuery(Asked):
    """How many curves at once."""


class Curve(Edition):
    """A curve."""

    id: int
    href: str
    programme: int
    mrid: str
    created: Moment
    description: str = ""
    type: int
    points: tuple[Spot, ...]
    y_reference: str
    x_multiplier: int = 0
    y_multiplier: int = 0
    open_loop: Figure | None = None
    ramp_up: int | None = None
    ramp_down: int | None = None
    low_pass: Figure | None = None
    v_reference: Figure | None = None
    autonomous: bool | None = None
    time_constant: int | None = None
