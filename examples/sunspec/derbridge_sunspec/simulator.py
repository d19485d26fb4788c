"""A simulated SunSpec inverter: models 1, 123 and 701 to 705 behind a Modbus/TCP server, with their timers.

    python -m derbridge_sunspec.simulator [PORT]        serve until stopped; the port is printed first

Modbus Application Protocol 1.1b3: functions 3, 6 and 16, exceptions 1 to 3. The registers are pysunspec2's
own models, so that nothing of their layout is written down twice. It is for tests, and controls no power.
"""

from __future__ import annotations

import asyncio
import json
import struct
import sys
import time
from typing import Any

from sunspec2.device import Model  # type: ignore[import-not-found, import-untyped, unused-ignore]

START = 40_000
CONNECT, SERVICE, CONTROL, CURVES = 123, 703, 704, 705
CURVE = {
    "ActPt": 2,
    "DeptRef": 1,
    "VRef": 10_000,
    "Pt": [{"V": 9_500 + 250 * at, "Var": 0} for at in range(4)],
}
MARK, END = b"SunS", b"\xff\xff\x00\x00"
READ, ONE, MANY = 3, 6, 16
FUNCTION, ADDRESS, VALUE = 1, 2, 3
VALUES: dict[int, dict[str, Any]] = {
    1: {"Mn": "derbridge", "Md": "simulated", "Vr": "1", "SN": "0001"},
    701: {
        "W_SF": 0, "VA_SF": 0, "Var_SF": 0, "V_SF": -1, "Hz_SF": -2, "A_SF": -1, "TotWh_SF": 0,
        "PF_SF": -3, "ACType": 2, "St": 1, "InvSt": 3, "ConnSt": 1, "Alrm": 0, "W": 4_000,
        "VA": 4_010, "Var": 120, "LNV": 2_304, "Hz": 5_001, "A": 58, "TotWhInj": 123_456,
    },
    702: {
        "W_SF": 0, "PF_SF": -3, "VA_SF": 0, "Var_SF": 0, "V_SF": 0, "A_SF": -1, "S_SF": 0, "WMaxRtg": 5_000,
        "VAMaxRtg": 5_500, "VarMaxInjRtg": 2_400, "VarMaxAbsRtg": 2_400, "VNomRtg": 230, "AMaxRtg": 240,
        "CtrlModes": 0b11111, "WMax": 5_000, "VAMax": 5_500, "VarMaxInj": 2_400, "VarMaxAbs": 2_400,
    },
    703: {"V_SF": -1, "Hz_SF": -2, "ES": 1, "ESDlyTms": 300, "ESRndTms": 60, "ESRmpTms": 300},
    704: {
        "PF_SF": -3, "WMaxLimPct_SF": -2, "WSet_SF": 0, "WSetPct_SF": -2, "VarSet_SF": 0, "VarSetPct_SF": -2,
        "WMaxLimPct": 10_000, "WSetMod": 0, "WSetPct": 0, "VarSetMod": 1, "VarSetPct": 0, "WRmp": 10,
    },
    705: {
        "Ena": 1, "AdptCrvReq": 0, "AdptCrvRslt": 1, "NPt": 4, "NCrv": 3, "RvrtTms": 0, "RvrtCrv": 2,
        "V_SF": -2, "DeptRef_SF": 0, "RspTms_SF": 0, "Crv": [CURVE, CURVE, CURVE],
    },
    123: {"Conn_WinTms": 0, "Conn_RvrtTms": 0, "Conn": 1},
}  # fmt: skip
"""Values as they stand in registers."""
TIMED = ("WMaxLimPct", "WSet", "VarSet", "PFWInj", "PFWAbs")
"""Each has Ena, EnaRvrt and RvrtTms."""
FACTORS = ("PFWInj", "PFWAbs")
HEAD = 4
"""Octets of a model's number and length, which nobody writes."""


class Refused(Exception):
    """A Modbus exception, by its code."""


