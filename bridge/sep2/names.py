"""The classes of 2030.5 types by name, in each edition and in the namespaces that extend one.

A resource is known by the name of its element (`ConnectionPoint`, `DERStatus`); what a list has as a member
is of the named type, which in the edition of 2023 is another class than the head of a document. Reads no
document, knows no address.
"""

from __future__ import annotations

from functools import cache

from bridge.mapping import editions
from bridge.mapping.profile import load
from models import kit

EDITIONS = ("2018", "aus12", "aus13", "2023")
"""In the order in which a name is looked for."""


@cache
def edition(profile: str) -> str:
    """The edition whose models a profile is written with."""
    package = load(profile).package
    return next(name for name, home in editions.PACKAGES.items() if home == package)


def root(profile: str, name: str) -> str:
    """The element of a profile that a type stands under, with its namespace where that is an extension's."""
    return _root(edition(profile), name)


@cache
def _root(edition: str, name: str) -> str:
    elements = editions.index(edition).ELEMENTS
    if name in elements:
        return name
    return next((each for each in elements if each.endswith(f"}}{name}")), name)


@cache
def named(edition: str, name: str) -> type[kit.Model] | None:
    """The class of a type, as a member of a list or a part has it."""
    return editions.named(edition, name) or editions.element(edition, _root(edition, name))


@cache
def headed(edition: str, name: str) -> type[kit.Model] | None:
    """The class of a type at the head of a document."""
    return editions.element(edition, _root(edition, name))


@cache
def classes(name: str) -> tuple[tuple[str, type[kit.Model]], ...]:
    """The editions that have a type, each with its class."""
    found = ((each, named(each, name)) for each in EDITIONS)
    return tuple((each, cls) for each, cls in found if cls is not None)


@cache
def extensions(name: str) -> frozenset[str]:
    """The names of all types that may stand where this one is said, itself included, and head a document."""
    found = {name}
    for each, base in classes(name):
        others = (editions.named(each, other) for other in editions.index(each).TYPES)
        found |= {called(cls) for cls in others if cls and issubclass(cls, base) and not cls.ABSTRACT}
    return frozenset(name for name in found if any(_heads(each, name) for each in EDITIONS))


def _heads(edition: str, name: str) -> bool:
    return _root(edition, name) in editions.index(edition).ELEMENTS


def kind(obj: kit.Model) -> str:
    """The name by which a resource is known."""
    return called(type(obj))


@cache
def called(cls: type[kit.Model]) -> str:
    """The name by which a resource of a class is known: that of its element."""
    short = cls.__name__.removesuffix("Type")
    return short if any(headed(each, short) is cls for each in EDITIONS) else cls.__name__
