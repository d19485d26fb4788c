"""What carrying has to know of a unit besides its types: control models, units, arbiters and their schedules.

Read once for each association: everything under CF of the nodes that can be told something, Mod of each, and
CtlEnt and Schd of every FSCC (IEC 61850-7-4). Nothing here is changed by an order but the arbiters that it
takes up. Never guesses a value that the unit did not tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from bridge.iec61850.carrying.line import Line, Read, Talk
from bridge.iec61850.command import Target
from bridge.iec61850.discovery import Found
from bridge.iec61850.image import scattered
from bridge.iec61850.shape import Basic, Structure, Type, Value
from bridge.mapping.work import ON
from models.mms.codes import DataAccessError

ARBITER = re.compile(r"(\w*FSCC\d*)")
HERTZ = re.compile(r"\$SP\$Hz(Ref|Nom)\$setMag\$f|\$MX\$Hz\$mag\$f")
SCHEDULE = re.compile(r"\w*FSCH\d*")
TOLD = ("CO", "SP")
"""A node with an object under one of these can be told something."""
ENTITY, SCHEDULES = "CtlEnt", "Schd"
DESCRIBED = ("NamPlt", "SchdPrio", "NumEntr", "SchdIntv", "SchdReuse", "StrTm1")
"""Objects of a schedule whose description may bear whose it is, the best first."""
BESIDE = ("ST$Mod$stVal", "SP$RefFrm$setVal", "SP$HzRef$setMag$f", "SP$HzNom$setMag$f")
"""What else is read of a node: whether it is on, which way its figures count, what its frequency is."""
MEASURED = ("MMXU1$MX$Hz$mag$f",)
FREQUENCIES = (Decimal(50), Decimal(60))
OFF_BY = 3
"""Hertz by which a grid may be off its nominal frequency."""
ROOM = 100
"""Characters that a description needs to have room for."""
MODELS = (("SBOw", 4), ("SBO", 2), ("Oper", 1))
"""Which control model an object has that does not tell it: by its variables, the plainest of its kind."""


@dataclass(slots=True)
class Arbiter:
    """An FSCC: what it controls (nothing: it is free), and its schedules in order."""

    node: str
    entity: str
    schedules: tuple[str, ...]


@dataclass(slots=True)
class Survey:
    """One logical device of a unit, as far as orders need it."""

    domain: str
    types: Mapping[str, Type]
    loose: frozenset[str] = frozenset()
    values: dict[str, Value] = field(default_factory=dict)
    """Leaves under CF, and Mod of each node."""
    arbiters: tuple[Arbiter, ...] = ()
    mute: bool = False
    """Whether the unit lets nobody write the descriptions of its schedules."""
    strange: str = ""
    """An item whose value was none of its type."""

    def has(self, node: str) -> bool:
        """Whether there is such a node."""
        return node in self.types

    def services(self, target: Target) -> Mapping[str, Type]:
        """The variables under CO of an object, by name."""
        found = self.types.get(f"{target.node}$CO${target.object}")
        return dict(found.fields) if isinstance(found, Structure) else {}

    def model(self, target: Target) -> int:
        """The control model of an object; 0 where it takes no control."""
        there = self.services(target)
        told = self.values.get(target.leaf("CF", "ctlModel"))
        if isinstance(told, int) and told in range(5):
            return told if there else 0
        return next((model for name, model in MODELS if name in there), 0)

    def on(self, node: str) -> bool | None:
        """Whether a node was on when it was looked at; None where that is not known."""
        said = self.values.get(f"{node}$ST$Mod$stVal")
        return None if said is None else said == ON

    def frames(self) -> dict[str, bool]:
        """Which way the figures of each connection point count, where it says so: its RefFrm."""
        found = {item: value for item, value in self.values.items() if item.endswith("$SP$RefFrm$setVal")}
        return {item.partition("$")[0]: value for item, value in found.items() if isinstance(value, bool)}

    def hertz(self) -> Decimal | None:
        """The nominal frequency: as a setting says it, else the one that is measured, about."""
        said = [value for item, value in self.values.items() if HERTZ.search(item)]
        told = [Decimal(repr(value)) for value in said if isinstance(value, float) and value > 0]
        return next((each for each in FREQUENCIES for one in told if abs(one - each) <= OFF_BY), None)

    def power(self, item: str) -> tuple[int | None, int]:
        """SIUnit and power of ten of what an object's units say; None for a unit that is not told."""
        unit, power = (self.values.get(f"{item}${name}") for name in ("SIUnit", "multiplier"))
        return (unit if isinstance(unit, int) else None), (power if isinstance(power, int) else 0)

    def target(self, ref: str) -> Target:
        """The control object of a reference `DWMX1.WMaxSptPct`."""
        node, _, name = ref.partition(".")
        return Target(self.domain, node, name)


