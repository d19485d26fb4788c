"""A buffered block against a naive telling of what happened, whatever is done to it in whatever order."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bridge.iec61850.buffer import Memory
from bridge.iec61850.peer import Peer
from bridge.iec61850.received import Received
from tests.iec61850.reporting import ALICE, BRCB, HERTZ, STATE, WATT, Scene, entry, trigger

ITEMS = (f"{WATT}$mag$f", f"{HERTZ}$mag$f", f"{STATE}$stVal")
CAPACITY = 5
STATUS = 2
Event = tuple[tuple[int, float], ...]
"""Members by place, with their values."""


class Told:
    """What a naive writer notes: every event in order, by the number of its entry."""

    def __init__(self) -> None:
        self.events: dict[int, Event] = {}
        self.gathered: dict[int, float] = {}
        self.last = 0
        self.purged = 0
        """Up to this number, entries were removed because somebody said so."""

    def put(self, place: int, value: float, *, gathering: bool) -> None:
        if place in self.gathered:
            self.close()
        self.gathered[place] = value
        if not gathering:
            self.close()

    def close(self) -> None:
        if self.gathered:
            self.note(tuple(sorted(self.gathered.items())))
            self.gathered = {}

    def note(self, event: Event) -> None:
        self.last += 1
        self.events[self.last] = event


class Block(RuleBasedStateMachine):
    """Changes, time, cuts, resumptions, purges, restarts; and a client that notes what it is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.told = Told()
        self.buffer = Memory()
        self.values = [0.0, 0.0, 0.0]
        self.peer: Peer | None = None
        self.sessions = 0
        self.at = 0
        """The last entry that the client has heard of."""
        self.sent = 0
        """The last entry that was sent in this session, or the one to go on after."""
        self.known: int | None = None
        """The entry after which the client counts: None where it has named none."""
        self.owed = False
        """Entries were given up that were never sent, and nobody was told."""
        self.highest = 0
        """The highest entry that was ever sent."""

    @initialize(gathering=st.booleans())
    def begin(self, gathering: bool) -> None:
        self.gathering = gathering
        self.scene = self.made()

    def made(self) -> Scene:
        wanted = {"BufTm": 500 if self.gathering else 0, "TrgOps": trigger("dchg", "gi")}
        return Scene(self.buffer, settings=wanted, capacity=CAPACITY)

    @property
    def first(self) -> int:
        return max(self.told.last - CAPACITY, self.told.purged) + 1

    def happened(self) -> None:
        """Entries that had to go before they were sent are owed to the client."""
        gone = self.told.last - CAPACITY
        self.owed = self.owed or gone > max(self.highest, self.told.purged)

    @rule(place=st.integers(0, 2), step=st.integers(1, 3), times=st.integers(1, 4))
    def changes(self, place: int, step: int, times: int) -> None:
        for _ in range(times):
            self.values[place] += step
            value = self.values[place]
            self.scene.put(ITEMS[place], int(value) if place == STATUS else value)
            self.told.put(place, value, gathering=self.gathering)
        self.happened()

    @rule()
    def time_passes(self) -> None:
        self.scene.pass_(1)
        self.told.close()
        self.happened()
        self.heard(self.scene.sent())

    @precondition(lambda self: self.peer is None)
    @rule(how=st.sampled_from(("last", "nothing", "zero", "future", "older")), back=st.integers(1, 9))
    def connects(self, how: str, back: int) -> None:
        self.sessions += 1
        self.peer = ALICE._replace(assoc=f"{self.sessions}:1")
        older, later = max(self.at - back, 0), self.told.last + back
        wanted = {"last": self.at, "zero": 0, "older": older, "future": later}.get(how)
        if wanted is not None:
            self.scene.done(BRCB, self.peer, EntryID=entry(wanted))
        self.known = wanted or None
        there = wanted is not None and self.first - 1 <= wanted <= self.told.last
        self.sent = wanted if wanted is not None and there else self.first - 1
        if there and wanted:
            self.owed = False
        self.scene.done(BRCB, self.peer, RptEna=True)

    @precondition(lambda self: self.peer is not None)
    @rule()
    def interrogates(self) -> None:
        assert self.peer
        self.told.close()
        self.told.note(tuple(enumerate(self.values)))
        self.happened()
        self.scene.done(BRCB, self.peer, GI=True)
        self.heard(self.scene.sent())

    @precondition(lambda self: self.peer is not None)
    @rule(heard=st.booleans(), orderly=st.booleans())
    def leaves(self, heard: bool, orderly: bool) -> None:
        assert self.peer
        at = self.at
        self.heard(self.scene.sent())
        self.at = self.at if heard else at
        if orderly:
            self.scene.done(BRCB, self.peer, RptEna=False)
        self.scene.reports.gone(self.peer, self.scene.now)
        self.peer = None

    @precondition(lambda self: self.peer is None)
    @rule()
    def purges(self) -> None:
        self.scene.done(BRCB, ALICE, PurgeBuf=True)
        self.told.gathered = {}
        self.told.purged = self.told.last
        self.owed = False

    @rule()
    def restarts(self) -> None:
        self.peer = None
        self.told.gathered = {}
        self.scene = self.made()
        for place, value in enumerate(self.values):
            self.scene.image.domains["LD1"].leaves[ITEMS[place]] = int(value) if place == STATUS else value

    def heard(self, reports: list[Received]) -> None:
        """All that is kept was sent once and in order, as it happened; where one is missing, it is told."""
        numbers = [int.from_bytes(report.EntryID or b"", "big") for report in reports]
        last = self.told.last if self.peer else 0
        assert numbers == list(range(max(self.sent + 1, self.first), last + 1))
        for number, report in zip(numbers, reports, strict=True):
            if self.known is not None:
                assert report.BufOvfl == (number != self.known + 1)
            else:
                assert report.BufOvfl or not self.owed
            seen = tuple((item.place, told(item.value)) for item in report.items)
            assert seen == self.told.events[number]
            self.owed = False
            self.at = self.sent = self.known = number
            self.highest = max(self.highest, number)

    @invariant()
    def numbers_are_those_that_happened(self) -> None:
        held = self.buffer.held(f"LD1/{BRCB}")
        if held:
            assert (held.first, held.last) == (self.first, self.told.last)


def told(value: object) -> float:
    """The number in a member's value."""
    while isinstance(value, tuple):
        value = value[0]
    assert isinstance(value, int | float)
    return float(value)


TestBlock = Block.TestCase
TestBlock.settings = settings(
    max_examples=200, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
