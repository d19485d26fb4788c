"""Profiles: which model, which namespaces, what becomes of the unknown, how much is read, how it is written.

A profile is a table of `mappings/profiles`; nothing of the standards is decided in code. Names of elements
and types come from the index of the generated package. Loads tables and models, reads no document.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Any, cast

from bridge.mapping.guard import Caps
from models import kit

_KEYS = frozenset(
    {"name", "package", "accept", "namespace", "unknown", "declaration", "prefixes", "caps", "about"}
)


@dataclass(frozen=True)
class Profile:
    """One way to read and write one generated package."""

    name: str
    package: str
    model: str
    """Namespace of the package's own elements, as its index says."""
    accept: tuple[str, ...]
    """Namespaces that stand for `model` in what is read."""
    namespace: str
    """Namespace that stands for `model` in what is written."""
    keeps: bool
    """Whether unknown elements and attributes are kept; otherwise they are refused."""
    declaration: bool
    prefixes: tuple[tuple[str, str], ...]
    """(prefix, namespace) for writing; the empty prefix is the default namespace."""
    caps: Caps = field(default_factory=Caps)

    def __hash__(self) -> int:
        """Of the name alone, which is looked up with each document."""
        return hash(self.name)

    def root(self, namespace: str, local: str) -> type[kit.Model] | None:
        """The class of a global element, by model namespace."""
        return _named(self.package, "ELEMENTS", self.model, namespace, local)

    def named(self, namespace: str, local: str) -> type[kit.Model] | None:
        """The class of a named complex type, by model namespace."""
        return _named(self.package, "TYPES", self.model, namespace, local)

    def names(self, table: str) -> Mapping[type[kit.Model], tuple[tuple[str, str], ...]]:
        """(namespace, name) of all elements (`ELEMENTS`) or types (`TYPES`) of a class, shortest first."""
        return _reverse(self.package, table, self.model)


@cache
def load(name: str) -> Profile:
    """The profile of this name; ValueError when there is none or its table is wrong."""
    if name not in available():
        raise ValueError(f"no profile {name[:40]!r}; there are {', '.join(available())}")
    place = files("mappings") / "profiles" / f"{name}.toml"
    return _profile(tomllib.loads(place.read_text("utf-8")), f"mappings/profiles/{name}.toml")


@cache
def available() -> tuple[str, ...]:
    """The names of all profiles."""
    found = (files("mappings") / "profiles").iterdir()
    return tuple(sorted(entry.name.removesuffix(".toml") for entry in found if entry.name.endswith(".toml")))


def _profile(table: dict[str, Any], place: str) -> Profile:
    wrong = sorted(table.keys() - _KEYS) + sorted(
        table.get("caps", {}).keys() - {f.name for f in fields(Caps)}
    )
    if wrong:
        raise ValueError(f"{place}: unknown key {wrong[0]!r}")
    if table["unknown"] not in {"refuse", "keep"}:
        raise ValueError(f"{place}: unknown must be 'refuse' or 'keep'")
    index = import_module(f"{table['package']}.index")
    model = cast("str", index.NAMESPACE)
    written = table.get("namespace", model)
    prefixes: dict[str, str] = {**index.PREFIXES, **table.get("prefixes", {})}
    return Profile(
        name=table["name"],
        package=table["package"],
        model=model,
        accept=tuple(table.get("accept", [model])),
        namespace=written,
        keeps=table["unknown"] == "keep",
        declaration=table.get("declaration", False),
        prefixes=tuple((prefix, written if ns == model else ns) for prefix, ns in prefixes.items()),
        caps=Caps(**table.get("caps", {})),
    )


@cache
def _named(package: str, table: str, model: str, namespace: str, local: str) -> type[kit.Model] | None:
    names: Mapping[str, str] = getattr(import_module(f"{package}.index"), table)
    place = names.get(local if namespace == model else f"{{{namespace}}}{local}")
    return None if place is None else _class(package, place)


@cache
def _reverse(package: str, table: str, model: str) -> Mapping[type[kit.Model], tuple[tuple[str, str], ...]]:
    names: Mapping[str, str] = getattr(import_module(f"{package}.index"), table)
    found: dict[type[kit.Model], list[tuple[str, str]]] = {}
    for key, place in names.items():
        cls = _class(package, place)
        namespace, _, local = key[1:].rpartition("}") if key.startswith("{") else (model, "", key)
        if cls is not None:
            found.setdefault(cls, []).append((namespace, local))
    return {cls: tuple(sorted(names, key=lambda name: (len(name[1]), name))) for cls, names in found.items()}


def _class(package: str, place: str) -> type[kit.Model] | None:
    """The class at "module.Class", within the package or at a full path; None for an alias of a scalar."""
    module, _, name = place.rpartition(".")
    found = getattr(import_module(module if module.startswith("models.") else f"{package}.{module}"), name)
    return found if isinstance(found, type) and issubclass(found, kit.Model) else None
