"""Decisions a second: our rules against casbin with 100 equivalent ones, in one process, asked the same.

Each side is asked the same requests, half of them denied, and both have to give the same answers before
anything is measured. casbin gets its rules as it documents them, a model and policy lines, without numeric
limits, which it has no form for; ours are asked without them, too, and once more with limits and figures.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from time import process_time
from typing import Any

from rich.table import Table

from bridge.core.access.engine import Engine, Question
from bridge.core.access.figures import Figures
from bridge.core.access.roles import Grant, Role
from bridge.core.access.rules import Rules
from bridge.core.access.target import PUBLIC

GOAL = 100.0
ROUNDS = 5
FUNCTIONS = tuple(f"set{letter}" for letter in "abcdefghij")
ACTIONS = ("read", "create", "change", "delete", "cancel")
ROLES = ("VIEWER", "OPERATOR")
MODEL = """
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = r.sub == p.sub && r.obj == p.obj && r.act == p.act
"""
Asked = tuple[str, str, str]


def rules() -> tuple[tuple[str, str, str, str], ...]:
    """100 rules: role, function set, action, effect; every other one of the second role denies."""
    wide = [(role, function, action) for role in ROLES for function in FUNCTIONS for action in ACTIONS]
    return tuple(
        (*each, "deny" if each[0] == "OPERATOR" and at % 2 else "allow") for at, each in enumerate(wide)
    )


def requests() -> tuple[Asked, ...]:
    """What is asked: every rule once, and as much again that no rule is about."""
    known = [each[:3] for each in rules()]
    return (*known, *(("ENGINEER", function, action) for _, function, action in known))


def ours(limits: dict[str, int] | None = None) -> Engine:
    """The same rules, ours."""
    rows = [
        {
            "name": f"rule-{at}",
            "roles": [role],
            "functions": [function],
            "actions": [action],
            "effect": effect,
            "limits": limits if limits and effect == "allow" else {},
        }
        for at, (role, function, action, effect) in enumerate(rules())
    ]
    return Engine(Rules.model_validate({"rule": rows}).rule, dict.fromkeys(FUNCTIONS, ACTIONS))


def theirs() -> Any:  # noqa: ANN401 - only the bench has it
    """The same rules, casbin's."""
    import casbin  # noqa: PLC0415 - only the bench has it

    model = casbin.Model()
    model.load_model_from_text(MODEL)
    enforcer = casbin.Enforcer(model)
    enforcer.add_policies([list(each) for each in rules()])
    return enforcer


def seconds(work: Callable[[Any], object], asked: tuple[Any, ...]) -> float:
    """Least processor time of one question."""
    least = float("inf")
    for _ in range(ROUNDS):
        start = process_time()
        for each in asked:
            work(each)
        least = min(least, process_time() - start)
    return least / len(asked)


def measure() -> dict[str, float]:
    """Decisions a second of each, and how many times casbin's ours are."""
    engine, limited, enforcer = ours(), ours({"watts": 5000, "duration": 3600, "devices": 10}), theirs()
    figures = Figures(watts=Decimal(100), duration=Decimal(60))

    def decide(made: Engine, each: Asked, said: Figures | None = None) -> bool:
        role, function, action = each
        question = Question("A" * 40, function, action, PUBLIC, 0, said, 3)
        return made.decide(GRANTS[role], question).allowed

    asked = requests()
    if [decide(engine, each) for each in asked] != [enforcer.enforce(*each) for each in asked]:
        raise RuntimeError("the two do not answer alike")
    plain = seconds(lambda each: decide(engine, each), asked * 20)
    limits = seconds(lambda each: decide(limited, each, figures), asked * 20)
    foreign = seconds(lambda each: enforcer.enforce(*each), asked)
    return {
        "rules": float(len(rules())),
        "derbridge": 1 / plain,
        "derbridge, with limits": 1 / limits,
        "casbin": 1 / foreign,
        "ratio": foreign / plain,
        "goal": GOAL,
    }


GRANTS = {name: (Grant(Role[name]),) for name in (*ROLES, "ENGINEER")}


def table(figures: dict[str, float]) -> Table:
    """The same for a person."""
    made = Table(title=f"access decisions, {figures['rules']:.0f} rules (goal: {GOAL:.0f} x casbin)")
    for column in ("", "a second", "us each", "x casbin"):
        made.add_column(column, justify="right" if column else "left")
    for name in ("derbridge", "derbridge, with limits", "casbin"):
        rate = figures[name]
        made.add_row(name, f"{rate:,.0f}", f"{1_000_000 / rate:.2f}", f"{rate / figures['casbin']:.0f}")
    return made
