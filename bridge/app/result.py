"""What a conversion is asked for, and what it gives: the wish of the command line, and a result a record.

Between the two stand `documents` and `pages`, which make results, and `output`, which prints them. Plain
values only; nothing here converts, reads or prints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bridge.mapping.bases import Bases
from bridge.mapping.points import Point

Losses = Sequence[tuple[str, str]]
"""Path and reason of each thing that was lost."""


@dataclass(frozen=True, slots=True)
class Result:
    """One converted record: its points or its document, and what was lost."""

    place: str
    kind: str
    profile: str
    losses: Losses
    points: tuple[Point, ...] = ()
    document: bytes = b""
    bases: Bases | None = None
    beside: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asks for."""

    profile: str = "auto"
    to: str | None = None
    bases: tuple[str, ...] = ()
    kind: str | None = None
    mrid: str | None = None
    now: Decimal = Decimal(0)
