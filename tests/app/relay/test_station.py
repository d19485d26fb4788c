"""The relay in `derbridge run`: rights, revocation, disabled accounts, notices, figures, decisions."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Iterator

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bridge.trust import notice
from bridge.trust.notice import GROUP
from bridge.trust.replay import Levels, Nonces
from bridge.trust.ring import Ring
from bridge.trust.verify import Verifier
from tests.app.relay.parties import bare, bodies, own, party, raw
from tests.app.revoking import listed, serial, upload
from tests.served import RELAY, Served, served
from tests.transports.xmpp import Raw, message

ROWS = (
    {"from": ("group:fleets",), "to": ("kind:operator",), "kinds": ("message",)},
    {"from": ("kind:operator",), "to": ("*",), "kinds": ("iq",)},
)
SAID = {**RELAY, "rights": ROWS, "groups": {"fleets": ("kind:aggregator",)}}
KICKED = b"<not-authorized.*</stream:stream>"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    probe = {"enabled": True, "port": 0}
    with served(tmp_path_factory.mktemp("station"), relay=SAID, probe=probe, run={"workers": 2}) as found:
        yield found


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def iq(to: str, kind: str = "get", number: int = 1) -> bytes:
    return f"<iq to='{to}' type='{kind}' id='q{number}'><x xmlns='urn:x'/></iq>".encode()


# ----------------------------------------------------------------------------------------------------- rights


def test_everybody_talks_with_the_bridge(site: Served) -> None:
    with own(site) as bridge, party(site) as device:
        device.send(message(bridge.jid, "<body>up</body>"))
        assert bodies(bridge.until("</message>")) == ["up"]
        bridge.send(message(device.jid, "<body>down</body>"))
        assert bodies(device.until("</message>")) == ["down"]


def test_nobody_else_talks_without_a_row(site: Served) -> None:
    with party(site) as device, party(site, "fleet", "aggregator") as fleet:
        said = device.ask(message(fleet.jid, "<body>x</body>", " id='m1'"), "</message>")
        assert b"forbidden" in said
        assert device.jid.encode() in said
        fleet.synced()
        assert b"<body>" not in fleet.held


def test_row_lets_pass_its_kinds_one_way_and_answers_back(site: Served) -> None:
    with party(site, "fleet", "aggregator") as fleet, party(site, "head", "operator") as head:
        fleet.send(message(head.jid, "<body>row</body>"))
        assert bodies(head.until("</message>")) == ["row"]
        assert b"forbidden" in head.ask(message(fleet.jid, "<body>x</body>", " id='m1'"), "</message>")
        assert b"forbidden" in fleet.ask(iq(head.jid), "</iq>")
        head.send(iq(fleet.jid))
        fleet.until("</iq>|<iq[^>]*>.*?</iq>")
        fleet.send(f"<iq to='{head.jid}' type='result' id='q1'/>".encode())
        assert b"type='result'" in head.until("<iq[^>]*/>")


async def test_refusals_are_in_the_decision_log(site: Served) -> None:
    with party(site, "curious") as device, party(site, "fleet", "aggregator") as fleet:
        device.ask(message(fleet.jid, "<body>x</body>", " id='m1'"), "</message>")
        lfdi, target = site.pki.known("curious").lfdi, fleet.jid
    (one,) = await decisions(site, lfdi)
    said = {name: one[name] for name in ("hop", "action", "target", "allowed")}
    assert said == {"hop": "relay", "action": "message", "target": target, "allowed": False}


async def decisions(site: Served, lfdi: str) -> list[dict[str, object]]:
    """What is in the decision log of somebody, once there is anything."""
    deadline = time.monotonic() + 30
    while True:
        status, found = await site.admin.get(f"/api/v1/audit?subject={lfdi}")
        assert status == 200, found
        if found["items"]:
            items: list[dict[str, object]] = found["items"]
            return items
        assert time.monotonic() < deadline


def test_reload_brings_other_rights_to_sessions_that_are_there(site: Served) -> None:
    place = site.folder / "derbridge.toml"
    before = place.read_text("utf-8")
    with party(site, "a") as one, party(site, "b") as other:
        assert b"forbidden" in one.ask(message(other.jid, "<body>x</body>", " id='m1'"), "</message>")
        row = '{ from = ["kind:device"], to = ["kind:device"], kinds = ["message"] }'
        place.write_text(re.sub(r"^rights = .*$", f"rights = [{row}]", before, flags=re.MULTILINE), "utf-8")
        try:
            hang_up(site)
            one.send(message(other.jid, "<body>now</body>"))
            assert bodies(other.until("</message>")) == ["now"]
        finally:
            place.write_text(before, "utf-8")
            hang_up(site)
        assert b"forbidden" in one.ask(message(other.jid, "<body>x</body>", " id='m2'"), "</message>")


def hang_up(site: Served) -> None:
    """Have both workers read everything again."""
    assert site.process is not None
    before = len(site.lines("reloaded"))
    site.process.send_signal(signal.SIGHUP)
    until(lambda: len(site.lines("reloaded")) == before + 2)


# ------------------------------------------------------------------------------------------------- revocation


async def test_revoked_session_ends_at_once_and_cannot_be_resumed(
    site: Served, record_testsuite_property: Callable[[str, object], None]
) -> None:
    with party(site, "lost") as lost, party(site, "cut") as cut:
        lost.enable()
        secret = cut.enable()
        cut.cut()
        files = [site.pki.known(name) for name in ("lost", "cut")]
        numbers = tuple(serial(one).number for one in files)
        began = time.monotonic()
        assert (await upload(site, listed(site, numbers, 1))).status == 201
        assert re.search(KICKED, lost.rest(), re.DOTALL)
        record_testsuite_property(
            "seconds until the session of a revoked certificate ended", time.monotonic() - began
        )
    for one in files:
        with raw(site, one) as again:
            assert refused(again, secret)


def refused(again: Raw, secret: str) -> bool:
    """Whether somebody comes to no session, neither an old one nor a new one."""
    try:
        again.login()
        said = again.ask(
            f"<resume xmlns='urn:xmpp:sm:3' previd='{secret}' h='0'/>".encode(), "<resumed[^>]*>"
        )
    except (EOFError, OSError):
        return True
    return not said


async def test_disabled_account_is_put_out_and_stays_out_until_it_is_let_in(site: Served) -> None:
    with party(site, "idle") as device:
        lfdi = site.pki.known("idle").lfdi
        assert (await site.admin.post(f"/api/v1/access/{lfdi}/revoke"))[0] in {200, 201, 204}
        assert re.search(KICKED, device.rest(), re.DOTALL)
    with raw(site, site.pki.known("idle")) as again:
        assert refused(again, "")


def verifier(site: Served) -> Verifier:
    """What a company that connects outwards holds: the relay's certificate, and the root of services."""
    pki = site.pki.path
    chain, roots = (
        [one.public_bytes(Encoding.DER) for one in x509.load_pem_x509_certificates(path.read_bytes())]
        for path in (pki / "services" / "relay.pem", pki / "roots" / "service.pem")
    )
    ring = Ring(roots, (chain,))
    lfdi = site.pki.known("../services/relay").lfdi
    return Verifier(frozenset({GROUP}), ring, lambda *_: False, Nonces(), Levels(), notice.relay(lfdi))


