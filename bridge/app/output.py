"""Results as a person or a program reads them: tables and documents, or one JSON document.

What was lost goes to standard error, so that output can be piped on; with --json it stands beside what it is
missing from. What JSON says here `points` reads again. Nothing is converted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from bridge.app import beside, screen, words
from bridge.app.fault import sentence, trail
from bridge.app.result import Result
from bridge.mapping.bases import Bases
from bridge.mapping.points import Point


def shown(one: Result) -> dict[str, Any]:
    """One result as plain data for JSON."""
    losses = [{"path": path, "reason": reason} for path, reason in one.losses]
    if one.document:
        return {"kind": one.kind, "profile": one.profile, "xml": one.document.decode(), "losses": losses}
    return {
        "kind": one.kind,
        "profile": one.profile,
        "bases": said(one.bases or Bases()),
        "points": [_point(point, one.kind) for point in one.points],
        "losses": losses,
        "beside": beside.shown(one.beside or {}),
    }


def _point(point: Point, kind: str) -> dict[str, Any]:
    due = {"due": point.due} if kind == "Control" else {}
    return {"ref": point.ref, "fc": point.fc, "value": point.value, **due}


def said(based: Bases) -> dict[str, Any]:
    """The bases that differ from what is assumed anyway, as the command line would say them."""
    found: dict[str, Any] = {}
    for field in fields(Bases):
        value = getattr(based, field.name)
        if value == getattr(Bases(), field.name):
            continue
        if isinstance(value, Mapping):
            found |= {f"{field.name}.{key}": words.scalar(item) for key, item in value.items()}
        else:
            found[field.name] = words.scalar(value)
    return found


def text(results: Sequence[Result]) -> None:
    """Print results for a person."""
    for one in results:
        if one.document:
            screen.say(words.indented(one.document).rstrip("\n"))
        else:
            due = one.kind == "Control"
            heads = ("reference", "fc", "value", *(("due",) if due else ()))
            rows = [
                (point.ref, point.fc, words.scalar(point.value), *((point.due,) if due else ()))
                for point in one.points
            ]
            screen.table(heads, rows, f"{one.kind} of {one.place}")
        for path, reason in one.losses:
            screen.warn(f"lost: {trail(path)}: {sentence(reason)}")
