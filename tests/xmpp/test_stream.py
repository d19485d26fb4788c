"""A stream from header to session: features by state, SASL, what comes too early, how each fault ends it."""

from __future__ import annotations

from base64 import b64encode

import pytest

from bridge.xmpp import address, login
from bridge.xmpp.hooks import Credentials, Limits
from tests.transports import xmpp
from tests.xmpp.stage import LFDIS, Player, Stage

SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
HEADER = xmpp.header()
LFDI = LFDIS["alice"].lower()


def test_the_clear_offers_nothing_but_tls() -> None:
    player = Player(Stage(), "", secured=False)
    said = player.feed(HEADER)
    assert b"<starttls" in said
    assert b"EXTERNAL" not in said
    assert player.feed(xmpp.STARTTLS) == b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
    assert player.secured


@pytest.mark.parametrize("blank", [b"\n", b"\r\n", b" \t\r\n"])
def test_white_space_behind_the_wish_for_tls_is_let_go(blank: bytes) -> None:
    player = Player(Stage(), "", secured=False)
    player.feed(HEADER)
    assert player.feed(xmpp.STARTTLS + blank) == b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
    assert player.secured


CLEAR = {
    "stanza": (b"<message to='x'/>", "not-authorized"),
    "binding": (xmpp.binding(), "not-authorized"),
    "stanza behind the wish": (xmpp.STARTTLS + b"<message to='x'/>", "policy-violation"),
    "stanza behind white space": (xmpp.STARTTLS + b"\n<message to='x'/>", "policy-violation"),
    "half an element behind the wish": (xmpp.STARTTLS + b"\n<", "policy-violation"),
    "unknown": (b"<x xmlns='y'/>", "unsupported-stanza-type"),
}


@pytest.mark.parametrize(("data", "condition"), CLEAR.values(), ids=CLEAR)
def test_in_the_clear_nothing_else_is_taken(data: bytes, condition: str) -> None:
    player = Player(Stage(), "", secured=False)
    player.feed(HEADER)
    assert f"<{condition} ".encode() in player.feed(data)
    assert player.over
    assert not player.secured


def test_in_the_clear_nobody_logs_in() -> None:
    player = Player(Stage(), "alice", secured=False)
    player.feed(HEADER)
    assert b"<encryption-required/>" in player.feed(xmpp.auth())


HEADERS = {
    "other host": (xmpp.header("other.example"), "host-unknown"),
    "no host": (HEADER.replace(b" to='relay.example'", b""), "host-unknown"),
    "no version": (HEADER.replace(b" version='1.0' xmlns", b" xmlns"), "unsupported-version"),
    "version 2": (HEADER.replace(b" version='1.0' xmlns", b" version='2.0' xmlns"), "unsupported-version"),
    "other namespace": (HEADER.replace(b"jabber:client", b"jabber:server"), "invalid-namespace"),
    "no XML": (b"GET / HTTP/1.1\r\n\r\n", "not-well-formed"),
}


@pytest.mark.parametrize(("data", "condition"), HEADERS.values(), ids=HEADERS)
def test_a_bad_header_gets_ours_and_the_error(data: bytes, condition: str) -> None:
    player = Player(Stage(), "alice")
    said = player.feed(data)
    assert said.count(b"<stream:stream ") == 1
    assert f"<stream:error><{condition} ".encode() in said
    assert said.endswith(b"</stream:error></stream:stream>")
    assert player.over


def test_a_login_offers_the_next_step_each_time() -> None:
    player = Player(Stage(), "alice")
    assert b"<mechanism>EXTERNAL</mechanism>" in player.feed(HEADER)
    assert b"<success" in player.feed(xmpp.auth())
    said = player.feed(HEADER)
    assert b"<bind " in said
    assert b"<sm xmlns='urn:xmpp:sm:3'/>" in said
    assert b"<jid>alice@relay.example/r</jid>" in player.feed(xmpp.binding("r"))
    assert player.ready


def test_a_name_is_asked_for_where_none_comes() -> None:
    player = Player(Stage(), "alice")
    player.feed(HEADER)
    assert player.feed(f"<auth xmlns='{SASL}' mechanism='EXTERNAL'/>".encode()).startswith(b"<challenge")
    assert b"<success" in player.feed(f"<response xmlns='{SASL}'/>".encode())


