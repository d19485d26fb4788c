"""Model objects to bytes: elements in schema order, `xsi:type` where an extension stands for its base.

A class is compiled once, per profile, into start tags and writers of its fields; text is joined, not built as
a tree. Prefixes are the profile's and are declared on the root, those in use only. Refuses what XML cannot
say; never reorders.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

from bridge.mapping import form, lexical
from bridge.mapping.form import Part, Scalar
from bridge.mapping.profile import Profile
from models import kit

_XML = "http://www.w3.org/XML/1998/namespace"

Put = Callable[[Any, list[str]], None]
"""Writes one value to the end of a list of texts."""


class Unwritable(ValueError):
    """A value that no document of the profile can hold: `field` names it, the message says why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Script:
    """A class compiled for writing."""

    attributes: tuple[tuple[str, Callable[[Any], str]], ...]
    """Field, and the text ` name="value"` of a value."""
    content: tuple[tuple[str, Put], ...]
    any_attribute: str | None
    scalars: dict[str, str]
    """Fields of scalar elements and their local names: foreign attributes may be kept for these."""


class Writing:
    """The compiled form of a profile for writing."""

    __slots__ = ("prefixes", "profile", "scripts")

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.prefixes = {ns: prefix for prefix, ns in reversed(profile.prefixes)}
        self.scripts: dict[type[kit.Model], Script] = {}

    def name(self, namespace: str, local: str) -> str:
        """The name of an element as it is written."""
        ns = self.profile.namespace if namespace == self.profile.model else namespace
        if not ns:
            if "" in self.prefixes.values():
                raise ValueError(
                    f"{local} has no namespace, but profile {self.profile.name} writes a default one"
                )
            return local
        prefix = self.prefixes.get(ns)
        if prefix is None:
            raise ValueError(f"profile {self.profile.name} has no prefix for namespace {ns}")
        return f"{prefix}:{local}" if prefix else local

    def script(self, cls: type[kit.Model]) -> Script:
        """The compiled form of a class."""
        found = self.scripts.get(cls)
        if found is None:
            found = self.scripts[cls] = self._compiled(cls)
        return found

    def _compiled(self, cls: type[kit.Model]) -> Script:
        parts = form.parts(cls)
        return Script(
            attributes=tuple((p.field, self._attribute(p)) for p in parts if p.kind == "attribute"),
            content=tuple(
                (p.field, self._part(p)) for p in parts if p.kind not in {"attribute", "anyAttribute"}
            ),
            any_attribute=next((p.field for p in parts if p.kind == "anyAttribute"), None),
            scalars={p.field: p.name for p in parts if p.kind == "element" and isinstance(p.item, Scalar)},
        )

    def _attribute(self, part: Part) -> Callable[[Any], str]:
        spell = speller(part)
        name = self._attribute_name(part.ns, part.name)
        return lambda value: f' {name}="{quoted(spell(value))}"'

    def _attribute_name(self, namespace: str, local: str) -> str:
        if not namespace:
            return local
        prefix = "xml" if namespace == _XML else self.prefixes.get(namespace)
        if not prefix:
            raise ValueError(
                f"profile {self.profile.name} has no prefix for attributes of namespace {namespace}"
            )
        return f"{prefix}:{local}"

    def _part(self, part: Part) -> Put:
        if part.kind == "text":
            spell = speller(part)
            return lambda value, out: out.append(escaped(spell(value)))
        put = self._one(part)
        if not part.many:
            return put

        def every(values: Any, out: list[str]) -> None:
            for value in values:
                put(value, out)

        return every

    def _one(self, part: Part) -> Put:
        if part.kind == "any":
            return lambda value, out: out.append(value)
        if part.kind == "choice":
            return self._choice(part)
        name = self.name(part.ns, part.name)
        return self._scalar(part, name) if isinstance(part.item, Scalar) else self._complex(part, name)

    def _choice(self, part: Part) -> Put:
        cases = {case: self._part(form.case(case)) for case in part.cases}

        def put(value: Any, out: list[str]) -> None:
            cases[type(value)](value.value, out)

        return put

    def _scalar(self, part: Part, name: str) -> Put:
        spell = speller(part)
        start, end, bare = f"<{name}>", f"</{name}>", f"<{name}/>"

        def put(value: object, out: list[str]) -> None:
            text = spell(value)
            if not text and part.default is not None:
                raise Unwritable(
                    part.field, f"without content it would be read as its default, {part.default!r}"
                )
            out.append(f"{start}{escaped(text)}{end}" if text else bare)

        return put

    def _complex(self, part: Part, name: str) -> Put:
        declared = part.item

        def put(value: kit.Model, out: list[str]) -> None:
            self.element(value, name, "" if type(value) is declared else self.typed(type(value)), out)

        return put

    def typed(self, cls: type[kit.Model]) -> str:
        """The attribute that names the class of an extension."""
        names = self.profile.names("TYPES").get(cls)
        if not names:
            raise Unwritable(
                cls.__name__, f"no type of profile {self.profile.name}, so xsi:type cannot name it"
            )
        return f' xsi:type="{self.name(*names[0])}"'

    def element(self, value: kit.Model, name: str, extra: str, out: list[str]) -> None:
        """Write one element of a class, with `extra` among its attributes."""
        script = self.script(type(value))
        held = value.__dict__
        at = len(out)
        start = f"<{name}{extra}"
        for field, spell in script.attributes:
            item = held[field]
            if item is not None:
                start += spell(item)
        out.append(start)
        pairs = held[script.any_attribute] if script.any_attribute is not None else ()
        if pairs:
            out[at] += _own(pairs)
            _adorned(script, held, pairs, out)
        else:
            for field, put in script.content:
                item = held[field]
                if item is not None:
                    put(item, out)
        if len(out) == at + 1:
            out[at] += "/>"
        else:
            out[at] += ">"
            out.append(f"</{name}>")


