"""Valid documents at random from the models, grown element by element.

Trees are grown from the fields (`bridge.mapping.form`) without the binding's writer, with the spellings that
a schema allows and a writer would not use. Facets are kept; what is drawn is for the schema to accept.
"""

from __future__ import annotations

from random import Random

from lxml import etree
from lxml.etree import _Element

from bridge.mapping import form
from bridge.mapping.form import Part, Scalar
from bridge.mapping.profile import Profile
from models import kit

XSI = "http://www.w3.org/2001/XMLSchema-instance"
_URIS = ("/edev/1", "", "https://[::1]:8443/a?b=c#d", "../x", "a b", "urn:a:b", "\u00e9", "//h", "?q", "#f")
_WORDS = (
    "",
    "a",
    " ",
    " two words ",
    "\u20ac\U0001f600",
    "<&>",
    "line\nline",
    "012345678901234567890123456789012",
)


class Growth:
    """One tree being grown."""

    def __init__(self, rng: Random, profile: Profile) -> None:
        self.rng = rng
        self.profile = profile

    def fill(self, element: _Element, cls: type[kit.Model], depth: int) -> None:
        """Give an element the attributes and content of a class."""
        parts = form.parts(cls)
        share = 0.5 if len(parts) < 12 else 0.2  # noqa: PLR2004 - large types stay readable
        for part in parts:
            if part.required or (depth > 0 and self.rng.random() < share):
                self._part(element, part, cls, depth)

    def _part(self, element: _Element, part: Part, cls: type[kit.Model], depth: int) -> None:
        if part.kind == "attribute" and isinstance(part.item, Scalar):
            element.set(part.name, spelled(self.rng, part.item))
        elif part.kind == "anyAttribute":
            element.set("{urn:example:x}note", "1")
        elif part.kind == "text" and isinstance(part.item, Scalar):
            element.text = spelled(self.rng, part.item)
        else:
            most = part.least + 2 if part.most is None else part.most
            times = self.rng.randint(part.least, min(most, part.least + 2)) if part.many else 1
            for _ in range(times):
                self._child(element, part, cls, depth)

    def _child(self, element: _Element, part: Part, cls: type[kit.Model], depth: int) -> None:
        if part.kind == "any":
            namespace = cls.XMLNS if part.ns == "##targetNamespace" else "urn:example:x"
            etree.SubElement(element, f"{{{namespace}}}Extension").text = "1"
            return
        child = etree.SubElement(element, f"{{{part.ns}}}{part.name}")
        if isinstance(part.item, Scalar):
            child.text = spelled(self.rng, part.item)
        elif part.item is not None:
            self.fill(child, self._actual(child, part.item), depth - 1)

    def _actual(self, child: _Element, declared: type[kit.Model]) -> type[kit.Model]:
        """The declared class, or now and then an extension of it, named by xsi:type."""
        if self.rng.random() < 0.7:  # noqa: PLR2004 - mostly what is declared
            return declared
        types = self.profile.names("TYPES")
        found = sorted((names[0], cls) for cls, names in types.items() if issubclass(cls, declared))
        (namespace, local), cls = self.rng.choice(found) if found else (("", ""), declared)
        if found:
            child.set(f"{{{XSI}}}type", qualified(child, namespace, local))
        return cls


def qualified(element: _Element, namespace: str, local: str) -> str:
    """A qualified name by the prefixes in scope."""
    prefix = next((prefix for prefix, ns in element.nsmap.items() if ns == namespace), None)
    return f"{prefix}:{local}" if prefix else local


def spelled(rng: Random, kind: Scalar) -> str:
    """A text of a simple type, in one of the spellings that stand for a value."""
    if kind.builtin == "boolean":
        return rng.choice(("true", "false", "1", "0", " true ", "\n0"))
    if kind.builtin == "hexBinary":
        most = (kind.max_length or 16) // 2
        text = rng.randbytes(rng.choice((0, 1, most // 2, most))).hex()
        return rng.choice((text, text.upper(), f" {text}\n"))
    if kind.builtin == "anyURI":
        return rng.choice(_URIS)
    if kind.builtin == "string":
        return _string(rng, kind)
    least, most = _range(kind)
    value = rng.choice((least, most, rng.randint(least, most), max(least, min(most, 0))))
    return rng.choice(
        (str(value), str(value), f" {value} ", f"{value:+d}", f"{'-' * (value < 0)}00{abs(value)}")
    )


def _range(kind: Scalar) -> tuple[int, int]:
    return (-(2**63) if kind.ge is None else kind.ge), (2**63 - 1 if kind.le is None else kind.le)


def _string(rng: Random, kind: Scalar) -> str:
    if kind.patterns:
        return f"{rng.randint(1, 9)}.{rng.randint(0, 9)}"
    text = rng.choice(_WORDS)
    return text if kind.max_length is None else text[: kind.max_length]
