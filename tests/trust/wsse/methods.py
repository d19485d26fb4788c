"""Methods, transforms, references and values that are not the ones agreed: signed so by whoever was to sign.

The signature and every digest would hold for a verifier that follows what the message says.
"""

from __future__ import annotations

from base64 import b64decode

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree

from bridge.trust.wsse.algorithms import ECDSA, EXCLUSIVE, RSA, RSA_SHA1, SHA1
from bridge.trust.wsse.refusal import DS
from tests.trust.wsse.making import (
    BODY,
    CURVE,
    HMAC,
    HMAC256,
    INCLUSIVE,
    REP_RSA,
    THREE,
    TIME,
    TOKEN,
    WEAK,
    Case,
    Reference,
    Seal,
    cut,
    exclusive,
    found,
    sealed,
    signed,
)

EC14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DS}enveloped-signature"
XPATH, XPATH2 = "http://www.w3.org/TR/1999/REC-xpath-19991116", "http://www.w3.org/2002/06/xmldsig-filter2"
XSLT = "http://www.w3.org/TR/1999/REC-xslt-19991116"
STR = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#STR-Transform"
STYLE = (
    '<s:stylesheet xmlns:s="http://www.w3.org/1999/XSL/Transform" version="1.0">'
    '<s:template match="/">x</s:template></s:stylesheet>'
)
PREFIXES = f'<InclusiveNamespaces xmlns="{EC14N}" PrefixList="e m"/>'


def transform(name: str, inside: str = "") -> str:
    return f'<Transform Algorithm="{name}">{inside}</Transform>'


def through(transforms: str) -> str:
    """Body signed by these transforms, as if they came to the exclusive form."""
    return signed(seal=Seal((BODY._replace(transforms=transforms), TIME, TOKEN)))


def inclusive(element: etree._Element) -> bytes:
    return etree.tostring(element, method="c14n", exclusive=False, with_comments=False)


def prefixed(root: etree._Element) -> bytes:
    return etree.tostring(
        found(root, "Body-1"),
        method="c14n",
        exclusive=True,
        with_comments=False,
        inclusive_ns_prefixes=["e", "m"],
    )


def pointing(uri: str, attributes: str = "") -> str:
    body = Reference(uri, octets=lambda root: exclusive(found(root, "Body-1")), attributes=attributes)
    return signed(seal=Seal((body, TIME, TOKEN)))


def der(value: bytes) -> bytes:
    return encode_dss_signature(int.from_bytes(value[:32], "big"), int.from_bytes(value[32:], "big"))


def respelt(old: str, new: str) -> str:
    """The value of the signature in another spelling."""
    made = signed()
    value, _ = cut(made, "SignatureValue")
    return made.replace(value, value.replace(old, new))


def loose() -> str:
    """Bits behind the last octet of the value, which a lax reader drops."""
    made = signed()
    value, _ = cut(made, "SignatureValue")
    letters = value[len("<SignatureValue>") : -len("==</SignatureValue>")]
    twin = next(
        each
        for each in map(chr, range(65, 123))
        if each.isalnum()
        and each != letters[-1]
        and b64decode(letters[:-1] + each + "==") == b64decode(letters + "==")
    )
    return made.replace(letters, letters[:-1] + twin)


