"""One conversation that carries something out: what it asks, what it hears, and what time it is.

Each step yields a service to be asked, or a moment until which a report is awaited, and is sent what was
heard. So one generator serves a real association and a test alike. Variables are read and written a few at a
time (IEC 61850-7-2 GetDataValues, SetDataValues). It sends nothing itself and asks no clock.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias, TypeVar

from bridge.iec61850 import selection, shape
from bridge.iec61850.hooks import Refusal
from bridge.iec61850.shape import Mismatch, OutOfRange, Type, Value
from models.mms import access, data, pdu, services, variables
from models.mms.codes import DataAccessError

T = TypeVar("T")
MANY = 32
"""Variables of one request: enough to be quick; where they are too many they are asked for in halves."""


class Wait(NamedTuple):
    """Nothing is asked: a report is awaited, until a moment."""

    until: float


class Heard(NamedTuple):
    """What came: the answer or its refusal, the reports since the last step in order, and the moment."""

    now: float
    answer: Any = None
    refused: Refusal | None = None
    reports: tuple[pdu.Unconfirmed_PDU, ...] = ()


Talk: TypeAlias = Generator["services.ConfirmedServiceRequest_choice | Wait", Heard, T]
Read: TypeAlias = "Value | DataAccessError"


@dataclass(slots=True)
class Line:
    """The conversation's own moment, and the logical device that it is about."""

    domain: str
    now: float

    def ask(self, service: services.ConfirmedServiceRequest_choice | Wait) -> Talk[Heard]:
        """Ask one thing, or wait."""
        heard = yield service
        self.now = heard.now
        return heard

    def read(self, wanted: Mapping[str, Type]) -> Talk[dict[str, Read]]:
        """Give the values of items, or the codes that refuse them."""
        items, found = list(wanted), dict[str, Read]()
        for first in range(0, len(items), MANY):
            found |= yield from self._some({item: wanted[item] for item in items[first : first + MANY]})
        return found

    def _some(self, wanted: Mapping[str, Type]) -> Talk[dict[str, Read]]:
        heard = yield from self.ask(reading(self.domain, list(wanted)))
        if heard.refused is not None and len(wanted) > 1:
            halves = _halves(list(wanted))
            first = yield from self._some({item: wanted[item] for item in halves[0]})
            then = yield from self._some({item: wanted[item] for item in halves[1]})
            return first | then
        if heard.refused is not None:
            return dict.fromkeys(wanted, DataAccessError.temporarily_unavailable)
        results = heard.answer.listOfAccessResult.AccessResult
        if len(results) != len(wanted):
            return dict.fromkeys(wanted, DataAccessError.type_inconsistent)
        return {item: _value(of, result) for (item, of), result in zip(wanted.items(), results, strict=True)}

    def write(
        self, values: Mapping[str, Value], types: Mapping[str, Type]
    ) -> Talk[dict[str, DataAccessError | None]]:
        """Write items, and give for each the code that refuses it, or None."""
        items, found = list(values), dict[str, DataAccessError | None]()
        for first in range(0, len(items), MANY):
            some = items[first : first + MANY]
            found |= yield from self._put({item: values[item] for item in some}, types)
        return found

    def _put(
        self, values: Mapping[str, Value], types: Mapping[str, Type]
    ) -> Talk[dict[str, DataAccessError | None]]:
        heard = yield from self.ask(writing(self.domain, values, types))
        if heard.refused is not None and len(values) > 1:
            found = dict[str, DataAccessError | None]()
            for half in _halves(list(values)):
                found |= yield from self._put({item: values[item] for item in half}, types)
            return found
        if heard.refused is not None:
            return dict.fromkeys(values, DataAccessError.temporarily_unavailable)
        told = [one.choice for one in heard.answer.CHOICE]
        if len(told) != len(values):
            return dict.fromkeys(values, DataAccessError.type_inconsistent)
        codes = (one.value if isinstance(one, data.WriteResult_failure) else None for one in told)
        return dict(zip(values, codes, strict=True))


def reading(domain: str, items: Sequence[str]) -> services.ConfirmedServiceRequest_choice:
    """The request to read items."""
    return services.ConfirmedServiceRequest_read(
        value=variables.Read_Request(variableAccessSpecification=_named(domain, items))
    )


def writing(
    domain: str, values: Mapping[str, Value], types: Mapping[str, Type]
) -> services.ConfirmedServiceRequest_choice:
    """The request to write items."""
    said = tuple(shape.encode(types[item], value) for item, value in values.items())
    return services.ConfirmedServiceRequest_write(
        value=variables.Write_Request(
            variableAccessSpecification=_named(domain, list(values)),
            listOfData=data.DataList(Data=said),
        )
    )


def _named(domain: str, items: Sequence[str]) -> access.VariableAccessSpecification:
    listed = selection.variables((domain, item) for item in items)
    return access.VariableAccessSpecification(
        choice=access.VariableAccessSpecification_listOfVariable(value=listed)
    )


def _halves(items: list[str]) -> tuple[list[str], list[str]]:
    return items[: len(items) // 2], items[len(items) // 2 :]


def _value(of: Type, result: data.AccessResult) -> Read:
    if isinstance(result.choice, data.AccessResult_failure):
        return result.choice.value
    try:
        return shape.decode(of, result.choice.value)
    except (Mismatch, OutOfRange):
        return DataAccessError.type_inconsistent
