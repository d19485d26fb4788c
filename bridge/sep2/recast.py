"""A stored document as an object of the reader's profile, whichever profile it was written in.

The DER function set goes through its canonical message (design decision 6), all else field by field. What the
reader's schema cannot say is left out, down to the field, and what is left is valid there; a type that it
has not got gives nothing. Foreign parts come back where the reader's profile keeps them.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, NamedTuple

from pydantic import ValidationError

from bridge.mapping import form, xml
from bridge.mapping.bonds import book
from bridge.mapping.profile import load
from bridge.mapping.sep2 import Envelope, from_canonical, to_canonical
from bridge.mapping.table import Unrepresentable
from bridge.sep2 import names
from bridge.sep2.shelf import Row
from models import kit
from models.der import messages

SILENT = {"doeModesSupported": "00"}
"""What a profile requires of a device that was never asked it: the modes of CSIP-AUS, none of them."""
TRIES = 64
"""Fields of one message that may be left out, one at a time."""


class Turned(NamedTuple):
    """A document as an object of a profile, of the class that a part has, and what is kept of it."""

    obj: kit.Model
    foreign: tuple[xml.Foreign, ...] = ()


def turned(row: Row, profile: str, expect: frozenset[str]) -> Turned | None:
    """A row's document in a profile, as one of the types expected; None where the profile has none."""
    if not row.body:
        return _told(row.record, row.type, profile, expect)
    return _turned(row.body, row.profile, profile, expect)


@lru_cache(maxsize=8192)
def _turned(body: bytes, old: str, new: str, expect: frozenset[str]) -> Turned | None:
    read = xml.document(body, load(old))
    obj = recast(read.root, names.edition(old), names.edition(new), expect)
    kept = obj is not None and load(new).keeps and load(old).package == load(new).package
    return None if obj is None else Turned(obj, read.foreign if kept else ())


@lru_cache(maxsize=1024)
def _told(record: bytes, type_: str, profile: str, expect: frozenset[str]) -> Turned | None:
    """What stands for a row that never was a document: its canonical message."""
    edition = names.edition(profile)
    cls = _reader(edition, type_, expect)
    kind = None if cls is None else _message(edition, names.called(cls))
    if cls is None or kind is None:
        return None
    obj = _written(kind.model_validate_json(record), cls, edition)
    return None if obj is None else Turned(obj)


def recast(obj: kit.Model, old: str, new: str, expect: frozenset[str]) -> kit.Model | None:
    """An object of one edition as that of another, of the class that a part of a document has."""
    cls = next(
        (each for each in (_reader(new, names.called(c), expect) for c in _line(type(obj))) if each), None
    )
    if cls is None or type(obj) is cls:
        return obj if cls else None
    if old != new and _canonical(obj, old) and _message(new, names.called(cls)):
        try:
            message = to_canonical(obj, old, envelope=_nobody())
        except (Unrepresentable, ValidationError):
            return carried(obj, cls, new)
        return _written(message, cls, new) or carried(obj, cls, new)
    return carried(obj, cls, new)


@cache
def _nobody() -> Envelope:
    """For a message that is made to be read at once by another edition, and never leaves."""
    origin = messages.Origin(party="00", door=messages.Door.core)
    return Envelope("-", origin, messages.Target(), Decimal(0))


def _line(cls: type[kit.Model]) -> tuple[type[kit.Model], ...]:
    return tuple(each for each in cls.__mro__ if issubclass(each, kit.Model) and each is not kit.Model)


def _reader(edition: str, name: str, expect: frozenset[str]) -> type[kit.Model] | None:
    return names.named(edition, name) if name in expect else None


# ------------------------------------------------------------------------------------------------ canonically


def _canonical(obj: kit.Model, edition: str) -> bool:
    return any(_message(edition, names.called(cls)) for cls in _line(type(obj))[:2])


@cache
def _message(edition: str, name: str) -> type[kit.Model] | None:
    """The canonical message of a type that may stand alone, if it has one."""
    if all(name != each for _, each in book().roots(edition)):
        return None
    cls = names.named(edition, name)
    return None if cls is None else book().open(edition).root(cls, edition)


def _written(message: kit.Model, cls: type[kit.Model], edition: str) -> kit.Model | None:
    """A message in an edition, without what that cannot say; None where too little would be left."""
    for _ in range(TRIES):
        try:
            obj = from_canonical(message, edition, kind=names.called(cls), lost=[])
        except Unrepresentable as error:
            less = _without(message, tuple(error.path.split(".")))
            if less is None or less == message:
                return None
            message = less
        else:
            return _voiced(obj) if type(obj) is cls else carried(_voiced(obj), cls, edition)
    return None


def _without(record: kit.Model, path: tuple[str, ...]) -> kit.Model | None:
    """A record that does not say one thing; None where there is no such thing to leave out."""
    name, rest = path[0], path[1:]
    field = type(record).model_fields.get(name)
    value = getattr(record, name, None)
    if field is None or value is None or value == ():
        return None
    if rest and isinstance(value, kit.Model):
        inner = _without(value, rest)
        if inner is not None:
            return record.model_copy(update={name: inner})
    return None if field.is_required() else record.model_copy(update={name: field.default})


# --------------------------------------------------------------------------------------------- field by field


def carried(obj: kit.Model, cls: type[kit.Model], edition: str) -> kit.Model | None:
    """An object with the fields that a class has, too; None where one that it requires is missing."""
    values: dict[str, Any] = {}
    for part in form.parts(cls):
        value = _carry(getattr(obj, part.field, None), part, edition)
        if value is not None:
            values[part.field] = value
    while True:
        try:
            return cls(**values)
        except ValidationError as error:
            wrong = {str(each["loc"][0]) for each in error.errors(include_url=False) if each["loc"]}
            rest = {name: value for name, value in values.items() if name not in wrong}
            rest |= {name: SILENT[name] for name in wrong - values.keys() if name in SILENT}
            if rest == values:
                return None
            values = rest


def _carry(value: Any, part: form.Part, edition: str) -> Any:  # noqa: ANN401 - whatever the field holds
    if isinstance(value, tuple):
        found = (_carry(each, part, edition) for each in value)
        return tuple(each for each in found if each is not None) or None
    if not isinstance(value, kit.Model):
        return None if _defaulted(value, part) else value
    declared = part.item
    if not isinstance(declared, type) or not issubclass(declared, kit.Model):
        return None
    own = names.named(edition, names.called(type(value)))
    cls = own if own is not None and issubclass(own, declared) else declared
    return value if type(value) is cls else carried(value, cls, edition)


def _defaulted(value: object, part: form.Part) -> bool:
    """Whether the schema would read a default of its own into what says nothing, as that of 2023 may."""
    return value == "" and part.default is not None


def _voiced(obj: kit.Model) -> kit.Model:
    """An object without the empty values that would be read as a default."""
    update: dict[str, Any] = {}
    for part in form.parts(type(obj)):
        value = getattr(obj, part.field)
        if isinstance(value, kit.Model):
            made: Any = _voiced(value)
        elif isinstance(value, tuple):
            made = tuple(_voiced(each) if isinstance(each, kit.Model) else each for each in value)
        else:
            made = None if _defaulted(value, part) else value
        if made != value:
            update[part.field] = made
    return obj.model_copy(update=update) if update else obj
