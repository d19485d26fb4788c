"""The bases of a conversion: from settings that were given along, then from `--base NAME=VALUE`, which wins.

A percentage means nothing without what it is a percentage of, so the mapping refuses to guess; here is
where a person says it. The names are those of `bridge.mapping.bases.Bases`, which documents each. Nothing
is converted here. The nominal frequency is in no document of 2030.5: only a person or the peer says it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

from bridge.app import source
from bridge.app.fault import Fault
from bridge.mapping import editions, profile
from bridge.mapping.bases import Bases
from models import kit
from models.der import messages

RATINGS: Mapping[str, str] = MappingProxyType(
    {
        "setMaxW": "WMax",
        "setMaxChargeRateW": "ChaWMax",
        "setMaxDischargeRateW": "DschWMax",
        "setMaxVA": "VAMax",
        "setMaxVar": "IvarMax",
        "setMaxVarNeg": "AvarMax",
        "WhRtg": "Wh",
        "VRef": "VRef",
    }
)
"""Which rating gives which base."""
LISTED = ("frames", "names")
WORDS: Mapping[str, bool] = MappingProxyType({"true": True, "false": False, "1": True, "0": False})


def bases(records: Iterable[kit.Model], given: Iterable[str], edition: str = "2018") -> Bases:
    """The bases that nameplates, settings and the command line give, each stronger than the one before."""
    found: dict[str, Any] = {}
    for kind in (messages.Capability, messages.Setting):
        for record in records:
            if isinstance(record, kind):
                found |= ratings(record.ratings)
    result = replace(Bases(), **found, edition=edition)
    for item in given:
        result = said(result, item)
    return result


def edition(name: str) -> str:
    """The edition that a profile stands for; the usual one while a profile is still looked for."""
    return Bases().edition if name == "auto" else source.edition(source.named(name))


def ratings(said: messages.Ratings) -> dict[str, Decimal]:
    """The bases among the ratings of a unit."""
    amounts = {base: getattr(said, name) for base, name in RATINGS.items()}
    return {base: amount.value for base, amount in amounts.items() if amount is not None}


def said(result: Bases, item: str) -> Bases:
    """Set one base as a person wrote it."""
    name, equals, text = item.partition("=")
    name, _, key = name.partition(".")
    known = {field.name: field.type for field in fields(Bases)}
    if not equals or name not in known or bool(key) != (name in LISTED):
        raise Fault(f"--base {item}", f"not NAME=VALUE with a name of {', '.join(known)}")
    kind = {"frames": "bool", "edition": "edition"}.get(name, str(known[name]))
    value: Any = _value(item, kind, text)
    if key:
        value = MappingProxyType({**getattr(result, name), key: value})
    return replace(result, **{name: value})


def _value(item: str, kind: str, text: str) -> object:
    for word, read in READERS.items():
        if kind.startswith(word):
            return read(item, text)
    return text


def _decimal(item: str, text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise Fault(f"--base {item}", f"{text!r} is not a number") from error
    if not value.is_finite():
        raise Fault(f"--base {item}", f"{text!r} is not a number")
    return value


def _integer(item: str, text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise Fault(f"--base {item}", f"{text!r} is not a whole number") from error


def _truth(item: str, text: str) -> bool:
    if text.lower() not in WORDS:
        raise Fault(f"--base {item}", f"{text!r} is neither true nor false")
    return WORDS[text.lower()]


def _edition(item: str, text: str) -> str:
    if text in editions.PACKAGES:
        return text
    names = [one for one in profile.available() if profile.load(one).package in editions.PACKAGES.values()]
    if text not in names:
        raise Fault(f"--base {item}", f"no edition; there are {', '.join((*editions.PACKAGES, *names))}")
    return source.edition(profile.load(text))


READERS: Mapping[str, Callable[[str, str], object]] = MappingProxyType(
    {
        "Decimal": _decimal,
        "bool": _truth,
        "int": _integer,
        "edition": _edition,
    }
)
