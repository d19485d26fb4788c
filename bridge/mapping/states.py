"""The state of a unit: DEROpSt beside the three statuses of 2030.5, switch, alarms, storage, availability.

One 7-420 state stands for three 2030.5 statuses by the table in iec61850-codes.toml; the way back chooses
the state whose row fits best. A time stamp belongs to the object it stands at. Nothing here decides what a
unit should do.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from bridge.mapping.leaves import Leaves, plain
from bridge.mapping.measures import WHOLE, measure, measured, time_of
from bridge.mapping.nodes import Row
from bridge.mapping.points import stamp
from bridge.mapping.scalars import code_of, ours_of
from bridge.mapping.table import Unrepresentable
from bridge.mapping.work import Work

RUNNING, DERATED = 6, 5
TRIO = {"genConnectStatus": "connect", "inverterStatus": "inverter", "operationalModeStatus": "mode"}
EMERGENCY = (7, 8)
"""The alarm bits of a local and of a remote emergency stop."""
CEASED = (4, 5)
BINDING = ("DWMX1.ReqWMax", "DGEN1.AvlUpW", "MMXU1.TotW")
"""A limit, what could be put out above the present, and the present."""
MODES = {0: (True, False), 1: (False, True), 2: (False, False)}
LOCAL, REMOTE = 0, 1
DBPOS = (1, 2)
"""Off and on; a switch under way or of unknown position is neither."""
Rows = Mapping[str, Row]


def write_states(rows: Rows, leaves: Leaves, work: Work) -> None:
    """Write what is known of a unit's operation."""
    state = leaves.get("DEROpSt", _chosen(leaves, TRIO, work))
    _state(rows["DEROpSt"].iec61850, state, _first(leaves, TRIO), leaves, work)
    stored = _chosen(leaves, {"storConnectStatus": "connect"}, work)
    _state(rows["storConnectStatus"].iec61850, stored, _first(leaves, ["storConnectStatus"]), leaves, work)
    _write_switch(rows["connectStatus"], leaves, work)
    local = {LOCAL: True, REMOTE: False}.get(leaves.get("localControlModeStatus.value", -1))
    _put(rows["localControlModeStatus"].iec61850, local, leaves.get("localControlModeStatus.at"), work)
    health = code_of(work, "PhyHealth", leaves.get("manufacturerStatus.value"))
    _put(rows["manufacturerStatus"].iec61850, health, leaves.get("manufacturerStatus.at"), work)
    _write_storage(rows, leaves, work)
    if "alarmStatus" in leaves:
        _write_alarms(rows["alarmStatus"], leaves, work)


def _put(do: str, value: Any, at: Decimal | None, work: Work) -> None:
    if value is not None:
        work.put(f"{do}.stVal", value)
        if at is not None:
            work.put(f"{do}.t", stamp(at, "at"))


def _first(leaves: Leaves, names: Any) -> Decimal | None:
    return next((leaves[f"{name}.at"] for name in names if f"{name}.at" in leaves), leaves.get("at"))


def _state(do: str, state: int | None, at: Decimal | None, leaves: Leaves, work: Work) -> None:
    known = {item["iec"] for item in work.table.codes["DEROpSt"]["row"]}
    if state is not None and state not in known:
        raise Unrepresentable("operation.DEROpSt", f"{state} is no DER state")
    _put(do, state, at if state is not None else leaves.get("at"), work)


def _chosen(leaves: Leaves, names: Mapping[str, str], work: Work) -> int | None:
    """Return the state whose row fits all that is said.

    Else the one meant by the first status that means one.
    """
    codes = work.table.codes["DEROpSt"]
    said = {
        column: _number(leaves[f"{name}.value"])
        for name, column in names.items()
        if f"{name}.value" in leaves
    }
    if not said:
        return None
    fits = (
        item["iec"] for item in codes["row"] if all(item[column] == value for column, value in said.items())
    )
    alone = (
        item["iec"]
        for column in ("inverter", "connect", "mode")
        if column in said
        for item in codes[column]
        if item["ours"] == said[column]
    )
    exact = next(fits, None) if len(said) > 1 else None
    return _urgent(exact if exact is not None else next(alone, None), leaves, work)