def survey(found: Found, domain: str, now: float) -> Talk[Survey]:
    """Look at one device of a unit."""
    line, held = Line(domain, now), found.domains[domain].index.types
    made = Survey(domain, held, frozenset(item for one, item in found.loose if one == domain))
    leaves = dict(_wanted(made))
    whole = {item: of for item, of in leaves.items() if not isinstance(of, Basic)}
    told = yield from line.read(leaves)
    parts: dict[str, Type] = {}
    for item, value in told.items():
        if isinstance(value, DataAccessError):
            made.strange = item if value == DataAccessError.type_inconsistent else made.strange
            parts |= _below(held, item) if item in whole else {}
        else:
            made.values |= dict(scattered(leaves[item], item, value))
    again = yield from line.read(parts)
    made.values |= {item: value for item, value in again.items() if not isinstance(value, DataAccessError)}
    made.arbiters = tuple(_arbiters(made))
    return made


def _wanted(made: Survey) -> Iterator[tuple[str, Type]]:
    """What is read: CF of each node whole unless it is loose, Mod, settings of arbiters, a few more."""
    nodes = [item for item in made.types if "$" not in item]
    for node in nodes:
        if not any(f"{node}${fc}" in made.types for fc in TOLD):
            continue
        constraints = ("CF", "SP") if ARBITER.fullmatch(node) else ("CF",)
        for item in (f"{node}${fc}" for fc in constraints):
            if item in made.types and item not in made.loose:
                yield item, made.types[item]
            elif item in made.types:
                yield from _below(made.types, item).items()
        beside = (f"{node}${tail}" for tail in BESIDE)
        yield from ((item, made.types[item]) for item in beside if item in made.types)
    yield from ((item, made.types[item]) for item in MEASURED if item in made.types)


def _below(types: Mapping[str, Type], item: str) -> dict[str, Type]:
    return {each: of for each, of in types.items() if each.startswith(f"{item}$") and isinstance(of, Basic)}


def _arbiters(made: Survey) -> Iterator[Arbiter]:
    for node in sorted(filter(ARBITER.fullmatch, made.types), key=_ranked):
        entity = made.values.get(f"{node}$SP${ENTITY}$setSrcRef")
        listed = sorted(
            (item for item in made.values if item.startswith(f"{node}$SP${SCHEDULES}")), key=_ranked
        )
        named = (_bare(made, made.values[item]).partition(".")[0] for item in listed)
        held = tuple(dict.fromkeys(name for name in named if SCHEDULE.fullmatch(name) and made.has(name)))
        if isinstance(entity, str) and held:
            yield Arbiter(node, _bare(made, entity), held)


def _ranked(name: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", name)))


def _bare(made: Survey, said: Read) -> str:
    """A reference without the name of the device; one into another device keeps its name, and is not ours."""
    return str(said).removeprefix(f"{made.domain}/")


def described(made: Survey, schedule: str) -> str:
    """The description of a schedule that may bear whose it is; nothing where there is none."""
    items = (f"{schedule}$DC${do}$d" for do in DESCRIBED)
    return "" if made.mute else next((item for item in items if _roomy(made.types.get(item))), "")


def _roomy(of: Type | None) -> bool:
    return isinstance(of, Basic) and abs(of.size) >= ROOM


def instant(value: Value) -> Decimal:
    """The moment of a timestamp's octets; nought for none."""
    octets = value if isinstance(value, bytes) else bytes(8)
    return Decimal(int.from_bytes(octets[:7])) / 2**24
