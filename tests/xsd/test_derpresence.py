"""Presence conditions as behaviour: what models.presence says of every choice a group allows or forbids.

The rows come from the committed schemas, the expectation from the facts an independent reader took from
the IEC definitions: each group of each node and class is tried in every combination, against predicates
written here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, combinations

import pytest

from models.presence import SINGLE, controls, violations
from tests.xsd import emitted, known
from xsd.passes.presence import CONDITIONS

Groups = dict[str, set[str]]
Names = frozenset[str]


def complete(names: Names, groups: Groups) -> int:
    return sum(group <= names for group in groups.values())


def begun(names: Names, groups: Groups) -> int:
    return sum(bool(group & names) for group in groups.values())


RIGHT: dict[str, Callable[[Names, Groups], bool]] = {
    "AtLeastOne": lambda names, groups: begun(names, groups) == len(groups),
    "AtMostOne": lambda names, groups: all(len(group & names) <= 1 for group in groups.values()),
    "AllOrNonePerGroup": lambda names, groups: begun(names, groups) == complete(names, groups),
    "MAllOrNonePerGroup": lambda names, groups: begun(names, groups) == complete(names, groups),
    "AllOnlyOneGroup": lambda names, groups: begun(names, groups) == complete(names, groups) == 1,
    "AllAtLeastOneGroup": lambda names, groups: complete(names, groups) >= 1,
}


def families(rows: list[known.Row], key: str) -> dict[tuple[str, str], Groups]:
    found: dict[tuple[str, str], Groups] = {}
    for row in rows:
        if row["condition"] in known.GROUPS:
            family = found.setdefault((row["condition"], row.get("class", "")), {})
            family.setdefault(row["args"], set()).add(row[key])
    return found


def valid(rows: list[known.Row], key: str) -> set[str]:
    """A choice that satisfies everything: what is mandatory, and the first group of each family that asks."""
    names = {row[key] for row in rows if row["condition"] in ("M", "Mmulti")}
    for (cond, _), groups in families(rows, key).items():
        if cond == "AtLeastOne":
            names |= {min(group) for group in groups.values()}
        elif cond in ("AllOnlyOneGroup", "AllAtLeastOneGroup"):
            names |= next(iter(groups.values()))
    return names


def subsets(names: set[str]) -> Iterator[Names]:
    ordered = sorted(names)
    return map(frozenset, chain.from_iterable(combinations(ordered, n) for n in range(len(ordered) + 1)))


def owners() -> list[tuple[str, str, str]]:
    """Type, key of its facts and name in the facts, of everything that has presence conditions."""
    classes = [name for name in emitted.named("complexType") if known.members(name) and "_" not in name]
    return [(name, "DO", name) for name in known.nodes()] + [(name, "attribute", name) for name in classes]


def facts(key: str, name: str) -> list[known.Row]:
    return [row for row in known.objects() if row["LN"] == name] if key == "DO" else known.members(name)


@pytest.mark.parametrize(("type_", "key", "name"), owners())
def test_what_the_definition_asks_for_is_enough(type_: str, key: str, name: str) -> None:
    assert violations(valid(facts(key, name), key), emitted.conditions(type_)) == []


@pytest.mark.parametrize(("type_", "key", "name"), owners())
def test_every_mandatory_name_is_missed(type_: str, key: str, name: str) -> None:
    rows = facts(key, name)
    for row in rows:
        if row["condition"] in ("M", "Mmulti"):
            found = violations(valid(rows, key) - {row[key]}, emitted.conditions(type_))
            assert [text.split()[0] for text in found] == [row[key]]


@pytest.mark.parametrize(("type_", "key", "name"), owners())
def test_every_combination_of_a_group_is_judged_right(type_: str, key: str, name: str) -> None:
    rows = facts(key, name)
    for (cond, scope), groups in families(rows, key).items():
        members = set().union(*groups.values())
        allowed = {
            row[key] for row in rows if row["condition"] in ("MmultiF", "OF") and row["args"] in members
        }
        for names in subsets(members):
            siblings = {row[key] for row in rows if row["condition"] == "MmultiF" and row["args"] in names}
            chosen = (valid(rows, key) - members - allowed) | names | siblings
            found = violations(chosen, emitted.conditions(type_))
            assert (not found) is RIGHT[cond](names, groups), (cond, scope, names, found)


@pytest.mark.parametrize(
    ("type_", "key", "name"),
    [
        (t, k, n)
        for t, k, n in owners()
        if any(r["condition"] in ("MF", "OF", "MO", "MmultiF") for r in facts(k, n))
    ],
)
def test_siblings(type_: str, key: str, name: str) -> None:
    rows = facts(key, name)
    conditions = emitted.conditions(type_)
    for row in rows:
        element, sibling, cond = row[key], row["args"], row["condition"]
        if cond in ("MF", "OF", "MO", "MmultiF"):
            base = valid(rows, key) - {element, sibling}
            said = [
                any(t.startswith(f"{element} ") for t in violations(base | {*some}, conditions))
                for some in ((), (element,), (sibling,), (element, sibling))
            ]
            refused, needed = cond in ("MF", "OF", "MmultiF"), cond in ("MF", "MO", "MmultiF")
            assert said == [False, refused, needed, False], (element, cond)


def test_a_volt_var_node_needs_a_curve_and_a_set_point_each_exactly_once() -> None:
    rows = facts("DO", "DVVR")
    whole = valid(rows, "DO")
    assert {"VVArCrv", "VArTgtSpt"} <= whole
    conditions = emitted.conditions("DVVR")
    assert violations(whole - {"VVArCrv"} | {"VVArCrvDel"}, conditions) == []
    assert len(violations(whole - {"VVArCrv"}, conditions)) == 1
    assert len(violations(whole - {"VArTgtSpt"}, conditions)) == 1
    assert len(violations(whole | {"VVArCrvDel", "VArTgtSptPct"}, conditions)) == 2


def test_forbidden_object_is_reported() -> None:
    whole = valid(facts("DO", "DWMX"), "DO")
    assert violations(whole | {"ClcSrc"}, emitted.conditions("DWMX")) == ["ClcSrc must not be there: F"]


def test_control_model_decides_what_a_command_needs() -> None:
    conditions = emitted.conditions("APC")
    bare = {"ctlModel"}
    assert violations(bare, conditions) == []
    assert violations(bare, conditions, controls(1)) == []
    assert {t.split()[0] for t in violations(bare, conditions, controls(2))} == {"stSeld", "sboTimeout"}
    enhanced = {"stSeld", "sboTimeout", "operTimeout", "mxVal", "q", "t"}
    assert {t.split()[0] for t in violations(bare, conditions, controls(4))} == enhanced
    assert violations(bare | enhanced, conditions, controls(4)) == []


def test_substitution_is_whole_or_absent_whatever_is_known() -> None:
    conditions = emitted.conditions("SPS")
    whole = {"stVal", "q", "t"}
    substitution = {"subEna", "subVal", "subQ", "subID"}
    assert violations(whole | substitution, conditions) == []
    assert len(violations(whole | {"subEna"}, conditions)) == 1
    assert len(violations(whole, conditions, {"substitution": True})) == 4
    assert len(violations(whole | substitution, conditions, {"substitution": False})) == 4


def test_unknown_condition_is_an_error() -> None:
    with pytest.raises(ValueError, match="no presence condition is called Perhaps"):
        violations({"a"}, [("a", "Perhaps", ())])


def test_both_tables_of_conditions_say_the_same() -> None:
    single = {name: (c.must, c.never) for name, c in CONDITIONS.items() if not c.grouped}
    assert single == dict(SINGLE)
    assert {name for name, c in CONDITIONS.items() if c.grouped} == set(RIGHT)


def test_occurrence_in_the_table_follows_from_the_condition() -> None:
    for name, condition in CONDITIONS.items():
        assert condition.least == (condition.must == "always"), name
        assert condition.many is ("multi" in name), name


OURS = [
    ("DVSC", {"VSpt"}, {"VSptPct"}, {"VSpt", "VSptPct"}, False),
    ("DVAX", {"IvaMaxSptPct"}, {"AvaMaxSpt"}, {"IvaMaxSptPct", "AvaMaxSptPct"}, True),
    ("DVRX", {"IvarMaxSpt"}, {"AvarMaxSptPct"}, {"IvarMaxSpt", "AvarMaxSpt"}, True),
]


@pytest.mark.parametrize(("name", "one", "other", "both", "allowed"), OURS)
def test_groups_of_our_own_nodes(
    name: str, one: set[str], other: set[str], both: set[str], allowed: bool
) -> None:
    rows = emitted.elements(name, emitted.EXTENSION).values()
    conditions = emitted.conditions(name, emitted.EXTENSION)
    mandatory = {e.name for e in rows if e.least == "1"}
    assert violations(mandatory | one, conditions) == violations(mandatory | other, conditions) == []
    assert len(violations(mandatory, conditions)) == 1
    assert (not violations(mandatory | both, conditions)) is allowed
