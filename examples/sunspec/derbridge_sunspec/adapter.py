"""The adapter: units of SunSpec Modbus over TCP, met by a scan, told by model 704, heard by 701 to 703.

pysunspec2 speaks; it waits for answers, so each of its calls is made in a thread. Every command has a
reversion time, `keep`, that is renewed whenever the unit is asked, so that a unit that is asked no more drops
it by itself (SunSpec DER Information Model 1.2, 704). Keeps nothing on disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from sunspec2.modbus.client import SunSpecModbusClientDeviceTCP, SunSpecModbusClientError  # type: ignore[import-not-found, import-untyped, unused-ignore]
from sunspec2.modbus.modbus import ModbusClientError, ModbusClientException, ModbusClientTimeout  # type: ignore[import-not-found, import-untyped, unused-ignore]

from bridge.ports import Away, Kind, Order, Reach, Unable
from derbridge_sunspec import orders, words
from models.der import messages

T = TypeVar("T")
WANTED = (1, 701, 702, 703, 704)
BROKEN = (ModbusClientError, ModbusClientException, ModbusClientTimeout)
CONTROLS = {"maxLimW": 0, "fixedW": 1, "fixedVar": 2, "fixedPFInjectW": 3, "fixedPFAbsorbW": 3}
"""Bits of CtrlModes (702) by the modes that they allow."""


class Place(BaseModel):
    """Where a unit is."""

    model_config = ConfigDict(extra="forbid")
    host: str
    port: int = Field(default=502, ge=1, le=65_535)
    unit: int = Field(default=1, ge=0, le=247)
    """Modbus unit identifier."""
    type: int = Field(default=4, ge=0, le=255)
    """DERType of IEEE 2030.5: 4 photovoltaic, 81 other storage, 83 other."""


class Said(BaseModel):
    """All of them."""

    model_config = ConfigDict(extra="forbid")
    units: dict[str, Place]
    """By LFDI."""
    keep: int = Field(default=120, ge=1, le=86_400)
    """Seconds that a unit holds what it was told without being asked; more than `poll`."""
    timeout: float = Field(default=3.0, gt=0)
    """Seconds for one answer over Modbus."""


class SunSpec:
    """As `bridge.ports.Adapter` wants it."""

    Settings = Said

    def __init__(self, settings: Said) -> None:
        self._settings = settings
        self._open: dict[str, Any] = {}
        self._held: dict[str, set[str]] = {}
        self._can: dict[str, frozenset[str]] = {}

    @property
    def units(self) -> frozenset[str]:
        """LFDIs of the units."""
        return frozenset(self._settings.units)

    @property
    def health(self) -> str:
        """Nothing is wrong with what has no parts of its own."""
        return ""

    async def begin(self) -> None:
        """Nothing has to be made ready."""

    async def end(self) -> None:
        """Hang up everywhere."""
        for unit in tuple(self._open):
            await self.part(unit)

    async def meet(self, unit: str) -> Reach:
        """Scan a unit's models."""
        await self.part(unit)
        place = self._settings.units[unit]
        device = SunSpecModbusClientDeviceTCP(
            slave_id=place.unit, ipaddr=place.host, ipport=place.port, timeout=self._settings.timeout
        )
        await _spoken(device.scan)
        if lacks := [number for number in WANTED if number not in device.models]:
            device.close()
            raise Away(f"it has no model {', '.join(map(str, lacks))}")
        self._open[unit] = device
        able = device.models[702][0].CtrlModes.value or 0
        self._can[unit] = frozenset(mode for mode, bit in CONTROLS.items() if able >> bit & 1)
        return Reach(direct=self._can[unit])

    async def part(self, unit: str) -> None:
        """Hang up."""
        self._held.pop(unit, None)
        if (device := self._open.pop(unit, None)) is not None:
            await asyncio.to_thread(device.close)

    async def carry(self, order: Order) -> None:
        """Write an order's points to model 704, all of them or none."""
        keep, held = self._settings.keep, self._held.setdefault(order.unit, set())
        points: dict[str, Any] = {}
        for mode in sorted(order.modes):
            if mode not in orders.ROWS:
                raise Unable(f"{mode} is not carried")
            take = order.kind is Kind.take
            points |= orders.taken(mode, order.record.modes, keep) if take else orders.left(mode)
        await self._write(order.unit, points)
        held.update(order.modes) if order.kind is Kind.take else held.difference_update(order.modes)

    async def tell(self, unit: str, head: Mapping[str, Any]) -> Sequence[messages.Message]:
        """Renew what is held, and read all models."""
        for mode in sorted(self._held.get(unit, ())):
            await self._write(unit, orders.renewed(mode, self._settings.keep))
        device = self._device(unit)
        for number in (701, 702, 703, 704):
            await _spoken(device.models[number][0].read)
        return words.said(device, self._can[unit], self._settings.units[unit].type, head)

    def _device(self, unit: str) -> Any:
        if unit not in self._open:
            raise Away("not connected")
        return self._open[unit]

    async def _write(self, unit: str, points: Mapping[str, Any]) -> None:
        """Set points of model 704, in one write."""
        model = self._device(unit).models[704][0]
        places = {name: _place(model, name) for name in points}
        if lacks := [name for name, place in places.items() if place.value is None]:
            raise Unable(f"the unit does not implement {', '.join(lacks)}")
        for name, place in places.items():
            place.cvalue = points[name]
        await _spoken(model.write)


def _place(model: Any, name: str) -> Any:
    group, _, point = name.rpartition(".")
    return getattr(getattr(model, group) if group else model, point)


async def _spoken(call: Callable[[], T]) -> T:
    """Have pysunspec2 speak, in a thread; Away where nobody answers."""
    try:
        return await asyncio.to_thread(call)
    except (OSError, SunSpecModbusClientError, *BROKEN) as error:
        raise Away(str(error)[:200] or type(error).__name__) from error
