"""A CSIP client as a machine: it says what to ask for next, takes answers, and lets its plants follow events.

IEEE 2030.5-2018 and -2023, CSIP 2.1. One request is under way at a time. `due` gives it, `take` or `failed`
ends it, `wake` says when to come back; moments are arguments, in the carrier's time. After a failure it
pauses, longer each time; events go on meanwhile, and after `patience` communication counts as lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from random import Random
from typing import Any
from urllib.parse import urljoin, urlsplit

from bridge.sep2 import names
from bridge.sep2.client import leads, orders, papers
from bridge.sep2.client.agenda import NEVER, Key
from bridge.sep2.client.call import Call, Reply
from bridge.sep2.client.course import Course, Demand, Now, Said
from bridge.sep2.client.desk import SEND, Desk, Letter
from bridge.sep2.client.known import Known, Place
from bridge.sep2.client.plant import Options, Party
from bridge.sep2.client.reader import GET, Reader
from bridge.sep2.client.subscriber import SUB, Subscriber
from bridge.sep2.client.writer import Writer
from bridge.sep2.response import WANTED
from models.der import messages

Caller = Callable[[Key, float], Call | None]
Taker = Callable[[Call, Reply, float], None]
LOST: Key = ("", "lost")
MOVED = frozenset({301, 302, 307, 308})
HOPS = 5
"""Redirects that are followed one after the other."""
DOUBLINGS = 16
STEP = 0.001
"""Seconds after its moment at which an event is looked at, so that it has come in any arithmetic."""


class Client:
    """A client of one server, for one device or an aggregator's many."""

    def __init__(
        self,
        lfdi: str,
        url: str,
        parties: tuple[Party, ...],
        options: Options,
        *,
        now: float,
        note: Callable[..., None] | None = None,
    ) -> None:
        """`lfdi` is that of the certificate, `url` the address of DeviceCapability."""
        known = Known(url, options.rate, self._whose, self._trusted)
        self.desk = Desk(lfdi, url, {each.lfdi: each for each in parties}, options, known)
        if note is not None:
            self.desk.note = note
        self._writer, self._subscriber = Writer(self.desk), Subscriber(self.desk)
        self._reader = Reader(self.desk, self._hooks())
        self._calls, self._takers = self._kinds()
        self._edition = names.edition(options.profile)
        resumes, seed = self._edition == "2023", options.seed.encode()
        self.courses = {each.lfdi: Course(each.lfdi, seed, resumes=resumes) for each in parties}
        self._chance = Random(f"{lfdi} {options.seed}")  # noqa: S311 - pauses, no secret
        self._again: Call | None = None
        self._out: set[str] = set()
        self._failures, self._pause = 0, 0.0
        self._lost: Decimal | None = None
        self._begin(now)

    def _begin(self, now: float) -> None:
        self.desk.calls.set((GET, self.desk.base), now)
        self.desk.ticks.set(LOST, now + self.desk.options.patience)
        for lfdi in self.courses:
            self.desk.ticks.set((lfdi,), now)

    def _kinds(self) -> tuple[Mapping[str, Caller], Mapping[str, Taker]]:
        """Give who makes a request of each kind, and who takes its answer."""
        calls = {GET: self._reader.call, SUB: self._subscriber.call, SEND[0]: self._letter}
        takers = {GET: self._reader.took, SUB: self._subscriber.took, SEND[0]: self._sent}
        return {**calls, **self._writer.calls()}, {**takers, **self._writer.takers()}

    def _hooks(self) -> Mapping[str, tuple[Callable[[Place, float], None], ...]]:
        hooks: dict[str, tuple[Callable[[Place, float], None], ...]] = {}
        hooks |= dict.fromkeys(leads.SUBSCRIBED, (self._subscriber.seen,))
        hooks["EndDeviceList"] = (self._writer.listed, *hooks["EndDeviceList"])
        return {**hooks, "Time": (self._timed,), "DERList": (self._writer.ders,)}

    # ------------------------------------------------------------------------ the carrier

    def due(self, now: float) -> Call | None:
        """Let the events go on to a moment, and give the next request if one is due."""
        while (key := self.desk.ticks.pop(now)) is not None:
            self._tick(key, now)
        if now < self._pause:
            return None
        call, self._again = self._again, None
        while call is None and (key := self.desk.calls.pop(now)) is not None:
            call = self._calls[key[0]](key, now)
        self.desk.sent = now
        return call

    def wake(self) -> float:
        """Give the moment at which something is due; of a request under way it knows nothing."""
        calls = -NEVER if self._again is not None else self.desk.calls.next()
        return min(self.desk.ticks.next(), max(calls, self._pause))

    def take(self, call: Call, reply: Reply, now: float) -> None:
        """Take the answer to a request."""
        if reply.passing:
            self._failed(call, f"status {reply.status}", now, reply.wait)
            return
        self._heard(now)
        if reply.status in MOVED and reply.location and call.hops < HOPS:
            self._redirected(call, reply, now)
        else:
            self._takers[call.about[0]](call, reply, now)

    def failed(self, call: Call, why: str, now: float) -> None:
        """Take it that no answer came."""
        self._failed(call, why, now, None)

    def notified(self, body: bytes, now: float) -> int:
        """Take a Notification; give the status to answer it with."""
        return self._subscriber.notified(body, now)

    # ------------------------------------------------------------------------ what a unit does

    def opt(self, lfdi: str, now: float, *, out: bool) -> None:
        """Take it that the user of a device opts out of events, or in again."""
        (self._out.add if out else self._out.discard)(lfdi)
        self.desk.ticks.soon((lfdi,), now)

    def stir(self, lfdi: str, now: float) -> None:
        """Have the state of a device told at once, as it has changed."""
        self._writer.stir(lfdi, now)

    def alarm(self, lfdi: str, alarm: messages.Alarm, now: float) -> bool:
        """Post an alarm to the log of a device; say whether it has one."""
        link = getattr(self.desk.devices.get(lfdi), "LogEventListLink", None)
        ders = self.desk.known.below(self.desk.known.starts.get(lfdi, ()), "DERList")
        if link is None or next(ders, None) is None:
            return False
        body = papers.told(alarm, "LogEvent", self.desk.options.profile)
        self.desk.post(Letter(self.desk.at(link.href), body, "LogEvent"), now)
        return True

    @property
    def lost(self) -> bool:
        """Whether communication counts as lost."""
        return self._lost is not None

    # ------------------------------------------------------------------------ failures

    def _failed(self, call: Call, why: str, now: float, wait: float | None) -> None:
        options = self.desk.options
        pause = min(options.first * 2 ** min(self._failures, DOUBLINGS), options.longest)
        self._failures += 1
        self._pause = now + max(pause * self._chance.uniform(0.5, 1.0), min(wait or 0.0, options.longest))
        self.desk.note("failed", method=call.method, url=call.url, reason=why, pause=self._pause - now)
        self.desk.calls.soon(call.about, now)

    def _heard(self, now: float) -> None:
        """Take it that the server answers."""
        self._failures, self._pause = 0, 0.0
        self.desk.ticks.set(LOST, now + self.desk.options.patience)
        if self._lost is None:
            return
        self._lost = None
        self.desk.note("returned")
        for place in self.desk.known.places.values():
            self.desk.calls.soon((GET, place.href), now)
        self._all(now)

    def _all(self, now: float) -> None:
        for lfdi, course in self.courses.items():
            course.lost()
            self.desk.ticks.soon((lfdi,), now)

    def _redirected(self, call: Call, reply: Reply, now: float) -> None:
        url = urljoin(call.url, reply.location)
        if urlsplit(url).scheme != urlsplit(call.url).scheme and urlsplit(url).scheme != "https":
            self._failed(call, f"it redirects to {url}", now, None)
            return
        self.desk.note("redirected", url=call.url, to=url)
        self._again = call._replace(url=url, hops=call.hops + 1)

    # ------------------------------------------------------------------------ what was read

    def _whose(self, device: Any) -> str:  # noqa: ANN401 - an EndDevice of any edition
        lfdi = self.desk.whose(device)
        return lfdi if lfdi in self.desk.parties else ""

    def _trusted(self, place: Place) -> bool:
        """Whether a Registration has the PIN that its device was given (CSIP 2.1 5.2.1)."""
        party = self.desk.parties.get(next(iter(place.devices), ""))
        if party is None or party.pin is None or place.obj.pIN == party.pin:
            return True
        self.desk.note("stranger", lfdi=party.lfdi, pin=place.obj.pIN)
        return False

    def _timed(self, place: Place, now: float) -> None:
        if place.obj is not None:
            self.desk.set_clock(int(place.obj.currentTime), now)
            self._all(now)

    # ------------------------------------------------------------------------ letters

    def _letter(self, key: Key, now: float) -> Call | None:
        del now
        if not self.desk.letters:
            return None
        first = self.desk.letters[0]
        return Call("POST", first.url, key, first.body)

    def _sent(self, call: Call, reply: Reply, now: float) -> None:
        letter = self.desk.letters.popleft()
        if not reply.good:
            self.desk.note("refused", what=letter.name, url=call.url, status=reply.status)
        if self.desk.letters:
            self.desk.calls.set(SEND, now)

    # ------------------------------------------------------------------------ events

    def _tick(self, key: Key, now: float) -> None:
        if key == LOST:
            self._lost = Decimal(str(round(self.desk.time(now), 3)))
            self.desk.note("lost", patience=self.desk.options.patience)
            self._all(now)
            return
        lfdi, course = key[0], self.courses[key[0]]
        moment = Decimal(str(round(self.desk.time(now), 3)))
        if lfdi in self.desk.stale:
            self.desk.stale.discard(lfdi)
            party = self.desk.parties[lfdi]
            eyes = orders.Reader(self._edition, party.plant.modes, self.desk.options.category)
            course.take(orders.asked(self.desk.known, lfdi, eyes), moment)
        was = course.demand
        for said in course.tick(Now(moment, self._lost, lfdi in self._out)):
            self._respond(lfdi, said, now)
        if course.demand != was:
            self._demand(lfdi, course.demand, now)
        later = course.next(moment)
        if later.is_finite():
            self.desk.ticks.set(key, max(now, float(later) - self.desk.offset) + STEP)

    def _demand(self, lfdi: str, demand: Demand, now: float) -> None:
        self.desk.note("demand", lfdi=lfdi, modes=demand.modes.model_dump(mode="json", exclude_none=True))
        self.desk.parties[lfdi].plant.demand(demand.modes, demand.entry)
        self.stir(lfdi, now)

    def _respond(self, lfdi: str, said: Said, now: float) -> None:
        """Post a status that was asked for."""
        control, status = said.control, said.status
        asked = bool(papers.wanted(control.responseRequired) & WANTED[status])
        self.desk.note("event", lfdi=lfdi, mrid=control.mRID, status=status, asked=asked)
        if asked and control.replyTo:
            body = papers.response(control, lfdi, status, said.at, self.desk.options.profile)
            self.desk.post(Letter(self.desk.at(control.replyTo), body, "DERControlResponse"), now)
