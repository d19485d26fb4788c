"""`derbridge relay`: the relay in a process of its own, without a server; what it checks before it runs."""

from __future__ import annotations

import json
import re
import shutil
import signal
import sqlite3
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bridge.app import init, loading, problems
from bridge.app.loading import Problem
from tests.app.command import derbridge
from tests.app.relay.parties import bodies, context, own, party, raw
from tests.app.revoking import listed, serial
from tests.served import RELAY, Served, served
from tests.transports.xmpp import SM, Raw, message

PROBE = {"enabled": True, "port": 0}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("alone")
    (folder / "lists").mkdir()
    said = {**RELAY, "enabled": False}
    revocation = {"folder": Path("lists"), "authorities": (Path("pki/issuers/mica.pem"),)}
    with served(folder, "relay", relay=said, revocation=revocation, probe=PROBE) as found:
        yield found


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_it_listens_for_the_relay_alone(site: Served) -> None:
    assert set(site.ports) == {"relay", "direct", "probe"}
    with own(site) as bridge, party(site) as device:
        device.send(message(bridge.jid, "<body>up</body>"))
        assert bodies(bridge.until("</message>")) == ["up"]


def test_starttls_is_the_same_relay(site: Served) -> None:
    device = site.pki.client("clear")
    with Raw.to(site.ports["relay"]) as clear:
        clear.secure(context(site, device.certificate, device.key))
        clear.login()
        assert clear.bind("r") == f"{device.lfdi.lower()}@relay.example/r"


def test_list_in_the_folder_ends_the_session(site: Served) -> None:
    """No server, no operator: a list of the authority is enough."""
    with party(site, "lost") as lost, party(site, "good") as good:
        lfdi = site.pki.known("lost").lfdi
        data = listed(site, (serial(site.pki.known("lost")).number,), 1)
        (site.folder / ".new").write_bytes(data)
        (site.folder / ".new").rename(site.folder / "lists" / "mica.crl")
        assert re.search(b"<not-authorized.*</stream:stream>", lost.rest(), re.DOTALL)
        assert b"<notice" in good.until("</message>")
    until(lambda: any(line["lfdi"] == lfdi for line in site.lines("kicked")))


def test_figures_are_at_the_probe(site: Served) -> None:
    def text() -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{site.ports['probe']}/metrics") as answer:
            said: str = answer.read().decode()
            return said

    until(lambda: re.search(r"^derbridge_relay_logins_total [1-9]", text(), re.MULTILINE) is not None)
    with party(site, "shown"):
        until(lambda: re.search(r"^derbridge_relay_sessions [1-9]", text(), re.MULTILINE) is not None)


def test_refusal_is_in_a_decision_log_that_it_signs_itself(site: Served) -> None:
    with party(site, "one") as one, party(site, "two") as two:
        assert b"forbidden" in one.ask(message(two.jid, "<body>x</body>", " id='m1'"), "</message>")
        lfdi, target = site.pki.known("one").lfdi, two.jid
    site.restart()
    proved = derbridge("audit", "verify", site.folder)
    assert (proved.returncode, proved.stderr) == (0, "")
    assert "as they were written" in proved.stdout
    with closing(sqlite3.connect(site.folder / "derbridge.db")) as store:
        rows = [json.loads(body)["decision"] for (body,) in store.execute("SELECT body FROM decisions")]
    mine = [row for row in rows if row["subject"] == lfdi]
    assert [(row["hop"], row["action"], row["target"], row["allowed"]) for row in mine] == [
        ("relay", "message", target, False)
    ]


def test_stop_is_told_and_sessions_outlive_it(site: Served) -> None:
    with party(site, "patient") as device:
        secret = device.enable()
        assert site.stop() == 0
        assert b"system-shutdown" in device.rest()
    site.start()
    with raw(site, site.pki.known("patient")) as again:
        again.login()
        wish = f"<resume xmlns='{SM}' previd='{secret}' h='0'/>"
        assert b"<resumed" in again.ask(wish.encode(), "<resumed[^>]*>|</failed>")


def test_reload_takes_what_can_be_used_and_tells_what_cannot(site: Served) -> None:
    place = site.folder / loading.NAME
    before = place.read_text("utf-8")
    assert site.process is not None
    try:
        for text, event in (
            (before.replace("port = 0", "port = -1", 1), "not reloaded"),
            (before, "reloaded"),
        ):
            place.write_text(text, "utf-8")
            count = len(site.lines(event))
            site.process.send_signal(signal.SIGHUP)
            until(lambda event=event, count=count: len(site.lines(event)) > count)  # type: ignore[misc]
    finally:
        place.write_text(before, "utf-8")
    with party(site, "still") as device:
        device.synced()


