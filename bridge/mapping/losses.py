"""Which row of the table speaks for a canonical leaf: why it is lost, its default, what is covered.

Every leaf of every canonical kind is carried by a row, or declared lost by a row with a reason; `coverage`
walks them all and lists what nobody speaks for. A difference greater than its row declares is an error.
Converts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

import models.der.messages as canon
from bridge.mapping.leaves import Leaves
from bridge.mapping.nodes import Row, Table, read
from bridge.mapping.records import carried
from bridge.mapping.table import Unrepresentable, resolve, steps
from models import kit

KINDS = (
    "Capability",
    "Setting",
    "Control",
    "Default",
    "Reading",
    "Status",
    "Alarm",
    "Price",
    "Notice",
    "Outcome",
    "Enrolment",
    "Curve",
    "Programme",
    "Plain",
    "Listing",
)
INSIDE = re.compile(r"\[\d+\]")
ULP = Decimal(2) ** -23
MILLISECOND = Decimal("0.0005")


class Word(NamedTuple):
    """The row that speaks for a leaf, what of the leaf is left below the row.

    And the reason when it is lost.
    """

    row: Row | None
    rest: str
    reason: str


@cache
def speaks(kind: str, path: str) -> Word:
    """Return the row for a leaf of a kind, by the longest path that a row has."""
    table = read()
    names = path.split(".") if path else []
    if names[-1:] == ["kept"]:
        return Word(table.losses["Message.kept"], "", table.losses["Message.kept"].loss)
    if names and f"Message.{names[0]}" in table.losses and names[0] in steps(canon.Message):
        row = table.losses[f"Message.{names[0]}"]
        return Word(row, ".".join(names[1:]), row.loss)
    for used in range(max(len(names) - 1, 0), -1, -1):
        of = _type(kind, names[:used], table)
        if of:
            found = _longest(table.rows[of], names[used:])
            below = ".".join(names[used + len(_parts(found)) :]) if found else ""
            return (
                Word(found, below, _reason(kind, path, found, below, table))
                if found
                else Word(None, path, "")
            )
    return Word(None, path, "")


def _type(kind: str, names: list[str], table: Table) -> str:
    """Return the type whose rows stand at a path; `*` in `at` is any name."""
    here = [kind, *names]
    for of, rows in table.rows.items():
        for at in rows[0].at if rows else ():
            pattern = at.split(".") if at else [of]
            if len(pattern) == len(here) and all(
                one in ("*", name) for one, name in zip(pattern, here, strict=True)
            ):
                return of
    return ""


def _parts(row: Row) -> list[str]:
    return [] if row.canonical == "." else row.canonical.split(".")


def _longest(rows: tuple[Row, ...], names: list[str]) -> Row | None:
    fitting = [row for row in rows if names[: len(_parts(row))] == _parts(row)]
    return max(fitting, key=lambda row: len(_parts(row)), default=None)


def _reason(kind: str, path: str, row: Row, below: str, table: Table) -> str:
    """Return why a leaf is lost: the word for its type and field, else the row's own, else its rounding."""
    owner, _, name = path.rpartition(".")
    cls = resolve(getattr(canon, kind), owner).type.__name__ if owner else kind
    general = table.losses.get(f"{cls}.{name}")
    if row.how == "mode" and ".curve." in path:
        row = next(mode for mode in table.rows["Modes"] if mode.canonical == path.split(".")[1])
    if general is not None and below:
        return general.loss
    return (
        row.loss
        or (general.loss if general is not None else "")
        or (f"rounded: {row.round}" if row.round else "")
    )


def reason(kind: str, path: str, was: Any, now: Any) -> str:
    """Return the declared reason for a leaf that does not come back as it was.

    Raise where none is declared.
    """
    word = speaks(kind, INSIDE.sub("", path))
    if not word.reason:
        raise Unrepresentable(path, f"comes back as {now!r}, and no row declares why")
    if isinstance(was, Decimal) and isinstance(now, Decimal) and word.row is not None and not word.row.loss:
        _within(path, was, now, word.row)
    return word.reason


