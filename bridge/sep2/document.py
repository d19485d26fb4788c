"""Documents that the server makes or changes itself: built, written and read under the profile of a row.

A part of a document becomes a document of its own here and the other way round; in the edition of 2023 they
are of different classes, since only a document says its schema version. Knows no address and no rule.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeAlias

from bridge.mapping import xml
from bridge.mapping.profile import load
from bridge.sep2 import names, recast
from bridge.sep2.shelf import Row
from bridge.sep2.talk import Told
from models import kit

Thing: TypeAlias = Any
"""An object of one of the models, of whichever edition its profile has."""
Fields = dict[str, Any]


def head(obj: kit.Model, name: str, profile: str) -> kit.Model:
    """Give an object as the head of a document."""
    cls = _class(profile, name, at_head=True)
    return obj if isinstance(obj, cls) else cls(**said(obj))


def part(obj: kit.Model, name: str, profile: str) -> Thing:
    """Give an object as a part of a document."""
    cls = _class(profile, name, at_head=False)
    if type(obj) is cls:
        return obj
    return cls(**{key: value for key, value in said(obj).items() if key in cls.model_fields})


def said(obj: kit.Model) -> Fields:
    """Give the fields that an object says something in."""
    fields = {name: getattr(obj, name) for name in type(obj).model_fields}
    return {name: value for name, value in fields.items() if value is not None}


def made(profile: str, name: str, **fields: object) -> Thing:
    """Make an object that is a part of a document, or a whole one that is yet to be written."""
    given = {key: value for key, value in fields.items() if value is not None}
    return _class(profile, name, at_head=False)(**given)


def written(obj: kit.Model, name: str, profile: str) -> bytes:
    """Give the bytes of an object as a document."""
    return xml.write(head(obj, name, profile), load(profile), root=names.root(profile, name))


def moved(obj: kit.Model, name: str, old: str, new: str) -> Thing:
    """Give an object of one profile's edition in another's; Told where the other has no place for it."""
    if names.edition(old) == names.edition(new):
        return obj
    found = recast.recast(obj, names.edition(old), names.edition(new), frozenset({name}))
    if found is None:
        raise Told(400, f"{name} is written in {old} and has no form in {new}")
    return found


def read(row: Row) -> Thing:
    """Give the object that a row's document stands for."""
    return xml.read(row.body, load(row.profile))


@lru_cache(maxsize=1024)
def _class(profile: str, name: str, *, at_head: bool) -> type[kit.Model]:
    found = (names.headed if at_head else names.named)(names.edition(profile), name)
    if found is None:
        raise LookupError(f"profile {profile} has no {name}")
    return found