# ------------------------------------------------------------------------------------- what is wrong with it

FREE = "[https]\nport = 0\n[plain]\nport = 0\n[admin]\nport = 0\n[rules]\npen = 40732\n"
ON = "[relay]\nport = 0\ndirect = 0\n"
LFDI = "AB" * 20


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("check") / "site"
    init.made(place, ("localhost",))
    return place


@pytest.fixture
def place(fresh: Path, tmp_path: Path) -> Path:
    copied = tmp_path / "site"
    shutil.copytree(fresh, copied)
    return copied


def found(place: Path, said: str) -> list[Problem]:
    (place / loading.NAME).write_text(FREE + ON + said, "utf-8")
    return problems.relay(loading.load(place, {}))


def row(senders: str = '"*"', recipients: str = '"*"', more: str = "") -> str:
    return f"[[relay.rights]]\nfrom = [{senders}]\nto = [{recipients}]\n{more}\n"


WRONG = {
    'domain = "elsewhere.example"\n': ("relay.domain", "does not cover elsewhere.example", True),
    'certificate = "nowhere.pem"\n': ("relay.certificate", "does not exist", True),
    'key = "pki/server.key"\n': ("relay.key", "does not belong to the certificate", True),
    'roots = ["pki/clients/device.pem"]\n': ("relay.roots", "may sign no other", True),
    'queue = "nowhere/relay.db"\n': ("relay.queue", "is no folder", True),
    'queue = "derbridge.toml"\n': ("relay.queue", "file is not a database", True),
    'endpoints = ["kind:device"]\n': ("relay.endpoints", "one party", True),
    'endpoints = ["bridge@other.example"]\n': ("relay.endpoints", "nobody of the domain", True),
    '[https]\ncertificate = "nowhere.pem"\n': ("relay.endpoints", "nobody knows who the bridge is", True),
    '[upstream]\nhost = "localhost"\n': ("upstream.domain", "another domain", True),
    '[upstream]\nhost = "above.example"\nroots = ["nowhere.pem"]\n': (
        "upstream.roots",
        "does not exist",
        True,
    ),
    f'below = {{ {LFDI} = ["a.example"] }}\n': ("relay.roots", "no relay below is believed", True),
    'roots = ["pki/roots/service.pem"]\nbelow = { AB = ["a.example"] }\n': (
        "relay.below.AB",
        "no LFDI",
        True,
    ),
    f'roots = ["pki/roots/service.pem"]\nbelow = {{ {LFDI} = ["localhost"] }}\n': (
        f"relay.below.{LFDI}",
        "this relay's own",
        True,
    ),
    '[relay.groups]\nwest = ["nobody"]\n': ("relay.groups.west", "can never match", False),
    row('"kind:toaster"'): ("relay.rights.0.from", "row 1: 'kind:toaster' can never match", False),
    row() + row('"*"', '"group:east"'): ("relay.rights.1.to", "there is no group east", False),
    row(""): ("relay.rights.0.from", "names nobody", False),
    row(more="kinds = []"): ("relay.rights.0.kinds", "no kind of stanza", False),
    row() + row(f'"{LFDI}"'): ("relay.rights.1", "row 1 lets all of it pass already", False),
}


@pytest.mark.parametrize("said", WRONG)
def test_what_is_wrong_is_told(place: Path, said: str) -> None:
    key, what, grave = WRONG[said]
    text = said if "[https]" not in said else ""
    base = FREE if "[https]" not in said else FREE.replace("[https]\n", said)
    (place / loading.NAME).write_text(base + ON + text, "utf-8")
    told = [one for one in problems.relay(loading.load(place, {})) if one.key == key]
    assert [(one.grave, what in one.what) for one in told] == [(grave, True)]
    assert told[0].remedy
    assert told[0].line is not None


def test_nothing_is_wrong_with_what_init_makes(place: Path) -> None:
    said = row('"group:west", "kind:relay"', f'"{LFDI}", "*@localhost"', 'kinds = ["iq"]')
    assert found(place, f'[relay.groups]\nwest = ["a@localhost"]\n{said}') == []


def test_the_verbs_say_the_same(place: Path) -> None:
    (place / loading.NAME).write_text(FREE + ON + 'domain = "elsewhere.example"\n', "utf-8")
    checked = derbridge("check", "relay", place, "--json")
    assert checked.returncode == 1
    (told,) = json.loads(checked.stdout)["problems"]
    assert told["key"] == "relay.domain"
    ran = derbridge("relay", place)
    assert (ran.returncode, "relay.domain" in ran.stderr) == (1, True)
    assert "relay.domain" not in derbridge("check", place).stdout
