"""The gate before the signature: a SOAP 1.1 envelope of one strict shape, its parts each found once.

SOAP 1.1 section 4, WS-Security 1.1 sections 5, 6.2 and 10. Bytes, encoding, markup and sizes are judged by
`bridge.mapping.guard` before anything is canonicalised; then every part stands at its one place and nowhere
else in the document. The elements found here are the ones that are verified and processed: none is looked
up again. It checks no digest and reads no clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple, cast

from lxml.etree import XPath, _Element

from bridge.mapping import guard
from bridge.mapping.guard import Caps
from bridge.trust.wsse.refusal import DS, SOAP, WSSE, WSU, Rejected

CAPS = Caps(bytes=2_097_152, elements=42_000, depth=64, attributes=64, namespaces=32, namespace=128)
"""Ten thousand addresses fit. With the next two, the dearest that passes costs less than 50 ms."""
ATTRIBUTES = 4_096
"""Attributes of all elements together: each may repeat a namespace in the canonical form."""
TOTALS = ((b"xmlns", 128, "namespaces", "namespace declarations"), (b"<![CDATA[", 1_024, "text", "sections"))
"""Marks, how often each may stand in the document: the form looks through all namespaces at each element."""
ENVELOPE, HEADER, BODY = (f"{{{SOAP}}}{name}" for name in ("Envelope", "Header", "Body"))
MANDATORY, ACTOR = f"{{{SOAP}}}mustUnderstand", f"{{{SOAP}}}actor"
SECURITY, TOKEN, USERNAME = (f"{{{WSSE}}}{name}" for name in ("Security", "UsernameToken", "Username"))
TIMESTAMP, ID = f"{{{WSU}}}Timestamp", f"{{{WSU}}}Id"
SIGNATURE = f"{{{DS}}}Signature"
ONCE = (ENVELOPE, HEADER, BODY, SECURITY, TIMESTAMP, TOKEN, USERNAME, SIGNATURE)
"""What a document has exactly one of, wherever it stands."""
BLANKS = " \t\r\n"
LONGEST = 256
"""Characters of a user's name."""
MARK = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,255}", re.ASCII)
"""An id that a reference may name: no sign that a URI or a pointer could read in another way."""
LIKE = ("id", "assertionid")
"""Names of attributes, in small letters, that somebody takes for an id."""
_MARKS = XPath(
    "//@*[translate(local-name(), 'ID', 'id') = 'id' or local-name() = 'AssertionID']",
    smart_strings=False,
)
_ATTRIBUTES = XPath("count(//@*)")
_TYPED = XPath("boolean(.//@xsi:type)", namespaces={"xsi": "http://www.w3.org/2001/XMLSchema-instance"})


class Envelope(NamedTuple):
    """The parts of an envelope: the elements themselves."""

    body: _Element
    timestamp: _Element
    token: _Element
    signature: _Element
    username: str

    @property
    def signed(self) -> dict[str, _Element]:
        """By their ids, the elements that have to be signed."""
        return {part.get(ID, ""): part for part in (self.body, self.timestamp, self.token)}


def read(data: bytes) -> Envelope:
    """The parts of an envelope; Rejected if it has another shape, whatever it is."""
    root = _parsed(data)
    header, body = _outline(root)
    _single(root)
    timestamp, token, signature = _secured(_security(header))
    envelope = Envelope(body, timestamp, token, signature, _username(token))
    _identified(root, (body, timestamp, token))
    if any(_TYPED(part) for part in (body, timestamp, token)):
        raise Rejected("type", "xsi:type: exclusive canonical form does not sign what its prefix stands for")
    return envelope


def _parsed(data: bytes) -> _Element:
    for mark, most, reason, words in TOTALS if len(data) <= CAPS.bytes else ():
        if data.count(mark) > most:
            raise Rejected(reason, f"more than {most} {words}")
    try:
        root = guard.parse(data, CAPS)
    except guard.Refused as refused:
        raise Rejected(refused.kind, str(refused)) from None
    if cast("float", _ATTRIBUTES(root)) > ATTRIBUTES:
        raise Rejected("attributes", f"more than {ATTRIBUTES} attributes")
    return root


