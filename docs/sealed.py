"""Test vectors of sealed messages: `python -m docs.sealed` rewrites docs/vectors/sealed.json.

Keys, certificates and the one covered message are taken from the file as it is (`--new` makes others); each
message is sealed anew with deterministic ECDSA (RFC 6979), so the same keys give the same file. The secret
keys are for all to see, and good for nothing else.
"""

from __future__ import annotations

import argparse
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc.jwk import ECKey

from bridge.trust import cover, header, issue, octets, ring, seal
from bridge.trust.header import Message
from bridge.trust.issue import Issued

PLACE = Path(__file__).parent / "vectors" / "sealed.json"
NOW = 1_800_000_000
GROUP = "feeder-7"
ECDSA = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
PAYLOAD = b'<DERControl xmlns="urn:ieee:std:2030.5:ns"/>'
TAKEN = "taken"
Vector = dict[str, Any]


def parties() -> dict[str, Issued]:
    """Make everybody anew."""
    root = issue.root("SERCA")
    mica = issue.authority(root, "MICA", depth=0)
    rogue = issue.authority(issue.root("SERCA"), "MICA", depth=0)
    return {
        "alice": issue.client(mica, "alice"),
        "bob": issue.device(mica, b"bob"),
        "eve": issue.client(mica, "eve"),
        "revoked": issue.client(mica, "revoked"),
        "expired": issue.client(mica, "expired", until=datetime(2025, 1, 1, tzinfo=UTC)),
        "rogue": issue.client(rogue, "alice"),
    }


def kept(said: dict[str, Any]) -> dict[str, Issued]:
    """Everybody as the file has them."""
    found = {}
    for name, one in said["parties"].items():
        first, *above = (x509.load_der_x509_certificate(b64decode(der)) for der in one["chain"])
        key = ECKey.import_key(one["jwk"]).private_key
        found[name] = Issued(first, key, tuple(above))  # type: ignore[arg-type] # a key on P-256
    return found


def told(one: Issued) -> dict[str, Any]:
    """A party, for the file."""
    jwk = {
        name: value
        for name, value in ECKey.import_key(one.key).as_dict(private=True).items()
        if name != "kid"
    }
    return {"lfdi": one.lfdi, "jwk": jwk, "chain": [b64encode(der).decode() for der in one.chain]}


def message(sender: Issued, recipient: str, number: int, **more: Any) -> Message:  # noqa: ANN401 - of many types
    """A message with all that must be there."""
    made = Message(
        sender.lfdi, recipient, "request", f"c-{number}", NOW, NOW + 300,
        seal.nonce(number.to_bytes(16, "big")), number, "application/sep+xml", PAYLOAD,
    )  # fmt: skip
    return made._replace(**more)


def written(head: dict[str, Any], key: ec.EllipticCurvePrivateKey, more: str = "") -> str:
    """Any header, rightly signed; `more` is put in as it stands."""
    raw = (json.dumps(head, separators=(",", ":"))[:-1] + more + "}").encode()
    said = octets.encode(raw) + b"." + octets.encode(PAYLOAD)
    pair = decode_dss_signature(key.sign(said, ECDSA))
    signature = b"".join(number.to_bytes(seal.HALF, "big") for number in pair)
    return (said + b"." + octets.encode(signature)).decode()


def good(all_: dict[str, Issued]) -> Iterator[Vector]:
    """Messages that Bob takes."""
    alice, bob = all_["alice"], all_["bob"]
    sep2 = {"method": "POST", "path": "/derp/1/derc"}
    iec = {"service": "Operate", "reference": "LD0/DWMX1.WMaxSptPct", "media": "application/xml"}
    said = {
        "a 2030.5 request": message(alice, bob.lfdi, 1, **sep2),
        "an IEC 61850 request": message(alice, bob.lfdi, 2, **iec),
        "an event for a group": message(alice, GROUP, 3, kind="event", expires=NOW + 604_800),
        "a claim": message(alice, bob.lfdi, 4, kind="claim", media="application/json", payload=b"{}"),
        "a notice without a payload": message(
            alice, bob.lfdi, 5, kind="notice", media="text/plain", payload=b""
        ),
        "any bytes": message(alice, bob.lfdi, 6, media="application/octet-stream", payload=bytes(range(256))),
        "the greatest sequence": message(alice, bob.lfdi, 7, sequence=header.SAFE),
    }
    for name, one in said.items():
        text = seal.seal(one, alice.key, ECDSA)
        yield {"name": name, "verdict": TAKEN, "text": text, "payload": b64encode(one.payload).decode()}
    asked = seal.seal(message(bob, alice.lfdi, 8), bob.key, ECDSA)
    reply = seal.answer(
        message(bob, alice.lfdi, 8), asked, alice.lfdi,
        payload=b"done", media="text/plain", created=NOW, nonce=seal.nonce(b"8" * 16), sequence=8,
    )  # fmt: skip
    text = seal.seal(reply, alice.key, ECDSA)
    payload = b64encode(reply.payload).decode()
    yield {"name": "an answer", "verdict": TAKEN, "text": text, "request": asked, "payload": payload}
    other = seal.seal(message(bob, alice.lfdi, 9, correlation="c-8"), bob.key, ECDSA)
    yield {"name": "an answer to another request", "verdict": "answer", "text": text, "request": other}
    yield {"name": "an answer that nobody waits for", "verdict": "answer", "text": text}


