"""Outlines made from the classes of `models.der`: the attributes of ours, and their constraints.

IEC 61850-7-3 lists the attributes of a common data class and which may be left out; the table here says
which of them ours have. A name that the class has not raises when the outline is made. Holds no value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Annotated, get_args, get_origin

from bridge.iec61850.orders import literals, services
from bridge.iec61850.outline import Attribute, Enumeration, Group, Kind, Node, Object
from bridge.iec61850.sorts import SORTS
from bridge.mapping.nodes import NODE, node_class
from models import kit

STATE = ("stVal", "q", "t")
ORIGIN = ("origin", "ctlNum")
TOLD: Mapping[str, tuple[str, ...]] = MappingProxyType({
    **dict.fromkeys(("SPS", "INS", "ENS", "ORS", "TCS"), STATE),
    **dict.fromkeys(("SPC", "DPC", "ENC", "INC"), (*ORIGIN, *STATE, "ctlModel")),
    "APC": (*ORIGIN, "mxVal", "q", "t", "ctlModel"),
    "ACD": ("general", "dirGeneral", "q", "t"),
    "ACT": ("general", "q", "t"),
    "MV": ("mag", "q", "t"),
    "CMV": ("cVal", "q", "t"),
    "WYE": ("phsA", "phsB", "phsC"),
    "DEL": ("phsAB", "phsBC", "phsCA"),
    "BCR": ("actVal", "q", "t", "units", "pulsQty"),
    **dict.fromkeys(("SPG", "ING", "ENG", "VSG"), ("setVal",)),
    "ASG": ("setMag",),
    "ORG": ("setSrcRef",),
    "TSG": ("setTm",),
    "CURVE": ("setCharact",),
    "CSG": ("numPts", "crvPts", "xUnits", "yUnits", "maxPts", "xD", "yD"),
    "LPL": ("vendor", "swRev"),
    "DPL": ("vendor", "hwRev", "swRev", "serNum", "model"),
})  # fmt: skip
"""The attributes that every object of a class has with us. An object may have more."""
SBO, ENHANCED = (2, 4), (3, 4)
SELECTED = ("stSeld", "sboTimeout", "sboClass")
TERMINATED = ("opRcvd", "opOk", "tOpOk", "operTimeout")
PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"AnalogueValue": ("f",), "AnalogueValueCtl": ("f",), "Vector": ("mag",), "Point": ("xVal", "yVal")}
)
"""Parts a constructed attribute has with us, where not all: a figure is a FLOAT32, never a scaled integer."""
POINTS = 10
"""Points of a curve: 2030.5 has no more."""
NAMED = re.compile(r"(\w+)\.(\w+)")
PHASED = ("WYE", "DEL")
INNER = frozenset({"zVal"})
"""What an object may have besides that is a part of an attribute rather than one."""
COMMAND = "ctlVal"


@cache
def node(name: str, objects: tuple[Object, ...]) -> Node:
    """A logical node of ours with these objects, in the order of its class."""
    found = NODE.fullmatch(name)
    if found is None:
        raise ValueError(f"{name} is no logical node")
    order = {each: place for place, each in enumerate(node_class(name).model_fields)}
    ranked = sorted(objects, key=lambda item: (order[base(name, item.name)], len(item.name), item.name))
    return Node(found["cls"], tuple(ranked), found["prefix"] or "", found["inst"])


def base(node: str, do: str) -> str:
    """The name of an object in its class: one that may be there several times bears a number."""
    fields = node_class(node).model_fields
    return do if do in fields else do.rstrip("0123456789")


def object_class(node: str, do: str) -> type[kit.Model]:
    """The class of an object of a node."""
    return _referred(node_class(node), base(node, do))


def cdc(node: str, do: str) -> str:
    """The common data class of an object of a node."""
    return object_class(node, do).__name__.partition("_")[0]


def data_object(
    node: str, do: str, more: tuple[str, ...] = (), model: int = 1, values: Enumeration | None = None
) -> Object:
    """An object of a node: what its class always has, what this one has besides, and how it is controlled.

    `values` are the literals of an enumeration that its class leaves open.
    """
    cls = object_class(node, do)
    return _object(do, cls, more, model, values)


@cache
def _object(
    name: str, cls: type[kit.Model], more: tuple[str, ...], model: int, values: Enumeration | None
) -> Object:
    kind = cls.__name__.partition("_")[0]
    if kind in PHASED:
        phases = (_object(each, _referred(cls, each), more, 0, None) for each in TOLD[kind])
        return Object(name, kind, (), tuple(phases))
    chosen = {*TOLD[kind], *more} - INNER | _controlled(cls, model)
    if unknown := chosen - set(cls.FC):
        raise ValueError(f"{cls.__name__} has no attribute {', '.join(sorted(unknown))}")
    own = (_attribute(cls, each, values, more) for each in cls.FC if each in chosen)
    orders = services(_kind(cls, COMMAND, values, ()), model) if COMMAND in cls.FC and model else ()
    return Object(name, kind, (*own, *orders))


def _controlled(cls: type[kit.Model], model: int) -> set[str]:
    if COMMAND not in cls.FC:
        return set()
    return {*(SELECTED if model in SBO else ()), *(TERMINATED if model in ENHANCED else ())}


def _attribute(
    cls: type[kit.Model], name: str, values: Enumeration | None, more: tuple[str, ...]
) -> Attribute:
    count = POINTS if _many(cls, name) else 0
    return Attribute(name, _kind(cls, name, values, more), cls.FC[name][0], count, cls.TRG.get(name, ()))


def _kind(cls: type[kit.Model], name: str, values: Enumeration | None, more: tuple[str, ...]) -> Kind:
    module, word = _names(cls, name)
    if word in SORTS:
        return word
    found = getattr(import_module(f"models.der.{module}"), word)
    if isinstance(found, type) and issubclass(found, IntEnum):
        return literals(found)
    if isinstance(found, type) and issubclass(found, kit.Model):
        return _group(found, more)
    if get_origin(found) is Annotated and get_args(found)[0] is int:
        return values or "INT32"
    raise ValueError(f"{cls.__name__}.{name} is a {word}, which has no type in MMS")


@cache
def _group(cls: type[kit.Model], more: tuple[str, ...]) -> Group:
    wanted = PARTS.get(cls.__name__, tuple(cls.model_fields))
    names = [each for each in cls.model_fields if each in wanted or each in more]
    return Group(tuple(Attribute(each, _kind(cls, each, None, more)) for each in names))


def enumeration(node: str, do: str, attribute: str) -> Enumeration | None:
    """The literals of an attribute of an object, if it is an enumeration."""
    found = _kind(object_class(node, do), attribute, None, ())
    return found if isinstance(found, Enumeration) else None


def _declared(cls: type[kit.Model], name: str) -> str:
    return next(str(each.__annotations__[name]) for each in cls.__mro__ if name in each.__annotations__)


def _many(cls: type[kit.Model], name: str) -> bool:
    return "tuple[" in _declared(cls, name)


def _names(cls: type[kit.Model], name: str) -> tuple[str, str]:
    """The module and the class or simple type that a field is declared with."""
    declared = _declared(cls, name)
    found = NAMED.search(declared.rpartition("tuple[")[2])
    if found is None:
        raise ValueError(f"{cls.__name__}.{name} is declared without a type of its own")
    own = cls.__module__.rpartition(".")[2]
    return own if found[1] in ("t", "t_") else found[1], found[2]


def _referred(cls: type[kit.Model], name: str) -> type[kit.Model]:
    module, word = _names(cls, name)
    found: type[kit.Model] = getattr(import_module(f"models.der.{module}"), word)
    return found