def _own(pairs: tuple[tuple[str, str], ...]) -> str:
    """The foreign attributes of the element itself: those whose key names no child."""
    return "".join(_piece(name, text, n) for n, (name, text) in enumerate(pairs) if not _child(name))


def _child(name: str) -> str:
    """The child that a key of `anyAttribute` names, `child` or `child[2]`; empty for the element itself."""
    return "" if name.startswith("{") else name.partition("/@")[0] if "/@" in name else ""


def _piece(name: str, text: str, number: int) -> str:
    namespace, _, local = name[1:].rpartition("}") if name.startswith("{") else ("", "", name)
    if namespace == _XML:
        return f' xml:{local}="{quoted(text)}"'
    if not namespace:
        return f' {local}="{quoted(text)}"'
    return f' xmlns:a{number}="{quoted(namespace)}" a{number}:{local}="{quoted(text)}"'


def _adorned(
    script: Script, held: dict[str, Any], pairs: tuple[tuple[str, str], ...], out: list[str]
) -> None:
    """Write the content, with the foreign attributes kept for scalar children put into their tags."""
    pieces: dict[str, str] = {}
    for number, (name, text) in enumerate(pairs):
        child = _child(name)
        if child:
            pieces[child] = pieces.get(child, "") + _piece(name.partition("/@")[2], text, number)
    for field, put in script.content:
        if held[field] is None:
            continue
        at = len(out)
        put(held[field], out)
        local = script.scalars.get(field)
        for place in range(at, len(out) if local else at):
            number = place - at + 1
            piece = pieces.pop(str(local) if number == 1 else f"{local}[{number}]", "")
            out[place] = _inserted(out[place], piece) if piece else out[place]
    if pieces:
        raise Unwritable(next(iter(pieces)), "an attribute is kept for it, but it does not stand here")


def _inserted(element: str, piece: str) -> str:
    """An element's text with one more attribute in its start tag."""
    at = element.index(">")
    at -= element[at - 1] == "/"
    return element[:at] + piece + element[at:]


def speller(part: Part) -> Callable[[Any], str]:
    """A scalar's value to text, refusing what would not be read back as the same."""
    scalar = part.item
    if not isinstance(scalar, Scalar):
        raise TypeError(f"{part.field} is not a scalar")
    check = lexical.READERS[scalar.builtin] if scalar.builtin in lexical.CHECKED else None
    figures = (
        scalar.builtin == "boolean"
        and scalar.spelling is not None
        and not form.bare(scalar.spelling).fullmatch("true")
    )

    def spell(value: Any) -> str:
        text = lexical.text(int(value) if figures else value.value if isinstance(value, Enum) else value)
        if lexical.illegal(text):
            raise Unwritable(part.field, "holds a character that XML cannot carry")
        if check is not None and _differs(check, text):
            raise Unwritable(part.field, f"{text[:40]!r} is not the text of a {scalar.builtin}")
        return text

    return spell


def _differs(check: Callable[[str], object], text: str) -> bool:
    try:
        return check(text) != text
    except ValueError:
        return True


def escaped(text: str) -> str:
    """Text between tags."""
    if "&" in text:
        text = text.replace("&", "&amp;")
    if "<" in text:
        text = text.replace("<", "&lt;")
    if ">" in text:
        text = text.replace(">", "&gt;")
    return text.replace("\r", "&#13;") if "\r" in text else text


def quoted(text: str) -> str:
    """Text of an attribute in double quotes; line ends and tabs by reference, else they would be lost."""
    text = escaped(text).replace('"', "&quot;")
    return text.replace("\n", "&#10;").replace("\t", "&#9;")


@cache
def writing(profile: Profile) -> Writing:
    """The compiled form of a profile, made once."""
    return Writing(profile)
