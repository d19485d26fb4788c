"""The page on the 8-2-shaped profile: each name with its grade, and the tables that the server works by.

Names, grades and meanings are read from `xsd/mms.xsd` and `xsd/mms-ours.xsd`, the one place where they stand;
carriage, steps and rights from the tables of `bridge.iec61850`. The prose is in docs/templates. It carries no
path of a machine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import NamedTuple

from lxml import etree
from lxml.etree import _Element

from bridge.iec61850 import association, serving, table, terms, writing
from docs.story import grid

ROOT = Path(__file__).parents[1] / "xsd"
TEMPLATE = Path(__file__).parent / "templates" / "iec61850-8-2.md.in"
SCHEMAS = ("mms.xsd", "mms-ours.xsd")
XS = "{http://www.w3.org/2001/XMLSchema}"
NOTE = f"{XS}annotation/{XS}documentation"
MARK = f"{XS}annotation/{XS}appinfo/evidence"


class Name(NamedTuple):
    """An element or attribute: where it stands, what holds it, its content, its grade."""

    schema: str
    type: str
    name: str
    content: str
    occurs: str
    grade: str
    about: str


def names() -> list[Name]:
    """Every name of the profile, units first in each schema."""
    found: list[Name] = []
    for schema in SCHEMAS:
        root = etree.parse(ROOT / schema).getroot()
        found += [_name(schema, "", one) for one in root.iterfind(f"{XS}element")]
        for held in root.iterfind(f"{XS}complexType"):
            parts = (one for one in held.iter(f"{XS}element", f"{XS}attribute") if one.get("name"))
            found += [_name(schema, str(held.get("name")), one) for one in parts]
    return found


def _name(schema: str, above: str, one: _Element) -> Name:
    mark, kind = one.find(MARK), one.tag == f"{XS}attribute"
    least, most = one.get("minOccurs", "1"), one.get("maxOccurs", "1")
    occurs = "" if least == most == "1" else f"{least}..{'n' if most == 'unbounded' else most}"
    return Name(
        schema,
        above,
        f"@{one.get('name')}" if kind else str(one.get("name")),
        str(one.get("type", "")).rpartition(":")[2],
        one.get("use", "optional") if kind else occurs,
        "" if mark is None else str(mark.get("grade")),
        (one.findtext(NOTE) or "").replace("|", "\\|"),
    )


def page() -> str:
    """The page."""
    found = names()
    counts = Counter(one.grade for one in found)
    return Template(TEMPLATE.read_text("utf-8")).substitute(
        counts=grid(("grade", "names"), ((grade, str(counts[grade])) for grade in "ABNC")),
        units=grid(("unit", "content", "grade", "what it is"), _units(found)),
        names=grid(("type", "name", "content", "occurs", "grade"), _parts(found)),
        services=grid(("service", "iq of type", "bit", "who has it"), _services()),
        steps=grid(("unit", "stanza", "without an association", "with one"), _steps()),
        detail=f"{terms.Terms().detail:,}",
        rights=grid(("functional constraint", "a write"), _rights()),
    )


def _units(found: list[Name]) -> Iterator[tuple[str, ...]]:
    for one in found:
        if not one.type:
            yield f"`{one.name}`", f"`{one.content}`", one.grade, one.about


def _parts(found: list[Name]) -> Iterator[tuple[str, ...]]:
    for one in found:
        if one.type:
            yield f"`{one.type}`", f"`{one.name}`", f"`{one.content}`", one.occurs, one.grade


def _services() -> Iterator[tuple[str, ...]]:
    for name, row in table.SERVICES.items():
        yield (
            f"`{name}`",
            row.how,
            str(row.bit),
            "every server" if name in serving.OWN else "where it is given",
        )


def _steps() -> Iterator[tuple[str, ...]]:
    for name, row in association.TABLE.items():
        yield f"`{name}`", ", ".join(sorted(row.carried)), row.absent, row.opened


def _rights() -> Iterator[tuple[str, ...]]:
    told = {"_put": "is put, if the application takes it", "_block": "goes to the owner of the blocks"}
    told["_control"] = "goes to the control object"
    for name, route in writing.ROUTES.items():
        yield name, told[route.__name__]
    yield "any other, or none", "is refused: object-access-denied"
