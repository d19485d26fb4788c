"""The adapter against the simulated inverter, over TCP on loopback: `python -m unittest discover tests`."""

from __future__ import annotations

import asyncio
import time
import unittest
from decimal import Decimal
from operator import attrgetter
from typing import Any

from derbridge_sunspec.adapter import Said, SunSpec
from derbridge_sunspec.simulator import Inverter

from bridge.ports import Away, Kind, Order, Unable
from models.der import messages
from models.der.messages import Unit

UNIT = "A1" * 20
HEAD: dict[str, Any] = {
    "id": "1", "origin": messages.Origin(party=UNIT, door=messages.Door.core),
    "target": messages.Target(), "issued": Decimal(1_800_000_000),
}  # fmt: skip


def order(kind: Kind = Kind.take, **modes: Any) -> Order:
    record = messages.Control(**HEAD, start=Decimal(0), duration=Decimal(60), modes=messages.Modes(**modes))
    return Order(UNIT, 1, kind, record, frozenset(modes), Decimal(0), Decimal(60))


def share(value: int, of: str) -> messages.Amount:
    return messages.Amount(value=Decimal(value), unit=Unit.percent, of=of)


def curve(points: list[tuple[int, int]], of: str = "statVarAvail") -> messages.CurveUse:
    made = tuple(messages.Point(x=Decimal(x), y=Decimal(y)) for x, y in points)
    return messages.CurveUse(curve=messages.Curve(kind=11, yOf=of, point=made))


def dig(one: Any, path: str) -> Any:
    """Give an attribute of an attribute."""
    return attrgetter(path)(one)


