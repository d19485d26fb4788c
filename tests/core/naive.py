"""The event rules once more, second by second and by brute force: nothing here is clever, nothing is shared.

It reads the plain lines of `programmes` and follows the sentences of decision 0002: at each second it asks
every event again whether it wins, and tells what became of each by comparing two such scans. The core is held
to it, mode by mode, second by second, answer by answer. Only the draws of the spread come from the core.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from tests.core.programmes import CONTROL, DEFAULT, HORIZON, UNITS, WORD, Line

Told = tuple[str, str, int]
Drawn = Callable[[Line], tuple[int, int]]
ENDS = {2: 6, 3: 6, 4: 7, 5: 3}
DONE = (3, 6, 7, 8, 9, 10, 13, 14, 252, 253, 254)
EARLIEST = -30
"""No random spread reaches further back."""


class World:
    """All that was said up to a second."""

    def __init__(self) -> None:
        self.now = 0
        self.said: dict[str, Line] = {}
        self.words: dict[tuple[str, str], int] = {}

    def out(self, unit: str, name: str) -> bool:
        """Whether a unit has done with an event, or opted out of it."""
        return self.words.get((unit, name)) in (*DONE, 4)

    def open(self, unit: str, *, spread: bool = False) -> list[Line]:
        """What a unit may follow: meant for it, not ended by its source, not closed by its word."""
        meant = [one for one in self.said.values() if unit in one.units and not self.out(unit, one.name)]
        return [one for one in meant if one.code not in ENDS or (spread and one.code == 3)]

    def winner(self, unit: str, mode: str, second: int) -> Line | None:
        """Who has a mode of a unit at a second."""
        return best(self.open(unit), mode, second)

    def holds(self, unit: str, one: Line, seconds: Iterable[int]) -> list[int]:
        """The seconds at which an event has any of its modes."""
        return [at for at in seconds if any(self.winner(unit, mode, at) == one for mode in one.modes)]

    def standing(self, unit: str, name: str) -> str:
        """How an event stands with a unit now, in a word."""
        one = self.said.get(name)
        if one is None or unit not in one.units:
            return "absent"
        if one.code in ENDS or self.out(unit, name):
            return "ended" if one.code in ENDS else "closed"
        if one.kind == CONTROL and one.end <= self.now:
            return "past"
        nothing_to_lose = one.kind == DEFAULT or not one.modes or not one.length
        return "live" if nothing_to_lose or self.holds(unit, one, range(self.now, HORIZON)) else "overtaken"

    def hear(self, line: Line) -> list[Told]:
        """Take a line, and give what is told to owners, in the order of units and names."""
        self.now = line.at
        if line.kind == WORD:
            return self._word(line)
        held = self.said.get(line.name)
        if held is not None:
            if _newness(line) < _newness(held):
                return []
            if line.code in ENDS:
                line = line._replace(units=held.units)
        before = self._standings()
        self.said[line.name] = line
        for unit in UNITS:
            if self.words.get((unit, line.name)) in DONE:
                del self.words[unit, line.name]
        return self._changes(before, line.name)

    def _word(self, line: Line) -> list[Told]:
        unit = line.units[0]
        if line.name not in self.said:
            return []
        before = self._standings()
        if self.words.get((unit, line.name)) not in DONE:
            self.words[unit, line.name] = line.code or 0
        return [(unit, line.name, line.code or 0), *self._changes(before, "")]

    def _standings(self) -> dict[tuple[str, str], str]:
        return {(unit, name): self.standing(unit, name) for unit in UNITS for name in self.said}

    def _changes(self, before: dict[tuple[str, str], str], fresh: str) -> list[Told]:
        """What is told, where something stands otherwise than before or is a new edition."""
        found: list[Told] = []
        for (unit, name), stands in sorted(self._standings().items()):
            was = before.get((unit, name), "absent")
            found += [(unit, name, code) for code in self._codes(name, was, stands, new=name == fresh)]
        return found

    def _codes(self, name: str, was: str, stands: str, *, new: bool) -> tuple[int, ...]:
        if stands == "ended":
            return (ENDS[self.said[name].code or 0],) if was in ("live", "overtaken") else ()
        if stands == "absent":
            return (10,) if was in ("live", "overtaken") else ()
        if stands == was and not new:
            return ()
        if stands == "live":
            return (1,) if new or was in ("absent", "overtaken", "ended", "past") else ()
        if stands == "overtaken":
            return (1, 7) if new or was in ("absent", "ended", "past") else (7,) if was == "live" else ()
        return (254,) if stands == "past" and (new or was == "absent") else ()

    def state(self, unit: str, one: Line) -> int:
        """What EventStatus says of a control now, for one unit."""
        if one.code in ENDS and one.at <= min(self.now, one.end):
            return one.code or 0
        lost = None if one.code in ENDS else self._lost(unit, one)
        if lost is not None and lost <= self.now:
            return 4
        return 0 if self.now < one.start else 1 if self.now < one.end else 5

    def _lost(self, unit: str, one: Line) -> int | None:
        """The second from which nothing is left to a control although it is not over."""
        window = range(one.start, one.end)
        if not one.modes or not window:
            return None
        kept = self.holds(unit, one, window)
        if kept:
            return None if kept[-1] + 1 == one.end else kept[-1] + 1
        return min(self._since(unit, mode, second) for mode in one.modes for second in window)

    def _since(self, unit: str, mode: str, second: int) -> int:
        """The second from which the one that has a mode has had it without a break."""
        one = self.winner(unit, mode, second)
        while self.winner(unit, mode, second - 1) == one:
            second -= 1
        return second

    def run(self, unit: str, mode: str, drawn: Drawn, seconds: range) -> list[str | None]:
        """Who has a mode of a unit at each second when each event begins and ends at its drawn moments."""
        kept = [_ended(one) for one in self.open(unit, spread=True) if _began(one, drawn)]
        asks = [best(kept, mode, second) for second in range(EARLIEST, HORIZON + 1)]
        turns: list[tuple[int, str | None]] = []
        for second, (left, right) in enumerate(pairwise(asks), EARLIEST + 1):
            if left != right:
                turns.append((_moment(left, right, second, drawn), right and right.name))
        holder, place, found = asks[0] and asks[0].name, 0, []
        for second in seconds:
            for number, (moment, name) in enumerate(turns):
                if number >= place and moment <= second:
                    holder, place = name, number + 1
            found.append(holder)
        return found


def best(open_: Sequence[Line], mode: str, second: int) -> Line | None:
    """The strongest of those that ask for a mode at a second; a default only where no control does."""
    asking = [one for one in open_ if mode in one.modes]
    running = [one for one in asking if one.kind == CONTROL and one.start <= second < one.end]
    found = running or [one for one in asking if one.kind == DEFAULT]
    for one in found:
        if all(_beats(one, other) for other in found if other is not one):
            return one
    return None


def _beats(one: Line, other: Line) -> bool:
    """Lower primacy first, none last; then the newer; then the higher name."""
    mine, theirs = (255 if each.primacy is None else each.primacy for each in (one, other))
    if mine != theirs:
        return mine < theirs
    return one.made > other.made if one.made != other.made else int(one.name, 16) > int(other.name, 16)


def _newness(line: Line) -> tuple[int, int, bool, int]:
    """Version, the latest word of the source, an end before what it ends, the time of hearing."""
    spoken = line.made if line.code is None else line.at
    return (line.version, spoken, line.code in ENDS, line.at)


def _ended(one: Line) -> Line:
    """A control that was cancelled with spread, as one that is over when its source said so."""
    return one._replace(length=min(one.length, one.at - one.start), code=None) if one.code == 3 else one


def _began(one: Line, drawn: Drawn) -> bool:
    """Whether it had begun, in the plan and at the unit, when its source cancelled it."""
    return one.code != 3 or (one.start < one.at and drawn(one)[0] < one.at)


def _moment(left: Line | None, right: Line | None, second: int, drawn: Drawn) -> int:
    """When a unit turns from one to another: when that begins, or else when this ends."""
    if right is not None and right.kind == CONTROL and right.start == second:
        return drawn(right)[0]
    return drawn(left)[1] if left is not None and left.kind == CONTROL else second
