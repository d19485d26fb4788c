"""kill -9 of the relay: nothing that it confirmed is lost, nothing comes twice, and sessions are resumed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.relay.parties import bodies, own, party, raw
from tests.served import RELAY, Served, served
from tests.transports.xmpp import SM, Raw, message

COUNT = 60
"""Messages in each of the two floods, about a half of which is confirmed before the kill."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Served]:
    with served(tmp_path, relay=RELAY) as found:
        yield found


def heard(data: bytes) -> int:
    """The highest number that the relay confirmed in some bytes."""
    return max((int(found) for found in re.findall(rb"<a [^>]*h='(\d+)'", data)), default=0)


def flood(one: Raw, to: str, word: str) -> int:
    """Send messages, have a half confirmed for certain and send the rest after it; how many are confirmed."""
    half = COUNT // 2
    said = [message(to, f"<body>{word}{number}</body>") for number in range(1, COUNT + 1)]
    one.send(*said[:half], f"<r xmlns='{SM}'/>".encode())
    confirmed = heard(one.until(rf"<a [^>]*h='{half}'[^>]*>"))
    one.send(*said[half:], f"<r xmlns='{SM}'/>".encode())
    return confirmed


def test_offline_messages_outlive_the_relay(site: Served) -> None:
    """The bridge is away; a device sends to it with XEP-0198; the relay is killed in the middle."""
    with own(site) as bridge:
        to = bridge.jid.partition("/")[0]
        bridge.send(b"</stream:stream>")
        bridge.rest()
    with party(site) as device:
        device.enable()
        confirmed = flood(device, to, "m")
        site.kill()
        confirmed = max(confirmed, heard(device.rest()))
    site.start()
    with own(site) as bridge:
        found = came(bridge, "m", confirmed)
    assert found == list(range(1, len(found) + 1))
    assert len(found) >= confirmed >= COUNT // 2


def came(one: Raw, word: str, least: int) -> list[int]:
    """The numbers of all messages that come, in their order, once there are enough of them and no more."""
    data = one.held
    one.held = b""
    while len(numbers(data, word)) < least:
        data += one.until("</message>")
    one.send(f"<iq type='get' id='end' to='{one.jid.partition('@')[2].partition('/')[0]}'>".encode())
    one.send(b"<ping xmlns='urn:xmpp:ping'/></iq>")
    return numbers(data + one.until(rb"<iq[^>]*id=.end.[^>]*>"), word)


def numbers(data: bytes, word: str) -> list[int]:
    return [int(body.removeprefix(word)) for body in bodies(data) if body.startswith(word)]


def test_session_is_resumed_after_the_relay_was_killed(site: Served) -> None:
    """Both sides go on with their sessions: each message comes once, in order, whichever side of the kill."""
    with own(site) as bridge, party(site) as device:
        secrets = bridge.enable(), device.enable()
        jid = bridge.jid
        confirmed = flood(device, jid, "s")
        first = bridge.until(b"<body>s3</body></message>")
        site.kill()
        confirmed = max(confirmed, heard(device.rest()))
        first += bridge.rest()
    got = len(numbers(first, "s"))
    assert numbers(first, "s") == list(range(1, got + 1))
    site.start()
    with raw(site, site.pki.known("../server")) as bridge, raw(site, site.pki.known("inverter")) as device:
        device.login()
        known = int(resumed(device, secrets[1], 0)[1])
        assert known >= confirmed
        device.send(*(message(jid, f"<body>s{number}</body>") for number in range(known + 1, COUNT + 1)))
        bridge.login()
        bridge.jid = jid
        after = resumed(bridge, secrets[0], got)
        found = numbers(after[0] + bridge.until(rf"<body>s{COUNT}</body></message>".encode()), "s")
    assert found == list(range(got + 1, COUNT + 1))


def resumed(one: Raw, secret: str, counted: int) -> tuple[bytes, bytes]:
    """Go on with a session: what came with the answer, and what the relay has heard."""
    wish = f"<resume xmlns='{SM}' previd='{secret}' h='{counted}'/>".encode()
    said = one.ask(wish, rb"<resumed[^>]*>|<failed.*?</failed>")
    found = re.search(rb"<resumed[^>]* h='(\d+)'", said)
    assert found is not None, said
    return said, found[1]
