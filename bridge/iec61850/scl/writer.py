"""Export: the devices of a server as an ICD (a server without a name or address) or a CID (with both).

IEC 61850-6 clause 9: header, communication, server with its devices, templates. Data sets, report and log
blocks and the values of settings, configuration and description are written; states and measurements are the
running server's. The file has every type that is used and no other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lxml.etree import _Element

from bridge.iec61850.image import Domain
from bridge.iec61850.outline import Block, Kind, Node, Outline, Set, leaves, written
from bridge.iec61850.scl.templates import Templates
from bridge.iec61850.scl.words import (
    ADDRESS,
    ATTRIBUTES,
    EDITION,
    NETWORK,
    OPTIONS,
    TRIGGERS,
    flags,
    tag,
)
from bridge.iec61850.scl.writing import child, document, made
from bridge.iec61850.shape import Value

CONFIGURED = frozenset({"SP", "CF", "DC", "EX"})
POINT = "AP1"
SERVICES: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("GetDirectory", {}),
    ("GetDataObjectDefinition", {}),
    ("GetDataSetValue", {}),
    ("DataSetDirectory", {}),
    ("ReadWrite", {}),
    ("ConfReportControl", {"max": "64"}),
    ("GetCBValues", {}),
)
"""What the server can do, in the order of the schema."""


@dataclass(frozen=True, slots=True)
class Named:
    """The server of a file: its name, who made it, its address; an ICD has no address."""

    ied: str
    maker: str = "derbridge"
    version: str = ""
    jid: str = ""


def write(named: Named, devices: Iterable[tuple[Outline, Domain]]) -> bytes:
    """The file of a server with these devices."""
    root, templates = made(tag("SCL"), **EDITION), Templates()
    child(root, "Header", id=named.ied, version="1", toolID=named.maker, nameStructure="IEDName")
    if named.jid:
        _communication(root, named)
    ied = child(
        root,
        "IED",
        name=named.ied,
        type="DER",
        manufacturer=named.maker,
        configVersion=named.version,
        originalSclVersion=EDITION["version"],
        originalSclRevision=EDITION["revision"],
        originalSclRelease=EDITION["release"],
    )
    services = child(ied, "Services", nameLength="64")
    for name, attributes in SERVICES:
        child(services, name, **attributes)
    server = child(child(ied, "AccessPoint", name=POINT), "Server")
    child(server, "Authentication", certificate="true", none="false")
    for outline, domain in devices:
        _device(server, outline, domain, templates)
    root.append(templates.element())
    return document(root)


def _communication(root: _Element, named: Named) -> None:
    network = child(child(root, "Communication"), "SubNetwork", name="XMPP", type=NETWORK)
    address = child(child(network, "ConnectedAP", iedName=named.ied, apName=POINT), "Address")
    child(address, "P", text=named.jid, type=ADDRESS)


def _device(server: _Element, outline: Outline, domain: Domain, templates: Templates) -> None:
    device = child(server, "LDevice", inst=outline.inst)
    for node in outline.nodes:
        zero = node.name == "LLN0"
        element = child(
            device, "LN0" if zero else "LN", prefix=node.prefix, lnClass=node.cls, lnType=templates.node(node)
        )
        element.set("inst", node.inst)
        for each in (each for each in outline.sets if each.node == node.name):
            _set(element, each, outline)
        for fc in ("RP", "BR", "LG"):
            for block in (each for each in outline.blocks if (each.node, each.fc) == (node.name, fc)):
                _log(element, block) if fc == "LG" else _report(element, block)
        _values(element, node, domain)
        if zero and any(block.fc == "LG" for block in outline.blocks):
            child(element, "Log", name=node.name)


def _set(element: _Element, each: Set, outline: Outline) -> None:
    found = child(element, "DataSet", name=each.name)
    nodes = {node.name: node for node in outline.nodes}
    for member in each.members:
        name, fc, do, *rest = member.split("$")
        node = nodes[name]
        child(
            found,
            "FCDA",
            ldInst=outline.inst,
            prefix=node.prefix,
            lnClass=node.cls,
            lnInst=node.inst,
            doName=do,
            daName=".".join(rest),
            fc=fc,
        )


def _report(element: _Element, block: Block) -> None:
    values = dict(block.values)
    told = {name: str(values[attribute]) for name, attribute in ATTRIBUTES.items()}
    found = child(
        element,
        "ReportControl",
        name=block.name,
        datSet=block.set,
        rptID=str(values["RptID"]),
        buffered=str(block.fc == "BR").lower(),
        indexed=str(bool(block.instances)).lower(),
        **told,
    )
    child(found, "TrgOps", **flags(str(values["TrgOps"]), TRIGGERS))
    child(found, "OptFields", **flags(str(values["OptFlds"]), OPTIONS))
    child(found, "RptEnabled", max=str(max(block.instances, 1)))


def _log(element: _Element, block: Block) -> None:
    values = dict(block.values)
    found = child(
        element,
        "LogControl",
        name=block.name,
        datSet=block.set,
        logName=str(values["LogRef"]).rpartition("$")[2],
        logEna=str(values["LogEna"]).lower(),
        intgPd=str(values["IntgPd"]),
    )
    child(found, "TrgOps", **flags(str(values["TrgOps"]), TRIGGERS))


# ---------------------------------------------------------------------------------------------------- values


def _values(element: _Element, node: Node, domain: Domain) -> None:
    """The values of a node that are not what its types have by themselves."""
    places: dict[tuple[str, ...], _Element] = {}
    for steps, text in _told(node, domain):
        parent = element
        for depth, step in enumerate(steps[:-1], 1):
            key = steps[:depth]
            if key not in places:
                name, _, place = step.partition("(")
                places[key] = child(parent, "DOI" if depth == 1 else "SDI", name=name, ix=place.rstrip(")"))
            parent = places[key]
        child(child(parent, "DAI", name=steps[-1]), "Val", text=text)


def _told(node: Node, domain: Domain) -> Iterator[tuple[tuple[str, ...], str]]:
    usual = domain.index.leaves
    for item, _, kind, _ in leaves(node):
        _, fc, *steps = item.split("$")
        value = domain.leaves[item]
        if fc in CONFIGURED and value != usual[item] and (text := _text(kind, value)):
            yield tuple(steps), text


def _text(kind: Kind, value: Value) -> str:
    """The text of a value; none of a figure that nobody has told, or of a number that has no literal."""
    if isinstance(value, float) and math.isnan(value):
        return ""
    try:
        return written(kind, value)
    except ValueError:
        return ""
