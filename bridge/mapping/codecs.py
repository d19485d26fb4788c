"""The exact codecs between one 2030.5 value and one canonical value, chosen by the two classes and the row.

The shapes of 2030.5 are those of its schema: a plain number, a value with a multiplier (FixedPointType and
kin), a value with a reference (FixedVar), a value with attributes (PerCentControlType), a displacement
(PowerFactor). Each `forth` and `back` undo each other. Nothing is rounded, clipped or defaulted; what does
not fit is an `Unrepresentable`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bridge.mapping.amounts import power_for, scaled, steps_of
from bridge.mapping.rows import Row
from bridge.mapping.table import Unrepresentable, steps
from models import kit
from models.der import messages

FLAGS = ("disabled", "bidirectional")


@dataclass(frozen=True, slots=True)
class Codec:
    """A pair of functions; `takes` names the fields of a wire class that they speak for."""

    takes: tuple[str, ...]
    forth: Callable[[Any], Any]
    back: Callable[[Any], Any]


def choose(row: Row, wire: Any, canonical: Any, words: Mapping[int, str]) -> Codec | None:
    """Return the codec for a pair of classes under a row's parameters; none when there is no such pair."""
    if row.codes and canonical is str and wire is int:
        return _coded(row.codes, words)
    if wire is canonical and wire in (bool, int, str):
        return Codec((), _same, _same)
    if canonical is Decimal and wire is int:
        return None if row.scale is None else _counted(row.scale)
    if canonical is messages.Amount and wire is int:
        return None if row.scale is None or row.unit is None else _amount(row, row.unit, row.scale)
    if isinstance(wire, type) and issubclass(wire, kit.Model):
        return _shaped(row, wire, canonical, words)
    return None


def _shaped(row: Row, wire: type[kit.Model], canonical: Any, words: Mapping[int, str]) -> Codec | None:
    """Choose by the fields that a wire class has."""
    names = steps(wire)
    if canonical is messages.PowerFactor and "excitation" in names:
        return _factor(wire)
    if canonical is not messages.Amount or row.unit is None:
        return None
    if "multiplier" in names:
        return _multiplied(row, row.unit, wire, "displacement" if "displacement" in names else "value")
    if row.scale is None or "value" not in names:
        return None
    if "refType" in names:
        return _referred(row, row.unit, wire, words)
    return _valued(row, row.unit, row.scale, wire)


def _same(value: Any) -> Any:
    return value


def _coded(name: str, words: Mapping[int, str]) -> Codec:
    """Convert a number and the word for it; a reserved number is carried as "<list>:<number>"."""
    numbers = {word: code for code, word in words.items()}

    def back(word: str) -> int:
        if word in numbers:
            return numbers[word]
        head, _, tail = word.partition(":")
        if head == name and tail.isdecimal():
            return int(tail)
        raise Unrepresentable("", f"this edition has no code for {word}")

    return Codec((), lambda code: words.get(code, f"{name}:{code}"), back)


def _counted(scale: int) -> Codec:
    return Codec((), lambda value: scaled(value, scale), lambda amount: steps_of(amount, scale))


def _amount(row: Row, unit: messages.Unit, scale: int) -> Codec:
    """Convert a plain number that counts steps of ten to the scale."""

    def forth(value: int) -> messages.Amount:
        return messages.Amount(value=scaled(value, scale), unit=unit, of=_base(row, value))

    def back(amount: messages.Amount) -> int:
        _agree(row, amount)
        _flags((), amount)
        return steps_of(amount.value, scale)

    return Codec((), forth, back)


def _valued(row: Row, unit: messages.Unit, scale: int, wire: type[kit.Model]) -> Codec:
    """Convert a number with attributes."""
    plain = _amount(row, unit, scale)
    flags = _flagged(wire)

    def forth(value: Any) -> messages.Amount:
        amount: messages.Amount = plain.forth(value.value)
        return amount.model_copy(update={flag: getattr(value, flag) for flag in flags})

    def back(amount: messages.Amount) -> dict[str, Any]:
        _agree(row, amount)
        return {"value": steps_of(amount.value, scale), **_flags(flags, amount)}

    return Codec(("value", *flags), forth, back)


