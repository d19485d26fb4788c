"""Logging in at the relay, over real TLS: whose certificate gets in, under which name, and who does not."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bridge.trust import draft, issue
from tests.transports import relaying, xmpp
from tests.transports.relaying import Here

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bridge.trust.folder import Client

LONG_AGO = {"since": datetime(2020, 1, 1, tzinfo=UTC), "until": datetime(2021, 1, 1, tzinfo=UTC)}
WAYS = {
    "direct-1.3": {"new": True, "clear": False},
    "direct-1.2": {"new": False, "clear": False},
    "starttls-1.3": {"new": True, "clear": True},
    "starttls-1.2": {"new": False, "clear": True},
}


@pytest.fixture(scope="module", params=relaying.LOOPS)
def here(request: pytest.FixtureRequest) -> Iterator[Here]:
    with Here(loop_name=request.param).running() as found:
        yield found


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_an_address_in_the_certificate_is_the_name(here: Here, way: dict[str, bool]) -> None:
    with here.raw(relaying.named("alice"), **way) as raw:
        raw.login()
        assert raw.bind("one") == f"alice@{xmpp.DOMAIN}/one"


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_device_of_2030_5_has_its_lfdi_for_a_name(here: Here, way: dict[str, bool]) -> None:
    one = relaying.device()
    with here.raw(one, **way) as raw:
        raw.login()
        assert raw.bind("one") == f"{one.lfdi.lower()}@{xmpp.DOMAIN}/one"


@pytest.mark.parametrize("asked", ["alice@relay.example", "Alice@Relay.Example"])
def test_the_own_name_may_be_asked_for(here: Here, asked: str) -> None:
    with here.raw(relaying.named("alice")) as raw:
        raw.login(asked)
        assert raw.bind("one") == f"alice@{xmpp.DOMAIN}/one"


def test_the_lfdi_may_be_asked_for_beside_an_address(here: Here) -> None:
    one = relaying.named("alice")
    with here.raw(one) as raw:
        raw.login(f"{one.lfdi}@{xmpp.DOMAIN}")
        assert raw.bind("one") == f"{one.lfdi.lower()}@{xmpp.DOMAIN}/one"


FOREIGN = ("bob@relay.example", "alice@other.example", "alice", "bob@relay.example/x", "@", "relay.example")


@pytest.mark.parametrize("asked", FOREIGN)
def test_a_foreign_name_is_refused(here: Here, asked: str) -> None:
    with here.raw(relaying.named("alice")) as raw:
        raw.ask(xmpp.header(), b"</stream:features>")
        assert b"<invalid-authzid/>" in raw.ask(xmpp.auth(asked), b"</failure>")


def test_a_full_address_of_its_own_is_taken(here: Here) -> None:
    with here.raw(relaying.named("alice")) as raw:
        raw.ask(xmpp.header(), b"</stream:features>")
        raw.ask(xmpp.auth(f"alice@{xmpp.DOMAIN}/x"), b"<success[^>]*>")
        raw.ask(xmpp.header(), b"</stream:features>")
        assert raw.bind("y") == f"alice@{xmpp.DOMAIN}/y"


def test_a_common_name_is_no_name(here: Here) -> None:
    one = relaying.made("carol-only", draft.client("carol")) if "carol" not in MADE else MADE["carol"]
    MADE["carol"] = one
    with here.raw(one) as raw:
        raw.ask(xmpp.header(), b"</stream:features>")
        asked = xmpp.auth(f"carol@{xmpp.DOMAIN}")
        assert b"<invalid-authzid/>" in raw.ask(asked, b"</failure>")
        raw.ask(xmpp.auth(), b"<success[^>]*>")
        raw.ask(xmpp.header(), b"</stream:features>")
        assert raw.bind("x") == f"{one.lfdi.lower()}@{xmpp.DOMAIN}/x"


MADE: dict[str, Client] = {}
"""Certificates that both loops' tests use: a folder keeps each once."""


def bad(name: str) -> Client | None:
    """A client that TLS turns away."""
    if name == "none":
        return None
    if name not in MADE:
        said = draft.client(name, address=f"{name}@{xmpp.DOMAIN}")
        if name == "rogue":
            MADE[name] = relaying.pki().add(name, issue.made(issue.root("rogue"), said))
        else:
            MADE[name] = relaying.made(name, said, **LONG_AGO)
    return MADE[name]


ALERTS = {
    "none": "CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE",
    "rogue": "UNKNOWN_CA",
    "expired": "CERTIFICATE_EXPIRED",
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("name", ALERTS)
def test_a_bad_certificate_gets_its_alert(here: Here, way: dict[str, bool], name: str) -> None:
    with pytest.raises(ssl.SSLError, match=ALERTS[name]), here.raw(bad(name), **way) as raw:
        raw.ask(xmpp.header(), b"</stream:features>")


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_who_is_revoked_gets_its_alert(here: Here, way: dict[str, bool]) -> None:
    one = relaying.named("mallory")
    here.relay.guard.standing = lambda peer: peer.lfdi != one.lfdi
    try:
        with pytest.raises(ssl.SSLError, match="CERTIFICATE_REVOKED"), here.raw(one, **way) as raw:
            raw.ask(xmpp.header(), b"</stream:features>")
    finally:
        here.relay.guard.standing = relaying.anybody


def test_who_is_revoked_after_the_handshake_does_not_log_in() -> None:
    one = relaying.named("mallory")
    with Here().running() as here, here.raw(one) as raw:
        raw.ask(xmpp.header(), b"</stream:features>")
        here.relay.guard.standing = lambda peer: peer.lfdi != one.lfdi
        raw.send(xmpp.auth())
        raw.until(b"<not-authorized[^>]*>")
        here.relay.guard.standing = relaying.anybody


def test_messages_go_both_ways_and_name_their_sender(here: Here) -> None:
    with here.client("alice") as alice, here.client("bob") as bob:
        for one, other in ((alice, bob), (bob, alice)):
            one.send(xmpp.message(other.jid, "<body>hello</body>"))
            assert (
                other.until("</message>")
                == (f"<message from=\"{one.jid}\" to='{other.jid}'><body>hello</body></message>").encode()
            )
