"""What a command demands, in figures that a limit can be held against; here of a canonical command.

The same figures are read from the native request by each protocol for itself (`bridge.sep2.figures`), with
no mapping in between: both have to pass, so that a fault in a mapping cannot widen a command (design 2 and
decision 12). A mode that is a curve, a switch or a power factor has a name and no figure.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from models.der import messages

RAMP = "rampTms"
CAP = "opModMaxLim"
"""What the names of limits of power begin with."""


class Figures(NamedTuple):
    """What a command demands."""

    watts: Decimal | None = None
    """Highest active power that is named, whichever direction."""
    vars: Decimal | None = None
    percent: Decimal | None = None
    """Highest percentage that is named."""
    least: Decimal | None = None
    """Lowest percentage that a limit leaves."""
    ramp: Decimal | None = None
    """Seconds."""
    start: Decimal | None = None
    """None for what holds from now on."""
    duration: Decimal | None = None
    """None for what has no end."""
    modes: frozenset[str] = frozenset()
    """Names of the modes, as the standard has them."""


class Amount(NamedTuple):
    """One figure: the mode it is of, its unit (`W`, `var`, `%` or another) and its value."""

    mode: str
    unit: str
    value: Decimal


def gathered(amounts: Iterable[Amount], modes: Iterable[str], **other: Decimal | None) -> Figures:
    """Give the figures of a command from its single amounts."""
    told = tuple(amounts)
    return Figures(
        watts=_highest(told, "W"),
        vars=_highest(told, "var"),
        percent=_highest(told, "%"),
        least=min((one.value for one in told if one.unit == "%" and one.mode.startswith(CAP)), default=None),
        modes=frozenset(modes),
        **other,
    )


def _highest(amounts: tuple[Amount, ...], unit: str) -> Decimal | None:
    return max((abs(one.value) for one in amounts if one.unit == unit), default=None)


def canonical(message: messages.Control | messages.Default) -> Figures:
    """Give the figures of a canonical command."""
    said = {name: getattr(message.modes, name) for name in type(message.modes).model_fields}
    found = {name: value for name, value in said.items() if value is not None}
    ramp = found.pop(RAMP, None)
    amounts = (
        Amount(wire(name), value.unit.value, value.value)
        for name, value in found.items()
        if isinstance(value, messages.Amount)
    )
    start = duration = None
    if isinstance(message, messages.Control):
        start = message.start + min(message.randomizeStart or Decimal(0), Decimal(0))
        duration = message.duration + max(message.randomizeDuration or Decimal(0), Decimal(0))
    return gathered(amounts, map(wire, found), ramp=ramp, start=start, duration=duration)


def wire(name: str) -> str:
    """Give the standard's name of a canonical mode: opModMaxLimW for maxLimW."""
    return f"opMod{name[0].upper()}{name[1:]}"
