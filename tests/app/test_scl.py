"""`derbridge scl`: devices of documents and of a site's store as SCL, files shown and checked."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from bridge.iec61850.scl import reader
from tests.app.command import COMMAND, EXAMPLES, Done, derbridge, refused
from tests.served import Served, served

LFDI = "AB" * 20
SCHEMA = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
 targetNamespace="http://www.iec.ch/61850/2003/SCL"><xs:element name="SCL"><xs:complexType>
 <xs:sequence><xs:any processContents="skip" maxOccurs="{most}"/></xs:sequence>
 <xs:anyAttribute processContents="skip"/></xs:complexType></xs:element></xs:schema>"""
"""Not the official schema, which is not ours to have: one that bounds how many parts a file has."""


def test_documents_become_a_cid_with_name_address_and_settings(tmp_path: Path) -> None:
    file = tmp_path / "a.cid"
    words: list[str | Path] = ["--device", LFDI, "--jid", "b@x.example/IEC", "--ied", "Plant", "-o", file]
    done = derbridge("scl", "export", "capability.xml", "settings.xml", *words)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{file}: CID of 1 device, ")
    (server,) = reader.load(file.read_bytes())
    assert (server.ied, server.jid) == ("Plant", "b@x.example/IEC")
    (device,) = server.devices
    assert device.domain.name == f"PlantD{LFDI}"
    assert device.domain.leaves["DGEN1$SP$WMaxRtg$setMag$f"] == 10000.0
    assert device.domain.leaves["DECP1$SP$VRef$setMag$f"] == 230.0


def test_a_canonical_record_does_as_well_and_an_icd_goes_to_standard_output(tmp_path: Path) -> None:
    record = tmp_path / "capability.xml"
    record.write_text(derbridge("map", "convert", "capability.xml", "--to", "canonical").stdout)
    canonical = derbridge("scl", "export", record, "--icd")
    assert canonical.returncode == 0
    assert '<IED name="TEMPLATE"' in canonical.stdout
    assert canonical.stdout == derbridge("scl", "export", "capability.xml", "--icd").stdout


def test_a_file_is_shown_to_people_and_to_programs(tmp_path: Path) -> None:
    file = tmp_path / "a.icd"
    derbridge("scl", "export", "capability.xml", "--icd", "-o", file)
    told = derbridge("scl", "import", file)
    assert told.stdout.startswith("TEMPLATE AP1 without an address on XMPP\n")
    (server,) = json.loads(derbridge("scl", "import", file, "--json").stdout)["servers"]
    (device,) = server["devices"]
    assert device["nodes"][:2] == ["LLN0", "LPHD1"]
    assert "MMXU1$MX$TotW" in device["sets"]["LLN0$Measurements"]
    assert {block["fc"] for block in device["blocks"]} == {"RP", "BR", "LG"}


def test_a_file_is_checked_by_us_and_by_the_schema_that_is_named(tmp_path: Path) -> None:
    file, schema = tmp_path / "a.icd", tmp_path / "SCL.xsd"
    derbridge("scl", "export", "capability.xml", "--icd", "-o", file)
    assert derbridge("scl", "check", file).stdout == f"{file}: no problems by our own checks\n"
    schema.write_text(SCHEMA.format(most=9))
    done = derbridge("scl", "check", file, "--schema", schema)
    assert (done.returncode, done.stdout) == (0, f"{file}: no problems by our own checks and the schema\n")
    schema.write_text(SCHEMA.format(most=1))
    done = derbridge("scl", "check", file, "--schema", schema, "--json")
    assert done.returncode == 1
    assert len(json.loads(done.stdout)["problems"]) == 1


def test_a_problem_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "a.icd"
    text = derbridge("scl", "export", "capability.xml", "--icd").stdout
    file.write_text(text.replace('datSet="States"', 'datSet="None"', 1))
    done = derbridge("scl", "check", file)
    assert done.returncode == 1
    assert "urcbStates is for a data set None, which is not there" in done.stdout
    file.write_text(text.replace('lnType="LPHD"', 'lnType="LPHE"'))
    assert "no LNodeType 'LPHE'" in refused("scl", "import", file)
    assert derbridge("scl", "check", file).returncode == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "give a DERCapability, or --site DIR"),
        (("capability.xml", "--site", "."), "give a DERCapability, or --site DIR"),
        (("settings.xml",), "there is no DERCapability"),
        (("capability.xml", "--icd", "--jid", "a@b/IEC"), "has no name and no address"),
        (("capability.xml", "--ied", "a-b"), "letters, digits and underscores"),
        (("capability.xml", "-o", "/"), "Is a directory"),
    ],
)
def test_what_cannot_be_exported_is_told_in_a_line(words: tuple[str, ...], said: str) -> None:
    assert said in refused("scl", "export", *words)


@pytest.mark.parametrize(("text", "said"), [("<x/>", "no SCL document"), ("", "not well-formed")])
def test_what_is_no_scl_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "x"
    file.write_text(text)
    assert said in refused("scl", "import", file)
    assert "no schema that can be used" in refused("scl", "check", "capability.xml", "--schema", file)


async def test_a_site_gives_the_devices_that_have_told_what_they_can_do(tmp_path: Path) -> None:
    capability = (EXAMPLES / "capability.xml").read_bytes()
    file = tmp_path / "a.cid"
    with served(tmp_path / "site") as site:
        client = site.client()
        status, device = await site.admin.post("/api/v1/devices", {"lfdi": client.lfdi})
        assert status == 201
        assert "no device there has told" in exported(site).stderr
        assert (await client.put(f"{device['href']}/der/1/dercap", capability)).status == 204
        done = exported(site, "-o", str(file))
        assert (done.returncode, done.stderr) == (0, "")
        (server,) = reader.load(file.read_bytes())
        assert [each.domain.name for each in server.devices] == [f"derbridgeD{client.lfdi}"]
        assert exported(site, "--device", client.lfdi).returncode == 0
        assert "no device there has told" in exported(site, "--device", LFDI).stderr


def exported(site: Served, *words: str) -> Done:
    """The command in a process of its own, told what the server was told."""
    line = [str(COMMAND), "scl", "export", "--site", str(site.folder), *words]
    environment = {**site.environment, "PATH": ""}
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    return Done(done.returncode, done.stdout, done.stderr)
