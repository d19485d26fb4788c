"""Definitions turned into lines of Python: aliases, enumerations, cases, unions, classes.

Types are written through their module (`t.` for the module itself), so that a field may bear the name
of its class. A class that comes later is written by its bare name, which pydantic looks up when the
class is first used.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from models import kit
from xsd.passes import names, pattern, shape
from xsd.passes.shape import XS, Case, Complex, Definition, Field, Simple, Union

UNNAMED = {
    "decimal": "DecimalNumber",
    "float": "Float32",
    "double": "Float64",
    "ID": "NCName",
    "IDREF": "NCName",
}
"""Built-in types whose alias in `models.kit` is not their own name with a capital."""
PLAIN = frozenset({"string", "normalizedString", "token", "anyURI"})
"""Text types whose alias in `models.kit` has no pattern of its own."""
TEXTS = PLAIN | {"hexBinary", "base64Binary", "language", "NMTOKEN", "NCName", "QName"}
"""Types whose value is the text itself, so that a pattern can bind it."""
WIDTH = 110
BITS = {"byte": 8, "short": 16, "int": 32, "long": 64}
"""Width of the integer types that have one; the unsigned ones take the same."""


@dataclass(slots=True)
class Page:
    """One module while it is written: all names, what the family writes, what it can refer to."""

    module: str
    home: dict[str, str]
    spoken: dict[str, str]
    alias: dict[str, str]
    definitions: dict[str, Definition]
    types: dict[str, Definition]
    ns: str | None = None
    done: set[str] = field(default_factory=set)
    late: dict[str, str] = field(default_factory=dict)


def builtin(key: str) -> str:
    """Name the alias of an XSD built-in type."""
    name = shape.local(key)
    alias = UNNAMED.get(name, name[0].upper() + name[1:])
    if not hasattr(kit, alias):
        raise NotImplementedError(f"xs:{name} has no alias in models.kit")
    return f"kit.{alias}"


def inner(page: Page, key: str) -> str:
    """Refer to a type from the module's own level."""
    if key.startswith(XS):
        return builtin(key)
    here = page.home[key] == page.module
    return page.spoken[key] if here else f"{page.alias[page.home[key]]}.{page.spoken[key]}"


def refer(page: Page, key: str, hidden: frozenset[str]) -> str:
    """Refer to a type from within a class whose fields have the names `hidden`."""
    if key.startswith(XS) or page.home[key] != page.module:
        return inner(page, key)
    name = page.spoken[key]
    if key in page.done:
        return f"{page.alias[page.module]}.{name}"
    if name in hidden:
        page.late[names.free(f"{name}_", hidden)] = name
        return names.free(f"{name}_", hidden)
    return name


def lines(page: Page, key: str) -> list[str]:
    """Write one definition."""
    one = page.definitions[key]
    if isinstance(one, Simple):
        return enumeration(page, one) if one.variety == "enumeration" else simple(page, one)
    if isinstance(one, Union):
        return union(page, one)
    return case(page, one) if isinstance(one, Case) else complex_(page, one)


def simple(page: Page, one: Simple) -> list[str]:
    """Write an alias: a bare one where nothing is added, else the built-in or the base with its limits."""
    name = page.spoken[one.key]
    if one.variety == "list":
        item = inner(page, one.parts[0])
        return [f'{name} = Annotated[tuple[{item}, ...], kit.Lexical("list")]']
    if one.variety == "union":
        found = " | ".join(inner(page, part) for part in one.parts)
        return [f'{name} = Annotated[{found}, kit.Lexical("union"), Field(union_mode="left_to_right")]']
    if one.base.startswith(XS) and bits(one.builtin):
        return [f"{name} = {whole(page, one)}"]
    marks = limits(page, one)
    base = inner(page, one.base)
    return [f"{name} = {base}" if not marks else f"{name} = Annotated[{', '.join([base, *marks])}]"]


def bits(builtin_: str) -> int:
    """Give the width of an integer type, or nothing."""
    return BITS.get(builtin_.removeprefix("unsigned").lower(), 0)


