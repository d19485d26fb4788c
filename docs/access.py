"""The page on access: the template's prose around the shipped rules, the function sets and the limits.

Rules and function sets come from `mappings/access.toml`, limits from `bridge.core.access.rules`; a block of
the template that nothing fills, or one that it does not use, is an error. Carries no path of a machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from string import Template

from bridge.app import sample
from bridge.core.access import book
from bridge.core.access.roles import STAFF
from bridge.core.access.rules import Limits
from docs.story import grid

TEMPLATE = Path(__file__).parent / "templates" / "access.md.in"


def page() -> str:
    """The page."""
    return Template(TEMPLATE.read_text("utf-8")).substitute(
        may=grid(("function set", *(role.name for role in STAFF)), _may()),
        functions=grid(("function set", "what", "actions"), _functions()),
        rules=grid(("rule", "roles", "function sets", "actions", "scope", "limits", "why"), _rules()),
        limits=grid(("limit", "meaning"), _limits()),
    )


def _may() -> Iterator[tuple[str, ...]]:
    """What each role of staff may do with each function set, by the rules themselves."""
    engine = book.shipped()
    for function, actions in engine.vocabulary.items():
        cells = []
        for role in STAFF:
            acts = [
                f"{action}*" if found[0].limits.model_fields_set else action
                for action in actions
                if (found := engine.found(role, function, action))
            ]
            cells.append(", ".join(acts) or "-")
        yield f"`{function}`", *cells


def _functions() -> Iterator[tuple[str, ...]]:
    for one in book.book().functions.values():
        yield f"`{one.name}`", one.about, ", ".join(one.actions)


def _rules() -> Iterator[tuple[str, ...]]:
    for rule in book.book().rules:
        limits = rule.limits.model_dump(mode="json", exclude_unset=True)
        told = ", ".join(f"`{name}` {value}" for name, value in limits.items())
        lists = (rule.roles, rule.functions, rule.actions)
        texts = (", ".join(each).replace("*", "all") for each in lists)
        yield f"`{rule.name}`", *texts, rule.scope, told, rule.about


def _limits() -> Iterator[tuple[str, ...]]:
    for name, field in Limits.model_fields.items():
        yield f"`{name}`", sample.prose(field.description)
