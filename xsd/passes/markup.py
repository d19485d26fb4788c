"""Writing schema text: the header, declarations and annotations, indented, in a fixed order of attributes.

Text rather than a tree, so that one element is one short block and the output is the same on every
machine. Machine readable facts go into xs:appinfo as elements without a namespace, words into
xs:documentation. Never knows what a logical node is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from xsd.passes.nsd import Source

SPACES = {"der": "urn:derbridge:der", "ext": "urn:derbridge:der:extension"}


def document(
    target: str, intro: str, sources: Sequence[Source], links: Iterable[str], body: Iterable[str]
) -> str:
    """A whole schema file of the namespace with prefix `target`."""
    text = list(body)
    prefixes = [p for p in SPACES if p in ("der", target) or any(f'"{p}:' in line for line in text)]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<!--",
        f"  {intro}",
        "  Written by xsd/generate.py; do not edit. Names, types and conditions are taken from:",
        *(f"    {s.id}:{s.release} sha256 {s.digest}" for s in sources),
        "  which are IEC code components (terms: www.iec.ch/CCv1). All words are ours. See xsd/README.md.",
        "-->",
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"',
        *(f'           xmlns:{p}="{SPACES[p]}"' for p in prefixes),
        f'           targetNamespace="{SPACES[target]}" elementFormDefault="qualified" version="1">',
        *indent(links),
        *indent(text),
        "</xs:schema>",
    ]
    return "\n".join(lines) + "\n"


def include(name: str) -> str:
    """Another file of the same namespace."""
    return f'<xs:include schemaLocation="{name}"/>'


def bring(prefix: str, name: str) -> str:
    """A file of another namespace."""
    return f'<xs:import namespace="{SPACES[prefix]}" schemaLocation="{name}"/>'


def tag(name: str, attributes: Mapping[str, str], *, close: bool = True) -> str:
    """A start tag or an empty element; attributes without a value are left out."""
    given = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items() if value)
    return f"<{name}{given}{'/' if close else ''}>"


def annotation(facts: Iterable[str], words: str = "") -> list[str]:
    """Facts for the machine and words for people, on one line each."""
    told = "".join(facts)
    inner = [f"<xs:appinfo>{told}</xs:appinfo>"] if told else []
    if words:
        inner.append(f"<xs:documentation>{escape(words)}</xs:documentation>")
    return ["<xs:annotation>", *indent(inner), "</xs:annotation>"] if inner else []


def block(name: str, attributes: Mapping[str, str], *content: Iterable[str]) -> list[str]:
    """An element with content, or an empty one where there is none."""
    inner = [line for part in content for line in part]
    if not inner:
        return [tag(name, attributes)]
    return [tag(name, attributes, close=False), *indent(inner), f"</{name}>"]


def indent(lines: Iterable[str]) -> list[str]:
    """The same lines, two columns further in."""
    return [f"  {line}" for line in lines]
