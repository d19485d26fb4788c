"""EPRI's OpenDER behind the same face as the light model: the judge of it, and physics for a few units.

Canonical modes become OpenDER's settings (docs/simulators.md says which). What OpenDER has no function
for is `Unknown`, never left out in silence: a curve of more points than it takes, a watt-PF curve, a store
with a sun. It needs the extra `sim`. One time step for all of its units, so a step sets it first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any

from bridge.app.fault import Fault
from bridge.app.sim.physics.grid import NOMINAL, Build, Grid
from bridge.app.sim.physics.guard import levels
from bridge.app.sim.physics.shape import Moment, Shape, drawn, part, shape
from bridge.app.sim.physics.watts import ceiling, floor, want
from bridge.app.sim.unit import Output, Plate
from models.der import messages

SILENT = frozenset(
    {
        "fixedV",
        "targetV",
        "wattPF",
        "freqWatt",
        "deltaW",
        "deltaVar",
        "fixedPFAbsorbW",
        "HVRTMomentaryCessation",
        "LVRTMomentaryCessation",
        "maxLimPctVAAbsorb",
        "maxLimPctVAInject",
        "maxLimPctVarAbsorb",
        "maxLimPctVarInject",
        "maxLimVarAbsorb",
        "maxLimVarInject",
        "rampTms",
    }
)
"""Modes that OpenDER has no function for, or another one."""
OFF = ("CONST_PF_MODE_ENABLE", "CONST_Q_MODE_ENABLE", "QV_MODE_ENABLE", "QP_MODE_ENABLE", "PV_MODE_ENABLE",
       "PF_MODE_ENABLE", "AP_LIMIT_ENABLE")  # fmt: skip


class Unknown(ValueError):
    """OpenDER cannot be asked this."""


def _unsaid(record: logging.LogRecord) -> bool:
    """Leave out what OpenDER says at each step of what it was not told, as it says it to the root logger."""
    return record.levelno >= logging.ERROR or "opender" not in record.pathname


class Referee:
    """One unit of OpenDER."""

    def __init__(self, build: Build, *, running: bool = True) -> None:
        try:
            opender = import_module("opender")
        except ModuleNotFoundError as error:
            raise Fault("OpenDER", "is not installed; it comes with the extra derbridge[sim]") from error
        logging.getLogger().addFilter(_unsaid)
        self.build, self._clock = build, opender.DER
        self._unit = (opender.DER_BESS if build.stores else opender.DER_PV)()
        self._file = self._unit.der_file
        self._file.STATUS_INIT = "ON" if running else "OFF"
        self._target: float | None = None
        self._want = want(messages.Modes(), build, 0.0)
        self._grid, self._available = Grid(hz=build.hertz), 0.0
        self._built()
        self.demand(messages.Modes(), messages.GridEntry())

    def _built(self) -> None:
        """Put the ratings in."""
        build, plate = self.build, self.build.plate
        said = {
            "NP_P_MAX": plate.watts,
            "NP_VA_MAX": plate.va,
            "NP_Q_MAX_INJ": plate.var,
            "NP_Q_MAX_ABS": build.absorbs,
            "NP_P_MAX_CHARGE": plate.charge or plate.watts,
            "NP_APPARENT_POWER_CHARGE_MAX": plate.va,
            "NP_AC_V_NOM": plate.volts,
            "NP_ABNORMAL_OP_CAT": f"CAT_{build.category}",
            "NP_PRIO_OUTSIDE_MIN_Q_REQ": "ACTIVE" if build.watts_first else "REACTIVE",
            "NP_EFFICIENCY": build.efficiency if build.stores else 1,
            "AP_RT": build.response,
            "CONST_PF_RT": build.response,
            "CONST_Q_RT": build.response,
            "QP_RT": build.response,
        }
        for name, value in said.items():
            setattr(self._file, name, value)
        self._file.initialize_NP_Q_CAPABILTY_BY_P_CURVE()
        if build.stores:
            self._file.NP_BESS_CAPACITY = plate.wh
            self._unit.bessspecific.soc_calc.reset_soc(build.soc)

    @property
    def plate(self) -> Plate:
        """Its ratings."""
        return self.build.plate

    @property
    def output(self) -> Output:
        """What it does now."""
        running = self._unit.der_status != "Trip"
        soc = self._unit.bessspecific.soc_calc.bess_soc * 100 if self.build.stores else None
        volts, hz = self._grid.v * self.plate.volts, self._grid.hz
        w, var = float(self._unit.p_out_w or 0.0), float(self._unit.q_out_var or 0.0)
        available = self.plate.watts if self.build.stores else min(self._available, self.plate.watts)
        return Output(w, var, volts, hz, operating=running, available=available, soc=soc)

    def demand(self, modes: messages.Modes, entry: messages.GridEntry) -> None:
        """Take the modes that are in force from now on."""
        if silent := [name for name in SILENT if getattr(modes, name) is not None]:
            raise Unknown(f"OpenDER has no {', '.join(sorted(silent))}")
        for name in OFF:
            setattr(self._file, name, False)
        permit = False not in {modes.connect, modes.energize, modes.gridConnectPermit}
        self._file.ES_PERMIT_SERVICE = permit
        self._want = want(modes, self.build, 0.0)
        self._enter(entry)
        self._trips(modes)
        for mode, tell in FUNCTIONS.items():
            said = getattr(modes, mode)
            if said is not None and not said.disabled:
                for name, value in tell(said, self.build).items():
                    setattr(self._file, name, value)

    def _enter(self, said: messages.GridEntry) -> None:
        rows = (
            ("ES_V_LOW", said.setESLowVolt, 100),
            ("ES_V_HIGH", said.setESHighVolt, 100),
            ("ES_F_LOW", said.setESLowFreq, self.build.hertz / NOMINAL),
            ("ES_F_HIGH", said.setESHighFreq, self.build.hertz / NOMINAL),
        )
        for name, amount, share in rows:
            if amount is not None:
                setattr(self._file, name, float(amount.value) / share)
        for name, time in (("ES_DELAY", said.setESDelay), ("ES_RAMP_RATE", said.setESRampTms)):
            if time is not None:
                setattr(self._file, name, float(time))

    def _trips(self, modes: messages.Modes) -> None:
        """The two settings of each kind that OpenDER has, the nearer one first."""
        for mode, word in TRIP_WORDS.items():
            held = [one for one in levels(modes, self.build) if (one.axis, one.above) == word[1:]]
            if not held:
                raise Unknown(f"OpenDER always trips: {mode}")
            held.sort(key=lambda one: one.level, reverse=not word[2])
            if len(held) > 2:  # noqa: PLR2004 - OV1 and OV2, and so on
                raise Unknown(f"OpenDER has two settings of {mode}")
            scale = NOMINAL / self.build.hertz if word[1] == "hz" else 1.0
            for number, one in enumerate((held[0], held[-1]), 1):
                letter = "F" if word[1] == "hz" else "V"
                setattr(self._file, f"{word[0]}{number}_TRIP_{letter}", one.level * scale)
                setattr(self._file, f"{word[0]}{number}_TRIP_T", one.seconds)

    def step(self, grid: Grid, available: float, seconds: float) -> Output:
        """Let time go by, in this grid and with so much power from the sun."""
        self._grid, self._available = grid, available
        self._clock.t_s = seconds
        top, bottom = ceiling(self._want, grid).w, floor(self._want, grid).w
        target = None if self._want.target is None else self._want.target.w
        place = {"v_pu": grid.v, "f": grid.hz * NOMINAL / self.build.hertz}
        if self.build.stores:
            if available:
                raise Unknown("OpenDER has no store with a sun")
            self._unit.update_der_input(p_dem_w=max(target or 0.0, -bottom), **place)
        else:
            top = top if target is None else min(top, max(target, 0.0))
            self._unit.update_der_input(p_dc_w=available, **place)
        self._file.AP_LIMIT_ENABLE = top < self.plate.watts
        self._file.AP_LIMIT = min(top / self.plate.watts, 1.0)
        self._unit.run()
        return self.output


TRIP_WORDS: Mapping[str, tuple[str, str, bool]] = MappingProxyType(
    {
        "HVRTMustTrip": ("OV", "v", True),
        "LVRTMustTrip": ("UV", "v", False),
        "HFRTMustTrip": ("OF", "hz", True),
        "LFRTMustTrip": ("UF", "hz", False),
    }
)
"""OpenDER's letters for each kind of setting; TRIPS and FREQUENCIES hold where none are ordered."""


