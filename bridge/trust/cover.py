"""A cover for a sealed message, so that a relay cannot read it: JWE in compact form (RFC 7516).

ECDH-ES to the recipient's P-256 key and A128GCM, by joserfc. A cover proves nothing of who made it; what it
holds is verified as if it had come without. It is held to one form before it is opened: no member beyond
the table, no compression, a key of the right curve. Keys are arguments.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from bridge.trust import header, octets
from bridge.trust.refusal import Reason, Refused
from bridge.trust.ring import Held
from bridge.trust.verify import HEAD, MOST

TYPE = "vnd.derbridge.covered.v1+jose"
FIXED = {"alg": "ECDH-ES", "enc": "A128GCM", "typ": TYPE, "cty": header.TYPE}
"""Members of the header that are the same in each; beside them `kid`, the recipient's LFDI, and `epk`."""
POINT = {"kty": "EC", "crv": "P-256"}
"""Members of `epk` that are the same in each; beside them `x` and `y`."""
PARTS, EMPTY = 5, 1
"""How many parts there are; which one is empty, as the key is agreed on and not sent."""
RULES = jwe.JWERegistry(algorithms=[FIXED["alg"], FIXED["enc"]])
RULES.max_ciphertext_length = 2 * MOST
"""joserfc's own limit of 64 kB is too low for a long document."""


def cover(text: str, recipient: Held) -> str:
    """Cover a sealed message for one party; ValueError where its certificate does not serve for that."""
    if recipient.key is None or recipient.fault or not recipient.agrees:
        raise ValueError("nothing can be encrypted for this certificate")
    key = ECKey.import_key(recipient.key)
    return jwe.encrypt_compact({**FIXED, "kid": recipient.lfdi}, text, key, registry=RULES)


def covered(text: str) -> bool:
    """Whether this has the look of a covered message."""
    return text.count(".") == PARTS - 1


def uncover(text: str, own: str, key: ec.EllipticCurvePrivateKey, most: int = 2 * MOST) -> str:
    """Give the sealed message under a cover that was made for us; Refused where there is none."""
    if len(text) > most:
        raise Refused(Reason.SIZE)
    try:
        _check(text, own)
        found = jwe.decrypt_compact(text, ECKey.import_key(key), registry=RULES)
        return (found.plaintext or b"").decode("ascii")
    except (ValueError, JoseError, Refused):
        raise Refused(Reason.COVER) from None


def _check(text: str, own: str) -> None:
    """See that a cover keeps to the one form that we make."""
    parts = text.encode("ascii").split(b".")
    if len(parts) != PARTS or parts[EMPTY] or len(parts[0]) > HEAD:
        raise ValueError("not the parts of a cover")
    first, *_ = map(octets.decode, parts)
    head = header.parse(first)
    point = head.pop("epk", None)
    if head != {**FIXED, "kid": own} or type(point) is not dict:
        raise ValueError("not the header of a cover")
    if point != {**POINT, "x": point.get("x"), "y": point.get("y")}:
        raise ValueError("not a key of ours")
