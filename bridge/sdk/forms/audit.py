"""The decision log as it is asked for and shown.

A record cannot be changed; it is shown with its digest and with that of the record before, which it holds
fast. What a refused client asked for stands in it as it was sent.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bridge.sdk.forms.kinds import Asked, Document, Given, Lfdi, Moment, Shown

Term = Annotated[str, Field(pattern=r"^[ -~]{1,128}$")]


class AuditQuery(Asked):
    """Which decisions."""

    subject: Lfdi | None = None
    """Of this client."""
    function: Term | None = None
    """On this function set."""
    action: Term | None = None
    """`read`, `create`, `change`, `delete`, or one of the function set's own."""
    rule: Term | None = None
    """By this rule."""
    hop: Term | None = None
    """By this door: `sep2`, `admin`, `relay`, `translator`, `iec61850`, `soap`; or `keeper`."""
    allowed: bool | None = None
    """Only those that allowed, or only those that did not."""
    since: Moment | None = None
    """Not before this moment."""
    until: Moment | None = None
    """Before this moment."""


class Stretch(Given):
    """Which records of the chain."""

    after: Annotated[int, Field(ge=0, le=2**62)] = 0
    """Those behind this number; from the beginning, with the certificates of signers, where it is 0."""
    limit: Annotated[int, Field(ge=1, le=5_000)] = 2_000
    """How many at most."""


class Decided(Shown):
    """A decision."""

    number: int
    at: Moment
    micros: int
    """Microseconds since 1970."""
    subject: str
    """LFDI of who asked."""
    serial: str
    """Serial number of the certificate that was shown, in hexadecimal digits."""
    age: int | None = None
    """Seconds since the revocation data were last known to be current."""
    role: str
    source: str
    """Where the role is from: `assignment`, `permit`, `certificate` or `none`."""
    function: str
    action: str
    target: str
    request: str
    """SHA-256 of the request."""
    allowed: bool
    rule: str
    """What decided; empty where none allowed it."""
    limits: tuple[str, ...] = ()
    """Limits that were met."""
    policy: str
    """Version of the rules and assignments."""
    hop: str
    correlation: str
    facts: Document
    """What was weighed of the request."""
    before: str
    """Digest of the record before."""
    digest: str
    """Digest of the record."""
    sound: bool = True
    """Whether it has this digest and is found by what it says; `derbridge audit verify` proves more."""
