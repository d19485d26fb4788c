"""The reader of one stream: bytes in any pieces, elements below the root out, each with its bytes.

RFC 6120 11: no DTD, no comment, no processing instruction, no entity but the five, UTF-8. Depth, attributes
and size are bounded. The root declares the prefix `stream` and the default namespace and nothing else, so
that each element can be passed on by itself. It knows no meaning of an element, and answers nothing.
"""

from __future__ import annotations

import re
from pyexpat import ExpatError, ParserCreate, XMLParserType, errors
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from bridge.xmpp.element import Element
from bridge.xmpp.fault import Broken
from bridge.xmpp.names import CLIENT, ROOT, STREAM, STREAMS

if TYPE_CHECKING:
    from collections.abc import Mapping

DEPTH = 64
"""Levels of elements, root and stanza among them."""
ATTRIBUTES = 64
"""Of one element."""
TOKEN = 16_384
"""Bytes of a tag that is not complete: each piece of it has the parser begin it anew."""
TAG = re.compile(rb"<[^\"'>]*(?:(?:\"[^\"]*\"|'[^']*')[^\"'>]*)*>")
"""A start tag: in its quotes there may be a `>`."""
ROOT_ONLY: Final[Mapping[str | None, str]] = {
    None: CLIENT,
    "stream": STREAMS,
    "xml": "http://www.w3.org/XML/1998/namespace",
}
"""What a root may declare."""
FAULTS = {
    errors.codes[errors.XML_ERROR_UNDEFINED_ENTITY]: "restricted-xml",
    errors.codes[errors.XML_ERROR_UNKNOWN_ENCODING]: "unsupported-encoding",
    errors.codes[errors.XML_ERROR_INCORRECT_ENCODING]: "unsupported-encoding",
    errors.codes[errors.XML_ERROR_UNBOUND_PREFIX]: "bad-namespace-prefix",
}
"""What the parser's own refusals are called; all others are `not-well-formed`."""


class Opened(NamedTuple):
    """A stream has begun."""

    attrs: Mapping[str, str]


class Ended(NamedTuple):
    """A stream was ended by its peer."""


Event = Opened | Element | Ended | Broken


