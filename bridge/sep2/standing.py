"""How units and groups stand, and what operators say of outages, as rows and as canonical messages; and back.

The body of a row is ours, its record the canonical Status that says the same to everybody else
(docs/outage.md). Nothing is decided, read from a shelf or committed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from bridge.core import outage
from bridge.core.outage import SERVING, Entry, Report, Source, Standing, State
from bridge.sep2 import canon, ours
from bridge.sep2.shelf import Row
from bridge.sep2.work import Work
from models.der import messages

ENTRY, STANDING, SUM, TURN = "Outage", "Standing", "OutageSum", "OutageTurn"


class Held(NamedTuple):
    """What is kept of a unit: its standing, and the last report of each of its DERs by number."""

    standing: Standing = SERVING
    reports: Mapping[str, Report] = {}
    rated: Decimal | None = None


def href(lfdi: str) -> str:
    """Give the address of how a unit stands."""
    return f"{ours.STANDINGS}/{lfdi}"


def entry(row: Row) -> Entry:
    """Give what an operator said."""
    said = ours.read(row)
    return Entry(
        row.href, State(said["state"]), row.at, row.until, _decimal(said.get("left")),
        _decimal(said.get("percent")), said.get("reason") or "",
    )  # fmt: skip


def held(row: Row | None) -> Held:
    """Give what is kept of a unit."""
    said = ours.read(row)
    if row is None or not said:
        return Held()
    reports = {name: _report(each) for name, each in said["reports"].items()}
    return Held(_standing(said["standing"], row), reports, _decimal(said.get("rated")))


def _standing(said: Mapping[str, Any], row: Row) -> Standing:
    state = said["state"]
    if state is None:
        return SERVING._replace(since=row.at)
    return Standing(
        State(state), Source(said["source"]), row.at, said["until"], _decimal(said["left"]),
        said["reason"], said["entry"],
    )  # fmt: skip


def _report(said: Mapping[str, Any]) -> Report:
    return Report(State(said["state"]) if said["state"] else None, _decimal(said["left"]), said["reason"])


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def kept(work: Work, lfdi: str, now: Held) -> Row:
    """Give the row of how a unit stands; it is over where the unit is in service."""
    said = now.standing
    fields = {
        "reports": {name: _said(each) for name, each in now.reports.items()},
        "standing": {**_said(said), "source": said.source, "until": said.until, "entry": said.entry},
        "rated": _text(now.rated),
    }
    over = 0 if said.state else max(said.since, 1)
    record = status(work, href(lfdi), said, now.rated, devices=(lfdi,))
    return Row(
        href(lfdi), ours.STANDINGS, STANDING, ours.body(fields), owner=lfdi, at=said.since, until=over,
        record=record,
    )  # fmt: skip


def _said(each: Standing | Report) -> dict[str, Any]:
    return {"state": each.state, "left": _text(each.left), "reason": each.reason}


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def status(
    work: Work, at: str, now: Standing, rate: Decimal | None, *, devices: tuple[str, ...] = (),
    group: str = "", sum_: outage.Sum | None = None,
) -> bytes:  # fmt: skip
    """Give the canonical Status that says how a unit or a group stands."""
    about = canon.envelope(work, at, devices, (group,) if group else ())
    counts = {} if sum_ is None else {
        name: getattr(sum_, name) for name in ("members", "planned", "forced", "derated")
    }  # fmt: skip
    said = messages.Outage(
        state=now.state or State.restored,
        source=now.source or (Source.members if group else Source.unit),
        since=Decimal(now.since),
        until=Decimal(now.until) if now.until else None,
        left=outage.watts(now.left if now.state else rate),
        rated=outage.watts(rate),
        reason=now.reason or None,
        **counts,
    )
    return messages.Status(**about._asdict(), outage=said).model_dump_json().encode()


def spelled(work: Work, said: Entry, row: Row) -> Row:
    """Give the row of an entry as it is said now."""
    fields = {
        "state": said.state, "reason": said.reason, "left": _text(said.left), "percent": _text(said.percent)
    }  # fmt: skip
    record = _record(work, said, row)
    return row._replace(body=ours.body(fields), at=said.start, until=said.end, record=record)


def _record(work: Work, said: Entry, row: Row) -> bytes:
    """Give the canonical Status that an entry is: also of one that lies ahead."""
    left = outage.watts(said.left)
    if said.percent is not None:
        left = messages.Amount(value=said.percent, unit=messages.Unit.percent, of="setMaxW")
    about = canon.envelope(work, row.href, (row.owner,) if row.owner else (), (row.grp,) if row.grp else ())
    made = messages.Outage(
        state=said.state, source=Source.operator, since=Decimal(said.start),
        until=Decimal(said.end) if said.end else None, left=left, reason=said.reason or None,
    )  # fmt: skip
    return messages.Status(**about._asdict(), outage=made).model_dump_json().encode()
