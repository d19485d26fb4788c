"""A simulated head-end: the story of a scenario at a real server, by the administration API alone.

It makes a tree of groups of its own with their programmes, registers the units, posts controls, defaults and
curves at their moments, cancels, reads the responses, and takes its tree away when it leaves. What the server
refuses is a Fault with the step. It knows nothing of what units do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import ValidationError

from bridge.app.fault import Fault
from bridge.app.sim import script
from bridge.app.sim.scene import CURVES, Scene, Step
from bridge.app.sim.verdict import Responses
from bridge.sdk.client import Client
from bridge.sdk.forms import fleet, grid, groups, records
from bridge.sdk.forms.modes import Modes
from bridge.sdk.sending import Refused, Unanswered

T = TypeVar("T")
ALL = "all"
TAKEN = 409
EVERY = 7
"""Responses asked for: received, started and completed, the customer's."""
LABEL = 32


@dataclass(slots=True)
class Headend:
    """One head-end at one server."""

    site: Client
    scene: Scene
    groups: dict[str, int] = field(default_factory=dict)
    programmes: dict[tuple[str, int], int] = field(default_factory=dict)
    controls: dict[str, grid.Control] = field(default_factory=dict)
    curves: dict[tuple[int, str], str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    """Names of the units by LFDI."""

    async def enter(self, units: Mapping[str, tuple[str, str]]) -> None:
        """Make the groups, and register units, given as LFDI and group by name."""
        try:
            root = await self.site.groups.create(groups.GroupNew(name=f"sim: {self.scene.name}"[:64]))
            self.groups[ALL] = root.id
            for name in sorted({group for _, group in units.values()} - {ALL}):
                made = await self.site.groups.create(groups.GroupNew(name=name, parent=root.id))
                self.groups[name] = made.id
            for name, (lfdi, group) in units.items():
                await self._register(name, lfdi.upper(), self.groups[group])
        except (Refused, Unanswered) as error:
            raise Fault("head-end", str(error)) from error

    async def _register(self, name: str, lfdi: str, group: int) -> None:
        """Register a unit, or make one that is known a member."""
        self.units[lfdi] = name
        try:
            await self.site.devices.create(fleet.DeviceNew(lfdi=lfdi, name=name[:LABEL], groups=(group,)))
        except Refused as error:
            if error.problem.status != TAKEN:
                raise
            async for device in self.site.devices.list(fleet.DeviceQuery(lfdi=lfdi)):
                await self.site.groups.join(group, device.id)

    async def leave(self) -> None:
        """Take the tree of groups away, with all that hangs from it."""
        if ALL in self.groups:
            try:
                await self.site.groups.delete(self.groups.pop(ALL), deep=True)
            except (Refused, Unanswered) as error:
                raise Fault("head-end", f"its groups stay: {error}") from error

    async def do(self, step: Step) -> None:
        """Do a step of the story."""
        try:
            await self._do(step)
        except (Refused, Unanswered, ValidationError) as error:
            raise Fault("head-end", f"{step.do} {step.name or step.group}: {error}") from error

    async def _do(self, step: Step) -> None:
        if step.do == "cancel":
            held = self.controls[step.name or ""]
            await self.site.controls.cancel(held.programme, held.id, grid.Cancel())
            return
        programme = await self._programme(step.group, step.primacy)
        modes = await self._drawn(programme, step.modes)
        if step.do == "default":
            await self.site.defaults.set(programme, grid.DefaultSet(modes=modes, entry=step.entry))
            return
        form = grid.ControlNew(
            modes=modes, duration=round(step.lasts), offset=round(step.after), response_required=EVERY,
            randomize_start=step.spread or None, description=(step.name or "")[:LABEL],
        )  # fmt: skip
        self.controls[step.name or ""] = await self.site.controls.create(programme, form)

    async def _programme(self, group: str, primacy: int) -> int:
        """The programme of a group at a primacy, made when it is first needed."""
        if (group, primacy) not in self.programmes:
            form = grid.ProgrammeNew(primacy=primacy, group=self.groups[group])
            self.programmes[group, primacy] = (await self.site.programmes.create(form)).id
        return self.programmes[group, primacy]

    async def _drawn(self, programme: int, modes: Modes) -> Modes:
        """Modes with the addresses of their curves, which are published when they are first needed."""
        found: dict[str, str] = {}
        for mode in CURVES & modes.model_fields_set:
            name = getattr(modes, mode)
            if (programme, name) not in self.curves:
                made = await self.site.curves.create(programme, script.published(self.scene.curves[name]))
                self.curves[programme, name] = made.href
            found[mode] = self.curves[programme, name]
        return modes.model_copy(update=found)

    async def responses(self) -> Responses:
        """What was answered to each control, by its name and the units'."""
        found: dict[str, dict[str, tuple[int, ...]]] = {}
        for name, control in self.controls.items():
            said = [
                one async for one in self.site.responses.list(records.ResponseQuery(subject=control.mrid))
            ]
            rows = found.setdefault(script.mrid(name), {})
            for one in sorted(said, key=_order):
                unit = self.units.get(one.device.upper())
                if one.status is not None and unit is not None:
                    rows[unit] = (*rows.get(unit, ()), one.status)
        return found


def _order(one: records.Response) -> tuple[int, int, str]:
    """Responses as they came: within a second, by the number of their address."""
    return (one.received, len(one.href), one.href)
