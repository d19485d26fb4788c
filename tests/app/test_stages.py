"""`derbridge life`: every stage is there, it says the same each time, its status tells the way back.

The stages are asserted by figures that only the code can have produced from the example.
"""

from __future__ import annotations

import os
import pty
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.app import life
from tests.app.command import COMMAND, EXAMPLES, derbridge, refused, spawned


@pytest.fixture(scope="module")
def shown() -> str:
    done = spawned("life")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize(
    ("stage", "line"),
    [
        ("1. bytes", "<opModMaxLimW>6000</opModMaxLimW>"),
        ("2. wire object", "DERControlBase.opModMaxLimW 6000"),
        ("3. canonical message", "modes.maxLimW 60.00 % of setMaxW"),
        ("4. step", "maxLimW: 2027-01-15 08:00:00 UTC to 2027-01-15 09:00:00 UTC"),
        ("4. step", "Outcome status 1 to 5C1D9E0B..."),
        ("5. object references and values", "DWMX1.WMaxSptPct.ctlVal.f [CO] 60.0 at start"),
        ("5. object references and values", "DWMX2.InEcpRef.setSrcRef [SP] DPCC1"),
        ("6. bytes again", "<opModMaxLimW>6000</opModMaxLimW>"),
        ("7. over the wire", "201 Created, Location: /derp/3/derc/5"),
        ("7. over the wire", "< <currentStatus>1</currentStatus>"),
        ("7. over the wire", "device POST /rsps/1/rsp"),
        ("7. over the wire", '< <Response xsi:type="DERControlResponse" href="/rsps/1/rsp/6">'),
        ("7. over the wire", "refused in the handshake: TLSV1_ALERT_UNKNOWN_CA"),
    ],
)
def test_stage_shows_what_it_made(shown: str, stage: str, line: str) -> None:
    (body,) = [part for part in shown.split("== ") if part.startswith(stage)]
    assert line in [" ".join(one.split()) for one in body.splitlines()]


def test_end_says_what_was_equal_lost_and_missing(shown: str) -> None:
    end = shown.rpartition("way back: ")[2].splitlines()
    assert end[0].startswith("equal to what came in")
    assert any(line.startswith("  modes.expLimW.scale: ") for line in end)
    assert "not here yet:" not in end


def test_it_says_the_same_each_time(shown: str) -> None:
    again = derbridge("life").stdout
    assert still(again) == still(shown)
    assert identities(again).isdisjoint(identities(shown))


def still(said: str) -> str:
    """What was said without the wire, where certificates are new and time goes on."""
    before, _, wire = said.partition("== 7.")
    return before + wire.partition("way back: ")[2]


def identities(said: str) -> set[str]:
    wire = said.partition("== 7.")[2].partition("way back: ")[0]
    return set(re.findall("<endDeviceLFDI>([0-9A-F]{40})<", wire))


def test_everything_over_the_wire_went_well(shown: str) -> None:
    wire = shown.partition("== 7.")[2].partition("way back: ")[0]
    assert re.findall(r"^ +([2-5]\d\d) ", wire, re.MULTILINE) == ["201"] * 5 + ["200"] * 2 + ["201", "200"]


def test_own_document_is_taken(tmp_path: Path) -> None:
    text = (EXAMPLES / "control.xml").read_text("utf-8").replace("6000<", "3000<")
    (tmp_path / "mine.xml").write_text(text, "utf-8")
    done = derbridge("life", tmp_path / "mine.xml", "--curve", "curve.xml", "--settings", "settings.xml")
    assert done.returncode == 0
    assert "30.00 % of setMaxW" in done.stdout


def test_control_beyond_the_unit_is_refused_by_the_step(tmp_path: Path) -> None:
    text = (EXAMPLES / "control.xml").read_text("utf-8")
    text = text.replace("<opModMaxLimW>6000</opModMaxLimW>", "<opModFixedW>25000</opModFixedW>")
    (tmp_path / "mine.xml").write_text(text, "utf-8")
    assert (
        "opModFixedW"
        in derbridge("life", tmp_path / "mine.xml").stdout + derbridge("life", tmp_path / "mine.xml").stderr
    )


def test_way_back_that_differs_is_status_1(monkeypatch: pytest.MonkeyPatch) -> None:
    lived = life.live(life.example("control.xml"), [], life.example("settings.xml"))
    assert lived.equal
    changed = replace(lived, back=lived.back.replace(b">6000<", b">6001<"))
    monkeypatch.setattr(life, "live", lambda *_: changed)
    done = derbridge("life")
    assert done.returncode == 1
    assert "way back: NOT EQUAL" in done.stdout


def test_other_kinds_of_document_are_refused() -> None:
    assert refused("life", "settings.xml").startswith("settings.xml: the demonstration takes a DERControl")


@pytest.mark.parametrize(("width", "beside"), [(80, 1), (120, 2), (200, 3)])
def test_stages_stand_beside_each_other_where_there_is_room(width: int, beside: int) -> None:
    lines = on_terminal(width)
    (row,) = [line for line in lines if "1. bytes" in line]
    assert sum(title in row for title in ("1. bytes", "2. wire object", "3. canonical message")) == beside
    assert max(map(len, lines)) <= max(width, 150)


def on_terminal(width: int) -> list[str]:
    """What the command draws on a terminal of a width, before it goes over the wire."""
    leader, follower = pty.openpty()
    env = {**os.environ, "COLUMNS": str(width), "LINES": "50", "TERM": "xterm", "NO_COLOR": "1"}
    with subprocess.Popen([COMMAND, "life"], stdout=follower, env=env, cwd=EXAMPLES) as running:
        os.close(follower)
        drawn = b""
        while b"== 7." not in drawn and (chunk := _chunk(leader)):
            drawn += chunk
        running.terminate()
    os.close(leader)
    return drawn.decode().splitlines()


def _chunk(leader: int) -> bytes:
    try:
        return os.read(leader, 65_536)
    except OSError:  # the terminal is gone when the command is
        return b""
