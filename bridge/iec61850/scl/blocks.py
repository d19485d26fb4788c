"""Report and log blocks of a node as a file has them: names, data set, flags, how many instances.

IEC 61850-6 9.3.8 (ReportControl) and 9.3.9 (LogControl). A block without a data set is one that a client may
give one. What is said of clients that have a block for themselves is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml.etree import _Element

from bridge.iec61850.outline import Block
from bridge.iec61850.scl.fault import at
from bridge.iec61850.scl.words import OPTIONS, TRIGGERS, bits, tag
from bridge.iec61850.shape import Value

MOST = 99
"""Instances of a block: they are numbered with two digits."""
OPTIONS_LENGTH, TRIGGERS_LENGTH = 10, 6
TRUE = ("true", "1")


def blocks(element: _Element, node: str, domain: str) -> Iterator[Block]:
    """The blocks of a node of a domain."""
    for each in element.iterfind(tag("ReportControl")):
        yield _report(each, node, domain)
    for each in element.iterfind(tag("LogControl")):
        yield _log(each, node, domain)


def _report(each: _Element, node: str, domain: str) -> Block:
    name, of = each.get("name", ""), each.get("datSet", "")
    values: dict[str, Value] = {
        "RptID": each.get("rptID", ""),
        "DatSet": f"{domain}/{node}${of}" if of else "",
        "ConfRev": _number(each, "confRev"),
        "OptFlds": bits(_flags(each, "OptFields"), OPTIONS, OPTIONS_LENGTH),
        "BufTm": _number(each, "bufTime"),
        "TrgOps": bits(_flags(each, "TrgOps"), TRIGGERS, TRIGGERS_LENGTH),
        "IntgPd": _number(each, "intgPd"),
    }
    buffered, indexed = each.get("buffered") in TRUE, each.get("indexed", "true") in TRUE
    enabled = each.find(tag("RptEnabled"))
    most = 1 if enabled is None else _number(enabled, "max", 1)
    if not 0 < most <= MOST:
        raise at(each, f"{name}: {most} instances, 1 to {MOST} are read")
    fc = "BR" if buffered else "RP"
    return Block(name, fc, of, tuple(values.items()), most if indexed else 0, node)


def _log(each: _Element, node: str, domain: str) -> Block:
    of = each.get("datSet", "")
    values: dict[str, Value] = {
        "LogEna": each.get("logEna", "true") in TRUE,
        "LogRef": f"{domain}/{node}${each.get('logName', '')}",
        "DatSet": f"{domain}/{node}${of}" if of else "",
        "TrgOps": bits(_flags(each, "TrgOps"), TRIGGERS, TRIGGERS_LENGTH),
        "IntgPd": _number(each, "intgPd"),
    }
    return Block(each.get("name", ""), "LG", of, tuple(values.items()), 0, node)


def _flags(each: _Element, name: str) -> dict[str, str]:
    found = each.find(tag(name))
    return {} if found is None else {str(key): str(value) for key, value in found.attrib.items()}


def _number(each: _Element, name: str, usual: int = 0) -> int:
    text = each.get(name, str(usual))
    if not text.isdecimal() or len(text) > len(str(2**32)):
        raise at(each, f"{name} {text!r} is no number")
    return int(text)