def whole(page: Page, one: Simple) -> str:
    """Write an integer alias with its range in plain figures."""
    width, signed = bits(one.builtin), not one.builtin.startswith("unsigned")
    low, high = (-(2 ** (width - 1)), 2 ** (width - 1) - 1) if signed else (0, 2**width - 1)
    span = {"ge": low, "le": high} | dict(one.facets)
    rest = limits(page, replace(one, facets=tuple(span.items())))
    return f"Annotated[{', '.join(['int', f'kit.Lexical({quoted(one.builtin)})', *rest])}]"


def limits(page: Page, one: Simple) -> list[str]:
    """Write the limits of an alias as arguments of Annotated.

    A second pattern on the way down would replace the first inside Field, so it stands beside it. A
    pattern on what is no text binds the spelling alone, which only a reader of XML sees.
    """
    words = [f"{word}={value!r}" for word, value in one.facets]
    steps = [raw(pattern.translate(group)) for group in one.patterns]
    if steps and one.builtin in TEXTS and not patterned(page, one.base):
        words += [f"pattern={steps.pop()}"]
    marks = [f"Field({', '.join(words)})"] if words else []
    marks += [f"kit.{'matches' if one.builtin in TEXTS else 'Spelling'}({step})" for step in steps]
    return [*marks, "kit.OPEN"] if one.opened else marks


def patterned(page: Page, key: str) -> bool:
    """Tell whether a type, or one that it narrows, has a pattern already."""
    if key.startswith(XS):
        return shape.local(key) not in PLAIN
    one = page.types[key]
    return isinstance(one, Simple) and (bool(one.patterns) or patterned(page, one.base))


def raw(text: str) -> str:
    """Quote an expression, raw where it has no double quote of its own."""
    return f'r"{text}"' if '"' not in text and not text.endswith("\\") else quoted(text)


