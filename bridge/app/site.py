"""What one worker has in its hands while it serves: store, policy, figures, logs of requests and decisions.

It is what the administration API is given (`bridge.app.office.call.Context`), what the probes ask, and where
every answer is noted, whichever door it went out of. Holds and counts; opens and decides nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bridge.app.census import Census
from bridge.app.config import Config
from bridge.app.journal import Requests, Seen
from bridge.app.lives import Lives
from bridge.app.market.counter import Reporting
from bridge.app.market.section import Market
from bridge.app.meter import Meter
from bridge.app.record.tape import Tape
from bridge.app.roll import Roll
from bridge.app.scribe import Scribe, refused
from bridge.ports import Carrier, Teller
from bridge.sep2.work import Policy
from bridge.transports.http import Listener
from bridge.transports.pages import Pages
from bridge.transports.store.store import Store
from models.der import messages

OK = 200
UNKNOWN, FORBIDDEN = 401, 403


@dataclass(slots=True)
class Site:
    """A worker's things."""

    store: Store
    policy: Policy
    pages: Pages
    meter: Meter
    requests: Requests | None
    """None where requests get no line."""
    revoked: Roll
    scribe: Scribe
    """Who keeps the decision log."""
    census: Census
    """Who counts what uses which version of an interface."""
    lives: Lives
    """Who keeps the lives of these versions."""
    listener: Listener | None = None
    renewing: list[Callable[[Config], None]] = field(default_factory=list)
    """Who takes a configuration in anew that was read while everything runs."""
    carriers: list[Carrier] = field(default_factory=list)
    """Who brings orders to units that do not come for them; the pump serves those here when it begins."""
    teller: Teller | None = None
    """Who tells prices and texts to units behind the relay; none where there is no endpoint."""
    spoken: list[Callable[[messages.Outcome], None]] = field(default_factory=list)
    """Who is told what was said in the name of units."""
    tape: Tape | None = None
    """Where what is said at the doors is kept, if it is."""
    market: Market = field(default_factory=Market)
    """How prices and messages to many meters are read and served."""
    reporting: Reporting | None = None
    """Tells the sender of such a request what became of it; none where nobody can."""
    stopping: bool = False

    @property
    def shelf(self) -> Store:
        """The store, as the protocol knows it."""
        return self.store

    def now(self) -> int:
        """Seconds since 1970."""
        return int(time.time())

    def note(self, door: str, seen: Seen) -> None:
        """Note an answer."""
        self.meter.answered(door, seen.method, seen.status, seen.seconds)
        if seen.status == UNKNOWN:
            self.scribe.note(refused(door, seen))
        if self.requests:
            self.requests.note(seen)

    def heard(  # noqa: PLR0917 - as the listener tells it
        self, lfdi: str, method: str, target: str, status: int, seconds: float, reason: str, mark: str
    ) -> None:
        """Note an answer of the 2030.5 listener; one from a kept page took no time, and is counted there."""
        seen = Seen(method, target, status, lfdi, seconds, reason, mark)
        self.census.heard(lfdi)
        if seconds or status != OK:
            self.meter.answered("sep2", method, status, seconds)
        if status == FORBIDDEN and not seconds:
            self.scribe.note(refused("sep2", seen))
        if self.requests:
            self.requests.note(seen)

    def figures(self) -> None:
        """Take over what is counted elsewhere."""
        connections = self.listener.connections if self.listener else 0
        self.meter.show(
            {"connections": connections, "pages": len(self.pages), "page_bytes": self.pages.taken}
        )
        self.meter.tally("kept", self.pages.hits)
        age = self.revoked.age()
        self.meter.show({"revocation_age_seconds": -1 if age is None else age})
