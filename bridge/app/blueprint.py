"""Devices of a site or of documents as SCL, and SCL shown and checked.

A device is made of its capability, which says what it can do, and its settings, which are among its values.
Nothing of a device's state is written. The official schema is never ours to ship: whoever has it names it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lxml import etree
from pydantic import ValidationError

from bridge.app import bases as given_bases
from bridge.app import documents, screen, source
from bridge.app.fault import Fault
from bridge.app.saving import configured, shown
from bridge.app.source import Given
from bridge.iec61850 import device as devices
from bridge.iec61850.device import IED, Device, Misnamed
from bridge.iec61850.first import Plate
from bridge.iec61850.scl import check as checks
from bridge.iec61850.scl import reader, writer
from bridge.iec61850.scl.check import Problem
from bridge.iec61850.scl.fault import Faulty
from bridge.iec61850.scl.opening import opened
from bridge.iec61850.scl.words import TEMPLATE
from bridge.mapping import profile, xml
from bridge.sep2.enrol import LIST
from bridge.sep2.shelf import Cut, Row
from bridge.transports.store import opening
from bridge.transports.store.fault import Unavailable, Unusable
from bridge.transports.store.store import Store
from models import kit
from models.der import messages

CANONICAL = b"urn:derbridge:messages"
FACETS: Mapping[str, type[messages.Capability | messages.Setting]] = {
    "DERCapability": messages.Capability,
    "DERSettings": messages.Setting,
}
PAGE = 255
NEVER = 0.0
"""When a device of a file comes to be: no state is written, so that the moment is not either."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What an export is asked for."""

    device: str = ""
    jid: str = ""
    ied: str = ""
    icd: bool = False

    @property
    def server(self) -> str:
        """The name of the server."""
        return TEMPLATE if self.icd else self.ied or IED


# ----------------------------------------------------------------------------------------------------- export


def export(names: Sequence[str], site: Path | None, output: Path | None, wish: Wish) -> None:
    """Write the file, to standard output where none is named."""
    if wish.icd and (wish.jid or wish.ied):
        raise Fault("--icd", "has no name and no address; they are what a CID adds")
    if bool(names) == bool(site):
        raise Fault("scl export", "give a DERCapability, or --site DIR")
    found = _stored(site, wish.device) if site else {wish.device or source.NOBODY: _read(names)}
    named = writer.Named(wish.server, version=version("derbridge"), jid=wish.jid)
    made = [_made(lfdi, records, wish) for lfdi, records in found.items()]
    data = writer.write(named, ((each.outline, each.domain) for each in made))
    if output is None:
        screen.say(data.decode().rstrip("\n"))
        return
    try:
        output.write_bytes(data)
    except OSError as error:
        raise Fault(str(output), error.strerror or "cannot be written") from error
    kind, many = "ICD" if wish.icd else "CID", "" if len(made) == 1 else "s"
    screen.say(f"{output}: {kind} of {len(made)} device{many}, {len(data)} bytes")


def _made(lfdi: str, records: Sequence[kit.Model], wish: Wish) -> Device:
    """The logical device of what is known of a unit."""
    capability = next((each for each in records if isinstance(each, messages.Capability)), None)
    if capability is None:
        raise Fault(lfdi, "there is no DERCapability, which says what a device can do")
    plate = Plate(version=version("derbridge"), serial=lfdi)
    bases = given_bases.bases(records, ())
    try:
        made = devices.unit(lfdi, capability, bases, NEVER, plate=plate, ied=wish.server)
    except Misnamed as error:
        raise Fault("--ied" if wish.ied else lfdi, str(error)) from error
    for each in records:
        if isinstance(each, messages.Setting):
            made.domain.leaves.update(devices.show(made, each, NEVER).values)
    return made


def _read(names: Sequence[str]) -> list[kit.Model]:
    return [record for name in names for record in _records(source.data(name))]


def _records(given: Given) -> Iterator[kit.Model]:
    """The records of a document of 2030.5, or of a canonical one."""
    if CANONICAL not in given.data:
        for document in source.documents([given], "auto"):
            yield from documents.records(document)
        return
    try:
        yield xml.read(given.data, profile.load("der"))
    except xml.Refused as error:
        raise Fault(given.place, error.reason, line=error.line, path=error.path) from error


