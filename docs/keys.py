"""The page for operators: the template's prose around the table of every key of the configuration.

Keys, kinds, defaults and words come from `bridge.app.config`; a block of the template that nothing fills, or
one that it does not use, is an error. Carries no path of a machine and no version of anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from string import Template

from bridge.app import sample
from bridge.app.section import Section
from docs.story import grid

COLUMNS = ("key", "takes", "default", "meaning")
TEMPLATE = Path(__file__).parent / "templates" / "operate.md.in"


def page() -> str:
    """The page."""
    return Template(TEMPLATE.read_text("utf-8")).substitute(keys="\n\n".join(_sections()))


def _sections() -> Iterator[str]:
    for name, section in sample.sections():
        yield f"### [{name}]\n\n{sample.prose(section.__doc__)}\n\n{grid(COLUMNS, _rows(section))}"


def _rows(section: type[Section]) -> Iterator[tuple[str, ...]]:
    for key, field in section.model_fields.items():
        value = field.get_default(call_default_factory=True)
        default = "none" if value is None else f"`{sample.literal(value)}`"
        meaning = sample.prose(field.description).replace("|", "\\|")
        yield f"`{key}`", sample.kind(field.annotation), default, meaning
