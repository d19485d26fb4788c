"""Tables: rows know their file and line, and a row that cannot be true is refused there.

Each case changes the table that ships in one place, and looks for the hole at that place: in the file and
line that the person who wrote it has to open.
"""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from bridge.mapping import coverage, rows, table
from bridge.mapping.table import Hole, Unknown, resolve, steps
from models.der import messages
from models.sep2.aus12 import der as aus12
from models.sep2.y2018 import der as y2018

SEP2 = files("mappings").joinpath("der-sep2.toml").read_text("utf-8")
CODES = files("mappings").joinpath("sep2-codes.toml").read_text("utf-8")
MAX_LIM_W = re.search(r'^ .*sep2 = "opModMaxLimW".*$', SEP2, re.MULTILINE)[0]  # type: ignore[index]


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def holes(text: str) -> list[tuple[int, str]]:
    """Return where a changed table is refused, and why, however it comes out."""
    try:
        words = rows.read(table.parse(text, "der-sep2.toml"), table.parse(CODES, "sep2-codes.toml"))
    except Hole as hole:
        return [(hole.line, hole.reason)]
    return [(hole.line, hole.reason) for hole in coverage.report(words).holes]


def test_the_table_that_ships_has_no_hole() -> None:
    assert holes(SEP2) == []


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("opModMaxLimW", "opModMaxLimWatt", "DERControlBase has no opModMaxLimWatt"),
        ('canonical = "maxLimW"', 'canonical = "maxLimWatt"', "Modes has no maxLimWatt"),
        (', of = "setMaxW"', "", "is a percentage: say of what"),
        ('of = "setMaxW"', 'off = "setMaxW"', "off: Unexpected keyword argument"),
        (', grade = "N"', "", "needs a grade"),
        (', canonical = "maxLimW"', "", "names both sides"),
        (", scale = -2", "", "leads from int to no Amount"),
        ("scale = -2", 'scale = "-2"', "scale: Input should be a valid integer"),
        ('unit = "%"', 'unit = "percent"', "unit: Input should be '1', '%'"),
        ('grade = "N"', 'grade = "N", editions = ["2013"]', "editions.0: Input should be"),
        ('grade = "N"', 'grade = "N", only = ["DERControl"]', "only names a type that this is not"),
        ('of = "setMaxW"', 'codes = "refTypes"', "no list of codes called refTypes"),
        (
            'of = "setMaxW"',
            'codes = "refType", below = "setMaxVA"',
            "below is for percentages",
        ),
    ],
)
def test_a_wrong_row_is_refused_at_its_line(old: str, new: str, reason: str) -> None:
    assert old in MAX_LIM_W
    found = holes(SEP2.replace(MAX_LIM_W, MAX_LIM_W.replace(old, new)))
    assert [line for line, _ in found] == [line_of(SEP2, MAX_LIM_W)] * len(found)
    assert found
    assert reason in found[0][1]


@pytest.mark.parametrize("side", ["sep2", "canonical"])
def test_a_field_that_two_rows_claim_is_refused_at_the_second(side: str) -> None:
    other = "opModConnect" if side == "sep2" else "opModTargetX"
    place = "maxLimW" if side == "canonical" else "spare"
    twin = f'  {{ sep2 = "{other}", canonical = "{place}", grade = "N" }},'
    found = holes(SEP2.replace(MAX_LIM_W, f"{MAX_LIM_W}\n{twin}"))
    assert found[0][0] == line_of(SEP2, MAX_LIM_W) + 1
    assert "is already in line" in found[0][1]


