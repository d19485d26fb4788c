"""A simulated head-end: the story of a scenario at a real server, by the administration API alone.

It makes a tree of groups of its own with their programmes, registers the units, posts controls, defaults and
curves at their moments, cancels, reads the responses, also to what aggregators command, and takes its tree
away when it leaves. What the server refuses is a Fault with the step. It knows nothing of what units do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from bridge.app.fault import Fault
from bridge.app.sim import enrol, script, sense
from bridge.app.sim.answers import answers, statuses
from bridge.app.sim.enrol import Newcomer
from bridge.app.sim.foreign import Foreign
from bridge.app.sim.operator import Operator
from bridge.app.sim.scene import Scene, Step
from bridge.app.sim.verdict import Responses
from bridge.iec61850.device import IED, instance, named
from bridge.sdk.client import Client
from bridge.sdk.forms import grid, groups
from bridge.sdk.sending import Refused, Unanswered

ALL = "all"


@dataclass(slots=True)
class Headend:
    """One head-end at one server."""

    site: Client
    scene: Scene
    units: dict[str, Newcomer] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    """LFDIs of units that the server did not look for before."""
    operator: Operator = field(init=False)
    foreign: Foreign = field(init=False)

    def __post_init__(self) -> None:
        """Be an operator, and look out for what others command."""
        self.operator = done = Operator(self.site, self.scene.curves)
        self.foreign = Foreign(self.site, lambda: frozenset(one.mrid for one in done.controls.values()))

    async def enter(self, units: Mapping[str, tuple[Newcomer, str]], holders: Iterable[str] = ()) -> None:
        """Make the groups, let aggregators in, and register units, given with their group by name."""
        try:
            root = await self.site.groups.create(groups.GroupNew(name=f"sim: {self.scene.name}"[:64]))
            self.operator.groups[ALL] = root.id
            for name in sorted({group for _, group in units.values()} - {ALL}):
                made = await self.site.groups.create(groups.GroupNew(name=name, parent=root.id))
                self.operator.groups[name] = made.id
            for lfdi in holders:
                await enrol.aggregator(self.site, lfdi)
            for name, (unit, group) in units.items():
                self.units[name] = unit
                if await enrol.enter(self.site, unit, self.operator.groups[group]):
                    self.added.append(unit.lfdi.upper())
            for step in self.scene.story:
                if step.by and step.device is None and step.do != "cancel":
                    await self.operator.programme(step.group, step.primacy)
        except (Refused, Unanswered) as error:
            raise Fault("head-end", str(error)) from error

    async def known(self, names: Iterable[str]) -> None:
        """Wait until units have told what they are."""
        for name in names:
            try:
                await enrol.known(self.site, self.units[name])
            except (Refused, Unanswered) as error:
                raise Fault("head-end", str(error)) from error

    async def leave(self) -> None:
        """Take the tree of groups away, with all that hangs from it, and look for nobody any more."""
        try:
            for lfdi in self.added:
                await self.site.facility.remove(lfdi)
            if ALL in self.operator.groups:
                await self.site.groups.delete(self.operator.groups.pop(ALL), deep=True)
        except (Refused, Unanswered) as error:
            raise Fault("head-end", f"what it has made stays: {error}") from error

    async def do(self, step: Step) -> None:
        """Do a step of the story."""
        await self.operator.do(step)

    # ----------------------------------------------------------------------------- what others command

    async def meant(self, step: Step) -> dict[str, tuple[str, ...]]:
        """The logical devices that an aggregator's step is for, each with the units that it stands for."""
        if step.by is None:
            return {}
        if step.device is None:
            programme = await self.operator.programme(step.group, step.primacy)
            members = {one.name: one for one in self.scene.inverters if step.group in {ALL, one.group}}
            names = tuple(name for one in members.values() for name in one.names())
            return {named(IED, instance("G", programme.mrid)): names}
        chosen = [one for one in sense.held(self.scene, step.by) if fnmatchcase(one, step.device)]
        return {named(IED, instance("D", self.units[name].lfdi.upper())): (name,) for name in chosen}

    async def expect(self, step: Step) -> None:
        """Look out for what an aggregator's step becomes."""
        try:
            await self.foreign.expect(step.name or "", *await self._where(step))
        except (Refused, Unanswered) as error:
            raise Fault("head-end", f"{step.do} {step.name}: {error}") from error

    async def _where(self, step: Step) -> list[grid.ControlQuery]:
        """Where the controls of an aggregator's step appear."""
        if step.device is None:
            programme = await self.operator.programme(step.group, step.primacy)
            return [grid.ControlQuery(programme=programme.id)]
        names = [name for each in (await self.meant(step)).values() for name in each]
        return [grid.ControlQuery(device=self.units[name].lfdi.upper()) for name in names]

    async def responses(self) -> Responses:
        """What was answered to each control, by its name and the units'."""
        await self.foreign.look()
        subjects = {name: [control.mrid] for name, control in self.operator.controls.items()}
        subjects |= {claim.name: claim.found for claim in self.foreign.claims}
        names = {unit.lfdi.upper(): name for name, unit in self.units.items()}
        found: dict[str, dict[str, tuple[int, ...]]] = {}
        for name, mrids in subjects.items():
            said = await answers(self.site, mrids)
            found[script.mrid(name)] = {
                names[lfdi]: statuses(each) for lfdi, each in said.items() if lfdi in names
            }
        return found
