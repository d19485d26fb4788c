"""Adapters found by their entry points, and what is wrong with one before it is begun.

The group is `derbridge.adapters`; an entry point names a class that keeps `bridge.ports.Adapter`, whose
attribute `Settings` is a pydantic model. Every mistake is told with its key and its remedy. No adapter is
made here but to learn which units it has; none is begun.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from bridge.app.adapter.section import Adapter as Said
from bridge.app.config import Config
from bridge.app.loading import Loaded, Problem, beside, nearest
from bridge.ports import Adapter
from bridge.trust import identity

GROUP = "derbridge.adapters"
CALLS = ("begin", "end", "meet", "part", "carry", "tell")
"""What an adapter does, each a coroutine."""
FACTS = ("units", "health")


class Wrong(Exception):
    """An adapter that cannot be had: which key is wrong, what, and what to do."""

    def __init__(self, key: str, what: str, remedy: str) -> None:
        super().__init__(f"{key}: {what}")
        self.key, self.what, self.remedy = key, what, remedy


class Plug(NamedTuple):
    """An adapter that was found and made."""

    name: str
    kind: str
    version: str
    said: Said
    adapter: Adapter


def points() -> Mapping[str, EntryPoint]:
    """Give the adapters that are installed, by the names of their entry points."""
    return {one.name: one for one in entry_points(group=GROUP)}


def made(name: str, said: Said, folder: Path) -> Plug:
    """Make an adapter, or raise Wrong."""
    kind = said.kind or name
    found = points()
    if kind not in found:
        known = nearest(kind, tuple(found)) if found else "No adapter is installed in this environment."
        raise Wrong("kind", f"no adapter {kind!r} is installed", known)
    class_ = _class(found[kind])
    try:
        settings = beside(class_.Settings.model_validate(said.settings), folder)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(("settings", *map(str, first["loc"])))
        raise Wrong(key, first["msg"], f"The adapter {kind} wants it otherwise; see its manual.") from error
    try:
        adapter = class_(settings)
        units = adapter.units
    except Exception as error:
        raise Wrong("settings", f"the adapter cannot be made: {error!r}"[:200], "See its manual.") from error
    if strange := sorted(map(str, (one for one in units if not identity.lfdi_ok(one)))):
        raise Wrong("settings", f"{strange[0]!r} is no LFDI", "40 hexadecimal digits, upper case.")
    dist = found[kind].dist
    return Plug(name, kind, f"{dist.name} {dist.version}" if dist else "", said, adapter)


def all_made(config: Config, folder: Path) -> list[Plug]:
    """Make all adapters of a configuration, or raise Wrong."""
    found = [made(name, said, folder) for name, said in config.adapters.named.items()]
    counts = Counter(unit for each in found for unit in each.adapter.units)
    if twice := next((unit for unit, count in counts.items() if count > 1), ""):
        raise Wrong("settings", f"{twice} is of two adapters", "Leave it to one of them.")
    return found


def _class(point: EntryPoint) -> Any:  # noqa: ANN401 - whatever the entry point names
    """Load what an entry point names, and hold it against the contract."""
    try:
        class_: Any = point.load()
    except Exception as error:
        raise Wrong("kind", f"{point.value} cannot be loaded: {error!r}"[:200], "Install it anew.") from error
    settings = getattr(class_, "Settings", None)
    lacks = [] if isinstance(settings, type) and issubclass(settings, BaseModel) else ["Settings"]
    lacks += [one for one in CALLS if not inspect.iscoroutinefunction(getattr(class_, one, None))]
    lacks += [one for one in FACTS if not hasattr(class_, one)]
    if lacks:
        raise Wrong(
            "kind", f"{point.value} is no adapter: it lacks {', '.join(lacks)}", "See docs/adapters.md."
        )
    return class_


def problems(loaded: Loaded, config: Config) -> Iterator[Problem]:
    """Give what is wrong with the adapters of an installation."""
    counts: Counter[str] = Counter()
    for name, said in config.adapters.named.items():
        try:
            plug = made(name, said, loaded.place.parent)
        except Wrong as wrong:
            yield loaded.problem(f"adapters.{name}.{wrong.key}", wrong.what, wrong.remedy)
        else:
            counts.update(plug.adapter.units)
    for unit in sorted(unit for unit, count in counts.items() if count > 1):
        yield loaded.problem("adapters", f"{unit} is of two adapters", "Leave it to one of them.")
