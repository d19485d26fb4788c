"""One element of a stream below its root, with the bytes it came in.

What is passed on are those bytes: `stamped` writes a sender into the start tag and leaves every other byte as
it is. An element is self-contained, since the root declares nothing that ours does not. Only what is for the
relay itself is read as a tree. Nothing is judged here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from bridge.xmpp.names import CLOSE, ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = re.compile(rb"<[^\s/>]+")
ATTRIBUTE = re.compile(rb"\s+([^\s=]+)\s*=\s*(?:\"[^\"]*\"|'[^']*')")


class Element:
    """An element; what is between its tags is `inner`, and `tail` is its end tag."""

    __slots__ = ("attrs", "children", "head", "inner", "name", "tail")

    def __init__(
        self, name: str, attrs: Mapping[str, str], children: list[str], parts: tuple[bytes, bytes, bytes]
    ) -> None:
        self.name = name
        """Namespace and name with a blank between."""
        self.attrs = attrs
        self.children = children
        """Names of the elements right below."""
        self.head, self.inner, self.tail = parts

    @property
    def kind(self) -> str:
        """The type that a stanza has, '' where it says none."""
        return self.attrs.get("type", "")

    @property
    def raw(self) -> bytes:
        """All of it as it came."""
        return self.head + self.inner + self.tail

    def stamped(self, stamp: bytes) -> bytes:
        """Give the element with a sender in the place of whatever sender it named."""
        head = without(self.head, b"from") if "from" in self.attrs else self.head
        found = NAME.match(head)
        assert found is not None  # noqa: S101 - the parser has taken it for a tag
        end = found.end()
        return b"".join((head[:end], stamp, head[end:], self.inner, self.tail))

    def tree(self) -> ET.Element:
        """Read it as a tree."""
        whole = ROOT + b">" + self.raw + CLOSE
        return ET.fromstring(whole)[0]  # noqa: S314 - the reader has let nothing pass that is dangerous


def without(head: bytes, name: bytes) -> bytes:
    """Give a start tag without an attribute; a value that looks like one is left alone."""
    found = NAME.match(head)
    place = found.end() if found else len(head)
    while one := ATTRIBUTE.match(head, place):
        if one[1] == name:
            return head[: one.start()] + head[one.end() :]
        place = one.end()
    return head
