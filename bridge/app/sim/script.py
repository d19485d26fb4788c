"""Reading a scenario file, and its parts as canonical records: modes with their curves, controls, builds.

What is wrong with a file is a Fault with its place in it. The records are those that a server's controls
become at a 2030.5 client, so that a scenario means the same with and without a network.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from bridge.app.fault import Fault
from bridge.app.office import modes as figures
from bridge.app.office.call import Wrong
from bridge.app.sim import sense
from bridge.app.sim.inverter.faults import Faults
from bridge.app.sim.physics.grid import Build
from bridge.app.sim.profile import Profile, course
from bridge.app.sim.scene import Curve, Inverters, Scene, Step
from bridge.app.sim.unit import Plate
from bridge.sdk.forms.grid import CurveNew
from bridge.sdk.forms.modes import Modes
from models.der import messages

BEGIN = 1_800_000_000
"""The moment at which a scenario without a network begins, in seconds since 1970."""
OWN = messages.Origin(party="51", door=messages.Door.simulator)


def read(place: Path) -> Scene:
    """The scenario of a file."""
    try:
        text = place.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Fault(str(place), f"cannot be read: {getattr(error, 'strerror', None) or error}") from error
    try:
        scene = Scene.model_validate_json(json.dumps(tomllib.loads(text), default=str))
    except tomllib.TOMLDecodeError as error:
        raise Fault(str(place), f"is no TOML: {error}") from error
    except ValidationError as error:
        first = max(error.errors(), key=lambda one: len(one["loc"]))
        path = ".".join(str(step) for step in first["loc"])
        raise Fault(str(place), first["msg"].removeprefix("Value error, "), path=path) from error
    for fault in sense.faults(scene):
        raise Fault(str(place), fault)
    _profiles(scene, place)
    for number, step in enumerate(scene.story, 1):
        try:
            record(scene, step)
        except (Wrong, ValidationError) as error:
            raise Fault(str(place), _told(error), path=f"story.{number}") from error
    return scene


def _told(error: Exception) -> str:
    """What a form is refused for, in words."""
    if isinstance(error, ValidationError):
        return str(error.errors()[0]["msg"])
    return str(error)


def _profiles(scene: Scene, place: Path) -> None:
    """Read every profile once, so that a file that is not there is told now."""
    for name in ("voltage", "frequency", "sun", "load"):
        said: Profile | None = getattr(scene.grid, name)
        try:
            course(0.0 if said is None else said, place.parent)
        except ValueError as error:
            raise Fault(str(place), str(error), path=f"grid.{name}") from error


def mrid(name: str) -> str:
    """The mRID of a control that has a name."""
    return sha256(name.encode()).hexdigest()[:32].upper()


def said(form: Modes) -> messages.Modes:
    """Modes as the record has them; Wrong where nothing can say them."""
    return figures.said(form)


def drawn(scene: Scene, form: messages.Modes) -> messages.Modes:
    """Modes with the curves of a scenario put in."""
    return put(form, scene.curves)


def put(form: messages.Modes, curves: Mapping[str, Curve]) -> messages.Modes:
    """Modes with the curves that they name put in."""
    found: dict[str, object] = {}
    for mode in type(form).model_fields:
        use = getattr(form, mode)
        if isinstance(use, messages.CurveUse) and use.ref is not None:
            found[mode] = messages.CurveUse(curve=curve(use.ref, curves[use.ref]))
    return form.model_copy(update=found)


def curve(name: str, said: Curve) -> messages.Curve:
    """A curve as the record has it."""
    return messages.Curve(
        mRID=mrid(name),
        kind=said.kind,
        yOf="refType:0" if said.of == "none" else said.of,
        openLoop=None if said.open_loop is None else Decimal(str(said.open_loop)),
        point=tuple(messages.Point(x=Decimal(str(x)), y=Decimal(str(y))) for x, y in said.points),
    )


def record(scene: Scene, step: Step) -> messages.Control | messages.Default:
    """The control or default of a step, made at its moment."""
    at = Decimal(str(BEGIN + step.at))
    modes = drawn(scene, figures.said(step.modes))
    target = messages.Target(group=(step.group,))
    programme = f"{step.group}/{step.primacy}"
    if step.do == "default":
        name = mrid(f"default {programme}")
        return messages.Default(
            id=name, origin=OWN, target=target, issued=at, mRID=name, updated=at, programme=programme,
            primacy=step.primacy, modes=modes, entry=figures.entered(step.entry),
        )  # fmt: skip
    name = mrid(step.name or "")
    return messages.Control(
        id=name, origin=OWN, target=target, issued=at, mRID=name, created=at, programme=programme,
        primacy=step.primacy, start=at + Decimal(str(step.after)), duration=Decimal(str(step.lasts)),
        randomizeStart=Decimal(step.spread) if step.spread else None, modes=modes,
        status=messages.EventState(currentStatus=0, at=at, potentiallySuperseded=False),
    )  # fmt: skip


def build(kind: Inverters, hertz: float, chance: float) -> Build:
    """How a unit of a kind is made."""
    va = kind.va or kind.watts
    plate = Plate(
        kind.watts, va, 0.44 * va if kind.var is None else kind.var, kind.volts, kind.charge, kind.wh
    )
    return Build(
        plate, hertz=hertz, category=kind.category, watts_first=kind.watts_first, response=kind.response,
        soc=kind.soc / 100, eager=kind.eager, chance=chance,
    )  # fmt: skip


def faults(kind: Inverters) -> Faults:
    """The faults of a kind, as its clients know them."""
    windows: Mapping[str, tuple[tuple[float, float], ...]] = {
        name: tuple((one.begin, one.end) for one in kind.faults if one.kind == name)
        for name in ("silence", "refusal", "bad")
    }
    return Faults(windows["silence"], kind.drift, windows["refusal"], windows["bad"], kind.factor)


def followed(kind: Inverters) -> frozenset[str]:
    """The canonical names of the modes that a kind has; nothing stands for all of them."""
    return named(kind.follows)


def named(modes: Iterable[str]) -> frozenset[str]:
    """The canonical names of modes."""
    known = figures.table("Modes")
    return frozenset(name for one in modes if (name := known[one].canonical) is not None)


def published(said: Curve) -> CurveNew:
    """A curve as a head-end publishes it, with three decimals."""
    openly = None if said.open_loop is None else Decimal(str(said.open_loop))
    return CurveNew(
        type=said.kind, points=said.spots(), y_reference=said.of, x_multiplier=-3, y_multiplier=-3,
        open_loop=openly,
    )  # fmt: skip