class Reader:
    """One stream, from its root's start tag on; `most` is how large an element may be."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.events: list[Event] = []
        self._held = bytearray()
        self._now: bytes | bytearray = b""
        """Where the bytes of this turn are, those held among them."""
        self._start = 0
        """Where in the stream those begin."""
        self._depth = 0
        self._begin = self._end = 0
        """Of the element that is being read, and of the last one, counted from the stream's start."""
        self._name = ""
        self._attrs: Mapping[str, str] = {}
        self._children: list[str] = []
        self._over = False
        self._parser = self._made()

    def _made(self) -> XMLParserType:
        parser = ParserCreate("UTF-8", " ")
        if hasattr(parser, "SetReparseDeferralEnabled"):  # from 3.11.9 on: it would hold back what is there
            parser.SetReparseDeferralEnabled(False)  # noqa: FBT003 - positional only
        parser.StartElementHandler = self._started
        parser.EndElementHandler = self._ended
        parser.StartNamespaceDeclHandler = self._declared
        parser.XmlDeclHandler = _version
        parser.StartDoctypeDeclHandler = parser.CommentHandler = _restricted
        parser.ProcessingInstructionHandler = _restricted
        return parser

    def feed(self, data: bytes) -> list[Event]:
        """Take bytes, and give what they complete; after a `Broken` or `Ended` nothing more comes."""
        self.events = []
        if self._over:
            return self.events
        held = self._held
        if held:
            held += data
        self._now = held or data
        try:
            self._parser.Parse(data, False)  # noqa: FBT003 - positional only
            self._settle()
        except ExpatError as fault:
            self._stop(Broken(FAULTS.get(fault.code, "not-well-formed"), str(fault)))
        except Broken as fault:
            self._stop(fault)
        return self.events

    # ------------------------------------------------------------------------------ from the parser

    def _started(self, name: str, attrs: dict[str, str]) -> None:
        depth = self._depth = self._depth + 1
        if depth == 2:  # noqa: PLR2004 - right below the root
            self._begin = begin = self._parser.CurrentByteIndex
            if begin != self._end:
                self._gap(begin)
            self._name, self._attrs, self._children = name, attrs, []
        elif depth == 3:  # noqa: PLR2004 - right below that
            self._children.append(name)
        elif depth == 1:
            self._root(name, attrs)
        if depth > DEPTH:
            raise Broken("policy-violation", f"elements are nested deeper than {DEPTH}")
        if len(attrs) > ATTRIBUTES:
            raise Broken("policy-violation", f"an element has more than {ATTRIBUTES} attributes")

    def _ended(self, _: str) -> None:
        depth, self._depth = self._depth, self._depth - 1
        if depth == 2:  # noqa: PLR2004 - right below the root
            self._take()
        elif depth == 1:
            self.events.append(Ended())
            self._over = True

    def _root(self, name: str, attrs: dict[str, str]) -> None:
        self._parser.StartNamespaceDeclHandler = None
        if name != STREAM:
            known = name.endswith(" stream") or name == "stream"
            raise Broken("invalid-namespace" if known else "bad-format", "the root is no stream")
        begin = self._parser.CurrentByteIndex - self._start
        found = TAG.match(self._now, begin)
        assert found is not None  # noqa: S101 - the parser has taken it for a tag
        if not found[0].startswith(b"<stream:stream"):
            raise Broken("bad-namespace-prefix", "the prefix of the root is not `stream`")
        if found[0].endswith(b"/>"):
            raise Broken("bad-format", "the stream is empty")
        self._end = self._start + found.end()
        self.events.append(Opened(attrs))

    def _declared(self, prefix: str | None, uri: str) -> None:
        """Look at what the root declares."""
        if prefix not in ROOT_ONLY:
            raise Broken("bad-namespace-prefix", "the root declares a prefix besides `stream`")
        if uri != ROOT_ONLY[prefix]:
            raise Broken("invalid-namespace", f"the namespace of {prefix or 'the content'} is another")

    # -------------------------------------------------------------------------------------- inside

    def _gap(self, begin: int) -> None:
        """Refuse anything but white space between elements."""
        if self._now[self._end - self._start : begin - self._start].strip():
            raise Broken("bad-format", "there is text between stanzas")

    def _take(self) -> None:
        """Complete an element."""
        now, begin = self._now, self._begin - self._start
        tag = TAG.match(now, begin)
        assert tag is not None  # noqa: S101 - the parser has taken it for a tag
        head, inner, tail = tag[0], b"", b""
        end = tag.end()
        if not head.endswith(b"/>"):
            place = self._parser.CurrentByteIndex - self._start
            inner = bytes(now[end:place])
            end = now.index(b">", place) + 1
            tail = bytes(now[place:end])
        if end - begin > self.most:
            raise Broken("policy-violation", f"an element is longer than {self.most} bytes")
        self._end = self._start + end
        parts = bytes(head), inner, tail
        self.events.append(Element(self._name, self._attrs, self._children, parts))

    def _settle(self) -> None:
        """Hold what is not complete, and no more of it than an element may have."""
        now, done = self._now, self._end - self._start
        if self._depth == 1 and done < len(now) and now[done] in b" \t\r\n":
            done = len(now) - len(now[done:].lstrip(b" \t\r\n"))
            self._end = self._start + done
        if self._depth == 1 and done < len(now) and now[done] != b"<"[0]:
            raise Broken("bad-format", "there is text between stanzas")
        if len(now) - done > self.most:
            raise Broken("policy-violation", f"an element is longer than {self.most} bytes")
        if now is self._held:
            del self._held[:done]
        elif done < len(now):
            self._held += now[done:]
        self._start += done
        self._now = b""
        if self._start + len(self._held) - self._parser.CurrentByteIndex > TOKEN:
            raise Broken("policy-violation", f"a tag is longer than {TOKEN} bytes")

    def _stop(self, fault: Broken) -> None:
        if not self._over:  # what follows the end is nothing to complain of
            self.events.append(fault)
        self._over = True
        self._held.clear()


def read(raw: bytes) -> Element:
    """Take apart a stanza that was passed on before."""
    (_, found) = Reader(len(raw) + 1).feed(ROOT + b">" + raw)
    assert isinstance(found, Element)  # noqa: S101 - it went through a reader once
    return found


def _version(version: str, encoding: str | None, _: int) -> None:
    """Look at an XML declaration."""
    if version != "1.0":
        raise Broken("unsupported-version", "this version of XML is not spoken")
    if encoding is not None and encoding.lower() != "utf-8":
        raise Broken("unsupported-encoding", "streams are in UTF-8")


def _restricted(*_: object) -> NoReturn:
    raise Broken("restricted-xml", "no DTD, comment or processing instruction may be in a stream")
