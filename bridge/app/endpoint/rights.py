"""Who may have what of the 61850 server: the same rules as for IEEE 2030.5, asked of the native request.

A request is turned into function sets and actions (meanings.py), the device that it is about into a target;
each must be allowed. Every decision goes into the decision log with the hop `iec61850`; one that holds, a
plain read, is told once until roles or rules change. Who asks was read before: nothing is looked up here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from hashlib import sha256
from typing import NamedTuple

from bridge.app.endpoint import meanings
from bridge.app.endpoint.meanings import Meaning
from bridge.app.scribe import micros
from bridge.core.access import again
from bridge.core.access.engine import NOTHING, Question, Verdict
from bridge.core.access.figures import Figures
from bridge.core.access.roles import named
from bridge.core.access.target import EVERYTHING, PUBLIC, Target
from bridge.iec61850.image import Image, Unknown
from bridge.iec61850.peer import Peer
from bridge.iec61850.shape import Structure, Value
from bridge.sep2 import rules, talk
from bridge.sep2.access import counted
from bridge.sep2.shelf import Shelf
from bridge.sep2.work import Access, Caller, Policy, Trace, Work
from bridge.trust.decision import Decision
from bridge.trust.log import Facts

HOP = "iec61850"
MOST = 65_536
"""Decisions that hold which are remembered to have been told."""
REASON = "reason"
BEGIN: Meaning = ("control", "create")
CANCEL: Meaning = ("control", "cancel")
CHANGE: Meaning = ("default", "change")


class Asker(NamedTuple):
    """Whose request is being dealt with, and by what name."""

    peer: talk.Peer
    caller: Caller
    correlation: str
    digest: str
    """SHA-256 of the unit, in hexadecimal digits."""
    now: int
    counts: Mapping[str, int] = {}
    """Commands of the subject on this day, by rule."""


class Load(NamedTuple):
    """How many devices a logical device stands for, and what they can do together, in W, if known."""

    devices: int
    power: Decimal | None


ONE = Load(1, None)


class Rights:
    """What the server asks, request by request."""

    def __init__(self, image: Image, policy: Callable[[], Policy]) -> None:
        self.image, self._policy = image, policy
        self.places: dict[str, Target] = {}
        """Where each logical device is, by the name of its domain."""
        self.loads: dict[str, Load] = {}
        """How much each is."""
        self.asker: Asker | None = None

    async def know(self, shelf: Shelf, peer: talk.Peer, unit: bytes, correlation: str, now: int) -> Asker:
        """Say who asks, by the store as it is now."""
        ask, trace, policy = talk.Ask("GET", "/", peer, now), Trace(shelf), self._policy()
        caller = await rules.caller(ask, trace, policy)
        wants = policy.access.engine.wants(caller.grants, *BEGIN)
        counts = await counted(Work(ask, caller, policy, trace)) if "daily" in wants else {}
        return Asker(peer, caller, correlation, digest(unit), now, counts)

    def allowed(self, peer: Peer, service: str, reference: str, value: Value | None) -> bool:
        """Whether whoever asks now may have a service on a reference."""
        del value
        asker = self.asker
        if asker is None or not peer.lfdi or peer.lfdi != asker.caller.lfdi:
            return False
        found = meanings.meant(service, reference, self._below)
        if not found or not asker.caller.granted:
            self._tell(asker, ("", service), reference or service, NOTHING)
            return False
        domain = reference.partition("/")[0]
        verdicts = [self._judged(asker, one, domain, reference or service) for one in sorted(found)]
        return all(verdicts)

    def _judged(self, asker: Asker, meaning: Meaning, domain: str, target: str) -> bool:
        access, caller = self._policy().access, asker.caller
        where = PUBLIC if not domain else self.places.get(domain, EVERYTHING)
        load = self.loads.get(domain, ONE)
        asked = Question(
            caller.lfdi, *meaning, where, asker.now, None, load.devices if domain else None, load.power,
            asker.counts,
        )  # fmt: skip
        verdict = access.engine.decide(caller.grants, asked)
        key = (HOP, caller.lfdi, caller.grants, meaning, domain)
        if not _lasting(access, caller, meaning) or not verdict.allowed or key not in access.told:
            self._tell(asker, meaning, target, verdict, again.weighed(caller.grants, asked))
            if verdict.allowed and _lasting(access, caller, meaning):
                _remember(access, key)
        return verdict.allowed

    def within(self, domain: str, meaning: Meaning, said: Figures, target: str) -> bool:
        """Whether what a command demands, once it is translated, keeps the limits of whoever asks now.

        What another subject would have to approve is refused: nobody could be asked while a client waits. It
        is in the log where it is refused; where it is not, it is judged and told once more at the commit.
        """
        asker = self.asker
        if asker is None:
            return False
        caller, where = asker.caller, self.places.get(domain, EVERYTHING)
        load = self.loads.get(domain, ONE)
        asked = Question(
            caller.lfdi, *meaning, where, asker.now, said, load.devices, load.power, asker.counts
        )
        verdict = self._policy().access.engine.decide(caller.grants, asked)
        if not verdict.allowed:
            self._tell(asker, meaning, target, verdict, again.weighed(caller.grants, asked))
        return verdict.allowed

    def _below(self, domain: str, item: str) -> Iterable[str]:
        try:
            of = self.image.type(domain, item)
        except Unknown:
            return ()
        return [name for name, _ in of.fields] if isinstance(of, Structure) else ()

    # ------------------------------------------------------------------------------------------------ telling

    def _tell(
        self, asker: Asker, meaning: Meaning, target: str, verdict: Verdict, facts: Facts | None = None
    ) -> None:
        access, caller, serials = self._policy().access, asker.caller, asker.peer.serials
        first = caller.grants[0] if caller.grants else None
        said = Decision(
            micros(), asker.correlation, caller.lfdi, f"{serials[0].number:X}" if serials else "", None,
            role=verdict.role or (named(first.role) if first else ""),
            source=verdict.source if verdict.role or first is None else first.source,
            function=meaning[0], action=meaning[1], target=target, digest=asker.digest,
            rule=verdict.rule, allowed=verdict.allowed, limits=verdict.limits,
            policy=f"{access.engine.version}-{caller.revision}", hop=HOP,
        )  # fmt: skip
        access.record(said, facts or {})

    def refused(self, sender: str, what: str, unit: bytes, reason: str, target: str = "") -> None:
        """Have it in the log that something was turned back before any rule was asked, or after all had."""
        access = self._policy().access
        said = Decision(
            micros(), "", sender, "", None, "", "none", "", what, target, digest(unit), "", False, (), "", HOP
        )
        access.record(said, {REASON: reason})


def digest(unit: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return sha256(unit).hexdigest()


def _lasting(access: Access, caller: Caller, meaning: Meaning) -> bool:
    """Whether a decision holds until roles or rules change: a read that no limit of a time binds."""
    wants: frozenset[str] = access.engine.wants(caller.grants, *meaning)
    return meaning[1] == meanings.READ and not wants & {"hours", "daily"}


def _remember(access: Access, key: tuple[object, ...]) -> None:
    if len(access.told) >= MOST:
        access.told.clear()
    access.told.add(key)
