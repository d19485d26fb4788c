"""What may be wrong with a simulated inverter, and when: silence, a drifting clock, refusals, bad readings.

Windows are in seconds since it was started. A refusal is a user who opts out of events for that time. Pure:
the age of the inverter is an argument.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from bridge.app.fault import Fault

Windows = tuple[tuple[float, float], ...]
"""From and until, not included, in seconds since the start."""
NOT_THERE = 503


class Faults(NamedTuple):
    """The faults of one inverter; none of them by default."""

    silence: Windows = ()
    """It makes no calls and takes no notifications."""
    drift: float = 0.0
    """Seconds that its clock gains in a second."""
    refusals: Windows = ()
    bad: Windows = ()
    """Its readings are wrong."""
    factor: float = 10.0
    """What a wrong reading is multiplied with."""

    def silent(self, age: float) -> bool:
        """Whether it says nothing."""
        return _in(self.silence, age)

    def refuses(self, age: float) -> bool:
        """Whether its user has opted out."""
        return _in(self.refusals, age)

    def drifted(self, now: float, age: float) -> float:
        """Give the time as its clock has it."""
        return now + self.drift * age

    def warped(self, name: str, value: float, age: float) -> float:
        """Give a reading as it is told."""
        del name
        return value * self.factor if _in(self.bad, age) else value


def _in(windows: Windows, age: float) -> bool:
    return any(start <= age < end for start, end in windows)


def said(
    silence: Iterable[str] | None, refuse: Iterable[str] | None, bad: Iterable[str] | None, drift: float
) -> Faults:
    """The faults that a command line asks for, each window as FROM-UNTIL."""
    return Faults(
        silence=_windows("--silence", silence),
        drift=drift,
        refusals=_windows("--refuse", refuse),
        bad=_windows("--bad-readings", bad),
    )


def _windows(option: str, texts: Iterable[str] | None) -> Windows:
    return tuple(_window(option, each) for each in texts or ())


def _window(option: str, text: str) -> tuple[float, float]:
    try:
        start, end = map(float, text.split("-"))
    except ValueError:
        raise Fault(option, f"{text!r} is no FROM-UNTIL in seconds") from None
    if not start < end:
        raise Fault(option, f"{text!r} ends before it begins")
    return start, end
