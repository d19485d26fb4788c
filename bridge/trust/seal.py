"""Sealing: a message as JWS in compact form (RFC 7515), signed with ES256 by the sender's own key.

The payload is the bytes of the PDU, as they are. The few steps stand here over `cryptography` itself, since
a JOSE library takes as long again as the signature (docs/decisions/0007). Moments, nonce and sequence come
with the message; nothing is drawn or counted here.
"""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from bridge.trust import header, octets
from bridge.trust.header import RESPONSE, Message

ECDSA = ec.ECDSA(hashes.SHA256())
HALF = 32
"""Bytes of each of the two numbers of a signature."""


def seal(message: Message, key: ec.EllipticCurvePrivateKey, how: ec.ECDSA = ECDSA) -> str:
    """Seal a message; ValueError where it has a value that no sealed message may have."""
    said = octets.encode(header.write(message)) + b"." + octets.encode(message.payload)
    r, s = decode_dss_signature(key.sign(said, how))
    signature = r.to_bytes(HALF, "big") + s.to_bytes(HALF, "big")
    return (said + b"." + octets.encode(signature)).decode("ascii")


def nonce(chance: bytes) -> str:
    """The nonce that sixteen bytes of chance are."""
    return octets.encode(chance).decode("ascii")


def answer(  # an answer is told by its request, and by what only the answerer knows
    request: Message,
    text: str,
    sender: str,
    *,
    payload: bytes,
    media: str,
    created: int,
    nonce: str,
    sequence: int,
    life: int = header.LIVES[RESPONSE],
) -> Message:
    """Give the answer to a request that was verified; `text` is the request's compact form."""
    return Message(
        sender,
        request.sender,
        RESPONSE,
        request.correlation,
        created,
        created + life,
        nonce,
        sequence,
        media,
        payload,
        answers=octets.digest(text),
    )


def signature(raw: bytes) -> bytes:
    """The signature as `cryptography` wants it, of the 64 bytes of ES256."""
    return encode_dss_signature(int.from_bytes(raw[:HALF], "big"), int.from_bytes(raw[HALF:], "big"))
