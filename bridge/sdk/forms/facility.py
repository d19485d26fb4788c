"""Units behind the relay, as they are asked for and shown: where each speaks, and how it stands.

A unit is a registered device that speaks IEC 61850 itself; the bridge is its client (docs/facilities.md).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bridge.sdk.forms.kinds import Asked, Edition, Given, Moment

Jid = Annotated[str, Field(pattern=r"^[!-?A-~]{1,255}@[!-?A-~]{1,255}$")]
Domain = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]


class FacilityQuery(Asked):
    """Which units."""


class FacilitySet(Given):
    """What a unit is; what was said of it before is replaced."""

    address: Jid | None = None
    """Where it logs in, user@domain/resource; without a resource it is IEC, without an address that in its
    file."""
    device: Domain | None = None
    """Name of its logical device; that in its file, or the only one it has."""
    sealed: bool = True
    """Whether all that is said is sealed; else it is taken on the word of the relay."""
    scl: Annotated[str, Field(max_length=4_000_000)] | None = None
    """Its file of IEC 61850-6 (CID), from which its model is taken."""


class Facility(Edition):
    """A unit, and how it stands."""

    lfdi: str
    address: str
    device: str = ""
    """Name of its logical device; empty while it is not known."""
    sealed: bool = True
    scl: bool = False
    """Whether there is a file of its model."""
    there: bool = False
    """Whether there is an association with it."""
    why: str = ""
    """Why there is none."""
    since: Moment | None = None
    """Since when it is so."""
    nodes: tuple[str, ...] = ()
    """The logical nodes that were found."""
    blocks: tuple[str, ...] = ()
    """The report blocks that report to the bridge; without any it is asked again and again."""
    differences: tuple[str, ...] = ()
    """Where what it has is not what its file says, the first of them."""
