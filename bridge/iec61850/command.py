"""A control as a client sends it: the types of its variables, and their values read into one object.

The order of the members is that of 7-2 and 8-1: ctlVal, operTm where the object can operate at a time,
origin, ctlNum, T, Test, Check; a Cancel has no Check. What is read here is only whether the sender has said
something that can be meant; whether it may be done is for `blocks` and `control`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

from bridge.iec61850.peer import Peer
from bridge.iec61850.shape import Basic, Structure, Type, Value

REFERENCE = Basic("visible-string", -129)
"""An object's reference, which a select by read answers with."""
ORIGIN = Structure((("orCat", Basic("integer", 8)), ("orIdent", Basic("octet-string", -64))))
NUMBER = Basic("unsigned", 8)
TIME = Basic("utc-time")
_AT = ("operTm", TIME)
_TAIL = (("origin", ORIGIN), ("ctlNum", NUMBER), ("T", TIME), ("Test", Basic("boolean")))
_CHECK = ("Check", Basic("bit-string", 2))

SELECT, SELECT_WITH, OPERATE, CANCEL = "SBO", "SBOw", "Oper", "Cancel"
VARIABLES: Mapping[int, tuple[str, ...]] = {
    0: (),
    1: (OPERATE,),
    2: (SELECT, OPERATE, CANCEL),
    3: (OPERATE, CANCEL),
    4: (SELECT_WITH, OPERATE, CANCEL),
}
"""What stands under CO, by ctlModel. A direct object that can operate at a time has a Cancel, too."""
CATEGORIES = range(8)
"""Originator categories that a client may be; 8, process, says that nobody asked."""
SYNCHROCHECK, INTERLOCK = range(2)
"""Bits of Check."""


Mark = tuple[tuple[int, bytes], int, bytes]
"""Origin, ctlNum and T of a command."""


class Target(NamedTuple):
    """A control object: logical device, logical node, data object."""

    domain: str
    node: str
    object: str

    def leaf(self, constraint: str, path: str) -> str:
        """Give the item of an attribute of the object."""
        return f"{self.node}${constraint}${self.object}${path}"

    def service(self, variable: str) -> str:
        """Give the item of one of its control variables."""
        return f"{self.node}$CO${self.object}${variable}"


@dataclass(frozen=True, slots=True, eq=False)
class Command:
    """What a client asks of a control object, once."""

    peer: Peer
    target: Target
    variable: str
    value: Value
    at: float | None
    """When to do it, in seconds of Unix time; None at once."""
    origin: tuple[int, bytes]
    number: int
    stamp: bytes
    """T as it was sent."""
    test: bool
    check: str
    form: Structure
    said: Value
    """The whole variable, as a termination repeats it."""

    @property
    def reference(self) -> str:
        """Give the variable's reference."""
        return f"{self.target.domain}/{self.target.service(self.variable)}"

    @property
    def mark(self) -> Mark:
        """Give what a command sent anew does not share with the one before it."""
        return self.origin, self.number, self.stamp

    def same(self, other: Command) -> bool:
        """Say whether two services of one control agree, as far as both say it; T is each service's own."""
        said, meant = ((one.value, one.at, one.origin, one.number, one.test) for one in (self, other))
        return said == meant and (not self.check or not other.check or self.check == other.check)


def service_types(value: Type, model: int, *, timed: bool = True) -> dict[str, Type]:
    """Give the types of the variables under CO, by name, of an object whose ctlVal has a type."""
    names = VARIABLES[model]
    if timed and names and CANCEL not in names:
        names = (*names, CANCEL)
    head = (("ctlVal", value), *((_AT,) if timed else ()), *_TAIL)
    types: Mapping[str, Type] = {
        SELECT: REFERENCE,
        SELECT_WITH: Structure((*head, _CHECK)),
        OPERATE: Structure((*head, _CHECK)),
        CANCEL: Structure(head),
    }
    return {name: types[name] for name in names}


def target(domain: str, item: str) -> tuple[Target, str] | None:
    """Give the object and the variable that an item of constraint CO stands for; None for a part of one."""
    parts = item.split("$")
    if len(parts) != 4 or parts[1] != "CO":  # noqa: PLR2004 - node, constraint, object, variable
        return None
    return Target(domain, parts[0], parts[2]), parts[3]


def read(peer: Peer, target: Target, variable: str, form: Structure, said: Value) -> Command:
    """Give the command that a variable's value says."""
    parts = cast("tuple[Any, ...]", said)
    found = dict(zip((name for name, _ in form.fields), parts, strict=True))
    return Command(
        peer,
        target,
        variable,
        found["ctlVal"],
        moment(found.get("operTm", bytes(8))),
        found["origin"],
        found["ctlNum"],
        found["T"],
        found["Test"],
        found.get("Check", ""),
        form,
        said,
    )


def moment(octets: bytes) -> float | None:
    """Give the time that a utc-time says; None where it says nought, which is none."""
    whole, part = int.from_bytes(octets[:4]), int.from_bytes(octets[4:7])
    return whole + part / 2**24 if whole or part else None
