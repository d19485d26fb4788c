"""The protected header of a sealed message: one table of its members, written and read by it.

JWS (RFC 7515) with ES256 (RFC 7518 3.4). What is not in the table is refused, so no message brings a key or a
certificate of its own (`jwk`, `x5c`, `x5u`, `jku`), nor an unencoded payload (`b64`). Every value is held to
a narrow alphabet and range, on writing as on reading. It proves nothing: that is in verify.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from bridge.trust.refusal import Reason, Refused

ALGORITHM = "ES256"
TYPE = "vnd.derbridge.sealed.v1+jose"
"""`typ`: media type and version of the envelope."""
LIVES = {"request": 300, "response": 300, "event": 604_800, "claim": 86_400, "notice": 3_600}
"""The classes, and how many seconds a message of each may live at most."""
RESPONSE = "response"
SAFE = 2**53 - 1
"""The greatest whole number that every JSON library keeps."""
LAST = 253_402_300_799
"""The end of the year 9999, in seconds since 1970."""


class Message(NamedTuple):
    """What is sealed. The order is that of the header on the wire; empty texts are left out."""

    sender: str
    """LFDI."""
    recipient: str
    """LFDI, or the id of a group."""
    kind: str
    """Class: a key of LIVES."""
    correlation: str
    """The same at every hop, and in the answer."""
    created: int
    """Seconds since 1970."""
    expires: int
    """The first second at which it is over."""
    nonce: str
    """128 bits of chance in base64url."""
    sequence: int
    """Above that of every earlier message of this sender to this recipient."""
    media: str
    """Media type of the payload."""
    payload: bytes
    method: str = ""
    path: str = ""
    service: str = ""
    """ACSI service of IEC 61850-7-2."""
    reference: str = ""
    """Object reference of IEC 61850."""
    answers: str = ""
    """In a response: digest of the request's compact form (octets.digest)."""


Fits = Callable[[Any], object]


def _text(pattern: str) -> tuple[type, Fits]:
    return str, re.compile(pattern, re.ASCII).fullmatch


def _whole(least: int, most: int) -> tuple[type, Fits]:
    """A whole number, and no truth value, written without point or exponent."""
    return int, range(least, most + 1).__contains__


def _names() -> tuple[type, Fits]:
    """What `crit` may be; that it names the right members is seen to when all are known."""
    return list, lambda value: all(type(name) is str for name in value)


class Member(NamedTuple):
    """A member of the header."""

    name: str
    field: str
    """Of Message; empty for what is no matter of the message."""
    fits: tuple[type, Fits]
    """Of which type its value is, and which values of that it can have."""
    ours: bool = True
    """Not defined by RFC 7515, and so to be named in `crit`."""
    needed: bool = True


