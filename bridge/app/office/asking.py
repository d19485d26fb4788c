"""An operation of the administration API as access sees it: function set, action, where it aims, its figures.

The table is `mappings/access.toml`; an operation on any resource belongs to the function set of that
resource. Figures are those of the form as it was sent, held against limits before a document is made of it.
Whether any of it is allowed is decided in `bridge.sep2.access`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic import BaseModel

from bridge.app.office.call import Call, Wrong
from bridge.core.access import again, book
from bridge.core.access.engine import NOTHING
from bridge.core.access.figures import Amount, Figures, gathered
from bridge.sdk.forms.grid import ControlNew, DefaultSet
from bridge.sdk.forms.modes import Share
from bridge.sdk.operation import Operation
from bridge.sep2 import access, ours, pending, tree
from bridge.sep2.access import Wish
from bridge.sep2.work import Trace, Work
from bridge.trust import identity

HOP = "admin"
RESOURCES = "resources"
GROUPS = frozenset({"group", "parent"})
WATTS = ("opModTargetW", "opModDeltaW", "opModMaxLimWAbsorb", "opModMaxLimWInject", "opModStorageTargetW",
         "opModExpLimW", "opModImpLimW", "opModGenLimW", "opModLoadLimW")  # fmt: skip
VARS = ("opModTargetVar", "opModDeltaVar", "opModMaxLimVarAbsorb", "opModMaxLimVarInject")
SHARES = ("opModFixedV", "opModFixedVar", "opModFixedW", "opModMaxLimPctVAAbsorb", "opModMaxLimPctVAInject",
          "opModMaxLimPctVarAbsorb", "opModMaxLimPctVarInject", "opModMaxLimPctWAbsorb",
          "opModMaxLimW")  # fmt: skip
UNITS: Mapping[str, str] = {
    **dict.fromkeys(WATTS, "W"),
    **dict.fromkeys(VARS, "var"),
    **dict.fromkeys(SHARES, "%"),
}
"""The unit of each figure of a form."""


@cache
def meant(row: Operation) -> tuple[str, str]:
    """Say which function set and action an operation is."""
    named, families = book.operations()
    found = named.get(row.name) or families[row.family]
    action = found.as_.get(row.name) or access.ACTIONS[row.method]
    return found.acts(action), action


def wished(row: Operation, path: Mapping[str, str]) -> Wish:
    """Say what an operation is, where it aims left aside."""
    if row.family != RESOURCES:
        return Wish(*meant(row), hop=HOP)
    href = "/" + path["href"].strip("/")
    spot = tree.match(href)
    if spot is None:
        raise Wrong(404, f"the standard has no {href}")
    function, action = access.meant(spot.node.template, row.method)
    return Wish(function, action, access.aimed(href), hop=HOP)


async def admitted(work: Work, row: Operation, path: Mapping[str, str]) -> None:
    """Refuse who has no role of staff that could, before anything is read of the request."""
    wish = wished(row, path)
    if work.caller.role != "operator":
        work.policy.access.record(access.decision(work, wish, NOTHING), again.weighed((), None))
        raise Wrong(403, "operators only")
    found = work.policy.access.engine.found
    if not any(found(grant.role, wish.function, wish.action) for grant in work.caller.grants):
        await access.judge(work, wish)


def own(work: Work, row: Operation, query: BaseModel | None) -> BaseModel | None:
    """Have a list of an organisation's things be of the caller's, where it may see those of one alone."""
    said = query.model_fields_set if query is not None else frozenset()
    if query is None or "organisation" not in type(query).model_fields or said & {"organisation", "endpoint"}:
        return query
    engine, asked = work.policy.access.engine, meant(row)
    may = (one for one in work.caller.grants if one.holds(work.now) and engine.found(one.role, *asked))
    areas = {one.area for one in may}
    kind, _, lfdi = areas.pop().partition("/") if len(areas) == 1 else ("", "", "")
    return query.model_copy(update={"organisation": lfdi}) if kind == "organisation" else query


async def ask(call: Call, form: BaseModel | None) -> None:
    """Hold a request against the rules; a command with the figures of its form."""
    wish, work = wished(call.operation, call.path), call.work
    if call.operation.family == RESOURCES:
        await access.judge(work, wish)
        return
    key = (work.caller.lfdi, work.caller.grants, call.operation.name)
    if key in work.policy.access.told:
        return
    wish = wish._replace(hrefs=await hrefs(call, form))
    await access.judge(work, wish, demanded(form, work.now) if wish.command else None, key=key)


async def hrefs(call: Call, form: BaseModel | None) -> tuple[str, ...]:
    """Say where a request aims, by what its path, query and body name; at everything if nothing."""
    shelf = call.work.shelf
    if "pending" in call.path:
        row = await pending.one(shelf, call.number("pending"), call.work.now)
        return tuple(ours.read(row)["hrefs"])
    if "entry" in call.path:
        entry = await shelf.get(f"{ours.OUTAGES}/{call.path['entry']}")
        return () if entry is None else (entry.grp or await _href(shelf, "device", entry.owner),)
    found = []
    for name, value in _said(call, form):
        for one in value if isinstance(value, tuple) else (value,):
            if one is None:
                return ()
            found.append(await _href(shelf, name, one))
    return tuple(found)


def _said(call: Call, form: BaseModel | None) -> Iterator[tuple[str, Any]]:
    """What names something: a parent that is none is said, too."""
    yield from ((name, value) for name, value in call.path.items() if name in NAMES)
    for each in (call.query, form):
        for name in each.model_fields_set if each is not None else ():
            value = getattr(each, name)
            if name in NAMES and (value is not None or name == "parent"):
                yield name, value


OURS = {
    "organisation": ours.ORGANISATIONS, "endpoint": ours.ENDPOINTS, "account": ours.ACCOUNTS,
    "letter": ours.LETTERS,
}  # fmt: skip
"""Where rows of ours stand that a path or a form names."""
NAMES = GROUPS | {"device", "lfdi", "programme", "mirror", "groups", "aggregator"} | OURS.keys()
"""What names something that is somewhere."""


async def _href(shelf: Trace, name: str, value: Any) -> str:  # noqa: ANN401 - a number or an LFDI
    if name in GROUPS or name == "groups":
        return f"{ours.GROUPS}/{value}"
    if name in OURS:
        return f"{OURS[name]}/{str(value).upper()}"
    if name == "programme":
        return f"/derp/{value}"
    if name == "mirror":
        return f"/mup/{value}"
    if len(str(value)) == identity.LFDI_DIGITS:
        row = next(iter(await shelf.marked("EndDevice", str(value).upper())), None)
        return row.href if row else f"/edev/{value}"
    return f"/edev/{value}"


# ------------------------------------------------------------------------------------------------ figures


def demanded(form: BaseModel | None, now: int) -> Figures:
    """Give the figures of a control or a default as it was sent."""
    if not isinstance(form, ControlNew | DefaultSet):
        return Figures()
    said = {name: getattr(form.modes, name) for name in type(form.modes).model_fields}
    modes = {name: value for name, value in said.items() if value is not None}
    ramp = modes.pop("rampTms", None)
    amounts = [Amount(name, UNITS[name], _value(value)) for name, value in modes.items() if name in UNITS]
    if isinstance(form, DefaultSet):
        return gathered(amounts, modes, ramp=ramp)
    start = form.start if form.start is not None else now + (form.offset or 0)
    return gathered(
        amounts,
        modes,
        ramp=ramp,
        start=Decimal(start + min(form.randomize_start or 0, 0)),
        duration=Decimal(form.duration + max(form.randomize_duration or 0, 0)),
    )


def _value(value: Decimal | Share) -> Decimal:
    return value.percent if isinstance(value, Share) else value


# ------------------------------------------------------------------------------------------------- veils


def veiled(work: Work, form: BaseModel) -> BaseModel:
    """Leave PINs out of an answer for who may not read registrations."""
    if "pin" in type(form).model_fields:
        engine = work.policy.access.engine
        found = (engine.found(grant.role, "registration", "read") for grant in work.caller.grants)
        return form if any(map(any, found)) else form.model_copy(update={"pin": None})
    if "items" in type(form).model_fields:
        items = tuple(veiled(work, one) for one in form.items)  # type: ignore[attr-defined]
        return form.model_copy(update={"items": items})
    return form
