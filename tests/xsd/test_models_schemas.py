"""Every type of every schema against its class, from a second reading of the schemas by lxml.

Names, order, occurrence, attributes, types and limits of the official schemas and of ours; what the
generator thought of them is never asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree
from pydantic import TypeAdapter, ValidationError

from models import kit
from tests.xsd import looking, plain

if TYPE_CHECKING:
    from pathlib import Path

SEP2 = {
    "models.sep2.y2018": ("sep2_schema_2018.xsd",),
    "models.sep2.y2023": ("sep2_schema_2023.xsd",),
    "models.sep2.aus12": ("sep2_schema_2018.xsd", "csipaus-core.xsd", "csipaus-ext.xsd"),
    "models.sep2.aus13": (
        "sep2_schema_2018.xsd",
        "csipaus-core-v1.3-beta_storage.xsd",
        "csipaus-ext-v1.3-beta_storage.xsd",
    ),
}
FILES = {package: tuple(plain.WHEEL / name for name in names) for package, names in SEP2.items()} | {
    "models.der": tuple(sorted((plain.OURS / "der").glob("*.xsd"))),
    "models.der#messages": (plain.OURS / "messages.xsd",),
    "models.mms": (plain.OURS / "mms.xsd", plain.OURS / "mms-ours.xsd"),
    "models.meter": tuple(sorted(plain.OURS.glob("meter*.xsd"))),
}
COUNTS = {
    "models.sep2.y2018": 324,
    "models.sep2.y2023": 364,
    "models.sep2.aus12": 326,
    "models.sep2.aus13": 327,
}
"""Complex types with a name, counted in the schemas by hand (the two editions) and by addition."""
KINDS = {package: plain.read(*paths) for package, paths in FILES.items()}
SPANS = {
    "byte": 8, "short": 16, "int": 32, "long": 64,
    "unsignedByte": 8, "unsignedShort": 16, "unsignedInt": 32, "unsignedLong": 64,
}  # fmt: skip


def cls(package: str, name: str) -> type[kit.Model]:
    package, _, part = package.partition("#")
    rows = looking.index(package).TYPES.items()
    ours = [row for row in rows if row[1].startswith("messages.") == bool(part)]
    local = {key.rpartition("}")[2]: value for key, value in ours}
    return looking.named(package, local[name])


@pytest.mark.parametrize(("package", "count"), COUNTS.items())
def test_no_complex_type_is_left_out(package: str, count: int) -> None:
    found = {name for path in FILES[package] for name in complex_types(path)}
    assert len(found) == count
    assert found == {name for name in KINDS[package] if name in found}


def complex_types(path: Path) -> list[str]:
    root = etree.parse(path).getroot()
    return [node.get("name", "") for node in root.iter(f"{plain.XS}complexType") if node.get("name")]


def classes(package: str) -> list[str]:
    kinds = KINDS[package]
    return [name for name in kinds if not plain.scalar(kinds, name)]


@pytest.mark.parametrize("package", FILES)
def test_classes_have_the_lines_of_their_types(package: str) -> None:
    wrong = {name: differences(package, name) for name in classes(package)}
    assert {name: lines for name, lines in wrong.items() if lines} == {}


def differences(package: str, name: str) -> list[str]:
    """Compare one class with its type: elements and wildcards in order, with bounds and type; choices."""
    steps = plain.chain(KINDS[package], name)
    wanted = [line for one in steps for line in one.lines]
    found = looking.fields(cls(package, name))
    lines = [one for one in found if one.mark in {"element", "any"}]
    order = [one.name if one.mark == "element" else "*" for one in lines], [line.name for line in wanted]
    if order[0] != order[1]:
        return [f"order: {order}"]
    pairs = list(zip(lines, wanted, strict=True))
    wrong = [f"{line.name}: {seen.bounds}" for seen, line in pairs if seen.bounds != (line.least, line.most)]
    wrong += [
        f"{line.name}: {line.type}"
        for seen, line in pairs
        if line.type and not same(package, seen, line.type)
    ]
    cases = (
        [looking.tags(one) for one in found if one.mark == "choice"],
        [one.tags for one in steps if one.tags],
    )
    return wrong + ([] if cases[0] == cases[1] else [f"choices: {cases}"])


def same(package: str, seen: looking.Seen, name: str) -> bool:
    """Tell whether a field is of a type: the class of that name, or a scalar with its limits."""
    kinds = KINDS[package]
    if name in kinds and not plain.scalar(kinds, name):
        return seen.core is cls(package, name)
    if plain.literals(kinds, name):
        return [str(one.value) for one in seen.core] == plain.literals(kinds, name)
    return looking.lexical(seen.facts) == plain.builtin(kinds, name) and stated(seen.facts) == limits(
        kinds, name
    )


def stated(facts: tuple[Any, ...]) -> dict[str, int]:
    """Collect the limits that a field's annotations state, the narrowest last."""
    words = ("ge", "le", "min_length", "max_length")
    parts = [part for one in facts for part in getattr(one, "metadata", ())]
    return {word: int(getattr(one, word)) for one in parts for word in words if hasattr(one, word)}


