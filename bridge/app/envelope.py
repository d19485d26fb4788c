"""`derbridge seal` and `derbridge unseal`: sealed messages (docs/sealed-messages.md) from files, by hand.

Certificates and keys are files in PEM, the clock and chance are this machine's. A message is judged as the
server judges it, but for what only the server can know: that it came before, revocation, access. No key is
ever printed.
"""

from __future__ import annotations

import secrets
import sys
import time
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from bridge.app import screen, source
from bridge.app.fault import Fault
from bridge.trust import cover, header, identity, octets, ring, verify
from bridge.trust import seal as sealing
from bridge.trust.header import LIVES, RESPONSE, Message
from bridge.trust.refusal import Refused
from bridge.trust.replay import Levels, Nonces
from bridge.trust.ring import Held, Ring
from bridge.trust.verify import Question, Verifier


class Wish(NamedTuple):
    """What is to be sealed, and how."""

    file: str
    cert: Path
    key: Path
    said: Mapping[str, Any]
    """Fields of the message that were given."""
    life: int | None
    request: str | None
    cover: Path | None
    roots: tuple[Path, ...]
    now: int | None


class Look(NamedTuple):
    """What is to be verified, and by what."""

    file: str
    certs: tuple[Path, ...]
    roots: tuple[Path, ...]
    mine: tuple[str, ...]
    key: Path | None
    request: str | None
    now: int | None


def seal(wish: Wish, output: Path | None) -> None:
    """Seal, and cover if wanted; write or print the compact form."""
    key, leaf = _key(wish.key), _chain(wish.cert)[0]
    if x509.load_der_x509_certificate(leaf).public_key() != key.public_key():
        raise Fault(str(wish.key), f"is not the key of {wish.cert}")
    try:
        text = sealing.seal(_message(wish, identity.lfdi(leaf)), key)
        if wish.cover:
            text = cover.cover(text, _held(wish.cover, wish.roots))
    except ValueError as error:
        raise Fault(wish.file, str(error)) from error
    _out(f"{text}\n".encode(), output)


def unseal(look: Look, output: Path | None, *, as_json: bool) -> int:
    """Verify, and write or print what is inside; 1 and the reason where it is refused."""
    text = _text(look.file)
    try:
        proved = verify.prove(
            _uncovered(text, look), _verifier(look), _now(look.now), _question(look.request)
        )
    except Refused as refused:
        screen.warn(f"derbridge: refused: {refused}")
        return 1
    if as_json:
        shown = proved.message._asdict() | {"payload": b64encode(proved.message.payload).decode()}
        screen.record({name: value for name, value in shown.items() if value != ""})
    else:
        _out(proved.message.payload, output)
    return 0


def _message(wish: Wish, sender: str) -> Message:
    """The message, with what was not said filled in."""
    now = _now(wish.now)
    said: dict[str, Any] = {
        "correlation": secrets.token_hex(8),
        "sequence": time.time_ns() // 1_000,
        "kind": "request",
        **(_answer(wish.request) if wish.request else {}),
        **wish.said,
    }
    if "recipient" not in said:
        raise Fault("--to", "name the recipient, or the request that is answered")
    life = LIVES.get(said["kind"], 0) if wish.life is None else wish.life
    nonce = sealing.nonce(secrets.token_bytes(16))
    payload = source.data(wish.file).data
    return Message(sender=sender, created=now, expires=now + life, nonce=nonce, payload=payload, **said)


def _answer(request: str) -> dict[str, Any]:
    """What an answer has from its request."""
    asked = _question(request)
    if asked is None:
        return {}
    said = asked.message
    return {
        "kind": RESPONSE,
        "recipient": said.sender,
        "correlation": said.correlation,
        "answers": octets.digest(asked.text),
    }


def _question(file: str | None) -> Question | None:
    """A request as it was sent; its own seal is the business of whom it went to."""
    if file is None:
        return None
    text = _text(file)
    try:
        first, _, _ = text.encode("ascii").split(b".")
        return Question(header.message(header.read(octets.decode(first)), b""), text)
    except (ValueError, Refused) as error:
        raise Fault(file, f"is no sealed message: {error}") from error


def _verifier(look: Look) -> Verifier:
    held = Ring([der for root in look.roots for der in _chain(root)], map(_chain, look.certs))
    return Verifier(frozenset(look.mine), held, _never, Nonces(), Levels(), _unasked)


def _never(*_: object) -> bool:
    """Nothing is known to be revoked, here."""
    return False


def _unasked(_: object) -> Any:  # noqa: ANN401 - it gives nothing
    raise RuntimeError("access is not decided here")


def _uncovered(text: str, look: Look) -> str:
    """The message itself, from under its cover if it has one."""
    if not cover.covered(text):
        return text
    if look.key is None:
        raise Fault(look.file, "is encrypted: name the recipient's private key with --key")
    own = next(filter(identity.lfdi_ok, look.mine), "")
    return cover.uncover(text, own, _key(look.key))


def _held(path: Path, roots: tuple[Path, ...]) -> Held:
    held = ring.hold(_chain(path), [der for root in roots for der in _chain(root)])
    if held.fault:
        raise Fault(str(path), held.fault)
    return held


def _now(given: int | None) -> int:
    return int(time.time()) if given is None else given


def _text(file: str) -> str:
    """A message as text; blanks and line ends around it are no part of it."""
    return source.data(file).data.decode("utf-8", "replace").strip()


def _chain(path: Path) -> list[bytes]:
    """The certificates of a file in PEM, leaf first, in DER."""
    try:
        found = x509.load_pem_x509_certificates(source.data(str(path)).data)
    except ValueError as error:
        raise Fault(str(path), "is no certificate in PEM") from error
    return [one.public_bytes(Encoding.DER) for one in found]


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(source.data(str(path)).data, None)
    except (ValueError, TypeError) as error:
        raise Fault(str(path), "is no private key in PEM, or is encrypted") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise Fault(str(path), "is no key on P-256")
    return key


def _out(octets: bytes, output: Path | None) -> None:
    """Write to a file as it is, or print as text."""
    try:
        if output:
            output.write_bytes(octets)
        else:
            sys.stdout.write(octets.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise Fault("the payload", "is no text: write it to a file with -o") from error
    except OSError as error:
        raise Fault(str(output or "standard output"), error.strerror or "cannot be written") from error
