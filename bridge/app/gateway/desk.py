"""The desk for signed requests: has each judged by the chain, handed over once, and answered or refused.

What is refused is told a fault and logged with its reason; each decision is in the decision log. A message
and an assertion are taken once, over all workers and restarts: their keys are durable before anything else.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple
from uuid import uuid4

from lxml.etree import _Element

from bridge.app import doorway, journal
from bridge.app.gateway import entities
from bridge.app.gateway.papers import Held, Papers
from bridge.app.gateway.section import Soap
from bridge.app.scribe import micros
from bridge.app.site import Site
from bridge.core import lifecycle
from bridge.core.lifecycle import ALIVE, Fields, Life
from bridge.sep2.shelf import Conflict, Who
from bridge.soap import bodies, chain, fault
from bridge.soap.bodies import Request
from bridge.soap.chain import Came, Case, Terms
from bridge.soap.entity import Entity
from bridge.soap.fault import Refused
from bridge.transports.store.fault import Unavailable
from bridge.transports.store.ledger import Key
from bridge.trust.decision import Decision
from bridge.trust.wsse import signing

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
"""What a company may be called: its name stands in addresses of the administration API."""
LIFE = 300
"""Seconds that an answer says that it is good for."""
TOGETHER = 2
"""Requests that are judged at once by one worker: each may take 0.5 s, and 50 MB while it does."""
HOP = "soap"
FUNCTIONS = {"price": "pricing", "message": "messaging"}
VERSIONS = {"price": "soap-pricing", "message": "soap-messaging"}
"""What an operation is called among the versions of interfaces."""
Accept = Callable[[Site, str, Request, int], Awaitable[str]]


class Denied(Exception):
    """A request of somebody who may ask has no effect: for a reason that the sender is told."""


class Said(NamedTuple):
    """What is answered."""

    status: int
    data: bytes
    headers: Fields = ()
    """What tells of the operation's end."""


class Call(NamedTuple):
    """A request beside what the chain sees of it."""

    came: Came
    target: str
    correlation: str
    revoked: str = ""
    """Why the certificate of the connection holds no more."""


@dataclass(slots=True)
class Desk:
    """The desk of one worker."""

    site: Site
    said: Soap
    papers: Papers
    accept: Accept
    """Takes a request; Denied where it can have no effect."""
    clock: Callable[[], float]
    log: journal.Logger = field(default_factory=lambda: journal.logger(part="soap"))
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(TOGETHER))

    async def answer(self, call: Call) -> Said:
        """Answer a request, whatever it is."""
        async with self._room:
            case, life = await self._case(call.came), ALIVE
            try:
                await self._proved(call, case)
                life = await doorway.used(self.site, _version(case), call.came.lfdi)
                name = await self._handed(case, life)
            except Refused as no:
                self._noted(call, case, no)
                fields = lifecycle.fields(life) if no.told else ()
                return Said(no.status, fault.body(no.code, no.told), fields)
            except (Conflict, Unavailable) as error:
                self._noted(call, case, Refused("accepted", "server", str(error)))
                return Said(fault.STATUS, fault.body(fault.SERVER))
            self._noted(call, case, None, name)
            return Said(200, await asyncio.to_thread(self._signed, case, name), lifecycle.fields(life))

    async def _case(self, came: Came) -> Case:
        """What is known of who says to be calling."""
        name = came.names[0] if len(came.names) == 1 else ""
        entity = await entities.named(self.site.store, name) if NAME.fullmatch(name) else None
        said, now = self.said, self.clock()
        terms = Terms(
            said.audience, said.skew, said.longest, said.addresses, said.serials, said.embedded == "refuse"
        )
        held = Held(entity, self.papers, self.site.revoked.index, now) if entity else Nobody()
        return Case(came, entity, held, terms, now)

    async def _proved(self, call: Call, case: Case) -> None:
        """Take a request through the chain."""
        if call.revoked:
            raise Refused("handshake", "entity", call.revoked)
        if reason := self.site.revoked.closed():
            raise Refused("handshake", "server", reason)
        await asyncio.to_thread(chain.walk, case, chain.PROOF)
        case.repeated = not await self._first(case)
        await asyncio.to_thread(chain.walk, case, chain.CLAIM)

    async def _handed(self, case: Case, life: Life) -> str:
        """Hand a request over; what it is called."""
        if case.entity is None or case.request is None:
            raise TypeError("the chain ended without a request")
        if life.retired(self.site.now()):
            raise Refused("accepted", "retired", lifecycle.gone(_version(case), life))
        try:
            return await self.accept(self.site, case.entity.name, case.request, int(case.now))
        except Denied as no:
            raise Refused("accepted", "application", str(no)) from None

    async def _first(self, case: Case) -> bool:
        """Have a message, and its assertion, remembered; whether neither was taken before."""
        keys = [Key(f"soap {name}", b"", int(until) + 1) for name, until in case.keys]
        try:
            await self.site.store.commit([], Who("core", HOP, int(case.now)), keys=keys)
        except Conflict:
            return False
        return True

    def _signed(self, case: Case, name: str) -> bytes:
        if case.operation is None:
            raise TypeError("the chain ended without an operation")
        return signed(self, bodies.accepted(case.operation, name))

    def _noted(self, call: Call, case: Case, no: Refused | None, name: str = "") -> None:
        """Write down what was decided, and by which state."""
        entity = case.entity.name if case.entity else ""
        right = case.operation.right if case.operation else ""
        facts = {
            "entity": entity,
            "operation": right,
            "lfdi": call.came.lfdi,
            "correlation": call.correlation,
        }
        if case.legacy and case.entity:
            self.log.warning("legacy algorithm", **facts, until=case.entity.legacy)
        if case.aside:
            self.log.info("certificates ignored", **facts, count=case.aside)
        if no is None:
            self.log.info("request taken", **facts, request=name)
        else:
            self.log.warning("request refused", **facts, state=no.state, reason=no.reason, detail=no.detail)
        self.site.scribe.note(self._decision(call, case.entity, right, no))

    def _decision(self, call: Call, entity: Entity | None, right: str, no: Refused | None) -> Decision:
        whole = (b"POST", call.target.encode(), call.came.data)
        rule = f"{HOP} {entity.name}" if entity and no is None else ""
        limits = (f"{no.state}: {no.reason}",) if no else ()
        return Decision(
            micros(), call.correlation, call.came.lfdi, "", self.site.revoked.age(),
            entity.kind.value if entity else "", "none", FUNCTIONS.get(right, ""), "create", call.target,
            sha256(b"\0".join(whole)).hexdigest(), rule, no is None, limits, "", HOP,
        )  # fmt: skip


def _version(case: Case) -> str:
    """What the operation that is asked for is called among the versions of interfaces."""
    if case.operation is None:
        raise TypeError("the chain ended without an operation")
    return VERSIONS[case.operation.right]


class Nobody:
    """The signers of a company that there is none of."""

    def signers(self, entity: str) -> tuple[()]:
        """None."""
        del entity
        return ()

    def refused(self, certificate: object) -> str:
        """Never asked."""
        del certificate
        return "nobody's"


def signed(desk: Desk, content: _Element) -> bytes:
    """What we say, signed by us as requests are by others."""
    now = int(desk.clock())
    return signing.sign(content, desk.papers.signer, desk.said.account, (now, now + LIFE), uuid4().hex)