def bad(all_: dict[str, Issued]) -> Iterator[Vector]:
    """Messages that Bob refuses, each for one reason."""
    alice, bob = all_["alice"], all_["bob"]
    honest = json.loads(header.write(message(alice, bob.lfdi, 1)))
    one, two = (seal.seal(message(alice, bob.lfdi, number), alice.key, ECDSA) for number in (1, 2))
    for name, verdict, text in (*relayed(all_, one, two), *signed(all_)):
        yield {"name": name, "verdict": verdict, "text": text}
    for name, verdict, changes in CHANGES:
        yield {"name": name, "verdict": verdict, "text": written(honest | changes, alice.key)}
    for name, verdict, more in (
        ("too early", "early", {"at": NOW - 301}),
        ("too late", "late", {"at": NOW + 600}),
        ("shown again", "replay", {"after": [one]}),
        ("out of order", "sequence", {"after": [two]}),
    ):
        yield {"name": name, "verdict": verdict, "text": one, **more}


def relayed(all_: dict[str, Issued], one: str, two: str) -> Iterator[tuple[str, str, str]]:
    """What others make of messages of Alice's."""
    head, body, signature = one.split(".")
    said = message(all_["alice"], all_["bob"].lfdi, 1)
    yield "header of another message", "signature", f"{two.split('.', maxsplit=1)[0]}.{body}.{signature}"
    yield "payload of another message", "signature", f"{head}.eA.{signature}"
    yield "in the name of another", "signature", seal.seal(said, all_["eve"].key, ECDSA)
    yield "nought as signature", "signature", f"{head}.{body}.{'A' * 86}"
    yield "padded", "form", f"{one}=="
    yield "no signature", "form", f"{head}.{body}."


def signed(all_: dict[str, Issued]) -> Iterator[tuple[str, str, str]]:
    """What is rightly signed by whom it says it is from."""
    alice, said = all_["alice"], message(all_["alice"], all_["bob"].lfdi, 1)
    honest = json.loads(header.write(said))
    for name, reason in (("revoked", "revoked"), ("expired", "period"), ("rogue", "chain")):
        by = all_[name]
        yield f"a sender who is {name}", reason, seal.seal(said._replace(sender=by.lfdi), by.key, ECDSA)
    yield "a sender who is not known", "sender", written({**honest, "kid": "0" * 40}, alice.key)
    yield "for another", "recipient", seal.seal(said._replace(recipient=all_["eve"].lfdi), alice.key, ECDSA)
    yield "lives too long", "life", seal.seal(said._replace(expires=NOW + 301), alice.key, ECDSA)
    yield "the same member twice", "header", written(honest, alice.key, ',"aud":"feeder-7"')


ALWAYS = ("aud", "cls", "cor", "iat", "exp", "nonce", "seq")
CHANGES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("algorithm none", "algorithm", {"alg": "none"}),
    ("algorithm HS256", "algorithm", {"alg": "HS256"}),
    ("a token", "type", {"typ": "JWT"}),
    ("brings a key", "member", {"jwk": {"kty": "EC"}}),
    ("brings a certificate", "member", {"x5c": ["MII"]}),
    ("payload not encoded", "member", {"b64": False, "crit": ["b64"]}),
    ("crit forgets one", "critical", {"crit": ["aud", "cls"]}),
    ("a moment with a fraction", "member", {"iat": NOW + 0.5}),
    ("a sequence beyond 53 bits", "member", {"seq": 2**53}),
    ("recipients in a list", "member", {"aud": ["a", "b"]}),
    ("a class that there is not", "member", {"cls": "order"}),
    ("method without path", "member", {"method": "GET", "crit": [*ALWAYS, "method"]}),
)
"""What is put otherwise in an honest header."""


def whole(all_: dict[str, Issued], covered: Vector | None = None) -> dict[str, Any]:
    """Everything that is in the file."""
    vectors = [*good(all_), *bad(all_)]
    if covered is None:
        held = ring.hold(all_["bob"].chain, [all_["alice"].chain[-1]])
        covered = {**vectors[0], "name": "under a cover", "cover": cover.cover(vectors[0]["text"], held)}
    return {
        "about": "Sealed messages of derbridge; docs/sealed-messages.md tells how to read this.",
        "now": NOW,
        "recipient": "bob",
        "groups": [GROUP],
        "revoked": ["revoked"],
        "roots": [b64encode(all_["alice"].chain[-1]).decode()],
        "parties": {name: told(one) for name, one in all_.items()},
        "messages": [*vectors, covered],
    }


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--new", action="store_true", help="make new keys and certificates")
    if parser.parse_args().new:
        made = whole(parties())
    else:
        before = json.loads(PLACE.read_text("utf-8"))
        made = whole(kept(before), before["messages"][-1])
    PLACE.parent.mkdir(exist_ok=True)
    PLACE.write_text(json.dumps(made, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
