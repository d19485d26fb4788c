"""What a scenario expects, watched while it runs: when each expectation came true, and whether it stayed so.

An expectation has a moment, a time within which it comes true for every unit it names, and a time that it
then stays true; what was true only in passing counts for nothing. A row for each. Nothing here moves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from math import hypot
from types import MappingProxyType
from typing import NamedTuple

from bridge.app.sim import script
from bridge.app.sim.heard import Heard
from bridge.app.sim.scene import Expect, Scene
from bridge.app.sim.unit import Output

Responses = Mapping[str, Mapping[str, tuple[int, ...]]]
"""Statuses by control and by unit."""
Hearings = Mapping[str, Mapping[str, Heard]]
"""What aggregators heard, by control and by unit."""
SILENCE: Hearings = MappingProxyType({})
EXACT = 1e-6


class Row(NamedTuple):
    """What came of one expectation."""

    text: str
    passed: bool
    took: float
    """Seconds until the last of the units did so; of one that never did, until it was given up."""
    told: str
    """What was found, where it was not as expected."""


@dataclass(slots=True)
class Watch:
    """One expectation, and how far its units are."""

    expect: Expect
    units: Mapping[str, float]
    """Names of the units that it is about, with the rating that a tolerance is of."""
    met: dict[str, float] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    first: float | None = None
    """The first look at or after its moment, which may come late and counts all the same."""

    def look(
        self, t: float, outputs: Mapping[str, Output], responses: Responses, hearings: Hearings = SILENCE
    ) -> None:
        """Look at a moment."""
        if t < self.expect.at:
            return
        self.first = t if self.first is None else self.first
        for name, rating in self.units.items():
            if name in self.failed or name not in outputs:
                continue
            if self.expect.hears is not None:
                found, right = self._heard(name, hearings)
            else:
                found, right = self._found(name, rating, outputs[name], responses)
            self._judge(name, t, found, right=right)

    def _judge(self, name: str, t: float, found: str, *, right: bool) -> None:
        last = max(self.expect.at + self.expect.within, self.first or 0.0) + EXACT
        if right and t <= last:
            self.met.setdefault(name, t)
        elif t < last - EXACT * 2:
            self.met.pop(name, None)
        elif name not in self.met:
            self.failed[name] = f"{found} at {stamp(t)}"
        elif not right and t <= max(self.met[name] + self.expect.lasts, last):
            self.failed[name] = f"{found} at {stamp(t)}, after it had been right"

    def _found(self, name: str, rating: float, out: Output, responses: Responses) -> tuple[str, bool]:
        expect = self.expect
        if expect.control is not None:
            said = responses.get(script.mrid(expect.control), {}).get(name, ())
            return f"responses {list(said)}", said == expect.responses
        value = quantity(expect.what or "", out)
        if value is None:
            return f"{expect.what} is not known", False
        return f"{expect.what} {value:g}", _within(expect, value, rating)

    def _heard(self, name: str, hearings: Hearings) -> tuple[str, bool]:
        expect = self.expect
        said = hearings.get(script.mrid(expect.control or ""), {}).get(name)
        if said is None:
            return "nothing was heard yet", False
        return f"heard {said}", said.word == expect.hears and expect.cause in {None, said.cause}

    def row(self) -> Row:
        """What came of it."""
        silent = [name for name in self.units if name not in self.met and name not in self.failed]
        wrong = self.failed | dict.fromkeys(silent, "was never seen")
        told = "; ".join(f"{name}: {what}" for name, what in list(wrong.items())[:3])
        more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""  # noqa: PLR2004 - so many are told
        took = max(self.met.values(), default=self.expect.at + self.expect.within) - self.expect.at
        return Row(text(self.expect), not wrong, round(took, 3), told + more)


def _within(expect: Expect, value: float, rating: float) -> bool:
    slack = -expect.tolerance * rating / 100 if expect.tolerance < 0 else expect.tolerance
    if isinstance(expect.equals, bool) or expect.what in {"connected", "operating"}:
        return bool(value) == bool(expect.equals)
    return (
        (expect.equals is None or abs(value - expect.equals) <= slack + EXACT)
        and (expect.least is None or value >= expect.least - slack - EXACT)
        and (expect.most is None or value <= expect.most + slack + EXACT)
    )


def quantity(what: str, out: Output) -> float | None:
    """What is looked at of a unit."""
    if what == "va":
        return hypot(out.w, out.var)
    found: float | None = getattr(out, what)
    return None if found is None else float(found)


def text(expect: Expect) -> str:
    """An expectation in one line."""
    if expect.hears is not None:
        cause = "" if expect.cause is None else f" with cause {expect.cause}"
        what = f"the aggregator hears {expect.hears}{cause} of {expect.control} from {expect.device}"
    elif expect.control is not None:
        what = f"responses of {expect.device} to {expect.control} are {list(expect.responses)}"
    else:
        bounds = {"=": expect.equals, ">=": expect.least, "<=": expect.most}
        said = " and ".join(f"{sign} {_plain(value)}" for sign, value in bounds.items() if value is not None)
        what = f"{expect.what} of {expect.device} {said}"
    lasts = f", for {expect.lasts:g} s" if expect.lasts else ""
    return f"{stamp(expect.at)} {what}, within {expect.within:g} s{lasts}"


def _plain(value: float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}"


def stamp(t: float) -> str:
    """A moment of a scenario as hours, minutes and seconds."""
    whole, rest = divmod(round(t, 3), 1)
    minutes, second = divmod(int(whole), 60)
    part = f"{rest:.3f}".rstrip("0").removeprefix("0").rstrip(".") if rest else ""
    return f"{minutes // 60:02}:{minutes % 60:02}:{second:02}{part}"


def watches(scene: Scene) -> list[Watch]:
    """Every expectation with the units that it is about."""
    kinds = [(kind, name) for kind in scene.inverters for name in kind.names()]
    return [
        Watch(
            one,
            {
                name: _rating(one, kind.watts, kind.va)
                for kind, name in kinds
                if fnmatchcase(name, one.device)
            },
        )
        for one in scene.expect
    ]


def _rating(expect: Expect, watts: float, va: float | None) -> float:
    """What one hundred percent of a tolerance is."""
    others = {"hz": 60.0, "v": 240.0, "soc": 100.0, "alarms": 0.0}
    if expect.what in {"var", "va"}:
        return va or watts
    return others.get(expect.what or "", watts)
