"""How a device's state nodes follow an outage: LLN0.Health always, DEROpSt where it is an operator's word.

What a unit says of itself stands in its nodes by its own status; an operator's word goes over DEROpSt as long
as it holds, and what the unit told stands there again after it (docs/outage.md). Decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bridge.core.outage import FAILED, MAINTENANCE, Source, Standing, State
from bridge.iec61850 import device
from bridge.iec61850.device import Device
from bridge.iec61850.estate import Estate
from bridge.iec61850.shape import Value
from bridge.mapping.points import Point
from bridge.sep2 import standing
from bridge.sep2.shelf import Row
from bridge.transports.store.store import Store
from models.der import messages

OK, WARNING, ALARM = 1, 2, 3
"""Values of HealthKind."""
HEALTH: Mapping[State | None, int] = {
    None: OK,
    State.planned: WARNING,
    State.derated: WARNING,
    State.forced: ALARM,
}
STATES: Mapping[State | None, int] = {State.planned: MAINTENANCE, State.forced: FAILED}
"""What DEROpSt says of an operator's word; of a derating it says what the unit does."""
NODES = ("DGEN1", "DSTO1")


async def show(store: Store, estate: Estate, lfdi: str, told: Mapping[str, list[Row]]) -> None:
    """Show whether a device is in service; once it is again, what its DERs told stands there again."""
    row = await store.get(standing.href(lfdi))
    if row is None:
        return
    now, at = standing.held(row).standing, float(row.changed)
    for identity, rows in told.items():
        for each in rows if now.state is None else ():
            if each.type == "DERStatus":
                estate.show(identity, messages.Status.model_validate_json(each.record), float(each.changed))
        estate.put(identity, values(estate.devices[identity], now, at), at)


def values(made: Device, now: Standing, at: float) -> Mapping[str, Value]:
    """Give the values that say how a device stands."""
    return device.placed(made, _points(now), at).values


def _points(now: Standing) -> Iterator[Point]:
    yield Point("LLN0.Health.stVal", "ST", HEALTH[now.state])
    if now.source is Source.operator and now.state in STATES:
        yield from (Point(f"{node}.DEROpSt.stVal", "ST", STATES[now.state]) for node in NODES)
