"""Roles and rules: assigned, taken away, and explained: who may, why, and what is wrong with them.

An explanation asks the same engine and the same rows as a request does, and tells nobody. Whoever assigns
roles cannot give more area than its own, nor take the last SECADM away from itself.
"""

from __future__ import annotations

from dataclasses import replace

from bridge.app.office import asking, found
from bridge.app.office.call import Call, Reply, Wrong
from bridge.core.access import review
from bridge.core.access.roles import NAMES, STAFF, Grant, Role, named
from bridge.core.access.rules import Rule
from bridge.core.access.target import within
from bridge.sdk.forms import access as forms
from bridge.sdk.forms.kinds import Page
from bridge.sdk.operation import ROOT
from bridge.sdk.table import NAMED
from bridge.sep2 import access, assign, ours, place, rules, tree
from bridge.sep2.access import AREA, Wish
from bridge.sep2.shelf import Cut
from bridge.sep2.talk import Ask, Peer, Told
from bridge.sep2.work import Access, Caller, Trace, Work
from bridge.trust import identity

METHODS = {action: method for method, action in access.ACTIONS.items() if method not in {"HEAD", "PATCH"}}


def _role(name: str) -> Role:
    """A role by its name or number."""
    known = {**{str(int(role)): role for role in STAFF}, **{role.name: role for role in STAFF}}
    if name.upper() not in known:
        raise Wrong(404, f"there is no role {name}; there are {', '.join(role.name for role in STAFF)}")
    return known[name.upper()]


def _held(grant: Grant, now: int) -> forms.RoleHeld:
    return forms.RoleHeld(
        role=named(grant.role),
        area=grant.area,
        source=grant.source,
        since=grant.since,
        until=grant.until,
        current=grant.holds(now),
    )


async def one(work: Work, lfdi: str) -> forms.Roles:
    """The roles of somebody, as they are shown."""
    row = await work.shelf.get(assign.href(lfdi))
    said = assign.read(row) if row else assign.Assigned()
    grants = said.grants if row else (await _caller(work, lfdi)).grants
    return forms.Roles(
        version=found.edition(row) if row else "",
        lfdi=lfdi,
        revision=said.revision,
        roles=tuple(_held(grant, work.now) for grant in grants),
    )


async def roles(call: Call) -> forms.Roles:
    """The roles of somebody."""
    return await one(call.work, call.path["lfdi"].upper())


async def assign_(call: Call, said: forms.RoleNew) -> Reply:
    """Assign a role."""
    work, lfdi, role = call.work, call.path["lfdi"].upper(), _role(call.path["role"])
    if said.area and not await _there(work.shelf, said.area):
        raise Wrong(409, f"there is no {said.area}")
    if (await found.said(work.shelf, lfdi))[1].role == "aggregator":
        raise Wrong(409, "an aggregator's certificate has no role of staff")
    since = work.now if said.since is None else said.since
    if said.until is not None and said.until <= since:
        raise Wrong(422, "it ends before it begins")
    await _reaches(work, said.area)
    row = await assign.give(work, lfdi, Grant(role, said.area, since=since, until=said.until or 0))
    await _left(work, lfdi, assign.read(row).grants)
    return found.shown(one, lfdi)


async def revoke_role(call: Call, query: forms.RoleQuery) -> None:
    """Take a role away."""
    work, lfdi, role = call.work, call.path["lfdi"].upper(), _role(call.path["role"])
    await _reaches(work, query.area or "")
    row = await assign.take(work, lfdi, role, query.area, await _begun(work, lfdi))
    await _left(work, lfdi, assign.read(row).grants)


async def _begun(work: Work, lfdi: str) -> tuple[Grant, ...]:
    """What an operator is of whom nothing was said yet, as far as we can know that it is one."""
    known = (await found.said(work.shelf, lfdi))[1].role == "operator"
    own = lfdi == work.caller.lfdi
    return (
        tuple(one for one in (await _caller(work, lfdi)).grants if one.role in STAFF) if own or known else ()
    )


