"""What a table of the configuration is made of: the kinds of its values, and the form of all tables.

A table refuses a key that it does not have, and each key is described where it stands. Nothing is read here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

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
