"""Asking the rules: which function set and action a request is, where it aims, and what the rules say of it.

Asked three times of a command: before its body is read, with the figures of the native document, and of the
canonical record before it is committed, so that no fault in a mapping widens it (design 2, decision 12). Each
decision is told to whoever keeps the log; one that holds until something changes is told once.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from bridge.core.access import again, book, limits
from bridge.core.access.engine import NOTHING, Question, Verdict
from bridge.core.access.figures import Figures, canonical
from bridge.core.access.roles import named
from bridge.core.access.target import PUBLIC, Place, Target, own, within
from bridge.sep2 import figures, groups, ours, place, tree
from bridge.sep2.shelf import HIDDEN, Change, Row
from bridge.sep2.talk import Told
from bridge.sep2.tree import Spot
from bridge.sep2.work import Work
from bridge.trust.decision import Decision
from bridge.trust.log import Facts
from models.der import messages

ACTIONS: Mapping[str, str] = {
    "GET": "read",
    "HEAD": "read",
    "POST": "create",
    "PUT": "change",
    "PATCH": "change",
    "DELETE": "delete",
}
RECORDS: Mapping[str, type[messages.Control | messages.Default]] = {
    "DERControl": messages.Control,
    "DefaultDERControl": messages.Default,
}
COMMANDS = {"DERControl": "control", "DefaultDERControl": "default"}
TOLD = frozenset({"create", "change"})
"""Actions that tell a device something, so that what they demand is held against limits."""
CANCELLED = frozenset({2, 3})
AREA, GUARDED = "area", "guarded"
MOST = 65_536
"""Decisions that hold which are remembered to have been told."""


class Wish(NamedTuple):
    """What a request is, as rules see it."""

    function: str
    action: str
    hrefs: tuple[str, ...] = ()
    """Where it aims; at everything where there is nothing."""
    public: bool = False
    hop: str = "sep2"

    @property
    def command(self) -> bool:
        """Whether devices are told to do something."""
        return self.function in COMMANDS.values() and self.action in TOLD


class Held(Told):
    """Another subject has to approve."""

    def __init__(self, wish: Wish, verdict: Verdict, asked: Question) -> None:
        super().__init__(202, f"{verdict.rule}: another subject has to approve")
        self.wish, self.verdict, self.asked = wish, verdict, asked


@cache
def meant(template: str, method: str) -> tuple[str, str]:
    """Say which function set and action a method at an address is."""
    node = tree.node(template)
    types, sets = book.places()
    found = types.get(node.member or node.type) or sets[node.set]
    action = ACTIONS[method]
    return found.acts(action), action


def aimed(href: str) -> tuple[str, ...]:
    """Say where a request to an address aims: at nothing in particular where it is a list of all."""
    return (href,) if href.count("/") > 1 else ()


async def ask(work: Work, spot: Spot) -> None:
    """Hold a request against the rules; Told 403 or 404 where they say no."""
    caller, access, method = work.caller, work.policy.access, work.ask.method
    key = (caller.lfdi, caller.grants, spot.node.template, method)
    if key in access.told:
        return
    function, action = meant(spot.node.template, method)
    public = spot.node.read == "any" and function == "directory"
    wish = Wish(function, action, aimed(spot.href), public)
    await judge(work, wish, key=key)


async def demand(work: Work, spot: Spot, made: object, hop: str = "sep2") -> None:
    """Hold what a document demands against the rules, in its own figures."""
    function, action = meant(spot.node.template, work.ask.method)
    wish = Wish(function, action, aimed(spot.href), hop=hop)
    if wish.command:
        await judge(work, wish, figures.native(made))


async def judge(work: Work, wish: Wish, said: Figures | None = None, *, key: object = None) -> Verdict:
    """Ask, tell, and raise where the answer is no; a command is settled once its figures are known."""
    caller, access = work.caller, work.policy.access
    wants = access.engine.wants(caller.grants, wish.function, wish.action)
    asked = await question(work, wish, wants, said)
    verdict = access.engine.decide(caller.grants, asked)
    if not verdict.allowed:
        _tell(work, wish, verdict, again.weighed(caller.grants, asked))
        raise _no(wish, verdict, asked)
    if wish.command and said is None:
        return verdict
    _tell(work, wish, verdict, again.weighed(caller.grants, asked))
    if "hours" in wants:
        work.shelf.stale(limits.minute(work.now))
    if wish.action != "read":
        work.memo[AREA] = verdict.area
        if "daily" in wants and wish.hop != "translator":
            await _count(work, verdict.rule)
    if key is not None and _lasting(work, wish, wants):
        if len(access.told) >= MOST:
            access.told.clear()
        access.told.add(key)
    return verdict


def _lasting(work: Work, wish: Wish, wants: frozenset[str]) -> bool:
    """Whether a decision holds until roles or rules change: a read, or a device's own writing."""
    if work.caller.role == "operator":
        return wish.action == "read" and not wants
    return not wish.command and wants <= {"mine"}


