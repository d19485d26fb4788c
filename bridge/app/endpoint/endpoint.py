"""The bridge's own endpoint: what comes over the link is proved, judged, served; what goes out is sealed.

8-2 shape over XMPP, sealed as docs/sealed-messages.md says. Nothing is believed of the server in between:
who asks is who sealed, or whom the configuration names for reads in clear. Requests of one sender are dealt
with in the order in which they came. Every message that is turned back is in the decision log.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

import structlog

from bridge.app.endpoint.dispatch import Dispatch
from bridge.app.endpoint.house import Carrier, House, Judge, Open, Request, Units
from bridge.app.endpoint.seals import Seals
from bridge.iec61850 import sealing, unit
from bridge.iec61850.floor import Note
from bridge.iec61850.peer import Out, Peer
from bridge.iec61850.sealing import Misplaced
from bridge.iec61850.server import NOWHERE, Server
from bridge.mapping.xml import Refused as Unread
from bridge.sep2 import talk
from bridge.transports.post import Denied, Incoming
from bridge.transports.store.fault import Unavailable
from bridge.trust import refusal
from bridge.xmpp.letter import Letter

SERVED = frozenset({"confirmed-RequestPDU", "extended-RequestPDU"})
"""Units that a server answers in the protocol's own form where they should have come sealed."""
LOG = structlog.get_logger("derbridge")
Settle = Callable[[], Awaitable[None]]


Retired = Callable[[str], Awaitable[bool]]


async def _nothing() -> None:
    """Nothing was ordered."""


async def _never(lfdi: str) -> bool:
    """Nothing is ever retired."""
    del lfdi
    return False