def _urgent(state: int | None, leaves: Leaves, work: Work) -> int | None:
    """Return the state of the same statuses that is, or is not, an emergency, as the alarms say."""
    rows = work.table.codes["DEROpSt"]["row"]
    alarm = any(_number(leaves.get("alarmStatus", "0")) >> bit & 1 for bit in EMERGENCY)
    said = next(({name: item[name] for name in TRIO.values()} for item in rows if item["iec"] == state), {})
    twins = [item for item in rows if said and all(item[name] == value for name, value in said.items())]
    if state is None or alarm is any(item["iec"] == state and "emergency" in item for item in twins):
        return state
    return next((item["iec"] for item in twins if ("emergency" in item) is alarm), state)


def _number(value: Any) -> int:
    return int(value or "0", 16) if isinstance(value, str) else int(value)


def _write_switch(row: Row, leaves: Leaves, work: Work) -> None:
    if "connectStatus.value" in leaves:
        bits, at = _number(leaves["connectStatus.value"]), leaves.get("connectStatus.at")
        _put(row.also["connected"], 2 if bits & 1 else 1, at, work)
        _put(row.also["energized"], 2 if bits & 2 else CEASED[0], at, work)


def _write_storage(rows: Rows, leaves: Leaves, work: Work) -> None:
    charge = rows["stateOfChargeStatus"]
    if "stateOfChargeStatus.value.value" in leaves:
        measure(
            charge,
            {k.removeprefix("stateOfChargeStatus.value."): v for k, v in leaves.items()},
            leaves["stateOfChargeStatus.at"],
            work,
        )
    mode = rows["storageModeStatus"]
    flags = MODES.get(leaves.get("storageModeStatus.value", -1))
    if flags is not None:
        _put(mode.also["charging"], flags[0], leaves["storageModeStatus.at"], work)
        _put(mode.also["discharging"], flags[1], leaves["storageModeStatus.at"], work)


def _write_alarms(row: Row, leaves: Leaves, work: Work) -> None:
    bits = _number(leaves["alarmStatus"])
    for item in work.table.codes[row.codes]["row"]:
        work.put(work.attribute(item["iec61850"]), bool(bits >> item["bit"] & 1))
    _put(row.also["all"], bits != 0, leaves.get("at"), work)


# ---------------------------------------------------------------------------------------------------- reading


def read_states(rows: Rows, work: Work) -> Leaves:
    """Read what the points say of a unit's operation."""
    work.memory.pop("youngest", None)
    leaves: Leaves = {}
    state = _taken(rows["DEROpSt"].iec61850, work)
    if state:
        leaves |= {"DEROpSt": state[0]} | _said(TRIO, state, work)
        if state[0] == RUNNING and _bound(work):
            leaves["inverterStatus.value"] = DERATED
    if stored := _taken(rows["storConnectStatus"].iec61850, work):
        leaves |= _said({"storConnectStatus": "connect"}, stored, work)
    leaves |= _read_switch(rows["connectStatus"], work)
    if local := _taken(rows["localControlModeStatus"].iec61850, work):
        leaves |= _stamped("localControlModeStatus", LOCAL if local[0] else REMOTE, local[1])
    if health := _taken(rows["manufacturerStatus"].iec61850, work):
        leaves |= _stamped("manufacturerStatus", ours_of(work, "PhyHealth", health[0]), health[1])
    leaves |= _read_storage(rows, work) | _read_alarms(rows["alarmStatus"], work)
    return leaves and leaves | {"at": work.memory.get("youngest", work.memory["issued"])}


def _taken(do: str, work: Work) -> tuple[Any, Decimal] | None:
    value = work.sheet.take(f"{do}.stVal")
    return None if value is None else (value, time_of(do, work))


def _stamped(name: str, value: object, at: Decimal) -> Leaves:
    return {} if value is None else {f"{name}.at": at, f"{name}.value": value}


