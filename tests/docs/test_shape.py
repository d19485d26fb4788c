"""The page on the 8-2-shaped profile: every name of the schemas with its grade, every row of the tables."""

from __future__ import annotations

from bridge.iec61850 import association, table, writing
from docs import shape

GRADES = {"mms.xsd": {"A", "B", "N"}, "mms-ours.xsd": {"C"}}


def test_every_name_of_the_schemas_is_there_with_a_grade_of_its_schema() -> None:
    found = shape.names()
    assert [one for one in found if one.grade not in GRADES[one.schema]] == []
    text = shape.page()
    for one in found:
        cell = f"| `{one.type}` | `{one.name}` | `{one.content}` |" if one.type else f"| `{one.name}` | "
        assert cell in text


def test_the_units_are_those_of_the_table_of_associations() -> None:
    assert {one.name for one in shape.names() if not one.type} == {*association.TABLE, "ctx"}


def test_each_table_of_the_server_is_told() -> None:
    text = shape.page()
    for name, row in table.SERVICES.items():
        assert f"| `{name}` | {row.how} | {row.bit} |" in text
    for name, step in association.TABLE.items():
        assert f"| `{name}` | {', '.join(sorted(step.carried))} | {step.absent} | {step.opened} |" in text
    for constraint in writing.ROUTES:
        assert f"| {constraint} | " in text
