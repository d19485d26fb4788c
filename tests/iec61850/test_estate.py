"""A unit of ours as a client meets it: reports, logs and controls on the domain made of its capability."""

from __future__ import annotations

from decimal import Decimal

import models.der.messages as m
from bridge.iec61850 import intake
from bridge.iec61850.buffer import Memory
from bridge.iec61850.command import OPERATE, SELECT_WITH, Command
from bridge.iec61850.control import Controls
from bridge.iec61850.device import IED, Device
from bridge.iec61850.first import GOOD
from bridge.iec61850.intake import Operated
from bridge.iec61850.logs import Logs
from bridge.iec61850.received import Reception
from bridge.iec61850.received import read as received
from bridge.iec61850.report import Reports
from bridge.iec61850.shape import Value
from models.mms.codes import AddCause
from tests.iec61850.controlled import ONE, Works, cause
from tests.iec61850.units import AT, ENVELOPE, LFDI, amount, capability, everything, said, served

NAME = f"{IED}D{LFDI}"
ROOM = 65_000
ORIGIN: Value = (3, b"dso")
T = bytes.fromhex("6553F1008000000A")


def operation(state: int) -> m.Status:
    """How a unit stands."""
    return m.Status(**said(operation=m.Operation(at=Decimal(1_700_000_000), DEROpSt=state)))


def test_a_report_tells_what_a_record_has_put() -> None:
    estate, _ = served(capability())
    reports = Reports(estate.image, Memory(), lambda _: ROOM)
    reports.join(NAME, AT)
    for attribute, value in (("Resv", True), ("RptEna", True)):
        assert reports.write(ONE, NAME, f"LLN0$RP$urcbStates01${attribute}", value, AT) is None
    estate.show(LFDI, operation(6), AT)
    estate.show(LFDI, operation(6), AT + 0.01)
    (told,) = [received(unit.informationReport) for _, unit in reports.tick(AT + 1)]
    whole = Reception(2**8).take(told)
    assert whole is not None
    members = estate.image.domains[NAME].sets["LLN0$States"].members
    values = {members[item.place][1]: item.value for item in whole.items}
    assert values["DGEN1$ST$DEROpSt"][:2] == (6, GOOD)  # type: ignore[index]


def test_a_buffered_block_keeps_what_happens_while_nobody_listens() -> None:
    estate, _ = served(capability())
    reports = Reports(estate.image, Memory(), lambda _: ROOM)
    reports.join(NAME, AT)
    estate.show(LFDI, operation(6), AT)
    reports.tick(AT + 1)
    assert reports.write(ONE, NAME, "LLN0$BR$brcbStates01$RptEna", value=True, now=AT + 2) is None
    assert reports.tick(AT + 2)


def test_the_log_of_states_has_an_entry_for_a_change() -> None:
    estate, _ = served(capability())
    logs = Logs(estate.image, lambda *_: True)
    logs.join(NAME, AT)
    assert logs.read(ONE, NAME, "LLN0$LG$lcbStates$NewEntr") == bytes(8)
    estate.show(LFDI, operation(6), AT)
    logs.tick(AT)
    assert logs.read(ONE, NAME, "LLN0$LG$lcbStates$NewEntr") != bytes(8)


def test_a_set_point_that_a_client_operates_becomes_a_control() -> None:
    estate, made = served(capability())
    works = Works()
    controls = Controls(estate.image, works)
    value: Value = ((55.0,), bytes(8), ORIGIN, 1, T, False, "00")
    answer = controls.write(ONE, NAME, "DWMX1$CO$WMaxSptPct$Oper", value, AT)
    assert answer.error is None
    (command,) = works.done
    assert _control(made, command).modes == m.Modes(maxLimW=amount(55, "%", "setMaxW"))


def test_a_connection_is_selected_before_it_is_operated() -> None:
    estate, made = served(everything())
    works = Works()
    controls = Controls(estate.image, works)
    value: Value = (False, bytes(8), ORIGIN, 1, T, False, "00")
    first = controls.write(ONE, NAME, f"CSWI1$CO$Pos${OPERATE}", value, AT)
    assert first.error is not None
    assert controls.write(ONE, NAME, f"CSWI1$CO$Pos${SELECT_WITH}", value, AT).error is None
    assert estate.image.read(NAME, "CSWI1$ST$Pos$stSeld") is True
    assert controls.write(ONE, NAME, f"CSWI1$CO$Pos${OPERATE}", value, AT).error is None
    assert _control(made, works.done[0]).modes == m.Modes(connect=False)


def test_a_mode_that_the_unit_has_switched_off_takes_no_set_point() -> None:
    estate, _ = served(capability())
    off = {"modesEnabled": "00000000", "updated": Decimal(1), "entry": m.GridEntry(), "ratings": m.Ratings()}
    estate.show(LFDI, m.Setting(**said(**off)), AT)
    value: Value = ((55.0,), bytes(8), ORIGIN, 1, T, False, "00")
    works = Works()
    answer = Controls(estate.image, works).write(ONE, NAME, "DWMX1$CO$WMaxSptPct$Oper", value, AT)
    assert answer.error is not None
    assert works.done == []
    assert AddCause.blocked_by_mode in [cause(told) for told in answer.before]


def _control(made: Device, command: Command) -> m.Control:
    target = command.target
    found = intake.command(made, Operated(f"{target.node}.{target.object}", command.value), ENVELOPE)
    assert found is not None
    return found
