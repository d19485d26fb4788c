"""The operator's verbs against a real server over mutual TLS, and how words become forms."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bridge.app import command, contact, operator, wording
from bridge.app.fault import Fault
from bridge.sdk.client import Client
from bridge.sdk.forms.fleet import DeviceChange, DeviceNew
from bridge.sdk.forms.grid import ControlNew, ControlQuery, CurveNew
from bridge.sdk.forms.groups import GroupNew
from bridge.sdk.forms.market import PriceNew
from bridge.sdk.sending import Refused, Unanswered
from bridge.sdk.table import TABLE
from tests.app.command import COMMAND
from tests.served import Served, served

TARIFF = """\
<TariffProfile xmlns="urn:ieee:std:2030.5:ns"><mRID>AB01</mRID><currency>36</currency><primacy>1</primacy>
<rateCode>A</rateCode><serviceCategoryKind>0</serviceCategoryKind></TariffProfile>"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("site")
    (folder / "kept").mkdir()
    with served(folder, keep={"backups": "kept"}) as made:
        made.pki.client("operator", "operator")
        yield made


def say(site: Served, line: str, status: int = 0, **more: Any) -> subprocess.CompletedProcess[str]:
    """Say a line to the command, with the server named by the environment."""
    environ = {**os.environ, **site.environment, "DERBRIDGE_SITE": str(site.folder)}
    done = subprocess.run(
        [COMMAND, *shlex.split(line)], capture_output=True, text=True, env=environ, check=False, **more
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done


def read(site: Served, line: str) -> Any:
    return json.loads(say(site, f"{line} --json").stdout)


def test_the_families_are_those_of_the_table() -> None:
    assert set(operator.FAMILIES) == {row.family for row in TABLE}


MORE = {
    "audit": {"verify", "replay"},
    "agreement": {"accept", "refuse", "withdraw", "sign"},
    "push": {"receive"},
}
"""Verbs that are no operation."""


@pytest.mark.parametrize("family", operator.FAMILIES)
def test_every_operation_is_a_verb(family: str) -> None:
    rows = {row.verb.replace("_", "-") for row in TABLE if row.family == family and not row.joins}
    assert set(command.verbs(family)) == rows | MORE.get(family, set())


def test_a_control_from_the_first_group_to_its_end(site: Served) -> None:
    device = site.client("roof")
    top = read(site, "groups create --name system --fsa-description all --fsa-primacy 3")
    assert top["fsa"] == {"description": "all", "primacy": 3}
    group = read(site, f"groups create --name feeder --parent {top['id']}")
    said = f"devices create --certificate {device.files.certificate} --groups {group['id']} --pin 111115"
    assert read(site, said)["lfdi"] == device.lfdi
    programme = read(site, f"programmes create --group {top['id']} --primacy 1")
    made = read(
        site, f"controls create {programme['id']} --opModExpLimW 5000 --no-opModConnect --duration 60"
    )
    assert (made["state"], made["modes"]) == ("active", {"opModConnect": False, "opModExpLimW": 5000})
    shown = say(site, f"controls list --device {device.lfdi}").stdout
    assert "opModConnect=no opModExpLimW=5000" in shown
    assert "feeder" in say(site, "groups tree").stdout
    path = f"{programme['id']} {made['id']}"
    assert read(site, f"controls cancel {path} --reason done")["status"]["reason"] == "done"
    refused = say(site, f"controls cancel {path}", 2)
    assert "409 Conflict" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_pages_are_shown_one_by_one_or_all(site: Served) -> None:
    for number in range(5):
        say(site, f"access set {number + 0xE0:040X} --name n{number}")
    first = say(site, "access list --limit 2")
    assert "--cursor" in first.stderr
    assert len(read(site, "access list --limit 2 --all")) >= 5


def test_a_change_may_be_conditional_and_repeated(site: Served) -> None:
    made = read(site, f"devices create --lfdi {'C1' * 20} --key once")
    assert read(site, f"devices create --lfdi {'C1' * 20} --key once")["id"] == made["id"]
    line = f"devices update {made['id']} --post-rate 60 --if-version"
    changed = read(site, f"{line} {made['version']}")
    assert changed["post_rate"] == 60
    assert "412" in say(site, f"{line} {made['version']}", 2).stderr
    assert read(site, f"devices update {made['id']} --post-rate null")["post_rate"] is None


def test_files_and_documents_are_sent_and_fetched(site: Served, tmp_path: Path) -> None:
    image, tariff = tmp_path / "image", tmp_path / "tariff.xml"
    image.write_bytes(b"\0firmware" * 1000)
    tariff.write_text(TARIFF, "utf-8")
    made = read(site, f"files create --content {image} --edition 1.0 --manufacturer 37250 --model x")
    say(site, f"files content {made['id']} -o {tmp_path / 'back'}")
    assert (tmp_path / "back").read_bytes() == image.read_bytes()
    said = read(site, f"resources create /tp --body {tariff}")
    assert said["document"]["rateCode"] == "A"
    assert "<rateCode>A</rateCode>" in say(site, f"resources show {said['href']} --xml").stdout


def test_a_backup_is_made_on_demand(site: Served) -> None:
    made = read(site, "server backup --name today")
    assert (site.folder / "kept" / "today").stat().st_size == made["size"]


def test_a_server_that_is_not_there_is_told_in_one_line(site: Served, tmp_path: Path) -> None:
    gone = say(site, "health show --url https://127.0.0.1:9", 2)
    assert gone.stderr.startswith("derbridge: https://127.0.0.1:9: ")
    missing = say(site, f"health show --site {tmp_path}", 2)
    assert "no configuration here" in missing.stderr


async def test_a_device_is_no_operator(site: Served) -> None:
    files = site.pki.client("stranger")
    where = contact.Contact(
        f"https://127.0.0.1:{site.ports['admin']}", files.certificate, files.key, files.root
    )
    async with Client(where.url, where.context(), tries=1) as client:
        with pytest.raises((Refused, Unanswered)):
            await client.health.show()


async def test_the_client_speaks_mutual_tls(site: Served) -> None:
    files = site.pki.client("operator", "operator")
    where = contact.Contact(
        f"https://127.0.0.1:{site.ports['admin']}", files.certificate, files.key, files.root
    )
    async with Client(where.url, where.context()) as client:
        assert (await client.health.show()).status == "ok"
        assert (await client.server.show()).rules.pen == 40732


# ------------------------------------------------------------------------------------------------- words


def words(**said: Any) -> dict[str, Any]:
    return {f"said_{name}": value for name, value in said.items()}


def test_words_become_forms(tmp_path: Path) -> None:
    (tmp_path / "c.pem").write_text("PEM", "utf-8")
    device = wording.body(DeviceNew, None, words(certificate=str(tmp_path / "c.pem"), groups=["3", "4"]))
    assert (device.certificate, device.groups) == ("PEM", (3, 4))
    said = words(
        opModFixedPFInjectW="0.95,true", opModFixedVar="25,setMaxVar", rampTms="2.5", duration="60",
        start="2026-01-31T12:00:00+10:00", description="007",
    )  # fmt: skip
    control = wording.body(ControlNew, None, said)
    factor, share = control.modes.opModFixedPFInjectW, control.modes.opModFixedVar
    assert factor is not None
    assert share is not None
    assert (factor.factor, factor.absorbing, share.of) == (Decimal("0.95"), True, "setMaxVar")
    assert (control.start, control.description, control.modes.rampTms) == (
        1_769_824_800,
        "007",
        Decimal("2.5"),
    )
    curve = wording.body(
        CurveNew, None, words(type="11", points=["1,2", '{"x": 3, "y": 4}'], y_reference="none")
    )
    assert [(each.x, each.y) for each in curve.points] == [(1, 2), (3, 4)]
    assert wording.body(DeviceChange, None, words(name="null")).model_fields_set == {"name"}
    query = wording.form(ControlQuery, words(state="active", until="5", limit="3"))
    assert (query.state, query.until, query.limit) == ("active", 5, 3)
    meter = "1008901023809979870389"
    price = wording.body(PriceNew, None, words(meters=[meter], number="7", duration="60", price="0.1"))
    assert (price.meters, price.number) == ((meter,), 7)


def test_a_file_may_hold_the_body_and_options_go_over_it() -> None:
    octets = b'{"modes": {"opModExpLimW": 5, "opModConnect": true}, "duration": 60}'
    made = wording.body(ControlNew, octets, words(opModExpLimW="7"))
    assert (made.modes.opModExpLimW, made.modes.opModConnect, made.duration) == (Decimal(7), True, 60)


@pytest.mark.parametrize(("form", "said", "told"), [
    (ControlNew, words(opModExpLimW="lots", duration="1"), "--opModExpLimW: .*number"),
    (ControlNew, words(opModConnect=True), "--duration: Field required"),
    (ControlNew, words(opModConnect=True, duration="1", start="soon"), "--start: 'soon' is neither"),
    (GroupNew, words(name="x", fsa_primacy="999"), "--fsa-primacy: "),
    (DeviceNew, words(certificate="/nowhere/x.pem"), "/nowhere/x.pem: No such file"),
])  # fmt: skip
def test_what_a_form_refuses_is_told_by_its_option(form: Any, said: dict[str, Any], told: str) -> None:
    with pytest.raises(Fault, match=told):
        wording.body(form, None, said)


def test_roles_are_assigned_explained_and_taken_away(site: Served) -> None:
    lfdi = "D7" * 20
    assert read(site, f"access assign {lfdi} OPERATOR")["revision"] == 1
    assert read(site, f"access why {lfdi} create controls.create")["rule"] == "operator-commands"
    assert read(site, f"access why {lfdi} change /edev/1/rg")["allowed"] is False
    assert "operator-commands" in say(site, "access who create control").stdout
    assert read(site, "access check") == {"sound": True, "findings": []}
    say(site, f"access revoke {lfdi} OPERATOR")
    assert read(site, f"access roles {lfdi}")["roles"] == []
    assert read(site, f"access revoke {lfdi}")["granted"] is False
    group = read(site, "groups create --name gone")["id"]
    say(site, f"access assign {lfdi} VIEWER --area group/{group}")
    say(site, f"groups delete {group}")
    assert f"there is no group/{group}" in say(site, "access check", 1).stdout
    say(site, f"access revoke {lfdi} VIEWER --area group/{group}")
    assert "ready" not in say(site, f"access revoke {lfdi} PILOT", 2).stdout


def test_an_agreement_is_offered_signed_at_home_and_accepted_by_all(site: Served) -> None:
    owner = site.pki.client("owner", "device")
    say(site, f"devices create --lfdi {owner.lfdi} --name agreeing")
    offered = read(site, f"agreement offer --protocol sunspec --units {owner.lfdi} --terms words")
    file, signed = site.folder / "agreement.json", site.folder / "accepted.json"
    file.write_text(say(site, f"agreement show {offered['id']} --json").stdout, "utf-8")
    keys = f"--by {owner.certificate} --by-key {owner.key}"
    signed.write_text(say(site, f"agreement sign accept {file} {keys}").stdout, "utf-8")
    brought = read(site, f"agreement say {offered['id']} --body {signed}")
    assert brought["missing"] == ["operator"]
    assert read(site, f"agreement accept {offered['id']}")["stands"] is True
    assert read(site, f"agreement withdraw {offered['id']} {keys}")["state"] == "withdrawn"
    refused = say(site, f"agreement accept {offered['id']}", 2).stderr
    assert "it is withdrawn" in refused
    assert "none of" in say(site, f"agreement sign nod {file} {keys}", 2).stderr
