"""The gate before the binding: what is refused of a document before any element of it is looked at.

Encoding, document type, comments and processing instructions are refused on the bytes; depth, attributes and
text on the parsed tree, by expressions that libxml2 evaluates in one pass. XML 1.0 (W3C) sections 2.8 and
4.3.3; the restriction to UTF-8 is IEEE 2030.5-2018 clause 5. Never evaluates an entity, never opens a file or
a connection.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import cast

from lxml import etree
from lxml.etree import XPath, _Element

_DECLARATION = re.compile(rb"<\?xml(?=[ \t\r\n])([^<>?]*)\?>")
_VERSION = re.compile(rb"""[ \t\r\n]version[ \t\r\n]*=[ \t\r\n]*["']([^"']*)["']""")
_ENCODING = re.compile(rb"""[ \t\r\n]encoding[ \t\r\n]*=[ \t\r\n]*["']([^"']*)["']""")
_DECLARED = re.compile(rb"""xmlns(?::[^\s=<>:]*)?[ \t\r\n]*=[ \t\r\n]*("[^"<]*"|'[^'<]*')""")
_MARKUP = re.compile(rb"<[!?]")
_BOM = b"\xef\xbb\xbf"
_FOREIGN_BOMS = ((b"\x00\x00\xfe\xff", "UTF-32"), (b"\xff\xfe\x00\x00", "UTF-32"), (b"\xff\xfe", "UTF-16"))
_KINDS = (
    (b"<![CDATA[", "", ""),
    (b"<!DOCTYPE", "dtd", "a document type declaration"),
    (b"<!ENTITY", "dtd", "an entity declaration"),
    (b"<!--", "comment", "a comment"),
    (b"<?", "instruction", "a processing instruction"),
)
_USUAL_ELEMENT = 16
_SMALL = 4_096


@dataclass(frozen=True, slots=True)
class Caps:
    """Limits: `bytes` and `elements` of the whole document, `attributes` and `namespaces` of one element.

    All elements together have no more attributes than `elements`; `namespace` is the bytes of one namespace's
    name, which each element under it repeats. `kept` and `extent` are how many parts a keeping profile keeps,
    and their characters and bytes together; `taken` is how many elements wildcards take. They are set so that
    the dearest document that passes them, valid to its last element, costs less than 50 ms.
    """

    bytes: int = 524_288
    depth: int = 64
    elements: int = 6_000
    attributes: int = 64
    namespaces: int = 32
    namespace: int = 256
    text: int = 65_536
    kept: int = 256
    extent: int = 131_072
    taken: int = 4_096


