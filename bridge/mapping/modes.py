"""The modes of a control, a default or a status: each row's codec, and what every mode needs besides.

A mode that is written starts its nodes (Mod on, InEcpRef to the connection point); one that is switched off
turns Mod off, or, where it shares its node, is not written at all. Follows the head of the table's section
3.1. No mode knows another.
"""

from __future__ import annotations

from collections.abc import Mapping

from bridge.mapping import droop, figures, parts, scalars, shapes
from bridge.mapping.leaves import PRESENT, Leaves
from bridge.mapping.nodes import COMMANDED, EQUIPMENT, Row, has, place
from bridge.mapping.scalars import put_time, take_time
from bridge.mapping.table import Unrepresentable
from bridge.mapping.work import OFF, ON, Codec, Work, above, below

DBPOS = {1: False, 2: True}
CEASE, RETURN = 1, 2
CONNECT, DISCONNECT = 2, 3


def write_modes(_: Row, leaves: Leaves, work: Work) -> None:
    """Write every mode that is asked for."""
    rows = work.table.rows["Modes"]
    for row in rows:
        wanted = below(leaves, row.canonical)
        if wanted and wanted != {"": PRESENT} and row.how != "each":
            _write(row, wanted, work)
    for node, on in work.started.items():
        work.put(work.attribute(f"{node}.Mod"), ON if on else OFF)
    for row in rows:
        if row.how == "each" and row.canonical in leaves:
            write_each(row, {"": leaves[row.canonical]}, work)


def _write(row: Row, wanted: Leaves, work: Work) -> None:
    off = wanted.get("disabled") is True
    if off and row.shared:
        return
    before = set(work.sheet.points)
    CODECS[how(row)].write(row, wanted, work)
    fresh = [ref for ref in work.sheet.points if ref not in before]
    for ref, value in row.constant.items() if fresh else ():
        work.put(ref, value)
    for node in dict.fromkeys(ref.partition(".")[0] for ref in fresh):
        if node not in work.unused:
            work.start(row, node, on=not off)
            _schedule(node, fresh, work, off=off)


def _schedule(node: str, fresh: list[str], work: Work, *, off: bool) -> None:
    """Note what a schedule controls on a node: its commanded objects, else the node's mode."""
    equipment = place(node).node in EQUIPMENT
    objects = [
        ref
        for ref in fresh
        if ref.startswith(f"{node}.") and not off and _commanded(ref, equipment=equipment)
    ]
    for ref in objects:
        work.entities[".".join(ref.split(".")[:2])] = work.sheet.points[ref].value
    if not objects and not equipment:
        work.entities[f"{node}.Mod"] = OFF if off else ON


def _commanded(ref: str, *, equipment: bool) -> bool:
    found = place(ref)
    return found.do != "Mod" and (found.cdc in COMMANDED or (equipment and found.cdc == "SPG"))


def read_modes(_: Row, work: Work) -> Leaves:
    """Read every mode that the points say something of."""
    leaves: Leaves = {}
    for row in work.table.rows["Modes"]:
        if row.how != "each":
            leaves |= above(_read(row, work), row.canonical)
    for row in work.table.rows["Modes"]:
        if row.how == "each":
            leaves |= above(read_each(row, work), row.canonical)
    return leaves


def _read(row: Row, work: Work) -> Leaves:
    before = set(work.sheet.read)
    found = CODECS[how(row)].read(row, work)
    if not found:
        work.sheet.read = before | {ref for ref in work.sheet.read if ".RefFrm." in ref}
        return {}
    for ref, value in row.constant.items():
        _constant(ref, value, work)
    read = dict.fromkeys(ref.partition(".")[0] for ref in sorted(work.sheet.read - before))
    nodes = [node for node in read if node not in work.unused]
    states = [state for node in nodes if (state := work.switched(row, node)) is not None]
    work.started |= {node: True for node in nodes if place(node).node not in EQUIPMENT}
    return found | ({"disabled": True} if states and not any(states) else {})


