"""The table to IEC 61850: every leaf covered, every name real, wrong rows refused with their line."""

from __future__ import annotations

import re
from typing import Any

import pytest

import models.der.messages as m
from bridge.mapping import nodes, table
from bridge.mapping.iec61850 import coverage
from bridge.mapping.losses import KINDS, leaves_of, speaks
from models import kit

CODES = table.parse("", "codes")


def walked(cls: type[kit.Model], at: str = "") -> set[str]:
    """All leaves of a class, walked here and not by the code under test."""
    found = set()
    for name, field in cls.model_fields.items():
        inner = [one for one in _classes(field.annotation) if one.__name__ not in ("Point", "Kept")]
        found |= {leaf for one in inner for leaf in walked(one, f"{at}{name}.")} or {f"{at}{name}"}
    return found


def _classes(annotation: Any) -> list[type[kit.Model]]:
    if isinstance(annotation, type) and issubclass(annotation, kit.Model):
        return [annotation]
    return [one for inner in getattr(annotation, "__args__", ()) for one in _classes(inner)]


def test_every_canonical_leaf_is_carried_or_declared_lost() -> None:
    found = coverage()
    assert found["bare"] == []
    assert (found["percent"], found["sound"]) == (100.0, True)
    assert found["carried"] + found["lost"] == found["leaves"]


def test_all_kinds_are_walked() -> None:
    kinds = {
        name for name, cls in vars(m).items() if isinstance(cls, type) and issubclass(cls, m.Message)
    } - {"Message"}
    assert kinds <= set(KINDS)


@pytest.mark.parametrize(
    "kind", ["Control", "Capability", "Setting", "Status", "Reading", "Outcome", "Alarm"]
)
def test_the_walk_misses_nothing(kind: str) -> None:
    cls = getattr(m, kind)
    cls.model_rebuild()
    assert walked(cls) <= set(leaves_of(cls))


def test_each_loss_has_a_reason_of_its_own_words() -> None:
    for loss in coverage()["losses"]:
        assert len(loss["reason"].split()) >= 3, loss


def test_a_missing_row_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = nodes.read()
    rows = {
        kind: tuple(row for row in found if row.canonical != "maxLimW") for kind, found in whole.rows.items()
    }
    monkeypatch.setattr("bridge.mapping.losses.read", lambda: whole._replace(rows=rows))
    speaks.cache_clear()
    try:
        bare = coverage()["bare"]
    finally:
        monkeypatch.undo()
        speaks.cache_clear()
    assert "Control.modes.maxLimW.value" in bare


def test_every_mode_has_a_row() -> None:
    m.Modes.model_rebuild()
    assert {row.canonical for row in nodes.read().rows["Modes"]} == set(m.Modes.model_fields)


def test_every_curve_type_has_a_mode() -> None:
    assert sorted(row.kind for row in nodes.read().rows["Modes"] if row.kind >= 0) == list(range(15))


def test_every_carrying_row_names_its_source_and_grade() -> None:
    for rows in nodes.read().rows.values():
        for row in rows:
            if row.iec61850:
                assert row.source, row.canonical
                assert re.fullmatch("[NJP]", row.grade), row.canonical


def test_every_figure_declares_its_rounding() -> None:
    for rows in nodes.read().rows.values():
        for row in rows:
            if row.unit and row.iec61850 and row.how != "state":
                assert row.round, row.canonical


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('canonical = "maxLimX", iec61850 = "DWMX1.WMaxSptPct"', "has no maxLimX"),
        ('canonical = "maxLimW", iec61850 = "DWMX1.WMaxSptPc"', "no data object WMaxSptPc"),
        ('canonical = "maxLimW", iec61850 = "DWMZ1.WMaxSptPct"', "no logical node"),
        ('canonical = "maxLimW", iec61850 = "DWMX1.WMaxSptPct7"', "no data object WMaxSptPct7"),
        (
            'canonical = "maxLimW", iec61850 = "DWMX1.WMaxSptPct", constant = { "DWMX1.Mod.setVal" = 1 }',
            "no attribute setVal",
        ),
        (
            'canonical = "maxLimW", iec61850 = "DWMX1.WMaxSptPct", also = { x = "DWMX1.Nope" }',
            "no data object Nope",
        ),
        ('canonical = "maxLimW", iec61850 = "DWMX1.WMaxSptPct", refs = "nope"', "no list nope"),
        ('canonical = "maxLimW", iec61850 = "DWMX1.WMaxSptPct", colour = "red"', "colour"),
        ('canonical = "maxLimW"', "neither carried nor declared lost"),
    ],
)
def test_a_row_that_names_what_is_not_there_is_refused_with_its_line(row: str, reason: str) -> None:
    text = f'# a table\n[[type]]\ncanonical = "Modes"\nrow = [\n  {{ {row} }},\n]\n'
    with pytest.raises(table.Hole, match=reason) as found:
        nodes.resolved(table.parse(text, "mappings/x.toml"), CODES)
    assert (found.value.file, found.value.line) == ("mappings/x.toml", 5)


def test_schedules_are_numbered_by_the_table() -> None:
    entities = nodes.read().entities
    assert len(set(entities.values())) == len(entities)
    assert {"DWMX1.WMaxSptPct", "DVVR1.Mod", "CSWI1.Pos", "MstPTOF10.Mod"} <= set(entities)
    assert max(entities.values()) < 200
    assert (entities["CSWI1.Pos"], entities["DWMX1.WMaxSptPct"]) == (1, 86), "peers remember these numbers"


@pytest.mark.parametrize(
    ("numbers", "line", "reason"),
    [
        ({"DWMX1.Mod": 1}, 7, "DWMX1.WMaxSptPct has no schedule"),
        ({"DWMX1.WMaxSptPct": 1, "DVVR1.Mod": 3}, 3, "no row commands DVVR1.Mod"),
        ({"DWMX1.WMaxSptPct": 1, "DWMX1.Mod": 1}, 3, "a number one schedule"),
        ({"DWMX1.WMaxSptPct": 200, "DWMX1.Mod": 1}, 2, "number"),
    ],
)
def test_a_schedule_without_its_own_number_is_refused(
    numbers: dict[str, int], line: int, reason: str
) -> None:
    listed = "".join(f'{{ number = {number}, object = "{name}" }},\n' for name, number in numbers.items())
    row = '{ canonical = "maxLimW", iec61850 = "DWMX1.WMaxSptPct" }'
    text = f'schedule = [\n{listed}]\n[[type]]\ncanonical = "Modes"\nrow = [\n{row},\n]\n'
    with pytest.raises(table.Hole, match=reason) as found:
        nodes.resolved(table.parse(text, "mappings/x.toml"), CODES)
    assert found.value.line == line
