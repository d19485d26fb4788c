"""The register of meters: which devices stand behind each, and who may address it.

Rows are those of `bridge.app.market.registry`, which requests are led by. A device need not be registered yet
when it is named; a request that meets it before then says so.
"""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bridge.app.market import registry
from bridge.app.market.reading import short
from bridge.app.office import found
from bridge.app.office.call import Call, Reply, Wrong
from bridge.app.office.cursor import paged
from bridge.sdk.forms.kinds import Page
from bridge.sdk.forms.market import Esiid, Loaded, Meter, MeterQuery, MeterSet
from bridge.sep2 import ours
from bridge.sep2.shelf import Change, Cut, Row
from bridge.sep2.work import Work

LISTED, PLAIN = ("devices", "entities"), ("serial", "mac", "set")
"""Columns of a table: those with several values, apart by blanks, and those with one."""
MOST = 50_000
"""Meters of a table: they are one commit."""
ESIID: TypeAdapter[str] = TypeAdapter(Esiid)


def form(row: Row) -> Meter:
    """A meter as it is shown."""
    said = registry.read(row)
    return Meter(
        version=found.edition(row), esiid=said.esiid, devices=said.devices, serial=said.serial, mac=said.mac,
        set=said.group, entities=said.entities,
    )  # fmt: skip


async def one(work: Work, href: str) -> Meter:
    """A meter as it is shown once all is committed."""
    return form(await found.thing(work.shelf, href))


async def list_(call: Call, query: MeterQuery) -> Page[Meter]:
    """The meters."""

    async def show_(row: Row) -> Meter | None:
        made = form(row)
        return made if query.device is None or query.device in made.devices else None

    counted = query.device is None
    return await paged(call.work.shelf, ours.METERS, Cut(), query, show_, counted=counted)


async def show(call: Call) -> Meter:
    """One meter."""
    return await one(call.work, registry.href(call.path["esiid"]))


async def set_(call: Call, said: MeterSet) -> Reply:
    """Say what a meter is."""
    href = registry.href(call.path["esiid"])
    fields = said.model_dump(exclude={"set"})
    made = registry.Meter(call.path["esiid"], group=said.set, **fields)
    call.work.put(registry.row(made), await call.work.shelf.get(href))
    return found.shown(one, href)


async def load(call: Call) -> Loaded:
    """Register the meters of a table, in place of what was said of each before."""
    found = [(href, registry.row(each)) for each in _table(call.data) for href in [registry.href(each.esiid)]]
    call.work.changes += [Change(href, row) for href, row in found]
    return Loaded(meters=len(found))


def _table(data: bytes) -> list[registry.Meter]:
    """The meters of a table in CSV, each once."""
    try:
        lines = csv.DictReader(StringIO(data.decode("utf-8-sig"), newline=""), restval="")
        wrong = sorted(set(lines.fieldnames or ()) - {"esiid", *LISTED, *PLAIN})
        if wrong or "esiid" not in (lines.fieldnames or ()):
            raise Wrong(422, f"the first line names the columns: esiid, {', '.join((*LISTED, *PLAIN))}")
        made = {meter.esiid: meter for meter in (_line(each, lines.line_num) for each in lines)}
    except (UnicodeDecodeError, csv.Error) as error:
        raise Wrong(400, f"no table in CSV: {error}") from None
    if not 0 < len(made) <= MOST:
        raise Wrong(422, f"a table has 1 to {MOST} meters, not {len(made)}")
    return list(made.values())


def _line(said: dict[str, Any], number: int) -> registry.Meter:
    """The meter of a line."""
    if None in said:
        raise Wrong(422, f"line {number}: more values than columns")
    lists: dict[str, Any] = {name: tuple((said.get(name) or "").split()) for name in LISTED}
    try:
        form = MeterSet.model_validate({**lists, **{name: said.get(name) or "" for name in PLAIN}})
        esiid = ESIID.validate_python(said["esiid"])
    except ValidationError as error:
        raise Wrong(422, f"line {number}: {short(error)}") from None
    return registry.Meter(esiid, group=form.set, **form.model_dump(exclude={"set"}))


async def delete(call: Call) -> None:
    """Forget a meter."""
    call.work.drop(await found.thing(call.work.shelf, registry.href(call.path["esiid"])))
