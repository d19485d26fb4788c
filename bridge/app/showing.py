"""Answers of the administration API for people: tables, names and values, trees; or JSON for programs.

Moments are shown in UTC. A table has the columns that the row of the API's table names. Nothing is asked for
here, and nothing is left out of the JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from bridge.app import screen
from bridge.app.fault import Fault
from bridge.app.wording import kind
from bridge.sdk.forms.groups import Branch, Tree
from bridge.sdk.forms.kinds import Page
from bridge.sdk.operation import Operation

STEP = "  "


def answer(row: Operation, said: BaseModel | None, *, as_json: bool) -> None:
    """Show an answer."""
    if said is None:
        return
    if as_json:
        screen.record(said.model_dump(mode="json"))
    elif isinstance(said, Page):
        items(row, said.items, as_json=False)
        if said.next:
            screen.warn(f"there is more: --cursor {said.next}, or --all")
    elif isinstance(said, Tree):
        for line in _tree(said.roots, ""):
            screen.say(line)
    else:
        screen.table(("field", "value"), [(name, _cell(said, name)) for name in type(said).model_fields])


def items(row: Operation, said: Iterable[BaseModel], *, as_json: bool) -> None:
    """Show things of one kind."""
    found = list(said)
    if as_json:
        screen.record([each.model_dump(mode="json") for each in found])
    elif found:
        names = row.columns or tuple(type(found[0]).model_fields)
        screen.table(names, [[_cell(each, name) for name in names] for each in found])


def octets(data: bytes, file: Path | None) -> None:
    """Write octets to a file, or to standard output."""
    if file is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        file.write_bytes(data)
    except OSError as error:
        raise Fault(str(file), error.strerror or "cannot be written") from error


def _tree(branches: Iterable[Branch], indent: str) -> Iterator[str]:
    for branch in branches:
        one = branch.group
        held = f"{one.level}; {one.members} members, {one.programmes} programmes"
        yield f"{indent}{one.id}  {one.name}  ({held})"
        yield from _tree(branch.below, indent + STEP)


def _cell(said: BaseModel, name: str) -> str:
    value = getattr(said, name)
    if isinstance(value, int) and kind(type(said), name) == "moment":
        return datetime.fromtimestamp(value, UTC).isoformat().removesuffix("+00:00") + "Z"
    return text(value)


def text(value: Any) -> str:  # noqa: ANN401 - whatever a form holds
    """A value on one line."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, BaseModel):
        fields = ((name, getattr(value, name)) for name in type(value).model_fields)
        return " ".join(f"{name}={text(each)}" for name, each in fields if each is not None)
    if isinstance(value, tuple):
        return ", ".join(map(text, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
