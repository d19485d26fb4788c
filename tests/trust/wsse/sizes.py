"""Markup that is never read, encodings, entities, and documents that cost too much to canonicalise.

Most are refused by the bytes or by the shape of the tree, before a canonical form is made of anything. The
last are allowed in all of these and wrong at their end: the dearest that can be sent.
"""

from __future__ import annotations

from tests.trust.wsse.making import (
    BODY,
    INCLUSIVE,
    REP_RSA,
    STRANGER,
    TIME,
    TOKEN,
    USER,
    WHOLE,
    Case,
    Seal,
    changed,
    key_info,
    signed,
)

ADDRESS = (
    "<Address><ESIID>1008901023809979870389</ESIID><MeterSerialNumber>60333057</MeterSerialNumber>"
    "<DeviceMACAddr>001DB7000001D7F9</DeviceMACAddr></Address>"
)


def within(inside: str) -> str:
    """The envelope with something put into its Body, signed so."""
    return signed(WHOLE.replace("<Message>", f"{inside}<Message>"))


def put(inside: str) -> str:
    """The envelope with something put into its Body, signed without; quick to make."""
    return signed().replace("<Message>", f"{inside}<Message>")


def doctype(declared: str, use: str = "four") -> str:
    return f"<!DOCTYPE e:Envelope [{declared}]>" + signed().replace("four", use)


def quoted(name: str) -> str:
    return f'"urn:{name}"'


def nests(levels: int, each: int, leaves: str = "") -> str:
    """Elements within elements, each with so many namespaces declared and used."""
    empty, opened = '""', ""
    for level in range(levels):
        names = [f"p{level}x{one}" for one in range(each)]
        opened += f"<n{level} {' '.join(f'xmlns:{name}={quoted(name)} {name}:a={empty}' for name in names)}>"
    return opened + leaves + "".join(f"</n{level}>" for level in reversed(range(levels)))


def bomb(levels: int, each: int, seal: Seal) -> str:
    """A Body of many namespaces, signed without them: the form would take long to make."""
    return signed(seal=seal).replace("<Message>", f"{nests(levels, each)}<Message>")


INCLUDED = Seal((BODY._replace(transforms=f'<Transform Algorithm="{INCLUSIVE}"/>'), TIME, TOKEN))
SHORT = Seal(canon=f'<CanonicalizationMethod Algorithm="{INCLUSIVE}"/>')


def attributes(number: int, name: str = "a{}") -> str:
    return "<x " + " ".join(f'{name.format(one)}="1"' for one in range(number)) + "/>"


def addressed(number: int, seal: Seal = Seal()) -> str:  # noqa: B008 - it cannot be changed
    """An envelope with so many addresses."""
    return signed(WHOLE.replace("<Message>", f"{ADDRESS * number}<Message>"), seal)


def adorned(each: int, number: int, more: int = 0) -> str:
    """So many elements of so many attributes, each of a long namespace of its own; and more without."""
    spaces = " ".join(f'xmlns:l{one}="urn:{"u" * 110}:{one}"' for one in range(30))
    one = f"<l0:z {' '.join(f'l{which}:a=' + repr('') for which in range(each))}/>"
    return put(f"<y {spaces}>{one * number}{'<l1:b/>' * more}</y>")


def within_relative() -> str:
    """A namespace that no canonical form may have."""
    return signed().replace("<Message>", '<Message><z xmlns="relative"/>')


LAUGHS = '<!ENTITY l0 "lol">' + "".join(
    f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 10)
)
DECLARED = '<?xml version="1.0" encoding="{}"?>'