def noticed(said: bytes) -> str:
    """The sealed text in a message from the relay itself."""
    found = re.search(
        rb"<message from='relay.example' [^>]*><notice xmlns='urn:derbridge:revocation'>([^<]*)</notice>",
        said,
    )
    assert found is not None, said
    return found[1].decode()


async def test_everybody_who_is_there_is_told_and_who_comes_later_is_told_the_last(site: Served) -> None:
    with party(site, "fleet", "aggregator") as fleet, own(site) as bridge:
        fleet.synced()
        fleet.held = b""
        lfdi = site.pki.client("gone").lfdi
        body = {"lfdi": lfdi, "reason": "stolen"}
        assert (await site.admin.post("/api/v1/revocation/certificates", body))[0] == 201
        judge = verifier(site)
        told = await notice.take(noticed(fleet.until("</message>")), judge, int(time.time()))
        assert told.told
        assert lfdi in told.added.lfdis
        bridge.synced()
        assert b"<notice" not in bridge.held
    with raw(site, site.pki.client("late")) as late:
        late.login()
        late.bind()
        text = noticed(late.until("</message>"))
        assert await notice.take(text, verifier(site), int(time.time())) == told


# ---------------------------------------- figures, log


async def test_figures_are_among_the_metrics(site: Served) -> None:
    with party(site, "counted") as device, own(site) as bridge:
        device.send(message(bridge.jid, "<body>x</body>"))
        bridge.until("</message>")
        device.ask(message("nobody@relay.example", "<body>x</body>", " id='m1'"), "</message>")

    def figure(name: str, text: str) -> float:
        found = re.search(rf"^derbridge_relay_{name} ([\d.e+]+)$", text, re.MULTILINE)
        return float(found[1]) if found else 0.0

    deadline = time.monotonic() + 30
    while True:
        text = (await site.admin.get("/metrics"))[1].decode()
        names = ("logins_total", "routed_total", "octets_total", 'refused_total{reason="forbidden"}')
        if all(figure(re.escape(name), text) >= 1 for name in names):
            break
        assert time.monotonic() < deadline, text


def test_events_are_lines_of_the_log(site: Served) -> None:
    with party(site, "heard") as device:
        lfdi, full = site.pki.known("heard").lfdi, device.jid
    until(lambda: any(line["lfdi"] == lfdi for line in site.lines("left")))
    found = [line for line in site.lines() if line.get("lfdi") == lfdi]
    assert [line["event"] for line in found] == ["login", "bound", "left"]
    assert found[1]["to"] == full
    assert {line["part"] for line in found} == {"relay"}


def test_account_of_somebody_is_by_the_certificate(site: Served) -> None:
    with party(site, "named") as device:
        assert bare(device) == f"{site.pki.known('named').lfdi.lower()}@relay.example"
