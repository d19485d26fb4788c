"""Attributes of report control blocks: name, type, value at first, and when a client may write them.

Names, order and types as IEC 61850-7-2 gives them to URCB and BRCB and 8-1 to their components. `structure`
is what stands in the tree of a logical node below the functional constraints RP and BR; the values of leaves
there are the block's configuration. Never holds a value itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from bridge.iec61850.rcb.fields import OPTIONS, TRIGGERS
from bridge.iec61850.shape import Basic, Structure

OWNER = 64
"""Octets that Owner has room for."""

_TRUTH = Basic("boolean")
_NAME = Basic("visible-string", -129)
_WHOLE = Basic("unsigned", 32)


class Attribute(NamedTuple):
    """One attribute; `rule` is a row of `rights.RULES`."""

    name: str
    type: Basic
    rule: str


URCB = (
    Attribute("RptID", _NAME, "setting"),
    Attribute("RptEna", _TRUTH, "switch"),
    Attribute("Resv", _TRUTH, "reservation"),
    Attribute("DatSet", _NAME, "setting"),
    Attribute("ConfRev", _WHOLE, "shown"),
    Attribute("OptFlds", Basic("bit-string", len(OPTIONS)), "setting"),
    Attribute("BufTm", _WHOLE, "setting"),
    Attribute("SqNum", Basic("unsigned", 8), "shown"),
    Attribute("TrgOps", Basic("bit-string", len(TRIGGERS)), "setting"),
    Attribute("IntgPd", _WHOLE, "setting"),
    Attribute("GI", _TRUTH, "interrogation"),
    Attribute("Owner", Basic("octet-string", -OWNER), "shown"),
)
BRCB = (
    Attribute("RptID", _NAME, "setting"),
    Attribute("RptEna", _TRUTH, "switch"),
    Attribute("DatSet", _NAME, "setting"),
    Attribute("ConfRev", _WHOLE, "shown"),
    Attribute("OptFlds", Basic("bit-string", len(OPTIONS)), "setting"),
    Attribute("BufTm", _WHOLE, "setting"),
    Attribute("SqNum", Basic("unsigned", 16), "shown"),
    Attribute("TrgOps", Basic("bit-string", len(TRIGGERS)), "setting"),
    Attribute("IntgPd", _WHOLE, "setting"),
    Attribute("GI", _TRUTH, "interrogation"),
    Attribute("PurgeBuf", _TRUTH, "setting"),
    Attribute("EntryID", Basic("octet-string", 8), "setting"),
    Attribute("TimeOfEntry", Basic("binary-time"), "shown"),
    Attribute("ResvTms", Basic("integer", 16), "reservation"),
    Attribute("Owner", Basic("octet-string", -OWNER), "shown"),
)
KINDS: Mapping[str, tuple[Attribute, ...]] = MappingProxyType({"RP": URCB, "BR": BRCB})
"""By functional constraint."""
RULES: Mapping[tuple[str, str], str] = MappingProxyType(
    {(kind, attribute.name): attribute.rule for kind, attributes in KINDS.items() for attribute in attributes}
)
SETTINGS = ("RptID", "DatSet", "OptFlds", "BufTm", "TrgOps", "IntgPd")
"""What says which reports there are; of these, OptFlds alone may change without emptying a buffer."""
LARGEST = {"RP": 2**8, "BR": 2**16}
"""SqNum begins anew at this number."""


def structure(kind: str) -> Structure:
    """The type of a block: `RP` an unbuffered one, `BR` a buffered one."""
    return Structure(tuple((attribute.name, attribute.type) for attribute in KINDS[kind]))