class Refused(ValueError):
    """A document is not accepted: where (`path`, `line`), why (`reason`), by which sort of rule (`kind`)."""

    def __init__(self, path: str, line: int, reason: str, kind: str) -> None:
        super().__init__(f"{path}, line {line}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason
        self.kind = kind


def parse(data: bytes, caps: Caps, *, blanks: bool = True) -> _Element:
    """The root of a document that passes this gate; without `blanks`, white space between tags is dropped."""
    _size(data, caps)
    _encoding(data)
    _prolog(data)
    _counts(data, caps)
    try:
        root = etree.fromstring(data, _parser(blanks=blanks))
    except etree.XMLSyntaxError as fault:
        raise _syntax(fault) from None
    if not _small(data, caps):
        shape(root, caps, long=_long(data, caps.text))
    return root


@cache
def _parser(*, blanks: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_blank_text=not blanks
    )


def _small(data: bytes, caps: Caps) -> bool:
    """Whether a document has too few bytes, elements and attributes to break any bound on its shape."""
    return (
        len(data) <= min(caps.text, _SMALL)
        and data.count(b"</") + data.count(b"/>") <= min(caps.depth, caps.elements)
        and data.count(b"=") <= min(caps.attributes, caps.elements)
    )


def _syntax(fault: etree.XMLSyntaxError) -> Refused:
    """What the parser says; its own limit of depth comes before ours where it is the lower one."""
    if fault.msg and "depth" in fault.msg:
        return Refused("/", fault.lineno or 1, "deeper than the parser follows", "depth")
    return Refused("/", fault.lineno or 1, f"not well-formed: {fault.msg}", "syntax")


def shape(root: _Element, caps: Caps, *, long: bool = True) -> None:
    """Refuse a tree that has too much anywhere; `long` says whether a text may be beyond its cap."""
    for kind, quick, slow, sentence in _SHAPES[: None if long else -2]:
        most: int = getattr(caps, kind)
        if _expression(quick, most)(root):
            place = cast("list[_Element]", _expression(slow, most)(root))
            raise refusal(place[0] if place else root, sentence.format(most), kind)


def _long(data: bytes, most: int) -> bool:
    """Whether a text may be longer than so many bytes: they have no tag in them, or a section may hide it."""
    return stretch(data, most) or sections(data)


def stretch(data: bytes, most: int) -> bool:
    """Whether a stretch of `most` bytes has no tag in it."""
    at = 0
    while at + most < len(data):
        at = data.rfind(b"<", at + 1, at + most)
        if at < 0:
            return True
    return False


def sections(data: bytes) -> bool:
    """Whether a document has CDATA sections; one letter is sought first, since that is much quicker."""
    return b"!" in data and b"<![CDATA[" in data


def refusal(element: _Element, reason: str, kind: str, attribute: str = "") -> Refused:
    """The error for one element of a parsed document, or for an attribute of it."""
    local = attribute.rpartition("}")[2]
    place = f"{path(element)}/@{local}" if attribute else path(element)
    line = cast("int | None", element.sourceline)
    return Refused(place, line or 0, reason, kind)


def path(element: _Element) -> str:
    """The element's place by local names, numbered from 1 where several siblings share a name."""
    steps: list[str] = []
    node: _Element | None = element
    while node is not None:
        steps.append(_step(node))
        node = node.getparent()
    return "/" + "/".join(reversed(steps))


def _step(node: _Element) -> str:
    local = etree.QName(node).localname
    before = sum(1 for _ in node.itersiblings(node.tag, preceding=True))
    if before or next(node.itersiblings(node.tag), None) is not None:
        return f"{local}[{before + 1}]"
    return local


def _size(data: bytes, caps: Caps) -> None:
    if len(data) > caps.bytes:
        raise Refused("/", 1, f"{len(data)} bytes, at most {caps.bytes} are read", "bytes")


def _encoding(data: bytes) -> None:
    for mark, name in (*_FOREIGN_BOMS, (b"\xfe\xff", "UTF-16")):
        if data.startswith(mark):
            raise Refused("/", 1, f"encoded in {name}, only UTF-8 is read", "encoding")
    if b"\x00" in data:
        line = data.count(b"\n", 0, data.index(b"\x00")) + 1
        raise Refused("/", line, "a NUL byte, which no UTF-8 XML document holds", "encoding")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        raise Refused("/", line, f"not UTF-8 at byte {fault.start}", "encoding") from None


def _prolog(data: bytes) -> None:
    """Refuse declarations that name another encoding, then every `<!` and `<?` that is not character data."""
    start = len(_BOM) if data.startswith(_BOM) else 0
    head = _DECLARATION.match(data, start)
    if head:
        _declaration(head.group(1))
        start = head.end()
    elif not data[start:].lstrip(b" \t\r\n").startswith(b"<"):
        raise Refused("/", 1, "not an XML document", "syntax")
    if not any(pair[1:] in data and data.find(pair, start) >= 0 for pair in (b"<!", b"<?")):
        return
    while found := _MARKUP.search(data, start):
        start = _character_data(data, found.start())


def _declaration(body: bytes) -> None:
    version = _VERSION.search(body)
    if version and version.group(1) != b"1.0":
        raise Refused("/", 1, "only XML 1.0 is read", "encoding")
    encoding = _ENCODING.search(body)
    if encoding and encoding.group(1).lower() != b"utf-8":
        name = encoding.group(1).decode("ascii", "replace")[:40]
        raise Refused("/", 1, f"declared encoding {name}, only UTF-8 is read", "encoding")


def _character_data(data: bytes, at: int) -> int:
    """Where the CDATA section at `at` ends; anything else that opens with these two characters is refused."""
    for opening, kind, text in _KINDS:
        if data.startswith(opening, at):
            if kind:
                raise Refused("/", _line(data, at), f"{text}, none is read", kind)
            end = data.find(b"]]>", at)
            if end < 0:
                raise Refused("/", _line(data, at), "not well-formed: a CDATA section without end", "syntax")
            return end
    raise Refused("/", _line(data, at), "not well-formed: a markup declaration inside the document", "syntax")


def _line(data: bytes, at: int) -> int:
    """The line of a byte; dear, so that only a refusal asks for it."""
    return data.count(b"\n", 0, at) + 1


def _counts(data: bytes, caps: Caps) -> None:
    """Bounds that need no parser: an element has one `</` or `/>`, a namespace declaration one `xmlns`."""
    if len(data) > caps.elements * _USUAL_ELEMENT:
        elements = data.count(b"</") + data.count(b"/>")
        if elements > caps.elements:
            raise Refused("/", 1, f"{elements} elements, at most {caps.elements} are read", "elements")
    if data.count(b"xmlns") > caps.namespaces:
        _namespaces(data, caps.namespaces)
    if stretch(data, caps.namespace):
        _namespace(data, caps.namespace)


def _namespaces(data: bytes, most: int) -> None:
    chunks = data.split(b"<")
    for at, chunk in enumerate(chunks):
        if chunk.count(b"xmlns") > most:
            line = sum(each.count(b"\n") for each in chunks[:at]) + 1
            text = f"{chunk.count(b'xmlns')} namespace declarations on one element, at most {most} are read"
            raise Refused("/", line, text, "namespaces")


def _namespace(data: bytes, most: int) -> None:
    """Refuse a name of more than `most` bytes: the parser gives it again with each element under it."""
    for found in _DECLARED.finditer(data):
        if len(found[1]) - 2 > most:
            line = data.count(b"\n", 0, found.start()) + 1
            raise Refused("/", line, f"a namespace of more than {most} bytes", "namespaces")


_SHAPES = (
    ("elements", "count(//*) > {most}", "/*", "more than {} elements"),
    ("depth", "boolean({steps})", "({steps})[1]", "more than {} elements deep"),
    (
        "attributes",
        "boolean(//@*[{most} + 1])",
        "(//*[@*[{most} + 1]])[1]",
        "more than {} attributes on one element",
    ),
    ("elements", "count(//@*) > {most}", "/*", "more than {} attributes in all"),
    (
        "text",
        "boolean(//text()[string-length() > {most}])",
        "(//*[text()[string-length() > {most}]])[1]",
        "more than {} characters of text in one element",
    ),
    (
        "text",
        "boolean(//@*[string-length() > {most}])",
        "(//*[@*[string-length() > {most}]])[1]",
        "more than {} characters in one attribute",
    ),
)
"""Cap, a test of the whole tree, where it is broken, and a sentence; those of text last."""


@cache
def _expression(pattern: str, most: int) -> XPath:
    return XPath(pattern.format(steps="." + "/*" * most if "{steps}" in pattern else "", most=most))
