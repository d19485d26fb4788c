"""What became of a command: AddCause and errors beside the response status of 2030.5; alarms as events.

Follows the tables of iec61850-codes.toml. A cause says a status, and whether to try again or to write a log
entry first; a status sends the cause that means it. Alarm objects stand for LogEvent codes, two a bit: come
and gone. Decides nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from bridge.mapping.leaves import Leaves
from bridge.mapping.nodes import Table, place
from bridge.mapping.points import moment, stamp
from bridge.mapping.states import bit_of
from bridge.mapping.work import STATE, Work

CAUSE, ERROR = "Service.AddCause", "Service.DataAccessError"
SERVICE = "SR"
"""The functional constraint of service responses."""
DER, SEP2 = 11, 2


class Verdict(NamedTuple):
    """A response status, and what to do before sending it."""

    status: int
    retry: bool = False
    log: bool = False


def verdict(
    table: Table,
    *,
    cause: int | None = None,
    error: int | None = None,
    schedule: int | None = None,
    event: str | None = None,
    own: bool = False,
) -> Verdict | None:
    """Return what an answer means; `own` says that our own newer command caused it.

    None when nothing went wrong.
    """
    asked = (("AddCause", cause), ("DataAccessError", error), ("SchdEnaErr", schedule), ("Event", event))
    given = [(table.codes[name], code) for name, code in asked if code is not None]
    listed = [item for codes, code in given for item in codes["row"] if item["iec"] == code]
    others = [
        codes["other"] for codes, code in given if "other" in codes and code not in codes.get("fine", ())
    ]
    for item in (*listed, *others):
        status = item["own"] if own and "own" in item else item["ours"]
        return Verdict(status, bool(item.get("retry")), bool(item.get("log")))
    return None


def write_outcome(leaves: Leaves, work: Work) -> None:
    """Write the cause or error that is known, else the one that means the status."""
    cause, error = leaves.get("addCause"), leaves.get("serviceError")
    if cause is None and error is None and "status" in leaves:
        cause = _back("AddCause", leaves["status"], work)
        error = _back("DataAccessError", leaves["status"], work) if cause is None else None
    for ref, code in ((CAUSE, cause), (ERROR, error)):
        if code is not None:
            work.sheet.put(ref, SERVICE, code)


def _back(name: str, status: int, work: Work) -> int | None:
    return next((item["iec"] for item in work.table.codes[name]["back"] if item["ours"] == status), None)


def read_outcome(work: Work) -> Leaves:
    """Read a cause, an error or the refusal of a schedule as a status."""
    cause, error = work.sheet.number(CAUSE), work.sheet.number(ERROR)
    refusals = [
        work.sheet.number(f"{node}.SchdEnaErr.stVal")
        for node in sorted(work.sheet.nodes())
        if node.startswith("FSCH")
    ]
    refused = next((code for code in refusals if code not in (None, 1)), None)
    found = verdict(work.table, cause=cause, error=error, schedule=refused)
    leaves: dict[str, Any] = {
        "addCause": cause,
        "serviceError": error,
        "status": found.status if found else None,
    }
    return {name: value for name, value in leaves.items() if value is not None}


def write_alarm(leaves: Leaves, work: Work) -> None:
    """Write the object that a log event of the DER function set stands for."""
    item = next(
        (item for item in work.table.codes["alarms"]["row"] if item["bit"] == leaves["logEventCode"] // 2),
        None,
    )
    if leaves["functionSet"] == DER and leaves["profileID"] == SEP2 and item is not None:
        do = item["iec61850"]
        work.put(work.attribute(do), leaves["logEventCode"] % 2 == 0)
        work.put(f"{do}.t", stamp(leaves["created"], "created"))


def read_alarm(work: Work) -> Leaves:
    """Read the first alarm object that has a value.

    Further ones stay unread, and without one there is no event.
    """
    for item in work.table.codes["alarms"]["row"]:
        for do in (name for name in (item["iec61850"], item.get("or")) if name):
            flag = work.sheet.flag(f"{do}.{STATE[place(do).cdc]}")
            if flag is not None:
                text = work.sheet.take(f"{do}.t")
                created = {} if text is None else {"created": moment(str(text).partition(";")[0], do)}
                return {
                    "functionSet": DER,
                    "profileID": SEP2,
                    "logEventCode": bit_of(item, work) * 2 + (not flag),
                } | created
    return {}
