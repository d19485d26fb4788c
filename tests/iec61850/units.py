"""Units for the tests of the virtual server: capabilities of every shape, and a device of one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

import models.der.messages as m
from bridge.iec61850 import device
from bridge.iec61850.estate import Estate
from bridge.iec61850.image import Image
from bridge.mapping.sep2 import Envelope
from tests.mapping.fitting import BASES

LFDI = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5"
MRID = "B01000000000000000000000000000E5"
AT = 1_700_000_000.5
ORIGIN = m.Origin(party="00", door=m.Door.sep2)
ENVELOPE = Envelope("x", ORIGIN, m.Target(), Decimal(1_700_000_000))
ALL: dict[str, Any] = {
    "type": 83,
    "modesSupported": "FFFFFFFC",
    "modesSupported2": "03FF",
    "doeModesSupported": "0F",
    "vppModesSupported": "01",
}
"""Every mode there is, of a unit with storage."""


def said(**fields: Any) -> dict[str, Any]:
    """The fields of a message with those that every message has."""
    return {"id": "x", "origin": ORIGIN, "target": m.Target(), "issued": Decimal(1_700_000_000), **fields}


def amount(value: float | str, unit: str, of: str | None = None) -> m.Amount:
    """A figure with its unit."""
    return m.Amount(value=Decimal(str(value)), unit=m.Unit(unit), of=of)


def capability(**fields: Any) -> m.Capability:
    """A unit that can limit its power, and whatever else it is said to."""
    given = {"type": 4, "modesSupported": "00100000", "ratings": m.Ratings(WMax=amount(5000, "W"))} | fields
    return m.Capability(**said(**given))


def everything() -> m.Capability:
    """A unit that can do everything."""
    return capability(**ALL)


def capabilities() -> SearchStrategy[m.Capability]:
    """Units of every type with any modes."""
    return st.builds(
        capability,
        type=st.sampled_from([0, 1, 2, 3, 4, 5, 6, 80, 81, 82, 83]),
        modesSupported=st.integers(0, 2**32 - 1).map("{:08X}".format),
        modesSupported2=st.none() | st.integers(0, 2**10 - 1).map("{:04X}".format),
        doeModesSupported=st.none() | st.integers(0, 15).map("{:02X}".format),
        vppModesSupported=st.none() | st.integers(0, 1).map("{:02X}".format),
        ratings=st.sampled_from([m.Ratings(), m.Ratings(WMax=amount(5000, "W"), Wh=amount(13500, "Wh"))]),
    )


def served(found: m.Capability) -> tuple[Estate, device.Device]:
    """A picture with one unit."""
    estate = Estate(Image())
    made = device.unit(LFDI, found, BASES, AT)
    estate.add(LFDI, made)
    return estate, made