def _within(path: str, was: Decimal, now: Decimal, row: Row) -> None:
    size = max(abs(was), Decimal(1000)) if row.how == "droop" else abs(was)
    allowed = max(
        size * ULP if "FLOAT32" in row.round else Decimal(0),
        MILLISECOND if "0.0005 s" in row.round else Decimal(0),
    )
    if abs(was - now) > allowed:
        raise Unrepresentable(
            path,
            f"{was} would come back as {now}, beyond the rounding that is declared ({row.round or 'none'})",
        )


@cache
def _defaults(kind: str) -> tuple[tuple[str, Any], ...]:
    table = read()
    rows = [
        *table.rows.get(kind, ()),
        *(row for row in table.losses.values() if row.canonical.startswith("Message.")),
    ]
    found: list[tuple[str, Any]] = []
    for row in rows:
        name = row.canonical.removeprefix("Message.")
        if row.default is None or name not in steps(getattr(canon, kind)):
            continue
        pairs = row.default.items() if isinstance(row.default, Mapping) else [("", row.default)]
        found += [(f"{name}.{below}" if below else name, _typed(kind, name, value)) for below, value in pairs]
    return tuple(found)


def _typed(kind: str, name: str, value: object) -> object:
    return (
        Decimal(value)
        if isinstance(value, int) and resolve(getattr(canon, kind), name).type is Decimal
        else value
    )


def defaults(kind: str) -> Leaves:
    """Return the leaves that a record of a kind must have, as the table says where the points do not."""
    return dict(_defaults(kind))


# --------------------------------------------------------------------------------------------------- coverage


def leaves_of(cls: type[kit.Model], at: str = "") -> Iterator[str]:
    """Yield the paths of all leaves a class can have; a list of points or of kept texts is one."""
    for name, step in steps(cls).items():
        nested = isinstance(step.type, type) and issubclass(step.type, kit.Model)
        if nested and step.type.__name__ == "Point":
            yield from (f"{at}{name}", f"{at}{name}.kept")
        elif nested and step.type.__name__ != "Kept":
            yield from leaves_of(step.type, f"{at}{name}.")
        else:
            yield f"{at}{name}"


def coverage() -> dict[str, Any]:
    """Return figures for `derbridge map check`.

    By kind the leaves carried, declared lost and bare, and all losses.
    """
    kinds = {kind: _covered(kind) for kind in KINDS}
    total = {name: sum(found[name] for found in kinds.values()) for name in ("leaves", "carried", "lost")}
    bare = [f"{kind}.{path}" for kind, found in kinds.items() for path in found["bare"]]
    table = read()
    rows = [row for found in table.rows.values() for row in found]
    return {
        "table": "der-iec61850",
        "rows": len(rows) + len(table.losses),
        "carrying": sum(1 for row in rows if row.iec61850 or row.how),
        "names": sum(
            len(list(filter(None, (row.iec61850, *row.also.values(), *row.constant)))) for row in rows
        ),
        "unresolved": 0,
        **total,
        "bare": bare,
        "percent": round(100 * (total["leaves"] - len(bare)) / total["leaves"], 2),
        "sound": not bare,
        "kinds": kinds,
        "losses": [
            {"canonical": row.canonical, "reason": row.loss, "place": f"{row.file}:{row.line}"}
            for row in (*rows, *table.losses.values())
            if row.loss
        ],
    }


def _covered(kind: str) -> dict[str, Any]:
    cls = getattr(canon, kind)
    paths = list(leaves_of(cls)) if kind != "Listing" else list(steps(cls))
    words = {path: speaks(kind, path) for path in paths}
    there = [path for path, word in words.items() if word.row is not None and carried(word.row, word.rest)]
    lost = [path for path, word in words.items() if path not in there and word.reason]
    return {
        "leaves": len(paths),
        "carried": len(there),
        "lost": len(lost),
        "bare": [path for path in paths if path not in there and path not in lost],
    }
