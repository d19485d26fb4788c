"""Two relays in a row: a device at the lower one and the bridge at the upper one talk as if it were one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.app.relay.parties import bodies, context, own, party, there
from tests.served import RELAY, Served, certified, served
from tests.transports.xmpp import Raw, auth, header, message

LOW = "low.example"
SHAPE = "<p:x xmlns:p='urn:x'  y=\"1\"><![CDATA[<&]]>&#13;<p:z/></p:x>"
"""A payload that is not written in one way only."""


@dataclass
class Row:
    """The two."""

    upper: Served
    lower: Served


@pytest.fixture(scope="module")
def row(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Row]:
    high, low = tmp_path_factory.mktemp("upper"), tmp_path_factory.mktemp("lower")
    tops = [certified(place, domain) for place, domain in ((high, "relay.example"), (low, LOW))]
    ends = [top.known("../server").lfdi for top in tops]
    relays = [top.known("../services/relay").lfdi for top in tops]
    roots = [top.path / "roots" / "service.pem" for top in tops]
    said = {**RELAY, "roots": (roots[1],), "below": {relays[1]: (LOW,)}}
    with served(high, "relay", relay=said) as upper:
        below = {**RELAY, "domain": LOW, "endpoints": (ends[0],)}
        above = {
            "host": "127.0.0.1", "port": upper.ports["direct"], "domain": "relay.example",
            "roots": (roots[0],),
        }  # fmt: skip
        with served(low, "relay", relay=below, upstream=above) as lower:
            found = Row(upper, lower)
            until(lambda: lower.lines("connected above") != [])
            yield found


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class Low(Raw):
    """A client of the lower relay."""

    def login(self, authzid: str = "") -> None:
        """Log in, and begin the stream anew."""
        self.ask(header(LOW), b"</stream:features>")
        self.ask(auth(authzid), b"<success[^>]*>")
        self.ask(header(LOW), b"</stream:features>")

    def synced(self) -> None:
        """Wait until all that was sent before is taken."""
        ping = f"<iq type='get' id='sync' to='{LOW}'><ping xmlns='urn:xmpp:ping'/></iq>"
        self.ask(ping.encode(), rb"<iq[^>]*id=.sync.[^>]*>")


def below(row: Row, name: str = "inverter") -> Raw:
    """A device at the lower relay."""
    device = row.lower.pki.client(name)
    shown = context(row.lower, device.certificate, device.key)
    shown.check_hostname = False  # the client of the tests asks for the name of the upper one
    return there(Low.to(row.lower.ports["direct"], shown))


def test_they_talk_through_both_byte_for_byte(row: Row) -> None:
    with own(row.upper) as bridge, below(row) as device:
        assert device.jid.endswith(f"@{LOW}/r")
        device.send(message(bridge.jid, SHAPE, " id='up'"))
        up = bridge.until("</message>")
        assert SHAPE.encode() in up
        assert f"from='{device.jid}'".encode() in up or f'from="{device.jid}"'.encode() in up
        bridge.send(message(device.jid, SHAPE, " id='down'"))
        assert SHAPE.encode() in device.until("</message>")


def test_questions_are_answered_both_ways(row: Row) -> None:
    with own(row.upper) as bridge, below(row) as device:
        for asker, asked in ((bridge, device), (device, bridge)):
            asker.send(f"<iq to='{asked.jid}' type='get' id='q'><x xmlns='urn:x'/></iq>".encode())
            asked.until("</iq>")
            asked.send(f"<iq to='{asker.jid}' type='result' id='q'/>".encode())
            assert b"result" in asker.until("<iq[^>]*/>")


def test_refusal_of_the_upper_relay_comes_back_to_the_device(row: Row) -> None:
    with below(row) as device:
        to = f"{row.upper.pki.known('../server').lfdi.lower()}@relay.example/nowhere"
        said = device.ask(f"<iq to='{to}' type='get' id='q'><x xmlns='urn:x'/></iq>".encode(), "</iq>")
        assert b"service-unavailable" in said


def test_nobody_else_passes_without_a_row(row: Row) -> None:
    with below(row) as device, party(row.upper, "other") as other:
        assert b"forbidden" in device.ask(message(other.jid, "<body>x</body>", " id='m'"), "</message>")
        assert b"forbidden" in other.ask(message(device.jid, "<body>x</body>", " id='m'"), "</message>")


@pytest.mark.parametrize("sender", ["somebody@relay.example", "somebody@third.example"])
def test_relay_below_speaks_for_its_own_domain_alone(row: Row, sender: str) -> None:
    """Whoever has its certificate: another relay's domain, or the upper relay's own, ends the stream."""
    services = row.lower.pki.path / "services"

    with Raw.to(
        row.upper.ports["direct"], context(row.upper, services / "relay.pem", services / "relay.key")
    ) as it:
        it.login()
        it.bind("other")
        bridge = f"{row.upper.pki.known('../server').lfdi.lower()}@relay.example"
        it.send(message(bridge, "<body>x</body>", f" from='{sender}/r'"))
        assert b"invalid-from" in it.rest()


def test_messages_outlive_the_upper_relay(row: Row) -> None:
    """It is killed and started again: each message comes once, in order."""
    with own(row.upper) as bridge:
        to = bridge.jid.partition("/")[0]
        bridge.send(b"</stream:stream>")
        bridge.rest()
    before = len(row.lower.lines("connected above"))
    with below(row, "patient") as device:
        device.enable()
        device.send(*(message(to, f"<body>{number}</body>") for number in range(1, 11)))
        device.synced()
        row.upper.kill()
        device.send(*(message(to, f"<body>{number}</body>") for number in range(11, 31)))
        device.synced()
        row.upper.start()
        until(lambda: len(row.lower.lines("connected above")) == before + 1)
        with own(row.upper) as bridge:
            data = b""
            while len(bodies(data)) < 30:
                data += bridge.until("</message>")
    assert [int(body) for body in bodies(data)] == list(range(1, 31))
