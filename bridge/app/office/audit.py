"""The decision log: asked for by its fields, one record of it, and stretches of it as they are chained.

What was decided a moment ago and is not on the disk yet is written first, so that it is shown. Nothing here
proves anything: who exports the log does, with keys of their own.
"""

from __future__ import annotations

from bridge.app.office.call import Call, Reply, Wrong
from bridge.app.office.cursor import Cursor, Place, read, text
from bridge.sdk.forms.audit import AuditQuery, Decided, Stretch
from bridge.sdk.forms.kinds import LATEST, Page
from bridge.sdk.operation import OCTETS
from bridge.transports.store.decisions import Decisions, Wish
from bridge.trust import log, roll
from bridge.trust.decision import Decision
from bridge.trust.log import Entry, Record

MICROS = 1_000_000
FIELDS = ("subject", "function", "action", "rule", "hop", "allowed")


async def _log(call: Call) -> Decisions:
    decisions: Decisions = call.context.store.decisions
    await decisions.flush()
    return decisions


async def list_(call: Call, query: AuditQuery) -> Page[Decided]:
    """Decisions."""
    wish = Wish(
        **{name: getattr(query, name) for name in FIELDS},
        since=None if query.since is None else query.since * MICROS,
        until=None if query.until is None else query.until * MICROS,
        before=read(query.cursor).inner.start or None,
    )
    found = await (await _log(call)).find(wish, query.limit + 1)
    items = tuple(_form(each) for each in found[: query.limit])
    more = text(Cursor(inner=Place(items[-1].number))) if len(found) > query.limit else None
    return Page(items=items, next=more)


async def show(call: Call) -> Decided:
    """One decision."""
    number = call.number("record")
    found = await (await _log(call)).find(Wish(before=number + 1, after=number - 1), 1)
    if not found:
        raise Wrong(404, f"there is no record {number}")
    return _form(found[0])


async def export(call: Call, query: Stretch) -> Reply:
    """Records as they are chained."""
    decisions = await _log(call)
    head = roll.head(await decisions.papers("signer")) if query.after == 0 else ()
    seals = await decisions.seals()
    entries = await decisions.find(Wish(after=query.after), query.limit)
    lines = [*head, *roll.lines(entries, seals)]
    return Reply(data="".join(f"{line}\n" for line in lines).encode(), media=OCTETS)


def _form(entry: Entry) -> Decided:
    """A record as it is shown; of one that is broken, what stands beside it."""
    try:
        record = log.read(entry.body)
    except ValueError:
        record = Record(entry.number, "", _beside(entry), log.NOTHING)
    said = record.decision
    return Decided(
        number=entry.number,
        at=min(max(said.at // MICROS, 0), LATEST),
        micros=said.at,
        request=said.digest,
        facts=dict(record.facts),
        before=record.before,
        digest=entry.digest,
        sound=log.digest(entry.body) == entry.digest and log.beside(said) == entry.beside,
        **{name: value for name, value in said._asdict().items() if name not in {"at", "digest"}},
    )


def _beside(entry: Entry) -> Decision:
    at, subject, function, action, rule, hop, allowed = entry.beside or (0, "", "", "", "", "", False)
    return Decision(at, "", subject, "", None, "", "", function, action, "", "", rule, allowed, (), "", hop)
