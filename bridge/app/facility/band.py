"""What is worth telling: by how much a figure has to differ from what was told of it last.

A table by unit: a share of the last figure, and the least difference that counts. Whatever is no figure is
told when it differs at all. Pure; what was told is the caller's to keep.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from bridge.mapping.points import UNITS


class Band(NamedTuple):
    """How far a figure may move untold."""

    share: Decimal
    """Of the figure that was told last."""
    least: Decimal
    """In its unit."""


BANDS: Mapping[str, Band] = MappingProxyType({
    "W": Band(Decimal("0.005"), Decimal(5)),
    "VA": Band(Decimal("0.005"), Decimal(5)),
    "var": Band(Decimal("0.005"), Decimal(5)),
    "V": Band(Decimal("0.002"), Decimal("0.1")),
    "A": Band(Decimal("0.005"), Decimal("0.02")),
    "Hz": Band(Decimal(0), Decimal("0.01")),
    "%": Band(Decimal(0), Decimal("0.5")),
    "1": Band(Decimal(0), Decimal("0.005")),
    "s": Band(Decimal("0.02"), Decimal(10)),
    "Wh": Band(Decimal(0), Decimal(1)),
    "Ah": Band(Decimal(0), Decimal("0.1")),
})  # fmt: skip
"""By the unit of the mapping; another unit has no band."""
NONE = Band(Decimal(0), Decimal(0))
UNIT = {number: name for name, numbers in UNITS.items() for number in numbers}
"""The unit of a number of SIUnit, which is the uom of 2030.5 too."""


def beyond(unit: str, told: Decimal, now: Decimal, factor: Decimal) -> bool:
    """Whether a figure has left the band around what was told; by a factor of nought every change counts."""
    band = BANDS.get(unit, NONE)
    width = max(abs(told) * band.share, band.least) * factor
    return now != told and abs(now - told) >= width