def _row(use: messages.CurveUse, build: Build, points: tuple[int, ...], other: str, full: float) -> Shape:
    """A curve of as many points as OpenDER takes, y as a part of its own base."""
    curve = drawn(use)
    if curve is None or len(curve.point) not in points:
        raise Unknown(f"OpenDER takes a curve of {' or '.join(map(str, points))} points")
    row = shape(curve)
    moment = Moment(0.0, available=build.plate.watts)
    return row._replace(y=tuple(part(y, row.of, build, moment, other) / full for y in row.y))


def _volt_var(use: messages.CurveUse, build: Build) -> dict[str, object]:
    row = _row(use, build, (4,), "setMaxVar", build.plate.va)
    said: dict[str, object] = {"QV_MODE_ENABLE": True, "QV_VREF": 1.0, "QV_VREF_AUTO_MODE": False}
    for number, (x, y) in enumerate(zip(row.x, row.y, strict=True), 1):
        said |= {f"QV_CURVE_V{number}": x / 100, f"QV_CURVE_Q{number}": y}
    curve = use.curve
    if curve is not None and curve.vRef is not None:
        said["QV_VREF"] = float(curve.vRef.value) / 100
    if curve is not None and curve.autonomousVRefEnable:
        said |= {"QV_VREF_AUTO_MODE": True, "QV_VREF_TIME": float(curve.autonomousVRefTimeConstant or 300)}
    return said | {"QV_OLRT": build.response if row.response is None else row.response}


