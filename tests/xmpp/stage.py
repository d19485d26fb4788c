"""A relay without a net: its board, clients that are fed by hand, a queue that is told to be durable."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from itertools import count

from bridge.xmpp.board import Board
from bridge.xmpp.hooks import Credentials, Event, Hooks, Limits
from bridge.xmpp.queue import Memory, Queue, Record
from bridge.xmpp.session import Link
from bridge.xmpp.stream import Stream
from tests.transports import xmpp

NOW = 1_800_000_000.0
LFDIS = {"alice": "A" * 40, "bob": "B" * 40, "carol": "C" * 40}


class Later(Memory):
    """A queue whose changes are durable once `commit` is called, and not before."""

    def __init__(self, most: int = 16_777_216) -> None:
        super().__init__(most)
        self._ticket = 0
        self._saved = self._state()

    def _state(self) -> tuple[object, ...]:
        return deepcopy((self._kept, self._bytes, self._records))

    def latest(self) -> int:
        return self._ticket

    def put(self, owner: str, seq: int, stanza: bytes, at: float, expires: float) -> int:
        super().put(owner, seq, stanza, at, expires)
        return self._next()

    def open(self, record: Record) -> int:
        super().open(record)
        return self._next()

    def heard(self, owner: str, count: int) -> int:
        super().heard(owner, count)
        return self._next()

    def _next(self) -> int:
        self._ticket += 1
        return self._ticket

    def commit(self) -> None:
        """Make all durable, and say so."""
        self._saved = self._state()
        self.durable = self._ticket
        assert self.told
        self.told(self.durable)

    def fallen(self) -> Later:
        """What is left of it after a fall."""
        left = Later(self._most)
        left._kept, left._bytes, left._records = deepcopy(self._saved)  # type: ignore[assignment]
        left._saved = left._state()
        return left


class Player:
    """A client's connection: what it is sent is in `said`."""

    def __init__(self, stage: Stage, user: str, *, secured: bool = True, lfdi: str = "") -> None:
        self.stage = stage
        self.said = b""
        self.over = self.secured = self.full = self.choked = self.ready = False
        self.waits: list[Link] = []
        self.stands = True
        known = Credentials(lfdi or LFDIS.get(user, "D" * 40), (f"{user}@{xmpp.DOMAIN}",) if user else ())
        self.stream = Stream(stage.board, self, known if secured else None, lambda: self.stands)

    def write(self, data: bytes) -> None:
        assert not self.over, "nothing is said after the end"
        self.said += data

    def end(self) -> None:
        self.over = True

    def secure(self) -> None:
        self.secured = True

    def wait(self, other: Link) -> None:
        self.waits.append(other)

    def bound(self) -> None:
        self.ready = True

    def feed(self, *data: bytes) -> bytes:
        """Send bytes, and give what is said to it since the last time."""
        self.stream.feed(b"".join(data), self.stage.now)
        return self.heard()

    def heard(self) -> bytes:
        """Give what was said since the last time."""
        said, self.said = self.said, b""
        return said

    def login(self) -> None:
        """Log in."""
        assert b"<success" in self.feed(xmpp.header(), xmpp.auth(), xmpp.header())

    def bind(self, resource: str = "r") -> None:
        """Bind a resource."""
        assert b"<jid>" in self.feed(xmpp.binding(resource))

    def lost(self) -> None:
        """The connection is gone."""
        self.over = True
        self.stream.lost(self.stage.now)


@dataclass
class Stage:
    """A relay, and its time."""

    limits: Limits = field(default_factory=Limits)
    hooks: Hooks = field(default_factory=lambda: Hooks(allowed=lambda *_: True))
    queue: Queue = field(default_factory=Memory)
    now: float = NOW

    def __post_init__(self) -> None:
        self.events: list[Event] = []
        self.hooks.note = self.events.append
        numbers = count(1)
        self.board = Board(xmpp.DOMAIN, lambda: f"token{next(numbers)}", self.hooks, self.limits, self.queue)
        self.board.load(self.now)

    def player(self, user: str = "alice", resource: str = "r", *, presence: bytes = b"<presence/>") -> Player:
        """A client with a session; available unless `presence` is empty."""
        found = Player(self, user)
        found.login()
        found.bind(resource)
        found.stream.feed(presence, self.now)
        return found

    def names(self) -> list[str]:
        """What happened, by name."""
        return [event.name for event in self.events]
