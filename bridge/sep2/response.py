"""Responses: what became of an event at a device, taken only where it can be true, kept by its subject.

IEEE 2030.5-2018 10.3 and its table of response types; CSIP CORE-022, CORE-023; CSIP-AUS S-ALL-41, 42 and 57.
The subject is known and meant for the device, the device is the caller or held by it, the status is of its
kind and was asked for, and nothing comes after an end. One response set is there without being made.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from bridge.sep2 import audience, canon, groups, mrid, names, ours, plain, rules
from bridge.sep2.shelf import Cut, Page, Row
from bridge.sep2.talk import Answer, Told
from bridge.sep2.tree import Spot
from bridge.sep2.work import Body, Work

FIRST = "/rsps/1"
STRICT = "response-lfdi"
"""Name of the switch that takes responses for registered EndDevices only."""

SUBJECTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "DERControlResponse": ("DERControl",),
        "DefaultDERControlResponse": ("DefaultDERControl",),
        "DrResponse": ("EndDeviceControl",),
        "PriceResponse": ("TimeTariffInterval",),
        "TextResponse": ("TextMessage",),
        "FlowReservationResponseResponse": ("FlowReservationResponse",),
    }
)
"""What each type of response is about; a plain Response may be about any of these."""
EVENTS = tuple(name for names in SUBJECTS.values() for name in names)
HOMES: Mapping[str, str] = MappingProxyType(
    {
        "DERControl": "DERProgram",
        "DefaultDERControl": "DERProgram",
        "EndDeviceControl": "DemandResponseProgram",
        "TimeTariffInterval": "TariffProfile",
        "TextMessage": "MessagingProgram",
    }
)
"""What an event belongs to, at the second part of its address; others belong to a device."""
RECORDED = frozenset({"DERControlResponse", "DefaultDERControlResponse"})

MESSAGE, SPECIFIC, USER = 1, 2, 4
"""Bits of responseRequired."""
WANTED: Mapping[int, int] = MappingProxyType(
    {1: MESSAGE, 2: SPECIFIC, 3: SPECIFIC, 4: SPECIFIC | USER, 5: SPECIFIC | USER, 6: SPECIFIC, 7: SPECIFIC}
    | dict.fromkeys((8, 9, 10), SPECIFIC | USER)
    | {11: USER, 12: SPECIFIC | USER, 13: SPECIFIC, 14: SPECIFIC}
    | dict.fromkeys((15, 251, 252, 253, 254), MESSAGE | SPECIFIC)
)
"""The statuses there are, each with the bits of responseRequired that ask for it."""
TEXT = frozenset({1, 6, 11, 12, 252, 253, 254})
KINDS: Mapping[str, frozenset[int]] = MappingProxyType({"TextMessage": TEXT})
"""The statuses of a subject, where they are not all that control something has."""
RESUMED = 15
LATER: Mapping[str, frozenset[int]] = MappingProxyType({"2023": frozenset({RESUMED, 251})})
"""Statuses that an edition added; the others reserve them."""
CONTROL = frozenset(WANTED) - {11, 12} - LATER["2023"]
ENDS = frozenset({3, 6, 7, 8, 9, 10, 13, 14, 251, 252, 253, 254})
"""Statuses after which a device has no more to say of an event, unless it resumes one that was superseded."""
AWAY = frozenset({7, 13, 14})
"""Those of them that say that another event took its place."""


async def posted(work: Work, spot: Spot, body: Body) -> Answer:
    """Take a response, or say where the very same one is already."""
    said: Any = body.obj
    mark = mrid.mark(said.subject, work.policy)
    device = await _device(work, said.endDeviceLFDI.upper())
    subject = await _subject(work, body.type, mark, device)
    earlier = await _earlier(work, mark, device)
    twin = next((row for row in earlier if _same(canon.obj(row), said) and row.type == body.type), None)
    if twin:
        return Answer(204, location=twin.href)
    _allowed(subject, said, names.edition(body.profile))
    _ordered(earlier, said, work.now)
    href = f"{spot.href}/{await work.shelf.fresh()}"
    record = b""
    if body.type in RECORDED:
        record = canon.record(said, body.profile, canon.envelope(work, href, (device,)))
    row = await plain.made(work, spot.href, body, href)
    work.put(row._replace(owner=device, grp=mark, mark="", at=_when(said, work.now), record=record))
    return Answer(201, location=href)


async def _device(work: Work, lfdi: str) -> str:
    """Give the device that a response is of; Told 400 where the caller does not speak for it."""
    if work.caller.role == "operator" or await rules.holds(work, lfdi):
        known = await work.shelf.marked("EndDevice", lfdi)
        if known or STRICT not in work.policy.strict:
            return lfdi
    raise Told(400, f"endDeviceLFDI {lfdi} is no device of this client")


async def _subject(work: Work, type_: str, mark: str, device: str) -> Row:
    """Give the event that a response is about; Told 400 where the device knows none."""
    for each in SUBJECTS.get(type_, EVENTS):
        for row in await work.shelf.marked(each, mark):
            if await _meant(work, row, device):
                return row
    raise Told(400, f"subject {mark} is no event for {device}")


async def _meant(work: Work, row: Row, device: str) -> bool:
    """Whether an event is meant for a device: by its programme's group, or because it is the device's own."""
    if row.type not in HOMES:
        return row.owner == device
    if audience.addressed(row) and not await audience.within(work.shelf, row.grp, device):
        return False
    home = rules.root(row.href)
    return any(each.href == home for each in await groups.programmes(work.shelf, device, HOMES[row.type]))


async def _earlier(work: Work, mark: str, device: str) -> list[Row]:
    """Give what a device said of an event before."""
    types = (*SUBJECTS, "Response")
    return [row for type_ in types for row in await work.shelf.owned(type_, device, mark)]


def _same(one: Any, other: Any) -> bool:  # noqa: ANN401 - of any edition
    return (one.status, one.createdDateTime) == (other.status, other.createdDateTime)


def _allowed(subject: Row, said: Any, edition: str) -> None:  # noqa: ANN401 - of any edition
    """Tell 400 where a status is none of the subject's kind, or was not asked for."""
    if said.status is None:
        return
    if said.status not in KINDS.get(subject.type, CONTROL | LATER.get(edition, frozenset())):
        raise Told(400, f"status {said.status} is none of a {subject.type}")
    asked = int(getattr(canon.obj(subject), "responseRequired", None) or "0", 16)
    if not asked & WANTED[said.status]:
        raise Told(400, f"{subject.href} does not ask for status {said.status}")


