"""Modes of a control in plain figures, under the names of DERControlBase, letter for letter.

All editions in one: the extensions of CSIP-AUS 1.2 and 1.3, and what 2023 added. Power is in watts, vars or
volt-amperes, percentages in percent, times in seconds; the server finds the edition that can say it and the
multipliers, and refuses what none can say exactly. A test holds the names to the schemas.
"""
# ruff: noqa: N815 - the standard's names, letter for letter

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import Field

from bridge.sdk.forms.kinds import Figure, Given

Curve = Annotated[str, Field(pattern=r"^[!-~]{1,255}$")]
Percent = Figure
T = TypeVar("T")


def absent(value: object) -> bool:
    """Whether nothing is said, so that nothing is written."""
    return value is None


Maybe = Annotated[T | None, Field(exclude_if=absent)]


class Factor(Given):
    """A power factor."""

    factor: Figure
    """The displacement factor, as 0.95."""
    absorbing: bool = False
    """Excitation: true when absorbing vars (under-excited), false when injecting them."""


class Share(Given):
    """A share of reactive power."""

    percent: Percent
    of: Annotated[str, Field(pattern=r"^[A-Za-z]{1,24}(:[0-9]{1,3})?$")] = "statVarAvail"
    """What it is a percentage of: setMaxW, setMaxVar or statVarAvail (DERUnitRefType)."""


class Droop(Given):
    """Frequency droop."""

    over_deadband: Figure
    """dBOF in hertz."""
    under_deadband: Figure
    """dBUF in hertz."""
    over_slope: Figure
    """kOF, per unit of frequency for each per unit of power, as 0.05."""
    under_slope: Figure
    """kUF, the same below."""
    open_loop: Figure
    """openLoopTms in seconds."""


class Modes(Given):
    """What a control or a default demands."""

    opModConnect: Maybe[bool] = None
    opModDeltaVar: Maybe[Figure] = None
    opModDeltaW: Maybe[Figure] = None
    opModEnergize: Maybe[bool] = None
    opModFixedPFAbsorbW: Maybe[Factor] = None
    opModFixedPFInjectW: Maybe[Factor] = None
    opModFixedV: Maybe[Percent] = None
    opModFixedVar: Maybe[Share] = None
    opModFixedW: Maybe[Percent] = None
    opModFreqDroop: Maybe[Droop] = None
    opModFreqWatt: Maybe[Curve] = None
    opModGridConnectPermit: Maybe[bool] = None
    opModHFRTMayTrip: Maybe[Curve] = None
    opModHFRTMustTrip: Maybe[Curve] = None
    opModHVRTMayTrip: Maybe[Curve] = None
    opModHVRTMomentaryCessation: Maybe[Curve] = None
    opModHVRTMustTrip: Maybe[Curve] = None
    opModIslandPermit: Maybe[bool] = None
    opModLFRTMayTrip: Maybe[Curve] = None
    opModLFRTMustTrip: Maybe[Curve] = None
    opModLVRTMayTrip: Maybe[Curve] = None
    opModLVRTMomentaryCessation: Maybe[Curve] = None
    opModLVRTMustTrip: Maybe[Curve] = None
    opModMaxLimPctVAAbsorb: Maybe[Percent] = None
    opModMaxLimPctVAInject: Maybe[Percent] = None
    opModMaxLimPctVarAbsorb: Maybe[Share] = None
    opModMaxLimPctVarInject: Maybe[Share] = None
    opModMaxLimPctWAbsorb: Maybe[Percent] = None
    opModMaxLimVarAbsorb: Maybe[Figure] = None
    opModMaxLimVarInject: Maybe[Figure] = None
    opModMaxLimW: Maybe[Percent] = None
    opModMaxLimWAbsorb: Maybe[Figure] = None
    opModMaxLimWInject: Maybe[Figure] = None
    opModTargetV: Maybe[Figure] = None
    opModTargetVar: Maybe[Figure] = None
    opModTargetW: Maybe[Figure] = None
    opModVoltVar: Maybe[Curve] = None
    opModVoltWatt: Maybe[Curve] = None
    opModWattPF: Maybe[Curve] = None
    opModWattVar: Maybe[Curve] = None
    opModExpLimW: Maybe[Figure] = None
    opModImpLimW: Maybe[Figure] = None
    opModGenLimW: Maybe[Figure] = None
    opModLoadLimW: Maybe[Figure] = None
    opModStorageTargetW: Maybe[Figure] = None
    rampTms: Maybe[Figure] = None
    """Ramp time in seconds, to hundredths."""


class GridEntry(Given):
    """Grid entry and ramps, which only a default says."""

    setESDelay: Maybe[Figure] = None
    """Seconds."""
    setESHighFreq: Maybe[Figure] = None
    """Hertz."""
    setESHighVolt: Maybe[Figure] = None
    """Per cent of the nominal voltage."""
    setESLowFreq: Maybe[Figure] = None
    """Hertz."""
    setESLowVolt: Maybe[Figure] = None
    """Per cent of the nominal voltage."""
    setESRampTms: Maybe[Figure] = None
    """Seconds."""
    setESRandomDelay: Maybe[Figure] = None
    """Seconds."""
    setGradW: Maybe[Figure] = None
    """Per cent of setMaxW a second."""
    setSoftGradW: Maybe[Figure] = None
    """Per cent of setMaxW a second."""
