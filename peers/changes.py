"""One change to a valid document: order, occurrence, text, unknown parts, type, mixed content, name.

A change may leave a document valid, as when an optional element is dropped; whether it does is for the two
verdicts to say. Each works on any tree and leaves it well-formed.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from lxml import etree
from lxml.etree import _Element

from bridge.mapping.profile import Profile
from peers.growth import XSI, qualified

Change = Callable[[Random, _Element, Profile], Any]


def changed(rng: Random, root: _Element, profile: Profile) -> tuple[str, bytes]:
    """The first change that leaves a mark, for a small document has nothing to put in another order."""
    before = data = etree.tostring(root)
    name = ""
    while data == before:
        name, change = rng.choice(CHANGES)
        change(rng, root, profile)
        data = etree.tostring(root)
    return name, data


def _any(rng: Random, root: _Element) -> _Element:
    return rng.choice(list(root.iter("*")))


def _leaf(rng: Random, root: _Element) -> _Element:
    return rng.choice([each for each in root.iter("*") if not len(each)])


def swap(rng: Random, root: _Element, _: Profile) -> None:
    """Order: one child goes to another place among its siblings."""
    parents = [each for each in root.iter("*") if len(each) > 1] or [root]
    parent = rng.choice(parents)
    if len(parent) > 1:
        child = rng.choice(list(parent))
        parent.remove(child)
        parent.insert(rng.randrange(len(parent) + 1), child)


def repeat(rng: Random, root: _Element, _: Profile) -> None:
    """Occurrence: one child more."""
    child = _any(rng, root)
    parent = child.getparent()
    if parent is not None:
        copy = etree.fromstring(etree.tostring(child, with_tail=False))
        parent.insert(parent.index(child), copy)


def drop(rng: Random, root: _Element, _: Profile) -> None:
    """Occurrence: one child less."""
    child = _any(rng, root)
    parent = child.getparent()
    if parent is not None:
        parent.remove(child)


def retext(rng: Random, root: _Element, _: Profile) -> None:
    """Range and lexical form: another text in a leaf."""
    _leaf(rng, root).text = rng.choice(TEXTS)


def reattribute(rng: Random, root: _Element, _: Profile) -> None:
    """Range and lexical form: another value of an attribute, or one less."""
    found = [each for each in root.iter("*") if each.attrib]
    if found:
        element = rng.choice(found)
        name = rng.choice(sorted(map(str, element.attrib)))
        if rng.random() < 0.3 or name.startswith("{"):  # noqa: PLR2004
            del element.attrib[name]
        else:
            element.set(name, rng.choice(TEXTS))


def strange(rng: Random, root: _Element, _: Profile) -> None:
    """Unknown element, in the same namespace, another, or none."""
    parent = _any(rng, root)
    own = etree.QName(root).namespace or "urn:example:z"
    names = (f"{{{own}}}Bogus", f"{{{own}}}mRID", f"{{{own}}}DERControl")
    name = rng.choice((*names, "{urn:example:y}Bogus", "{relative}Bogus", "Bogus"))
    element = etree.Element(name)
    element.text = rng.choice((None, "1"))
    parent.insert(rng.randrange(len(parent) + 1), element)


def marked(rng: Random, root: _Element, _: Profile) -> None:
    """Unknown attribute, or one of the schema instance namespace."""
    names = (
        "bogus",
        "{urn:example:y}bogus",
        "{http://www.w3.org/XML/1998/namespace}lang",
        "href",
        "all",
        "subscribable",
    )
    name = rng.choice((*names, f"{{{XSI}}}nil", f"{{{XSI}}}bogus", f"{{{XSI}}}noNamespaceSchemaLocation"))
    _any(rng, root).set(name, rng.choice(("true", "0", "x")))


def retyped(rng: Random, root: _Element, profile: Profile) -> None:
    """xsi:type: a known type that may or may not extend the declared one, or no type at all."""
    if rng.random() < 0.3:  # noqa: PLR2004
        _leaf(rng, root).set(
            f"{{{XSI}}}type", rng.choice(("UInt8", "UInt16", "TimeType", "PerCent", "String32"))
        )
        return
    element = rng.choice([each for each in root.iter("*") if len(each)] or [root])
    names = sorted(name for names in profile.names("TYPES").values() for name in names)
    namespace, local = rng.choice((*rng.sample(names, 3), ("", "Bogus"), ("urn:example:y", "Bogus")))
    element.set(f"{{{XSI}}}type", qualified(element, namespace, local))


def mixed(rng: Random, root: _Element, _: Profile) -> None:
    """Text between elements, blank or not."""
    element = _any(rng, root)
    text = rng.choice((" ", "\n\t", "x", "\u00a0", " 5 "))
    if rng.random() < 0.5:  # noqa: PLR2004
        element.tail = text if element.getparent() is not None else None
    elif len(element):
        element.text = text


def renamed(rng: Random, root: _Element, _: Profile) -> None:
    """Type: an element under another's name, or in another namespace."""
    element = _any(rng, root)
    other = _any(rng, root)
    local = etree.QName(element).localname
    element.tag = rng.choice((other.tag, local, f"{{urn:example:y}}{local}"))


TEXTS = (
    *("", " ", "x", "-1", "256", "65536", "4294967296", "281474976710656", "18446744073709551616", "-32769"),
    *(
        "1_000",
        "\u0663",
        "1.0",
        "1e3",
        "0x10",
        "+5",
        "--5",
        "- 5",
        "5 5",
        "\u00a05",
        "00000000000000000000000000000001",
    ),
    *(
        "TRUE",
        "yes",
        "2",
        "abc",
        "ABCDE",
        "0g",
        "F" * 34,
        "F" * 42,
        "x" * 17,
        "x" * 43,
        "x" * 200,
        "\U0001f600" * 33,
    ),
    *("%", "http://h:port/", "1:a", "http://[::1/", "a#b#c", "%4g", ":"),
)
CHANGES: tuple[tuple[str, Change], ...] = (
    ("order", swap),
    ("repeat", repeat),
    ("drop", drop),
    ("text", retext),
    ("attribute", reattribute),
    ("unknown", strange),
    ("marked", marked),
    ("type", retyped),
    ("mixed", mixed),
    ("name", renamed),
)