def _no(wish: Wish, verdict: Verdict, asked: Question) -> Told:
    if verdict.pending:
        return Held(wish, verdict, asked)
    return Told(404 if verdict.outside and wish.hrefs else 403, refusal(wish, verdict))


def refusal(wish: Wish, verdict: Verdict) -> str:
    """Say why not."""
    if verdict.outside:
        return f"{wish.action} {wish.function}: outside what the role {verdict.role} is for"
    if verdict.pending:
        return f"{verdict.rule}: another subject has to approve"
    if verdict.limits:
        return f"{verdict.rule}: beyond {', '.join(verdict.limits)}"
    return f"{verdict.rule or 'no rule'}: {wish.action} {wish.function}"


async def question(work: Work, wish: Wish, wants: frozenset[str], said: Figures | None = None) -> Question:
    """Gather what the rules that could decide want to know."""
    caller = work.caller
    target = PUBLIC if wish.public else await _target(work, wish, wants)
    devices = place.touched(target) if "devices" in wants else ()
    counts = await counted(work) if "daily" in wants else {}
    return Question(
        caller.lfdi,
        wish.function,
        wish.action,
        target,
        work.now,
        said,
        len(devices) if "devices" in wants and target.places else None,
        await place.power(work.shelf, devices) if "power" in wants and target.places else None,
        counts,
        work.approved,
    )


async def _target(work: Work, wish: Wish, wants: frozenset[str]) -> Target:
    """Say where a request aims; what others than staff get through to is assigned to them, or filtered."""
    staff = work.caller.role == "operator"
    if not wants & {"mine", "place", "devices"}:
        return PUBLIC
    if staff:
        return await place.target(work.shelf, wish.hrefs, wants)
    if not wants & {"place", "devices"}:
        return own(work.caller.lfdi)
    found = await place.target(work.shelf, wish.hrefs, wants)
    if not found.places:
        line = [row.href for row in await groups.groups(work.shelf, work.caller.lfdi)]
        found = Target((Place(line=frozenset(f"group/{ours.number(href)}" for href in line)),))
    return Target(tuple(one._replace(mine=work.caller.lfdi) for one in found.places))


# --------------------------------------------------------------------------------------------- day by day


def tally(lfdi: str) -> str:
    """Give the address of the daily counts of a subject."""
    return f"{ours.TALLIES}/{lfdi}"


async def counted(work: Work) -> Mapping[str, int]:
    """Give the commands of the subject today, by rule."""
    said = ours.read(await work.shelf.get(tally(work.caller.lfdi)))
    return said.get("rules", {}) if said.get("day") == _day(work) else {}


def _day(work: Work) -> str:
    return limits.day(work.now, work.policy.access.engine.zone)


