"""Which logical nodes and objects a unit or a group has: what its capability allows and the mapping names.

A mode is a row of mappings/der-iec61850.toml: its node is there when the capability has its bit, with all
that the row and its codec use, what the class demands (models.presence), and a schedule for each object
that may be commanded. What no row fills is only there where the class demands it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bridge.iec61850.classes import base, cdc, data_object, enumeration, node
from bridge.iec61850.outline import Enumeration, Node
from bridge.mapping.nodes import EQUIPMENT, Row, has, node_class, place, read
from bridge.mapping.points import UNITS
from bridge.mapping.schedule import named
from models.der.enums_nz import SIUnitKind

NODES = ("LLN0", "LPHD1", "CALH1", "DECP1")
UNIT = ("DGEN1", "DSET1", "DCTE1", "DINV1", "PTOC1", "DHVT1", "DLVT1", "DHFT1", "DLFT1", "QVUB1", "QIUB1")
"""What a unit has besides, whatever it can do: its nameplate, its return to service, its alarms."""
STORES = ("DSTO1", "DBAT1")
SITE = ("DPCC1",)
ADDING = (38, 61, 63)
"""SIUnit of measurements that add up: watts, volt-amperes, vars."""
OBJECTS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "LLN0": ("NamPlt", "Mod", "Health"),
    "DSTO": ("EffWhPct",),
    "CALH": ("GrAlm",),
    "QVUB": ("VaStr",),
    "QIUB": ("VaStr",),
    "FSCH": ("SchdPrio", "StrTm1"),
})  # fmt: skip
"""What ours have of a class although it may be left out and no row names it."""
EXTENDED = frozenset({"DPFW", "DVSC", "DVAX", "DVRX", "DSET"})
"""Nodes of our name space, which say so."""
FUNCTION = ("Mod", "InEcpRef", "RvrtTms", "WinTms", "RmpTms")
HOW: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "droop": ("HzStr", "HzRef", "HzWCrvRef", "ChaWGra", "OplTmsMax"),
    "split": ("HzWCrvRef",),
    "steps": ("OpDlTmms",),
})  # fmt: skip
"""What a codec uses of its nodes besides the objects its row names."""
STEPS = 10
MODELS: Mapping[str, int] = MappingProxyType(
    {"Pos": 4, "DEROpStCtl": 4, "CeaEgzReqCtl": 4, "EnaReq": 1, "DsaReq": 1}
)
"""Control models: a connection is selected first, a schedule is asked plainly; all else answers when done."""
COMMANDED = 3
SLOTS = 2
"""Schedules of each object of ours: one may wait while another runs."""
SCHEDULED: Mapping[str, tuple[str, str]] = MappingProxyType({
    "APC": ("ValASG1", "ValMV"),
    "ENC": ("ValENG1", "ValENS"),
    **dict.fromkeys(("SPC", "DPC", "SPG"), ("ValSPG1", "ValSPS")),
})  # fmt: skip
"""What holds a schedule's value, and the value that is due, by the class of what it controls."""
TYPES = ("Capability", "CapabilityRatings", "SettingRatings", "GridEntry", "Operation", "Availability")
ONE = ("M", "Mmulti")
MILLI = -3
LISTED = frozenset(kind.value for kind in SIUnitKind)  # that of 2030.5 for ampere-hours is none of 7-3
MEASURED = ("ASG", "APC", "ING", "MV")
POWERS: Mapping[str, int] = MappingProxyType({"%": -2})


@dataclass(slots=True)
class Wanted:
    """One object while a roster is drawn up."""

    more: set[str] = field(default_factory=set)
    model: int = 0
    unit: int = 0
    power: int = 0  # of ten, of its figures: a percentage is hundredths, a Tmms object milliseconds
    axes: tuple[str, str] = ("", "")  # what the figures of a curve are in, x and y
    values: Enumeration | None = None


Roster = dict[str, dict[str, Wanted]]


def unit(able: Iterable[str], *, storing: bool) -> Roster:
    """What a unit has that is able to follow some modes."""
    roster = _drawn((*NODES, *UNIT, *(STORES if storing else ())), able)
    for prefix in ("", "Av", "Max", "Min"):
        _meter(roster, f"{prefix}MMXU1", statistic=bool(prefix))
    _register(roster, "MMTR1")
    if SITE[0] in roster:
        _meter(roster, "MMXU2", statistic=False)
        _register(roster, "MMTR2")
    return roster


