"""Commands within their limits: at each edge, on the native document and on the canonical record.

And what is told of each decision, and how long one that was made holds.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bridge.core.access.roles import Role
from bridge.sep2 import assign, canon, groups
from bridge.sep2.work import Work
from bridge.trust.decision import Decision
from tests.sep2.client import DEVICE, THIRD, done
from tests.sep2.feeders import CAPS, PEOPLE, STATUS, World, control, give, ruled, world
from tests.sep2.memory import NOW

WATTS = "<opModTargetW><multiplier>{}</multiplier><value>{}</value></opModTargetW>"
VARS = "<opModTargetVar><multiplier>{}</multiplier><value>{}</value></opModTargetVar>"
LIMIT = "<opModMaxLimW>{}</opModMaxLimW>"
FIXED = "<opModFixedW>{}</opModFixedW>"
CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("watts = 5000", {"base": WATTS.format(2, 50)}, {"base": WATTS.format(0, 5001)}),
    ("watts = 5000", {"base": WATTS.format(0, -5000)}, {"base": WATTS.format(2, -51)}),
    ("vars = 300", {"base": VARS.format(2, 3)}, {"base": VARS.format(0, -301)}),
    ("percent = 50", {"base": LIMIT.format(5000)}, {"base": LIMIT.format(5001)}),
    ("percent = 50", {"base": FIXED.format(-5000)}, {"base": FIXED.format(-5001)}),
    ("least = 20", {"base": LIMIT.format(2000)}, {"base": LIMIT.format(1999)}),
    ('modes = ["opModMaxLimW"]', {}, {"base": "<opModConnect>false</opModConnect>"}),
    ("ramp = 10", {"base": "<opModMaxLimW>1</opModMaxLimW><rampTms>1000</rampTms>"},
     {"base": "<opModMaxLimW>1</opModMaxLimW><rampTms>999</rampTms>"}),
    ("ramp = 10", {"base": "<opModMaxLimW>1</opModMaxLimW><rampTms>1000</rampTms>"}, {}),
    ("duration = 3600", {"duration": 3600}, {"duration": 3601}),
    ("duration = 3600", {"duration": 3000, "tail": "<randomizeDuration>600</randomizeDuration>"},
     {"duration": 3001, "tail": "<randomizeDuration>600</randomizeDuration>"}),
    ("lead = 600", {"start": NOW + 600}, {"start": NOW + 599}),
    ("lead = 600", {"start": NOW + 660, "tail": "<randomizeStart>-60</randomizeStart>"},
     {"start": NOW + 659, "tail": "<randomizeStart>-60</randomizeStart>"}),
    ("devices = 2", {}, {"place": "none"}),
]  # fmt: skip


@pytest.mark.parametrize(("limit", "kept", "beyond"), CASES)
async def test_a_command_keeps_its_limits_in_its_own_figures(
    limit: str, kept: dict[str, Any], beyond: dict[str, Any]
) -> None:
    told: list[Decision] = []
    one = await world(ruled(CAPS.format(limit), record=lambda one, _: told.append(one)))
    place = one.derp["system"]
    assert await one.client.status("POST", f"{place}/derc", control("A1", **kept)) == 201
    if beyond == {"place": "none"}:
        await done(one.client.shelf, lambda work: _fourth(work, one))
        beyond = {}
    answer = await one.client.ask("POST", f"{place}/derc", control("A2", **beyond))
    assert (answer.status, answer.reason) == (403, f"operator-commands: beyond {limit.split(maxsplit=1)[0]}")
    assert told[-1].limits == (limit.split(maxsplit=1)[0],)
    assert [each.hop for each in told if each.function == "control"] == ["sep2", "translator", "sep2"]


async def _fourth(work: Work, one: World) -> None:
    """A third device in the system."""
    row = one.client.shelf.rows[one.edev[DEVICE]]._replace(href="/edev/999", mark=THIRD, owner=THIRD)
    work.put(row)
    await groups.join(work, f"/-/group/{one.group['south']}", row)


@pytest.mark.parametrize(("limit", "kept", "beyond"), CASES[:-1])
async def test_a_mapping_at_fault_widens_nothing(
    limit: str, kept: dict[str, Any], beyond: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The document keeps its limits, the record that a faulty mapping makes of it does not."""
    one = await world(ruled(CAPS.format(limit)))
    place = f"{one.derp['north']}/derc"
    assert await one.client.status("POST", place, control("A1", **beyond)) == 403
    real, wide = canon.record, _parsed(control("A2", **beyond))

    def faulty(made: Any, profile: str, about: Any, **fields: object) -> bytes:
        del made
        return real(wide, profile, about, **fields)

    before = dict(one.client.shelf.rows)
    monkeypatch.setattr(canon, "record", faulty)
    answer = await one.client.ask("POST", place, control("A2", **kept))
    assert answer.status == 403
    assert one.client.shelf.rows == before
    monkeypatch.undo()
    assert await one.client.status("POST", place, control("A2", **kept)) == 201


