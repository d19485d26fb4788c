"""KeyInfo that is not the one agreed, and certificates that are not the ones to sign by.

The signature and every digest hold, by some key.
"""

from __future__ import annotations

from base64 import b64encode

from cryptography.hazmat.primitives.serialization import Encoding

from tests.trust.wsse.making import (
    OLD,
    OTHER,
    REP,
    REVOKED,
    SPELLED,
    STRANGER,
    WHOLE,
    WORDLESS,
    Case,
    Party,
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
SENT = f'<wsse:BinarySecurityToken wsu:Id="X-1">{der(STRANGER)}</wsse:BinarySecurityToken>'
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
        "certificate in KeyInfo",
        lambda: keyed(key_info(REP, inside=f"<X509Certificate>{der(REP)}</X509Certificate>")),
        "key",
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
