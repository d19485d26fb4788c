"""The confirmed services of MMS that a server can have: how a stanza carries each, and its bit.

The stanza is of grade B (facts of public accounts of 8-2): what only reads comes in an iq of type get, what
changes something in one of type set; where no account says, the same rule decides. Bits are those of
servicesSupported (ISO 9506-2, ServiceSupportOptions). Never says what a service does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple


class Row(NamedTuple):
    """Carriage and bit of a service."""

    how: str
    bit: int


SERVICES: Mapping[str, Row] = MappingProxyType({
    "status": Row("get", 0),
    "getNameList": Row("get", 1),
    "identify": Row("get", 2),
    "read": Row("get", 4),
    "write": Row("set", 5),
    "getVariableAccessAttributes": Row("get", 6),
    "defineNamedVariableList": Row("set", 11),
    "getNamedVariableListAttributes": Row("get", 12),
    "deleteNamedVariableList": Row("set", 13),
    "readJournal": Row("get", 65),
    "fileOpen": Row("set", 72),
    "fileRead": Row("get", 73),
    "fileClose": Row("set", 74),
    "fileDelete": Row("set", 76),
    "fileDirectory": Row("get", 77),
})  # fmt: skip
ALWAYS = (79, 83, 84)
"""informationReport, conclude and cancel, which are no confirmed services of the table."""
BITS = 85


def supported(services: Iterable[str]) -> str:
    """The bit string that tells a caller which services there are."""
    held = {*ALWAYS, *(SERVICES[name].bit for name in services)}
    return "".join("1" if place in held else "0" for place in range(BITS))