def _ordered(earlier: list[Row], said: Any, now: int) -> None:  # noqa: ANN401 - of any edition
    """Tell 400 where a device has come to an end with an event, unless this is word from before that."""
    when = _when(said, now)
    told = sorted(earlier, key=lambda row: (row.at, ours.number(row.href)))
    before = [canon.obj(row).status for row in told if row.at <= when]
    later = [canon.obj(row).status for row in told if row.at > when]
    resumes = said.status == RESUMED and before[-1:] and before[-1] in AWAY
    if before and before[-1] in ENDS and not resumes:
        raise Told(400, f"status {said.status} after {before[-1]}")
    if said.status in ENDS - AWAY and ENDS.intersection(later):
        raise Told(400, f"status {said.status} beside {later}")


def _when(said: Any, now: int) -> int:  # noqa: ANN401 - of any edition
    return now if said.createdDateTime is None else int(said.createdDateTime)


# -------------------------------------------------------------------------------------------------- reading


async def listed(work: Work, spot: Spot, cut: Cut) -> Page:
    """Give the responses of a set: an operator's are all, anyone else's those of its own devices."""
    if work.caller.role == "operator":
        return await work.shelf.children(spot.href, cut)
    if work.caller.role != "aggregator":
        return await work.shelf.children(spot.href, cut._replace(owner=work.caller.lfdi))
    held = [work.caller.lfdi, *[row.mark for row in await work.shelf.grouped("EndDevice", work.caller.lfdi)]]
    found = [
        row
        for type_ in (*SUBJECTS, "Response")
        for lfdi in held
        for row in await work.shelf.owned(type_, lfdi)
    ]
    rows = sorted({row.href: row for row in found if row.parent == spot.href}.values(), key=_place)
    return Page(tuple(rows[cut.start : cut.start + cut.limit]), len(rows))


def _place(row: Row) -> tuple[str, int, str]:
    return (row.rank, len(row.href), row.href)


async def seen(work: Work, spot: Spot, row: Row | None) -> Row | None:
    """Give a response to whoever it is of."""
    del spot
    if row is None or work.caller.role == "operator" or await rules.holds(work, row.owner):
        return row
    return None


async def responses(work: Work, spot: Spot, row: Row | None) -> Row | None:
    """Give a response set, the first one without a row; one that hangs from no group is every caller's."""
    if row is None:
        return first(work) if spot.href == FIRST else None
    return row if row.owner or row.grp else row._replace(grp=work.caller.lfdi)


def first(work: Work) -> Row:
    """Give the row of the first response set."""
    mark = mrid.made(FIRST, work.policy)
    body = f'<ResponseSet xmlns="urn:ieee:std:2030.5:ns"><mRID>{mark}</mRID></ResponseSet>'.encode()
    return Row(FIRST, "/rsps", "ResponseSet", body, "2018", grp=work.caller.lfdi, mark=mark)


async def sets(work: Work, spot: Spot, cut: Cut) -> Page:
    """Give the response sets, the first one before those that operators made."""
    rows = (await work.shelf.children(spot.href, Cut(limit=groups.EVERY))).rows
    mine = [row for row in rows if await rules.visible(work, row) or not row.grp]
    found = mine if any(row.href == FIRST for row in mine) else [first(work), *mine]
    return Page(tuple(found[cut.start : cut.start + cut.limit]), len(found))
