"""The gate before the signature: a SOAP 1.1 envelope of one strict shape, its parts each found once.

SOAP 1.1 section 4, WS-Security 1.1 sections 5, 6.2 and 10. Bytes, encoding, markup and sizes are judged by
`bridge.mapping.guard` before anything is canonicalised; then every part stands at its one place and nowhere
else in the document. The elements found here are the ones that are verified and processed: none is looked
up again. It checks no digest and reads no clock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
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
BINARY = f"{{{WSSE}}}BinarySecurityToken"
CERTIFICATES = frozenset(
    f"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#{kind}"
    for kind in ("X509v3", "X509PKIPathv1", "PKCS7")
)
"""Types of a binary token that say that it is a certificate (X.509 Token Profile 1.1, section 3.1)."""
ASIDE = 4
"""How many certificates may be left aside, at each place where one may stand."""
TIMESTAMP, ID = f"{{{WSU}}}Timestamp", f"{{{WSU}}}Id"
SIGNATURE = f"{{{DS}}}Signature"
ASSERTION = "{urn:oasis:names:tc:SAML:2.0:assertion}Assertion"
FRAME = (ENVELOPE, HEADER, BODY)
"""What a document has exactly one of, wherever it stands."""
TOKENS = ("UsernameToken", "BinarySecurityToken", "Assertion", "EncryptedKey", "DerivedKeyToken")
"""Names of blocks that are tokens, of whatever kind."""
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


class Form(NamedTuple):
    """What a sender proves its account by: a block of Security, which is signed like Body and Timestamp."""

    token: str
    """Its tag."""
    mark: str
    """The attribute that is its id."""
    named: Callable[[_Element], str]
    """Gives the account that it names; Rejected where it has another shape."""
    counts: dict[str, int]
    """How often a document has each part of Security, wherever it stands."""


class Opened(NamedTuple):
    """An envelope of SOAP 1.1 whose Security was not looked at yet."""

    root: _Element
    header: _Element
    body: _Element


class Envelope(NamedTuple):
    """The parts of an envelope: the elements themselves."""

    body: _Element
    timestamp: _Element
    token: _Element
    signature: _Element
    username: str
    mark: str = ID
    """The attribute that is the token's id."""
    aside: int = 0
    """How many certificates were left aside in Security."""

    @property
    def signed(self) -> dict[str, _Element]:
        """By their ids, the elements that have to be signed."""
        parts = ((self.body, ID), (self.timestamp, ID), (self.token, self.mark))
        return {part.get(mark, ""): part for part, mark in parts}


def read(data: bytes, *, strict: bool = False) -> Envelope:
    """The parts of an envelope with a UsernameToken; Rejected if it has another shape, whatever it is."""
    return secured(opened(data), strict=strict)


def opened(data: bytes) -> Opened:
    """Header and Body of an envelope, whose header has no block that we would have to understand."""
    root = _parsed(data)
    header, body = _outline(root)
    _counted(root, dict.fromkeys(FRAME, 1), "envelope")
    for block in header:
        if block.tag != SECURITY and block.get(MANDATORY, "0").strip() not in ("0", "false"):
            raise Rejected("mandatory", f"{local(block)} is not understood")
    return Opened(root, header, body)


def secured(found: Opened, form: Form | None = None, *, strict: bool = False) -> Envelope:
    """The parts that prove who sent an envelope; a UsernameToken unless a form says otherwise."""
    form = form or USER
    root, header, body = found
    security = header.find(SECURITY)
    if security is None:
        raise Rejected("security", "Security is not in the header")
    for block in security:
        if local(block) in TOKENS and block.tag != form.token and (strict or not _certificate(block)):
            raise Rejected("token", f"{local(block)} is not taken in Security")
    _counted(root, form.counts, "security")
    blocks = _blocks(security, form)
    timestamp, token, signature = (blocks[tag] for tag in (TIMESTAMP, form.token, SIGNATURE))
    aside = len(security) - len(blocks)
    envelope = Envelope(body, timestamp, token, signature, form.named(token), form.mark, aside)
    _identified(root, ((body, ID), (timestamp, ID), (token, form.mark)))
    if any(_TYPED(part) for part in (body, timestamp, token)):
        raise Rejected("type", "xsi:type: exclusive canonical form does not sign what its prefix stands for")
    return envelope


def _certificate(block: _Element) -> bool:
    """Whether a block is a certificate that is sent along; nobody asks what is in it."""
    if block.tag != BINARY or block.get("ValueType") not in CERTIFICATES:
        return False
    text(block, "token", ("ValueType", "EncodingType", ID))
    return True


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


def _counted(root: _Element, wanted: dict[str, int], reason: str) -> None:
    """Refuse a document that has a part once more: the other one is what somebody else would read."""
    found = [element.tag for element in root.iter(*wanted)]
    for tag, count in wanted.items():
        if found.count(tag) != count:
            raise Rejected(reason, f"{found.count(tag)} of {tag.rpartition('}')[2]}, not {count}")


def _blocks(security: _Element, form: Form) -> dict[str, _Element]:
    """Timestamp, token and Signature by their tags, in any order; certificates may stand beside them."""
    if security.get(ACTOR):
        raise Rejected("security", "Security is for another actor")
    bare(security, "security", (MANDATORY, ACTOR, ID))
    wanted = (TIMESTAMP, form.token, SIGNATURE)
    found = {str(child.tag): child for child in security if child.tag != BINARY}
    if len(security.findall(BINARY)) > ASIDE:
        raise Rejected("token", f"more than {ASIDE} certificates in Security")
    if strange := next((tag for tag in found if tag not in wanted), None):
        raise Rejected("security", f"{local(found[strange])} is not taken in Security")
    if len(found) != len(wanted):
        raise Rejected("security", "Security has not its three parts")
    return found


def _username(token: _Element) -> str:
    """The name in a UsernameToken that holds nothing else: a password would not be checked by anybody."""
    (element,) = children(token, "token", USERNAME, attributes=(ID,))
    name = text(element, "token")
    if not 0 < len(name) <= LONGEST or name != name.strip() or not name.isprintable():
        raise Rejected("token", "Username is empty, too long, or not plain text")
    return name


def _identified(root: _Element, signed: tuple[tuple[_Element, str], ...]) -> None:
    """Refuse ids that are not unique, by whatever name, and signed parts that have not exactly one."""
    marks = [mark.strip() for mark in cast("list[str]", _MARKS(root))]
    if len(set(marks)) != len(marks):
        raise Rejected("identifier", "an id stands twice in the document")
    for part, mark in signed:
        likes = [name for name in part.attrib if str(name).rpartition("}")[2].lower() in LIKE]
        if likes != [mark] or not MARK.fullmatch(part.get(mark, "")):
            raise Rejected(
                "identifier", f"{local(part)} has not one plain {'wsu:Id' if mark == ID else mark}"
            )


USER = Form(TOKEN, ID, _username, dict.fromkeys((SECURITY, TIMESTAMP, TOKEN, USERNAME, SIGNATURE), 1))
"""A UsernameToken without a password."""