def _said(names: Mapping[str, str], state: tuple[Any, Decimal], work: Work) -> Leaves:
    item = next((item for item in work.table.codes["DEROpSt"]["row"] if item["iec"] == state[0]), None)
    if item is None:
        raise Unrepresentable("operation.DEROpSt", f"{state[0]!r} is no DER state")
    leaves: Leaves = {}
    for name, column in names.items():
        if item[column] >= 0:
            leaves |= _stamped(name, f"{item[column]:02X}" if column == "connect" else item[column], state[1])
    return leaves


def _bound(work: Work) -> bool:
    """Tell whether a limit holds the output down: ReqWMax is below what could be put out."""
    sign = work.sign("DECP1")
    limit, more, now = (work.sheet.analogue(do, ("mag",), unit="W") for do in BINDING)
    return None not in (limit, more, now) and (limit or 0) * sign < (more or 0) + (now or 0) * sign


def _read_switch(row: Row, work: Work) -> Leaves:
    before = set(work.sheet.read)
    position, state = _taken(row.also["connected"], work), _taken(row.also["energized"], work)
    if position is None or position[0] not in DBPOS or (position[0] == DBPOS[1] and state is None):
        work.sheet.read = before
        return {}
    bits = (position[0] == DBPOS[1]) | (state is not None and state[0] not in CEASED) << 1
    return _stamped("connectStatus", f"{bits:02X}", position[1])


def _read_storage(rows: Rows, work: Work) -> Leaves:
    leaves: Leaves = {}
    charge = rows["stateOfChargeStatus"]
    value, do = measured(charge, work), charge.iec61850
    if not value and (value := _stored(charge, work)):
        do = charge.also["energy"]
    if value:
        leaves["stateOfChargeStatus.at"] = time_of(do, work)
        leaves |= {f"stateOfChargeStatus.value.{name}": leaf for name, leaf in value.items()}
    return leaves | _read_mode(rows["storageModeStatus"], work)


def _stored(row: Row, work: Work) -> Leaves:
    """Read a level of charge as stored energy by rated capacity: what is told of it, else the peer's base.

    Left where the capacity is not known, or where it makes no percentage of 0 to 100.
    """
    before = set(work.sheet.read)
    energy = work.sheet.analogue(row.also["energy"], work.attributes(row.also["energy"]), unit="Wh")
    read = set(work.sheet.read)
    told = work.sheet.analogue(row.also["capacity"], work.attributes(row.also["capacity"]), unit="Wh")
    capacity = told or work.bases.WhRtg
    if energy is None or not capacity or not 0 <= energy <= capacity:
        work.sheet.read = before
        return {}
    work.sheet.read = read
    return {"value": plain(Decimal(f"{energy / capacity * WHOLE:.8g}")), "unit": row.unit, "of": row.of}


def _read_mode(row: Row, work: Work) -> Leaves:
    """Read whether a storage charges; one flag alone, or both at once, says nothing and is left."""
    before = set(work.sheet.read)
    first, second = _taken(row.also["charging"], work), _taken(row.also["discharging"], work)
    both = (first and first[0], second and second[0])
    mode = next((code for code, flags in MODES.items() if flags == both), None)
    if first is None or mode is None:
        work.sheet.read = before
        return {}
    return _stamped("storageModeStatus", mode, first[1])


def bit_of(item: Mapping[str, Any], work: Work) -> int:
    """Return the bit of an alarm object: of a stop, by whom it was asked for, as far as that is said."""
    category = work.sheet.number(f"{item['iec61850']}.origin.orCat") if "orCat" in item else None
    bit: int = item["bit"] if category is None or category in item["orCat"] else item["else"]
    return bit


def _read_alarms(row: Row, work: Work) -> Leaves:
    bits, told = 0, 0
    rows = work.table.codes[row.codes]["row"]
    for item in rows:
        flags = [
            flag
            for do in (item["iec61850"], item.get("or"))
            if do and (flag := work.sheet.flag(work.attribute(do))) is not None
        ]
        if flags:
            told, bits = told + 1, bits | any(flags) << bit_of(item, work)
    before = set(work.sheet.read)
    all_ = _taken(row.also["all"], work)
    if all_ and all_[0] and not bits and told < len(rows):
        work.sheet.read, all_ = before, None
    return {"alarmStatus": f"{bits:08X}"} if told or all_ else {}