LFDI = r"[0-9A-F]{40}"
MEMBERS = (
    Member("alg", "", _text(ALGORITHM), ours=False),
    Member("typ", "", _text(re.escape(TYPE)), ours=False),
    Member("kid", "sender", _text(LFDI), ours=False),
    Member("cty", "media", _text(r"(?=.{3,127}\Z)[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+"), ours=False),
    Member("crit", "", _names(), ours=False),
    Member("aud", "recipient", _text(rf"{LFDI}|(?!{LFDI}\Z)[A-Za-z0-9._:/-]{{1,64}}")),
    Member("cls", "kind", _text("|".join(LIVES))),
    Member("cor", "correlation", _text(r"[A-Za-z0-9._:-]{1,64}")),
    Member("iat", "created", _whole(0, LAST)),
    Member("exp", "expires", _whole(0, LAST)),
    Member("nonce", "nonce", _text(r"[A-Za-z0-9_-]{21}[AQgw]")),
    Member("seq", "sequence", _whole(1, SAFE)),
    Member("method", "method", _text("GET|HEAD|PUT|POST|DELETE"), needed=False),
    Member("path", "path", _text(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]{0,511}"), needed=False),
    Member("service", "service", _text(r"[A-Za-z][A-Za-z0-9]{0,63}"), needed=False),
    Member("object", "reference", _text(r"[A-Za-z0-9_.$@/()\[\]-]{1,255}"), needed=False),
    Member("re", "answers", _text(r"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"), needed=False),
)
"""The whole header."""

NAMES = frozenset(member.name for member in MEMBERS)
NEEDED = frozenset(member.name for member in MEMBERS if member.needed)
OURS = frozenset(member.name for member in MEMBERS if member.ours)
FITS = {member.name: member.fits for member in MEMBERS}
FIELDS = {member.field: member.name for member in MEMBERS if member.field}
PLACES = tuple(FIELDS.get(field, "") for field in Message._fields)
"""The member of each field of Message, empty for the payload."""
PAIRS = (("method", "path"), ("service", "object"))
"""Members that come together; one pair of them at most."""
SAID = NEEDED - {"alg", "typ", "crit"}
"""What every message says of itself."""


def write(message: Message) -> bytes:
    """The header of a message; ValueError for a message that none may be sent of."""
    said = {name: value for name, value in zip(PLACES, message, strict=True) if name and value != ""}
    if strange := SAID - said.keys():
        raise ValueError(f"this cannot be sealed: {min(strange)} is missing")
    if wrong := _unfit(said):
        raise ValueError(f"this cannot be sealed: {wrong} has a value that it cannot have")
    if wrong := _apart(said):
        raise ValueError(f"this cannot be sealed: {wrong} lacks its companion, or has the wrong company")
    return (_form(tuple(said)) % tuple(said.values())).encode("ascii")


@lru_cache(64)
def _form(names: tuple[str, ...]) -> str:
    """A header of these members, its values left open: none of them can hold what JSON would escape."""
    marks = {name: "%d" if FITS[name][0] is int else "%s" for name in names}
    crit = [name for name in names if name in OURS]
    whole = {"alg": ALGORITHM, "typ": TYPE, **marks, "crit": crit}
    return json.dumps(whole, separators=(",", ":")).replace('"%d"', "%d")


def read(octets: bytes) -> dict[str, Any]:
    """The members of a header that keeps to the table; Refused for every other."""
    head = parse(octets)
    if reason := _wrong(head):
        raise Refused(reason)
    return head


def parse(octets: bytes) -> dict[str, Any]:
    """A JSON object that says nothing twice; Refused for everything else."""
    try:
        head = _READ(octets.decode())
    except (ValueError, RecursionError):
        raise Refused(Reason.HEADER) from None
    if type(head) is not dict:
        raise Refused(Reason.HEADER)
    return head


def message(head: dict[str, Any], payload: bytes) -> Message:
    """The message that a header and a payload are."""
    return Message._make([head.get(name, "") if name else payload for name in PLACES])


def _wrong(head: dict[str, Any]) -> Reason | None:
    """What is wrong with a header."""
    names = head.keys()
    if head.get("alg") != ALGORITHM:
        return Reason.ALGORITHM
    if head.get("typ") != TYPE:
        return Reason.TYPE
    if names - NAMES or NEEDED - names or _unfit(head):
        return Reason.MEMBER
    crit, ours = head["crit"], OURS & names
    if len(crit) != len(ours) or ours != set(crit):
        return Reason.CRITICAL
    return Reason.MEMBER if _apart(head) else None


def _unfit(head: dict[str, Any]) -> str:
    """A member with a value that it cannot have."""
    table = FITS
    for name, value in head.items():
        kind, fits = table[name]
        if type(value) is not kind or not fits(value):
            return name
    return ""


def _apart(head: dict[str, Any]) -> str:
    """A member that cannot be there beside the others, or not without another."""
    if (head["cls"] == RESPONSE) != ("re" in head):
        return "re"
    for one, other in PAIRS:
        if (one in head) != (other in head):
            return one
    return "service" if "method" in head and "service" in head else ""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of JSON that says nothing twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member is there twice")
    return found


def _never(word: str) -> Any:  # noqa: ANN401 - it gives nothing
    raise ValueError(f"{word} is no JSON")


_READ = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_never).decode
