"""No sequence of assignments, revocations, role changes and requests lets through what a plain table forbids.

The table is written for itself, from the words of the documentation and not from the rules; the real server
answers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bridge.core.access.roles import Role
from bridge.sep2 import assign, permit
from bridge.trust.decision import Decision
from tests.sep2.client import DEVICE, OTHER, THIRD, done
from tests.sep2.feeders import PEOPLE, STATUS, control, give, ruled, world
from tests.sep2.memory import NOW

READS = {
    "VIEWER": {"control", "curve", "status", "device"},
    "OPERATOR": {"control", "curve", "status", "device"},
    "ENGINEER": {"control", "curve", "status", "device", "pin"},
    "INSTALLER": {"curve", "status", "device", "pin"},
    "SECADM": set(),
    "SECAUD": set(),
    "RBACMNT": set(),
}
WRITES = {
    "OPERATOR": {"control"},
    "ENGINEER": {"curve"},
}
BOXED = {"INSTALLER": {"device", "pin"}}
"""Per role what it reads, writes, and writes under an assignment that ends; what is not here it does not."""
KINDS = {"control": "{derp}/derc", "curve": "{derp}/dc", "status": "{edev}/der/1/ders", "device": "{edev}",
         "pin": "{edev}/rg"}  # fmt: skip
AREAS = {"": {"system", "north", "south"}, "system": {"system", "north", "south"}, "north": {"north"},
         "south": {"south"}}  # fmt: skip
BODIES: dict[str, Callable[[str], str]] = {"control": control, "status": lambda _: STATUS}


def forbidden(held: set[tuple[str, str, bool]], kind: str, place: str, *, write: bool) -> bool:
    """Whether the table forbids it to who holds these roles in these areas, for ever or not."""
    for role, area, ends in held:
        may = WRITES.get(role, set()) if write else READS[role]
        if write and ends:
            may = may | BOXED.get(role, set())
        if kind in may and place in AREAS[area]:
            return False
    return True


class Sequences(RuleBasedStateMachine):
    """Anything that may happen, in any order; what comes through is held against the table."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.held: dict[str, set[tuple[str, str, int]]] = {}
        self.revoked: set[str] = set()
        self.now, self.number, self.passed = NOW, 0, 0

    def run(self, made: Any) -> Any:
        return self.loop.run_until_complete(made)

    @initialize()
    def begin(self) -> None:
        self.told: list[Decision] = []
        self.world = self.run(world(ruled(record=lambda one, _: self.told.append(one))))

    def current(self, lfdi: str) -> set[tuple[str, str, bool]]:
        held = self.held.get(lfdi, ())
        found = {(role, area, until > 0) for role, area, until in held if not until or self.now < until}
        return set() if lfdi in self.revoked else found

    @rule(
        who=st.sampled_from(PEOPLE),
        role=st.sampled_from(sorted(READS)),
        area=st.sampled_from(sorted(AREAS)),
        lasts=st.sampled_from([0, 50]),
    )
    def assign(self, who: str, role: str, area: str, lasts: int) -> None:
        until = self.now + lasts if lasts else 0
        number = f"group/{self.world.group[area]}" if area else ""
        self.run(give(self.world, who, Role[role], number, since=self.now, until=until))
        kept = {one for one in self.held.get(who, ()) if one[:2] != (role, area)}
        self.held[who] = {*kept, (role, area, until)}
        self.last = who

    @rule(who=st.sampled_from(PEOPLE), data=st.data())
    def take(self, who: str, data: st.DataObject) -> None:
        roles = sorted({role for role, _, _ in self.held.get(who, ())})
        if roles:
            role = data.draw(st.sampled_from(roles))
            self.run(done(self.world.client.shelf, lambda work: assign.take(work, who, Role[role])))
            self.held[who] = {one for one in self.held[who] if one[0] != role}
            self.last = who

    @rule(who=st.sampled_from(PEOPLE), granted=st.booleans())
    def withdraw(self, who: str, granted: bool) -> None:
        self.run(done(self.world.client.shelf, lambda work: permit.grant(work, who, granted=granted)))
        (self.revoked.discard if granted else self.revoked.add)(who)
        self.last = who

    @rule(seconds=st.sampled_from([1, 49, 50]), who=st.sampled_from(PEOPLE))
    def wait(self, seconds: int, who: str) -> None:
        self.now += seconds
        self.last = who

    @rule(who=st.sampled_from(PEOPLE), role=st.sampled_from(sorted(READS)))
    def lapse(self, who: str, role: str) -> None:
        """A role is used, and used once more in the first second after it ended."""
        lasts = 50
        self.run(give(self.world, who, Role[role], since=self.now, until=self.now + lasts))
        kept = {one for one in self.held.get(who, ()) if one[:2] != (role, "")}
        self.held[who], self.last = {*kept, (role, "", self.now + lasts)}, who
        self.everything_is_asked()
        self.now, self.last = self.now + lasts, who

    @invariant()
    def everything_is_asked(self) -> None:
        """By the person that something was changed about last: each kind, in each place, read and written."""
        who, self.last = getattr(self, "last", ""), ""
        for kind, path in KINDS.items() if who else ():
            for place in ("north", "south") if "edev" in path else ("north", "south", "system"):
                for write in (False, True):
                    self.request(who, kind, place, write=write)

    def request(self, who: str, kind: str, place: str, *, write: bool) -> None:
        edev = self.world.edev[{"south": OTHER}.get(place, DEVICE)]
        path = KINDS[kind].format(derp=self.world.derp[place], edev=edev)
        method = ("GET", "POST" if kind in {"control", "curve"} else "PUT")[write]
        self.number += 1
        body = BODIES[kind](f"{self.number:04X}") if write and kind in BODIES else ""
        rows = dict(self.world.client.shelf.rows)
        asked = replace(self.world.client, lfdi=who, roles=frozenset(), now=self.now)
        status = self.run(asked.ask(method, path, body)).status
        if forbidden(self.current(who), kind, place, write=write):
            assert status in {403, 404}, (who, self.current(who), method, path, status)
            assert self.world.client.shelf.rows == rows
        else:
            nothing = status == 404 and not write and kind in {"status", "pin"}
            assert nothing or status not in {401, 403, 404}, (self.current(who), method, path, status)
            self.passed += 1

    @rule(
        who=st.sampled_from([DEVICE, OTHER, THIRD]),
        whose=st.sampled_from([DEVICE, OTHER]),
        write=st.booleans(),
    )
    def device(self, who: str, whose: str, write: bool) -> None:
        path = f"{self.world.edev[whose]}/der/1/ders"
        asked = replace(self.world.client, lfdi=who, roles=frozenset(), now=self.now)
        status = self.run(asked.ask("PUT" if write else "GET", path, STATUS if write else "")).status
        if who != whose:
            assert status in {403, 404}
        elif write:
            assert status == 204
        derc = f"{self.world.derp['north']}/derc"
        assert self.run(asked.ask("POST", derc, control("FFFF"))).status in {403, 404}

    @invariant()
    def denials_are_told_each_time(self) -> None:
        assert all(one.allowed == bool(one.rule) or not one.allowed for one in getattr(self, "told", ()))

    def teardown(self) -> None:
        self.loop.close()


TestSequences = Sequences.TestCase
TestSequences.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
