"""The decision: may somebody do something to something, and which rule says so.

Rules are found by (role, function set, action); nothing found is a denial, an explicit denial wins over every
allowance, whichever of the subject's roles it came by. What is asked is the native request; with the figures
of the canonical command the same question is asked again. Pure: rows, counts and the moment are arguments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, tzinfo
from decimal import Decimal
from hashlib import sha256
from typing import NamedTuple

from bridge.core.access import limits
from bridge.core.access.figures import Figures
from bridge.core.access.limits import Case
from bridge.core.access.roles import Grant, named
from bridge.core.access.rules import Rule
from bridge.core.access.target import MINE, Target, touches, within

Key = tuple[int, str, str]
NONE: tuple[Rule, ...] = ()


class Question(NamedTuple):
    """What is asked."""

    subject: str
    """LFDI."""
    function: str
    action: str
    target: Target
    now: int
    figures: Figures | None = None
    """None where there is no command, or it was not read yet."""
    devices: int | None = None
    power: Decimal | None = None
    counts: Mapping[str, int] = {}
    """Commands of the subject on this day, by rule."""
    approved: bool = False
    """Whether another subject has approved it."""


class Verdict(NamedTuple):
    """What is answered."""

    allowed: bool
    rule: str = ""
    role: str = ""
    source: str = "none"
    limits: tuple[str, ...] = ()
    """Limits that are not kept."""
    pending: bool = False
    """Whether it would be allowed if another subject approved."""
    outside: bool = False
    """Whether it is denied only because of where it is."""
    area: str = ""
    """The area that the role was given for."""


NOTHING = Verdict(allowed=False)


class Engine:
    """A set of rules, ready to be asked."""

    def __init__(
        self, rules: Iterable[Rule], vocabulary: Mapping[str, tuple[str, ...]], zone: tzinfo = UTC
    ) -> None:
        self.rules = tuple(rules)
        self.vocabulary = vocabulary
        """The actions of each function set."""
        self.zone = zone
        self.index = _index(self.rules, vocabulary)
        said = (str(zone), str(vocabulary), *(rule.model_dump_json() for rule in self.rules))
        self.version = sha256("\n".join(said).encode()).hexdigest()[:12]
        self._wants: dict[Key, frozenset[str]] = {}

    def found(self, role: int, function: str, action: str) -> tuple[Rule, ...]:
        """Give the rules of a role for something."""
        return self.index.get((role, function, action), NONE)

    def wants(self, grants: tuple[Grant, ...], function: str, action: str) -> frozenset[str]:
        """Say what has to be known of a request: `mine`, `place`, `devices`, `power`, `daily`, `hours`."""
        found: frozenset[str] = frozenset()
        for grant in grants:
            key = (grant.role, function, action)
            wants = self._wants.get(key)
            if wants is None:
                wants = self._wants[key] = _wants(self.index.get(key, NONE))
            found |= wants
            if grant.area:
                found |= {"place", "devices"} if grant.area.startswith("organisation") else {"place"}
        return found

    def decide(self, grants: tuple[Grant, ...], asked: Question) -> Verdict:
        """Decide; an explicit denial first, then the first rule that allows."""
        index, function, action = self.index, asked.function, asked.action
        best = NOTHING
        allowed: Verdict | None = None
        for grant in grants:
            for rule in index.get((grant.role, function, action), NONE):
                if rule.effect == "deny":
                    if self._denied(rule, grant, asked):
                        return Verdict(False, rule.name, named(grant.role), grant.source)  # noqa: FBT003
                elif allowed is None and grant.holds(asked.now):
                    said = self._allowed(rule, grant, asked)
                    if said.allowed:
                        allowed = said
                    elif _better(said, best):
                        best = said
        return allowed or best

    def _denied(self, rule: Rule, grant: Grant, asked: Question) -> bool:
        if not grant.holds(asked.now) or not touches(rule.scope, asked.subject, asked.target):
            return False
        said = rule.limits.model_fields_set
        return not said or bool(limits.beyond(rule.limits, asked.figures, self._case(rule, grant, asked)))

    def _allowed(self, rule: Rule, grant: Grant, asked: Question) -> Verdict:
        role, source = named(grant.role), grant.source
        if (rule.scope != "all" and not within(rule.scope, asked.subject, asked.target)) or (
            grant.area and not within(grant.area, asked.subject, asked.target)
        ):
            return Verdict(False, "", role, source, outside=True)  # noqa: FBT003
        if not rule.limits.model_fields_set:
            return Verdict(True, rule.name, role, source, area=grant.area)  # noqa: FBT003
        case = self._case(rule, grant, asked)
        if met := limits.beyond(rule.limits, asked.figures, case):
            return Verdict(False, rule.name, role, source, met)  # noqa: FBT003
        if asked.figures is not None and not asked.approved and limits.doubled(rule.limits, case):
            return Verdict(False, rule.name, role, source, ("second",), pending=True)  # noqa: FBT003
        return Verdict(True, rule.name, role, source, area=grant.area)  # noqa: FBT003

    def _case(self, rule: Rule, grant: Grant, asked: Question) -> Case:
        today = asked.counts.get(rule.name, 0)
        return Case(asked.now, self.zone, grant, asked.devices, asked.power, today)


def _better(said: Verdict, best: Verdict) -> bool:
    """Whether one denial tells more than another: that one would be approved, then which limit was met."""
    return (said.pending, bool(said.limits), said.outside) > (best.pending, bool(best.limits), best.outside)


def _index(rules: tuple[Rule, ...], vocabulary: Mapping[str, tuple[str, ...]]) -> dict[Key, tuple[Rule, ...]]:
    """Give the rules by what they are about, denials first."""
    found: dict[Key, tuple[Rule, ...]] = {}
    for rule in sorted(rules, key=lambda each: not each.denies):
        for key in keys(rule, vocabulary):
            found[key] = (*found.get(key, ()), rule)
    return found


def keys(rule: Rule, vocabulary: Mapping[str, tuple[str, ...]]) -> tuple[Key, ...]:
    """Give what a rule is about; what no function set has is left out."""
    functions = tuple(vocabulary) if "*" in rule.functions else rule.functions
    return tuple(
        (role, function, action)
        for role in rule.numbers()
        for function in functions
        for action in vocabulary.get(function, ())
        if "*" in rule.actions or action in rule.actions
    )


def _wants(rules: tuple[Rule, ...]) -> frozenset[str]:
    found = set()
    for rule in rules:
        said = rule.limits.model_fields_set
        found |= {"daily", "hours"} & said
        if said & {"devices", "second"}:
            found.add("devices")
        if "second" in said:
            found.add("power")
        if rule.scope != "all":
            found.add("mine" if rule.scope in MINE else "place")
        if rule.scope.startswith("organisation"):
            found.add("devices")
    return frozenset(found)
