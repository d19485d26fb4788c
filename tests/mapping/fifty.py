"""A droop and a frequency-watt curve at 50 Hz, and the points that this bridge writes for them.

For the tests of the nominal frequency and of the halves on both sides of it; nothing here asserts more than
that the points bring the record back.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import models.der.messages as m
from tests.mapping.telling import BASES, amount, curve, default, written

FIFTY = replace(BASES, hertz=Decimal(50))
UNKNOWN = replace(BASES, hertz=None)
WATTS = [("49", "100"), ("51", "50")]
DROOP = m.Droop(
    overDeadband=amount("0.036", "Hz"),
    underDeadband=amount("0.1", "Hz"),
    overSlope=amount("0.05", "1"),
    underSlope=amount("0.03", "1"),
    openLoop=Decimal(5),
)
LEAST = DROOP.model_copy(update={"minimum": amount("-500", "W")})


def halves(**more: Any) -> dict[str, Any]:
    """The points of a frequency-watt curve of both sides, as this bridge writes them at 50 Hz."""
    return written(default(freqWatt=curve(0, WATTS, "setMaxW", **more)), FIFTY)


def told(record: m.Droop = DROOP) -> dict[str, Any]:
    """The points of a droop, as this bridge writes them at 50 Hz."""
    return written(default(freqDroop=record), FIFTY)


def without(found: dict[str, Any], *parts: str) -> dict[str, Any]:
    return {ref: value for ref, value in found.items() if not any(part in ref for part in parts)}