class Against(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        self.inverter = Inverter()
        self.server = await asyncio.start_server(self.inverter.serve, "127.0.0.1", 0)
        port = self.server.sockets[0].getsockname()[1]
        said = {"units": {UNIT: {"host": "127.0.0.1", "port": port}}, "keep": 60, "timeout": 2.0}
        self.adapter = SunSpec(Said.model_validate(said))

    async def asyncTearDown(self) -> None:
        await self.adapter.end()
        self.server.close()

    def points(self, *names: str) -> list[Any]:
        model = self.inverter.models[704]
        return [getattr(model, name).cvalue for name in names]

    async def test_it_finds_what_the_unit_can_do(self) -> None:
        reach = await self.adapter.meet(UNIT)
        factors = {"fixedPFInjectW", "fixedPFAbsorbW"}
        self.assertEqual(reach.direct, {"maxLimW", "fixedW", "fixedVar", "connect", "voltVar"} | factors)
        self.inverter.models[702].CtrlModes.value = 1
        self.assertEqual((await self.adapter.meet(UNIT)).direct, {"maxLimW", "connect"})

    async def test_a_limit_is_written_with_its_reversion_and_left(self) -> None:
        await self.adapter.meet(UNIT)
        await self.adapter.carry(order(maxLimW=share(60, "setMaxW")))
        names = ("WMaxLimPct", "WMaxLimPctEna", "WMaxLimPctRvrtTms", "WMaxLimPctEnaRvrt")
        self.assertEqual(self.points(*names), [60.0, 1, 60, 0])
        await self.adapter.carry(order(Kind.leave, maxLimW=share(60, "setMaxW")))
        self.assertEqual(self.points("WMaxLimPctEna"), [0])

    async def test_power_factor_and_vars(self) -> None:
        await self.adapter.meet(UNIT)
        factor = messages.PowerFactor(value=Decimal("0.95"), absorbing=True)
        await self.adapter.carry(order(fixedPFInjectW=factor, fixedVar=share(-30, "statVarAvail")))
        self.assertEqual(self.points("PFWInjEna", "VarSetEna", "VarSetMod", "VarSetPct"), [1, 1, 2, -30.0])
        group = self.inverter.models[704].PFWInj
        self.assertEqual((group.PF.cvalue, group.Ext.value), (0.95, 1))

    async def test_it_reverts_by_itself_and_is_held_while_it_is_asked(self) -> None:
        await self.adapter.meet(UNIT)
        await self.adapter.carry(order(maxLimW=share(60, "setMaxW")))
        self.inverter.until["WMaxLimPct"] = time.monotonic() + 0.5
        await self.adapter.tell(UNIT, HEAD)
        self.assertGreater(self.inverter.until["WMaxLimPct"], time.monotonic() + 30)
        self.inverter.until["WMaxLimPct"] = 0.0  # nobody asked for as long as it keeps a limit
        self.inverter.image()
        self.assertEqual(self.points("WMaxLimPctEna"), [0])

    async def test_what_is_no_share_and_what_it_lacks_is_refused_and_nothing_is_written(self) -> None:
        await self.adapter.meet(UNIT)
        watts = messages.Amount(value=Decimal(100), unit=Unit.W)
        self.inverter.models[704].VarSetPct.value = None
        await self.adapter.meet(UNIT)
        for wrong in (
            order(maxLimW=watts),
            order(maxLimW=share(5, "setMaxVar")),
            order(energize=False),
            order(maxLimW=share(60, "setMaxW"), fixedVar=share(5, "setMaxVar")),
        ):
            with self.assertRaises(Unable):
                await self.adapter.carry(wrong)
        self.assertEqual(self.inverter.writes, [])

    async def test_it_is_disconnected_for_a_time_and_connected_again(self) -> None:
        await self.adapter.meet(UNIT)
        model = self.inverter.models[123]
        await self.adapter.carry(order(connect=False))
        self.assertEqual((model.Conn.value, model.Conn_RvrtTms.value), (0, 60))
        self.inverter.until["Conn"] = 0.0  # nobody asked
        self.inverter.image()
        self.assertEqual(model.Conn.value, 1)
        await self.adapter.tell(UNIT, HEAD)  # it is held on
        self.assertEqual(model.Conn.value, 0)
        await self.adapter.carry(order(Kind.leave, connect=False))
        await self.adapter.tell(UNIT, HEAD)
        self.assertEqual((model.Conn.value, self.inverter.until["Conn"]), (1, float("inf")))

    def curve(self) -> list[tuple[float, float]]:
        """The volt-var curve that the inverter follows now."""
        followed = self.inverter.models[705].Crv[0]
        return [(each.V.cvalue, each.Var.cvalue) for each in followed.Pt[: followed.ActPt.value]]

    async def test_a_volt_var_curve_is_adopted_and_given_back(self) -> None:
        await self.adapter.meet(UNIT)
        usual, said = self.curve(), [(92, 30), (98, 0), (102, 0), (108, -30)]
        await self.adapter.carry(order(voltVar=curve(said)))
        self.assertEqual(self.curve(), said)
        self.assertEqual(self.inverter.models[705].Crv[0].DeptRef.value, 2)
        self.inverter.until["Crv"] = 0.0  # nobody asked
        self.inverter.image()
        self.assertEqual(self.curve(), usual)
        await self.adapter.tell(UNIT, HEAD)  # it is held on
        self.assertEqual(self.curve(), said)
        await self.adapter.carry(order(Kind.leave, voltVar=curve(said)))
        await self.adapter.tell(UNIT, HEAD)
        self.assertEqual(self.curve(), usual)

    async def test_a_curve_that_the_unit_cannot_follow_or_give_back_is_refused(self) -> None:
        await self.adapter.meet(UNIT)
        five = [(90 + 4 * at, 0) for at in range(5)]
        for wrong in (curve(five), curve([(92, 30)], of="setMaxChargeRateW"), messages.CurveUse(ref="/dc/1")):
            with self.assertRaises(Unable):
                await self.adapter.carry(order(voltVar=wrong))
        for point, value in (("RvrtCrv", 3), ("Ena", 0)):
            getattr(self.inverter.models[705], point).value = value
            await self.adapter.meet(UNIT)
            with self.assertRaises(Unable):
                await self.adapter.carry(order(voltVar=curve([(92, 30)])))
        self.assertEqual(self.inverter.writes, [])

    async def test_it_tells_what_the_registers_say(self) -> None:
        await self.adapter.meet(UNIT)
        able, state, reading, setting = await self.adapter.tell(UNIT, HEAD)
        assert isinstance(able, messages.Capability)
        assert isinstance(state, messages.Status)
        assert isinstance(reading, messages.Reading)
        assert isinstance(setting, messages.Setting)
        self.assertEqual((able.modesSupported, dig(able, "ratings.WMax.value")), ("009000F4", 5_000))
        self.assertEqual(dig(state, "operation.inverterStatus.value"), 4)
        self.assertEqual(dig(setting, "ratings.VAMax.value"), 5_500)
        told = {dig(each, "type.uom"): dig(each, "value.value") for each in reading.series}
        self.assertEqual(told, {38: 4_000, 61: 4_010, 63: 120, 29: Decimal("230.4"), 33: Decimal("50.01"),
                                5: Decimal("5.8"), 72: 123_456})  # fmt: skip

    async def test_who_does_not_answer_is_away(self) -> None:
        await self.adapter.meet(UNIT)
        await self.adapter.part(UNIT)
        self.server.close()
        for call in (self.adapter.meet(UNIT), self.adapter.tell(UNIT, HEAD)):
            with self.assertRaises(Away):
                await call


if __name__ == "__main__":
    unittest.main()