def test_a_field_claimed_in_part_and_then_whole_is_refused() -> None:
    part = 'canonical = "randomizeStart", unit = "s", scale = 0, grade = "N" },'
    inside = SEP2.replace(
        f'{{ sep2 = "randomizeStart", {part}', f'{{ sep2 = "DERControlBase.rampTms", {part}'
    )
    found = holes(inside.replace(part, part.replace("scale = 0", "scale = -2")))
    assert found == [
        (line_of(SEP2, 'sep2 = "DERControlBase", canonical = "modes"'), "DERControlBase is carried twice")
    ]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('sep2 = "DERProgram"', 'sep2 = "DERProgramme"', "there is no DERProgramme in 2018"),
        ('canonical = "Programme"', 'canonical = "Program"', "there is no canonical Program"),
        ('sign = "point"', 'sign = "pointe"', "Reading has no pointe"),
        ('constant = { kind = "DER" }', 'constant = { sort = "DER" }', "Plain has no sort"),
        ('like = "DERControlBase"', 'like = "DERControl"', "no type above pairs it with Modes"),
    ],
)
def test_a_wrong_type_is_refused_at_its_header(old: str, new: str, reason: str) -> None:
    found = holes(SEP2.replace(old, new, 1))
    header = SEP2.rindex("[[type]]", 0, SEP2.index(old))
    assert SEP2[:header].count("\n") + 1 in [line for line, _ in found]
    assert any(reason in why for _, why in found)


def test_a_row_of_an_edition_that_its_type_is_not_of_is_refused() -> None:
    row = '{ sep2 = "lFDI", keep = "which device the part is"'
    found = holes(SEP2.replace(row, f'{row}, editions = ["2018"]'))
    assert found == [(line_of(SEP2, row), "an edition that the type is not of")]


def test_a_pair_of_types_that_comes_twice_is_refused() -> None:
    again = '\n[[type]]\nsep2 = "LogEvent"\ncanonical = "Alarm"\nclause = "LogEvent"\n'
    assert "already paired in line" in holes(SEP2 + again)[0][1]


def test_what_is_kept_nowhere_or_asked_for_nowhere_is_refused() -> None:
    kept = SEP2.replace('{ name = "pollRate"', '{ name = "pollrate"')
    assert any("nothing in 2018 is called pollrate" in why for _, why in holes(kept))
    asked = SEP2.replace('{ module = "mup" }', '{ module = "mub" }')
    assert any("there is no mub in 2018" in why for _, why in holes(asked))


def test_text_that_is_no_toml_is_refused_at_its_line() -> None:
    with pytest.raises(Hole, match=r"^a\.toml:3: "):
        table.parse("[[row]]\na = 1\nb = = 2\n", "a.toml")


def test_entries_know_their_lines_however_they_are_written() -> None:
    text = (
        "top = 1\n\n[[type]]\na = 1\nrow = [\n  { b = 1 }, # said\n\n  # between\n  { b = 2 },\n]\n"
        "[[type]]\n[[type.row]]\nb = 3\n[[type.row]]\nb = 4\n"
    )
    found = table.parse(text, "a.toml")
    assert [(e.line, [(r.line, r.data["b"]) for r in e.rows("row")]) for e in found.rows("type")] == [
        (3, [(6, 1), (9, 2)]),
        (11, [(12, 3), (14, 4)]),
    ]


def test_what_is_no_array_of_tables_is_refused() -> None:
    found = table.parse("[[type]]\nrow = 3\n", "a.toml").rows("type")[0]
    with pytest.raises(Hole, match=r"^a\.toml:1: row is not an array of tables"):
        found.rows("row")


def test_paths_are_resolved_through_parts_and_repeats() -> None:
    leaf = resolve(y2018.DERControl, "interval.start")
    assert (leaf.type, leaf.optional, leaf.many) == (int, False, False)
    assert resolve(y2018.DERControl, "DERControlBase.opModFixedVar.refType").optional
    points = resolve(messages.Listing, "curve.point.x")
    assert points.many
    assert points.type.__name__ == "Decimal"
    assert resolve(y2018.DERControl, "href").mark.kind == "attribute"  # type: ignore[union-attr]


def test_paths_are_resolved_in_their_own_edition() -> None:
    assert resolve(aus12.DERControl, "DERControlBase.opModExpLimW.value").type is int
    with pytest.raises(Unknown, match="DERControlBase has no opModExpLimW"):
        resolve(y2018.DERControl, "DERControlBase.opModExpLimW.value")
    with pytest.raises(Unknown, match="int has no value"):
        resolve(y2018.DERControlBase, "rampTms.value")


def test_steps_stand_in_schema_order_and_know_what_is_required() -> None:
    found = steps(y2018.DERControl)
    assert list(found)[-2:] == ["DERControlBase", "deviceCategory"]
    assert found["DERControlBase"].required
    assert not found["deviceCategory"].required
