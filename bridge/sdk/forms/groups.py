"""Groups: forms of the topology and of other sets of devices, and of the assignments that they carry.

A device is in the groups it is a member of and in all above those; programmes hang from groups. Each group
shows itself to its devices as one FunctionSetAssignments (CSIP 2.1, 5.2.3).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.sdk.forms.kinds import Asked, Byte, Edition, Given, Label, Name, Number, Shown, Words
from bridge.sdk.forms.outage import OutageSum

Level = Literal[
    "system",
    "subtransmission",
    "substation",
    "feeder",
    "segment",
    "transformer",
    "service-point",
    "other",
]


class Assignment(Given):
    """What the FunctionSetAssignments of a group says of itself."""

    description: Label | None = None
    """The group's name when not given."""
    primacy: Byte | None = None
    """Where it stands among the assignments of a device, low first."""


class GroupQuery(Asked):
    """Which groups."""

    parent: Number | None = None
    """Those right below this group."""
    level: Level | None = None
    text: Annotated[str, Field(max_length=64)] = ""
    """Text that the name or the description has in it."""


class GroupNew(Given):
    """A group to be made."""

    name: Name
    description: Words = ""
    level: Level = "other"
    parent: Number | None = None
    """The group it is part of."""
    fsa: Assignment | None = None


class GroupChange(Given):
    """What is to be different about a group; what is not given stays, null takes away."""

    name: Name | None = None
    description: Words | None = None
    level: Level | None = None
    fsa: Assignment | None = None


class Move(Given):
    """Where a group, with all below it, is to hang."""

    parent: Number | None
    """The group it becomes part of; null for none."""


class Removal(Given):
    """How a group is removed."""

    deep: bool = False
    """With the groups below it, and the programmes that hang from any of them."""


class Group(Edition):
    """A group."""

    id: int
    href: str
    """Where it is kept; no 2030.5 client sees it."""
    name: str = ""
    description: str = ""
    level: str = "other"
    parent: int | None = None
    fsa: Assignment | None = None
    members: int = 0
    """Devices that are members of the group itself."""
    programmes: int = 0
    """DER programmes that hang from the group itself."""
    outage: OutageSum | None = None
    """How its devices stand together; null while none of them was ever out."""


class Branch(Shown):
    """A group with what is below it."""

    group: Group
    below: tuple[Branch, ...] = ()


class Tree(Shown):
    """The whole topology."""

    roots: tuple[Branch, ...] = ()


class Member(Shown):
    """A device in a group."""

    device: int
    href: str
    lfdi: str
    group: int
    """The group it is a member of: this one, or one below it."""


class MemberQuery(Asked):
    """Which members of a group."""

    deep: bool = False
    """With those of the groups below it."""