def sasl(name: str, text: str = "", extra: str = "") -> bytes:
    return f"<{name} xmlns='{SASL}'{extra}>{text}</{name}>".encode()


EXTERNAL = " mechanism='EXTERNAL'"
FAILURES = {
    "other mechanism": (sasl("auth", "=", " mechanism='PLAIN'"), "invalid-mechanism"),
    "no mechanism": (sasl("auth", "="), "invalid-mechanism"),
    "no base64": (sasl("auth", "a", EXTERNAL), "incorrect-encoding"),
    "strange letters": (sasl("auth", "\u00e9\u00e9\u00e9\u00e9", EXTERNAL), "incorrect-encoding"),
    "no UTF-8": (sasl("auth", "/////w==", EXTERNAL), "incorrect-encoding"),
    "foreign name": (xmpp.auth("bob@relay.example"), "invalid-authzid"),
    "unasked": (sasl("response", "="), "malformed-request"),
    "abort": (sasl("abort"), "aborted"),
}


@pytest.mark.parametrize(("data", "condition"), FAILURES.values(), ids=FAILURES)
def test_a_failed_login_may_be_tried_again(data: bytes, condition: str) -> None:
    player = Player(Stage(), "alice")
    player.feed(HEADER)
    assert f"<failure xmlns='{SASL}'><{condition}/></failure>".encode() == player.feed(data)
    assert b"<success" in player.feed(xmpp.auth())


def test_it_may_be_tried_a_few_times() -> None:
    player = Player(Stage(Limits(attempts=2)), "alice")
    player.feed(HEADER)
    assert not player.over
    player.feed(sasl("abort"))
    assert b"<policy-violation " in player.feed(sasl("abort"))
    assert player.over


def test_who_stands_no_more_does_not_log_in() -> None:
    player = Player(Stage(), "alice")
    player.stands = False
    player.feed(HEADER)
    assert b"<not-authorized/>" in player.feed(xmpp.auth())


NAMES = {
    "one address": (("alice@relay.example",), "", "alice"),
    "one of this domain": (("a@other.example", "alice@relay.example"), "", "alice"),
    "by LFDI": ((), "", LFDI),
    "LFDI asked for": (("alice@relay.example",), f"{LFDI.upper()}@relay.example", LFDI),
    "full address": (("alice@relay.example",), "alice@relay.example/x", "alice"),
    "full address by LFDI": ((), f"{LFDI}@relay.example/x", LFDI),
    "foreign full address": (("alice@relay.example",), "bob@relay.example/x", None),
    "full address elsewhere": (("alice@relay.example",), "alice@other.example/x", None),
    "one of two": (("a@relay.example", "b@relay.example"), "b@relay.example", "b"),
    "two": (("a@relay.example", "b@relay.example"), "", None),
    "foreign": (("alice@relay.example",), "bob@relay.example", None),
    "other domain": (("alice@other.example",), "alice@other.example", None),
    "a domain": (("relay.example",), "", LFDI),
    "resource": (("alice@relay.example/x",), "alice@relay.example", None),
    "another's LFDI": ((f"{'b' * 40}@relay.example",), f"{'b' * 40}@relay.example", None),
    "spoilt": (("@", "alice@relay.example"), "", "alice"),
}


@pytest.mark.parametrize(("addresses", "asked", "user"), NAMES.values(), ids=NAMES)
def test_who_somebody_is(addresses: tuple[str, ...], asked: str, user: str | None) -> None:
    known = Credentials(LFDIS["alice"], addresses)
    if user is None:
        with pytest.raises(login.Denied, match="invalid-authzid"):
            login.who(known, asked, xmpp.DOMAIN)
    else:
        assert login.who(known, asked, xmpp.DOMAIN).bare == f"{user}@{xmpp.DOMAIN}"


EARLY = {
    "message": b"<message to='bob@relay.example'><body/></message>",
    "presence": b"<presence/>",
    "iq": b"<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>",
    "second login": xmpp.auth(),
    "request": b"<r xmlns='urn:xmpp:sm:3'/>",
}


