"""What a figure is measured against: percentage bases, sign frames, polarity and axes of one IEC 61850 peer.

Follows IEC 61850-7-420 Ed. 2 (RefFrm, PFSign, the Pct objects) and IEEE 2030.5 DERUnitRefType. A percentage
is never converted without its base, nor a droop without its nominal frequency: what is not known here raises.
Nothing here reads or writes an object.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from bridge.mapping.table import Unrepresentable

__all__ = ("Bases", "Unrepresentable")

NEEDS: Mapping[str, str] = MappingProxyType({"hertz": "the nominal frequency is needed, the base hertz"})
"""Bases that are no percentage's, and what to say when they are missing."""


@dataclass(frozen=True, slots=True)
class Bases:
    """The settings and conventions that turn canonical figures into a peer's, and back.

    Each default is documented.
    """

    setMaxW: Decimal | None = None  # noqa: N815 - the standard's name
    setMaxChargeRateW: Decimal | None = None  # noqa: N815
    setMaxDischargeRateW: Decimal | None = None  # noqa: N815
    setMaxVA: Decimal | None = None  # noqa: N815
    setMaxVar: Decimal | None = None  # noqa: N815
    setMaxVarNeg: Decimal | None = None  # noqa: N815
    statVarAvail: Decimal | None = None  # noqa: N815
    WhRtg: Decimal | None = None
    """Storage capacity in watt-hours, for levels that IEC 61850 gives in percent of it."""
    VRef: Decimal | None = None
    """Reference voltage in volts."""
    hertz: Decimal | None = None
    """Nominal frequency; without it no droop is written and no frequency-watt curve is cut.

    No document of 2030.5 tells it; a peer's HzRef does.
    """
    volts: bool = False
    """Write the voltage axis of trip curves in volts (needs `VRef`) rather than in percent."""
    valueFirst: bool = False  # noqa: N815
    """Write trip curves with the value on x and the time on y; the default is time on x, as 2030.5 has it."""
    frames: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))
    """RefFrm by connection point: true is the producer frame (as 2030.5), which is also the default."""
    quadTrueAbsorbs: bool = False  # noqa: N815
    """Polarity of PFGnExtQud, PFLodExtQud and zVal.

    The default is that true means over-excited, so that it is inverted.
    """
    PFSign: int | None = None
    """1 IEC, 2 EEI: the sign of a power factor when the peer's own PFSign is not among the points."""
    eeiNegativeAbsorbs: bool = False  # noqa: N815
    """In the EEI convention a negative factor is lagging: taken as over-excited, unless this is set."""
    edition: str = "2018"
    """Edition of IEEE 2030.5 whose flow directions are meant."""
    site: bool = False
    """The meter stands at the site's connection point rather than at the DER; role flags of a record win."""
    switch: bool = True
    """The peer has a galvanic switch (CSWI); without it connect goes to DEROpStCtl."""
    wholeSeconds: bool = False  # noqa: N815
    """The peer's times are fixed to whole seconds: fractions are rounded up, and declared."""
    priority: int = 0
    """Added to 255 - primacy to make SchdPrio."""
    slot: int = 0
    """Which row of schedules an event uses, so that several events can wait on one object."""
    ld: str = ""
    """Logical device name put before every reference, with a slash."""
    names: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """The peer's name for a logical node of the table, where it has another (prefix, instance)."""

    def figure(self, name: str, path: str) -> Decimal:
        """Return the base called `name`; raise for one that is not known or not above zero."""
        value = getattr(self, name, None)
        if name == "setMaxVarNeg" and value is None:
            value = self.setMaxVar
        if name == "setMaxDischargeRateW" and value is None:
            value = self.setMaxW
        if name == "setMaxVarNeg" and isinstance(value, Decimal):
            value = abs(value)
        if not isinstance(value, Decimal) or value <= 0:
            need = NEEDS.get(name, f"a percentage of {name} needs that base")
            raise Unrepresentable(path, f"{need}, which is not known")
        return value

    def ratio(self, of: str, to: str, path: str) -> Decimal:
        """Return what a percentage of `of` is multiplied by to be a percentage of `to`."""
        return Decimal(1) if of == to else self.figure(of, path) / self.figure(to, path)

    def sign(self, ecp: str | None) -> int:
        """Return -1 where the connection point counts consumption as positive."""
        return -1 if ecp is not None and not self.frames.get(ecp, True) else 1
