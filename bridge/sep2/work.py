"""What a handler works with: the request, the caller, the policy, a shelf that notes what was read, changes.

A handler reads through it and adds changes to it; nothing is written before the server commits them all. So
a handler that raises has done nothing, and one that meets a conflict is simply run again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bridge.core.access import book
from bridge.core.access.engine import Engine
from bridge.core.access.roles import Grant
from bridge.sep2.shelf import Change, Cut, Page, Row, Shelf
from bridge.sep2.talk import Ask
from bridge.trust.decision import Decision
from bridge.trust.log import Facts
from models import kit


class Caller(NamedTuple):
    """Who asks, once the shelf was consulted."""

    lfdi: str
    sfdi: int
    role: str
    """`stranger`, `device`, `aggregator` or `operator`."""
    edev: str = ""
    """Address of its own EndDevice, if it is registered."""
    profile: str = "2018"
    """The profile it is written to in, and read in first."""
    granted: bool = True
    grants: tuple[Grant, ...] = ()
    """Its roles."""
    revision: int = 0
    """How often these were changed, where they are assigned."""


def unrecorded(decision: Decision, facts: Facts) -> None:
    """Keep no record of a decision."""
    del decision, facts


@dataclass(frozen=True, slots=True)
class Access:
    """What decides on access, and who is told."""

    engine: Engine = field(default_factory=book.shipped)
    separation: bool = False
    """Whether nobody may be OPERATOR and SECADM at once."""
    record: Callable[[Decision, Facts], None] = unrecorded
    """Told each decision with what was weighed; one that holds until something changes is told once."""
    told: set[object] = field(default_factory=set)
    """Decisions that hold, and were told."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How this server is set up, as far as the protocol is concerned; see docs/interpretations.md."""

    registration: str = "out-of-band"
    """`out-of-band`: in-band POST of an EndDevice is refused (403). `in-band`: taken from anyone with a valid
    certificate. `listed`: taken from those on the list of permits only."""
    profile: str = "2018"
    """For clients of which nothing else is said."""
    polls: Mapping[str, int] = field(default_factory=dict)
    """pollRate by name of the list's or resource's type, over the table's own."""
    post_rate: int = 300
    """postRate of mirror usage points that name none."""
    pen: int = 0
    """Our own private enterprise number, at the end of the mRIDs that we make."""
    pen_decimal: bool = False
    """Whether the last eight characters of an mRID read as decimal digits."""
    strict: frozenset[str] = frozenset()
    """Names of the strictness switches that are on."""
    log_events: int = 100
    """How many LogEvents of an EndDevice are kept, never fewer than 10."""
    hosts: frozenset[str] = frozenset()
    """Hosts a notification may go to although they are not public, for tests `localhost` and `127.0.0.1`."""
    plain_http: bool = False
    """Whether a notification may go to an http address."""
    pin: bool = True
    """Whether a Registration is served."""
    zone: str = "UTC"
    """Name of the time zone that Time speaks of."""
    quality: int = 7
    """What Time says of our clock: 7 is intentionally uncoordinated (CSIP 2.1), 4 is from a better source."""
    lfdi: str = ""
    """LFDI of our own certificate; SelfDevice is served only where it is known."""
    groups: tuple[str, ...] = ()
    """Addresses of groups that a device joins when it registers itself or is registered by its aggregator."""
    access: Access = field(default_factory=Access)
    """Who may do what."""


class Body(NamedTuple):
    """A document that was read and accepted."""

    data: bytes
    obj: kit.Model
    type: str
    profile: str


class Trace:
    """A shelf that notes the topics of what is read through it."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self.topics: set[str] = set()
        self.until: int | None = None

    async def get(self, href: str) -> Row | None:
        """Give the row of an address."""
        self.topics.add(href)
        return await self._shelf.get(href)

    async def children(self, parent: str, cut: Cut) -> Page:
        """Give members of a list; where `among` names them, each of them is noted."""
        self.topics.add(f"{parent}/")
        self.topics.update(cut.among or ())
        return await self._shelf.children(parent, cut)

    async def count(self, parent: str, cut: Cut) -> int:
        """Give how many members a cut has."""
        self.topics.add(f"{parent}/")
        self.topics.update(cut.among or ())
        return await self._shelf.count(parent, cut)

    async def owned(self, type_: str, owner: str, grp: str = "") -> tuple[Row, ...]:
        """Give the rows of a type that belong to an EndDevice."""
        self.topics.add(f"{type_}~{owner}")
        return await self._shelf.owned(type_, owner, grp)

    async def grouped(self, type_: str, grp: str) -> tuple[Row, ...]:
        """Give the rows of a type that hang from something."""
        self.topics.add(f"{type_}^{grp}")
        return await self._shelf.grouped(type_, grp)

    async def marked(self, type_: str, mark: str) -> tuple[Row, ...]:
        """Give the rows of a type with a mark."""
        self.topics.add(f"{type_}={mark}")
        return await self._shelf.marked(type_, mark)

    async def beneath(self, href: str) -> tuple[Row, ...]:
        """Give every row below an address."""
        self.topics.add(f"{href}//")
        return await self._shelf.beneath(href)

    async def fresh(self) -> int:
        """Give a new number."""
        return await self._shelf.fresh()

    def stale(self, at: int | None) -> None:
        """Note that what was read changes by itself at a moment."""
        if at is not None and (self.until is None or at < self.until):
            self.until = at


@dataclass(slots=True)
class Work:
    """One request on its way through the server."""

    ask: Ask
    caller: Caller
    policy: Policy
    shelf: Trace
    changes: list[Change] = field(default_factory=list)
    memo: dict[object, Any] = field(default_factory=dict)
    """What was worked out for this request already."""
    approved: bool = False
    """Whether another subject has approved what is done."""
    door: str = ""
    """The door that it came by (messages.Door), where that does not follow from who asks."""

    @property
    def now(self) -> int:
        """The moment of the request."""
        return self.ask.now

    def put(self, row: Row, was: Row | None = None) -> Row:
        """Put a row in place: where `was` is given it must still be so, else the address must be free."""
        self.changes.append(Change(row.href, row, expect=was.version if was else 0))
        return row

    def amend(self, was: Row, **fields: object) -> Row:
        """Put a row in place of its earlier edition, with some fields set anew."""
        return self.put(was._replace(**fields), was)  # type: ignore[arg-type]

    def drop(self, row: Row, *, deep: bool = True) -> None:
        """Remove a row, with all that stands below its address."""
        self.changes.append(Change(row.href, None, expect=row.version, deep=deep))
