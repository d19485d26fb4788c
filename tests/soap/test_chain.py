"""The chain, state by state: what each refuses, by which fault, and that the first one ends it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.soap import chain, fault
from bridge.soap.entity import Entity
from bridge.soap.fault import Refused
from bridge.trust.wsse.algorithms import RSA_SHA1, SHA1
from tests.soap.world import (
    ASSERTER,
    LFDI,
    OTHER,
    RETAIL,
    WIRES,
    Held,
    asserted,
    assertion,
    case,
    legacy,
    walked,
)
from tests.trust.wsse.making import (
    CONTENT,
    CREATED,
    NOW,
    REP_RSA,
    STRANGER,
    THREE,
    USER,
    WHOLE,
    Seal,
    changed,
    signed,
)

OLD = Seal(tuple(each._replace(method=SHA1) for each in THREE), REP_RSA, RSA_SHA1)
RSA = replace(RETAIL, signer=REP_RSA.pem)


def content(old: str, new: str) -> str:
    """A request that is otherwise, and signed so."""
    assert old in CONTENT
    return signed(WHOLE.replace(CONTENT, CONTENT.replace(old, new)))


TEN = "<Address><ESIID>10443720000000001</ESIID><MeterSerialNumber>7</MeterSerialNumber></Address>"
ROWS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("entity", "media", "Client", {"media": "application/soap+xml"}),
    ("entity", "name", "Client", {"names": ()}),
    ("entity", "name", "Client", {"names": ("REP", "REP")}),
    ("entity", "entity", "FailedAuthentication", {"entity": None}),
    ("entity", "entity", "FailedAuthentication", {"entity": replace(RETAIL, enabled=False)}),
    ("entity", "entity", "FailedAuthentication", {"lfdi": OTHER}),
    ("schema", "syntax", "Client", {"text": "<e:Envelope"}),
    ("schema", "dtd", "Client", {"text": f"<!DOCTYPE x>{signed()}"}),
    ("schema", "version", "VersionMismatch", {"text": signed().replace("soap/envelope/", "soap/envelope/2")}),
    ("schema", "mandatory", "MustUnderstand",
     {"text": signed().replace("</e:Header>", '<m:Trace e:mustUnderstand="1"/></e:Header>')}),
    ("schema", "operation", "Client", {"text": content("processSimpleMessaging>", "processNothing>")}),
    ("schema", "operation", "Client", {"text": signed(WHOLE.replace(CONTENT, CONTENT * 2))}),
    ("schema", "schema", "Client", {"text": content("<MCPriority>0", "<MCPriority>4")}),
    ("security", "security", "InvalidSecurity", {"text": signed().replace(USER, "")}),
    ("security", "token", "UnsupportedSecurityToken", {"text": asserted()}),
    ("security", "token", "UnsupportedSecurityToken", {"entity": WIRES, "names": ("WIRES",)}),
    ("algorithms", "algorithm", "UnsupportedAlgorithm", {"text": signed(seal=OLD), "entity": RSA}),
    ("algorithms", "algorithm", "UnsupportedAlgorithm",
     {"text": signed(seal=OLD), "entity": legacy(RSA, NOW + 10)}),
    ("signer", "signer", "SecurityTokenUnavailable", {"text": signed(seal=Seal(who=STRANGER))}),
    ("signer", "signer", "SecurityTokenUnavailable", {"entity": replace(RETAIL, signer=STRANGER.pem)}),
    ("certificate", "certificate", "InvalidSecurityToken", {"held": Held(RETAIL, refused="revoked")}),
    ("coverage", "digest", "FailedCheck", {"text": changed(("Peak at four", "Peak at five"))}),
    ("freshness", "expired", "MessageExpired", {"now": NOW + 600}),
    ("freshness", "future", "MessageExpired", {"now": NOW - 301}),
    ("freshness", "expired", "MessageExpired", {"now": NOW + 310, "terms": {"skew": 10}}),
    ("account", "account", "FailedAuthentication", {"entity": replace(RETAIL, account="cnp")}),
    ("account", "account", "FailedAuthentication", {"entity": replace(RETAIL, requester=3)}),
    ("duns", "duns", "FailedAuthentication", {"entity": replace(RETAIL, duns="799530221")}),
    ("rights", "right", "FailedAuthentication", {"entity": replace(RETAIL, rights=("price",))}),
    ("rights", "addresses", "Client",
     {"text": content("<Address>", f"{TEN * 3}<Address>"), "terms": {"most": 3}}),
    ("rights", "serial", "Client", {"terms": {"serials": True}}),
)  # fmt: skip


def test_a_good_request_passes() -> None:
    found = walked(case())
    assert found.passed == "rights"
    assert found.request is not None
    assert found.request.RequesterID == "notices"
    assert not found.legacy


@pytest.mark.parametrize("row", ROWS, ids=[f"{at} {row[0]} {row[1]}" for at, row in enumerate(ROWS)])
def test_each_state_refuses(row: tuple[str, str, str, dict[str, Any]]) -> None:
    state, reason, code, said = row
    one = case(**said)
    with pytest.raises(Refused) as caught:
        walked(one)
    names = [each.name for each in (*chain.PROOF, *chain.CLAIM)]
    before = names[names.index(state) - 1] if state != names[0] else ""
    assert (caught.value.state, caught.value.reason, one.passed) == (state, reason, before), caught.value
    assert caught.value.code.rpartition("}")[2] == code


def test_a_repeated_message_is_refused_after_its_proof() -> None:
    with pytest.raises(Refused) as caught:
        walked(case(), repeated=True)
    assert (caught.value.state, caught.value.code) == ("replay", fault.EXPIRED)


def test_the_first_state_that_fails_ends_it() -> None:
    """Wrong in everything, it is told of one thing."""
    one = case("<nothing", replace(RETAIL, enabled=False), lfdi=OTHER, now=NOW + 9_999)
    with pytest.raises(Refused) as caught:
        walked(one)
    assert caught.value.state == "entity"


def test_sha1_until_its_end_and_marked() -> None:
    found = walked(case(signed(seal=OLD), legacy(RSA, NOW + 11)))
    assert found.legacy
    assert not walked(case(signed(seal=Seal(who=REP_RSA)), legacy(RSA, NOW + 11))).legacy
    assert not walked(case(signed(seal=Seal(who=REP_RSA)), legacy(RSA, NOW + 10))).legacy


def test_what_is_taken_once() -> None:
    mine, theirs = walked(case()), walked(tdsp())
    assert [name.split()[0] for name, _ in mine.keys] == ["message"]
    assert [name.split()[0] for name, _ in theirs.keys] == ["message", "assertion"]
    assert all(NOW < until <= NOW + 600 for _, until in theirs.keys)
    assert walked(case()).keys == mine.keys, "another value of the same signature is the same message"


# ----------------------------------------------------------------------------------------- assertions


def tdsp(text: str | None = None, entity: Entity = WIRES, **more: Any) -> chain.Case:
    """A request of a distribution company."""
    return case(asserted() if text is None else text, entity, names=("WIRES",), lfdi=LFDI, **more)


def test_an_assertion_passes() -> None:
    assert walked(tdsp()).passed == "rights"
    statement = f'<s:AuthnStatement AuthnInstant="{CREATED}"/>'
    assert walked(tdsp(asserted(assertion(gap="\n  ", more=statement)))).passed == "rights"


WRONG: tuple[tuple[str, str, str, Any], ...] = (
    ("no signature of its issuer", "security", "security", lambda: asserted(assertion(sealed=False))),
    ("signed by somebody else", "assertion", "value", lambda: asserted(assertion(STRANGER))),
    ("another issuer", "assertion", "signer", lambda: asserted(assertion(issuer="evil.example"))),
    ("another audience", "assertion", "assertion", lambda: asserted(assertion(audience="other.example"))),
    ("good for too long", "assertion", "assertion", lambda: asserted(assertion(ends="2100-01-01T00:00:00Z"))),
    ("over", "assertion", "assertion",
     lambda: asserted(assertion(begins="2020-01-01T00:00:00Z", ends="2020-01-01T00:05:00Z"))),
    ("a moment without zone", "assertion", "assertion",
     lambda: asserted(assertion(begins="2020-01-01T00:00:00"))),
    ("another account", "account", "account", lambda: asserted(assertion(subject="cnp"))),
    ("an attribute statement", "security", "token",
     lambda: asserted(assertion(more="<s:AttributeStatement/>"))),
    ("changed, and signed again by the sender", "assertion", "digest",
     lambda: asserted(assertion(subject="ROOT").replace("ROOT", "CNP"))),
    ("changed after both have signed", "coverage", "digest",
     lambda: asserted(assertion(subject="ROOT")).replace("ROOT", "CNP")),
    ("two assertions", "security", "security",
     lambda: asserted(assertion() + assertion(mark="A-2"))),
    ("another one's id", "assertion", "coverage",
     lambda: asserted(assertion().replace('URI="#A-1"', 'URI="#A-9"'))),
    ("a name beside it", "security", "token", lambda: asserted(assertion() + USER)),
)  # fmt: skip


@pytest.mark.parametrize("row", WRONG, ids=[row[0] for row in WRONG])
def test_a_wrong_assertion_is_refused(row: tuple[str, str, str, Any]) -> None:
    _, state, reason, make = row
    with pytest.raises(Refused) as caught:
        walked(tdsp(make()))
    assert (caught.value.state, caught.value.reason) == (state, reason), caught.value


def test_an_issuer_s_certificate_must_be_valid() -> None:
    from tests.trust.wsse.making import OLD as LAST  # noqa: PLC0415 - beside the seal of that name

    entity = replace(WIRES, asserter=LAST.pem)
    with pytest.raises(Refused) as caught:
        walked(tdsp(asserted(assertion(LAST)), entity))
    assert (caught.value.state, caught.value.reason) == ("assertion", "certificate")
    assert ASSERTER.pem != LAST.pem
