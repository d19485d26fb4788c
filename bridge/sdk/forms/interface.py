"""Versions of interfaces: what was announced of each, who uses it, and what its users were told.

Deprecated means that nobody new is to use it; retired that it is not served any more (RFC 9745, RFC 8594).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bridge.sdk.forms.kinds import Asked, Edition, Given, Moment, Shown, Words

Name = Annotated[str, Field(pattern=r"^[a-z0-9.-]{1,32}$")]
Link = Annotated[str, Field(pattern=r"^[!#-;=?-~]{1,300}$")]


class Deprecation(Given):
    """What is announced of a version that is deprecated; what was announced before and is not given stays."""

    at: Moment | None = None
    """From when on; now when not given."""
    successor: Name | None = None
    """Name of the version that comes after it; the usual one when not given."""
    to: Link | None = None
    """Where that is served."""
    link: Link | None = None
    """Where more is said about it."""
    reason: Words | None = None
    """Why, for people."""


class Retirement(Deprecation):
    """What is announced of a version that is to be retired; one that was not deprecated is from now on."""


class Interface(Edition):
    """A version of an interface."""

    name: str
    kind: str
    """`2030.5`, `administration`, `SOAP` or `8-2`."""
    about: str
    state: str
    """`served`, `announced` (to be deprecated), `deprecated` or `retired`."""
    deprecated: Moment | None = None
    """From when on."""
    sunset: Moment | None = None
    """From when on it is served no more."""
    successor: str = ""
    to: str = ""
    link: str = ""
    reason: str = ""
    by: str = ""
    """Who announced it: `operator` or `configuration`."""
    users: int = 0
    """How many have used it, those that ask for it in vain among them."""
    last: Moment | None = None
    """When it was used last."""


class UserQuery(Asked):
    """Which users."""

    since: Moment | None = None
    """Those that have used it since."""


class User(Shown):
    """Somebody who uses a version."""

    lfdi: str
    device: int | None = None
    """Number of its EndDevice, if it is registered."""
    times: int
    """How often."""
    first: Moment
    last: Moment


class ToldQuery(Asked):
    """Which notices, oldest first."""


class Told(Shown):
    """A notice that was given of a version."""

    at: Moment
    mrid: str
    text: str
    users: int
    """How many it was for."""
    lfdis: tuple[str, ...] = ()
    """Whom it was for."""
