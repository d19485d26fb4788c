"""Programmes at random, as plain lines: what is said, when, of which event, to which units.

They are small and crowded on purpose: few names, few seconds, so that events touch, overlap, tie and are
cancelled, renewed and refused. The same lines are read by the core, as messages, and by `naive`, as they are.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from hypothesis import strategies as st

from models.der import messages
from tests.core import records

HORIZON = 60
"""No planned window ends later than this second."""
UNITS = records.UNITS[:2]
MODES = ("maxLimW", "targetW", "connect")
NAMES = ("01", "02", "0A", "0B", "FE")
DEFAULTS = ("D1", "D2")
CONTROL, DEFAULT, WORD = "control", "default", "word"


class Line(NamedTuple):
    """One thing that is said; which of the fields count depends on its kind."""

    at: int
    kind: str
    name: str
    units: tuple[str, ...]
    modes: tuple[str, ...] = ()
    primacy: int | None = None
    version: int = 0
    made: int = 0
    start: int = 0
    length: int = 0
    early: int = 0
    """Bound of the random part of the start."""
    longer: int = 0
    """Bound of the random part of the duration."""
    code: int | None = None
    """Of a control: the end that its source says; of a word: the status that the unit answers."""

    @property
    def end(self) -> int:
        """The second at which a control is over."""
        return self.start + self.length


def message(number: int, line: Line) -> messages.Message:
    """A line as the core hears it; numbers grow in the order of hearing."""
    if line.kind == WORD:
        said = records.outcome(line.units[0], line.name, line.code or 0, line.at)
        return said.model_copy(update={"id": f"{number:04}"})
    asked = records.modes(*line.modes)
    more: dict[str, Any] = {"primacy": line.primacy, "version": line.version}
    if line.kind == DEFAULT:
        stated = records.default(line.name, asked=asked, device=line.units, issued=line.at, **more)
        return stated.model_copy(update={"id": f"{number:04}", "updated": Decimal(line.made)})
    one = records.control(
        line.name, line.start, line.length, asked=asked, device=line.units, issued=line.at, **more
    )
    state = None
    if line.code is not None:
        state = messages.EventState(currentStatus=line.code, at=Decimal(line.at), potentiallySuperseded=False)
    return one.model_copy(
        update={
            "id": f"{number:04}",
            "created": Decimal(line.made),
            "status": state,
            "randomizeStart": Decimal(line.early),
            "randomizeDuration": Decimal(line.longer),
        }
    )


@st.composite
def lines(draw: st.DrawFn) -> Line:
    """Something that is said, of any kind; most are controls."""
    kind = draw(st.sampled_from([CONTROL] * 4 + [DEFAULT, WORD]))
    at = draw(st.integers(0, 45))
    if kind == WORD:
        code = draw(st.sampled_from([1, 2, 3, 4, 5, 8, 253]))
        return Line(at, kind, draw(st.sampled_from(NAMES)), (draw(st.sampled_from(UNITS)),), code=code)
    said = Line(
        at,
        kind,
        draw(st.sampled_from(DEFAULTS if kind == DEFAULT else NAMES)),
        draw(st.sampled_from([UNITS, UNITS, UNITS[:1], UNITS[1:]])),
        tuple(mode for mode in MODES if draw(st.booleans())),
        draw(st.sampled_from([None, 0, 1, 2])),
        draw(st.integers(0, 2)),
        draw(st.integers(0, 5)),
    )
    return said if kind == DEFAULT else _timed(draw, said)


def _timed(draw: st.DrawFn, said: Line) -> Line:
    """A control, with a window that often touches another's, or an end."""
    spreads = st.sampled_from([0, 0, 0, 3, -3, 9, -9])
    return said._replace(
        start=5 * draw(st.integers(0, 8)),
        length=5 * draw(st.integers(0, 4)),
        early=draw(spreads),
        longer=draw(spreads),
        code=draw(st.sampled_from([None, None, None, None, 0, 1, 2, 3, 4, 5])),
    )


PROGRAMMES = st.lists(lines(), max_size=10).map(lambda said: tuple(sorted(said, key=lambda one: one.at)))
"""In the order in which they are heard."""
