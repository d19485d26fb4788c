"""Versions of interfaces and their life: served, announced as deprecated, retired; and how that is told.

RFC 9745 (Deprecation), RFC 8594 (Sunset), RFC 5829 (successor-version). `TABLE` names every version that can
be retired. An announcement may lie ahead; from it on each answer says so. Never asks a clock or a store.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import formatdate
from typing import NamedTuple

Fields = tuple[tuple[str, str], ...]
SEP2, API, SOAP, MMS = "2030.5", "administration", "SOAP", "8-2"


class Interface(NamedTuple):
    """A version of an interface."""

    kind: str
    about: str
    successor: str = ""
    """Name of the version that is served beside it and comes after it; empty for the newest."""
    to: str = ""
    """Where that is served."""


TABLE: Mapping[str, Interface] = {
    "sep2-2013": Interface(SEP2, "IEEE 2030.5-2013", "sep2-2018", "/dcap"),
    "sep2-2018": Interface(SEP2, "IEEE 2030.5-2018", "sep2-2023", "/dcap"),
    "sep2-2023": Interface(SEP2, "IEEE 2030.5-2023"),
    "sep2-csip": Interface(SEP2, "CSIP 2.1 on IEEE 2030.5-2018", "sep2-2023", "/dcap"),
    "sep2-csip-aus-1.2": Interface(SEP2, "CSIP-AUS 1.2", "sep2-csip-aus-1.3", "/dcap"),
    "sep2-csip-aus-1.3": Interface(SEP2, "CSIP-AUS 1.3"),
    "api-v1": Interface(API, "The administration API below /api/v1"),
    "soap-pricing": Interface(SOAP, "processPricingMessage"),
    "soap-messaging": Interface(SOAP, "processSimpleMessaging"),
    "iec61850-8-2": Interface(MMS, "IEC 61850 in the shape of 8-2, over XMPP"),
}
"""Every version, by name; a profile of 2030.5 is `sep2-` and its name."""
NATIVE = "sep2-"


class Life(NamedTuple):
    """What was announced of a version; nothing, unless one of the moments is given."""

    deprecated: int = 0
    """From when on nobody new is to use it, in seconds since 1970; 0 for never."""
    sunset: int = 0
    """From when on it is not served any more; 0 for never."""
    successor: str = ""
    to: str = ""
    link: str = ""
    """Where more is said about it."""
    reason: str = ""

    def retired(self, now: int) -> bool:
        """Whether it is served no more."""
        return bool(self.sunset) and self.sunset <= now

    def stage(self, now: int) -> str:
        """Give how far it has come."""
        if self.retired(now):
            return "retired"
        if not self.deprecated:
            return "served"
        return "deprecated" if self.deprecated <= now else "announced"


ALIVE = Life()


def fields(life: Life) -> Fields:
    """Give the header fields that tell a life; none where nothing was announced."""
    if not life.deprecated:
        return ()
    sunset = (("Sunset", formatdate(life.sunset, usegmt=True)),) if life.sunset else ()
    links = (("Link", one) for one in _links(life))
    return (("Deprecation", f"@{life.deprecated}"), *sunset, *links)


def _links(life: Life) -> tuple[str, ...]:
    """One field says all links, so that a client which reads only the first misses none."""
    title = f'; title="{life.successor}"' if life.successor else ""
    found = [f'<{life.to}>; rel="successor-version"{title}'] if life.to else []
    if life.link:
        found.append(f'<{life.link}>; rel="deprecation"')
        found += [f'<{life.link}>; rel="sunset"'] if life.sunset else []
    return (", ".join(found),) if found else ()


def gone(name: str, life: Life) -> str:
    """Give the words that say that a version is retired, and where to go."""
    where = " at ".join(each for each in (life.successor, life.to) if each)
    return f"{name} is retired{f'; use {where}' if where else ''}"


def wrong(name: str, life: Life, of: Mapping[str, Life]) -> tuple[str, str] | None:
    """Give what is wrong with an announcement: the field, and why; `of` are the lives of the others."""
    if life.sunset and life.sunset < life.deprecated:
        return "at", "it would be retired before it is deprecated"
    if life.successor == name:
        return "successor", "nothing comes after itself"
    if life.successor and life.successor not in TABLE:
        return "successor", f"there is no {life.successor}; there are {', '.join(TABLE)}"
    if life.sunset and not (life.successor or life.to):
        return "successor", "what is retired needs a successor, or a place to go to"
    after = of.get(life.successor, ALIVE)
    if life.sunset and after.sunset and after.sunset <= life.sunset:
        return "successor", f"{life.successor} is to be retired no later"
    return None
