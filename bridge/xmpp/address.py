"""Addresses: `user@domain/resource`, read as RFC 7622 has them and written in one way.

User and domain are compared without case, in Unicode's composed form. Domains are ASCII: a relay is named in
certificates, where others are, too. What cannot be an address is a ValueError. Nothing is looked up.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from unicodedata import category, normalize

LONGEST = 1023
"""Bytes of a part."""
FORBIDDEN = frozenset("\"&'/:<>@ ")
"""Of a user, RFC 7622 3.3.1."""
DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
CONTROLS = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that are in no address."""
REMEMBERED = 4096


class Address(NamedTuple):
    """An address, normalised."""

    user: str
    domain: str
    resource: str
    bare: str
    """Without resource."""
    full: str
    """With resource, where there is one."""


def made(user: str, domain: str, resource: str = "") -> Address:
    """Put an address together from parts that are normalised."""
    bare = f"{user}@{domain}" if user else domain
    return Address(user, domain, resource, bare, f"{bare}/{resource}" if resource else bare)


@lru_cache(REMEMBERED)
def parse(text: str) -> Address:
    """Read an address."""
    bare, slash, resource = text.partition("/")
    user, at, domain = bare.rpartition("@")
    if (at and not user) or (slash and not resource):
        raise ValueError("a part of the address is empty")
    return made(local(user) if at else "", host(domain), part(resource) if slash else "")


def local(user: str) -> str:
    """Give a user's name as it is compared."""
    found = normalize("NFC", normalize("NFKC", user).lower())
    if FORBIDDEN & set(found) or any(category(one).startswith("Z") for one in found):
        raise ValueError("a user's name has a character that no name has")
    return _bounded(found)


def host(domain: str) -> str:
    """Give a domain as it is compared."""
    found = domain.lower().removesuffix(".")
    if DOMAIN.fullmatch(found) is None:
        raise ValueError("the domain is none")
    return _bounded(found)


def part(resource: str) -> str:
    """Give a resource as it is compared."""
    spaced = "".join(" " if category(one) == "Zs" else one for one in resource)
    return _bounded(normalize("NFC", spaced))


def _bounded(text: str) -> str:
    if any(category(one) in CONTROLS for one in text):
        raise ValueError("a part of the address has a control character")
    if not 0 < len(text.encode()) <= LONGEST:
        raise ValueError(f"a part of the address has 1 to {LONGEST} bytes")
    return text