SIZES: tuple[Case, ...] = (
    Case("a comment in the name", lambda: changed(("CNP<", "CNP<!-- -->.evil<")), "comment"),
    Case(
        "a comment in the name, signed without",
        lambda: signed(WHOLE.replace("CNP", "CNPX")).replace("CNPX", "CNP<!---->X"),
        "comment",
    ),
    Case("a comment in Body", lambda: put("<!-- x -->"), "comment"),
    Case("a comment behind the envelope", lambda: signed() + "<!-- x -->", "comment"),
    Case(
        "a comment in a digest",
        lambda: signed().replace("<DigestValue>", "<DigestValue><!---->", 1),
        "comment",
    ),
    Case("a processing instruction in the name", lambda: changed(("CNP<", "C<?x y?>NP<")), "instruction"),
    Case(
        "a stylesheet's instruction",
        lambda: '<?xml-stylesheet href="http://127.0.0.1:9/"?>' + signed(),
        "instruction",
    ),
    Case("a document type", lambda: doctype(""), "dtd"),
    Case("an entity in Body", lambda: doctype('<!ENTITY a "five">', "&a;"), "dtd"),
    Case("an entity of a file", lambda: doctype('<!ENTITY a SYSTEM "file:///etc/hostname">', "&a;"), "dtd"),
    Case("a parameter entity", lambda: doctype('<!ENTITY % a SYSTEM "http://127.0.0.1:9/"> %a;'), "dtd"),
    Case("ids by a document type", lambda: doctype("<!ATTLIST Message mark ID #IMPLIED>"), "dtd"),
    Case("a default attribute by a document type", lambda: doctype('<!ATTLIST Message a CDATA "1">'), "dtd"),
    Case("a billion laughs", lambda: doctype(LAUGHS, "&l9;"), "dtd"),
    Case("quadratic blow-up", lambda: doctype(f'<!ENTITY a "{"a" * 50_000}">', "&a;" * 5_000), "dtd"),
    Case("an entity without a document type", lambda: changed(("four", "&four;")), "syntax"),
    Case("UTF-16", lambda: signed().encode("utf-16"), "encoding"),
    Case("UTF-16 without mark", lambda: signed().encode("utf-16-le"), "encoding"),
    Case("UTF-7", lambda: DECLARED.format("UTF-7") + signed().replace("four", "+AGYAbwB1AHI-"), "encoding"),
    Case("Latin-1", lambda: (DECLARED.format("ISO-8859-1") + signed()).encode("latin-1"), "encoding"),
    Case("EBCDIC", lambda: signed().encode("cp500"), "encoding"),
    Case("a byte that is no UTF-8", lambda: signed().encode().replace(b"four", b"fo\xffr"), "encoding"),
    Case("an overlong form of UTF-8", lambda: signed().encode().replace(b"four", b"fo\xc0\xafr"), "encoding"),
    Case("a NUL", lambda: signed().encode().replace(b"four", b"fo\0r"), "encoding"),
    Case("XML 1.1", lambda: '<?xml version="1.1"?>' + signed(), "encoding"),
    Case("nothing", lambda: "", "syntax"),
    Case("half of it", lambda: signed()[:1_500], "syntax"),
    Case("two documents", lambda: signed() * 2, "syntax"),
    Case(
        "an attribute twice",
        lambda: changed(('wsu:Id="Body-1"', 'wsu:Id="Body-1" wsu:Id="Body-2"')),
        "syntax",
    ),
    Case("a relative namespace name", within_relative, "signature", "namespace"),
    Case(
        "XInclude in Body",
        lambda: put('<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/hostname"/>'),
        "digest",
    ),
    Case("inclusive form of 200 elements by 50 namespaces", lambda: bomb(200, 50, INCLUDED), "namespaces"),
    Case("the same for SignedInfo", lambda: bomb(200, 50, SHORT), "namespaces"),
    Case("inclusive form of 55 elements by 32 namespaces", lambda: bomb(55, 32, INCLUDED), "namespaces"),
    Case("exclusive form of 55 elements by 32 namespaces", lambda: put(nests(55, 32)), "namespaces"),
    Case("inclusive form of 3 elements by 32 namespaces", lambda: bomb(3, 32, INCLUDED), "transform"),
    Case(
        "40,000 elements below 96 namespaces in sight",
        lambda: put(nests(3, 32, "<p0x0:z/>" * 41_500)),
        "digest",
    ),
    Case("50,000 attributes", lambda: put(attributes(50_000)), "attributes"),
    Case(
        "20,000 attributes on Envelope",
        lambda: signed().replace("<e:Envelope ", attributes(20_000)[:-2].replace("<x", "<e:Envelope") + " "),
        "attributes",
    ),
    Case("65 attributes", lambda: put(attributes(65)), "attributes"),
    Case("100,000 elements", lambda: put("<a/>" * 100_000), "elements"),
    Case("depth 100", lambda: put("<a>" * 100 + "</a>" * 100), "depth"),
    Case("depth 300", lambda: put("<a>" * 300 + "</a>" * 300), "depth"),
    Case("depth 20,000", lambda: put("<a>" * 20_000 + "</a>" * 20_000), "depth"),
    Case("12 MB of text", lambda: put("<a>" + "a" * 12_000_000 + "</a>"), "bytes"),
    Case("400 kB of text", lambda: put("<a>" + "a" * 400_000 + "</a>"), "text"),
    Case("a name of 300 kB in an attribute", lambda: put(f'<a b="{"a" * 300_000}"/>'), "text"),
    Case("a namespace of 60,000 bytes", lambda: put(f'<a xmlns="urn:{"u" * 60_000}"/>'), "namespaces"),
    Case(
        "10,000 ids", lambda: put("".join(f'<a Id="i{one}"/>' for one in range(10_000))), "attributes", "4096"
    ),
    Case("4,000 ids", lambda: put("".join(f'<a Id="i{one}"/>' for one in range(4_000))), "digest"),
    Case("40,000 sections", lambda: put("<a><![CDATA[a]]></a>" * 40_000), "text", "sections"),
    Case("1,000 sections", lambda: put("<a><![CDATA[<!-- a -->]]></a>" * 1_000), "digest"),
    Case(
        "60,000 blanks in the value",
        lambda: signed().replace("<SignatureValue>", "<SignatureValue>" + " " * 60_000 + "*"),
        "signature",
    ),
    Case(
        "an issuer of 60,000 blanks",
        lambda: signed(seal=Seal(key=key_info(STRANGER, "CN=" + " " * 60_000 + '"'))),
        "key",
    ),
    Case(
        "an issuer of 1,000 blanks",
        lambda: signed(seal=Seal(key=key_info(STRANGER, "CN=" + " " * 1_000 + '"'))),
        "key",
    ),
    Case(
        "a serial number of 60,000 digits",
        lambda: signed(
            seal=Seal(key=key_info(REP_RSA).replace("SerialNumber>", "SerialNumber>" + "9" * 60_000, 1))
        ),
        "key",
    ),
    Case("1,000 references", lambda: signed(seal=Seal((BODY,) * 1_000)), "coverage"),
    Case("39,000 attributes, 30 an element", lambda: adorned(30, 1_300), "attributes", "4096"),
    Case("4,000 attributes, 30 an element, each of a long namespace", lambda: adorned(30, 133), "digest"),
    Case(
        "4,000 attributes, each of a long namespace, in 40,000 elements",
        lambda: adorned(1, 4_000, 37_000),
        "digest",
    ),
    Case(
        "10,000 addresses, all but the digest right",
        lambda: addressed(10_000, Seal((TIME, TOKEN, BODY._replace(octets=lambda _: b"x")))),
        "digest",
    ),
    Case(
        "45,000 elements by a stranger",
        lambda: addressed(10_000, Seal(who=STRANGER, key=key_info(STRANGER))),
        "signer",
    ),
    Case("2 MB of text, all but the digest right", lambda: put(f"<a>{'a&gt;' * 12_000}</a>" * 33), "digest"),
    Case(
        "a name that is not the sender's, at the very end",
        lambda: changed((USER, USER.replace("CNP", "CNQ"))),
        "digest",
    ),
)
