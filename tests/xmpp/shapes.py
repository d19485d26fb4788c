"""Eleven shapes of payload, each with what a relay that writes XML anew would change."""

from __future__ import annotations

from base64 import b64encode

DS = "http://www.w3.org/2000/09/xmldsig#"
SHAPES: dict[str, bytes] = {
    "default namespace": b"<a xmlns='urn:x'><b><c>1</c></b></a>",
    "prefixed elements": b"<p:a xmlns:p='urn:x'><p:b/></p:a>",
    "prefixed attribute": b"<a xmlns='urn:x' xmlns:wsu='urn:u' wsu:Id='i1'/>",
    "nested signature": f"<a xmlns='urn:x'><ds:S xmlns:ds='{DS}'><ds:I/></ds:S></a>".encode(),
    "xsi:type": b"<a xmlns='urn:x' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:type='t'/>",
    "references in attributes": b"<a xmlns='urn:x' b='1&#10;2&#9;3&#xD;4'/>",
    "carriage return and CDATA": b"<a xmlns='urn:x'>x&#13;y<![CDATA[<z> & ]]></a>",
    "white space": b"<a xmlns='urn:x'>\n  <b>  x\t</b>\n</a>  ",
    "language": b"<body xml:lang='de'>Gr\xc3\xbc\xc3\x9fe</body>",
    "beyond the plane, two forms": "<body>\U0001f50c e\u0301 \u00e9</body>".encode(),
    "base64": b"<body>" + b64encode(bytes(range(256))) + b"</body>",
}
