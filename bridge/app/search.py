"""`derbridge map show`: the rows of both tables for an element, type, canonical path or object reference.

A name matches where its dotted parts stand together in a row's own names: `opModVoltVar`, `DERCurve`,
`modes.maxLimW` and `DWMX1.WMaxSptPct` all find what they mean. Rows of the other table that share a
canonical field with a match are shown too, so that the whole way of a value is seen. Converts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from difflib import get_close_matches

from bridge.app import screen, sheet
from bridge.app.fault import Fault
from bridge.app.sheet import Line

NEAR = 8
SEP2 = ("2030.5", "canonical", "how", "grade", "editions", "note or loss", "row")
IEC = ("canonical", "IEC 61850", "how", "with", "source", "grade", "loss", "row")


def run(name: str, *, as_json: bool) -> int:
    """Print the rows for a name; 1 and near matches when there are none."""
    with sheet.sound():
        found = search(name)
    if not found:
        return _nothing(name, as_json=as_json)
    if as_json:
        screen.record([shown(line) for line in found])
        return 0
    first = [line for line in found if line.table == "der-sep2"]
    second = [line for line in found if line.table != "der-sep2"]
    if first:
        screen.table(SEP2, map(_sep2, first), "IEEE 2030.5 and the canonical messages")
    if second:
        screen.table(IEC, map(_iec, second), "the canonical messages and IEC 61850")
    return 0


def search(name: str) -> tuple[Line, ...]:
    """The lines for a name: as it is written, else without regard to case, each with its partners."""
    lines = (*sheet.sep2(), *sheet.iec61850())
    for fold in (_same, str.casefold):
        direct = [line for line in lines if _matches(name, line, fold)]
        if direct:
            keys = frozenset[str]().union(*(line.keys for line in direct))
            other = {line.table for line in lines} - {line.table for line in direct}
            partners = [line for line in lines if line.table in other and keys & line.keys]
            return tuple(sorted((*direct, *partners), key=lambda line: (line.table != "der-sep2", line.line)))
    return ()


def _same(text: str) -> str:
    return text


def _names(line: Line) -> tuple[str, ...]:
    return (line.sep2, line.canonical, *line.keys, *line.iec61850.split(), *line.names)


def _matches(name: str, line: Line, fold: Callable[[str], str]) -> bool:
    wanted = _parts(fold(name))
    return bool(wanted) and any(_within(wanted, _parts(fold(own))) for own in _names(line) if own)


def _parts(name: str) -> list[str]:
    return [part for part in re.split(r"[./]", name) if part]


def _within(wanted: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether the wanted parts stand together; a logical node may be named without its instance."""
    spans = (parts[start : start + len(wanted)] for start in range(len(parts) - len(wanted) + 1))
    return any(all(_part(want, part) for want, part in zip(wanted, span, strict=True)) for span in spans)


def _part(want: str, part: str) -> bool:
    return want in {part, part.rstrip("0123456789")}


def _nothing(name: str, *, as_json: bool) -> int:
    fault = Fault(name, "no row names it")
    screen.warn(f"derbridge: {fault}")
    if as_json:
        screen.record(fault.shown())
    near = nearest(name, (*sheet.sep2(), *sheet.iec61850()))
    if near:
        screen.warn(f"near it: {', '.join(near)}")
    return 1


def nearest(name: str, lines: Iterable[Line]) -> list[str]:
    """Names of the tables that look like a name, best first."""
    full = {own: own for line in lines for own in _names(line) if own}
    parts = {part: part for own in full for part in _parts(own) if len(part) > 1}
    spelt = {known.casefold(): known for known in (parts | full)}
    return [spelt[found] for found in get_close_matches(name.casefold(), spelt, NEAR, 0.6)]


def shown(line: Line) -> dict[str, object]:
    """A line as JSON, without what it does not say."""
    return {
        key: value
        for key, value in asdict(line).items()
        if value not in ("", ()) and key not in {"keys", "names", "type"}
    }


def _sep2(line: Line) -> tuple[str, ...]:
    editions = " ".join(line.editions)
    return (line.sep2, line.canonical, line.how, line.grade, editions, line.loss or line.note, line.place)


def _iec(line: Line) -> tuple[str, ...]:
    return (
        line.canonical, line.iec61850, line.how, line.note, line.source, line.grade, line.loss, line.place,
    )  # fmt: skip
