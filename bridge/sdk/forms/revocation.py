"""Revocation: forms of the lists that are held, of the operator's own words, and of how current it all is.

A list is that of RFC 5280, signed by its issuer; a word is the operator's, about an LFDI or about a
certificate by its issuer and serial number. Neither says anything of who it was issued to.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.sdk.forms.kinds import Asked, Edition, Given, Lfdi, Moment, Pem, Shown

Hex = Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{1,40}$")]
Digest = Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{64}$")]
Cause = Annotated[str, Field(pattern="^[ -~]{1,100}$")]


class State(Shown):
    """How things stand."""

    edition: int
    """One more with each change of what is revoked."""
    age: int | None = None
    """Seconds since the data were last known to be current; null where there are none."""
    commands: Literal["open", "closed"]
    """Whether commands are taken; not when the data are older than `revocation.oldest`."""
    lists: int
    certificates: int
    """Certificates on the lists."""
    words: int
    """Words of the operator."""


class List(Edition):
    """A revocation list."""

    name: str
    issuer: str
    """SHA-256 of the issuer's name in DER."""
    title: str
    """The issuer's name."""
    number: str
    """cRLNumber; text, since it may have 160 bits."""
    since: Moment
    """thisUpdate."""
    until: Moment
    """nextUpdate."""
    count: int
    """Certificates on it."""
    size: int
    """Bytes."""
    digest: str
    """SHA-256 of the list."""
    source: str
    """Where it came from last: an address, a file, or the LFDI of who sent it."""
    checked: Moment
    """When it was last known to be the newest there is."""


class ListQuery(Asked):
    """Which lists."""


class Word(Edition):
    """What the operator said of a certificate."""

    name: str
    lfdi: str | None = None
    issuer: str | None = None
    """SHA-256 of the issuer's name in DER."""
    serial: str | None = None
    """In hexadecimal digits."""
    reason: str
    since: Moment
    """From when on it holds."""
    by: str | None = None
    """LFDI of the certificate that takes its place."""
    active: bool
    """Whether that moment has come."""


class WordQuery(Asked):
    """Which words."""


class WordNew(Given):
    """Say that a certificate holds no more: by its LFDI, by issuer and serial number, or by itself."""

    lfdi: Lfdi | None = None
    issuer: Digest | None = None
    """SHA-256 of the issuer's name in DER; goes with `serial`."""
    serial: Hex | None = None
    """In hexadecimal digits."""
    certificate: Pem | None = None
    """The certificate in PEM: it is revoked by issuer and serial number, an authority with all below it."""
    reason: Cause | None = None
    since: Moment | None = None
    """From when on; at once when not given."""
    by: Lfdi | None = None
    """LFDI of the certificate that takes its place."""
