"""Meters: which object of MMXU or MMTR holds a kind of reading, and what kind an object holds.

By unit, phase, qualifier and direction. An average or extreme of a period has a node of its own, as 7-4 has
it for statistics (ClcMth). Whether a direction is supply or demand depends on the edition and on where the
meter stands (it turned round for a DER in 2023). Reads and writes no value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from bridge.mapping.nodes import NODE
from bridge.mapping.table import Unrepresentable
from bridge.mapping.work import Work

TOTAL = (None, 0, 224)
SPOT, COUNTED = (None, 0, 12), (None, 0, 1, 9)
NORMAL, AVERAGE, OTHER = (None, 0, 12), 2, -1
"""Qualifiers of a reading: of the moment, an average, and one that no node has."""
SITE = 2
DEMAND, ENERGY = 8, 12


class Spot(NamedTuple):
    """Where a series stands: the object, its value's attribute, its row, and the sign of its direction.

    And the method by which its node calculates, where that is not a measurement of the moment.
    """

    do: str
    value: str
    row: Mapping[str, Any]
    sign: int
    register: bool
    method: int | None = None


def spot_of(kind: Mapping[str, Any], work: Work, *, site: bool) -> Spot | None:
    """Return where a kind of reading stands; None when no object holds it."""
    codes = work.table.codes["readings"]
    for row in (*codes["row"], *codes["register"]):
        if row["uom"] == kind.get("uom"):
            return (_register if row["kind"] == ENERGY else _measurement)(row, kind, work, site=site)
    return None


def _register(row: Mapping[str, Any], kind: Mapping[str, Any], work: Work, *, site: bool) -> Spot | None:
    side = {None: "total", 0: "total", 20: "total"} | {
        _flow(work, site=site)[name]: name for name in ("supplied", "demanded")
    }
    name = row.get(side.get(kind.get("flowDirection"), ""))
    fits = (
        kind.get("phase") in TOTAL
        and kind.get("accumulationBehaviour") in COUNTED
        and kind.get("dataQualifier") in NORMAL
    )
    return (
        Spot(f"MMTR{SITE if site else 1}.{name}", "actVal", row, 1, register=True)
        if name and fits and kind.get("kind") in (None, 0, 12)
        else None
    )


def _measurement(row: Mapping[str, Any], kind: Mapping[str, Any], work: Work, *, site: bool) -> Spot | None:
    codes, flow = work.table.codes["readings"], _flow(work, site=site)
    direction = kind.get("flowDirection")
    if kind.get("accumulationBehaviour") not in SPOT or direction not in (
        None,
        0,
        4,
        flow["supplied"],
        flow["demanded"],
    ):
        return None
    sign = -1 if row.get("frame") and direction == flow["demanded"] else 1
    sign *= work.sign("DPCC1" if site else "DECP1") if row.get("frame") else 1
    statistic = _statistic(kind, codes)
    found = _phase(row, kind.get("phase"), codes) if statistic is not None else None
    if statistic is None or found is None:
        return None
    node, method = f"{statistic.get('prefix', '')}MMXU{SITE if site else 1}", statistic.get("ClcMth")
    return Spot(f"{node}.{found[0]}", found[1], row, sign, register=False, method=method)


def _statistic(kind: Mapping[str, Any], codes: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what a node must calculate; nothing for the moment, none where no node calculates it.

    A demand is an average of its interval; its own extremes are an average's, and have no node.
    """
    wanted = kind.get("dataQualifier")
    if kind.get("kind") == DEMAND:
        wanted = AVERAGE if wanted in (*NORMAL, AVERAGE) else OTHER
    if wanted in NORMAL:
        return {}
    return next((item for item in codes["qualifiers"] if item["code"] == wanted), None)


