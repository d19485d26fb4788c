"""A canonical control as the facts of a DERControl and of the DERCurves that it points at.

A node of IEC 61850 has its curve in itself, IEEE 2030.5 points at a DERCurve (10.10.4.5): so each curve is
drawn first, and the control made with its address. Unrepresentable where no edition can say something. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping

from bridge.sep2 import facts
from bridge.sep2.facts import Facts
from models.der import messages

MODES = ("opMod", "rampTms", "DERControlBase")
"""What the names of modes begin with, and of the part that those of a later edition stand in."""
OWN = frozenset({"mRID", "creationTime"})
"""What whoever stores a curve says of it."""
NOWHERE = "/derp/0/dc/0"


def curves(control: messages.Control) -> Mapping[str, Facts]:
    """Give the curves of a control, by mode."""
    found: dict[str, Facts] = {}
    for name in type(control.modes).model_fields:
        use = getattr(control.modes, name)
        if isinstance(use, messages.CurveUse) and use.curve is not None:
            said = facts.said(
                use.curve.model_copy(update={"mRID": "00", "created": control.issued}), "DERCurve"
            )
            found[name] = {key: value for key, value in said.items() if key not in OWN}
    return found


def modes(control: messages.Control, drawn: Mapping[str, str]) -> Facts:
    """Give the modes of a control whose curves stand at some addresses."""
    status = messages.EventState(currentStatus=0, at=control.issued, potentiallySuperseded=False)
    uses = {name: messages.CurveUse(ref=href) for name, href in drawn.items()}
    fields = {"mRID": "00", "created": control.issued, "status": status, "programme": None}
    made = control.model_copy(update={**fields, "modes": control.modes.model_copy(update=uses)})
    said = facts.said(made, "DERControl")
    return {name: value for name, value in said.items() if name.startswith(MODES)}


def tried(control: messages.Control) -> None:
    """See that a control can be said at all."""
    modes(control, dict.fromkeys(curves(control), NOWHERE))
