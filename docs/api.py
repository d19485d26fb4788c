"""The page of the administration API: the template's prose, then every operation and every form.

Both come from `bridge.sdk`, the same rows and classes that the server routes and answers by. Carries no
address of a server and no version of anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from string import Template
from typing import Any

from bridge.app.office import description
from bridge.app.operator import FAMILIES
from bridge.sdk.operation import Operation
from bridge.sdk.table import TABLE
from docs.story import grid

TEMPLATE = Path(__file__).parent / "templates" / "api.md.in"
OPERATION = ("operation", "method and path", "what it does", "takes", "gives")
FIELD = ("field", "kind", "meaning")
LONGEST = 60


def page() -> str:
    """The page."""
    text = Template(TEMPLATE.read_text("utf-8"))
    return text.substitute(operations="\n\n".join(_families()), forms="\n\n".join(_forms())) + "\n"


def _families() -> Iterator[str]:
    for family, about in FAMILIES.items():
        rows = [_operation(row) for row in TABLE if row.family == family]
        yield f"### {family}\n\n{about}\n\n{grid(OPERATION, rows).rstrip()}"


def _operation(row: Operation) -> tuple[str, ...]:
    """One operation as a row: forms by name, with a link to each."""
    said = description.whole()["paths"][f"/api/v1{row.path}"][row.method.lower()]
    taken = [_named(each) for each in said.get("requestBody", {}).get("content", {}).values()]
    given = said["responses"].get(str(row.status), {}).get("content", {})
    query = ", ".join(f"`{each['name']}`" for each in said["parameters"] if each.get("in") == "query")
    body = next((name for name in taken if name), "octets" if taken else "")
    gives = next((name for name in map(_named, given.values()) if name), "octets" if given else "")
    return (
        f"`{row.name}`",
        f"`{row.method} {row.path}`",
        row.summary,
        "; ".join(filter(None, (body, query))),
        gives,
    )


def _named(content: dict[str, Any]) -> str:
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    if not name:
        return ""
    inner = name.removeprefix("Page_").rstrip("_")
    return f"page of {_link(inner)}" if name.startswith("Page_") else _link(name)


def _link(name: str) -> str:
    return f"[{name}](#{name.lower()})"


def _forms() -> Iterator[str]:
    for name, schema in sorted(description.whole()["components"]["schemas"].items()):
        if name.startswith("Page_") or "properties" not in schema:
            continue
        needed = schema.get("required", ())
        rows = [_field(field, said, field in needed) for field, said in schema["properties"].items()]
        yield f"### {name}\n\n{_words(schema.get('description', ''))}\n\n{grid(FIELD, rows).rstrip()}"


def _field(name: str, said: dict[str, Any], needed: bool) -> tuple[str, ...]:  # noqa: FBT001 - a cell's content
    kind = _kind(said)
    default = said.get("default")
    rest = "required" if needed else f"else `{_plain(default)}`" if default or default == 0 else ""
    return f"`{name}`", "; ".join(filter(None, (kind, rest))), _words(said.get("description", ""))


def _kind(said: dict[str, Any]) -> str:
    """What a field may be, in a few words."""
    if "$ref" in said:
        return _link(said["$ref"].rpartition("/")[2])
    if "anyOf" in said:
        return " or ".join(dict.fromkeys(map(_kind, said["anyOf"])))
    if "enum" in said:
        return ", ".join(f"`{value}`" for value in said["enum"])
    if "const" in said:
        return f"`{said['const']}`"
    kind = str(said.get("type", "anything"))
    if kind == "array":
        return f"list of {_kind(said.get('items', {}))}"
    return " ".join(filter(None, (kind, _bounds(said))))


def _bounds(said: dict[str, Any]) -> str:
    low, high = said.get("minimum"), said.get("maximum")
    if low is not None and high is not None:
        return f"{low} to {high}"
    pattern = said.get("pattern", "")
    return f"`{pattern}`" if pattern.isascii() and 0 < len(pattern) < LONGEST and "|" not in pattern else ""


def _plain(value: object) -> str:
    return json.dumps(value)


def _words(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