async def _left(work: Work, lfdi: str, grants: tuple[Grant, ...]) -> None:
    """Refuse that a caller locks itself, and with it everybody, out."""
    keeps = any(one.role == Role.SECADM and one.holds(work.now) for one in grants)
    own = lfdi == work.caller.lfdi
    if own and not keeps and not await assign.held(work.shelf, Role.SECADM, work.now, besides=lfdi):
        raise Wrong(409, "nobody would be SECADM: assign that to somebody else first")


async def _there(shelf: Trace, area: str) -> bool:
    """Whether an area names a group that exists; an organisation may come later."""
    return not area.startswith("group/") or await shelf.get(f"/-/{area}") is not None


async def _reaches(work: Work, area: str) -> None:
    """Refuse to give or take a role beyond the area of the role that it is done by."""
    own = work.memo.get(AREA, "")
    if not own or own == area:
        return
    hrefs = (f"/-/{area}",) if area.startswith("group/") else ()
    if not within(own, work.caller.lfdi, await place.target(work.shelf, hrefs, frozenset({"devices"}))):
        raise Wrong(403, f"{area or 'everywhere'} is outside {own}")


# -------------------------------------------------------------------------------------------- explanation


async def rules_(call: Call) -> Page[forms.RuleShown]:
    """The rules in force."""
    items = tuple(_shown(rule) for rule in call.work.policy.access.engine.rules)
    return Page[forms.RuleShown](items=items, total=len(items))


def _shown(rule: Rule) -> forms.RuleShown:
    said = rule.model_dump(mode="json", exclude={"limits"})
    limits = rule.limits.model_dump(mode="json", exclude_unset=True)
    return forms.RuleShown(**said, limits=limits)


async def check(call: Call) -> forms.Findings:
    """What is wrong with rules and assignments."""
    work, access_ = call.work, call.work.policy.access
    told = [*review.findings(access_.engine)]
    for row in (await work.shelf.children(ours.ROLES, Cut(limit=assign.EVERY))).rows:
        grants = assign.read(row).grants
        current = {grant.role for grant in grants if grant.holds(work.now)}
        if access_.separation and current >= {Role.OPERATOR, Role.SECADM}:
            told.append(
                review.Found("separation", row.mark, "OPERATOR and SECADM; it counts as SECADM alone")
            )
        told += [
            review.Found("area", row.mark, f"{named(grant.role)}: there is no {grant.area}")
            for grant in grants
            if not await _there(work.shelf, grant.area)
        ]
    findings = tuple(forms.Finding(**each._asdict()) for each in told)
    return forms.Findings(sound=not findings, findings=findings)


async def who(call: Call, query: forms.WhoQuery) -> Page[forms.May]:
    """Who may do something."""
    work, engine = call.work, call.work.policy.access.engine
    action, function = call.path["action"], call.path["function"]
    if action not in engine.vocabulary.get(function, ()):
        raise Wrong(404, f"{function} has no {action}; function sets: {', '.join(engine.vocabulary)}")
    hrefs = access.aimed(f"/{query.target.strip('/')}") if query.target else ()
    wish = Wish(function, action, hrefs)
    items = [item for lfdi in await _known(work) for item in await _may(work, lfdi, wish)]
    items += [
        _item(rule, Grant(role))
        for role in NAMES
        for rule in engine.found(role, function, action)
        if not rule.denies
    ]
    return Page[forms.May](items=tuple(items), total=len(items))


async def _known(work: Work) -> tuple[str, ...]:
    """Everybody of whom something is said, and the caller."""
    said = [
        row.mark
        for parent in (ours.ROLES, ours.PERMITS)
        for row in (await work.shelf.children(parent, Cut(limit=assign.EVERY))).rows
    ]
    return tuple(dict.fromkeys((*said, work.caller.lfdi)))


