"""IEEE 2030.5 objects to canonical records and back, driven by `mappings/der-sep2.toml`; nothing is lost.

`to_canonical` lifts what rows speak for into the record and keeps the rest beside it; `from_canonical`
writes the record's values, then puts back what was kept. A kept thing never replaces a value, and a value
that the edition cannot hold is an `Unrepresentable`. Time and identity are arguments. Nothing here reads or
writes XML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from pydantic import ValidationError

from bridge.mapping import editions
from bridge.mapping.amounts import within
from bridge.mapping.bonds import Bond, Book, Path, Plan, book
from bridge.mapping.curves import gather, spread
from bridge.mapping.table import Unrepresentable, steps
from bridge.mapping.tree import TYPE, Spilt, Types, build, restore, spill
from models import kit
from models.der import messages

ELEMENT = "element"
"""The kept path that says which document element a record came in."""
MESSAGES = Types("messages", lambda _: None)


class Envelope(NamedTuple):
    """What a message says of itself, which no 2030.5 document does."""

    id: str
    origin: messages.Origin
    target: messages.Target
    issued: Decimal
    correlation: str | None = None

    def item(self, number: int) -> Envelope:
        """Return the envelope of one item of a list."""
        return self._replace(id=f"{self.id}/{number}")


@dataclass(frozen=True, slots=True)
class Way:
    """Which plans, and which edition."""

    plans: Book
    edition: str


def to_canonical(obj: kit.Model, edition: str, *, envelope: Envelope, plans: Book | None = None) -> kit.Model:
    """Return the canonical record of a 2030.5 object."""
    way = _way(plans, edition)
    plan = way.plans.plan(type(obj), way.plans.root(type(obj), edition), edition)
    return _lift(way, plan, obj, None, envelope)


def from_canonical(
    record: kit.Model,
    edition: str,
    *,
    kind: str | None = None,
    plans: Book | None = None,
    lost: Spilt | None = None,
) -> kit.Model:
    """Return the 2030.5 object of a canonical record, as the element named or as what the record came in.

    What the table declares not to be carried, and what was kept of another edition, is appended to `lost`.
    """
    return _lower(_way(plans, edition), record, None, kind, [] if lost is None else lost)


def _way(plans: Book | None, edition: str) -> Way:
    return Way((plans or book()).open(edition), edition)


# ---------------------------------------------------------------------------------------- 2030.5 to canonical


def _lift(way: Way, plan: Plan, obj: kit.Model, declared: type | None, envelope: Envelope) -> kit.Model:
    """Return the record of an object that has a place for what is kept."""
    tree: dict[str, Any] = dict(plan.kind.constant)
    kept: Spilt = []
    _read(way, plan, obj, tree, envelope)
    if type(obj) is not way.plans.default(plan.canonical, way.edition, tree.get, declared):
        heads = declared is None and type(obj) is editions.element(way.edition, type(obj).__name__)
        kept.append((ELEMENT if heads else TYPE, type(obj).__name__))
    spill(obj, type(obj), plan.taken, "", kept)
    if "origin" in steps(plan.canonical):
        tree |= envelope._asdict()
    tree["kept"] = tuple(messages.Kept(path=path, value=text) for path, text in kept)
    return _made(plan.canonical, tree)


def _made(cls: type[kit.Model], tree: dict[str, Any]) -> kit.Model:
    """Return the record of a tree, all of it checked at once; part by part where that says no."""
    try:
        made: kit.Model = cls.__pydantic_validator__.validate_python(tree)
    except ValidationError:
        return build(cls, tree, MESSAGES, [])
    return made


def _read(way: Way, plan: Plan, obj: kit.Model, tree: dict[str, Any], envelope: Envelope) -> None:
    """Lift the values that rows speak for."""
    for bond in plan.bonds:
        value: Any = obj
        for name in bond.wire:
            value = getattr(value, name)
            if value is None:
                break
        if value is None or (not value and isinstance(value, tuple)):
            continue
        if bond.part is not None:
            value = _up(way, bond, obj, value, envelope)
        elif bond.codec is not None:
            value = bond.codec.forth(value)
        if len(bond.canonical) == 1:
            tree[bond.canonical[0]] = value
        else:
            _put(tree, bond.canonical, value)


def _up(way: Way, bond: Bond, obj: kit.Model, value: Any, envelope: Envelope) -> Any:
    """Return what one part becomes."""
    if bond.many:
        parts = tuple(_part(way, bond, item, envelope.item(at)) for at, item in enumerate(value, 1))
        if bond.row.xScale is None or bond.row.yScale is None:
            return parts
        return spread(parts, getattr(obj, bond.row.xScale), getattr(obj, bond.row.yScale))
    part = bond.part
    if part is None or part.owns:
        return _part(way, bond, value, envelope)
    tree: dict[str, Any] = {}
    _read(way, part, value, tree, envelope)
    return (build(part.canonical, tree, MESSAGES, []),) if bond.single else tree


def _part(way: Way, bond: Bond, obj: kit.Model, envelope: Envelope) -> Any:
    """Return the record of a part, by the plan of what it really is."""
    plan = bond.part
    if plan is None or type(obj) is not plan.wire:
        plan = way.plans.plan(type(obj), bond.part.canonical if bond.part else messages.Plain, way.edition)
    return _lift(way, plan, obj, bond.declared, envelope)


def _fetch(obj: Any, path: Path) -> Any:
    for name in path:
        obj = getattr(obj, name)
        if obj is None:
            return None
    return obj


def _put(tree: dict[str, Any], path: Path, value: Any) -> None:
    if not path:
        tree |= value
        return
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
    tree[path[-1]] = value


def _absent(value: Any) -> bool:
    return value is None or (not value and isinstance(value, tuple))


# ---------------------------------------------------------------------------------------- canonical to 2030.5


def _lower(
    way: Way, record: kit.Model, declared: type[kit.Model] | None, kind: str | None, lost: Spilt
) -> kit.Model:
    """Return the object of a record that has a place for what is kept."""
    kept = [(entry.path, entry.value) for entry in getattr(record, "kept", ())]
    said = {path: text for path, text in kept if path in {TYPE, ELEMENT}}
    wire = _class(way, record, declared, kind, said)
    lost.extend((path, f"{name} is not what it is") for path, name in said.items() if _odd(wire, name, kind))
    plan = way.plans.plan(wire, type(record), way.edition)
    _choice(plan, record, named=kind is not None)
    tree: dict[str, Any] = {}
    _write(way, plan, record, tree, lost)
    restore(tree, plan.taken, (entry for entry in kept if entry[0] not in said), lost)
    items = sum(len(value) for value in tree.values() if isinstance(value, tuple))
    for name in plan.counted:
        tree.setdefault(name, items)
    return build(wire, tree, Types(way.edition, partial(editions.named, way.edition)), lost)


def _class(
    way: Way, record: kit.Model, declared: type[kit.Model] | None, kind: str | None, kept: Mapping[str, str]
) -> type[kit.Model]:
    """Return the class to write: as asked, else as the record came in, else as its kind is written."""
    said = kind or kept.get(ELEMENT) or kept.get(TYPE)
    heads = declared is None and (kind is not None or ELEMENT in kept)
    wire = (editions.element if heads else editions.named)(way.edition, said) if said else None
    paired = wire is not None and way.plans.kind(wire, type(record), way.edition) is not None
    if wire is not None and paired and (declared is None or issubclass(wire, declared)):
        return wire
    if kind is None:
        wire = way.plans.default(type(record), way.edition, partial(_says, record), declared)
        if wire is not None:
            return wire
    raise Unrepresentable(type(record).__name__, f"is written as no {kind or 'document'} in {way.edition}")


def _odd(wire: type[kit.Model], name: str, kind: str | None) -> bool:
    return kind is None and wire.__name__ != name


def _says(record: kit.Model, name: str) -> Any:
    return getattr(record, name, None)


def _choice(plan: Plan, record: kit.Model, *, named: bool) -> None:
    """Refuse to choose in silence between the documents that one record may be written as."""
    for path, row in plan.beside:
        if row.apart is not None and not named and not _absent(_fetch(record, path)):
            raise Unrepresentable(".".join(path), f"goes in {row.apart}; say which of them is wanted")


def _write(way: Way, plan: Plan, record: kit.Model, tree: dict[str, Any], lost: Spilt) -> None:
    """Write the values that rows speak for, after making sure that nothing else is said."""
    _refuse(plan, record, lost)
    for bond in plan.bonds:
        value = _fetch(record, bond.canonical)
        if _absent(value):
            continue
        row = bond.row
        try:
            if row.xScale is not None and row.yScale is not None and isinstance(record, messages.Curve):
                value, tree[row.xScale], tree[row.yScale] = gather(record)
            _put(tree, bond.wire, _down(way, bond, value, lost))
        except Unrepresentable as error:
            raise within(error, ".".join(bond.canonical)) from error


def _down(way: Way, bond: Bond, value: Any, lost: Spilt) -> Any:
    """Return what one value becomes."""
    if bond.part is None:
        return bond.codec.back(value) if bond.codec else value
    if bond.many:
        return tuple(_lower(way, item, bond.declared, None, lost) for item in value)
    if bond.part.owns:
        return _lower(way, value, bond.declared, None, lost)
    if bond.single and len(value) != 1:
        raise Unrepresentable("", f"{len(value)} where exactly one can stand")
    tree: dict[str, Any] = {}
    _write(way, bond.part, value[0] if bond.single else value, tree, lost)
    return tree


def _refuse(plan: Plan, record: kit.Model, lost: Spilt) -> None:
    """Report what is declared not to be carried, and refuse what has no place and no declaration."""
    for path, row in plan.beside:
        if not _absent(_fetch(record, path)):
            lost.append((".".join(path), row.loss or f"goes in {row.apart}"))
    for path in plan.orphans:
        if not _absent(_fetch(record, path)):
            raise Unrepresentable(".".join(path), f"{plan.wire.__name__} of this edition has no place for it")
