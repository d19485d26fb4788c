"""Profiles: a value as a function of time, for voltage, frequency, sun and load, as a scenario file says it.

A number is a constant. `steps` holds each value until the next, `ramp` goes from one to the next in a
straight line, `day` rises and sets like the sun, `recorded` reads a column of a CSV file. Moments are seconds
since the scenario began. Pure but for the reading of the file, which is done once.
"""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Callable
from itertools import pairwise
from math import pi, sin
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

DAY = 86_400.0
Course = Callable[[float], float]
"""A value by the seconds since the beginning."""


def seconds(said: Any) -> Any:  # noqa: ANN401 - whatever a file says
    """A time of day or a length, as `00:05` or `00:05:30`, in seconds; a number stays."""
    if not isinstance(said, str):
        return said
    parts = said.split(":")
    if not 2 <= len(parts) <= 3 or not all(part.replace(".", "", 1).isdigit() for part in parts):  # noqa: PLR2004 - hours, minutes, seconds
        raise ValueError("is not a time: write hh:mm, hh:mm:ss, or seconds")
    return sum(float(part) * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))


Span = Annotated[float, BeforeValidator(seconds), Field(ge=0, allow_inf_nan=False)]


class Part(BaseModel):
    """A part of a scenario file: what it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


def _rising(points: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    if any(one[0] >= other[0] for one, other in pairwise(points)):
        raise ValueError("moments must rise from point to point")
    return points


Points = Annotated[tuple[tuple[Span, float], ...], Field(min_length=1), AfterValidator(_rising)]


class Steps(Part):
    """Each value from its moment on; the first one holds before it, too."""

    kind: Literal["steps"]
    points: Points

    def course(self, _folder: Path) -> Course:
        """The value at a moment."""
        moments = [moment for moment, _ in self.points]
        return lambda t: self.points[max(bisect_right(moments, t) - 1, 0)][1]


class Ramp(Part):
    """A straight line from each point to the next; level before the first and after the last."""

    kind: Literal["ramp"]
    points: Points

    def course(self, _folder: Path) -> Course:
        """The value at a moment."""
        return line(self.points)


class Day(Part):
    """Half a sine between sunrise and sunset, each day, and `least` at night."""

    kind: Literal["day"]
    peak: float = 1.0
    least: float = 0.0
    rise: Span = 6 * 3600.0
    set: Span = 18 * 3600.0
    begins: Span = 0.0
    """Time of day at which the scenario begins."""

    def course(self, _folder: Path) -> Course:
        """The value at a moment."""
        return lambda t: self._at((self.begins + t) % DAY)

    def _at(self, hour: float) -> float:
        if not self.rise < hour < self.set:
            return self.least
        return self.least + (self.peak - self.least) * sin(pi * (hour - self.rise) / (self.set - self.rise))


class Recorded(Part):
    """A column of a CSV file, whose column `time` counts seconds; in straight lines between rows."""

    kind: Literal["recorded"]
    file: Path
    """Beside the scenario file."""
    column: str
    time: str = "time"
    scale: float = 1.0

    def course(self, folder: Path) -> Course:
        """The value at a moment; ValueError where the file cannot be read so."""
        place = folder / self.file
        try:
            with place.open(encoding="utf-8", newline="") as stream:
                rows = [
                    (float(row[self.time]), float(row[self.column]) * self.scale)
                    for row in csv.DictReader(stream)
                ]
        except OSError as error:
            raise ValueError(f"{self.file}: {error.strerror}") from error
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"{self.file}: no numbers in columns {self.time} and {self.column}: {error}"
            ) from error
        if not rows:
            raise ValueError(f"{self.file}: has no rows")
        return line(_rising(tuple(rows)))


def line(points: tuple[tuple[float, float], ...]) -> Course:
    """A straight line through points."""
    moments = [moment for moment, _ in points]

    def value(t: float) -> float:
        right = bisect_right(moments, t)
        if right in {0, len(points)}:
            return points[min(right, len(points) - 1)][1]
        (x0, y0), (x1, y1) = points[right - 1], points[right]
        return y0 + (y1 - y0) * (t - x0) / (x1 - x0)

    return value


Profile = float | Annotated[Steps | Ramp | Day | Recorded, Field(discriminator="kind")]


def course(profile: Profile, folder: Path) -> Course:
    """The value of a profile at a moment."""
    if isinstance(profile, float | int):
        level = float(profile)
        return lambda _: level
    return profile.course(folder)