async def _may(work: Work, lfdi: str, wish: Wish) -> tuple[forms.May, ...]:
    """The rule by which somebody may, if there is one."""
    other = _as(work, await _caller(work, lfdi), work.ask)
    engine, grants = work.policy.access.engine, other.caller.grants
    wants = engine.wants(grants, wish.function, wish.action)
    verdict = engine.decide(grants, await access.question(other, wish, wants))
    if not verdict.allowed or not other.caller.granted:
        return ()
    rule = next(rule for rule in engine.rules if rule.name == verdict.rule)
    return (_item(rule, Grant(Role[verdict.role], verdict.area), lfdi),)


def _item(rule: Rule, grant: Grant, lfdi: str = "") -> forms.May:
    limits = tuple(sorted(rule.limits.model_fields_set))
    return forms.May(
        lfdi=lfdi, role=named(grant.role), area=grant.area, rule=rule.name, scope=rule.scope, limits=limits
    )


async def why(call: Call, query: forms.WhyQuery) -> forms.Why:
    """Which rule decides on a request, and why others do not."""
    work, lfdi = call.work, call.path["lfdi"].upper()
    wish, method, path = await _wish(call)
    caller = await _caller(work, lfdi, rooted=query.rooted)
    peer = Peer(lfdi, identity.sfdi(lfdi), frozenset({"operator"} if query.rooted else ()))
    other = _as(work, caller, Ask(method, path, peer, work.now))
    engine, grants = work.policy.access.engine, caller.grants
    asked = await access.question(other, wish, engine.wants(grants, wish.function, wish.action))
    reason, rule = await _outcome(other, wish)
    return forms.Why(
        lfdi=lfdi,
        function=wish.function,
        action=wish.action,
        target=path,
        allowed=not reason,
        rule=rule,
        reason=reason or f"{rule} allows it",
        roles=tuple(_held(grant, work.now) for grant in grants),
        rules=tuple(forms.Weighed(**each._asdict()) for each in review.weighed(engine, grants, asked)),
    )


async def _wish(call: Call) -> tuple[Wish, str, str]:
    """What is asked about: an operation of this API by its name, or an address of the tree."""
    action, target = call.path["action"], call.path["href"]
    if target in NAMED:
        function, acts = asking.meant(NAMED[target])
        if acts != action:
            raise Wrong(404, f"{target} is {acts} {function}")
        return Wish(function, action, hop=asking.HOP), NAMED[target].method, ROOT + NAMED[target].path
    href = f"/{target.strip('/')}"
    spot = tree.match(href)
    if spot is None:
        raise Wrong(404, f"the standard has no {href}, and this API no {target}")
    method = METHODS.get(action, "PUT")
    function, _ = access.meant(spot.node.template, method)
    if action not in call.work.policy.access.engine.vocabulary[function]:
        raise Wrong(404, f"{function} has no {action}")
    public = spot.node.read == "any" and function == "directory"
    return Wish(function, action, access.aimed(href), public), method, href


async def _outcome(work: Work, wish: Wish) -> tuple[str, str]:
    """Why not, or nothing, and the rule that decides."""
    if not work.caller.granted:
        return "access is withdrawn", ""
    spot = tree.match(work.ask.path)
    try:
        if spot is not None and work.caller.role != "operator":
            await rules.check(work, spot)
        wants = work.policy.access.engine.wants(work.caller.grants, wish.function, wish.action)
        verdict = work.policy.access.engine.decide(
            work.caller.grants, await access.question(work, wish, wants)
        )
    except Told as no:
        return no.reason, ""
    return ("" if verdict.allowed else access.refusal(wish, verdict)), verdict.rule


async def _caller(work: Work, lfdi: str, *, rooted: bool = False) -> Caller:
    """Somebody as it would be known if it asked now."""
    if lfdi == work.caller.lfdi:
        return work.caller
    peer = Peer(lfdi, identity.sfdi(lfdi), frozenset({"operator"} if rooted else ()))
    return await rules.caller(Ask("GET", "/dcap", peer, work.now), work.shelf, work.policy)


def _as(work: Work, caller: Caller, ask: Ask) -> Work:
    """A request of somebody else, of which nobody is told."""
    quiet = Access(work.policy.access.engine, work.policy.access.separation)
    return Work(ask, caller, replace(work.policy, access=quiet), work.shelf)