def _constant(ref: str, value: object, work: Work) -> None:
    """Read a point that is always the same; another value means another mode."""
    there = work.sheet.points.get(ref)
    if there is None or (there.value != value and ref.endswith(".ctlModel")):
        return
    if work.sheet.take(ref) not in (value, None):
        raise Unrepresentable(ref, f"{there.value!r} is not {value!r}, which the mode needs")


def how(row: Row) -> str:
    """Return the codec's name of a row: what the row says, else what its object calls for."""
    if row.how:
        return row.how
    if row.refs:
        return "reference"
    if "quad" in row.also:
        return "factor"
    return "amount" if row.unit and row.unit != "s" else "flag"


# ---------------------------------------------------------------------------- what every started node is told


def write_each(row: Row, leaves: Leaves, work: Work) -> None:
    """Write a time to every started node that has the object; a negative one has none."""
    do = row.iec61850.removeprefix("*.")
    for node in work.started if leaves[""] >= 0 else ():
        if has(node, do):
            put_time(f"{node}.{do}", leaves[""], work)


def read_each(row: Row, work: Work) -> Leaves:
    """Read a time from the started nodes; where they differ, what differs is left unread."""
    do = row.iec61850.removeprefix("*.")
    found = None
    for node in work.started:
        ref = f"{node}.{do}"
        if not has(node, do):
            continue
        read = set(work.sheet.read)
        value = take_time(ref, work)
        if found is None:
            found = value
        elif value is not None and value != found:
            work.sheet.read = read
    return {} if found is None else {"": found}


# --------------------------------------------------------------------------------------- connect and energize


def write_connect(row: Row, leaves: Leaves, work: Work) -> None:
    """Operate the switch, or without one connect or disconnect the unit.

    As a state, say where the switch is.
    """
    if not work.bases.switch:
        work.put(work.attribute(row.also["without"]), CONNECT if leaves[""] else DISCONNECT)
    elif work.state:
        work.put(f"{row.iec61850}.stVal", 2 if leaves[""] else 1)
    else:
        work.put(work.attribute(row.iec61850), leaves[""])


def read_connect(row: Row, work: Work) -> Leaves:
    """Read a switch command, a switch position or a unit command."""
    command = None if work.state else work.sheet.flag(f"{row.iec61850}.ctlVal")
    position = work.sheet.number(f"{row.iec61850}.stVal") if work.state else None
    unit = None if work.bases.switch else work.value(row.also["without"])
    if command is not None:
        return {"": command}
    if position is not None:
        if position not in DBPOS:
            raise Unrepresentable(row.iec61850, f"position {position} is neither on nor off")
        return {"": DBPOS[position]}
    if unit not in (None, CONNECT, DISCONNECT):
        raise Unrepresentable(row.also["without"], f"{unit!r} is neither to connect nor to disconnect")
    return {} if unit is None else {"": unit == CONNECT}


def write_energize(row: Row, leaves: Leaves, work: Work) -> None:
    """Ask to cease to energize or to return to service, and permit the return."""
    work.put(work.attribute(row.iec61850), RETURN if leaves[""] else CEASE)
    work.put(work.attribute(row.also["permit"]), leaves[""])


def read_energize(row: Row, work: Work) -> Leaves:
    """Read a cease-to-energize request."""
    value = work.value(row.iec61850)
    if value is None:
        return {}
    permit = work.value(row.also["permit"])
    if value not in (CEASE, RETURN) or permit not in (None, value == RETURN):
        raise Unrepresentable(
            row.iec61850, f"{value!r} with a permit of {permit!r} is neither one nor the other"
        )
    return {"": value == RETURN}


OWN: Mapping[str, Codec] = {
    "connect": Codec(write_connect, read_connect, ("",)),
    "energize": Codec(write_energize, read_energize, ("",)),
    "each": Codec(write_each, read_each, ("",)),
}
CODECS: Mapping[str, Codec] = {
    **figures.CODECS,
    **scalars.CODECS,
    **shapes.CODECS,
    **parts.CODECS,
    **droop.CODECS,
    **OWN,
}
