"""A look at rules as a whole: which say nothing, which are said already, which roles may do nothing.

A rule is unreachable where no function set has what it names, shadowed where others decide all that it is
about: a denial without limits, or an allowance at least as wide. Whoever wrote it meant something by it, so
each is a finding. Every rule that decides on one request is told, with what it says. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bridge.core.access import limits
from bridge.core.access.engine import Engine, Key, Question, keys
from bridge.core.access.limits import Case
from bridge.core.access.roles import STAFF, Grant, named
from bridge.core.access.rules import Rule
from bridge.core.access.target import touches, within


class Found(NamedTuple):
    """A finding."""

    kind: str
    about: str
    detail: str


class Weighed(NamedTuple):
    """What one rule says of a request."""

    rule: str
    role: str
    effect: str
    outcome: str


def findings(engine: Engine) -> tuple[Found, ...]:
    """Give what is wrong with a set of rules."""
    found = [one for rule in engine.rules for one in _one(rule, engine)]
    ruled = {role for role, _, _ in engine.index}
    return (*found, *(Found("unused", named(one), "no rule is for it") for one in STAFF if one not in ruled))


def _one(rule: Rule, engine: Engine) -> Iterator[Found]:
    vocabulary = engine.vocabulary
    actions = {action for each in vocabulary.values() for action in each}
    for what, said, there in (
        ("function set", rule.functions, set(vocabulary)),
        ("action", rule.actions, actions),
    ):
        for name in sorted({*said} - there - {"*"}):
            yield Found("unknown", rule.name, f"there is no {what} {name}")
    if not keys(rule, vocabulary):
        yield Found("unreachable", rule.name, "no function set has such an action")
    elif shadow := _shadow(rule, engine):
        yield Found("shadowed", rule.name, f"{' and '.join(shadow)} decide all of it")
    if rule.limits.daily is not None and {*rule.actions} <= {"read"}:
        yield Found("uncounted", rule.name, "reads are not counted, so daily limits nothing")


def _shadow(rule: Rule, engine: Engine) -> tuple[str, ...]:
    """Give the rules that leave nothing to one; none where something is left."""
    found: dict[str, None] = {}
    for key in keys(rule, engine.vocabulary):
        over = next((one for one in engine.index[key] if _covers(one, rule, engine)), None)
        if over is None:
            return ()
        found[over.name] = None
    return tuple(found)


def _covers(one: Rule, rule: Rule, engine: Engine) -> bool:
    """Whether a rule decides whatever another could; of two alike the one about more, or the first."""
    if one.name == rule.name or not _wider(one.scope, rule.scope):
        return False
    limited = bool(one.limits.model_fields_set)
    if one.denies != rule.denies:
        return one.denies and not limited
    if limited and one.limits != rule.limits:
        return False
    if (one.scope, one.limits) != (rule.scope, rule.limits):
        return True
    mine, its = _keys(one, engine), _keys(rule, engine)
    if mine < its or its < mine:
        return its < mine
    return engine.rules.index(one) < engine.rules.index(rule)


def _keys(rule: Rule, engine: Engine) -> frozenset[Key]:
    return frozenset(keys(rule, engine.vocabulary))


def _wider(scope: str, other: str) -> bool:
    return scope in {"all", other} or (scope == "held" and other == "own")


def weighed(engine: Engine, grants: tuple[Grant, ...], asked: Question) -> tuple[Weighed, ...]:
    """Give each rule that is about a request, with what it says of it."""
    return tuple(
        Weighed(rule.name, named(grant.role), rule.effect, _says(engine, grant, rule, asked))
        for grant in grants
        for rule in engine.found(grant.role, asked.function, asked.action)
    )


def _says(engine: Engine, grant: Grant, rule: Rule, asked: Question) -> str:
    if not grant.holds(asked.now):
        return "the role is not in force"
    case = Case(asked.now, engine.zone, grant, asked.devices, asked.power, asked.counts.get(rule.name, 0))
    met = limits.beyond(rule.limits, asked.figures, case)
    return _denies(rule, asked, met) if rule.denies else _allows(rule, grant, asked, met)


def _denies(rule: Rule, asked: Question, met: tuple[str, ...]) -> str:
    if not touches(rule.scope, asked.subject, asked.target):
        return f"not in {rule.scope}"
    said = rule.limits.model_fields_set
    return "denies" if met or not said else f"denies beyond {', '.join(sorted(said))}"


def _allows(rule: Rule, grant: Grant, asked: Question, met: tuple[str, ...]) -> str:
    if not within(rule.scope, asked.subject, asked.target):
        return f"not all in {rule.scope}"
    if grant.area and not within(grant.area, asked.subject, asked.target):
        return f"not all in the role's area {grant.area}"
    if met:
        return f"beyond {', '.join(met)}"
    left = sorted(rule.limits.model_fields_set - set(limits.CASES))
    return f"allows, within {', '.join(left)}" if left and asked.figures is None else "allows"
