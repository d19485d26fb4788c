"""Readings: a series of 2030.5 by unit, phase, qualifier and direction, as an object of MMXU or MMTR.

uom and SIUnit are the same numbers. Whether a direction is supply or demand depends on the edition and on
where the meter stands (it turned round for a DER in 2023). A power factor is not read before PFSign is
known. Holds no history.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from bridge.mapping.leaves import Leaves, plain
from bridge.mapping.points import exact, moment, real, stamp, whole
from bridge.mapping.table import Unrepresentable
from bridge.mapping.work import Work

TOTAL = (None, 0, 224)
SPOT, COUNTED = (None, 0, 12), (None, 0, 1, 9)
INT64, INT48 = range(-(2**63), 2**63), range(-(2**47), 2**47)
VALID, EDITED, QUESTIONABLE = 1, 2, 16
SITE = 2
IEC, EEI = 1, 2
DEMAND, ENERGY = 8, 12


class Spot(NamedTuple):
    """Where a series stands: the object, its value's attribute, its row, and the sign of its direction."""

    do: str
    value: str
    row: Mapping[str, Any]
    sign: int
    register: bool


def write_readings(leaves: Leaves, work: Work) -> None:
    """Write the single value of each series that has an object of its own."""
    site = (
        bool(int(leaves.get("point.roleFlags") or "0", 16) & SITE)
        if "point.roleFlags" in leaves
        else work.bases.site
    )
    for at in _series(leaves):
        kind = {
            name.removeprefix(f"{at}.type."): value
            for name, value in leaves.items()
            if name.startswith(f"{at}.type.")
        }
        spot = spot_of(kind, work, site=site)
        if (
            spot is None
            or f"{at}.value.value" not in leaves
            or f"{spot.do}.{spot.value}" in work.sheet.points
        ):
            continue
        _write(spot, leaves[f"{at}.value.value"], kind.get("powerOfTenMultiplier", 0), work)
        if f"{at}.value.start" in leaves:
            work.put(f"{spot.do}.t", stamp(leaves[f"{at}.value.start"], at))
        if f"{at}.value.qualityFlags" in leaves:
            work.put(f"{spot.do}.q", _quality(int(leaves[f"{at}.value.qualityFlags"] or "0", 16)))


def _series(leaves: Leaves) -> list[str]:
    return list(dict.fromkeys(path.partition(".")[0] for path in leaves if path.startswith("series[")))


def _write(spot: Spot, value: Decimal, power: int, work: Work) -> None:
    if spot.register:
        work.put(f"{spot.do}.{spot.value}", whole(value, spot.do, INT64))
        work.put(f"{spot.do}.pulsQty", real(Decimal(1).scaleb(power), spot.do))
        return
    if spot.row.get("factor"):
        if work.bases.PFSign == EEI:
            raise Unrepresentable(
                spot.do, "the peer's sign of a power factor (EEI) needs the direction of the vars"
            )
        work.put(f"{spot.do.partition('.')[0]}.PFSign.setVal", IEC)
    work.put(f"{spot.do}.{spot.value}", real(value.scaleb(power) * spot.sign, spot.do))


def _quality(flags: int) -> str:
    return ("questionable" if flags & QUESTIONABLE else "good") + (" substituted" if flags & EDITED else "")


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
        and kind.get("dataQualifier") in (None, 0, 12)
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
    node = f"MMXU{SITE if site else 1}"
    wanted = 2 if kind.get("kind") == DEMAND else kind.get("dataQualifier")
    form = next((item["form"] for item in codes["qualifiers"] if item["code"] == wanted), None)
    if form or wanted not in (None, 0, 12):
        name = row.get(form or "") if kind.get("phase") in TOTAL else None
        return Spot(f"{node}.{name}", "mag.f", row, sign, register=False) if name else None
    return _phase(row, kind.get("phase"), node, sign, codes)


def _phase(
    row: Mapping[str, Any], phase: int | None, node: str, sign: int, codes: Mapping[str, Any]
) -> Spot | None:
    if phase in TOTAL and "total" in row:
        return Spot(f"{node}.{row['total']}", "mag.f", row, sign, register=False)
    known: Mapping[str, Any] = next((item for item in codes["phases"] if item["phase"] == (phase or 128)), {})
    for form in ("each", "pair"):
        if form in known and form in row:
            return Spot(f"{node}.{row[form]}.{known[form]}", "cVal.mag.f", row, sign, register=False)
    return None


def _flow(work: Work, *, site: bool) -> Mapping[str, Any]:
    for item in work.table.codes["readings"]["flow"]:
        if item["edition"] == work.bases.edition and item["site"] is site:
            return dict(item)
    raise Unrepresentable("flowDirection", f"there are no directions for edition {work.bases.edition}")


# ---------------------------------------------------------------------------------------------------- reading