@pytest.mark.parametrize("data", EARLY.values(), ids=EARLY)
def test_nothing_comes_before_the_binding(data: bytes) -> None:
    player = Player(Stage(), "alice")
    player.login()
    assert b"<not-authorized " in player.feed(data)
    assert player.over


def test_a_resource_that_is_none_is_refused_and_another_taken() -> None:
    player = Player(Stage(), "alice")
    player.login()
    assert b"<bad-request " in player.feed(xmpp.binding("a" * 1024))
    assert b"<jid>alice@relay.example/token" in player.feed(xmpp.binding())


def test_the_newer_session_takes_the_place_of_the_older() -> None:
    stage = Stage()
    older = stage.player()
    newer = stage.player(presence=b"")
    assert older.heard().endswith(b"</stream:error></stream:stream>")
    assert older.over
    assert len(stage.board.sessions) == 1
    assert "replaced" in stage.names()
    older.lost()
    assert newer.feed(b"<message to='alice@relay.example/r'><body/></message>").startswith(b"<message ")


def test_an_account_has_so_many_sessions() -> None:
    stage = Stage(Limits(sessions=2))
    first = stage.player(resource="1")
    stage.player(resource="2")
    third = Player(stage, "alice")
    third.login()
    assert b"<resource-constraint " in third.feed(xmpp.binding("3"))
    first.feed(b"</stream:stream>")
    third.bind("3")


def test_one_that_waits_to_be_resumed_makes_room() -> None:
    stage = Stage(Limits(sessions=1))
    first = stage.player(resource="1")
    first.feed(b"<enable xmlns='urn:xmpp:sm:3' resume='1'/>")
    first.lost()
    stage.player(resource="2")
    assert [one.full for one in stage.board.sessions] == ["alice@relay.example/2"]


def test_the_end_of_a_stream_is_answered() -> None:
    stage = Stage()
    player = stage.player(presence=b"")
    assert player.feed(b"</stream:stream>trash") == b"</stream:stream>"
    assert player.over
    assert stage.board.sessions == []


def test_an_error_of_the_client_is_not_answered_by_another() -> None:
    player = Stage().player(presence=b"")
    assert player.feed(b"<stream:error><reset xmlns='x'/></stream:error>") == b"</stream:stream>"


def test_bytes_after_the_end_are_nothing() -> None:
    player = Stage().player()
    player.feed(b"</stream:stream>")
    assert player.feed(b"<presence/>") == b""


def test_an_element_is_small_before_login_and_larger_after() -> None:
    player = Player(Stage(Limits(before=500, after=5_000)), "alice")
    player.login()
    player.bind()
    assert player.feed(xmpp.message("alice@relay.example/r", "x" * 4_000)).endswith(b"</message>")
    assert b"<policy-violation " in player.feed(xmpp.message("alice@relay.example/r", "x" * 5_000))
    fresh = Player(Stage(Limits(before=500)), "alice")
    fresh.feed(HEADER)
    assert b"<policy-violation " in fresh.feed(sasl("auth", "A" * 500, EXTERNAL))


GOOD = {
    "a@b": ("a", "b", ""),
    "A@B.Example./R": ("a", "b.example", "R"),
    "b": ("", "b", ""),
    "b/a@c/d": ("", "b", "a@c/d"),
    "stra\u00dfe@b/\u00e9": ("stra\u00dfe", "b", "\u00e9"),
    "e\u0301@b/e\u0301": ("\u00e9", "b", "\u00e9"),
    "a@[::1]": ("a", "[::1]", ""),
}
BAD = [
    "",
    "@b",
    "a@",
    "a b@c",
    "a'@b",
    "a@b/",
    "a@b c",
    "a\x00@b",
    "a@b/\n",
    "a" * 1024 + "@b",
    "a@\u00e9",
    "a&@b",
]


@pytest.mark.parametrize(("text", "parts"), GOOD.items())
def test_addresses_are_read_in_one_way(text: str, parts: tuple[str, str, str]) -> None:
    found = address.parse(text)
    assert found[:3] == parts
    assert address.parse(found.full) == found


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"address|domain|name"):
        address.parse(text)


def test_authorisation_is_base64_of_the_name() -> None:
    assert b64encode(b"a@b") in xmpp.auth("a@b")
