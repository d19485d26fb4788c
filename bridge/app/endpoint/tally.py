"""What devices have said of one event, counted as it comes: no response is read twice.

IEEE 2030.5 10.3: a device says in its Responses what becomes of an event. They are kept in the order in which
they were made, and the word of each device is judged anew only when it says more or the event changes. A
device that is to follow and has said nothing counts as well. Reads no store.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from bridge.app.endpoint import outcomes
from bridge.app.endpoint.outcomes import Word
from bridge.core.events import State
from bridge.sep2 import canon, ours
from bridge.sep2.shelf import Row


@dataclass(slots=True)
class Tally:
    """Of one event."""

    members: frozenset[str] | None = None
    """The devices that it is for; None where they are to be read."""
    _said: dict[str, dict[str, tuple[int, int, int]]] = field(default_factory=dict)
    """When, where and what each device has said, by address."""
    _words: dict[str, Word] = field(default_factory=dict)
    _state: State | None = None

    def take(self, row: Row) -> None:
        """Take a response."""
        status = canon.obj(row).status
        if status is not None:
            self._said.setdefault(row.owner, {})[row.href] = row.at, ours.number(row.href), status
            self._words.pop(row.owner, None)

    @property
    def devices(self) -> frozenset[str]:
        """All that it is for, and all that have said something."""
        return (self.members or frozenset()) | self._said.keys()

    def word(self, state: State) -> Word:
        """What all of it comes to."""
        if state is not self._state:
            self._state = state
            self._words.clear()
        devices = sorted(self.devices)
        self._judge((each for each in devices if each not in self._words), state)
        return outcomes.together([self._words[each] for each in devices], outcomes.word((), state))

    def _judge(self, devices: Iterable[str], state: State) -> None:
        for each in devices:
            statuses = [status for *_, status in sorted(self._said.get(each, {}).values())]
            self._words[each] = outcomes.word(statuses, state)
