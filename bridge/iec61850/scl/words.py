"""Names of SCL: its name space, its edition, the flags of report and log blocks in the order of their bits.

IEC 61850-6:2009 with amendment 1 (schema 2007 B 4), clause 9. Bit 0 of both bit strings is reserved. Reads
and writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

SPACE = "http://www.iec.ch/61850/2003/SCL"
EDITION = MappingProxyType({"version": "2007", "revision": "B", "release": "4"})
NETWORK = "8-XMPP"
"""Type of a network of IEC 61850-8-2; a server's address on it is its JID."""
ADDRESS = "JID"
TEMPLATE = "TEMPLATE"
"""What the server of an ICD is called: whoever puts it into a plant gives it a name."""
OPTIONS = ("seqNum", "timeStamp", "reasonCode", "dataSet", "dataRef", "bufOvfl", "entryID", "configRef")
TRIGGERS = ("dchg", "qchg", "dupd", "period", "gi")
USUAL = frozenset({"bufOvfl", "gi"})
"""Flags that are set where nothing is said."""
ATTRIBUTES: Mapping[str, str] = MappingProxyType(
    {"bufTime": "BufTm", "intgPd": "IntgPd", "confRev": "ConfRev"}
)


def tag(name: str) -> str:
    """The name of an element."""
    return f"{{{SPACE}}}{name}"


def flags(bits: str, names: tuple[str, ...]) -> dict[str, str]:
    """The bits of a bit string as attributes; bit 0 says nothing."""
    return {name: str(bit == "1").lower() for name, bit in zip(names, bits[1:], strict=False)}


def bits(said: Mapping[str, str], names: tuple[str, ...], length: int) -> str:
    """The bit string that attributes say."""
    found = "0" + "".join("01"[_set(said.get(name), name)] for name in names)
    return found.ljust(length, "0")


def _set(text: str | None, name: str) -> bool:
    return name in USUAL if text is None else text in {"true", "1"}
