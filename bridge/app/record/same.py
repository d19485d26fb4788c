"""Whether an answer is the same as a recorded one: element by element, with what varies bound by name.

Numbers of resources, mRIDs and LFDIs are bound to what stands in their place when they are met first, and
have to be the same ever after; moments may be others; PINs are not looked at. All else is to be equal. Sends
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from lxml import etree

MOMENTS = frozenset({
    "changedTime", "createdDateTime", "creationTime", "currentTime", "dateTime", "dateTimeRegistered",
    "localTime", "readingTime", "start", "updatedTime", "utc-time", "binary-time", "octet-string",
})  # fmt: skip
"""Elements that hold a moment, or the name of an entry that is made of one."""
BLIND = frozenset({"pIN"})
ASSOCIATION = "assoc"
SECONDS = re.compile(
    r"(<(?:\w+:)?(createdDateTime|dateTime|readingTime|start|updatedTime|changedTime)>)(\d{9,})(?=<)"
)
STAMP = re.compile(r"(<(?:\w+:)?utc-time>)([0-9A-Fa-f]{8})(?=[0-9A-Fa-f]{8}<)")
MARK = re.compile(r"[0-9A-F]{32}(?:[0-9A-F]{8})?")
"""An mRID or an LFDI."""
NUMBER = re.compile(r"\d+")
Leaf = tuple[str, str, str]
"""Its path, its name, its text."""


class Bound:
    """What recorded names stand for now."""

    def __init__(self, shift: int = 0) -> None:
        """`shift` is how many seconds later it is by now."""
        self.names: dict[str, str] = {}
        self._shift = shift

    def filled(self, text: str) -> str:
        """A recorded text with the names of now."""
        if not self.names:
            return text
        each = "|".join(re.escape(was) for was in sorted(self.names, key=len, reverse=True))
        return re.sub(rf"(?:(?<!\w)|(?<=derbridge[DG]))({each})(?!\w)", lambda one: self.names[one[1]], text)

    def asked(self, text: str) -> str:
        """A recorded request with the names and moments of now."""
        later = SECONDS.sub(lambda each: f"{each[1]}{int(each[3]) + self._shift}", self.filled(text))
        return STAMP.sub(lambda each: f"{each[1]}{self._stamp(int(each[2], 16)):08X}", later)

    def _stamp(self, seconds: int) -> int:
        return seconds + self._shift if seconds else 0

    def differs(self, was: str, now: str) -> str:
        """Where an answer is another one; empty where it is the same, and then alone anything is bound."""
        before = dict(self.names)
        found = self._differs(was, now)
        if found:
            self.names = before
        return found

    def _differs(self, was: str, now: str) -> str:
        if not (was and now):
            return "" if was == now else f"there was {_short(was)}, now there is {_short(now)}"
        for old, new in zip_longest(leaves(was), leaves(now)):
            if old is None or new is None:
                return f"{(old or new)[0]} {'is not there any more' if old else 'was not there'}"
            if old[0] != new[0]:
                return f"{old[0]} was there, now {new[0]}"
            if not self.same(old, new[2]):
                return f"{old[0]} was {_short(old[2])}, is {_short(new[2])}"
        return ""

    def same(self, leaf: Leaf, now: str) -> bool:
        """Whether a text is what it was, and if not, whether it may be another one."""
        _, name, was = leaf
        if name in BLIND or name in MOMENTS or self.filled(was) == now:
            return True
        if was.startswith("/") and now.startswith("/"):
            return self.place(was, now)
        if name == ASSOCIATION:
            return self.bind(was, now)
        return bool(MARK.fullmatch(was) and MARK.fullmatch(now)) and self.bind(was, now)

    def bind(self, was: str, now: str) -> bool:
        """Have a name stand for another, unless it stands for one already."""
        return self.names.setdefault(was, now) == now

    def place(self, was: str, now: str) -> bool:
        """Bind the numbers of an address, each with all that stands before it."""
        old, new = was.split("/"), now.split("/")
        if len(old) != len(new):
            return False
        for at, (one, other) in enumerate(zip(old, new, strict=True), 1):
            if one == other:
                continue
            if not (NUMBER.fullmatch(one) and NUMBER.fullmatch(other)):
                return False
            if not self.bind("/".join(old[:at]), "/".join(new[:at])):
                return False
        return True


def leaves(text: str) -> Iterator[Leaf]:
    """The attributes and texts of a document, in order; the whole of what is no XML."""
    try:
        root = etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        yield "body", "", text
        return
    yield from _leaves(root, "")


def _leaves(element: etree._Element, above: str) -> Iterator[Leaf]:
    name = etree.QName(element).localname
    path = f"{above}/{name}"
    yield path, name, (element.text or "").strip()
    for key, value in sorted((etree.QName(key).localname, value) for key, value in element.attrib.items()):
        yield f"{path}/@{key}", key, str(value)
    for child in element.iterchildren(etree.Element):
        yield from _leaves(child, path)


def _short(text: str) -> str:
    return (text if len(text) <= 60 else f"{text[:60]}...") or "nothing"  # noqa: PLR2004 - for people
