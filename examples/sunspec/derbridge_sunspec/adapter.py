"""The adapter: units of SunSpec Modbus over TCP, met by a scan, told by 123, 704, 705, heard by 701 to 703.

pysunspec2 speaks; it waits for answers, so each of its calls is made in a thread. Every command has a
reversion time, `keep`, that is renewed whenever the unit is asked, so that a unit that is asked no more drops
it by itself (SunSpec DER Information Model 1.2, 704). Keeps nothing on disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from sunspec2.modbus.client import SunSpecModbusClientDeviceTCP, SunSpecModbusClientError  # type: ignore[import-not-found, import-untyped, unused-ignore]
from sunspec2.modbus.modbus import ModbusClientError, ModbusClientException, ModbusClientTimeout  # type: ignore[import-not-found, import-untyped, unused-ignore]

from bridge.ports import Away, Kind, Order, Reach, Unable
from derbridge_sunspec import orders, words
from derbridge_sunspec.orders import Points
from models.der import messages

T = TypeVar("T")
WANTED = (1, 701, 702, 703, 704)
BROKEN = (ModbusClientError, ModbusClientException, ModbusClientTimeout)
CONTROLS = {
    "maxLimW": 0, "fixedW": 1, "fixedVar": 2, "fixedPFInjectW": 3, "fixedPFAbsorbW": 3, "voltVar": 4,
}  # fmt: skip
"""Bits of CtrlModes (702) by the modes that they allow."""
ADOPT, IN_PROGRESS, ADOPTED = "AdptCrvReq", 0, 1
TRIES, PAUSE = 20, 0.1
"""How often, and how many seconds apart, it is asked whether a curve was adopted."""


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
        self._held: dict[str, dict[str, Any]] = {}
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
        self._can[unit] = _able(device)
        return Reach(direct=self._can[unit])

    async def part(self, unit: str) -> None:
        """Hang up."""
        self._held.pop(unit, None)
        if (device := self._open.pop(unit, None)) is not None:
            await asyncio.to_thread(device.close)

    async def carry(self, order: Order) -> None:
        """Write an order's points, all of them or none."""
        take, steps = order.kind is Kind.take, list[tuple[int, Points]]()
        device = self._device(order.unit)
        for mode in sorted(order.modes):
            if mode not in self._can[order.unit]:
                raise Unable(f"{mode} is not carried")
            row = orders.ROWS[mode]
            model, value = device.models[row.model][0], getattr(order.record.modes, mode)
            made = row.take(value, self._settings.keep, model) if take else (row.leave(model),)
            steps += [(row.model, points) for points in made]
        for number, points in steps:
            _fits(device.models[number][0], points)
        for number, points in steps:
            await self._write(order.unit, number, points)
        held = self._held.setdefault(order.unit, {})
        for mode in order.modes:
            held.pop(mode, None)
        if take:
            held |= {mode: getattr(order.record.modes, mode) for mode in order.modes}

    async def tell(self, unit: str, head: Mapping[str, Any]) -> Sequence[messages.Message]:
        """Renew what is held, and read all models."""
        device = self._device(unit)
        for mode, value in sorted(self._held.get(unit, {}).items(), key=itemgetter(0)):
            row = orders.ROWS[mode]
            await self._write(
                unit, row.model, row.keep(value, self._settings.keep, device.models[row.model][0])
            )
        for number in (701, 702, 703, 704):
            await _spoken(device.models[number][0].read)
        return words.said(device, self._can[unit], self._settings.units[unit].type, head)

    def _device(self, unit: str) -> Any:
        if unit not in self._open:
            raise Away("not connected")
        return self._open[unit]

    async def _write(self, unit: str, number: int, points: Points) -> None:
        """Set points of a model, in one write; a curve counts when the unit has adopted it."""
        model = self._device(unit).models[number][0]
        for name, value in points.items():
            _place(model, name).cvalue = value
        await _spoken(model.write)
        if ADOPT in points:
            for _ in range(TRIES):
                await _spoken(model.read)
                if model.AdptCrvRslt.value != IN_PROGRESS:
                    break
                await asyncio.sleep(PAUSE)
            if model.AdptCrvRslt.value != ADOPTED:
                raise Unable("the unit has not adopted the curve")


def _able(device: Any) -> frozenset[str]:
    """The modes that a unit can be made to do, by CtrlModes and the models that it has."""
    bits = device.models[702][0].CtrlModes.value or 0
    found = {mode for mode, bit in CONTROLS.items() if bits >> bit & 1}
    if 123 in device.models and device.models[123][0].Conn.value is not None:  # noqa: PLR2004 - a model
        found.add("connect")
    return frozenset(mode for mode in found if orders.ROWS[mode].model in device.models)


def _fits(model: Any, points: Points) -> None:
    """Refuse what a unit does not implement, before anything is written."""
    if lacks := [name for name in points if _place(model, name).value is None]:
        raise Unable(f"the unit does not implement {', '.join(lacks)}")


def _place(model: Any, name: str) -> Any:
    for part in name.split("."):
        model = model[int(part)] if part.isdecimal() else getattr(model, part)
    return model


async def _spoken(call: Callable[[], T]) -> T:
    """Have pysunspec2 speak, in a thread; Away where nobody answers."""
    try:
        return await asyncio.to_thread(call)
    except (OSError, SunSpecModbusClientError, *BROKEN) as error:
        raise Away(str(error)[:200] or type(error).__name__) from error
