"""What a unit tells of itself as canonical records: the face that the 2030.5 client shows of it.

DERCapability, DERSettings, DERStatus, DERAvailability and mirror readings of IEEE 2030.5-2018 10.10.4 and
10.11. What is bad about a reading can be put in here on purpose. Its mRIDs are made of the LFDI, so that the
same unit always has the same. Draws nothing and reads no clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from hashlib import sha256
from typing import Any, NamedTuple

from bridge.app.sim.unit import Output, Unit
from bridge.mapping import nodes
from models.der import messages

PV, STORAGE, PV_STORAGE = 4, 80, 83
SYNTHETIC_STATUS = 1
MAPS = {
    "modes": "DERControlType",
    "modes2": "DERControlType2",
    "doeModes": "DOEControlType",
    "vppModes": "VPPControlType",
}
"""Fields that say which modes there are, and the lists of their bits."""
FIELDS = {
    "": ("modes",),
    "2023": ("modes", "modes2"),
    "csip-aus-1.2": ("modes", "doeModes"),
    "csip-aus-1.3": ("modes", "doeModes", "vppModes"),
}
"""Which of them a profile has."""
EARLY = 27
"""Bits of DERControlType that there were before 2023."""
CONNECTED, AVAILABLE, OPERATING = 1, 2, 4
OFF, TRACKING, REDUCED, STANDBY = 1, 4, 5, 8
CHARGING, DISCHARGING, HOLDING = 0, 1, 2
FULL_GRADIENT = Decimal(100)


class Series(NamedTuple):
    """One quantity that is mirrored: its name, unit of measure, power of ten, and how it is found."""

    name: str
    uom: int
    power: int
    read: Callable[[Output], float]
    accumulation: int = 12


SERIES = (
    Series("W", 38, 0, lambda out: out.w),
    Series("var", 63, 0, lambda out: out.var),
    Series("V", 29, -1, lambda out: out.v),
    Series("Hz", 33, -2, lambda out: out.hz),
)
"""What CSIP BASIC-029 asks for."""


@dataclass(slots=True)
class Face:
    """A unit as the 2030.5 client sees it."""

    unit: Unit
    lfdi: str
    profile: str = "csip"
    pen: int = 40732
    post_rate: int = 300
    since: int = 0
    """When its settings were made."""
    modes: frozenset[str] = frozenset()
    """Canonical names of the modes that it follows; all that the profile has a bit for, if none is named."""
    warp: Callable[[str, float], float] = lambda _name, value: value
    """Changes a reading on its way out, for a unit whose metering is bad."""

    def __post_init__(self) -> None:
        """Fill in the modes."""
        if not self.modes:
            self.modes = frozenset(name for each in self._fields() for name in self._bits(each) if name)

    def _fields(self) -> tuple[str, ...]:
        return FIELDS.get(self.profile, FIELDS[""])

    def _bits(self, field: str) -> tuple[str, ...]:
        """Give the canonical names of the bits of a map; what the profile's edition has not is left out."""
        names = tuple(nodes.read().codes[MAPS[field]]["bits"])
        return names if self.profile == "2023" else names[:EARLY] + ("",) * len(names[EARLY:])

    def demand(self, modes: messages.Modes, entry: messages.GridEntry) -> None:
        """Pass on what is in force."""
        self.unit.demand(modes, entry)

    # ------------------------------------------------------------------------ what it is

    def capability(self, now: int) -> messages.Capability:
        """Tell its nameplate."""
        plate = self.unit.plate
        kind = PV if not plate.charge else PV_STORAGE if plate.watts > plate.charge else STORAGE
        maps = {f"{name}Supported": self._map(name) for name in self._fields()}
        return messages.Capability(**self._head(now), type=kind, **_named(maps), ratings=self._ratings())

    def setting(self, now: int) -> messages.Setting:
        """Tell how it is set: as it was built, all modes on."""
        maps = {f"{name}Enabled": self._map(name) for name in self._fields()}
        entry = messages.GridEntry(
            setGradW=messages.Amount(value=FULL_GRADIENT, unit=messages.Unit.percent_per_s, of="setMaxW")
        )
        return messages.Setting(
            **self._head(now),
            updated=Decimal(self.since),
            **_named(maps),
            entry=entry,
            ratings=self._ratings(),
        )

    def _ratings(self) -> messages.Ratings:
        plate, unit = self.unit.plate, messages.Unit
        storage: dict[str, Any] = {
            "ChaWMax": _amount(plate.charge, unit.W),
            "DschWMax": _amount(plate.watts, unit.W),
            "Wh": _amount(plate.wh, unit.Wh),
        }
        return messages.Ratings(
            WMax=_amount(plate.watts, unit.W),
            VAMax=_amount(plate.va, unit.VA),
            IvarMax=_amount(plate.var, unit.var),
            VNom=_amount(plate.volts, unit.V),
            **(storage if plate.charge else {}),
        )

    def _map(self, field: str) -> str:
        names = self._bits(field)
        found = sum(1 << bit for bit, name in enumerate(names) if name in self.modes)
        return found.to_bytes(-(-len(names) // 8)).hex().upper()

    # ------------------------------------------------------------------------ how it is

    def status(self, now: int) -> messages.Status:
        """Tell how it is."""
        out, at = self.unit.output, Decimal(now)
        connection = CONNECTED * out.connected | AVAILABLE | OPERATING * (out.connected and out.operating)
        code = messages.StampedCode
        storage: dict[str, Any] = {
            "stateOfChargeStatus": messages.StampedAmount(
                at=at,
                value=messages.Amount(
                    value=_exact(out.soc or 0.0, -2), unit=messages.Unit.percent, of="setMaxWh"
                ),
            ),
            "storageModeStatus": code(at=at, value=_holding(out)),
        }
        return messages.Status(
            **self._head(now),
            operation=messages.Operation(
                at=at,
                alarmStatus=f"{out.alarms:08X}",
                genConnectStatus=messages.StampedBits(at=at, value=f"{connection:02X}"),
                inverterStatus=code(at=at, value=self._inverting(out)),
                operationalModeStatus=code(at=at, value=2 if out.operating else 1),
                **({} if out.soc is None else storage),
            ),
        )

    def _inverting(self, out: Output) -> int:
        """Give inverterStatus: off, standing by, reduced by a limit, or following what there is."""
        if not out.connected:
            return OFF
        if not out.operating:
            return STANDBY
        return REDUCED if out.w < out.available * 0.995 - 1 else TRACKING

    def availability(self, now: int) -> messages.Status:
        """Tell what it has."""
        out = self.unit.output
        left = max(self.unit.plate.var - abs(out.var), 0.0)
        return messages.Status(
            **self._head(now),
            availability=messages.Availability(
                at=Decimal(now),
                statWAvail=_amount(max(out.available, 0.0), messages.Unit.W),
                statVarAvail=_amount(left, messages.Unit.var),
            ),
        )

    # ------------------------------------------------------------------------ what it reads

    def mirror(self) -> messages.Reading:
        """Tell its usage point with the series that it will post."""
        point = messages.UsagePoint(
            mRID=self._mrid("point"),
            description="Inverter",
            roleFlags="0049",  # a mirror, at a DER, submeter
            serviceCategoryKind=0,
            status=SYNTHETIC_STATUS,
            deviceLFDI=self.lfdi,
            postRate=self.post_rate,
        )
        series = tuple(
            messages.Series(mRID=self._mrid(each.name), description=each.name, type=_type(each))
            for each in SERIES
        )
        return messages.Reading(**self._head(0), point=point, series=series)

    def readings(self, now: int) -> messages.Reading:
        """Tell a value for each series."""
        out = self.unit.output
        return messages.Reading(
            **self._head(now),
            series=tuple(
                messages.Series(
                    mRID=self._mrid(each.name),
                    value=messages.Value(
                        value=_scaled(self.warp(each.name, each.read(out)), each.power),
                        start=Decimal(now),
                        duration=Decimal(0),
                    ),
                )
                for each in SERIES
            ),
        )

    def alarm(self, bit: int, *, gone: bool, number: int, now: int) -> messages.Alarm:
        """Tell that a bit of alarmStatus was set, or cleared (IEEE 2030.5-2018 10.10.4.3, LogEvent codes)."""
        return messages.Alarm(
            **self._head(now),
            created=Decimal(now),
            functionSet=11,  # DER
            logEventCode=2 * bit + gone,
            logEventID=number,
            logEventPEN=self.pen,
            profileID=2,  # of IEEE 2030.5
        )

    def _mrid(self, name: str) -> str:
        return sha256(f"{self.lfdi} {name}".encode()).hexdigest()[:24].upper() + f"{self.pen:08X}"

    def _head(self, now: int) -> dict[str, Any]:
        origin = messages.Origin(party=self.lfdi, door=messages.Door.simulator)
        return {"id": "-", "origin": origin, "target": messages.Target(), "issued": Decimal(now)}


def _holding(out: Output) -> int:
    return CHARGING if out.w < 0 else DISCHARGING if out.w > 0 else HOLDING


def _named(maps: dict[str, str]) -> dict[str, Any]:
    """Give the maps by their canonical names: the second one has its number at the end."""
    return {
        name.replace("modes2Supported", "modesSupported2").replace("modes2Enabled", "modesEnabled2"): text
        for name, text in maps.items()
    }


def _amount(value: float, unit: messages.Unit) -> messages.Amount:
    """Give a quantity to four digits, which any 16 bits and a power of ten can hold."""
    digits = 3 - max(Decimal(str(value)).adjusted(), -3) if value else 0
    return messages.Amount(value=_exact(value, -digits), unit=unit)


def _exact(value: float, power: int) -> Decimal:
    """Give a figure as a multiple of a power of ten."""
    step = Decimal(1).scaleb(power)
    found = (Decimal(str(value)) / step).to_integral_value(ROUND_HALF_EVEN) * step
    return Decimal(f"{found:f}") if found else Decimal(0)


def _scaled(value: float, power: int) -> Decimal:
    """Give the whole number that stands for a value in a series."""
    return Decimal(round(value / 10**power))


def _type(each: Series) -> messages.ReadingType:
    return messages.ReadingType(
        accumulationBehaviour=each.accumulation,  # instantaneous
        commodity=1,  # electricity, secondary
        dataQualifier=0,
        flowDirection=19,  # reverse: to the grid is positive
        kind=37,  # power
        powerOfTenMultiplier=each.power,
        uom=each.uom,
    )
