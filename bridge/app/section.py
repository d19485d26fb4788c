"""What a table of the configuration is made of: the kinds of its values, and the form of all tables.

A table refuses a key that it does not have, and each key is described where it stands. Nothing is read here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Port = Annotated[int, Field(ge=0, le=65_535)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Whole = Annotated[int, Field(ge=1)]
Days = Annotated[int, Field(ge=0, le=36_500)]
Profile = Literal["2013", "2018", "csip", "csip-aus-1.2", "csip-aus-1.3", "2023"]
Switch = Literal["curve-order", "der-clock", "media", "nmi", "pen", "profile", "response-lfdi"]
Files = tuple[Path, ...]
PKI = Path("pki")


class Section(BaseModel):
    """A table of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


Date = Annotated[
    str,
    BeforeValidator(str),
    Field(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?$"
    ),
]
Link = Annotated[str, Field(pattern=r"^[!#-;=?-~]{1,300}$")]


class Lifecycle(Section):
    """Versions of interfaces that are deprecated or retired, by their names in docs/lifecycle.md."""

    deprecated: dict[str, Date] = Field(default_factory=dict)
    """From when on each is deprecated: a date, or a time of day, UTC where it says no offset."""
    retired: dict[str, Date] = Field(default_factory=dict)
    """From when on each is served no more."""
    successors: dict[str, str] = Field(default_factory=dict)
    """What comes after each, where it is another than usual."""
    places: dict[str, Link] = Field(default_factory=dict)
    """Where the successor of each is served, where it is elsewhere."""
    links: dict[str, Link] = Field(default_factory=dict)
    """Where more is said about each."""
    write: Seconds = 60.0
    """Seconds between two looks at what is to be written of who uses which."""
    exact: Annotated[int, Field(ge=0, le=86_400)] = 3_600
    """Seconds after which the use of a version by somebody is written again."""
