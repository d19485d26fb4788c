"""Roles, rules and what waits for approval: forms of who may do what.

Roles are those of IEC 62351-8; an area is nothing for everywhere, `group/12`, or `organisation/LFDI`. What a
rule says is shown as it is written in a file of rules. Nothing here decides anything.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from bridge.sdk.forms.kinds import Asked, Edition, Given, Moment, Shown

Area = Annotated[str, Field(pattern=r"^(|group/[1-9][0-9]{0,17}|organisation/[0-9A-F]{40})$")]


class RoleNew(Given):
    """A role to be assigned."""

    area: Area = ""
    """Where it holds: everywhere without, else group/12 or organisation/LFDI."""
    since: Moment | None = None
    """When it begins; now without."""
    until: Moment | None = None
    """When it ends; never without."""


class RoleQuery(Given):
    """Which of a role's areas."""

    area: Area | None = None
    """In this area only; in all without."""


class RoleHeld(Shown):
    """One role of somebody."""

    role: str
    area: str = ""
    source: str
    """`assignment`, `permit`, `certificate` or `none`."""
    since: Moment = 0
    until: Moment = 0
    """0 for never."""
    current: bool = True
    """Whether it is in force."""


class Roles(Edition):
    """The roles of somebody."""

    lfdi: str
    revision: int = 0
    """How often they were changed; 0 where none were ever assigned."""
    roles: tuple[RoleHeld, ...] = ()


class RuleShown(Shown):
    """A rule."""

    name: str
    effect: str
    roles: tuple[str, ...]
    functions: tuple[str, ...]
    actions: tuple[str, ...]
    scope: str
    limits: dict[str, Any] = Field(default_factory=dict)
    about: str = ""


class WhoQuery(Given):
    """Of what."""

    target: Annotated[str, Field(max_length=400)] = ""
    """Address of a resource, as /derp/1/derc; everything without."""


class May(Shown):
    """Somebody, or a role, that may."""

    lfdi: str = ""
    """Empty where a role is meant, whoever has it."""
    role: str
    area: str = ""
    rule: str
    scope: str
    limits: tuple[str, ...] = ()
    """Limits that the rule has."""


class WhyQuery(Given):
    """As whom."""

    rooted: bool = False
    """As if its certificate were below an operators' root."""


class Weighed(Shown):
    """A rule that was looked at."""

    rule: str
    role: str
    effect: str
    outcome: str
    """What it says of this request, and if nothing, why."""


class Why(Shown):
    """What the rules say of a request, and why."""

    lfdi: str
    function: str
    action: str
    target: str
    allowed: bool
    rule: str = ""
    """The one that decides; empty where none allows it."""
    reason: str = ""
    """In plain words."""
    roles: tuple[RoleHeld, ...] = ()
    rules: tuple[Weighed, ...] = ()


class Finding(Shown):
    """Something that is wrong with rules or assignments."""

    kind: str
    """`unknown`, `unreachable`, `shadowed`, `unused`, `separation`, `area` or `uncounted`."""
    about: str
    """The rule, role or LFDI."""
    detail: str


class Findings(Shown):
    """What is wrong with rules and assignments."""

    sound: bool
    findings: tuple[Finding, ...] = ()


class PendingQuery(Asked):
    """How many at once."""


class Pending(Shown):
    """A request that waits for another subject's approval."""

    id: int
    lfdi: str
    """Who sent it."""
    method: str
    path: str
    door: str
    function: str
    action: str
    rule: str
    """The rule that asks for approval."""
    devices: int | None = None
    power: float | None = None
    """Aggregate power of the devices touched, in W; null where one of them has told none."""
    at: Moment
    until: Moment
    """When it is dropped."""
    body: str = ""
    """What was sent."""


class Settled(Shown):
    """What became of it."""

    id: int
    approved: bool
    status: int | None = None
    """What its sender would have been answered."""
    location: str = ""
    """Address of what was made."""
