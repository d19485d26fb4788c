"""What a keeping profile keeps: elements and attributes without a place in the model, and the way back.

IEEE 2030.5-2018 asks a receiver to tolerate extensions it does not know. A kept part is text with its place
beside the object, so that the object stays a plain model and the document can still be given back whole. No
part costs a walk over its siblings, none carries more than its own namespaces; never keeps beyond the caps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, cast

from lxml import etree
from lxml.etree import _Element

from bridge.mapping.guard import Caps, refusal


@dataclass(frozen=True, slots=True)
class Foreign:
    """One kept part: an element's text, or an attribute."""

    path: str
    """Place of the parent element, as in an error."""
    before: int
    """How many element children stand before it; -1 for an attribute."""
    name: str
    text: str


class Keeping:
    """The parts kept of one document, within the caps of its profile."""

    __slots__ = ("_caps", "_left", "_places", "parts")

    def __init__(self, caps: Caps) -> None:
        self.parts: list[Foreign] = []
        self._caps = caps
        self._left = caps.extent
        self._places: dict[_Element, tuple[str, int]] = {}

    def element(self, element: _Element, parent: _Element) -> None:
        """Keep an element that has no place in its parent."""
        self._admit(element)
        text = serialised(element, self._left, f"kept parts of more than {self._caps.extent} bytes")
        before = self._place(element)[1]
        self._add(element, Foreign(self._path(parent), before, str(element.tag), text))

    def attribute(self, element: _Element, name: str, text: str) -> None:
        """Keep an attribute that its element does not have."""
        self._admit(element)
        self._add(element, Foreign(self._path(element), -1, name, text))

    def _admit(self, element: _Element) -> None:
        if len(self.parts) >= self._caps.kept:
            raise refusal(element, f"more than {self._caps.kept} unknown parts to be kept", "kept")

    def _add(self, element: _Element, part: Foreign) -> None:
        self._left -= len(part.name) + len(part.text)
        if self._left < 0:
            raise refusal(element, f"kept parts of more than {self._caps.extent} bytes", "kept")
        self.parts.append(part)

    def _path(self, element: _Element) -> str:
        """What `guard.path` says, from steps that are counted once for all children of a parent."""
        steps: list[str] = []
        node: _Element | None = element
        while node is not None:
            steps.append(self._place(node)[0])
            node = node.getparent()
        return "/" + "/".join(reversed(steps))

    def _place(self, element: _Element) -> tuple[str, int]:
        """An element's step, and how many siblings stand before it."""
        parent = element.getparent()
        if parent is None:
            return etree.QName(element).localname, 0
        if element not in self._places:
            like = Counter(child.tag for child in parent)
            met: Counter[object] = Counter()
            for before, child in enumerate(parent):
                met[child.tag] += 1
                number = f"[{met[child.tag]}]" if like[child.tag] > 1 else ""
                self._places[child] = f"{str(child.tag).rpartition('}')[2]}{number}", before
        return self._places[element]


class _Page:
    """A file of so many bytes; one more is an error."""

    def __init__(self, most: int) -> None:
        self.left = most
        self.chunks: list[bytes] = []

    def write(self, chunk: bytes) -> None:
        """Take what fits."""
        self.left -= len(chunk)
        if self.left < 0:
            raise EOFError
        self.chunks.append(chunk)


def serialised(element: _Element, most: int, excess: str) -> str:
    """An element as text that stands by itself: exclusive canonical XML of at most so many bytes.

    A copy has the namespaces it uses and not all that are in scope, which are dear to sort out each time.
    """
    page = _Page(most)
    alone = deepcopy(element)
    alone.tail = None
    try:
        cast("Any", alone.getroottree()).write_c14n(page, exclusive=True)
    except etree.C14NError:
        reason = "a relative namespace name, which canonical XML cannot carry"
        raise refusal(element, reason, "namespace") from None
    except EOFError:
        raise refusal(element, excess, "kept") from None
    return b"".join(page.chunks).decode()


def restored(data: bytes, foreign: Iterable[Foreign]) -> bytes:
    """A document with the kept parts put back where they stood; ValueError when a place is gone."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    root = etree.fromstring(data, parser)
    below: dict[_Element, dict[str, list[_Element]]] = {}
    for part, parent in [(part, _found(root, part.path, below)) for part in foreign]:
        if part.before < 0:
            parent.set(part.name, part.text)
        else:
            parent.insert(part.before, etree.fromstring(part.text.encode(), parser))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=False)


def _found(root: _Element, path: str, below: dict[_Element, dict[str, list[_Element]]]) -> _Element:
    """The element at a path; `below` remembers the children by name of those passed on the way."""
    first, *steps = path.lstrip("/").split("/")
    node = root if etree.QName(root).localname == first else None
    for step in steps:
        name, _, number = step.rstrip("]").partition("[")
        if node is not None and node not in below:
            below[node] = {}
            for child in node:
                below[node].setdefault(etree.QName(child).localname, []).append(child)
        like = [] if node is None else below[node].get(name, [])
        node = like[int(number or 1) - 1] if len(like) >= int(number or 1) else None
    if node is None:
        raise ValueError(f"{path} is no longer there, so what was kept in it has no place")
    return node