METHODS: tuple[Case, ...] = (
    Case("two transforms", lambda: through(transform(EXCLUSIVE) * 2), "transform"),
    Case("no transform", lambda: through(""), "transform"),
    Case("transform: enveloped", lambda: through(transform(ENVELOPED)), "transform"),
    Case(
        "transform: enveloped, then exclusive",
        lambda: through(transform(ENVELOPED) + transform(EXCLUSIVE)),
        "transform",
    ),
    Case(
        "transform: XPath that leaves all out",
        lambda: signed(
            seal=Seal(
                (
                    BODY._replace(
                        transforms=transform(XPATH, "<XPath>false()</XPath>"), octets=lambda _: b""
                    ),
                    TIME,
                    TOKEN,
                )
            )
        ),
        "transform",
    ),
    Case(
        "transform: XPath filter 2",
        lambda: signed(
            seal=Seal(
                (
                    BODY._replace(
                        transforms=transform(XPATH2, f'<XPath xmlns="{XPATH2}" Filter="subtract">/</XPath>'),
                        octets=lambda _: b"",
                    ),
                    TIME,
                    TOKEN,
                )
            )
        ),
        "transform",
    ),
    Case("transform: XSLT", lambda: through(transform(XSLT, STYLE)), "transform"),
    Case("transform: base64", lambda: through(transform(f"{DS}base64")), "transform"),
    Case("transform: STR", lambda: through(transform(STR)), "transform"),
    Case(
        "transform: inclusive form",
        lambda: signed(
            seal=Seal(
                (
                    BODY._replace(
                        transforms=transform(INCLUSIVE), octets=lambda root: inclusive(found(root, "Body-1"))
                    ),
                    TIME,
                    TOKEN,
                )
            )
        ),
        "transform",
    ),
    Case("transform: with comments", lambda: through(transform(f"{EXCLUSIVE}WithComments")), "transform"),
    Case(
        "transform: exclusive with a PrefixList",
        lambda: signed(
            seal=Seal(
                (BODY._replace(transforms=transform(EXCLUSIVE, PREFIXES), octets=prefixed), TIME, TOKEN)
            )
        ),
        "transform",
    ),
    Case(
        "SignedInfo in inclusive form",
        sealed(canon=f'<CanonicalizationMethod Algorithm="{INCLUSIVE}"/>', form=inclusive),
        "transform",
    ),
    Case(
        "SignedInfo with a PrefixList",
        sealed(canon=f'<CanonicalizationMethod Algorithm="{EXCLUSIVE}">{PREFIXES}</CanonicalizationMethod>'),
        "transform",
    ),
    Case(
        "digests by SHA-1", sealed(references=tuple(one._replace(method=SHA1) for one in THREE)), "algorithm"
    ),
    Case(
        "a digest by a method that is none",
        sealed(references=(BODY._replace(method="urn:x"), TIME, TOKEN)),
        "algorithm",
    ),
    Case("RSA with SHA-1", sealed(who=REP_RSA, method=RSA_SHA1), "algorithm"),
    Case("ECDSA called RSA", sealed(method=RSA), "algorithm", "key"),
    Case("RSA called ECDSA", sealed(who=REP_RSA, method=ECDSA), "algorithm", "key"),
    Case("RSA of 1024 bits", sealed(who=WEAK), "algorithm", "key"),
    Case("P-384", sealed(who=CURVE), "algorithm", "key"),
    Case("ECDSA with SHA-512", sealed(method=ECDSA.replace("256", "512")), "algorithm"),
    Case("HMAC by the certificate", sealed(method=HMAC), "algorithm"),
    Case("HMAC with SHA-256 by the certificate", sealed(method=HMAC256), "algorithm"),
    Case(
        "HMAC cut to nothing",
        sealed(method=HMAC256, inside="<HMACOutputLength>0</HMACOutputLength>", shaped=lambda _: b"\0"),
        "algorithm",
    ),
    Case("a parameter of ECDSA", sealed(inside="<HMACOutputLength>8</HMACOutputLength>"), "algorithm"),
    Case("no signature method", sealed(method=" "), "algorithm"),
    Case("ECDSA value in DER", sealed(shaped=der), "value"),
    Case("ECDSA value cut short", sealed(shaped=lambda value: value[:63]), "value"),
    Case(
        "ECDSA value with zeros before",
        sealed(shaped=lambda value: b"\0" + value[:32] + b"\0" + value[32:]),
        "value",
    ),
    Case(
        "ECDSA value with a zero before s",
        sealed(shaped=lambda value: value[:32] + b"\0" + value[32:]),
        "value",
    ),
    Case("ECDSA value of zeros", sealed(shaped=lambda _: bytes(64)), "value"),
    Case("ECDSA value: r beyond the order", sealed(shaped=lambda value: b"\xff" * 32 + value[32:]), "value"),
    Case("ECDSA value is empty", sealed(shaped=lambda _: b""), "signature"),
    Case("RSA value cut short", sealed(who=REP_RSA, shaped=lambda value: value[:-1]), "value"),
    Case("a value with letters that are none", lambda: respelt("==<", "==*<"), "signature"),
    Case("a value with loose bits", loose, "signature"),
    Case("an element within the value", lambda: respelt("</S", "<m:x/></S"), "signature"),
    Case("reference to the whole document", lambda: pointing(""), "reference"),
    Case("reference without URI", lambda: pointing("#Body-1").replace(' URI="#Body-1"', ""), "reference"),
    Case("reference to another document", lambda: pointing("http://127.0.0.1:9/body.xml"), "reference"),
    Case("reference to a file", lambda: pointing("file:///etc/hostname"), "reference"),
    Case("reference by xpointer", lambda: pointing("#xpointer(id('Body-1'))"), "reference"),
    Case("reference by xpointer to all", lambda: pointing("#xpointer(/)"), "reference"),
    Case("reference that would be an XPath", lambda: pointing("#x' or '1'='1"), "reference"),
    Case("reference in percent signs", lambda: pointing("#Body%2D1"), "reference"),
    Case("reference with blanks", lambda: pointing("# Body-1"), "reference"),
    Case("reference to an id that is not there", lambda: pointing("#Body-9"), "coverage"),
    Case("reference with a Type", lambda: pointing("#Body-1", f' Type="{DS}Manifest"'), "signature"),
    Case(
        "text within SignedInfo",
        sealed(canon=f'x<CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>'),
        "signature",
    ),
)
