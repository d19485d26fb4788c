"""What the attributes of a control object say of it in the image, and how what happens to it is shown there.

ctlModel, sboClass and the time-outs are read under CF; stSeld, origin and ctlNum are shown under ST or MX,
opRcvd, opOk and tOpOk under OR (7-3, control classes). An attribute that the object's type lacks is not
shown. Changes go through the image, so that reports follow.
"""

from __future__ import annotations

from collections.abc import Mapping

from bridge.iec61850.command import Command, Target
from bridge.iec61850.image import Image
from bridge.iec61850.phases import KINDS
from bridge.iec61850.shape import Value

TIMEOUT = 30_000
"""Milliseconds of a selection and of an execution, where the object does not say."""
MANY = 1
"""Value of sboClass: a selection outlives an operate."""
_SHOWN = ("ST", "MX", "OR")


def kind(image: Image, target: Target) -> str:
    """Give the letter of the control model; nothing for an object that takes no control."""
    model = _said(image, target, "ctlModel")
    return KINDS.get(model, "") if isinstance(model, int) else ""


def many(image: Image, target: Target) -> bool:
    """Say whether a selection is for many operates."""
    return _said(image, target, "sboClass") == MANY


def patience(image: Image, target: Target, attribute: str) -> float:
    """Give a time-out (sboTimeout, operTimeout) in seconds; nought, too, is none that was set."""
    said = _said(image, target, attribute)
    return (said if isinstance(said, int) and said > 0 else TIMEOUT) / 1000


def show(image: Image, target: Target, values: Mapping[str, Value], now: float) -> None:
    """Show attributes, as far as the object has them."""
    held = image.domains.get(target.domain)
    items = (
        (target.leaf(constraint, path), value) for path, value in values.items() for constraint in _SHOWN
    )
    if held and (found := {item: value for item, value in items if item in held.leaves}):
        image.update(target.domain, found, now)


def author(command: Command) -> Mapping[str, Value]:
    """Give what is shown of who has commanded."""
    category, name = command.origin
    return {"origin$orCat": category, "origin$orIdent": name, "ctlNum": command.number}


def stamp(now: float) -> bytes:
    """Give a moment as a utc-time, its quality saying nothing of the clock's accuracy."""
    units = round(now * 2**24)
    return (units >> 24).to_bytes(4) + (units & 0xFFFFFF).to_bytes(3) + b"\x1f"


def _said(image: Image, target: Target, attribute: str) -> Value | None:
    held = image.domains.get(target.domain)
    return held.leaves.get(target.leaf("CF", attribute)) if held else None
