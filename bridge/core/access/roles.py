"""Roles, and where and how long somebody has one.

The numbers 0 to 6 and their names are those of IEC 62351-8; the negative ones are private, as that part
leaves them to whoever uses it. An area of responsibility is a text: nothing for everywhere, `group/12` for a
group with all below it, `organisation/LFDI` for what an organisation holds. Nothing here decides anything.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import NamedTuple


class Role(IntEnum):
    """A role."""

    VIEWER = 0
    OPERATOR = 1
    ENGINEER = 2
    INSTALLER = 3
    SECADM = 4
    SECAUD = 5
    RBACMNT = 6
    DEVICE = -1
    """A registered device, for what is its own."""
    AGGREGATOR = -2
    """An aggregator, for the devices that it holds."""
    STRANGER = -3
    """A certificate that is believed and not registered."""
    HEADEND = -4
    """The utility's own server: what no person's role may do, as to write in a device's place."""
    UAA = -5
    """A user account administrator: the endpoints and accounts of its own organisation, and nothing else."""
    PARTY = -6
    """An account of an organisation, for what it was told to pick up."""


STAFF = (*(role for role in Role if role >= 0), Role.HEADEND, Role.UAA)
"""Roles that are given; the others follow from what somebody is."""
PAIR = frozenset({Role.OPERATOR, Role.SECADM})
"""Who commands does not say who may command: separation of duties."""
BOOTSTRAP = (
    *(Role.OPERATOR, Role.ENGINEER, Role.INSTALLER, Role.SECADM, Role.SECAUD, Role.RBACMNT),
    *(Role.HEADEND, Role.UAA),
)
"""What a certificate of an operators' root is, where nothing was said of it: a company's one operator."""
FIRST = (Role.SECADM, Role.RBACMNT)
"""The same where duties are separated, until somebody was made SECADM; a VIEWER after that."""

AREA = r"(|group/[1-9][0-9]{0,18}|organisation/[0-9A-F]{40})"
_AREA = re.compile(AREA)


def area_ok(text: str) -> bool:
    """Whether a text is an area."""
    return _AREA.fullmatch(text) is not None


class Grant(NamedTuple):
    """One role of somebody."""

    role: int
    area: str = ""
    source: str = "none"
    """Where it is from: `assignment`, `permit`, `certificate` or `none`."""
    since: int = 0
    until: int = 0
    """The first second at which it holds no more; 0 for never."""

    def holds(self, now: int) -> bool:
        """Whether it is in force."""
        return self.since <= now and not (self.until and self.until <= now)


def turn(grants: tuple[Grant, ...], now: int) -> int | None:
    """Give the next moment at which one of some grants begins or ends."""
    moments = [at for one in grants for at in (one.since, one.until) if at > now]
    return min(moments, default=None)


def separated(grants: tuple[Grant, ...]) -> tuple[Grant, ...]:
    """Give what is left where duties are separated: a SECADM commands nothing."""
    if not {grant.role for grant in grants} >= PAIR:
        return grants
    return tuple(one for one in grants if one.role != Role.OPERATOR)


NAMES = {int(role): role.name for role in Role}


def named(role: int) -> str:
    """Give the name of a role."""
    return NAMES[role]
