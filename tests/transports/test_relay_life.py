"""A relay's day: payloads pass byte for byte, access is withdrawn from live sessions, it stops in order."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bridge.transports import tls
from bridge.transports.bounds import Bounds
from bridge.transports.relay import ALPN
from tests.transports import relaying, xmpp
from tests.transports.relaying import Here
from tests.xmpp.shapes import SHAPES

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module", params=relaying.LOOPS)
def here(request: pytest.FixtureRequest) -> Iterator[Here]:
    with Here(loop_name=request.param).running() as found:
        yield found


@pytest.mark.parametrize("inner", SHAPES.values(), ids=SHAPES)
def test_payloads_arrive_byte_for_byte(here: Here, inner: bytes) -> None:
    with here.client("alice") as alice, here.client("bob") as bob:
        raw = f"<message to='{bob.jid}'>".encode() + inner + b"</message>"
        alice.send(raw)
        stamped = raw.replace(b"<message", f'<message from="{alice.jid}"'.encode())
        assert bob.until(b"</message>") == stamped


def test_questions_and_answers_go_both_ways(here: Here) -> None:
    with here.client("alice") as alice, here.client("bob") as bob:
        alice.send(f"<iq type='get' id='q' to='{bob.jid}'><a xmlns='urn:x'/></iq>".encode())
        assert b"<a xmlns='urn:x'/>" in bob.until(b"</iq>")
        bob.send(f"<iq type='result' id='q' to='{alice.jid}'><b xmlns='urn:x'/></iq>".encode())
        said = alice.until(b"</iq>")
        assert said == (
            f"<iq from=\"{bob.jid}\" type='result' id='q' to='{alice.jid}'><b xmlns='urn:x'/></iq>".encode()
        )


def test_who_is_gone_is_told_by_presence(here: Here) -> None:
    with here.client("alice") as alice, here.client("bob") as bob:
        bob.send(f"<presence to='{alice.jid}'/>".encode())
        alice.until(rb"<presence[^>]*/>")
        bob.cut()
        assert f'from="{bob.jid}"'.encode() in alice.until(b"<presence type='unavailable'[^>]*/>")


def test_a_message_waits_for_its_recipient(here: Here) -> None:
    with here.client("alice") as alice:
        alice.send(xmpp.message(f"carol@{xmpp.DOMAIN}", "<body>later</body>"))
        alice.synced()
    with here.raw(relaying.named("carol")) as carol:
        carol.login()
        carol.bind("r")
        said = carol.ask(b"<presence/>", b"</message>")
        assert b"<body>later</body><delay xmlns='urn:xmpp:delay' from=\"relay.example\" stamp='" in said


def test_whoever_is_kicked_is_told_why(here: Here) -> None:
    one = relaying.named("mallory")
    with here.client("mallory") as mallory, here.client("alice") as alice:
        assert here.do(lambda: here.relay.kick(lambda who: who.lfdi == one.lfdi, "revoked")) == 1
        assert b"<not-authorized " in mallory.rest()
        alice.synced()


def test_a_silent_session_ends_when_access_is_withdrawn(here: Here) -> None:
    one = relaying.named("mallory")
    with here.client("mallory") as mallory, here.client("alice") as alice:
        here.relay.guard.standing = lambda peer: peer.lfdi != one.lfdi
        try:
            assert b"<not-authorized " in mallory.rest()
            alice.synced()
        finally:
            here.relay.guard.standing = relaying.anybody


def test_a_stanza_is_refused_when_access_is_withdrawn(here: Here) -> None:
    one = relaying.named("mallory")
    with here.client("mallory") as mallory, here.client("bob") as bob:
        here.relay.guard.standing = lambda peer: peer.lfdi != one.lfdi
        try:
            mallory.send(xmpp.message(bob.jid, "<body>too late</body>"))
            assert b"<not-authorized " in mallory.rest()
            bob.send(xmpp.message(bob.jid, "<body>end</body>"))
            assert b"too late" not in bob.until(b"<body>end</body>")
        finally:
            here.relay.guard.standing = relaying.anybody


def test_a_session_ends_with_the_certificate() -> None:
    """Certificates of devices never end; one of finite life is let go as its end comes."""
    moment = time.time()
    with Here(now=lambda: moment).running() as here, here.client("alice") as alice:
        (wire,) = here.relay._wires  # noqa: SLF001 - its end is brought forward
        wire.ends = moment - 1  # type: ignore[union-attr]
        assert b"<not-authorized " in alice.rest()


def test_a_session_ends_when_its_root_is_trusted_no_more() -> None:
    with Here().running() as here, here.client("alice") as alice:
        guard = here.relay.guard
        guard.files = replace(guard.files, roots=(relaying.pki().operators,))
        here.do(guard.reload)
        assert b"<not-authorized " in alice.rest()


def test_a_stop_tells_everybody() -> None:
    with Here().running() as here, here.client("alice") as alice, xmpp.Raw.to(here.relay.clear) as clear:
        clear.ask(xmpp.header(), b"</stream:features>")
        here.call(here.relay.stop(0.2))
        assert b"<system-shutdown " in alice.rest()
        assert b"<system-shutdown " in clear.rest()
        assert here.relay.connections == 0
        with pytest.raises(OSError, match=r"refused"):
            xmpp.Raw.to(here.relay.clear)


def test_figures_tell_what_happened() -> None:
    with Here(bounds=Bounds()).running() as here, here.client("alice") as alice, here.client("bob") as bob:
        alice.send(xmpp.message(bob.jid, "<body/>"), xmpp.message("x@y", "<body/>"))
        alice.synced()
        figures = here.relay.figures
        assert (figures.logins, figures.routed) == (2, 1)
        assert figures.refused == {"remote-server-not-found": 1}
        assert here.relay.connections == 2


def test_a_guard_for_a_relay_says_so() -> None:
    guard = tls.Guard(relaying.files(), ALPN)
    with Here().running() as here, here.raw(relaying.device()) as raw:
        assert raw.sock.selected_alpn_protocol() == guard.spoken == "xmpp-client"  # type: ignore[attr-defined]


def test_a_fault_of_ours_ends_one_stream_and_no_other(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> str:
        raise ZeroDivisionError

    with here.client("alice") as alice, here.client("bob") as bob:
        with monkeypatch.context() as patch:
            patch.setattr(here.board.hooks, "allowed", broken)
            alice.send(xmpp.message(bob.jid, "<body/>"))
            assert b"<internal-server-error " in alice.rest()
        bob.synced()
