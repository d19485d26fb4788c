"""Looking at generated classes the way a reader of XML does: which field is what, under all annotations."""

from __future__ import annotations

import types
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin, get_type_hints

from models import kit

if TYPE_CHECKING:
    from types import ModuleType


@dataclass(frozen=True)
class Seen:
    """A field: its name in XML, its mark, its bare type with the facts around it, how often it may stand."""

    name: str
    mark: str
    core: Any
    facts: tuple[Any, ...]
    required: bool
    bounds: tuple[int, int | None]


def named(package: str, value: str) -> type[kit.Model]:
    """Import what an index names."""
    module, _, name = value.rpartition(".")
    found = getattr(import_module(module if module.startswith("models.") else f"{package}.{module}"), name)
    assert isinstance(found, type)
    assert issubclass(found, kit.Model)
    return found


def modules(package: str) -> list[ModuleType]:
    """Import every module of a family."""
    folder = Path(str(import_module(package).__file__)).parent
    return [import_module(f"{package}.{path.stem}") for path in sorted(folder.glob("[a-z]*.py"))]


def index(package: str) -> ModuleType:
    """Import the index of a family."""
    return import_module(f"{package}.index")


def fields(cls: type[kit.Model]) -> list[Seen]:
    """Look at every field of a class, those of the classes above first, in the order pydantic keeps them."""
    hints = get_type_hints(cls, include_extras=True)
    return [seen(name, hints[name], required=info.is_required()) for name, info in cls.model_fields.items()]


def seen(name: str, hint: Any, *, required: bool) -> Seen:
    """Take the annotations off one field."""
    core, facts = bare(hint)
    marks = [one for one in facts if isinstance(one, kit.Mark)]
    bounds: tuple[int, int | None] = (int(required), 1)
    if get_origin(core) is tuple and not listed(facts):
        bounds = occurrence(facts)
        core, facts = bare(get_args(core)[0])
    mark = marks[0] if marks else kit.Mark("element")
    return Seen(mark.name or name, mark.kind, core, facts, required, bounds)


def occurrence(facts: tuple[Any, ...]) -> tuple[int, int | None]:
    """Read how often a repeated element may stand."""
    parts = [part for one in facts for part in getattr(one, "metadata", ())]
    least = next((one.min_length for one in parts if hasattr(one, "min_length")), 0)
    return least, next((one.max_length for one in parts if hasattr(one, "max_length")), None)


def bare(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    """Take Annotated and None off a hint, and collect what stood in Annotated."""
    facts: tuple[Any, ...] = ()
    while True:
        if get_origin(hint) is Annotated:
            inner, *more = get_args(hint)
            facts, hint = (*facts, *more), inner
        elif get_origin(hint) in {Union, types.UnionType} and type(None) in get_args(hint):
            rest = [one for one in get_args(hint) if one is not type(None)]
            hint = Union[tuple(rest)]  # noqa: UP007 - built from a list
        else:
            return hint, facts


def listed(facts: tuple[Any, ...]) -> bool:
    """Tell a list type from a repeated element."""
    return any(isinstance(one, kit.Lexical) and one.builtin == "list" for one in facts)


def lexical(facts: tuple[Any, ...]) -> str:
    """Name the built-in type of a scalar field."""
    return next((one.builtin for one in facts if isinstance(one, kit.Lexical)), "")


def hints(cls: type[kit.Model]) -> dict[str, Any]:
    """Give every field's annotation in full."""
    found = get_type_hints(cls, include_extras=True)
    return {name: found[name] for name in cls.model_fields}


def mark(hint: Any) -> kit.Mark | None:
    """Give the mark that an annotation bears."""
    return next((one for one in bare(hint)[1] if isinstance(one, kit.Mark)), None)


def tags(one: Seen) -> list[str]:
    """Give the tags of the cases of a choice."""
    union = [bare(each)[0] for each in get_args(one.core)] or [one.core]
    return [each.model_fields["tag"].default for each in union]
