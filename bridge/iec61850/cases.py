"""The alternatives of a generated choice, by the name of their element.

`models` has a class for each alternative, named after the choice's type and the element; a server that
answers by table needs them by the element's name. Never holds a name of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType, ModuleType
from typing import Any

from models import kit


def cases(module: ModuleType, family: str) -> Mapping[str, Any]:
    """The classes of the choice `family` of a module, by tag."""
    named = (cls for name, cls in vars(module).items() if name.startswith(f"{family}_"))
    found = (cls for cls in named if isinstance(cls, type) and issubclass(cls, kit.Case))
    return MappingProxyType({cls.model_fields["tag"].default: cls for cls in found})