async def _count(work: Work, rule: str) -> None:
    """Count a command, in the commit that makes it."""
    href = tally(work.caller.lfdi)
    counts = await counted(work)
    body = ours.body({"day": _day(work), "rules": {**counts, rule: counts.get(rule, 0) + 1}})
    row = Row(href, ours.TALLIES, "Tally", body, owner=work.caller.lfdi)
    work.put(row, await work.shelf.get(href))


# ---------------------------------------------------------------------------------------- before the commit


async def guard(work: Work) -> None:
    """Hold what is about to be committed against the rules: canonical commands, and where rows come to be."""
    area = work.memo.get(AREA, "")
    seen = work.memo.setdefault(GUARDED, set())
    for change in tuple(work.changes):
        row = change.row
        if row is not None and row.type in RECORDS and row.record and row.href not in seen:
            await _commanded(work, change, row)
            seen.add(row.href)
        if area and not change.href.startswith(f"{HIDDEN}tally/") and change.href not in seen:
            await _inside(work, area, change)


async def _commanded(work: Work, change: Change, row: Row) -> None:
    """Hold a canonical command against the rules."""
    message: Any = RECORDS[row.type].model_validate_json(row.record)
    if row.type == "DefaultDERControl":
        action = "change"
    elif message.status is not None and message.status.currentStatus in CANCELLED:
        action = "cancel"
    else:
        action = "change" if change.expect else "create"
    wish = Wish(COMMANDS[row.type], action, (row.href,), hop="translator")
    area = work.memo.get(AREA, "")
    try:
        await judge(work, wish, canonical(message))
    except Held as held:
        raise Told(403, f"{held.verdict.rule}: its record demands more than the request") from held
    work.memo[AREA] = area


async def _inside(work: Work, area: str, change: Change) -> None:
    """Refuse what would reach out of the area that the deciding role is given for."""
    was, row = await work.shelf.get(change.href), change.row
    stays = was is not None and row is not None and was.grp == row.grp
    some = [one for one in (was, None if stays else row) if one is not None]
    hrefs = [one.href for one in some if one is was]
    wants = frozenset({"devices"})
    old = await place.target(work.shelf, hrefs, wants)
    new = await place.rows(work.shelf, [one for one in some if one is not was], wants)
    for target, there in ((old, hrefs), (new, len(some) > len(hrefs))):
        if there and not within(area, work.caller.lfdi, target):
            raise Told(403, f"{change.href} is outside {area}")


# -------------------------------------------------------------------------------------------------- telling


def _tell(work: Work, wish: Wish, verdict: Verdict, facts: Facts) -> None:
    """Tell of a decision; of a request that a proxy forwarded, which one."""
    by = {"proxy": work.ask.by} if work.ask.by else {}
    work.policy.access.record(decision(work, wish, verdict), {**facts, **by})


def decision(work: Work, wish: Wish, verdict: Verdict) -> Decision:
    """Give the record of a decision."""
    ask, caller = work.ask, work.caller
    serials = ask.peer.serials
    first = caller.grants[0] if caller.grants else None
    return Decision(
        ask.now * 1_000_000, ask.correlation, caller.lfdi, f"{serials[0].number:X}" if serials else "", None,
        role=verdict.role or (named(first.role) if first else ""),
        source=verdict.source if verdict.role or first is None else first.source,
        function=wish.function, action=wish.action, target=ask.path, digest=ask.digest,
        rule=verdict.rule, allowed=verdict.allowed, limits=verdict.limits,
        policy=f"{work.policy.access.engine.version}-{caller.revision}",
        hop="proxy" if ask.by and wish.hop == "sep2" else wish.hop,
    )  # fmt: skip


def withdrawn(work: Work, hop: str = "sep2") -> None:
    """Tell that somebody is let in no more."""
    _tell(work, Wish("", ACTIONS.get(work.ask.method, ""), hop=hop), NOTHING, again.weighed((), None))


def barred(work: Work, spot: Spot) -> None:
    """Tell that a place is not the caller's to write, whatever its roles."""
    _tell(work, Wish(*meant(spot.node.template, work.ask.method), aimed(spot.href)), NOTHING, {})
