"""What became of each address of a request: served or not, and what its devices have said since.

Devices answer with the responses of IEEE 2030.5; these are read where they stand, so that a result is never
older than they are. Of several devices behind one address the one that is least far counts. Reads rows alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, NamedTuple

from bridge.app.market.asked import Address
from bridge.app.market.state import State
from bridge.sep2 import audience, canon, ours
from bridge.sep2.shelf import Cut, Row, Shelf
from bridge.sep2.work import Trace
from models.meter import meter

EVERY = 1_000_000_000
RESPONSES = ("PriceResponse", "TextResponse", "Response")
RECEIVED, CONFIRMED, REFUSING = 1, 11, frozenset({252, 253, 254})
RANKS = ("waiting", "failed", "unknown", "accepted", "delivered", "confirmed")
"""Verdicts, the least far first."""


class Line(NamedTuple):
    """What became of one address."""

    address: Address
    verdict: str
    reason: str = ""
    devices: tuple[str, ...] = ()


async def lines(shelf: Shelf | Trace, to: tuple[Address, ...], state: State) -> tuple[Line, ...]:
    """Give what became of each address, in their order."""
    if state.reason:
        return tuple(Line(one, "failed", state.reason) for one in to)
    rows = (await shelf.children(f"{state.request}/to", Cut(limit=EVERY))).rows
    said = await answers(shelf, state.mark) if state.mark else {}
    kept = [(row, ours.read(row)) for row in rows]
    found = {at: _line([(row, body) for row, body in group], said) for at, group in groupby(kept, _at)}
    return tuple(found.get(at) or Line(one, "waiting") for at, one in enumerate(to))


def _at(pair: tuple[Row, dict[str, Any]]) -> int:
    return int(pair[1]["at"])


async def answers(shelf: Shelf | Trace, mark: str) -> Mapping[str, frozenset[int]]:
    """Give the statuses that devices have said of an event."""
    found: dict[str, set[int]] = {}
    for type_ in RESPONSES:
        for row in await shelf.grouped(type_, mark):
            status = getattr(canon.obj(row), "status", None)
            found.setdefault(row.owner, set()).add(0 if status is None else status)
    return {device: frozenset(statuses) for device, statuses in found.items()}


def _line(rows: list[tuple[Row, dict[str, Any]]], said: Mapping[str, frozenset[int]]) -> Line:
    """Give what became of an address by the rows of its devices."""
    each = [_one(row, body, said.get(row.owner, frozenset())) for row, body in rows]
    verdict, reason = min(each, key=lambda one: RANKS.index(one[0]))
    devices = tuple(row.owner for row, _ in rows if row.owner)
    return Line(Address(*rows[0][1]["to"]), verdict, reason, devices)


def _one(row: Row, body: Mapping[str, Any], said: frozenset[int]) -> tuple[str, str]:
    """Give verdict and reason of a device."""
    if row.type == audience.WITHDRAWN and not said:
        return "accepted", "taken back"
    if row.type not in {audience.TYPE, audience.WITHDRAWN} or not said:
        return body["verdict"], body["reason"]
    if said & REFUSING:
        return "failed", f"the device says {min(said & REFUSING)}"
    if CONFIRMED in said:
        return "confirmed", ""
    return "delivered", ""


def report(name: str, found: tuple[Line, ...], state: State) -> meter.ReportProgress:
    """Give the report to the sender: addresses of which there is more to say than that they are served."""
    return meter.ReportProgress(
        SMTxPProgressReport=meter.Acknowledgement(
            RequestID=name,
            Verdict=meter.Verdict.failed if state.reason else meter.Verdict.accepted,
            Reason=state.reason or None,
            AddressResult=tuple(_results(found)),
        )
    )


def _results(found: tuple[Line, ...]) -> Iterator[meter.AddressResult]:
    for line in found:
        if line.verdict in {"waiting", "accepted"} or not line.address.esiid:
            continue
        at = line.address
        yield meter.AddressResult(
            Address=meter.Address(
                ESIID=at.esiid, MeterSerialNumber=at.serial or "0", DeviceMACAddr=at.mac or None
            ),
            Verdict=meter.Verdict(line.verdict),
            Reason=line.reason or None,
        )
