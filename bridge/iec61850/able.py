"""What a unit can do, as its capability says: the modes that it follows, and whether it stores energy.

IEEE 2030.5 DERControlType and its kin, whose bits are rows of the mapping. Draws up no node.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bridge.mapping.nodes import read
from models.der import messages

STORING = (80, 81, 82, 83)
"""DERType of 2030.5 that stores energy: storage, vehicle, vehicle fleet, photovoltaic with storage."""
RATED = ("ChaWMax", "DschWMax", "ChaVAMax", "DschVAMax", "Wh", "Ah")
BITS: Mapping[str, str] = MappingProxyType({
    "modesSupported": "DERControlType",
    "modesSupported2": "DERControlType2",
    "doeModesSupported": "DOEControlType",
    "vppModesSupported": "VPPControlType",
})  # fmt: skip


def modes(capability: messages.Capability) -> tuple[str, ...]:
    """The modes whose bits a capability has."""
    codes, found = read().codes, []
    for name, listed in BITS.items():
        bits = int(getattr(capability, name) or "0", 16)
        found += [mode for bit, mode in enumerate(codes[listed]["bits"]) if mode and bits >> bit & 1]
    return tuple(found)


def stores(capability: messages.Capability) -> bool:
    """Whether a unit stores energy: its type says so, or a rating that only storage has."""
    return capability.type in STORING or any(getattr(capability.ratings, name) for name in RATED)
