"""A conversation is recorded at a real bridge, and replayed at one that begins anew.

A simulated inverter speaks IEEE 2030.5, an aggregator 61850 over the relay; the server is `derbridge record`,
then `derbridge run` with an empty store. The answers of the second have other numbers, mRIDs and moments.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from bridge.app.record import tape
from bridge.app.record.tape import MMS, SEP2
from bridge.iec61850.stages import Result
from tests.app.command import Done, refused, spawned
from tests.app.endpoint.commanding import RULES
from tests.app.endpoint.operator import Operator
from tests.app.endpoint.test_commands import LIMIT
from tests.app.endpoint.test_endpoint import customer, domain, opened
from tests.app.sim.lab import QUICK, Lab, running
from tests.iec61850 import units
from tests.served import DOMAIN, RELAY, Served, certified, served

CALM = replace(QUICK, enrol=False)
PIN = 111115


async def furnished(site: Served, primacy: int) -> None:
    """An inverter of an aggregator's, in a group with a programme and a control for later."""
    lab, owner = Lab(site), site.pki.known("owner").lfdi
    await lab.ask("POST", "/access", {"lfdi": owner, "role": "aggregator"})
    group = (await lab.ask("POST", "/groups", {"name": "feeder"}))["id"]
    who = {"lfdi": lab.who("inverter").lfdi, "aggregator": owner, "groups": [group], "pin": PIN}
    await lab.ask("POST", "/devices", who)
    programme = await lab.programme(group=group, primacy=primacy)
    await lab.control(programme, {"opModMaxLimW": 40}, offset=3600)


async def spoken(site: Served) -> None:
    """An inverter is there, an aggregator limits it, and the inverter comes again and says that it follows.

    They take turns, so that neither meets what the other has half done, which no replay could show again.
    """
    (found,) = units.served(units.capability())[0].image.domains.values()
    async with customer(site, "owner") as one:
        async with running(Lab(site), options=CALM) as actor:
            await actor.noted.until(lambda: actor.noted.answered("POST", "/mup"))
        await opened(one)
        operator = Operator(one, domain(site), found.index.types)
        made = await operator.operate(LIMIT, (50.0,))
        async with running(Lab(site), options=CALM):
            assert (await operator.outcome(made)).result is Result.DONE


async def replayed(site: Served, file: Path, *more: str) -> Done:
    relay = f"127.0.0.1:{site.ports['direct']}"
    return await asyncio.to_thread(
        spawned, "replay", file, "--pki", site.pki.path, "--server", site.url, "--relay", relay, *more
    )


async def renewed(site: Served, primacy: int) -> None:
    """Have it begin anew, with an empty store."""
    await asyncio.to_thread(site.stop)
    for each in (*site.folder.glob("derbridge.db*"), *site.folder.glob("buffer*")):
        each.unlink()
    site.verb = "run"
    await asyncio.to_thread(site.start)
    await furnished(site, primacy)


async def test_what_was_recorded_is_replayed_and_a_deviation_is_named(tmp_path: Path) -> None:
    place, file = tmp_path / "site", tmp_path / "tape"
    place.mkdir()
    made = certified(place, DOMAIN)
    (place / "parties").mkdir()
    shutil.copy(made.client("owner", "aggregator").certificate, place / "parties" / "owner.pem")
    (place / "rules.toml").write_text(RULES)
    said: dict[str, Any] = {"iec61850": {"enabled": True}, "access": {"rules": "rules.toml"}}
    with served(place, f"record {file}", relay=RELAY, **said) as site:
        await furnished(site, 3)
        await spoken(site)
        await renewed(site, 3)
        done = await replayed(site, file)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
        await renewed(site, 7)
        other = await replayed(site, file, "--json")
    head, lines = tape.read(file)
    owner, inverter = made.known("owner").lfdi, made.known("inverter").lfdi
    assert head["bridge"] == made.known("../server").lfdi
    assert {(each.door, each.party) for each in lines} == {(SEP2, inverter), (MMS, owner)}
    assert [each for each in lines if each.told]  # the command's end
    assert (file.stat().st_mode & 0o777, str(PIN) in file.read_text()) == (0o600, False)
    assert " write: same" in done.stdout
    assert other.returncode == 1
    steps = json.loads(other.stdout)["steps"]
    wrong = [each["deviation"] for each in steps if each["deviation"]]
    assert set(wrong) == {"/DERProgramList/DERProgram/primacy was 3, is 7"}


def test_what_cannot_be_played_is_told(tmp_path: Path) -> None:
    file = tmp_path / "tape"
    assert "No such file" in refused("replay", file, "--pki", tmp_path)
    file.write_text("{}\n")
    assert "is no record of derbridge" in refused("replay", file, "--pki", tmp_path)
    head = {"record": tape.KIND, "version": tape.VERSION, "bridge": "00" * 20, "domain": ""}
    line = {"at": 1.0, "party": "11" * 20, "door": SEP2, "asked": {}, "answered": {}}
    file.write_text(f"{json.dumps(head)}\n{json.dumps(line)}\n")
    assert "folder of certificates" in refused("replay", file, "--pki", tmp_path)
    certified(tmp_path)
    assert f"--as {'11' * 20}=NAME" in refused("replay", file, "--pki", tmp_path / "pki")
    assert "HOST:PORT" in refused("replay", file, "--pki", tmp_path / "pki", "--relay", "here")
