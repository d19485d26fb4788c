"""Where stanzas go: senders, rights, bare and full addresses, presence, errors; RFC 6120 10, RFC 6121 8.5."""

from __future__ import annotations

import pytest

from bridge.xmpp.address import Address
from bridge.xmpp.hooks import Hooks, Identity
from tests.transports import xmpp
from tests.transports.xmpp import message
from tests.xmpp.shapes import SHAPES
from tests.xmpp.stage import NOW, Stage

BOB = "bob@relay.example"
BODY = "<body>x</body>"


def ask(kind: str, inner: str, to: str = "", type_: str = "get") -> bytes:
    said = f" to='{to}'" if to else ""
    return f"<{kind} type='{type_}' id='1'{said}>{inner}</{kind}>".encode()


PING = "<ping xmlns='urn:xmpp:ping'/>"


@pytest.mark.parametrize("inner", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("to", [BOB, f"{BOB}/r"])
def test_payloads_pass_unchanged(inner: bytes, to: str) -> None:
    stage = Stage()
    alice, bob = stage.player("alice"), stage.player("bob")
    bob.heard()
    raw = f"<message to='{to}' id='7'>".encode() + inner + b"</message>"
    alice.feed(raw)
    assert bob.heard() == raw.replace(b"<message", b'<message from="alice@relay.example/r"')


@pytest.mark.parametrize("said", ["alice@relay.example", "alice@relay.example/r", "Alice@relay.example/r"])
def test_the_own_name_as_sender_becomes_the_full_one(said: str) -> None:
    stage = Stage()
    alice, bob = stage.player("alice"), stage.player("bob")
    bob.heard()
    alice.feed(message(BOB, BODY, f" from='{said}'"))
    assert bob.heard() == f"<message from=\"alice@relay.example/r\" to='{BOB}'>{BODY}</message>".encode()


@pytest.mark.parametrize(
    "said", ["carol@relay.example", "alice@relay.example/other", "relay.example", "", "@"]
)
def test_another_s_name_as_sender_ends_the_stream(said: str) -> None:
    stage = Stage()
    alice, bob = stage.player("alice"), stage.player("bob")
    bob.heard()
    assert b"<stream:error><invalid-from " in alice.feed(message(BOB, BODY, f" from='{said}'"))
    assert bob.heard() == b""
    assert "forged" in stage.names()


def test_somebody_may_speak_for_another_where_it_is_allowed() -> None:
    hooks = Hooks(allowed=lambda *_: True, speaks=lambda _, said: said.user == "carol")
    stage = Stage(hooks=hooks)
    alice, bob = stage.player("alice"), stage.player("bob")
    bob.heard()
    alice.feed(message(BOB, BODY, " from='carol@relay.example/x'"))
    assert b'from="carol@relay.example/x"' in bob.heard()
    assert b"<invalid-from " in alice.feed(message(BOB, BODY, " from='dave@relay.example/x'"))


def test_rights_are_asked_for_by_kind() -> None:
    asked: list[tuple[str, str, str, bool]] = []

    def allowed(who: Identity, to: Address, kind: str, answers: bool) -> bool:
        asked.append((who.lfdi[:1], to.full, kind, answers))
        return kind == "message"

    stage = Stage(hooks=Hooks(allowed=allowed))
    alice, bob = stage.player("alice"), stage.player("bob")
    bob.heard()
    alice.feed(message(BOB, BODY))
    assert bob.heard()
    assert b"<error type='auth'><forbidden " in alice.feed(ask("iq", PING, f"{BOB}/r"))
    assert b"<forbidden " in alice.feed(f"<presence to='{BOB}'/>".encode())
    assert bob.heard() == b""
    alice.feed(f"<iq to='{BOB}/r' type='result' id='a'/>".encode())
    kinds = [("A", BOB, "message", False), ("A", f"{BOB}/r", "iq", False), ("A", BOB, "presence", False)]
    assert asked == [*kinds, ("A", f"{BOB}/r", "iq", True)]
    assert stage.events[-1].name == "denied"
    assert stage.board.figures.refused == {"forbidden": 3}


def test_to_itself_everybody_may_send() -> None:
    alice = Stage(hooks=Hooks()).player("alice")
    assert BODY.encode() in alice.feed(message("alice@relay.example", BODY))
    assert BODY.encode() in alice.feed(f"<message>{BODY}</message>".encode())


ANSWERS = {
    "ping": (
        ask("iq", PING, xmpp.DOMAIN),
        b'<iq from="relay.example" to="alice@relay.example/r" id="1" type',
    ),
    "ping of no one": (ask("iq", PING), b'type="result"'),
    "discovery": (
        ask("iq", "<query xmlns='http://jabber.org/protocol/disco#info'/>", xmpp.DOMAIN),
        b"<feature var='urn:xmpp:ping'/>",
    ),
    "items": (
        ask("iq", "<query xmlns='http://jabber.org/protocol/disco#items'/>", xmpp.DOMAIN),
        b"#items'/></iq>",
    ),
    "session": (
        ask("iq", "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>", type_="set"),
        b'type="result"',
    ),
    "roster": (ask("iq", "<query xmlns='jabber:iq:roster'/>"), b"<service-unavailable "),
    "registration": (
        ask("iq", "<query xmlns='jabber:iq:register'/>", xmpp.DOMAIN, "set"),
        b"<service-unavailable ",
    ),
    "message to the domain": (message(xmpp.DOMAIN, BODY), b"<service-unavailable "),
    "no such session": (ask("iq", PING, f"{BOB}/none"), b"<error type='cancel'><service-unavailable "),
    "a bare address": (ask("iq", PING, BOB), b"<service-unavailable "),
    "message to no session": (message(f"{BOB}/none", BODY), b"<service-unavailable "),
    "group chat": (message(BOB, BODY, " type='groupchat'"), b"<service-unavailable "),
    "other domain": (message("x@other.example", BODY), b"<remote-server-not-found "),
    "no address": (message("@@", BODY), b"<jid-malformed "),
    "iq without id": (b"<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>", b"<bad-request "),
    "iq without type": (b"<iq id='1'><ping xmlns='urn:xmpp:ping'/></iq>", b"<bad-request "),
    "iq with two": (ask("iq", PING + PING, xmpp.DOMAIN), b"<bad-request "),
    "empty iq": (ask("iq", "", xmpp.DOMAIN), b"<bad-request "),
    "subscription": (f"<presence to='{BOB}' type='subscribe'/>".encode(), b"<not-allowed "),
    "own subscription": (b"<presence type='subscribe'/>", b"<not-allowed "),
    "priority": (b"<presence><priority>200</priority></presence>", b"<bad-request "),
    "priority in words": (b"<presence><priority>high</priority></presence>", b"<bad-request "),
}


@pytest.mark.parametrize(("data", "said"), ANSWERS.values(), ids=ANSWERS)
def test_stanzas_are_answered(data: bytes, said: bytes) -> None:
    stage = Stage()
    alice, bob = stage.player("alice"), stage.player("bob")
    alice.heard()
    bob.heard()
    assert said in alice.feed(data)
    assert bob.heard() == b""
    assert not alice.over


SILENT = {
    "result": ask("iq", "", f"{BOB}/none", "result"),
    "error": ask("iq", "", f"{BOB}/none", "error"),
    "result to a bare address": ask("iq", "", BOB, "result"),
    "result to the domain": ask("iq", "", xmpp.DOMAIN, "result"),
    "message error": message(f"{BOB}/none", BODY, " type='error'"),
    "error kept for nobody": message("carol@relay.example", BODY, " type='error'"),
    "headline": message("carol@relay.example", BODY, " type='headline'"),
    "presence": b"<presence to='carol@relay.example'/>",
    "presence to no session": f"<presence to='{BOB}/none'/>".encode(),
    "presence to the domain": b"<presence to='relay.example'/>",
}


@pytest.mark.parametrize("data", SILENT.values(), ids=SILENT)
def test_what_must_not_be_answered_is_not(data: bytes) -> None:
    stage = Stage()
    alice, bob = stage.player("alice"), stage.player("bob")
    bob.heard()
    alice.heard()
    assert alice.feed(data) == b""
    assert bob.heard() == b""


def test_who_is_slow_has_others_wait_and_who_is_choked_gets_no_more() -> None:
    stage = Stage()
    alice, bob = stage.player("alice"), stage.player("bob")
    bob.heard()
    bob.full = True
    alice.feed(message(f"{BOB}/r", BODY))
    assert alice.waits == [bob.stream]
    assert bob.heard()
    bob.choked = True
    assert b"<resource-constraint " in alice.feed(message(f"{BOB}/r", BODY))
    assert bob.heard() == b""


def test_who_stands_no_more_is_ended_at_the_next_stanza() -> None:
    stage = Stage()
    alice, bob = stage.player("alice"), stage.player("bob")
    bob.heard()
    alice.stands = False
    assert b"<stream:error><not-authorized " in alice.feed(message(BOB, BODY))
    assert bob.heard() == b""
    assert [one.address.user for one in stage.board.sessions] == ["bob"]


def test_who_is_kicked_is_gone_with_all_that_waits() -> None:
    stage = Stage()
    alice, bob = stage.player("alice"), stage.player("bob")
    waiting = stage.player("alice", "2")
    waiting.feed(b"<enable xmlns='urn:xmpp:sm:3' resume='true'/>")
    waiting.lost()
    bob.heard()
    assert stage.board.kick(lambda who: who.lfdi.startswith("A"), "revoked", stage.now) == 2
    assert b"<not-authorized " in alice.heard()
    assert bob.heard() == b""
    assert [one.address.user for one in stage.board.sessions] == ["bob"]


def test_stanzas_for_elsewhere_are_handed_on() -> None:
    found: list[tuple[str, bytes]] = []

    def elsewhere(_: Identity, to: Address, raw: bytes) -> bool:
        found.append((to.full, raw))
        return True

    stage = Stage(hooks=Hooks(allowed=lambda *_: True, elsewhere=elsewhere))
    alice = stage.player("alice")
    alice.heard()
    assert alice.feed(message("x@above.example/y", BODY), message(BOB, BODY)) == b""
    assert [to for to, _ in found] == ["x@above.example/y", BOB]
    assert b'from="alice@relay.example/r"' in found[0][1]


def test_the_relay_has_something_to_say_itself() -> None:
    stage = Stage()
    bob = stage.player("bob")
    bob.heard()
    raw = f"<message from='relay.example' to='{BOB}'>{BODY}</message>".encode()
    assert stage.board.tell(BOB, raw, NOW) == stage.board.tell(f"{BOB}/r", raw, NOW) == ""
    assert bob.heard() == raw * 2
    assert stage.board.tell(f"{BOB}/none", raw, NOW) == "service-unavailable"
    bob.lost()
    assert stage.board.tell(BOB, raw, NOW) == ""
    assert BODY.encode() in stage.player("bob").heard()
