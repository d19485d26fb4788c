"""Certificates that are held: judged once, with the period of the whole chain."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bridge.trust import credential, issue
from bridge.trust.ring import Ring, hold
from tests.trust.sealed import ALICE, MICA, ROGUE, SERCA
from tests.trust.test_chain import built


def test_what_is_held() -> None:
    held = Ring([SERCA.der], [ALICE.chain]).find(ALICE.lfdi)
    assert held is not None
    assert held.lfdi == ALICE.lfdi
    assert held.key == ALICE.key.public_key()
    assert held.fault == ""
    assert held.agrees
    assert held.serials == credential.serials([ALICE.certificate, *ALICE.above])
    assert (held.since, held.until) == (1_577_836_800, 253_402_300_799)


def test_the_period_is_that_of_the_whole_chain() -> None:
    ca = issue.authority(SERCA, "short", depth=0, until=datetime(2030, 1, 1, tzinfo=UTC))
    made = issue.client(ca, "long", since=datetime(2025, 1, 1, tzinfo=UTC))
    held = hold(made.chain, [SERCA.der])
    assert (held.since, held.until) == (1_735_689_600, 1_893_456_000)


def test_servers_and_clients_may_seal() -> None:
    assert hold(issue.server(MICA, ("localhost",)).chain, [SERCA.der]).fault == ""


def test_dropped() -> None:
    ring = Ring([SERCA.der])
    ring.add(ALICE.chain)
    ring.drop(ALICE.lfdi)
    ring.drop(ALICE.lfdi)
    assert ring.find(ALICE.lfdi) is None


def off() -> bytes:
    """A certificate whose key is no point of the curve."""
    point = ALICE.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return ALICE.der.replace(point, point[:-1] + bytes((point[-1] ^ 1,)))


@pytest.mark.parametrize(
    ("chain", "fault"),
    [
        (ROGUE.chain, "the chain does not end in a root that is trusted"),
        ((off(), *ALICE.chain[1:]), "a certificate cannot be read"),
        (built(MICA, key=ec.generate_private_key(ec.SECP384R1())).chain, "a key is not on P-256"),
        (built(MICA, key=rsa.generate_private_key(65_537, 2048)).chain, "a key is not on P-256"),
        ((), "there is no certificate"),
        ((b"junk",), "a certificate cannot be read"),
    ],
    ids=["rogue", "off the curve", "P-384", "RSA", "none", "junk"],
)
def test_faults(chain: tuple[bytes, ...], fault: str) -> None:
    held = hold(chain, [SERCA.der])
    assert held.fault.startswith(fault)
    assert held.key is None


def test_a_key_that_only_signs() -> None:
    usage = x509.KeyUsage(True, *[False] * 8)
    assert not hold(built(MICA, (usage, True)).chain, [SERCA.der]).agrees
