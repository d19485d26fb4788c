"""Bytes to model object and back: the public face of the binding.

`read` accepts what the official schema of the profile accepts and refuses the rest with path, line and
reason; `write` gives the bytes that the profile says. Neither evaluates an entity nor touches the network or
the clock.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import cast
from xml.etree.ElementTree import Element

from lxml import etree
from lxml.etree import _Element

from bridge.mapping import guard
from bridge.mapping.express import Odd, express
from bridge.mapping.foreign import Foreign, restored
from bridge.mapping.guard import Refused, refusal
from bridge.mapping.plan import Plan
from bridge.mapping.profile import Profile
from bridge.mapping.reading import Reading
from bridge.mapping.scanner import scan
from bridge.mapping.wire import Wire
from bridge.mapping.wire import wire as form
from bridge.mapping.writing import Unwritable, quoted, writing
from models import kit

__all__ = ["Document", "Foreign", "Refused", "Unwritable", "document", "from_element", "read", "write"]


@dataclass(frozen=True, slots=True)
class Document:
    """A document read under a profile that keeps: the object, and what its model has no place for."""

    root: kit.Model
    name: str
    """Local name of the root element."""
    foreign: tuple[Foreign, ...]


def read(data: bytes, profile: Profile, *, expect: type[kit.Model] | None = None) -> kit.Model:
    """The object a document stands for; Refused when the profile does not accept it."""
    return document(data, profile, expect=expect).root


def document(data: bytes, profile: Profile, *, expect: type[kit.Model] | None = None) -> Document:
    """The same, with the root's name and the foreign parts that a keeping profile has kept."""
    made = _quick(data, profile) or _careful(guard.parse(data, profile.caps), profile)
    return _expected(made, expect)


def _quick(data: bytes, profile: Profile) -> Document | None:
    """A plain and valid document, or nothing; what any other has made is let go before it is read again."""
    if found := scan(data, profile):
        return Document(*found, ())
    root = guard.parse(data, profile.caps, blanks=guard.sections(data))
    wire, plan = _form(root, profile)
    try:
        return Document(express(wire, root, plan), etree.QName(root).localname, ())
    except Odd:
        return None


def from_element(
    element: _Element | Element, profile: Profile, *, expect: type[kit.Model] | None = None
) -> kit.Model:
    """The object of an element parsed already, by lxml or the standard library, without a DTD.

    The library's elements have lost their prefixes, so that `xsi:type` is read there without one only.
    """
    root = deepcopy(element) if isinstance(element, _Element) else _copied(element)
    guard.shape(root, profile.caps)
    return _expected(_careful(root, profile), expect).root


def _copied(element: Element) -> _Element:
    """An element of the standard library as one of lxml, without recursion."""
    namespace = element.tag[1:].partition("}")[0] if element.tag.startswith("{") else ""
    root = etree.Element(
        element.tag, dict(element.attrib), {cast("str", None): namespace} if namespace else None
    )
    root.text = element.text or None
    left = [(root, child) for child in reversed(element)]
    while left:
        parent, source = left.pop()
        if not isinstance(source.tag, str):
            raise Refused("/", 1, "a comment or processing instruction, none is read", "comment")
        made = etree.SubElement(parent, source.tag, dict(source.attrib))
        made.text, made.tail = source.text or None, source.tail or None
        left.extend((made, child) for child in reversed(source))
    return root


def _careful(root: _Element, profile: Profile) -> Document:
    """Element by element, with the path and line of the first fault, and with what a profile keeps."""
    wire, plan = _form(root, profile)
    reading = Reading(wire)
    made = reading.build(root, plan)
    return Document(made, etree.QName(root).localname, tuple(reading.keeping.parts))


def _form(root: _Element, profile: Profile) -> tuple[Wire, Plan]:
    """The wire form that the root's namespace stands for, and the plan of its element."""
    name = etree.QName(root)
    namespace = name.namespace or ""
    known = namespace in profile.accept
    wire = form(profile, namespace if known else profile.namespace)
    cls = wire.root(namespace, name.localname)
    if cls is not None:
        return wire, wire.plan(cls)
    if known or any(namespace == space for _, space in profile.prefixes):
        raise refusal(root, f"{name.localname} is no element of profile {profile.name}", "root")
    raise refusal(root, f"namespace {namespace[:80]!r} is not one of profile {profile.name}", "root")


def _expected(made: Document, expect: type[kit.Model] | None) -> Document:
    if expect is not None and not isinstance(made.root, expect):
        raise Refused(f"/{made.name}", 1, f"{made.name} where {expect.__name__} is expected", "root")
    return made


def write(
    obj: kit.Model, profile: Profile, *, root: str | None = None, foreign: tuple[Foreign, ...] = ()
) -> bytes:
    """The bytes of an object; `root` names its element where the class alone does not.

    An object under the element of a class it extends gets `xsi:type`. What a keeping profile kept is put back
    by `foreign`.
    """
    compiled = writing(profile)
    namespace, local, declared = _root(obj, profile, root)
    out: list[str] = []
    extra = "" if declared is type(obj) else compiled.typed(type(obj))
    compiled.element(obj, compiled.name(namespace, local), _MARK + extra, out)
    text = "".join(out)
    data = text.replace(_MARK, _declarations(profile, text), 1).encode()
    if foreign:
        data = restored(data, foreign)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + data if profile.declaration else data


_MARK = "\0"


def _root(obj: kit.Model, profile: Profile, root: str | None) -> tuple[str, str, type[kit.Model]]:
    """Namespace, name and declared class of the root element."""
    if root is not None:
        namespace, _, local = root[1:].rpartition("}") if root.startswith("{") else (profile.model, "", root)
        declared = profile.root(namespace, local)
        if declared is None or not isinstance(obj, declared):
            raise Unwritable(
                root, f"no element of profile {profile.name} that a {type(obj).__name__} may stand under"
            )
        return namespace, local, declared
    for cls in type(obj).__mro__:
        names = profile.names("ELEMENTS").get(cls, ()) if issubclass(cls, kit.Model) else ()
        own = [name for name in names if name[1] == cls.__name__] or list(names)
        if len(own) == 1:
            return (*own[0], cls)
        if own:
            raise Unwritable(
                cls.__name__, f"several elements have this type: {', '.join(n for _, n in own)[:100]}"
            )
    raise Unwritable(type(obj).__name__, f"no element of profile {profile.name} has this type")


def _declarations(profile: Profile, text: str) -> str:
    """The default namespace, and the prefixes that the text has."""
    found = ""
    for prefix, namespace in profile.prefixes:
        if not prefix:
            found += f' xmlns="{quoted(namespace)}"'
        elif f"{prefix}:" in text:
            found += f' xmlns:{prefix}="{quoted(namespace)}"'
    return found
