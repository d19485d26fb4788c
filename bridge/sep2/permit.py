"""Permits: what is known of a client before it comes, and whether it may come at all.

One row for each LFDI: its role, the profile it is written in, whether it is let in, its PIN and the
aggregator that holds it (IEEE 2030.5-2018 6.3, 10.2; CSIP 2.1, 5.2.1). A permit is no registration: that is
an EndDevice.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

from bridge.mapping import profile
from bridge.sep2 import ours
from bridge.sep2.shelf import Row, Shelf
from bridge.sep2.talk import Told
from bridge.sep2.work import Trace, Work
from bridge.trust import identity

ROLES = ("device", "aggregator", "operator")


@dataclass(frozen=True, slots=True)
class Permit:
    """What a permit says."""

    role: str = "device"
    profile: str = ""
    """Empty for the server's own."""
    granted: bool = True
    name: str = ""
    pin: int | None = None
    """Six digits, with the check digit."""
    aggregator: str = ""
    """LFDI of the aggregator that alone may register it, or empty."""
    groups: tuple[str, ...] = ()
    """Addresses of groups that it joins when it registers."""


def href(lfdi: str) -> str:
    """Give the address of a permit."""
    return f"{ours.PERMITS}/{lfdi}"


async def of(shelf: Shelf | Trace, lfdi: str) -> Permit | None:
    """Give the permit of a client, if it has one."""
    row = await shelf.get(href(lfdi))
    return read(row) if row else None


def read(row: Row) -> Permit:
    """Give what a row says."""
    return _permit(row.body)


@lru_cache(maxsize=4096)
def _permit(body: bytes) -> Permit:
    """Give what a body says; each client is asked about at each of its requests."""
    said = ours.read(Row("", "", "", body))
    known = {name: said[name] for name in Permit.__dataclass_fields__ if said.get(name) is not None}
    return Permit(**{**known, "groups": tuple(known.get("groups", ()))})


async def grant(work: Work, lfdi: str, **fields: Any) -> Row:  # noqa: ANN401 - the fields of a Permit
    """Make a permit or change some of its fields; what is not given stays as it is."""
    mark = checked(lfdi)
    row = await work.shelf.get(href(mark))
    said = _sound(replace(read(row) if row else Permit(), **fields))
    made = Row(href(mark), ours.PERMITS, "Permit", mark=mark, owner=mark, body=ours.body(asdict(said)))
    return work.put(made, row)


async def revoke(work: Work, lfdi: str) -> None:
    """Forget a permit; what was registered under it stays until it is removed itself."""
    row = await work.shelf.get(href(lfdi))
    if row is None:
        raise Told(404, f"there is no permit for {lfdi}")
    work.drop(row)


def _sound(said: Permit) -> Permit:
    """Hold a permit to what its fields may be."""
    if said.role not in ROLES:
        raise Told(400, f"no role {said.role!r}; there are {', '.join(ROLES)}")
    if said.profile and said.profile not in profile.available():
        raise Told(400, f"no profile {said.profile!r}; there are {', '.join(profile.available())}")
    return replace(
        said,
        pin=None if said.pin is None else pin(said.pin),
        aggregator=checked(said.aggregator) if said.aggregator else "",
        groups=tuple(said.groups),
    )


def checked(lfdi: str) -> str:
    """Give an LFDI in upper case, after a look at its digits (IEEE 2030.5-2018 6.3.4)."""
    upper = lfdi.upper()
    if not identity.lfdi_ok(upper):
        raise Told(400, f"an LFDI has {identity.LFDI_DIGITS} hexadecimal digits")
    return upper


def pin(said: int | str) -> int:
    """Give a PIN with its check digit, told with it or without (IEEE 2030.5-2018 6.3.5).

    The sum of all six is a multiple of ten; test tools also take the sum of the first five as the sixth.
    """
    text = said if isinstance(said, str) else _told(said)
    if not text.isascii() or not text.isdigit() or len(text) > identity.PIN_DIGITS:
        raise Told(400, "a PIN has five digits and a check digit")
    number = int(text)
    if len(text) < identity.PIN_DIGITS:
        return identity.checked(number)
    five, last = divmod(number, identity.TEN)
    if not identity.sum_ok(number) and sum(map(int, str(five))) % identity.TEN != last:
        raise Told(400, f"the check digit of PIN {text} is wrong")
    return number


def _told(number: int) -> str:
    """A number as it would be written: leading zeros are lost in it, so the sum says whether it is whole."""
    digits = identity.PIN_DIGITS if identity.sum_ok(number) else identity.PIN_DIGITS - 1
    return f"{number:0{digits}d}"