def group(able: Iterable[str], *, storing: bool = False) -> Roster:
    """What a group of units has: every mode of any of them, but for what only one unit can be told.

    And what they are together: a generator, a store where one of them is one, the totals of a meter.
    """
    wanted = (mode for mode in able if not _refers(_rows()[mode], EQUIPMENT - {"DECP", "DPCC"}))
    roster = _drawn((*NODES, *(UNIT[:1]), *(STORES[:1] if storing else ())), wanted)
    for name in (*UNIT[:1], *STORES[:1]):
        for do, each in roster.get(name, {}).items():
            each.more |= {"d"} if cdc(name, do) == "ASG" else set()
    meter = _add(roster, "MMXU1")
    for row in read().codes["readings"]["row"]:
        if row["uom"] in ADDING:
            meter[row["total"]] = Wanted({"units"}, unit=row["uom"])
    return roster


def nodes(roster: Roster) -> tuple[Node, ...]:
    """The nodes of a roster, LLN0 and LPHD first and the others by name."""
    ranked = sorted(roster, key=lambda name: (name not in NODES[:2], *_ranked(name)))
    return tuple(_node(name, roster[name]) for name in ranked)


def _ranked(name: str) -> tuple[str, int]:
    number = name[len(name.rstrip("0123456789")) :]
    return name.rstrip("0123456789"), int(number or 0)


def _node(name: str, wanted: Mapping[str, Wanted]) -> Node:
    return node(
        name,
        tuple(
            data_object(name, do, tuple(sorted(each.more)), each.model, each.values)
            for do, each in wanted.items()
        ),
    )


def _rows() -> Mapping[str, Row]:
    return {row.canonical: row for row in read().rows["Modes"]}


def _refs(row: Row) -> Iterator[str]:
    """The objects that a row names; the one a unit without a switch would be told is left out."""
    yield from filter(None, (row.iec61850, *(ref for name, ref in row.also.items() if name != "without")))
    yield from (ref.rpartition(".")[0] for ref in row.constant)


def _refers(row: Row, classes: frozenset[str]) -> bool:
    return any(place(ref).node in classes for ref in _refs(row))


def _drawn(names: Iterable[str], wanted: Iterable[str]) -> Roster:
    roster: Roster = {}
    for name in names:
        _add(roster, name)
    for mode in wanted:
        _mode(roster, _rows()[mode])
    for kind in TYPES:
        for row in read().rows[kind]:
            _told(roster, row)
    for item in read().codes["alarms"]["row"]:
        _put(roster, item["iec61850"])
    _schedules(roster)
    return roster


def _add(roster: Roster, name: str) -> dict[str, Wanted]:
    """A node with what its class demands and ours always have."""
    if name in roster:
        return roster[name]
    found = roster[name] = {}
    cls = node_class(name)
    demanded = [each for each, condition, *_ in cls.PRESENCE if condition in ONE and base(name, each) == each]
    many = {each for each, condition, *_ in cls.PRESENCE if condition == "Mmulti"}
    for do in (*demanded, *OBJECTS.get(cls.__name__, ())):
        found[f"{do}1" if do in many else do] = Wanted()
    if cls.__name__ in EXTENDED:
        found["NamPlt"] = Wanted({"lnNs"})
    if cls.__name__ == "LLN0":
        found["NamPlt"].more |= {"ldNs", "configRev"}
    for do, each in found.items():
        if cdc(name, do) in ("ASG", "ING", "ENG"):
            each.more.add("d")
    return found


def _put(roster: Roster, ref: str, unit: str = "") -> Wanted | None:
    """An object of a node that is there; one whose class has no such object is passed over."""
    name, _, do = ref.partition(".")
    if name not in roster or not do or not has(name, do):
        return None
    each = roster[name].setdefault(do, Wanted())
    if UNITS.get(unit, (0,))[0] in LISTED and cdc(name, do) in MEASURED:
        each.unit, each.power = UNITS[unit][0], MILLI if do.endswith("Tmms") else POWERS.get(unit, 0)
        each.more.add("units")
    return each