def _multiplied(row: Row, unit: messages.Unit, wire: type[kit.Model], number: str) -> Codec:
    """Convert a value with its multiplier; the canonical amount remembers the multiplier as its scale."""
    flags, (low, high) = _flagged(wire), bounds(wire, number)

    def forth(value: Any) -> messages.Amount:
        said = {flag: getattr(value, flag) for flag in flags}
        amount = scaled(getattr(value, number), value.multiplier)
        return messages.Amount(value=amount, unit=unit, of=_base(row, amount), scale=value.multiplier, **said)

    def back(amount: messages.Amount) -> dict[str, Any]:
        _agree(row, amount)
        power = power_for((amount.value,), amount.scale, low, high)
        return {number: steps_of(amount.value, power), "multiplier": power, **_flags(flags, amount)}

    return Codec((number, "multiplier", *flags), forth, back)


def _referred(row: Row, unit: messages.Unit, wire: type[kit.Model], words: Mapping[int, str]) -> Codec:
    """Convert a percentage that says itself what it is a percentage of."""
    scale, flags, code = row.scale or 0, _flagged(wire), _coded(row.codes or "", words)

    def forth(value: Any) -> messages.Amount:
        said = {flag: getattr(value, flag) for flag in flags}
        return messages.Amount(
            value=scaled(value.value, scale), unit=unit, of=code.forth(value.refType), **said
        )

    def back(amount: messages.Amount) -> dict[str, Any]:
        if amount.unit is not unit or amount.of is None:
            raise Unrepresentable("", f"{amount.unit} where a percentage of something is needed")
        value = steps_of(amount.value, scale)
        return {"refType": code.back(amount.of), "value": value, **_flags(flags, amount)}

    return Codec(("refType", "value", *flags), forth, back)


def _factor(wire: type[kit.Model]) -> Codec:
    """Convert a displacement and its side; excitation true means absorbing, in 2018 as in 2023."""
    flags, (low, high) = _flagged(wire), bounds(wire, "displacement")

    def forth(value: Any) -> messages.PowerFactor:
        said = {flag: getattr(value, flag) for flag in flags}
        factor = scaled(value.displacement, value.multiplier)
        return messages.PowerFactor(value=factor, absorbing=value.excitation, scale=value.multiplier, **said)

    def back(factor: messages.PowerFactor) -> dict[str, Any]:
        power = power_for((factor.value,), factor.scale, low, high)
        sides = {
            "displacement": steps_of(factor.value, power),
            "multiplier": power,
            "excitation": factor.absorbing,
        }
        return sides | _flags(flags, factor)

    return Codec(("displacement", "excitation", "multiplier", *flags), forth, back)


def _base(row: Row, value: int | Decimal) -> str | None:
    return row.below if row.below and value < 0 else row.of


def _agree(row: Row, amount: messages.Amount) -> None:
    """Refuse an amount in another unit or of another base: a percentage is never converted in silence."""
    if amount.unit is not row.unit:
        raise Unrepresentable("", f"{amount.unit} where {row.unit} is needed")
    fits = (row.of, row.below or row.of) if not amount.value else (_base(row, amount.value),)
    if amount.of not in fits:
        raise Unrepresentable("", f"{row.unit} of {amount.of} where of {fits[0]} is needed")


def _flagged(wire: type[kit.Model]) -> tuple[str, ...]:
    return tuple(flag for flag in FLAGS if flag in steps(wire))


def _flags(flags: tuple[str, ...], value: Any) -> dict[str, Any]:
    """Return the marks that were set; one that means something and has no place is refused."""
    said = {flag: found for flag in FLAGS if (found := getattr(value, flag, None)) is not None}
    for flag, found in said.items():
        if flag not in flags and found:
            raise Unrepresentable(flag, "this edition, or this mode, has no place for it")
    return {flag: found for flag, found in said.items() if flag in flags}


def bounds(wire: type[kit.Model], name: str) -> tuple[int, int]:
    """Return the range of a whole-number field."""
    notes = wire.model_fields[name].metadata
    low = next((note.ge for note in notes if hasattr(note, "ge")), None)
    high = next((note.le for note in notes if hasattr(note, "le")), None)
    if not isinstance(low, int) or not isinstance(high, int):
        raise TypeError(f"{wire.__name__}.{name} has no range")
    return low, high
