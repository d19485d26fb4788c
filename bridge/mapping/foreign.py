"""What a keeping profile keeps: elements and attributes without a place in the model, and the way back.

IEEE 2030.5-2018 asks a receiver to tolerate extensions it does not know. A kept part is text with its place
beside the object, so that the object stays a plain model and the document can still be given back whole. No
part costs a walk over its siblings, none carries more than its own namespaces; never keeps beyond the caps.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass

from lxml import etree
from lxml.etree import _Element

from bridge.mapping.guard import Caps, refusal

_NAKED = etree.XPath("boolean(descendant-or-self::*[not(namespace-uri())])")
_TAG = re.compile(rb'<(/?)([^ />!?]+)((?: [^ =]+="[^"]*")*)>')
"""A start or end tag of canonical XML, which has one blank before an attribute and no other `<` or `>`."""
_SPOT = re.compile(rb"<\?kept ([0-9]+)\?>")
GONE = "is no longer there, so what was kept in it has no place"


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

    __slots__ = ("_caps", "_left", "_open", "_places", "_taken", "parts")

    def __init__(self, caps: Caps) -> None:
        self.parts: list[Foreign] = []
        self._caps = caps
        self._left = caps.extent
        self._open = caps.bytes
        self._taken = caps.taken
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

    def wildcard(self, element: _Element) -> str:
        """The text of an element that a wildcard takes; together they are as long as a document at most."""
        if not self._taken:
            raise refusal(element, f"more than {self._caps.taken} elements that wildcards take", "kept")
        excess = f"more than {self._caps.bytes} bytes when what wildcards take stands alone"
        text = serialised(element, self._open, excess)
        self._taken -= 1
        self._open -= len(text)
        return text

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


def serialised(element: _Element, most: int, excess: str) -> str:
    """An element as text that stands by itself: exclusive canonical XML of at most so many bytes.

    A copy has the namespaces it uses and not all that are in scope, which are dear to sort out each time. How
    far it grows is bounded by the caps on attributes and on a namespace's name.
    """
    alone = copy(element)  # of lxml, which copies all that is inside
    alone.tail = None
    try:
        text = etree.tostring(alone, method="c14n", exclusive=True, with_comments=False)
    except etree.C14NError:
        reason = "a relative namespace name, which canonical XML cannot carry"
        raise refusal(element, reason, "namespace") from None
    if len(text) > most:
        raise refusal(element, excess, "kept")
    return (_freed(text) if _NAKED(alone) else text).decode()


def _freed(text: bytes) -> bytes:
    """Canonical XML whose elements of no namespace stay so where another default namespace is in force."""
    known = [False]

    def tag(found: re.Match[bytes]) -> bytes:
        if found[1]:
            known.pop()
            return found[0]
        said = known[-1] or b' xmlns="' in found[3]
        naked = not said and b":" not in found[2]
        known.append(said or naked)
        return b'<%s xmlns=""%s>' % (found[2], found[3]) if naked else found[0]

    return _TAG.sub(tag, text)


def restored(data: bytes, foreign: Iterable[Foreign]) -> bytes:
    """A document with the kept parts put back where they stood; ValueError when a place is gone."""
    text, gone = replaced(data, foreign)
    if gone:
        raise ValueError(f"{gone[0].path} {GONE}")
    return text


def replaced(data: bytes, foreign: Iterable[Foreign]) -> tuple[bytes, tuple[Foreign, ...]]:
    """A document with the kept parts put back, and those whose place is gone.

    All places are looked up before anything is put back: a part must not be taken for the element it is named
    like. Where fewer elements stand before a part than did, it is the last. Its text goes in letter for
    letter, since an element that is moved between trees may come under another's prefix.
    """
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    below: dict[_Element, dict[str, list[_Element]]] = {}
    gone: list[Foreign] = []
    texts: list[bytes] = []
    for part, parent in [(part, _found(root, part.path, below)) for part in foreign]:
        if parent is None:
            gone.append(part)
        elif part.before < 0:
            parent.set(part.name, part.text)
        else:
            parent.insert(part.before, etree.ProcessingInstruction("kept", str(len(texts))))
            texts.append(part.text.encode())
    whole = etree.tostring(root, encoding="UTF-8", xml_declaration=False)
    return _SPOT.sub(lambda found: texts[int(found[1])], whole), tuple(gone)


def _found(root: _Element, path: str, below: dict[_Element, dict[str, list[_Element]]]) -> _Element | None:
    """The element at a path, if any; `below` remembers the children by name of those passed on the way."""
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
    return node
