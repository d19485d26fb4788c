"""How a change takes its time: an open-loop response, a ramp by rate, a ramp by time.

A response time is the time to nine tenths of a step (IEEE 1547-2018 clause 3.1), so a first-order lag has a
time constant of it divided by ln 10. The lag is exact for any step of time, so that it serves milliseconds
and quarters of an hour alike. Never reads a clock.
"""

from __future__ import annotations

from math import exp, inf

TENTH = 2.302585092994046
"""ln 10: time constants until a tenth of a step is left."""
NEAR = 1e-6
"""A change so small is over."""


def lagged(last: float, wanted: float, response: float, seconds: float) -> float:
    """Where a first-order lag of a response time has got to."""
    if response <= 0 or abs(last - wanted) < NEAR:
        return wanted
    return wanted + (last - wanted) * exp(-seconds * TENTH / response)


def ramped(last: float, wanted: float, rate: float, seconds: float) -> float:
    """Where a change of at most `rate` in a second has got to."""
    if rate == inf:
        return wanted
    reach = rate * seconds
    return min(max(wanted, last - reach), last + reach)


def timed(last: float, wanted: float, left: float, seconds: float) -> float:
    """Where a change that has `left` seconds to go, and goes in a straight line, has got to."""
    return wanted if left <= seconds else last + (wanted - last) * seconds / left