def _stored(site: Path, lfdi: str) -> dict[str, list[kit.Model]]:
    """What a site's store holds of its devices, by LFDI; those that have told nothing are left out."""
    url = configured(site).store.url
    try:
        found = asyncio.run(_looked(url, lfdi.upper()))
    except (OSError, Unavailable, Unusable, ValidationError) as error:
        raise Fault(shown(url), str(error)) from error
    if not found:
        raise Fault(lfdi or str(site), "no device there has told what it can do")
    return found


async def _looked(url: str, lfdi: str) -> dict[str, list[kit.Model]]:
    found: dict[str, list[kit.Model]] = {}
    async with opening.open(url) as store:
        for row in await _devices(store, lfdi):
            beneath = await store.beneath(row.href)
            told: list[kit.Model] = [
                FACETS[each.type].model_validate_json(each.record) for each in beneath if _tells(each)
            ]
            if any(isinstance(each, messages.Capability) for each in told):
                found[row.mark] = told
    return dict(sorted(found.items()))


def _tells(row: Row) -> bool:
    return row.type in FACETS and bool(row.record)


async def _devices(store: Store, lfdi: str) -> list[Row]:
    if lfdi:
        return list(await store.marked("EndDevice", lfdi))
    found: list[Row] = []
    while True:
        page = await store.children(LIST, Cut(start=len(found), limit=PAGE))
        found += page.rows
        if not page.rows or len(found) >= page.total:
            return found


# ------------------------------------------------------------------------------------------ import and check


def show(name: str, *, as_json: bool) -> None:
    """Show what a file holds."""
    given = source.data(name)
    try:
        servers = reader.load(given.data)
    except Faulty as error:
        raise Fault(given.place, error.reason, line=error.line or None) from error
    if as_json:
        screen.record({"servers": [_server(each) for each in servers]})
        return
    for server in servers:
        screen.say(f"{server.ied} {server.point} {server.jid or 'without an address on XMPP'}")
        rows = [_row(each) for each in server.devices]
        screen.table(("device", "nodes", "values", "data sets", "control blocks"), rows, server.ied)


def _server(server: reader.Server) -> dict[str, Any]:
    return {
        "ied": server.ied,
        "access_point": server.point,
        "jid": server.jid,
        "devices": [_device(each) for each in server.devices],
    }


def _device(found: reader.Device) -> dict[str, Any]:
    outline = found.outline
    return {
        "name": found.domain.name,
        "nodes": [node.name for node in outline.nodes],
        "values": len(found.domain.leaves),
        "sets": {name: [item for _, item in each.members] for name, each in found.domain.sets.items()},
        "blocks": [
            {
                "name": block.name,
                "fc": block.fc,
                "node": block.node,
                "set": block.set,
                "instances": block.instances,
            }
            for block in outline.blocks
        ],
    }


def _row(found: reader.Device) -> tuple[str, ...]:
    outline = found.outline
    counts = len(outline.nodes), len(found.domain.leaves), len(outline.sets), len(outline.blocks)
    return found.domain.name, *map(str, counts)


def check(name: str, schema: Path | None, *, as_json: bool) -> int:
    """Check a file; 1 where something is wrong with it."""
    given = source.data(name)
    problems = [*checks.check(given.data), *(_official(given, schema) if schema else ())]
    if as_json:
        screen.record({"problems": [each._asdict() for each in problems]})
        return int(bool(problems))
    for each in problems:
        screen.say(f"{given.place}{f':{each.line}' if each.line else ''}: {each.text}")
    against = f"our own checks{' and the schema' if schema else ''}"
    screen.say(
        f"{given.place}: {len(problems) or 'no'} problem{'' if len(problems) == 1 else 's'} by {against}"
    )
    return int(bool(problems))


def _official(given: Given, schema: Path) -> Iterator[Problem]:
    """What the official schema says of a file that could be read."""
    try:
        rules = etree.XMLSchema(etree.parse(os.fspath(schema)))
    except (OSError, etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
        raise Fault(str(schema), f"no schema that can be used: {error}") from error
    try:
        rules.validate(opened(given.data))
    except Faulty:
        return
    yield from (Problem(each.line, each.message) for each in rules.error_log)  # type: ignore[attr-defined]
