"""The server itself: forms of its health, rates, files, raw resources and backups.

What the typed forms have no field for goes in and out as a raw 2030.5 document, as JSON or as XML; it passes
the same checks as one that a client sends.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bridge.sdk.forms.kinds import Asked, Document, Edition, Given, Href, Moment, Profile, Shown, Word

Rate = Annotated[int, Field(ge=1, le=4_294_967_295)]


class Health(Shown):
    """Whether it works."""

    status: Literal["ok", "failing"]
    now: Moment
    store: str
    """`ok`, or what is wrong."""
    outbox: int
    """Notifications that are on their way."""
    version: str
    """Of derbridge."""
    revocation_age: int | None = None
    """Seconds since the revocation data were last known to be current; null where there are none."""
    commands: Literal["open", "closed"] = "open"
    """Closed while the revocation data are too old."""


class Counts(Shown):
    """How many there are."""

    devices: int
    aggregators: int
    groups: int
    programmes: int
    mirrors: int
    outbox: int


class Rules(Shown):
    """How the protocol is served."""

    registration: str
    profile: str
    post_rate: int
    pen: int
    pen_decimal: bool
    strict: tuple[str, ...]
    log_events: int
    pin: bool
    zone: str


class Server(Shown):
    """What this server is, and how it is set up."""

    version: str
    now: Moment
    profiles: tuple[str, ...]
    """Editions that clients can be written to in."""
    rules: Rules
    counts: Counts


class BackupNew(Given):
    """A backup to be made now."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")] | None = None
    """Name of the file; made of the moment when not given."""


class Backup(Shown):
    """A backup that was made."""

    file: str
    size: int
    """Bytes."""
    at: Moment


class Poll(Edition):
    """How often a type of resource, or one list, is to be asked for."""

    type: str
    href: str | None = None
    """The list, where it has a rate of its own."""
    seconds: int | None = None
    source: Literal["list", "type", "configuration", "table"]
    """Who said so."""
    subscribable: int | None = None


class OwnQuery(Asked):
    """How many lists at once."""


class PollSet(Given):
    """How often."""

    seconds: Rate
    """pollRate."""


class ListSet(Given):
    """What one list says of itself."""

    href: Href
    """Address of the list."""
    seconds: Rate | None = None
    """pollRate; null leaves it to the type."""
    subscribable: Annotated[int, Field(ge=0, le=3)] | None = None
    """0 no, 1 to changes, 2 to conditions, 3 both; null leaves it to the table."""


class PollQuery(Asked):
    """Which list."""

    href: Href


class PostRate(Edition):
    """postRate of mirror usage points that name none."""

    seconds: int
    source: Literal["operator", "configuration"]


class File(Edition):
    """A file for devices to fetch (IEEE 2030.5-2018 10.6)."""

    id: int
    href: str
    uri: str
    """Where its content is fetched."""
    name: str = ""
    type: str
    """Its FileType: 00 software image, 01 credential, 02 configuration, 03 log."""
    size: int
    device: str | None = None
    """The one device that it is for."""
    manufacturer: int
    """mfID, the maker's private enterprise number."""
    model: str = ""
    hardware: str = ""
    edition: str = ""
    """mfVer, the version of what is in it."""
    activates: Moment | None = None
    group: int | None = None
    """The group that it is shown to."""


class FileQuery(Asked):
    """Which files."""

    device: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{40}$")] | None = None
    """Those that are for this device alone."""


class FileNew(Given):
    """What the file is; its content is the body."""

    type: Annotated[str, Field(pattern=r"^([0-9A-Fa-f]{2}){1,2}$")] = "00"
    """FileType: 00 software image, 01 security credential, 02 configuration, 03 log, from 8000 others."""
    edition: Annotated[str, Field(pattern=r"^[ -~]{1,16}$")]
    """mfVer, the version of what is in it."""
    manufacturer: Annotated[int, Field(ge=0, le=4_294_967_295)]
    """mfID, the maker's private enterprise number."""
    model: Annotated[str, Field(pattern=r"^[ -~]{1,32}$")]
    hardware: Annotated[str, Field(pattern=r"^[ -~]{1,32}$")] | None = None
    device: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{40}$")] | None = None
    """LFDI of the one device that it is for."""
    group: Annotated[int, Field(ge=1)] | None = None
    """The group that it is shown to; everyone when not given."""
    activates: Moment | None = None


class Resource(Edition):
    """A document as JSON."""

    href: str
    type: str
    """Name of its element."""
    profile: str
    document: Document


class ResourceSet(Given):
    """A document as JSON."""

    type: Word
    """Name of its element."""
    profile: Profile = "2018"
    """Edition that it is written in."""
    document: Document


class ResourceQuery(Given):
    """How a document is shown."""

    profile: Profile | None = None
    """In this edition; in the one it is kept in when not given."""
    start: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    """Of a list: how many members to leave out."""
    limit: Annotated[int, Field(ge=0, le=1000)] = 50
    """Of a list: how many members at most."""


class ResourceWrite(Given):
    """What is said of a document beside it."""

    group: Annotated[int, Field(ge=1, le=2**62)] | None = None
    """The group that a programme, tariff, customer account or file hangs from."""