def _phase(row: Mapping[str, Any], phase: int | None, codes: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the object for a phase and the attribute of its value."""
    if phase in TOTAL and "total" in row:
        return row["total"], "mag.f"
    known: Mapping[str, Any] = next((item for item in codes["phases"] if item["phase"] == (phase or 128)), {})
    return next(
        (
            (f"{row[form]}.{known[form]}", "cVal.mag.f")
            for form in ("each", "pair")
            if {form} <= row.keys() & known.keys()
        ),
        None,
    )


def _flow(work: Work, *, site: bool) -> Mapping[str, Any]:
    for item in work.table.codes["readings"]["flow"]:
        if item["edition"] == work.bases.edition and item["site"] is site:
            return dict(item)
    raise Unrepresentable("flowDirection", f"there are no directions for edition {work.bases.edition}")


# -------------------------------------------------------------------------------------- what an object holds


def site_of(work: Work) -> bool:
    """Tell whether the points are of the site's meter, not the DER's; where both are, as configured."""
    sites = {node[-1:] == str(SITE) for node in work.sheet.nodes() if _class(node) in ("MMXU", "MMTR")}
    return sites.pop() if len(sites) == 1 else work.bases.site


def _class(node: str) -> str:
    found = NODE.fullmatch(node)
    return found["cls"] if found else ""


def objects(work: Work, *, site: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the objects that may hold a reading, in the order their points came."""
    known: dict[str, dict[str, Any]] = dict(_all(work, site=site))
    wanted = dict.fromkeys(ref.rpartition(".units")[0] or _object(ref) for ref in work.sheet.points)
    yield from ((do, known[do]) for do in wanted if do in known)


def _object(ref: str) -> str:
    for tail in (".cVal.mag.f", ".instCVal.mag.f", ".mag.f", ".instMag.f", ".mag.i", ".instMag.i", ".actVal"):
        if ref.endswith(tail):
            return ref.removesuffix(tail)
    return ""


def _all(work: Work, *, site: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    codes, flow, number = work.table.codes["readings"], _flow(work, site=site), SITE if site else 1
    nodes = [(node, said) for node in _meters(number, work) if (said := _calculated(node, work)) is not None]
    for row in codes["row"] if nodes else ():
        spot = {
            "row": row,
            "type": {"type.uom": row["uom"], "type.kind": row["kind"], "type.accumulationBehaviour": 12},
        }
        if row.get("frame"):
            spot["type"]["type.flowDirection"] = flow["supplied"]
        for name, more in _forms(row, codes):
            yield from ((f"{node}.{name}", _typed(spot, {**more, **said})) for node, said in nodes)
    for row in codes["register"]:
        kind = {"type.uom": row["uom"], "type.kind": row["kind"], "type.accumulationBehaviour": 9}
        for side in ("total", "supplied", "demanded"):
            more = {"type.flowDirection": flow[side]} if side in flow else {}
            if side in row:
                yield f"MMTR{number}.{row[side]}", {"row": row, "type": kind | more}


def _meters(number: int, work: Work) -> list[str]:
    return sorted(
        node for node in work.sheet.nodes() if _class(node) == "MMXU" and node.endswith(f"U{number}")
    )


def _calculated(node: str, work: Work) -> dict[str, int] | None:
    """Return what a node calculates as its ClcMth says, else its prefix; none for what 2030.5 cannot say."""
    codes, prefix = work.table.codes["readings"], node.partition("MMXU")[0]
    point = work.sheet.points.get(f"{node}.ClcMth.setVal")
    if not prefix and (point is None or point.value in codes["moment"]):
        return {}
    name, said = ("prefix", prefix) if point is None else ("ClcMth", point.value)
    return next(
        ({"type.dataQualifier": item["code"]} for item in codes["qualifiers"] if item[name] == said), None
    )


def _typed(spot: dict[str, Any], more: Mapping[str, int]) -> dict[str, Any]:
    return spot | {"type": spot["type"] | more}


def _forms(row: Mapping[str, Any], codes: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, int]]]:
    if "total" in row:
        yield row["total"], {} if row["total"] == "Hz" else {"type.phase": TOTAL[-1] or 0}
    for item in codes["phases"]:
        for form in ("each", "pair"):
            if form in item and form in row and item.get("back") is not False:
                yield f"{row[form]}.{item[form]}", {"type.phase": item["phase"]}