def _told(roster: Roster, row: Row) -> None:
    """The objects of a row that tells of the unit itself."""
    for ref in (row.iec61850, *row.also.values()):
        if ref and "*" not in ref:
            _put(roster, ref, _unit(row))


def _unit(row: Row) -> str:
    """What an object's figures are in: a share of what is to spare is made from watts."""
    return "W" if row.to == "1" else row.to or row.unit


def _mode(roster: Roster, row: Row) -> None:
    """The nodes of a mode, with what its row, its codec and its curve use."""
    if row.ecp:
        _add(roster, row.ecp)
    for name in running(row):
        _add(roster, name)
        if place(name).node not in EQUIPMENT:
            for do in (*FUNCTION, *HOW.get(row.how, ()), *(_curve() if row.kind >= 0 else ())):
                _put(roster, f"{name}.{do}", "s" if "Tm" in do else "")
    for ref in _refs(row):
        for each in _numbered(ref, row):
            _own(roster, each, row)
    if row.how == "connect":
        _add(roster, "XCBR1")


def running(row: Row) -> tuple[str, ...]:
    """The nodes that a mode runs on."""
    refs = (each for ref in _refs(row) for each in _numbered(ref, row))
    return tuple(dict.fromkeys(each.partition(".")[0] for each in refs))


def _numbered(ref: str, row: Row) -> tuple[str, ...]:
    """A curve that is told in steps has a node a step."""
    if row.how != "steps":
        return (ref,)
    name, _, do = ref.partition(".")
    return tuple(f"{name[:-1]}{number}.{do}" for number in range(1, STEPS + 1))


def _curve() -> Iterator[str]:
    for row in read().rows["Curve"]:
        for ref in (row.iec61850, *row.also.values()):
            if ref.startswith("*."):
                yield ref.removeprefix("*.")


def _own(roster: Roster, ref: str, row: Row) -> None:
    """An object that a mode's row names: commanded, and saying what it is."""
    each = _put(roster, ref, "" if row.x else _unit(row))
    if each is None:
        return
    name, _, do = ref.partition(".")
    each.more.add("cdcName")
    each.axes = row.x, row.y
    if row.how == "factors":
        each.more.add("zVal")
    idle = any(constant == f"{ref}.ctlModel" for constant in row.constant)
    if cdc(name, do) in ("APC", "SPC", "DPC", "ENC") and not idle:
        each.model = MODELS.get(do, COMMANDED)
    if "Mod" in roster[name] and place(name).node not in EQUIPMENT:
        roster[name]["Mod"].model = COMMANDED


def _schedules(roster: Roster) -> None:
    """Schedules and their arbiter for each object that may be commanded."""
    for entity, number in read().entities.items():
        name, _, do = entity.partition(".")
        each = roster.get(name, {}).get(do)
        if each is None or not (each.model or "cdcName" in each.more):
            continue
        kind = cdc(name, do)
        values = enumeration(name, do, "ctlVal") if kind == "ENC" else None
        arbiter = _add(roster, f"FSCC{number}")
        for slot in range(SLOTS):
            arbiter[f"Schd{slot + 1}"] = Wanted()
            schedule = _add(roster, named(number, slot))
            for request in ("EnaReq", "DsaReq"):
                schedule[request].model = MODELS[request]
            schedule |= {held: Wanted(values=values) for held in SCHEDULED[kind]}
            schedule["SchdIntv"] = Wanted({"units"}, unit=UNITS["s"][0])


def _meter(roster: Roster, name: str, *, statistic: bool) -> None:
    found = _add(roster, name)
    for row in read().codes["readings"]["row"]:
        for form in ("total", "each", "pair"):
            if form in row:
                found[row[form]] = Wanted({"units"}, unit=row["uom"])
    for do in ("PFSign", *(("ClcMth",) if statistic else ())):
        if has(name, do):
            found[do] = Wanted()


def _register(roster: Roster, name: str) -> None:
    found = _add(roster, name)
    for row in read().codes["readings"]["register"]:
        for form in ("total", "supplied", "demanded"):
            if form in row:
                found[row[form]] = Wanted({"units"}, unit=row["uom"])
