"""Eleven shapes of payload that a server in between may rewrite; each is one element, a child of a stanza."""

from __future__ import annotations

from base64 import b64encode

SHAPES = {
    "default namespace": b'<a xmlns="urn:a"><b at="1">text</b></a>',
    "prefixed elements": b'<p:a xmlns:p="urn:a"><p:b>text</p:b></p:a>',
    "prefixed attribute": b'<a xmlns="urn:a" xmlns:u="urn:u" u:Id="one"><b u:Id="two"/></a>',
    "nested signature": (
        b'<a xmlns="urn:a"><ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>'
        b'<ds:Reference URI="#one"/></ds:SignedInfo></ds:Signature></a>'
    ),
    "type in an attribute": (
        b'<a xmlns="urn:a" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:t="urn:t" '
        b'xsi:type="t:Thing"/>'
    ),
    "line feed and tab in an attribute": b'<a xmlns="urn:a" at="one&#10;two&#9;three"/>',
    "carriage return in text": b'<a xmlns="urn:a">one&#13;two</a>',
    "character data": b'<a xmlns="urn:a"><![CDATA[<one> & two]]></a>',
    "white space and language": b'<a xmlns="urn:a" xml:lang="de">  one\n\t<b/>  two </a>',
    "beyond the first plane": (
        "<a xmlns='urn:a'>\U0001f50c \u00e9 e\u0301 \u4e2d</a>".encode()  # composed and decomposed
    ),
    "base64 text": b'<a xmlns="urn:a">' + b64encode(bytes(range(256))) + b"</a>",
}
