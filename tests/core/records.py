"""Records for the tests of the core: short ways to say a control, a default or a unit, and to draw them.

Drawn controls often overlap, tie in rank and share names, for that is where rules differ. Figures have no
meaning.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from bridge.core import fleet, step
from models.der import messages

OWN = "B0"
OWNER = "A0"
UNITS = ("0D01", "0D02", "0D03")
GROUP = "feeder"
NOW = Decimal(1_000)
EXAMPLES = settings(max_examples=int(os.environ.get("DERBRIDGE_EXAMPLES", "60")), deadline=None)
MODES = ("maxLimW", "targetW", "connect", "voltVar")


def watts(value: int | str) -> messages.Amount:
    return messages.Amount(value=Decimal(value), unit=messages.Unit.W)


def percent(value: int | str) -> messages.Amount:
    return messages.Amount(value=Decimal(value), unit=messages.Unit.percent, of="setMaxW")


ASKED: Mapping[str, Any] = {
    "maxLimW": percent(60),
    "targetW": watts(500),
    "connect": True,
    "voltVar": messages.CurveUse(ref="/dc/1"),
}


def modes(*names: str, **given: Any) -> messages.Modes:
    return messages.Modes(**{name: ASKED[name] for name in names}, **given)


def envelope(name: str, issued: Decimal, device: Iterable[str], group: Iterable[str]) -> dict[str, Any]:
    return {
        "id": name,
        "origin": messages.Origin(party=OWNER, door=messages.Door.operator),
        "target": messages.Target(device=tuple(device), group=tuple(group)),
        "issued": issued,
        "correlation": f"c-{name}",
    }


def control(
    name: str,
    start: int = 1_100,
    length: int = 100,
    *,
    asked: messages.Modes | None = None,
    device: Iterable[str] = (),
    group: Iterable[str] = (),
    issued: int = 900,
    **more: Any,
) -> messages.Control:
    return messages.Control(
        **envelope(f"m-{name}-{issued}", Decimal(issued), device, group),
        mRID=name,
        start=Decimal(start),
        duration=Decimal(length),
        modes=modes("maxLimW") if asked is None else asked,
        **{"created": Decimal(issued), **more},
    )


def default(
    name: str,
    *,
    asked: messages.Modes | None = None,
    device: Iterable[str] = (),
    group: Iterable[str] = (),
    issued: int = 900,
    **more: Any,
) -> messages.Default:
    return messages.Default(
        **envelope(f"m-{name}-{issued}", Decimal(issued), device, group),
        mRID=name,
        modes=modes("maxLimW") if asked is None else asked,
        entry=messages.GridEntry(),
        **more,
    )


def cancelled(one: messages.Control, at: int = 950, code: int = 2) -> messages.Control:
    """What a source sends to withdraw a control: the control itself, with its state."""
    state = messages.EventState(currentStatus=code, at=Decimal(at), potentiallySuperseded=False)
    return one.model_copy(update={"id": f"{one.id}-x", "status": state, "issued": Decimal(at)})


def enrolment(
    unit: str, *, joined: bool = True, at: int = 10, programme: Iterable[str] = (GROUP,)
) -> messages.Enrolment:
    return messages.Enrolment(
        **envelope(f"m-{unit}-{at}", Decimal(at), (), ()),
        device=unit,
        kind=messages.Device.device,
        joined=joined,
        programme=tuple(programme),
        at=Decimal(at),
    )


def setting(unit: str, *, updated: int = 100, **ratings: messages.Amount) -> messages.Setting:
    return messages.Setting(
        **envelope(f"m-{unit}-set-{updated}", Decimal(updated), (unit,), ()),
        updated=Decimal(updated),
        entry=messages.GridEntry(),
        ratings=messages.Ratings(**ratings),
    )


def outcome(unit: str, subject: str, status: int, at: int = 1_000) -> messages.Outcome:
    return messages.Outcome(
        id=f"o-{unit}-{subject}-{status}-{at}",
        origin=messages.Origin(party=unit, door=messages.Door.sep2),
        target=messages.Target(device=(OWN,)),
        issued=Decimal(at),
        created=Decimal(at),
        device=unit,
        subject=subject,
        status=status,
    )


def run(
    sent: Iterable[messages.Message], picture: fleet.Picture | None = None, now: Decimal = NOW
) -> tuple[fleet.Picture, tuple[messages.Message, ...]]:
    """Take messages one after another; give the last picture and all that went out."""
    out: list[messages.Message] = []
    picture = fleet.Picture(own=OWN) if picture is None else picture
    for message in sent:
        picture, more = step.step(picture, message, now)
        out += more
    return picture, tuple(out)


def housed(*units: str) -> fleet.Picture:
    """A picture with these units in the fleet, all in one group."""
    return run(enrolment(unit) for unit in units or UNITS)[0]


def said(out: Iterable[messages.Message]) -> list[tuple[str, str, int | None]]:
    """The outcomes among what went out: unit, subject, status."""
    return [(one.device, one.subject, one.status) for one in out if isinstance(one, messages.Outcome)]


def sent(out: Iterable[messages.Message]) -> list[tuple[str, str, str]]:
    """The orders among what went out: unit, kind, name."""
    return [
        (one.target.device[0], type(one).__name__, str(one.mRID))
        for one in out
        if isinstance(one, messages.Control | messages.Default)
    ]


@st.composite
def controls(draw: st.DrawFn, target: bool = False) -> messages.Control:
    """Controls that often overlap, often tie in rank, and now and then share a name."""
    chosen = draw(st.sets(st.sampled_from(MODES), min_size=1))
    where: dict[str, Any] = draw(
        st.sampled_from([{"group": (GROUP,)}, {"device": UNITS[:1]}, {"device": UNITS[1:]}])
    )
    said = {
        "start": draw(st.integers(1_000, 1_040)),
        "length": draw(st.integers(0, 20)),
        "issued": draw(st.integers(900, 905)),
        "primacy": draw(st.sampled_from([None, 0, 1, 2])),
        "version": draw(st.sampled_from([None, 0, 1])),
        **(where if target else {}),
    }
    one = control(draw(st.sampled_from(["01", "02", "0A", "0B", "FE"])), asked=modes(*sorted(chosen)), **said)
    named = one.model_copy(update={"id": f"{one.mRID} {sorted(chosen)} {said}"})
    return cancelled(named, draw(st.integers(900, 960))) if draw(st.sampled_from([0, 0, 0, 1])) else named


@st.composite
def defaults(draw: st.DrawFn) -> messages.Default:
    chosen = sorted(draw(st.sets(st.sampled_from(MODES))))
    issued, primacy = draw(st.integers(900, 905)), draw(st.sampled_from([None, 0, 1]))
    one = default(draw(st.sampled_from(["D1", "D2"])), asked=modes(*chosen), issued=issued, primacy=primacy)
    return one.model_copy(update={"id": f"{one.mRID} {chosen} {issued} {primacy}"})