def _parsed(text: str) -> Any:
    return canon.parsed(text.encode(), "2018")


async def test_a_day_has_so_many_commands_and_ends_at_midnight() -> None:
    one = await world(ruled(CAPS.format("daily = 2")))
    place = f"{one.derp['north']}/derc"
    late = NOW - NOW % 86_400 + 86_399
    statuses = [
        await replace(one.client, now=now).status("POST", place, control(f"C{at}", start=now + 60))
        for at, now in enumerate((late, late, late, late + 1))
    ]
    assert statuses == [201, 201, 403, 201]


async def test_hours_end_a_kept_reading() -> None:
    text = (
        'rule = [{ name = "night", effect = "deny", roles = ["VIEWER"], functions = ["control"], '
        'actions = ["read"], limits = { hours = ["00:00-12:00"] } }]'
    )
    one = await world(ruled(text))
    await give(one, PEOPLE[0], Role.VIEWER)
    viewer = replace(one.client, lfdi=PEOPLE[0], roles=frozenset(), now=NOW - NOW % 86_400 + 43_150)
    answer = await viewer.ask("GET", f"{one.derp['north']}/derc")
    assert answer.status == 200
    assert answer.until is not None
    assert answer.until <= viewer.now - viewer.now % 60 + 60
    assert await replace(viewer, now=viewer.now + 60).status("GET", f"{one.derp['north']}/derc") == 403


async def test_what_holds_is_told_once_and_what_commands_each_time() -> None:
    told: list[Decision] = []
    one = await world(ruled(record=lambda one, _: told.append(one)))
    device = replace(one.client, lfdi=DEVICE, roles=frozenset())
    told.clear()
    for _ in range(3):
        assert await device.status("PUT", f"{one.edev[DEVICE]}/der/1/ders", STATUS) == 204
        assert await device.status("GET", one.derp["north"]) == 200
    assert [(each.function, each.action, each.rule) for each in told] == [
        ("status", "change", "device-tells"),
        ("programme", "read", "device-reads"),
    ]
    told.clear()
    for at in range(2):
        assert await one.client.status("POST", f"{one.derp['north']}/derc", control(f"A{at}")) == 201
        await give(one, PEOPLE[0], Role.VIEWER)
        viewer = replace(one.client, lfdi=PEOPLE[0], roles=frozenset())
        assert await viewer.status("POST", f"{one.derp['north']}/derc", control("B1")) == 403
    assert [each.allowed for each in told] == [True, True, False] * 2
    assert told[0].policy == f"{one.client.policy.access.engine.version}-0"
    assert told[2].policy.endswith("-1")
    assert told[5].policy.endswith("-2")
    assert (told[2].role, told[2].source) == ("VIEWER", "assignment")
    assert told[0].digest != told[2].digest


async def test_a_change_of_roles_makes_kept_pages_stale() -> None:
    one = await world(ruled())
    await give(one, PEOPLE[0], Role.VIEWER, until=NOW + 30)
    viewer = replace(one.client, lfdi=PEOPLE[0], roles=frozenset())
    answer = await viewer.ask("GET", one.derp["north"])
    assert assign.href(PEOPLE[0]) in answer.topics
    assert answer.until == NOW + 30
    assert await replace(viewer, now=NOW + 29).status("GET", one.derp["north"]) == 200
    assert await replace(viewer, now=NOW + 30).status("GET", one.derp["north"]) == 404