@dataclass(slots=True, repr=False)
class Endpoint:
    """One server on one link."""

    house: House
    seals: Seals
    rights: Judge
    retired: Retired = _never
    """Says whether what is spoken here is retired, and counts who speaks it."""
    settle: Settle = _nothing
    """Does what a request has ordered, before it is answered."""
    link: Carrier | None = None
    server: Server = field(init=False)
    dispatch: Dispatch = field(init=False)
    open: dict[tuple[str, str], Open] = field(default_factory=dict)
    """Associations by address and name."""
    units: Units | None = None
    """Those that we are a client of, over the same link."""
    _request: Request | None = None
    _greeted: Counter[str] = field(default_factory=Counter)
    _turns: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    _timer: asyncio.TimerHandle | None = None

    def __post_init__(self) -> None:
        self.dispatch = Dispatch(self._gone, self.stir)

    def room(self, peer: Peer) -> int:
        """The bytes that a unit to an association may have."""
        return self.server.room(peer)

    def turn(self, address: str) -> asyncio.Lock:
        """Whose holder deals with what an address said."""
        return self._turns.setdefault(address.casefold(), asyncio.Lock())

    def greet(self, address: str, *, anew: bool = False) -> None:
        """Let a peer notice when we go, for as long as anybody here speaks with it.

        `anew` has it know that whoever spoke from here before is gone, where nobody else speaks with it.
        """
        self._greeted[address.casefold()] += 1
        if self.link is not None and self._greeted[address.casefold()] == 1:
            self.link.greet(address)
            if anew:
                self.link.part(address)
                self.link.greet(address)

    def part(self, address: str) -> None:
        """Take back one greeting; at the last one the peer is told that we are gone."""
        self._greeted[address.casefold()] -= 1
        if self._greeted[address.casefold()] <= 0:
            del self._greeted[address.casefold()]
            if self.link is not None:
                self.link.part(address)

    # ----------------------------------------------------------------------------------------- what comes in

    async def receive(self, said: Incoming) -> Letter | None:
        """Deal with what somebody sent: one sender's after each other."""
        async with self.turn(said.sender):
            try:
                return await self._dealt(said)
            except Unavailable as error:
                raise Denied("resource-constraint", str(error)) from error

    async def _dealt(self, said: Incoming) -> Letter | None:
        await self.house.fresh()
        if self.units is not None and await self.units.hear(said):
            return None
        found = sealing.found(said.letter.octets)
        request = await self._sealed(said, found) if found else self._clear(said)
        now = self.house.clock()
        if request.who.lfdi and not self.house.standing(request.who):
            self._turn_back(said, request.who.lfdi, "revoked")
            self._gone(request.peer)
            raise Denied("forbidden", "access is withdrawn")
        correlation = request.seal.message.correlation if request.seal else ""
        asker = await self.rights.know(self.house.shelf, request.who, request.payload, correlation, int(now))
        self.server.retired = await self.retired(request.who.lfdi)
        self.rights.asker, self._request = asker, request
        try:
            sealed = request.seal is not None
            outs = self.server.receive(request.peer, request.payload, said.how, now, sealed=sealed)
        finally:
            self.rights.asker = self._request = None
        await self.settle()
        self.stir()
        return await self._answered(request, outs)

    async def _sealed(self, said: Incoming, found: sealing.Sealed) -> Request:
        """A request whose seal is proved, or Denied."""
        try:
            proved = await self.seals.proved(found.text, int(self.house.clock()))
        except refusal.Refused as refused:
            self._turn_back(said, refused.sender, str(refused.reason))
            raise Denied("forbidden", str(refused)) from refused
        sender = proved.message.sender
        try:
            payload = sealing.opened(found, proved.message)
        except Misplaced as misplaced:
            self._turn_back(said, sender, f"misplaced: {misplaced}")
            raise Denied("forbidden", f"misplaced: {misplaced}") from misplaced
        peer = Peer(said.sender, sender)
        return Request(peer, self.house.known(sender), payload, said.letter.opaque, proved)

    def _clear(self, said: Incoming) -> Request:
        """A unit in clear: of whom the configuration names, else of somebody whom nothing is known of.

        What should have come sealed gets the server's own refusal, so that its sender knows what to do.
        """
        payload = said.letter.octets
        lfdi = self.house.clear.get(said.sender.partition("/")[0].lower(), "").upper()
        if not lfdi:
            try:
                context = unit.read(payload)
            except Unread:
                context = None
            held = self.open.get((said.sender, context.assoc)) if context else None
            if context and held and context.choice.tag in SERVED:
                lfdi = held.peer.lfdi
            else:
                self._turn_back(said, "", "clear")
        who = self.house.known(lfdi) if lfdi else talk.Peer("", 0)
        return Request(Peer(said.sender, lfdi), who, payload, said.letter.opaque)

    def _turn_back(self, said: Incoming, sender: str, reason: str) -> None:
        self.rights.refused(sender, said.how, said.letter.octets, reason, said.sender)

    # ----------------------------------------------------------------------------------------- what goes out

    async def _answered(self, request: Request, outs: list[Out]) -> Letter | None:
        """Send what goes before the answer, and give the answer; what is told besides follows by itself."""
        answer: Letter | None = None
        for place, out in enumerate(outs):
            if out.how == "message":
                continue
            for each in outs[:place]:
                self._tell(each, request)
            await asyncio.sleep(0)  # they are on their way before the answer is
            for each in outs[place + 1 :]:
                self._tell(each, request)
            if out.how == "error":
                raise Denied(out.payload.decode())
            answer = self._letter(request, out)
            break
        else:
            for out in outs:
                self._tell(out, request)
        return answer

    def _letter(self, request: Request, out: Out) -> Letter:
        """An answer, sealed where the request was."""
        octets = out.payload
        if request.seal is not None:
            text = self.seals.answer(request.seal, octets, int(self.house.clock()))
            octets = sealing.covered(out.peer.assoc or NOWHERE, text)
        return Letter(octets, request.opaque)

    def _tell(self, out: Out, request: Request | None = None) -> None:
        """Send a message: sealed where the association is, or the request that it follows."""
        jid, assoc = out.peer.jid, out.peer.assoc or NOWHERE
        held = self.open.get((jid, assoc))
        sealed = held.sealed if held else bool(request and request.seal)
        octets = out.payload
        if sealed:
            text = self.seals.notice(out.peer.lfdi, octets, int(self.house.clock()))
            octets = sealing.covered(assoc, text)
        opaque = held.opaque if held else (request.opaque if request else True)
        self.dispatch.send(self.link, out.peer, Letter(octets, opaque))

    # -------------------------------------------------------------------------------------- what comes to be

    def note(self, note: Note) -> None:
        """Take note of what the server tells."""
        peer, request = note.peer, self._request
        if note.what == "opened":
            sealed, opaque = bool(request and request.seal), bool(request is None or request.opaque)
            self.open[peer.jid, peer.assoc] = Open(peer, sealed, opaque)
            self.greet(peer.jid)
        if note.what == "ended" and (peer.jid, peer.assoc) in self.open:
            del self.open[peer.jid, peer.assoc]
            self.part(peer.jid)
        if note.what == "denied" and note.why.endswith("in clear"):
            self.rights.refused(peer.lfdi, "clear", request.payload if request else b"", note.why, peer.jid)
        LOG.info("association", part="iec61850", what=note.what, peer=peer.jid, lfdi=peer.lfdi, why=note.why)

    def presence(self, address: str, there: bool) -> None:
        """A peer has come or gone."""
        if self.units is not None:
            self.units.presence(address, there=there)
        if not there:
            self._gone(Peer(address))

    def bounced(self, to: str, name: str, why: Denied) -> None:
        """A message came back: whom it was for is not there."""
        del name, why
        if self.units is not None:
            self.units.presence(to, there=False)
        self._gone(Peer(to))

    def told(self, event: str, why: str) -> None:
        """The link has begun a session: what was open in the one before is lost."""
        del why
        if event == "begun":
            for held in list(self.open.values()):
                self._gone(held.peer)
            if self.units is not None:
                self.units.begun()

    def sweep(self, lfdi: str = "") -> None:
        """End the associations of those who may not go on, or of one whose roles are others by now."""
        for held in list(self.open.values()):
            if held.peer.lfdi == lfdi or not self.house.standing(self.house.known(held.peer.lfdi)):
                self._gone(held.peer)
        if self.units is not None:
            self.units.sweep()

    def _gone(self, peer: Peer) -> None:
        self.server.gone(peer, self.house.clock())
        self.stir()

    # ------------------------------------------------------------------------------------------- what is due

    def stir(self) -> None:
        """Look at when something is due next."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if (due := self.server.deadline) is not None:
            wait = max(due - self.house.clock(), 0.0)
            self._timer = asyncio.get_running_loop().call_later(wait, self._tick)

    def _tick(self) -> None:
        self._timer = None
        for out in self.server.tick(self.house.clock()):
            self._tell(out)
        self.stir()

    async def close(self) -> None:
        """End what is under way."""
        if self._timer is not None:
            self._timer.cancel()
        await self.dispatch.close()
