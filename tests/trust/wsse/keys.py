"""KeyInfo that is not the one agreed, and certificates that are not the ones to sign by.

The signature and every digest hold, by some key.
"""

from __future__ import annotations

from base64 import b64encode

from cryptography.hazmat.primitives.serialization import Encoding

from tests.trust.wsse.making import (
    BODY,
    OLD,
    OTHER,
    REP,
    REVOKED,
    SPELLED,
    STRANGER,
    TIME,
    WHOLE,
    WORDLESS,
    Case,
    Party,
    Reference,
    Seal,
    cut,
    key_info,
    sealed,
    signed,
)


def der(who: Party) -> str:
    return b64encode(who.certificate.public_bytes(Encoding.DER)).decode()


def keyed(key: str) -> str:
    return signed(seal=Seal(key=key))


PLACE = "<KeyInfo><wsse:SecurityTokenReference>{}</wsse:SecurityTokenReference></KeyInfo>"
KINDS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#"
KERBEROS = "http://docs.oasis-open.org/wss/oasis-wss-kerberos-token-profile-1.1#GSS_Kerberosv5_AP_REQ"


def binary(inside: str = der(STRANGER), kind: str = f"{KINDS}X509v3", mark: str = "X-1") -> str:
    return f'<wsse:BinarySecurityToken ValueType="{kind}" wsu:Id="{mark}">{inside}</wsse:BinarySecurityToken>'


def along(*tokens: str) -> str:
    """The good envelope with more blocks in Security, not signed yet."""
    return WHOLE.replace("@@", f"{''.join(tokens)}@@")


SENT = f'<wsse:BinarySecurityToken wsu:Id="X-1">{der(STRANGER)}</wsse:BinarySecurityToken>'
BY_TOKEN = PLACE.format('<wsse:Reference URI="#X-1"/>')
INLINE = f"<X509Certificate>{der(STRANGER)}</X509Certificate>"

