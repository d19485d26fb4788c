"""`derbridge soap send` and `soap check` against a bridge that runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from tests.app.command import Done
from tests.app.command import derbridge as command
from tests.app.gateway.company import ACCOUNT, DUNS, SAMPLES, SOAP, World, world

REQUEST = f"""\
[SMTxPSimpleMessageRequest]
RequestID = "by-hand"
RequesterType = 0
RequesterAuthenticationID = "{DUNS}"
RequesterID = "me"
RequestPriority = "H"
[SMTxPSimpleMessageRequest.AddressBlock.AddressList]
Address = [{{ ESIID = "10443720000000001", MeterSerialNumber = "0" }}]
[SMTxPSimpleMessageRequest.SimpleMessageBlock]
MessageID = 7
StartTime = "0"
DurationTime = 30
Message = "Peak at four"
MCTransmission = 0
MCPriority = 1
MCConfirmation = 0
"""


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("site") / "site", "rsa") as found:
        answer = asyncio.run(found.site.admin.post("/api/v1/entities", found.company.said()))
        assert answer[0] == 201, answer
        yield found


def derbridge(*said: str, status: int = 0) -> Done:
    """Run the command, which must end so."""
    done = command(*said)
    assert done.returncode == status, done.stdout + done.stderr
    return done


def words(here: World, file: Path, **more: object) -> list[str]:
    mine = here.company
    said = {
        "url": mine.url, "name": "RETAIL", "account": ACCOUNT, "cert": mine.tls.place, "key": mine.tls.secret,
        "signer": mine.signer.place, "secret": mine.signer.secret, "ca": here.site.pki.roots,
        "theirs": here.site.pki.certificate, **more,
    }  # fmt: skip
    flags = [str(word) for name, value in said.items() for word in (f"--{name}", value)]
    return ["soap", "send", str(file), *flags]


def test_a_file_is_sent_and_its_answer_verified(here: World, tmp_path: Path) -> None:
    file = tmp_path / "request.toml"
    file.write_text(REQUEST, "utf-8")
    done = derbridge(*words(here, file), "--json")
    assert json.loads(done.stdout) == {"request": "by-hand", "verdict": "accepted", "by": "derbridge"}
    shown = derbridge(*words(here, file, account="RETAIL_TWO"), status=1)
    assert "fault: wsse:FailedAuthentication" in shown.stdout


def test_an_answer_by_another_certificate_does_not_hold(here: World, tmp_path: Path) -> None:
    file = tmp_path / "request.toml"
    file.write_text(REQUEST, "utf-8")
    done = derbridge(*words(here, file, theirs=here.company.tls.place), status=1)
    assert "the answer does not hold: signer" in done.stdout


def test_an_envelope_is_built_and_looked_at(here: World, tmp_path: Path) -> None:
    body = etree.parse(SAMPLES / "price.xml").getroot().find(f"{SOAP}Body")
    assert body is not None
    file, made = tmp_path / "price.xml", tmp_path / "signed.xml"
    file.write_bytes(etree.tostring(body[0]))
    derbridge(*words(here, file), "-o", str(made))
    look = ["soap", "check", str(made), "--signer", str(here.company.signer.place)]
    assert "operation: processPricingMessage" in derbridge(*look).stdout
    assert "refused: signer" in derbridge(*look[:-1], str(here.company.tls.place), status=1).stdout
    made.write_bytes(made.read_bytes().replace(b"Free nights", b"Free days"))
    assert json.loads(derbridge(*look, "--json", status=1).stdout)["refused"] == "digest"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 1", "has one thing at the top"),
        ("[", "neither TOML nor JSON"),
        (REQUEST.replace("MCPriority = 1", "MCPriority = 9"), "MCPriority"),
        (REQUEST.replace('Message = "Peak at four"\n', ""), "Message"),
    ],
)
def test_what_cannot_be_sent_is_a_fault(here: World, tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "request.toml"
    file.write_text(text, "utf-8")
    assert told in derbridge(*words(here, file), status=2).stderr


def test_companies_are_administered_by_the_command(here: World) -> None:
    site = ["--site", str(here.site.folder), "--url", f"https://localhost:{here.site.ports['admin']}"]
    here.site.pki.client("operator", "operator")
    shown = json.loads(derbridge("entity", "show", "RETAIL", *site, "--json").stdout)
    assert (shown["requester_type"], shown["account"], shown["tls"]) == (0, ACCOUNT, [here.company.tls.lfdi])
    assert shown["signer"]["lfdi"] == here.company.signer.lfdi
    assert "PRIVATE" not in json.dumps(shown)
    derbridge("entity", "change", "RETAIL", "--legacy-until", "2099-01-01T00:00:00Z", *site)
    assert "4070908800" in derbridge("entity", "show", "RETAIL", *site, "--json").stdout
    said = [
        "--kind",
        "third-party",
        "--account",
        "T",
        "--duns",
        DUNS,
        "--certificate",
        str(here.company.tls.place),
    ]
    signer = ["--signer", str(here.company.signer.place)]
    twin = derbridge("entity", "add", "--name", "THIRD", *said, *signer, *site, status=2)
    assert "RETAIL signs by this key" in twin.stdout + twin.stderr
    assert "RETAIL" in derbridge("entity", "list", *site).stdout
