"""Documents as a command is given them: bytes of a file or standard input, then wire object and record.

The profile `auto` is the first of `READ` that knows the namespaces of a document and accepts it;
where none does, the refusal that came furthest is told. Envelopes are fixed, because a command must give
the same answer every time.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from bridge.app.fault import Fault
from bridge.mapping import editions, profile, sep2, xml
from bridge.mapping.bases import Unrepresentable
from bridge.mapping.profile import Profile
from models import kit
from models.der import messages

LIMIT = 16 * 1024 * 1024
ORDER = ("2018", "csip-aus-1.2", "csip-aus-1.3", "2023", "2013")
READ = (*ORDER[:-1], "csip", "2013")
"""The order for reading: those that refuse the unknown come before those that keep it."""
MODEL = "urn:ieee:std:2030.5:ns"
NAMESPACE = re.compile(rb"""\sxmlns(?::[^\s=]+)?\s*=\s*["']([^"']*)["']""")
XSI = "http://www.w3.org/2001/XMLSchema-instance"
NOBODY = "00" * 20


@dataclass(frozen=True, slots=True)
class Given:
    """A name and its bytes."""

    place: str
    data: bytes

    @property
    def is_xml(self) -> bool:
        """Whether the first character that counts opens an element."""
        return self.data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


@dataclass(frozen=True, slots=True)
class Document:
    """A 2030.5 document in its three shapes: bytes, wire object, canonical record."""

    given: Given
    profile: Profile
    wire: kit.Model
    record: kit.Model
    foreign: tuple[xml.Foreign, ...] = ()
    """What a keeping profile has no place for."""

    @property
    def edition(self) -> str:
        """The edition of the mapping that the profile's model belongs to."""
        return edition(self.profile)


def edition(chosen: Profile) -> str:
    """The edition of a 2030.5 profile; a Fault for a profile of something else."""
    for name, package in editions.PACKAGES.items():
        if package == chosen.package:
            return name
    raise Fault(chosen.name, "not a profile of IEEE 2030.5")


def data(name: str) -> Given:
    """Read a file, or standard input for a dash."""
    place = "standard input" if name == "-" else name or "''"
    if name == "-" and sys.stdin is None:
        raise Fault(place, "is closed")
    try:
        if name == "-":
            octets = sys.stdin.buffer.read(LIMIT + 1)
        else:
            with Path(name).open("rb") as file:
                octets = file.read(LIMIT + 1)
    except OSError as error:
        raise Fault(place, error.strerror or "cannot be read") from error
    if len(octets) > LIMIT:
        raise Fault(place, f"has more than {LIMIT} bytes")
    return Given(place, octets)


def named(name: str) -> Profile:
    """The profile of a name."""
    if name not in profile.available():
        raise Fault(name, f"no profile of this name; there are {', '.join(profile.available())}")
    return profile.load(name)


def documents(given: Sequence[Given], profile_name: str) -> tuple[Document, ...]:
    """Read documents under a profile; `auto` looks for one that fits each, whatever stands beside it."""
    return tuple(
        _first(one, _candidates(one) if profile_name == "auto" else [profile_name], number)
        for number, one in enumerate(given, 1)
    )


def _first(given: Given, names: Sequence[str], number: int) -> Document:
    """Read a document under the first profile that accepts it."""
    refusals: list[Fault] = []
    for name in names:
        try:
            return document(given, named(name), number)
        except Fault as fault:
            refusals.append(fault)
    raise max(refusals, key=lambda fault: (fault.line or 0, len(fault.path)))


def _candidates(given: Given) -> list[str]:
    """Profiles that know every namespace in sight; all where none does, so that one of them says why not."""
    used = {found.decode("utf-8", "replace") for found in NAMESPACE.findall(given.data)} - {XSI}
    names = [name for name in READ if name != "2013" or MODEL not in used]
    return [name for name in names if used <= _namespaces(profile.load(name))] or names


def _namespaces(chosen: Profile) -> set[str]:
    return {*chosen.accept, *(namespace for _, namespace in chosen.prefixes)}


def document(given: Given, chosen: Profile, number: int) -> Document:
    """Read one document under one profile."""
    of = edition(chosen)
    try:
        read = xml.document(given.data, chosen)
        record = sep2.to_canonical(read.root, of, envelope=envelope(number))
    except xml.Refused as refused:
        raise Fault(given.place, refused.reason, line=refused.line, path=refused.path) from refused
    except Unrepresentable as error:
        raise Fault(given.place, error.reason, path=error.path) from error
    return Document(given, chosen, read.root, record, read.foreign)


def envelope(number: int) -> sep2.Envelope:
    """The envelope of a document that a person converts: from nobody, for nobody, at no time."""
    origin = messages.Origin(party=NOBODY, door=messages.Door.operator)
    return sep2.Envelope(f"document-{number}", origin, messages.Target(), Decimal(0))
