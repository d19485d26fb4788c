"""xmlsec and signxml accept what we sign, we accept what they sign; and what they accept that we refuse."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from lxml import etree

from bridge.trust.wsse import algorithms, signature, signing
from tests.trust.wsse import oracles
from tests.trust.wsse.making import CONTENT, NOW, REP, REP_RSA, SMT, Party, Seal, Store, signed
from tests.trust.wsse.table import CASES

REQUEST = etree.fromstring(CONTENT.replace("Messaging>", f'Messaging xmlns:m="{SMT}">', 1))
PARTIES = {"ECDSA": REP, "RSA": REP_RSA}
TELLING = {case.name: case for case in CASES}


def ours(who: Party) -> bytes:
    return signing.sign(REQUEST, signing.Signer(*who), "CNP", (NOW, NOW + 300), "1")


@pytest.mark.parametrize("who", PARTIES.values(), ids=PARTIES)
@pytest.mark.parametrize("judge", oracles.JUDGES.values(), ids=oracles.JUDGES)
def test_they_accept_what_we_sign(judge: Callable[[bytes, Party], bool], who: Party) -> None:
    made = ours(who)
    assert judge(made, who)
    assert not judge(made.replace(b"four", b"five"), who)


@pytest.mark.parametrize("who", PARTIES.values(), ids=PARTIES)
@pytest.mark.parametrize(
    "sign",
    [
        ours,
        oracles.signed_by_xmlsec,
        oracles.signed_by_signxml,
        lambda who: signed(seal=Seal(who=who)).encode(),
    ],
    ids=["derbridge", "xmlsec", "signxml", "tests"],
)
def test_we_accept_what_they_sign(sign: Callable[[Party], bytes], who: Party) -> None:
    found = signature.verify(sign(who), "REP", Store(), algorithms.DEFAULT, NOW)
    assert (found.username, found.certificate) == ("CNP", who.certificate)
    assert found.body.findtext(".//Message") == "Peak at four"


@pytest.mark.parametrize(
    "name", ["XSW 1: signed Body in a header block", "Body not signed", "expired", "a second Security block"]
)
def test_a_signature_that_holds_is_not_enough(name: str) -> None:
    """The signature of these is right, as xmlsec confirms; what it covers, or when it was made, is not."""
    assert oracles.by_xmlsec(TELLING[name].data())
