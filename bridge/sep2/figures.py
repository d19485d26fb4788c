"""What a command of IEEE 2030.5 demands, read from its own elements: nothing of the mapping is used here.

Percentages are in hundredths of a percent, quantities have a power of ten, times are in seconds and ramps in
hundredths of one (IEEE 2030.5-2018 and -2023, DERControlBase). That the canonical figures of the same command
agree is tested, and both are held against the limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from bridge.core.access.figures import Amount, Figures, gathered
from models import kit

HUNDREDTH = Decimal("0.01")
MODE = "opMod"
UNITS = (("Var", "var"), ("W", "W"))
"""Endings of the names of modes, with the unit of a quantity of theirs; volts are in no limit."""
COMMANDS = frozenset({"DERControl", "DefaultDERControl", "EndDeviceControl", "FlowReservationResponse"})


def native(made: Any) -> Figures:  # noqa: ANN401 - the classes of four editions share names, not ancestors
    """Give the figures of a document."""
    base = getattr(made, "DERControlBase", None)
    said = {} if base is None else {name: getattr(base, name) for name in type(base).model_fields}
    modes = {name: value for name, value in said.items() if name.startswith(MODE) and value is not None}
    ramp = said.get("rampTms")
    amounts = (one for name, value in modes.items() for one in _amount(name, value))
    span = getattr(made, "interval", None)
    early, longer = (getattr(made, name, None) or 0 for name in ("randomizeStart", "randomizeDuration"))
    return gathered(
        (*amounts, *_offered(made)),
        modes,
        ramp=None if ramp is None else _number(ramp) * HUNDREDTH,
        start=None if span is None else Decimal(span.start + min(early, 0)),
        duration=None if span is None else Decimal(span.duration + max(longer, 0)),
    )


def _amount(mode: str, value: object) -> Iterator[Amount]:
    """Give the figure of a mode, if it has one: a share, or a quantity with a power of ten."""
    if isinstance(value, bool):
        return
    figure = getattr(value, "value", value)
    if isinstance(figure, bool) or not isinstance(figure, int | Decimal):
        return
    power = getattr(value, "multiplier", None)
    if power is None:
        yield Amount(mode, "%", Decimal(figure) * HUNDREDTH)
    else:
        yield Amount(mode, _unit(mode), Decimal(figure).scaleb(power))


def _unit(mode: str) -> str:
    trimmed = mode.removesuffix("Inject").removesuffix("Absorb")
    return next((unit for ending, unit in UNITS if trimmed.endswith(ending)), "")


def _number(value: object) -> Decimal:
    return Decimal(getattr(value, "value", value))  # type: ignore[arg-type]


def _offered(made: object) -> Iterator[Amount]:
    """Give the power of a flow that is reserved."""
    power = getattr(made, "powerAvailable", None)
    if isinstance(power, kit.Model):
        yield Amount("", "W", Decimal(power.value).scaleb(power.multiplier))  # type: ignore[attr-defined]