def quoted(text: str) -> str:
    """Quote with the double quotes of the house."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def enumeration(page: Page, one: Simple) -> list[str]:
    """Write an enumeration over whole numbers or over text."""
    numeric = isinstance(one.members[0][1], int)
    taken: set[str] = set()
    found = [f"class {page.spoken[one.key]}({'IntEnum' if numeric else 'StrEnum'}):"]
    for label, value in one.members:
        name = names.member(label, taken, int if numeric else str)
        taken.add(name)
        found.append(f"    {name} = {value if numeric else quoted(str(value))}")
    return found


def union(page: Page, one: Union) -> list[str]:
    """Write a tagged union, a line for each case."""
    cases = [page.spoken[key] for key in one.cases]
    if len(cases) == 1:
        return [f"{page.spoken[one.key]} = {cases[0]}"]
    head = [f"{page.spoken[one.key]} = Annotated["]
    body = [f"    {'| ' if count else ''}{name}" for count, name in enumerate(cases)]
    return [*head, *body[:-1], f"{body[-1]},", '    Field(discriminator="tag"),', "]"]


def case(page: Page, one: Case) -> list[str]:
    """Write one alternative."""
    tag = quoted(one.tag)
    own = one.ns == page.ns
    return [
        f"class {page.spoken[one.key]}({'Case' if own else 'kit.Case'}):",
        *([] if own else [f"    XMLNS = {quoted(one.ns)}"]),
        f"    tag: Literal[{tag}] = {tag}",
        f"    {annotated(page, one.value, frozenset({'tag', 'value'}))}",
    ]


def complex_(page: Page, one: Complex) -> list[str]:
    """Write a class: namespace, facts, then a line for each field."""
    base = inner(page, one.overrides or one.base or "") if one.overrides or one.base else "kit.Model"
    body = [f'    XMLNS = "{one.ns}"'] if base == "kit.Model" or foreign(one) else []
    body += [] if one.overrides else facts(page, one)
    hidden = frozenset(each.name for each in one.fields)
    body += [f"    {annotated(page, each, hidden)}" for each in one.fields]
    head = f"class {page.spoken[one.key]}({base}):"
    return [head, *body] if body else [f"{head} ..."]


def foreign(one: Complex) -> bool:
    """Tell whether a class stands in another namespace than the class above it."""
    return shape.space(one.overrides or one.base or "") != one.ns


def facts(page: Page, one: Complex) -> list[str]:
    """Write what the schema says beside types: abstractness, presence rows, tables by field."""
    above = page.types.get(one.base or "")
    was = isinstance(above, Complex) and above.abstract
    found = [f"    ABSTRACT = {one.abstract}"] if one.abstract != was else []
    for table, rows in one.facts:
        if table == "PRESENCE":
            found += [f"    {table} = (", *packed([f"{literal(row)}," for row in rows]), "    )"]
        else:
            pairs = ", ".join(f"{literal(name)}: {literal(value)}" for name, value in rows)
            found.append(f"    {table} = {{{pairs}}}")
    return found


def packed(parts: list[str]) -> list[str]:
    """Put parts on lines, as many as fit."""
    found, current = [], "       "
    for part in parts:
        if len(current) + len(part) >= WIDTH:
            found.append(current)
            current = "       "
        current += f" {part}"
    return [*found, current]


def literal(value: object) -> str:
    """Write a constant with the double quotes of the house."""
    if isinstance(value, tuple):
        inside = ", ".join(literal(one) for one in value)
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    return quoted(value) if isinstance(value, str) else repr(value)


def annotated(page: Page, one: Field, hidden: frozenset[str]) -> str:
    """Write one field: name, type, marks, and what stands for its absence."""
    if one.banned:
        return f"{one.name}: {'tuple[()] = ()' if one.most != 1 else 'None = None'}"
    if one.kind == "anyAttribute":
        mark = "kit.ANY_ATTRIBUTE" if one.xml == "##any" else f"kit.any_attribute({quoted(one.xml or '')})"
        return f"{one.name}: Annotated[tuple[tuple[str, str], ...], {mark}] = ()"
    if one.kind == "any":
        return f"{one.name}: {wild(one)}"
    kind = fixed(page, one, hidden)
    if one.kind == "attribute":
        return f"{one.name}: {attribute(one, kind)}"
    return (
        f"{one.name}: {repeated(one, kind, marks(one)) if one.most != 1 else single(one, kind, marks(one))}"
    )


def fixed(page: Page, one: Field, hidden: frozenset[str]) -> str:
    """Give the type expression, a single value where the schema fixes one."""
    kind = refer(page, one.type, hidden)
    return kind if one.fixed is None else f"Annotated[{kind}, kit.fixed({literal(one.fixed)})]"


def marks(one: Field) -> list[str]:
    """Give the marks of XML shape."""
    if one.kind in {"choice", "group", "text"}:
        return [f"kit.{one.kind.upper()}"]
    arguments = [quoted(one.xml)] if one.xml is not None else []
    arguments += [f"ns={quoted(one.ns)}"] if one.ns is not None else []
    return [f"kit.element({', '.join(arguments)})"] if arguments else []


def attribute(one: Field, kind: str) -> str:
    """Write an attribute; the bare mark unless its name or namespace needs saying."""
    kind = kind if one.least else f"{kind} | None"
    end = "" if one.least else " = None"
    if one.xml is None and one.ns is None:
        return f"kit.Attr[{kind}]{end}"
    arguments = [quoted(one.xml or one.name), *([f"ns={quoted(one.ns)}"] if one.ns else [])]
    return f"Annotated[{kind}, kit.attribute({', '.join(arguments)})]{end}"


def single(one: Field, kind: str, found: list[str]) -> str:
    """Write what occurs once at most."""
    if one.kind == "text":
        return f"kit.Text[{kind}]"
    kind = kind if one.least else f"{kind} | None"
    end = "" if one.least else " = None"
    return f"Annotated[{', '.join([kind, *found])}]{end}" if found else f"{kind}{end}"


def repeated(one: Field, kind: str, found: list[str]) -> str:
    """Write what may occur more often, as a tuple."""
    bounds = f"{one.least}" + ("" if one.most is None else f", {one.most}")
    found = found + ([f"kit.occurs({bounds})"] if bounds != "0" else [])
    kind = f"tuple[{kind}, ...]"
    return (f"Annotated[{', '.join([kind, *found])}]" if found else kind) + ("" if one.least else " = ()")


def wild(one: Field) -> str:
    """Write a wildcard."""
    process = "" if one.process == "lax" else f", {quoted(one.process)}"
    mark = f"kit.wild({quoted(one.xml or '')}{process})"
    if one.most == 1:
        return f"Annotated[{'str' if one.least else 'str | None'}, {mark}]" + ("" if one.least else " = None")
    return repeated(Field(one.name, "any", "", one.least, one.most), "str", [mark])