def limits(kinds: dict[str, plain.Kind], name: str) -> dict[str, int]:
    """Work out the limits that the schema states."""
    root, facets = plain.builtin(kinds, name), plain.facets(kinds, name)
    found: dict[str, int] = {}
    if root in SPANS:
        signed = not root.startswith("unsigned")
        half = 2 ** (SPANS[root] - signed)
        found = {"ge": -half if signed else 0, "le": half - 1}
    octets = 2 if root == "hexBinary" else 1
    for facet, words in BOUNDS.items():
        size = int(facets.get(facet, "0")) * (octets if "ength" in facet else 1)
        found |= dict.fromkeys(words, size) if facet in facets else {}
    return found


BOUNDS = {
    "minInclusive": ["ge"],
    "maxInclusive": ["le"],
    "minLength": ["min_length"],
    "maxLength": ["max_length"],
    "length": ["min_length", "max_length"],
}


@pytest.mark.parametrize("package", FILES)
def test_classes_have_the_attributes_of_their_types(package: str) -> None:
    wrong = {name: strays(package, name) for name in classes(package)}
    assert {name: lines for name, lines in wrong.items() if lines} == {}


def strays(package: str, name: str) -> list[str]:
    """Compare the attributes of one class, its wildcard for attributes and its text."""
    steps = plain.chain(KINDS[package], name)
    wanted = {key: row for one in steps for key, row in one.attributes.items()}
    found = looking.fields(cls(package, name))
    seen = {one.name: one for one in found if one.mark == "attribute"}
    needs = {key: one.required for key, one in seen.items()}, {key: row[1] for key, row in wanted.items()}
    if needs[0] != needs[1]:
        return [f"attributes: {needs}"]
    wrong = [
        f"{key}: {row[0]}" for key, row in wanted.items() if row[0] and not same(package, seen[key], row[0])
    ]
    opened = any(one.mark == "anyAttribute" for one in found) == any(one.opened for one in steps)
    text = any(one.mark == "text" for one in found) == steps[0].simple
    return wrong + ([] if opened else ["wildcard"]) + ([] if text else ["text"])


@pytest.mark.parametrize("package", FILES)
def test_scalars_accept_their_limits_and_nothing_beyond(package: str) -> None:
    kinds = KINDS[package]
    names = [name for name in kinds if plain.scalar(kinds, name)]
    wrong = {name: slips(kinds, name, scalar(package, name)) for name in names}
    assert {name: values for name, values in wrong.items() if values} == {}


def slips(kinds: dict[str, plain.Kind], name: str, alias: Any) -> list[object]:
    """Try values at both sides of each limit of a scalar; give those with the wrong verdict."""
    if plain.literals(kinds, name):
        return [] if [str(one.value) for one in alias] == plain.literals(kinds, name) else [alias]
    adapter: TypeAdapter[object] = TypeAdapter(alias)
    span, root = limits(kinds, name), plain.builtin(kinds, name)
    inside = [] if "pattern" in plain.facets(kinds, name) else edges(span, root, 0)
    return [one for one in inside if not accepts(adapter, one)] + [
        one for one in edges(span, root, 1) if accepts(adapter, one)
    ]


def accepts(adapter: TypeAdapter[object], value: object) -> bool:
    try:
        return adapter.validate_python(value) == value
    except ValidationError:
        return False


def scalar(package: str, name: str) -> Any:
    """Find the alias of a simple type in whichever module of its family holds it."""
    package, _, part = package.partition("#")
    folders = [package, "models.sep2.y2018"] if ".aus" in package else [package]
    every = [one for folder in folders for one in looking.modules(folder)]
    for module in [one for one in every if str(one.__name__).endswith(part)]:
        found = getattr(module, name, None)
        if found is not None and not (isinstance(found, type) and issubclass(found, kit.Model)):
            return found
    raise LookupError(name)


def edges(span: dict[str, int], root: str, step: int) -> list[object]:
    """Give values at the edge of what a scalar allows, or one step outside."""
    unit = "ab" if root == "hexBinary" else "a"
    found: list[object] = []
    found += [span["ge"] - step] if "ge" in span else []
    found += [span["le"] + step] if "le" in span else []
    found += [unit * (span["max_length"] // len(unit) + step)] if "max_length" in span else []
    found += [unit * (span["min_length"] // len(unit) - step)] if span.get("min_length") else []
    return found
