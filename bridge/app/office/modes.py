"""Modes in plain figures as facts of a document, and the modes of a document in plain figures.

Units, scales and what a percentage is of stand in the mapping's table (`mappings/der-sep2.toml`); the way is
through the canonical record, so that the first edition that can say all of it exactly is the one that is
written. What no edition can say is refused with a pointer to it, never rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic import ValidationError

from bridge.app.office.call import wrong
from bridge.mapping import rows
from bridge.mapping.rows import Row
from bridge.mapping.table import Unrepresentable
from bridge.sdk.forms.modes import Droop, Factor, GridEntry, Modes, Share
from bridge.sep2 import facts as record
from models import kit
from models.der import messages

Facts = dict[str, Any]
ORIGIN = messages.Origin(party="00", door=messages.Door.operator)
HERTZ, ONE = messages.Unit("Hz"), messages.Unit("1")


@cache
def table(canonical: str) -> Mapping[str, Row]:
    """The mapping's row of each element of modes, or of grid entry."""
    found = (kind for kind in rows.vocabulary().kinds if kind.canonical == canonical)
    return {row.sep2: row for kind in found for row in kind.rows if row.sep2 and row.canonical}


# ------------------------------------------------------------------------------------------ forms to facts


def facts(modes: Modes, entry: GridEntry | None = None) -> Facts:
    """What a form demands, as the fields of a document in the first edition that can say it."""
    fields = _canonical(modes, "Modes", "/modes")
    said = messages.Modes(**fields)
    if entry is None:
        made: kit.Model = messages.Control(**_head(), **EVENT, modes=said)
        kind = "DERControl"
    else:
        grid = messages.GridEntry(**_canonical(entry, "GridEntry", "/entry"))
        made = messages.Default(**_head(), modes=said, entry=grid)
        kind = "DefaultDERControl"
    return _said(made, kind)


EVENT: Facts = {
    "created": Decimal(0),
    "status": messages.EventState(currentStatus=0, at=Decimal(0), potentiallySuperseded=False),
    "start": Decimal(0),
    "duration": Decimal(1),
}
"""What every control says besides its modes; it is left out of the facts again."""


def _head() -> Facts:
    return {"mRID": "00", "id": "office", "origin": ORIGIN, "target": messages.Target(), "issued": Decimal(0)}


def _said(made: kit.Model, kind: str) -> Facts:
    """The modes and the grid entry of a record, in the first edition that can say all of them."""
    try:
        found = record.said(made, kind)
    except Unrepresentable as told:
        raise wrong(_pointer(told.path), f"no edition of the standard can say this: {told.reason}") from told
    return {name: value for name, value in found.items() if name.startswith(("set", *MODES))}


MODES = ("opMod", "rampTms", "DERControlBase")
"""What the names of modes begin with, and of the part that those of a later edition stand in."""


def _canonical(form: Modes | GridEntry, kind: str, place: str) -> Facts:
    """The values of a form under canonical names."""
    found: Facts = {}
    for name in type(form).model_fields:
        value = getattr(form, name)
        if value is None:
            continue
        row = table(kind)[name]
        try:
            found[row.canonical or ""] = _value(row, value)
        except ValidationError as error:
            raise wrong(f"{place}/{name}", error.errors()[0]["msg"]) from None
    return found


def _value(row: Row, value: object) -> object:
    """A value as the canonical record has it."""
    if isinstance(value, Share):
        return messages.Amount(value=value.percent, unit=messages.Unit("%"), of=value.of)
    if isinstance(value, Factor):
        return messages.PowerFactor(value=value.factor, absorbing=value.absorbing)
    if isinstance(value, Droop):
        return _droop(value)
    if isinstance(value, str):
        return messages.CurveUse(ref=value)
    if isinstance(value, Decimal) and row.unit is not None and row.sep2 not in SECONDS:
        of = row.below if value < 0 and row.below else row.of
        return messages.Amount(value=value, unit=row.unit, of=of)
    return value


SECONDS = frozenset({"rampTms", "setESDelay", "setESRampTms", "setESRandomDelay"})
"""Elements that the record has as seconds, without a unit of their own."""


def _droop(value: Droop) -> messages.Droop:
    return messages.Droop(
        overDeadband=messages.Amount(value=value.over_deadband, unit=HERTZ),
        underDeadband=messages.Amount(value=value.under_deadband, unit=HERTZ),
        overSlope=messages.Amount(value=value.over_slope, unit=ONE),
        underSlope=messages.Amount(value=value.under_slope, unit=ONE),
        openLoop=value.open_loop,
    )


def _pointer(path: str) -> str:
    """Where in a form a path is: `modes.expLimW` is `/modes/opModExpLimW`, under its wire name too."""
    steps = path.split(".")
    for place, kind in (("entry", "GridEntry"), ("modes", "Modes")):
        names = {row.canonical: name for name, row in table(kind).items()}
        for step in steps:
            name = step if step in table(kind) else names.get(step)
            if name and (kind == "Modes" or steps[0] == "entry" or len(steps) == 1):
                return f"/{place}/{name}"
    return "/modes"


# ------------------------------------------------------------------------------------------ records to forms


def modes(said: messages.Modes) -> Modes:
    """The modes of a record in plain figures; what has no plain form is left to the document."""
    found: Modes = _form(Modes, said, "Modes")
    return found


def entry(said: messages.GridEntry) -> GridEntry:
    """The grid entry of a record in plain figures."""
    found: GridEntry = _form(GridEntry, said, "GridEntry")
    return found


def _form(cls: Any, said: kit.Model, kind: str) -> Any:  # noqa: ANN401 - Modes or GridEntry
    found: Facts = {}
    for name, row in table(kind).items():
        value = getattr(said, row.canonical or "", None)
        if value is None or name not in cls.model_fields:
            continue
        try:
            cls(**{name: (plain := _plain(value, share=row.codes is not None))})
        except ValidationError:
            continue
        found[name] = plain
    return cls(**found)


def _plain(value: Any, *, share: bool) -> object:  # noqa: ANN401 - whatever a record has
    if isinstance(value, messages.Amount):
        return Share(percent=value.value, of=value.of or "none") if share else value.value
    if isinstance(value, messages.PowerFactor):
        return Factor(factor=value.value, absorbing=value.absorbing)
    if isinstance(value, messages.CurveUse):
        return value.ref
    if isinstance(value, messages.Droop):
        return Droop(
            over_deadband=value.overDeadband.value,
            under_deadband=value.underDeadband.value,
            over_slope=value.overSlope.value,
            under_slope=value.underSlope.value,
            open_loop=value.openLoop,
        )
    return value


def said(form: Modes) -> messages.Modes:
    """A form's modes as the record has them; a curve by its name."""
    return messages.Modes(**_canonical(form, "Modes", "/modes"))


def entered(form: GridEntry) -> messages.GridEntry:
    """A form's grid entry as the record has it."""
    return messages.GridEntry(**_canonical(form, "GridEntry", "/entry"))