def children(element: _Element, reason: str, *tags: str, attributes: Iterable[str] = ()) -> list[_Element]:
    """The children of an element that has these, in this order, and nothing else but white space."""
    bare(element, reason, attributes)
    found = list(element)
    if [each.tag for each in found] != list(tags):
        raise Rejected(reason, f"{local(element)} has other parts than it should, or in another order")
    return found


def bare(element: _Element, reason: str, attributes: Iterable[str] = ()) -> None:
    """Refuse an element with other attributes, or with text between its children."""
    if not {*element.attrib} <= {*attributes}:
        raise Rejected(reason, f"{local(element)} has an attribute that is not known")
    texts = (element.text, *(child.tail for child in element))
    if any(text and text.strip(BLANKS) for text in texts):
        raise Rejected(reason, f"{local(element)} has text between its parts")


def text(element: _Element, reason: str, attributes: Iterable[str] = ()) -> str:
    """The text of an element that has nothing else."""
    if len(element) or not {*element.attrib} <= {*attributes}:
        raise Rejected(reason, f"{local(element)} holds more than text")
    return element.text or ""


def local(element: _Element) -> str:
    """The name of an element without its namespace, cut short."""
    return str(element.tag).rpartition("}")[2][:40]


def _outline(root: _Element) -> list[_Element]:
    """Header and Body."""
    if root.tag != ENVELOPE:
        foreign = local(root) == "Envelope"
        raise Rejected("version" if foreign else "envelope", "not an envelope of SOAP 1.1")
    parts = children(root, "envelope", HEADER, BODY, attributes=map(str, root.keys()))
    bare(parts[0], "envelope", map(str, parts[0].keys()))
    return parts


def _single(root: _Element) -> None:
    """Refuse a document that has one of the parts twice: the other one is what somebody else would read."""
    found = [element.tag for element in root.iter(*ONCE)]
    for tag in ONCE:
        if found.count(tag) != 1:
            word = tag.rpartition("}")[2]
            reason = "security" if tag not in (ENVELOPE, HEADER, BODY) else "envelope"
            raise Rejected(reason, f"{found.count(tag)} of {word}, not one")


def _security(header: _Element) -> _Element:
    """The Security block; other blocks may stand beside it, unless they want to be understood."""
    for block in header:
        if block.tag != SECURITY and block.get(MANDATORY, "0").strip() not in ("0", "false"):
            raise Rejected("mandatory", f"{local(block)} is not understood")
    security = header.find(SECURITY)
    if security is None:
        raise Rejected("security", "Security is not in the header")
    return security


def _secured(security: _Element) -> list[_Element]:
    """Timestamp, UsernameToken and Signature, which stand in any order and alone."""
    if security.get(ACTOR):
        raise Rejected("security", "Security is for another actor")
    bare(security, "security", (MANDATORY, ACTOR, ID))
    found = {str(child.tag): child for child in security}
    strange = next((found[tag] for tag in found if tag not in (TIMESTAMP, TOKEN, SIGNATURE)), None)
    if strange is not None:
        known = local(strange) in ("BinarySecurityToken", "Assertion", "EncryptedKey", "DerivedKeyToken")
        raise Rejected("token" if known else "security", f"{local(strange)} is not taken in Security")
    if len(found) != len(ONCE) - len((ENVELOPE, HEADER, BODY, SECURITY, USERNAME)):
        raise Rejected("security", "Security has not its three parts")
    return [found[TIMESTAMP], found[TOKEN], found[SIGNATURE]]


def _username(token: _Element) -> str:
    """The name in a UsernameToken that holds nothing else: a password would not be checked by anybody."""
    (element,) = children(token, "token", USERNAME, attributes=(ID,))
    name = text(element, "token")
    if not 0 < len(name) <= LONGEST or name != name.strip() or not name.isprintable():
        raise Rejected("token", "Username is empty, too long, or not plain text")
    return name


def _identified(root: _Element, signed: tuple[_Element, ...]) -> None:
    """Refuse ids that are not unique, by whatever name, and signed parts that have not exactly one."""
    marks = [mark.strip() for mark in cast("list[str]", _MARKS(root))]
    if len(set(marks)) != len(marks):
        raise Rejected("identifier", "an id stands twice in the document")
    for part in signed:
        likes = [name for name in part.attrib if str(name).rpartition("}")[2].lower() in LIKE]
        if likes != [ID] or not MARK.fullmatch(part.get(ID, "")):
            raise Rejected("identifier", f"{local(part)} has not one plain wsu:Id")