def _volt_watt(use: messages.CurveUse, build: Build) -> dict[str, object]:
    row = _row(use, build, (2,), "setMaxW", build.plate.watts)
    named = zip(("PV_CURVE_V1", "PV_CURVE_V2", "PV_CURVE_P1", "PV_CURVE_P2"),
                (row.x[0] / 100, row.x[1] / 100, *row.y), strict=True)  # fmt: skip
    olrt = build.response if row.response is None else row.response
    return {"PV_MODE_ENABLE": True, "PV_OLRT": olrt, **dict(named)}


def _watt_var(use: messages.CurveUse, build: Build) -> dict[str, object]:
    """Three points while power is given; OpenDER's other three say nothing of them."""
    row = _row(use, build, (3,), "setMaxVar", build.plate.va)
    said: dict[str, object] = {"QP_MODE_ENABLE": True}
    for number, (x, y) in enumerate(zip(row.x, row.y, strict=True), 1):
        said |= {f"QP_CURVE_P{number}_GEN": x / 100, f"QP_CURVE_Q{number}_GEN": y}
        said |= {f"QP_CURVE_P{number}_LOAD": -x / 100, f"QP_CURVE_Q{number}_LOAD": 0.0}
    return said | ({} if row.response is None else {"QP_RT": row.response})


def _factor(said: messages.PowerFactor, _build: Build) -> dict[str, object]:
    excited = "ABS" if said.absorbing else "INJ"
    return {"CONST_PF_MODE_ENABLE": True, "CONST_PF": float(said.value), "CONST_PF_EXCITATION": excited}


def _var(said: messages.Amount, build: Build) -> dict[str, object]:
    var = float(said.value)
    if said.unit is messages.Unit.percent:
        var = part(var, said.of, build, Moment(0.0, available=build.plate.watts))
    return {"CONST_Q_MODE_ENABLE": True, "CONST_Q": var / build.plate.va}


def _droop(said: messages.Droop, build: Build) -> dict[str, object]:
    scale = NOMINAL / build.hertz
    least = 0.0 if said.minimum is None else float(said.minimum.value) / build.plate.watts
    if build.stores and said.minimum is None:
        least = -build.plate.charge / build.plate.watts
    return {
        "PF_MODE_ENABLE": True,
        "PF_DBOF": float(said.overDeadband.value) * scale,
        "PF_DBUF": float(said.underDeadband.value) * scale,
        "PF_KOF": float(said.overSlope.value),
        "PF_KUF": float(said.underSlope.value),
        "PF_OLRT": float(said.openLoop),
        "NP_P_MIN_PU": least,
    }


FUNCTIONS: Mapping[str, Callable[[Any, Build], dict[str, object]]] = MappingProxyType(
    {
        "voltVar": _volt_var,
        "voltWatt": _volt_watt,
        "wattVar": _watt_var,
        "fixedPFInjectW": _factor,
        "fixedVar": _var,
        "targetVar": _var,
        "freqDroop": _droop,
    }
)
"""Modes, and how OpenDER is told them."""
