"""An operator at the administration API who does steps of a story: controls, defaults, cancellations, curves.

Programmes are made when they are first needed, or those that are there are taken; curves are published once.
What the server refuses is a Fault with the step. It knows nothing of units, nor what comes of what it does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from bridge.app.fault import Fault
from bridge.app.sim import script
from bridge.app.sim.scene import CURVES, Curve, Step
from bridge.sdk.client import Client
from bridge.sdk.forms import grid
from bridge.sdk.forms.modes import Modes
from bridge.sdk.sending import Refused, Unanswered

EVERY = 7
"""Responses asked for: received, started and completed, the customer's."""
LABEL = 32


@dataclass(slots=True)
class Operator:
    """One operator at one server."""

    site: Client
    drawn: Mapping[str, Curve]
    """Curves by the names that steps have for them."""
    groups: dict[str, int] = field(default_factory=dict)
    """Numbers of groups by the names that steps have for them."""
    programmes: dict[tuple[str, int], grid.Programme] = field(default_factory=dict)
    controls: dict[str, grid.Control] = field(default_factory=dict)
    curves: dict[tuple[int, str], str] = field(default_factory=dict)

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
        programme = (await self.programme(step.group, step.primacy)).id
        modes = await self._published(programme, step.modes)
        if step.do == "default":
            await self.site.defaults.set(programme, grid.DefaultSet(modes=modes, entry=step.entry))
            return
        form = grid.ControlNew(
            modes=modes, duration=round(step.lasts), offset=round(step.after), response_required=EVERY,
            randomize_start=step.spread or None, description=(step.name or "")[:LABEL],
        )  # fmt: skip
        self.controls[step.name or ""] = await self.site.controls.create(programme, form)

    async def programme(self, group: str, primacy: int) -> grid.Programme:
        """The programme of a group at a primacy, made when it is first needed."""
        if (group, primacy) not in self.programmes:
            form = grid.ProgrammeNew(primacy=primacy, group=self.groups[group])
            self.programmes[group, primacy] = await self.site.programmes.create(form)
        return self.programmes[group, primacy]

    async def _published(self, programme: int, modes: Modes) -> Modes:
        """Modes with the addresses of their curves, which are published when they are first needed."""
        found: dict[str, str] = {}
        for mode in CURVES & modes.model_fields_set:
            name = getattr(modes, mode)
            if (programme, name) not in self.curves:
                made = await self.site.curves.create(programme, script.published(self.drawn[name]))
                self.curves[programme, name] = made.href
            found[mode] = self.curves[programme, name]
        return modes.model_copy(update=found)
