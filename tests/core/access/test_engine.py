"""Rules decided: default and explicit denial, scopes and areas, each limit at its edge, the clock's hours."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bridge.core.access import book, review, rules
from bridge.core.access.engine import Engine, Question, Verdict
from bridge.core.access.figures import Figures
from bridge.core.access.roles import Grant, Role
from bridge.core.access.target import EVERYTHING, PUBLIC, Place, Target

VOCABULARY = {"control": ("read", "create", "cancel"), "device": ("read",)}
ME, HELD, ALIEN = "A" * 40, "B" * 40, "C" * 40
OPERATOR = (Grant(Role.OPERATOR),)
NOW = 1_800_000_000
DEVICE = Target((Place(((HELD, ME),), frozenset({"group/1", "group/12"})),))
GROUP = Target((Place(((HELD, ME), (ALIEN, "")), frozenset({"group/1"}), frozenset({"group/12"})),))


def engine(*said: dict[str, Any], zone: str = "UTC") -> Engine:
    """Rules that are about controls of an OPERATOR where they say nothing else."""
    plain = {"roles": ["OPERATOR"], "functions": ["control"], "actions": ["create"]}
    rows = [{"name": f"rule-{at}", **plain, **row} for at, row in enumerate(said)]
    return Engine(rules.Rules.model_validate({"rule": rows}).rule, VOCABULARY, ZoneInfo(zone))


def asked(target: Target = PUBLIC, figures: Figures | None = None, **more: Any) -> Question:
    given = {"subject": ME, "function": "control", "action": "create", "now": NOW, **more}
    return Question(target=target, figures=figures, **given)


def allowed(made: Engine, question: Question, grants: tuple[Grant, ...] = OPERATOR) -> bool:
    return made.decide(grants, question).allowed


def test_nothing_said_is_a_denial() -> None:
    assert engine().decide(OPERATOR, asked()) == Verdict(allowed=False)
    assert not allowed(engine({}), asked(action="cancel"))
    assert not allowed(engine({}), asked(), (Grant(Role.VIEWER),))
    assert engine({}).decide(OPERATOR, asked()).rule == "rule-0"


@pytest.mark.parametrize("order", [1, -1])
def test_an_explicit_denial_wins_in_whatever_order_and_by_whichever_role(order: int) -> None:
    no: dict[str, Any] = {"name": "no", "effect": "deny", "roles": ["VIEWER"]}
    rows: list[dict[str, Any]] = [{"name": "yes"}, no]
    made = engine(*rows[::order])
    assert allowed(made, asked())
    both = (*OPERATOR, Grant(Role.VIEWER))
    assert made.decide(both, asked()) == Verdict(allowed=False, rule="no", role="VIEWER", source="none")
    assert not allowed(made, asked(), both[::-1])


@pytest.mark.parametrize(("scope", "target", "within", "touched"), [
    ("all", EVERYTHING, True, True),
    ("own", EVERYTHING, False, True),
    ("own", DEVICE, False, False),
    ("own", Target((Place(((ME, ""),)),)), True, True),
    ("own", Target((Place(mine=ME),)), True, True),
    ("own", PUBLIC, True, False),
    ("held", DEVICE, True, True),
    ("held", GROUP, False, True),
    ("held", Target((*DEVICE.places, *GROUP.places)), False, True),
    ("group/12", DEVICE, True, True),
    ("group/12", GROUP, False, True),
    ("group/1", GROUP, True, True),
    ("group/2", GROUP, False, False),
    (f"organisation/{ME}", DEVICE, True, True),
    (f"organisation/{ALIEN}", GROUP, False, True),
    (f"organisation/{'D' * 40}", GROUP, False, False),
])  # fmt: skip
def test_an_allowance_holds_within_its_scope_a_denial_wherever_it_is_touched(
    scope: str, target: Target, within: bool, touched: bool
) -> None:
    assert allowed(engine({"scope": scope}), asked(target)) is within
    assert allowed(engine({}, {"effect": "deny", "scope": scope}), asked(target)) is not touched


def test_a_role_holds_in_its_area_and_for_its_time() -> None:
    made = engine({})
    for grant, may in (
        (Grant(1, "group/12"), True),
        (Grant(1, "group/13"), False),
        (Grant(1, f"organisation/{ME}"), True),
        (Grant(1, since=NOW), True),
        (Grant(1, since=NOW + 1), False),
        (Grant(1, until=NOW + 1), True),
        (Grant(1, until=NOW), False),
    ):
        assert allowed(made, asked(DEVICE), (grant,)) is may, grant
    assert not allowed(made, asked(EVERYTHING), (Grant(1, "group/12"),))
    assert made.decide((Grant(1, "group/12"),), asked(GROUP)).outside


FAR = Decimal(NOW + 600)
EDGES: list[tuple[str, Any, dict[str, Any], dict[str, Any]]] = [
    ("watts", 5000, {"watts": Decimal(5000)}, {"watts": Decimal("5000.01")}),
    ("vars", 100, {"vars": Decimal(100)}, {"vars": Decimal("100.01")}),
    ("percent", 50, {"percent": Decimal(50)}, {"percent": Decimal("50.01")}),
    ("least", 20, {"least": Decimal(20)}, {"least": Decimal("19.99")}),
    (
        "modes",
        ["opModMaxLimW"],
        {"modes": frozenset({"opModMaxLimW"})},
        {"modes": frozenset({"opModConnect"})},
    ),
    ("ramp", 10, {"ramp": Decimal(10)}, {"ramp": Decimal("9.99")}),
    ("ramp", 10, {"ramp": Decimal(11)}, {"ramp": None}),
    ("duration", 3600, {"duration": Decimal(3600)}, {"duration": Decimal(3601)}),
    ("duration", 3600, {"duration": Decimal(0)}, {"duration": None}),
    ("lead", 600, {"start": FAR}, {"start": FAR - 1}),
    ("lead", 600, {"start": FAR}, {"start": None}),
]


@pytest.mark.parametrize(("name", "limit", "kept", "beyond"), EDGES)
def test_a_limit_of_figures_holds_to_its_edge(
    name: str, limit: Any, kept: dict[str, Any], beyond: dict[str, Any]
) -> None:
    made, cap = engine({"limits": {name: limit}}), engine({}, {"effect": "deny", "limits": {name: limit}})
    for each in (made, cap):
        assert allowed(each, asked(figures=Figures(**kept)))
        assert not allowed(each, asked(figures=Figures(**beyond)))
    assert made.decide(OPERATOR, asked(figures=Figures(**beyond))).limits == (name,)


@pytest.mark.parametrize(("name", "limit", "kept", "beyond"), [
    ("devices", 3, {"devices": 3}, {"devices": 4}),
    ("devices", 3, {"devices": 0}, {"devices": None}),
    ("daily", 2, {"counts": {"rule-0": 1}}, {"counts": {"rule-0": 2}}),
    ("daily", 1, {"counts": {"other": 9}}, {"counts": {"rule-0": 1}}),
    ("second", 1000, {"power": Decimal(1000)}, {"power": Decimal("1000.1")}),
    ("second", 1000, {"power": Decimal(0)}, {"power": None}),
])  # fmt: skip
def test_a_limit_of_numbers_holds_to_its_edge(
    name: str, limit: int, kept: dict[str, Any], beyond: dict[str, Any]
) -> None:
    made = engine({"limits": {name: limit}})
    assert allowed(made, asked(figures=Figures(), **kept))
    verdict = made.decide(OPERATOR, asked(figures=Figures(), **beyond))
    assert (verdict.allowed, verdict.limits) == (False, (name,))
    assert verdict.pending is (name == "second")


def test_what_was_approved_needs_no_second_approval_and_keeps_every_other_limit() -> None:
    made = engine({"limits": {"second": 1000, "watts": 10}})
    much: dict[str, Any] = {"power": Decimal(9999), "approved": True}
    assert allowed(made, asked(figures=Figures(), **much))
    assert not allowed(made, asked(figures=Figures(watts=Decimal(11)), **much))


def test_a_rule_without_second_subject_is_taken_before_one_with() -> None:
    made = engine({"limits": {"second": 0}}, {})
    assert made.decide(OPERATOR, asked(figures=Figures(), power=Decimal(5))).rule == "rule-1"


@pytest.mark.parametrize(("since", "until", "may"), [
    (NOW, NOW + 100, True),
    (NOW, NOW + 101, False),
    (NOW, 0, False),
])  # fmt: skip
def test_a_boxed_role_ends(since: int, until: int, may: bool) -> None:
    grant = Grant(Role.OPERATOR, since=since, until=until)
    assert allowed(engine({"limits": {"boxed": 100}}), asked(), (grant,)) is may


ZURICH = ZoneInfo("Europe/Zurich")


@pytest.mark.parametrize(("hours", "moment", "may"), [
    ("08:00-17:00", datetime(2026, 1, 5, 6, 59, 59, tzinfo=UTC), False),
    ("08:00-17:00", datetime(2026, 1, 5, 7, 0, tzinfo=UTC), True),
    ("08:00-17:00", datetime(2026, 1, 5, 15, 59, 59, tzinfo=UTC), True),
    ("08:00-17:00", datetime(2026, 1, 5, 16, 0, tzinfo=UTC), False),
    # summer time, an hour ahead: the same clock on the wall
    ("08:00-17:00", datetime(2026, 7, 6, 5, 59, 59, tzinfo=UTC), False),
    ("08:00-17:00", datetime(2026, 7, 6, 6, 0, tzinfo=UTC), True),
    # the hour that is twice, on 25 October 2026
    ("02:00-03:00", datetime(2026, 10, 25, 0, 0, tzinfo=UTC), True),
    ("02:00-03:00", datetime(2026, 10, 25, 1, 59, 59, tzinfo=UTC), True),
    ("02:00-03:00", datetime(2026, 10, 25, 2, 0, tzinfo=UTC), False),
    # the hour that is not, on 29 March 2026: 01:59:59 is followed by 03:00
    ("02:00-03:00", datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC), False),
    ("02:00-03:00", datetime(2026, 3, 29, 1, 0, tzinfo=UTC), False),
    # over midnight
    ("22:00-06:00", datetime(2026, 1, 5, 21, 0, tzinfo=UTC), True),
    ("22:00-06:00", datetime(2026, 1, 5, 4, 59, 59, tzinfo=UTC), True),
    ("22:00-06:00", datetime(2026, 1, 5, 5, 0, tzinfo=UTC), False),
    ("18:00-24:00", datetime(2026, 1, 5, 22, 59, 59, tzinfo=UTC), True),
])  # fmt: skip
def test_hours_are_those_of_the_clock_on_the_wall(hours: str, moment: datetime, may: bool) -> None:
    made = engine({"limits": {"hours": [hours]}}, zone="Europe/Zurich")
    assert allowed(made, asked(now=int(moment.timestamp()))) is may


@pytest.mark.parametrize("text", ["8:00-17:00", "08:00", "08:00-25:00", "08:00-24:30", "24:00-08:00"])
def test_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(rules.Unsound, match="hours"):
        rules.read(
            f'rule = [{{ name = "a", roles = ["VIEWER"], functions = ["control"], actions = ["read"], '
            f'limits = {{ hours = ["{text}"] }} }}]'
        )


# ------------------------------------------------------------------------------------------ review


def kinds(*said: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one.kind, one.about) for one in review.findings(engine(*said)) if one.kind != "unused"}


def test_a_shadowed_rule_is_found() -> None:
    no = {"name": "no", "effect": "deny"}
    assert kinds({}, no) == {("shadowed", "rule-0")}
    assert kinds({}, {**no, "scope": "group/1"}) == set()
    assert kinds({"scope": "group/1"}, {**no, "scope": "group/1"}) == {("shadowed", "rule-0")}
    assert kinds({}, {**no, "limits": {"watts": 1}}) == set()
    assert kinds({}, {"limits": {"watts": 1}}) == {("shadowed", "rule-1")}
    assert kinds({}, {}) == {("shadowed", "rule-1")}
    assert kinds({"scope": "own"}, {"scope": "held"}) == {("shadowed", "rule-0")}
    assert kinds({}, {"actions": ["*"]}) == {("shadowed", "rule-0")}
    assert kinds({"actions": ["*"]}, {"actions": ["create", "cancel"]}, {"actions": ["read"]}) == {
        ("shadowed", "rule-1"), ("shadowed", "rule-2")
    }  # fmt: skip


def test_what_is_shadowed_decides_nothing() -> None:
    with_it, without = engine({}, {"limits": {"watts": 1}}), engine({})
    for watts in (0, 1, 2):
        question = asked(figures=Figures(watts=Decimal(watts)))
        assert with_it.decide(OPERATOR, question) == without.decide(OPERATOR, question)


def test_what_does_not_exist_is_found() -> None:
    assert kinds({"functions": ["nothing"]}) == {("unknown", "rule-0"), ("unreachable", "rule-0")}
    assert kinds({"functions": ["device"]}) == {("unreachable", "rule-0")}
    assert kinds({"actions": ["create", "fly"]}) == {("unknown", "rule-0")}
    assert kinds({"actions": ["read"], "limits": {"daily": 1}}) == {("uncounted", "rule-0")}
    unused = {one.about for one in review.findings(engine({})) if one.kind == "unused"}
    assert unused == {"VIEWER", "ENGINEER", "INSTALLER", "SECADM", "SECAUD", "RBACMNT", "HEADEND", "UAA"}


def test_the_shipped_rules_are_sound() -> None:
    assert review.findings(book.shipped()) == ()


def test_own_rules_come_over_the_shipped_ones_or_in_their_place() -> None:
    row = (
        '{ name = "operator-commands", roles = ["OPERATOR"], functions = ["control"], actions = ["create"] }'
    )
    over = book.engine(rules.read(f"rule = [{row}]"))
    alone = book.engine(rules.read(f"extend = false\nrule = [{row}]"))
    assert [rule.name for rule in over.rules] == [rule.name for rule in book.book().rules]
    assert not over.found(Role.OPERATOR, "control", "cancel")
    assert [rule.name for rule in alone.rules] == ["operator-commands"]
    assert len({over.version, alone.version, book.shipped().version}) == 3
    with pytest.raises(rules.Unsound, match="two rules"):
        rules.read(f"rule = [{row}, {row}]")