class Inverter:
    """Its registers."""

    def __init__(self) -> None:
        self.models: dict[int, Any] = {}
        self.places: dict[int, int] = {}
        self.until: dict[str, float] = {}
        self.writes: list[int] = []
        place = START + len(MARK) // 2
        for number, values in VALUES.items():
            model = self.models[number] = Model(number, data={"ID": number, **values})
            if number == CONTROL:
                self._timers(model)
            self.places[number] = place
            place += len(model.get_mb()) // 2

    @staticmethod
    def _timers(model: Any) -> None:
        """Have every control switched off, with no time set."""
        for name in TIMED:
            for part in ("Ena", "EnaRvrt", "RvrtTms"):
                getattr(model, name + part).value = 0
        for name in FACTORS:
            getattr(model, name).PF.value, getattr(model, name).Ext.value = 1_000, 0

    def image(self) -> bytes:
        """All registers, after whatever time has turned back."""
        self._turn()
        return MARK + b"".join(model.get_mb() for model in self.models.values()) + END

    def read(self, address: int, count: int) -> bytes:
        """Some registers."""
        image, first = self.image(), (address - START) * 2
        if not 0 <= first <= first + count * 2 <= len(image):
            raise Refused(ADDRESS)
        return image[first : first + count * 2]

    def write(self, address: int, data: bytes) -> None:
        """Write to a model of commands, and begin the reversion timers of what is switched on."""
        for number in (CONNECT, SERVICE, CONTROL, CURVES):
            model, place = self.models[number], self.places[number]
            held = bytearray(model.get_mb())
            first = (address - place) * 2
            if HEAD <= first <= first + len(data) <= len(held):
                held[first : first + len(data)] = data
                model.set_mb(bytes(held))
                self.writes.append(address)
                self._begin()
                return
        raise Refused(ADDRESS)

    def _begin(self) -> None:
        model, connect, curves = (self.models[number] for number in (CONTROL, CONNECT, CURVES))
        for name in TIMED:
            seconds = getattr(model, f"{name}RvrtTms").value
            self._time(name, seconds if getattr(model, f"{name}Ena").value == 1 else 0)
        self._time("Conn", connect.Conn_RvrtTms.value)
        self._time("Crv", curves.RvrtTms.value)
        if curves.AdptCrvReq.value:
            self._adopt(curves.AdptCrvReq.value)

    def _time(self, name: str, seconds: int) -> None:
        self.until[name] = time.monotonic() + seconds if seconds else float("inf")

    def _adopt(self, number: int) -> None:
        """Follow a curve from now on: the first place holds the one that is followed."""
        model = self.models[CURVES]
        there = 1 < number <= model.NCrv.value
        if there:
            held, size, one = bytearray(model.get_mb()), model.Crv[0].len * 2, model.Crv[0].offset * 2
            first = one + (number - 1) * size
            held[one : one + size] = held[first : first + size]
            model.set_mb(bytes(held))
        model.AdptCrvRslt.value, model.AdptCrvReq.value = 1 if there else 2, 0

    def _turn(self) -> None:
        """Switch off what has not been renewed."""
        for name, until in self.until.items():
            if time.monotonic() >= until and name not in TIMED:
                self.until[name] = float("inf")
                if name == "Crv":
                    self._adopt(self.models[CURVES].RvrtCrv.value)
                else:
                    self.models[CONNECT].Conn.value = 1
            elif time.monotonic() >= until:
                switch = getattr(self.models[CONTROL], f"{name}EnaRvrt").value
                getattr(self.models[CONTROL], f"{name}Ena").value = switch or 0
                self.until[name] = float("inf")

    def answer(self, asked: bytes) -> bytes:
        """Answer a request (PDU)."""
        function = asked[0]
        try:
            if function == READ:
                data = self.read(*struct.unpack(">HH", asked[1:5]))
                return bytes((READ, len(data))) + data
            if function == ONE:
                self.write(struct.unpack(">H", asked[1:3])[0], asked[3:5])
                return asked[:5]
            if function == MANY:
                return self._many(asked)
        except Refused as no:
            return bytes((function | 0x80, no.args[0]))
        return bytes((function | 0x80, FUNCTION))

    def _many(self, asked: bytes) -> bytes:
        address, count, size = struct.unpack(">HHB", asked[1:6])
        if size != count * 2 or len(asked) != 6 + size:
            raise Refused(VALUE)
        self.write(address, asked[6:])
        return asked[:5]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer whoever has connected (MBAP)."""
        try:
            while True:
                head = await reader.readexactly(7)
                name, _, length, unit = struct.unpack(">HHHB", head)
                said = self.answer(await reader.readexactly(length - 1))
                writer.write(struct.pack(">HHHB", name, 0, len(said) + 1, unit) + said)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


async def main(port: int = 0) -> None:
    """Serve until stopped; after each line of input print what is commanded."""
    inverter = Inverter()
    server = await asyncio.start_server(inverter.serve, "127.0.0.1", port)
    print(server.sockets[0].getsockname()[1], flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        inverter.image()
        model = inverter.models[CONTROL]
        said = {name: point.cvalue for name, point in model.points.items()}
        said |= {"PFWInj.PF": model.PFWInj.PF.cvalue, "PFWInj.Ext": model.PFWInj.Ext.value}
        followed = inverter.models[CURVES].Crv[0]
        curve = [(each.V.cvalue, each.Var.cvalue) for each in followed.Pt[: followed.ActPt.value]]
        said |= {"Conn": inverter.models[CONNECT].Conn.value, "curve": curve}
        print(json.dumps({**said, "writes": len(inverter.writes)}), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:2])))