KEYS: tuple[Case, ...] = (
    Case("no KeyInfo", lambda: keyed(" "), "signature"),
    Case("key by value", lambda: keyed("<KeyInfo><KeyValue/></KeyInfo>"), "key"),
    Case("key by name", lambda: keyed("<KeyInfo><KeyName>REP</KeyName></KeyInfo>"), "key"),
    Case(
        "key by an address",
        lambda: keyed('<KeyInfo><RetrievalMethod URI="http://127.0.0.1:9/"/></KeyInfo>'),
        "key",
    ),
    Case(
        "certificate of a stranger beside the sender's name, signed by the stranger",
        lambda: signed(along(binary()), Seal(who=STRANGER, key=key_info(REP, inside=INLINE))),
        "value",
    ),
    Case(
        "certificate of a stranger beside the stranger's name",
        lambda: signed(along(binary()), Seal(who=STRANGER, key=key_info(STRANGER, inside=INLINE))),
        "signer",
    ),
    Case(
        "key by a reference to a certificate that is sent, of a stranger",
        lambda: signed(along(binary()), Seal(who=STRANGER, key=BY_TOKEN)),
        "key",
    ),
    Case(
        "key by a reference to a certificate that is sent, the sender's own",
        lambda: signed(along(binary(der(REP))), Seal(key=BY_TOKEN)),
        "key",
    ),
    Case(
        "key by a certificate within the reference",
        lambda: keyed(PLACE.format(f"<wsse:Embedded>{binary(der(REP))}</wsse:Embedded>")),
        "key",
    ),
    Case(
        "key by a reference, and by name",
        lambda: signed(
            along(binary()),
            Seal(key=key_info(REP).replace("<X509Data>", '<wsse:Reference URI="#X-1"/><X509Data>')),
        ),
        "key",
    ),
    Case(
        "a second name in another X509Data",
        lambda: keyed(
            key_info(REP).replace(
                "</KeyInfo>", f"<X509Data>{cut(key_info(OTHER), 'X509IssuerSerial')[0]}</X509Data></KeyInfo>"
            )
        ),
        "key",
    ),
    Case("five certificates in KeyInfo", lambda: keyed(key_info(REP, inside=INLINE * 5)), "key"),
    Case(
        "elements within a certificate in KeyInfo",
        lambda: keyed(key_info(REP, inside="<X509Certificate><KeyValue/></X509Certificate>")),
        "key",
    ),
    Case(
        "a certificate signed in the token's stead",
        lambda: signed(along(binary()), Seal((BODY, TIME, Reference("#X-1")))),
        "coverage",
    ),
    Case(
        "a certificate with the id of Body",
        lambda: signed(along(binary(mark="Body-1"))),
        "identifier",
    ),
    Case("a ticket of Kerberos", lambda: signed(along(binary(kind=KERBEROS))), "token"),
    Case(
        "elements within a certificate",
        lambda: signed(along(binary("<wsse:Username>x</wsse:Username>"))),
        "token",
    ),
    Case(
        "five certificates",
        lambda: signed(along(*(binary(mark=f"X-{at}") for at in range(5)))),
        "token",
    ),
    Case(
        "certificate of a stranger in KeyInfo",
        lambda: signed(
            seal=Seal(
                who=STRANGER,
                key=PLACE.format(f"<X509Data>{INLINE}</X509Data>"),
            )
        ),
        "key",
    ),
    Case(
        "certificate of a stranger in a token",
        lambda: signed(
            WHOLE.replace("@@", f"{SENT}@@"),
            Seal(who=STRANGER, key=PLACE.format('<wsse:Reference URI="#X-1"/>')),
        ),
        "token",
    ),
    Case(
        "two certificates named",
        lambda: keyed(key_info(REP, inside=cut(key_info(OTHER), "X509IssuerSerial")[0])),
        "key",
    ),
    Case(
        "certificate not named by a token reference",
        lambda: keyed(
            key_info(REP)
            .replace("<wsse:SecurityTokenReference>", "")
            .replace("</wsse:SecurityTokenReference>", "")
        ),
        "key",
    ),
    Case("a stranger, by his own certificate", sealed(who=STRANGER), "signer"),
    Case("a stranger, in the sender's name", sealed(who=STRANGER, key=key_info(REP)), "value"),
    Case("another sender's certificate", sealed(who=OTHER), "signer"),
    Case("the right certificate under another sender's name", signed, "signer", entity="OTHER"),
    Case("a sender that nobody knows", signed, "signer", entity="NOBODY"),
    Case("another issuer", lambda: keyed(key_info(REP, SPELLED.replace("TX", "OK"))), "signer"),
    Case(
        "the issuer the other way round",
        lambda: keyed(key_info(REP, ", ".join(reversed(SPELLED.replace("\\, ", "\\,").split(", "))))),
        "signer",
    ),
    Case("an issuer that is no name", lambda: keyed(key_info(REP, "RXYZ Issuing")), "key"),
    Case(
        "a serial number that is none",
        lambda: keyed(key_info(REP).replace("SerialNumber>", "SerialNumber>0x", 1)),
        "key",
    ),
    Case(
        "a serial number of Python",
        lambda: keyed(key_info(REP).replace("SerialNumber>", "SerialNumber>0_", 1)),
        "key",
    ),
    Case("last year's certificate", sealed(who=OLD), "certificate", "valid now"),
    Case("a certificate not for signing", sealed(who=WORDLESS), "certificate", "for signing"),
    Case("a revoked certificate", sealed(who=REVOKED), "certificate", "revoked"),
    Case(
        "an assertion of SAML beside the token",
        lambda: signed(
            WHOLE.replace("@@", '@@<a:Assertion xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" ID="A-1"/>')
        ),
        "token",
    ),
    Case("a Manifest in an Object", sealed(tail="<Object><Manifest/></Object>"), "signature"),
)

ALONG: dict[str, str] = {
    "a stranger's certificate in Security": signed(along(binary())),
    "one that is none": signed(along(binary("no certificate, nor base64"))),
    "four, of three kinds": signed(
        along(
            *(
                binary(kind=f"{KINDS}{kind}", mark=f"X-{at}")
                for at, kind in enumerate(("X509v3", "PKCS7", "X509PKIPathv1", "PKCS7"))
            )
        )
    ),
    "a stranger's in KeyInfo": keyed(key_info(REP, inside=INLINE)),
    "the sender's own in KeyInfo": keyed(
        key_info(REP, inside=f"<X509Certificate>{der(REP)}</X509Certificate>")
    ),
    "a stranger's in another X509Data": keyed(
        key_info(REP).replace("</KeyInfo>", f"<X509Data>{INLINE}</X509Data></KeyInfo>")
    ),
    "one that is none in KeyInfo": keyed(key_info(REP, inside="<X509Certificate>?</X509Certificate>")),
}
"""Good envelopes with certificates sent along: verified by the registered key, whatever these are."""
