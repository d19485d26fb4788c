"""What a simulated inverter is to the protocol that speaks for it: it is asked to do, and looked at.

`demand` takes the canonical modes in force, curves put in, each time they change, and the grid entry of the
default beside them; `output` is what it does at this moment. Both 2030.5 and 61850 speak through this and
nothing else. No physics here, no protocol, no clock.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from models.der import messages


class Plate(NamedTuple):
    """What is written on the device: its ratings in plain units."""

    watts: float
    """Greatest active power that it gives."""
    va: float
    var: float
    """Greatest reactive power, injected and absorbed alike."""
    volts: float = 240.0
    charge: float = 0.0
    """Greatest active power that it takes; 0 for what has no storage."""
    wh: float = 0.0
    """What its storage holds; 0 for none."""


class Output(NamedTuple):
    """What a unit does at a moment; power is positive where it goes to the grid, var where it is injected."""

    w: float
    var: float
    v: float
    hz: float
    connected: bool = True
    operating: bool = True
    available: float = 0.0
    """Active power that it could give now."""
    soc: float | None = None
    """State of charge in percent; none for what has no storage."""
    alarms: int = 0
    """Bits of DERStatus.alarmStatus (IEEE 2030.5): 0 over-current, 1 over-voltage, 2 under-voltage, ..."""


class Unit(Protocol):
    """One inverter, whatever it is made of."""

    @property
    def plate(self) -> Plate:
        """Its ratings."""
        ...

    @property
    def output(self) -> Output:
        """What it does now."""
        ...

    def demand(self, modes: messages.Modes, entry: messages.GridEntry) -> None:
        """Take the modes that are in force from now on, all of them; what is not named is off."""
        ...
