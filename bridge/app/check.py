"""`derbridge map check`: every name of every table resolved, every element covered, every loss shown.

Between 2030.5 and the canonical messages each element and attribute must be mapped or kept, in every
edition; between the canonical messages and IEC 61850 each leaf must be carried or declared lost. The first
hole of a table that cannot be read, and every hole of one that can, is told with file and line. Converts
nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bridge.app import screen, sheet
from bridge.mapping import carried, coverage, losses, market, nodes, table

OTHER, DOCUMENT = "iec61850", "document"


@dataclass(frozen=True, slots=True)
class Findings:
    """What there is to say about the tables."""

    holes: tuple[table.Hole, ...]
    rows: int
    names: int
    coverage: dict[str, dict[str, dict[str, Any]]]
    losses: tuple[dict[str, str], ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is missing anywhere."""
        return not self.holes and all(
            not type_["bare"] for types in self.coverage.values() for type_ in types.values()
        )

    def figures(self) -> dict[str, Any]:
        """The findings as plain data."""
        resolved = self.names - len(self.holes)
        return {
            "ok": self.ok,
            "rows": self.rows,
            "names": {"resolved": resolved, "total": self.names, "percent": percent(resolved, self.names)},
            "coverage": self.coverage,
            "losses": list(self.losses),
            "holes": [{"file": hole.file, "line": hole.line, "reason": hole.reason} for hole in self.holes],
        }


def percent(part: int, whole: int) -> float:
    """A share to two places; nothing of nothing is none."""
    return round(100 * part / whole, 2) if whole else 0.0


def run(*, as_json: bool) -> int:
    """Check, print, and say by the status whether there is a hole."""
    found = findings()
    if as_json:
        screen.record(found.figures())
    else:
        _print(found)
    return 0 if found.ok else 1


def findings() -> Findings:
    """Check every table; a table that cannot be read at all is one hole, and has no coverage."""
    each = (_sep2(), _iec61850(), _market())
    return Findings(
        tuple(hole for one in each for hole in one.holes),
        sum(one.rows for one in each),
        sum(one.names for one in each),
        {name: cover for one in each for name, cover in one.coverage.items()},
        tuple(loss for one in each for loss in one.losses),
    )


def _sep2() -> Findings:
    try:
        report = coverage.report()
    except table.Hole as hole:
        return Findings((hole,), 0, 1, {}, ())
    cover: dict[str, dict[str, dict[str, Any]]] = {}
    for one in report.covers:
        figures = {"mapped": one.mapped, "kept": one.kept, "bare": list(one.bare), "total": one.total}
        figures["percent"] = percent(one.mapped + one.kept, one.total)
        cover.setdefault(one.edition, {})[one.type] = figures
    declared = tuple(
        {"table": "der-sep2", "path": loss.canonical, "to": loss.type, "reason": loss.reason}
        for loss in report.losses
    )
    return Findings(report.holes, _rows("der-sep2"), report.names, cover, declared)


def _iec61850() -> Findings:
    try:
        book = nodes.read()
        kinds = losses.coverage()["kinds"]
    except table.Hole as hole:
        return Findings((hole,), 0, 1, {}, ())
    cover = {kind: _carried(**one) for kind, one in kinds.items()}
    lost = [(sheet.places(kind, row)[0], row) for kind, rows in book.rows.items() for row in rows if row.loss]
    lost += [(row.canonical, row) for row in book.losses.values()]
    declared = tuple(
        {"table": "der-iec61850", "path": path, "to": row.iec61850, "reason": row.loss} for path, row in lost
    )
    return Findings((), _rows("der-iec61850"), sum(1 for _ in _names(book)), {OTHER: cover}, declared)


def _market() -> Findings:
    """Prices and texts: read from requests, and told to parties of IEC 61850 as documents."""
    try:
        blocks, kinds, bare = market.blocks(), carried.kinds(), carried.bare()
        market.codes()
    except table.Hole as hole:
        return Findings((hole,), 0, 1, {}, ())
    read = [(name, row) for name, rows in blocks.items() for row in rows]
    said = [(name, row) for name, kind in kinds.items() for row in kind.rows]
    cover = {
        name: _carried(len(kind.rows) + len(bare[name]), sum(not row.why for row in kind.rows),
                       sum(bool(row.why) for row in kind.rows), list(bare[name]))
        for name, kind in kinds.items()
    }  # fmt: skip
    lost = [(f"{name}.{row.from_}", "", row.lost) for name, row in read if row.lost]
    lost += [(f"{name}.{row.field}", row.as_, row.why) for name, row in said if row.why]
    declared = tuple({"table": "market", "path": path, "to": to, "reason": why} for path, to, why in lost)
    names = sum(2 if row.to else 1 for _, row in read) + len(said)
    return Findings((), len(read) + len(said), names, {DOCUMENT: cover}, declared)


def _carried(leaves: int, carried: int, lost: int, bare: list[str]) -> dict[str, Any]:
    """How the leaves of one kind fare: carried, declared lost, or neither."""
    share = percent(leaves - len(bare), leaves)
    return {"mapped": carried, "lost": lost, "bare": bare, "total": leaves, "percent": share}


def _rows(name: str) -> int:
    return sum(len(kind.rows("row")) for kind in table.load(name).rows("type"))


def _names(book: nodes.Table) -> Iterator[str]:
    """Every name that the table of IEC 61850 says, on both sides; reading it has resolved each."""
    for rows in book.rows.values():
        for row in rows:
            yield row.canonical
            yield from filter(None, (row.iec61850, *row.also.values(), *row.constant))
    yield from book.losses


def _print(found: Findings) -> None:
    """Show coverage and losses, what is missing on standard error, then one line that says how it stands."""
    editions = [name for name in found.coverage if name not in {OTHER, DOCUMENT}]
    types = dict.fromkeys(name for edition in editions for name in found.coverage[edition])
    rows = [(name, *(_cell(found.coverage[edition].get(name)) for edition in editions)) for name in types]
    screen.table(
        ("2030.5 type", *editions), sorted(rows), "elements and attributes, mapped + kept, by edition"
    )
    for other, title in (
        (OTHER, "leaves towards IEC 61850"),
        (DOCUMENT, "fields of sealed documents to parties of IEC 61850"),
    ):
        screen.table(
            ("canonical kind", "carried", "declared lost"),
            [
                (name, str(one["mapped"]), str(one["lost"]))
                for name, one in found.coverage.get(other, {}).items()
            ],
            title,
        )
    lost = [(loss["path"], loss["to"], loss["reason"]) for loss in found.losses]
    screen.table(("lost", "towards", "because"), lost, "declared losses")
    for missing in _missing(found):
        screen.warn(missing)
    share = percent(found.names - len(found.holes), found.names)
    verdict = "sound" if found.ok else "not sound"
    screen.say(f"{found.rows} rows, {found.names} names, {share:g} % resolved: {verdict}")


def _cell(one: dict[str, Any] | None) -> str:
    if one is None:
        return "-"
    short = f" of {one['total']}!" if one["bare"] else ""
    return f"{one['mapped']} + {one['kept']}{short}"


def _missing(found: Findings) -> Iterator[str]:
    for edition, types in found.coverage.items():
        for name, one in types.items():
            yield from (f"bare: {edition} {name}.{path}" for path in one["bare"])
    yield from (f"hole: {hole}" for hole in found.holes)