def read_readings(work: Work) -> Leaves:
    """Read one series from each object of a meter that has a value; an invalid one stays unread."""
    leaves: Leaves = {}
    sites = {node[-1:] == "2" for node in work.sheet.nodes() if node[:4] in ("MMXU", "MMTR")}
    site = sites.pop() if len(sites) == 1 else work.bases.site
    for do, kind in _objects(work, site=site):
        if str(work.sheet.points.get(f"{do}.q", ("", "", ""))[2]).startswith("invalid"):
            continue
        value = _value(do, kind, work, site=site)
        if value is not None:
            at = f"series[{len(_series(leaves))}]"
            leaves |= {f"{at}.mRID": "00"} | {
                f"{at}.{name}": leaf for name, leaf in (kind["type"] | value).items()
            }
    return leaves


def _objects(work: Work, *, site: bool) -> Iterator[tuple[str, dict[str, Any]]]:
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
    for row in codes["row"]:
        spot = {
            "row": row,
            "type": {"type.uom": row["uom"], "type.kind": row["kind"], "type.accumulationBehaviour": 12},
        }
        if row.get("frame"):
            spot["type"]["type.flowDirection"] = flow["supplied"]
        yield from ((f"MMXU{number}.{name}", _typed(spot, more)) for name, more in _forms(row, codes))
    for row in codes["register"]:
        kind = {"type.uom": row["uom"], "type.kind": row["kind"], "type.accumulationBehaviour": 9}
        for side in ("total", "supplied", "demanded"):
            more = {"type.flowDirection": flow[side]} if side in flow else {}
            if side in row:
                yield f"MMTR{number}.{row[side]}", {"row": row, "type": kind | more}


def _typed(spot: dict[str, Any], more: Mapping[str, int]) -> dict[str, Any]:
    return spot | {"type": spot["type"] | more}


def _forms(row: Mapping[str, Any], codes: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, int]]]:
    if "total" in row:
        yield row["total"], {} if row["total"] == "Hz" else {"type.phase": TOTAL[-1] or 0}
    yield from (
        (row[item["form"]], {"type.dataQualifier": item["code"]})
        for item in codes["qualifiers"]
        if item["form"] in row
    )
    for item in codes["phases"]:
        for form in ("each", "pair"):
            if form in item and form in row and item.get("back") is not False:
                yield f"{row[form]}.{item[form]}", {"type.phase": item["phase"]}


def _value(do: str, kind: Mapping[str, Any], work: Work, *, site: bool) -> Leaves | None:
    leaves = _counted(do, work) if do.startswith("MMTR") else _measured(do, kind["row"], work, site=site)
    if leaves is None:
        return None
    if (text := work.sheet.take(f"{do}.t")) is not None:
        leaves["value.start"] = moment(str(text).partition(";")[0], do)
    if (quality := work.sheet.take(f"{do}.q")) is not None:
        words = str(quality).split()
        doubt = {"questionable", "oldData", "test"} & set(words)
        flags = (QUESTIONABLE if doubt else VALID) | (EDITED if "substituted" in words else 0)
        leaves["value.qualityFlags"] = f"{flags:04X}"
    return leaves


def _counted(do: str, work: Work) -> Leaves | None:
    count, pulse = work.sheet.take(f"{do}.actVal"), work.sheet.take(f"{do}.pulsQty")
    power = work.sheet.number(f"{do}.units.multiplier") or 0
    work.sheet.take(f"{do}.units.SIUnit")
    if count is None or isinstance(count, bool) or not isinstance(count, int):
        return None
    each = Decimal(1) if pulse is None else exact(pulse, do)
    exponent = each.normalize().as_tuple().exponent
    if each == Decimal(1).scaleb(int(exponent)):
        return _fitting(Decimal(count), int(exponent) + power, do)
    total = plain(count * each)
    lowest = int(total.as_tuple().exponent)
    return _fitting(total.scaleb(-lowest), lowest + power, do)


def _measured(do: str, row: Mapping[str, Any], work: Work, *, site: bool) -> Leaves | None:
    attributes = ("instCVal.mag", "cVal.mag") if do.count(".") > 1 else ("instMag", "mag")
    value = work.sheet.analogue(do, attributes)
    if value is None:
        return None
    if row.get("factor"):
        value = _signed(do, value, work, site=site)
    value *= work.sign("DPCC1" if site else "DECP1") if row.get("frame") else 1
    lowest = min(int(plain(value).as_tuple().exponent), 0)
    return _fitting(value.scaleb(-lowest), lowest, do)


def _signed(do: str, value: Decimal, work: Work, *, site: bool) -> Decimal:
    """Return a power factor with the sign of the active power, as IEC has it; PFSign must be known first."""
    node = do.partition(".")[0]
    sign = work.sheet.number(f"{node}.PFSign.setVal") or work.bases.PFSign
    if sign == IEC:
        return value
    power = work.sheet.points.get(f"{node}.TotW.mag.f")
    if sign != EEI or power is None or not power.value:
        raise Unrepresentable(
            do,
            "a power factor whose sign cannot be told: PFSign, and with EEI the active power, must be known",
        )
    return abs(value) if exact(power.value, do) * work.sign("DPCC1" if site else "DECP1") > 0 else -abs(value)


def _fitting(value: Decimal, power: int, do: str) -> Leaves:
    return {"value.value": Decimal(whole(value, do, INT48)), "type.powerOfTenMultiplier": power}
