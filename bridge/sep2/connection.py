"""ConnectionPoint: where a site hangs on the network, as CSIP-AUS adds it to an EndDevice.

CSIP-AUS 1.2 and 1.3, clause 9 (ConnectionPointLink): the client says the identifier of its connection point
and may say it anew. It reads as an empty one before. With the switch `nmi` only a National Metering
Identifier is taken, ten characters with or without their check digit. The aggregator's own entry has no
connection point.
"""

from __future__ import annotations

from bridge.sep2 import document, names, plain
from bridge.sep2.shelf import Row
from bridge.sep2.talk import Answer, Told
from bridge.sep2.tree import Spot
from bridge.sep2.work import Body, Work

TYPE = "ConnectionPoint"
PROFILE = "csip-aus-1.2"
"""What a connection point that we were told by the operator is written in."""
SWITCH = "nmi"
_LETTERS = frozenset("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789")
_TEN = 10


async def view(work: Work, spot: Spot, row: Row | None) -> Row | None:
    """Give the connection point of a device; an empty one before it was ever said."""
    if row is not None:
        return row
    profile = work.caller.profile
    edev = await work.shelf.get(spot.href.rpartition("/")[0])
    if edev is None or edev.grp == edev.mark or names.headed(names.edition(profile), TYPE) is None:
        return None
    return Row(spot.href, edev.href, TYPE, body("", profile), profile, owner=edev.owner)


async def replaced(work: Work, spot: Spot, body: Body, row: Row | None) -> Answer:
    """Take a new identifier; the answer says where, as clients that follow Location expect."""
    said = str(getattr(body.obj, "connectionPointId", ""))
    if SWITCH in work.policy.strict and not nmi(said):
        raise Told(400, f"{said!r} is no National Metering Identifier")
    done = await plain.replaced(work, spot, body, row)
    return Answer(done.status, location=spot.href)


async def posted(work: Work, spot: Spot, body: Body) -> Answer:
    """The same by POST, which some clients use."""
    return await replaced(work, spot, body, await work.shelf.get(spot.href))


def body(identifier: str, profile: str) -> bytes:
    """Give the document of a connection point."""
    return document.written(document.made(profile, TYPE, connectionPointId=identifier), TYPE, profile)


def nmi(text: str) -> bool:
    """Whether a text is a National Metering Identifier: ten characters, and the right check digit if any."""
    upper = text.upper()
    if not _LETTERS.issuperset(upper) or len(upper) not in {_TEN, _TEN + 1}:
        return False
    return len(upper) == _TEN or upper[_TEN] == checksum(upper[:_TEN])


def checksum(ten: str) -> str:
    """Give the check digit: every second code from the right is doubled, and all digits are added up."""
    codes = (ord(letter) * (2 - at % 2) for at, letter in enumerate(reversed(ten)))
    return str(-sum(int(digit) for code in codes for digit in str(code)) % 10)
