"""Forgeries of sealed messages: what a relay can make without any key, and what a known sender may seal.

Those of the second kind are rightly signed, so that nothing but the rule in question stands against them.
"""

from __future__ import annotations

import hmac
import json
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bridge.trust import header, octets, seal, verify
from bridge.trust.refusal import Reason
from tests.trust.sealed import ALICE, BOB, EVE, NOW, critical, head, sealed

GOOD = sealed(method="POST", path="/derp/1/derc")
PARTS = GOOD.split(".")
OTHER = sealed(payload=b"<other/>").split(".")
BY_EVE = sealed(EVE).split(".")
PLAIN = json.dumps(head())
KEY = ALICE.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def hashed(said: dict[str, Any], secret: bytes) -> str:
    """A header with HMAC under a public key, where the verifier lets the message choose."""
    text = octets.encode(json.dumps(said).encode()) + b"." + octets.encode(b"x")
    return (text + b"." + octets.encode(hmac.digest(secret, text, "sha256"))).decode()


def numbers(r: int, s: int) -> str:
    """A signature of two numbers."""
    raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return ".".join((*PARTS[:2], octets.encode(raw).decode()))


def respelt(part: str) -> str:
    """The same bytes in base64url, with bits at the end that nobody needs."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return part[:-1] + letters[letters.index(part[-1]) + 1]


def doubled(name: str, value: object) -> str:
    """A header that says something twice."""
    return f"{PLAIN[:-1]}, {json.dumps(name)}: {json.dumps(value)}}}"


S, F, M, H = Reason.SIGNATURE, Reason.FORM, Reason.MEMBER, Reason.HEADER
RELAYED: dict[str, tuple[str, Reason]] = {
    "header of another message": (".".join((OTHER[0], *PARTS[1:])), S),
    "payload of another message": (".".join((PARTS[0], OTHER[1], PARTS[2])), S),
    "signature of another message": (".".join((*PARTS[:2], OTHER[2])), S),
    "signature of another sender": (".".join((*PARTS[:2], BY_EVE[2])), S),
    "header of another sender": (".".join((BY_EVE[0], *PARTS[1:])), S),
    "no payload": (f"{PARTS[0]}..{PARTS[2]}", S),
    "parts swapped": (".".join((PARTS[1], PARTS[0], PARTS[2])), H),
    "no signature": (f"{PARTS[0]}.{PARTS[1]}.", F),
    "no header": (f".{PARTS[1]}.{PARTS[2]}", H),
    "two parts": (f"{PARTS[0]}.{PARTS[1]}", F),
    "four parts": (f"{GOOD}.", F),
    "five parts": (f"{GOOD}..", F),
    "nothing": ("", F),
    "dots": ("..", F),
    "one word": ("sealed", F),
    "padding in the signature": (f"{GOOD}==", F),
    "padding in the payload": (f"{PARTS[0]}.{PARTS[1]}=.{PARTS[2]}", F),
    "bits left over in the signature": (".".join((*PARTS[:2], respelt(PARTS[2]))), F),
    "plain base64": (f"{PARTS[0]}.{PARTS[1]}.{'+/' * 43}", F),
    "line end behind": (f"{GOOD}\n", F),
    "blank before": (f" {GOOD}", F),
    "blank within": (f"{PARTS[0]}. {PARTS[1]}.{PARTS[2]}", F),
    "line end within": (f"{PARTS[0]}\n.{PARTS[1]}.{PARTS[2]}", F),
    "NUL within": (f"{PARTS[0]}.\0{PARTS[1]}.{PARTS[2]}", F),
    "letters of full width": (GOOD.replace("e", "\uff45", 1), F),
    "a lone surrogate": (f"{GOOD}\ud800", F),
    "signature in DER": (".".join((*PARTS[:2], octets.encode(ALICE.key.sign(b"x", seal.ECDSA)).decode())), F),
    "signature of 63 bytes": (".".join((*PARTS[:2], octets.encode(b"x" * 63).decode())), F),
    "signature of 65 bytes": (".".join((*PARTS[:2], octets.encode(b"x" * 65).decode())), F),
    "r and s nought": (numbers(0, 0), S),
    "r nought": (numbers(0, 1), S),
    "s nought": (numbers(1, 0), S),
    "r and s one": (numbers(1, 1), S),
    "r the order": (numbers(ORDER, 1), S),
    "s the order": (numbers(1, ORDER), S),
    "r and s beyond the order": (numbers(ORDER + 1, ORDER + 1), S),
    "r and s all ones": (numbers(2**256 - 1, 2**256 - 1), S),
    "too long": ("a" * (verify.MOST + 1), Reason.SIZE),
    "header too long": (f"{'A' * (verify.HEAD + 4)}.AAAA.AAAA", Reason.SIZE),
    "JSON serialization": (json.dumps({"protected": PARTS[0], "signature": PARTS[2]}), F),
    "no algorithm, no signature": (f"{octets.encode(json.dumps(head(alg='none')).encode()).decode()}.eA.", F),
    "HMAC with the public key": (hashed(head(alg="HS256"), KEY), F),
    "HMAC, as long as a signature": (hashed(head(alg="HS512"), KEY) + "A" * 43, Reason.ALGORITHM),
}
"""What a relay can do without a key of anybody."""

LYING: dict[str, tuple[dict[str, Any] | str | bytes, Reason]] = {
    "algorithm none": (head(alg="none"), Reason.ALGORITHM),
    "algorithm in small letters": (head(alg="es256"), Reason.ALGORITHM),
    "algorithm ES384": (head(alg="ES384"), Reason.ALGORITHM),
    "algorithm ES256K": (head(alg="ES256K"), Reason.ALGORITHM),
    "algorithm RS256": (head(alg="RS256"), Reason.ALGORITHM),
    "algorithm missing": (head(alg=None), Reason.ALGORITHM),
    "algorithm a list": (head(alg=["ES256"]), Reason.ALGORITHM),
    "type JWT": (head(typ="JWT"), Reason.TYPE),
    "type of another version": (head(typ=header.TYPE.replace("v1", "v2")), Reason.TYPE),
    "type missing": (head(typ=None), Reason.TYPE),
    **{
        f"brings {name}": (head(**{name: value}), M)
        for name, value in {
            "jwk": {"kty": "EC"},
            "x5c": ["MII"],
            "x5u": "https://evil.example",
            "jku": "https://evil.example",
            "x5t": "AA",
            "x5t#S256": "AA",
            "b64": False,
            "zip": "DEF",
            "epk": {},
            "iss": "A",
            "": 1,
        }.items()
    },
    "unencoded payload, as RFC 7797 wants it": (critical(b64=False), M),
    "a member we do not know, critical": (critical(exotic=1), M),
    **{f"without {name}": (head(**{name: None}), M) for name in ("kid", "cty", "crit", "aud", "cls", "cor")},
    **{
        f"without {name}, nor in crit": (critical(**{name: None}), M)
        for name in ("iat", "exp", "nonce", "seq")
    },
    "crit empty": (head(crit=[]), Reason.CRITICAL),
    "crit with one too few": (head(crit=["aud"]), Reason.CRITICAL),
    "crit with one twice": (head(crit=[*head()["crit"], "aud"]), Reason.CRITICAL),
    "crit with one twice for another": (head(crit=["aud", *head()["crit"][:-1]]), Reason.CRITICAL),
    "crit with one that is not there": (head(crit=[*head()["crit"], "path"]), Reason.CRITICAL),
    "crit with one of the RFC": (head(crit=[*head()["crit"], "alg"]), Reason.CRITICAL),
    "crit of numbers": (head(crit=[1]), M),
    "crit of lists": (head(crit=[["aud"]]), M),
    "crit a text": (head(crit="aud"), M),
    "recipients in a list": (head(aud=[BOB.lfdi, EVE.lfdi]), M),
    "recipient in small letters": (head(aud=BOB.lfdi.lower()), Reason.RECIPIENT),
    "recipient with a blank": (head(aud=f"{BOB.lfdi} "), M),
    "sender in small letters": (head(kid=ALICE.lfdi.lower()), M),
    "sender with a line end": (head(kid=f"{ALICE.lfdi}\n"), M),
    "sender in digits of another script": (head(kid="\u0661" * 40), M),
    "sender a number": (head(kid=1), M),
    "sender null": (PLAIN.replace(f'"{ALICE.lfdi}"', "null"), M),
    "class unknown": (head(cls="order"), M),
    "class in capitals": (head(cls="Request"), M),
    "class missing its digest": (head(cls="response"), M),
    "a digest that is not asked for": (critical(re=octets.digest("x")), M),
    "created with a point": (PLAIN.replace(f'"iat": {NOW}', f'"iat": {NOW}.0'), M),
    "created with an exponent": (PLAIN.replace(f'"iat": {NOW}', '"iat": 18e8'), M),
    "created as text": (head(iat=str(NOW)), M),
    "created true": (head(iat=True), M),
    "created below nought": (head(iat=-1), M),
    "sequence nought": (head(seq=0), M),
    "sequence beyond 53 bits": (head(seq=2**53), M),
    "sequence of a thousand digits": (PLAIN.replace('"seq": 1', f'"seq": {"9" * 1000}'), M),
    "sequence of three thousand digits": (PLAIN.replace('"seq": 1', f'"seq": {"9" * 3000}'), Reason.SIZE),
    "sequence NaN": (PLAIN.replace('"seq": 1', '"seq": NaN'), H),
    "sequence Infinity": (PLAIN.replace('"seq": 1', '"seq": Infinity'), H),
    "sequence 1e400": (PLAIN.replace('"seq": 1', '"seq": 1e400'), M),
    "sequence 01": (PLAIN.replace('"seq": 1', '"seq": 01'), H),
    "nonce short": (head(nonce="AAAA"), M),
    "nonce with bits left over": (head(nonce="A" * 21 + "B"), M),
    "expires before created": (head(exp=NOW - 1), Reason.LIFE),
    "expires as created": (head(exp=NOW), Reason.LIFE),
    "lives too long": (head(exp=NOW + 301), Reason.LIFE),
    "lives for ever": (head(exp=header.LAST), Reason.LIFE),
    "created too far ahead": (head(iat=NOW + 301, exp=NOW + 302), Reason.EARLY),
    "expired": (head(iat=NOW - 400, exp=NOW - 300), Reason.LATE),
    "media type with parameters": (head(cty="application/sep+xml; charset=utf-8"), M),
    "media type without type": (head(cty="sep+xml"), M),
    "method without path": (critical(method="GET"), M),
    "path without method": (critical(path="/a"), M),
    "object without service": (critical(object="LD0/LLN0.Mod"), M),
    "two kinds of target": (critical(method="GET", path="/a", service="Read", object="LD0/LLN0.Mod"), M),
    "path of another host": (critical(method="GET", path="https://a/b"), M),
    "path with a line end": (critical(method="GET", path="/a\r\nHost: b"), M),
    "path too long": (critical(method="GET", path="/" + "a" * 512), M),
    "method CONNECT": (critical(method="CONNECT", path="/a"), M),
    "algorithm twice": (doubled("alg", "ES256"), H),
    "sender twice": (doubled("kid", EVE.lfdi), H),
    "recipient twice, once escaped": (PLAIN[:-1] + ', "\\u0061ud": "x"}', H),
    "twice within a member": (PLAIN[:-1] + ', "epk": {"a": 1, "a": 2}}', H),
    "byte order mark": (b"\xef\xbb\xbf" + PLAIN.encode(), H),
    "UTF-16": (PLAIN.encode("utf-16"), H),
    "no UTF-8": (PLAIN.encode().replace(b"c-1", b"c\xff1"), H),
    "UTF-8 that is too long": (PLAIN.encode().replace(b"c-1", b"c\xc0\xad1"), H),
    "a surrogate escaped": (PLAIN.replace("c-1", "c\\ud8001"), M),
    "NUL in a text": (PLAIN.replace("c-1", "c\\u0000"), M),
    "another letter that looks alike": (PLAIN.replace("c-1", "\u0441-1"), M),
    "member with a mark behind": (PLAIN.replace('"aud":', '"aud\u0301":'), M),
    "member in capitals": (PLAIN.replace('"aud":', '"AUD":'), M),
    "text behind": (PLAIN + "{}", H),
    "comment": (PLAIN.replace("{", "{/**/", 1), H),
    "comma behind": (PLAIN.replace("]}", "],}"), H),
    "quotes of another kind": (PLAIN.replace('"', "'"), H),
    "a list": (json.dumps([head()]), H),
    "a text": (json.dumps("alg"), H),
    "a number": ("1", H),
    "null": ("null", H),
    "empty object": ("{}", Reason.ALGORITHM),
    "deep lists": ("[" * 3000, H),
    "deep objects": (PLAIN[:-1] + ', "x": ' + '{"a":' * 400 + "1" + "}" * 400 + "}", M),
}
"""What a sender that is known may write, and seal."""
