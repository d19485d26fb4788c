"""Rows bound to classes: for a 2030.5 class and a canonical class, which value goes where, by which codec.

A plan is made once for each pair and edition, and resolves every name of its rows on both sides: what does
not exist is a `Hole` at the row's own line. It holds no value and converts none; `sep2` walks it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from bridge.mapping import editions
from bridge.mapping.codecs import Codec, choose
from bridge.mapping.rows import Kind, Row, Vocabulary, vocabulary
from bridge.mapping.table import Hole, Leaf, Unknown, Unrepresentable, resolve, steps
from bridge.mapping.tree import Trie
from models import kit
from models.der import messages

Path = tuple[str, ...]
ENVELOPE = frozenset({"id", "origin", "target", "issued", "correlation", "kept"})


@dataclass(frozen=True, slots=True)
class Bond:
    """One row bound: the fields it joins, and the codec or the plan of a part that converts them."""

    row: Row
    wire: Path
    canonical: Path
    declared: Any
    many: bool
    single: bool
    codec: Codec | None
    part: Plan | None


@dataclass(frozen=True, slots=True)
class Plan:
    """All rows of one type, bound to one pair of classes."""

    kind: Kind
    wire: type[kit.Model]
    canonical: type[kit.Model]
    bonds: tuple[Bond, ...]
    taken: Trie
    owns: bool
    beside: tuple[tuple[Path, Row], ...]
    orphans: tuple[Path, ...]
    counted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """The plans of one vocabulary, made when first asked for."""

    words: Vocabulary
    made: dict[tuple[type, type, str, bool], Plan] = field(default_factory=dict)
    opened: dict[str, int] = field(default_factory=dict)
    rooted: dict[tuple[type, str], type[kit.Model]] = field(default_factory=dict)
    written: dict[tuple[type, str], tuple[tuple[Kind, str], ...]] = field(default_factory=dict)

    def open(self, edition: str) -> Book:
        """Bind every row of an edition before the first document of it, so that a hole is found at once."""
        if edition not in self.opened:
            self.opened[edition] = sum(1 for _ in self._bound(edition))
        return self

    def _bound(self, edition: str) -> Iterator[Plan]:
        """Yield the plan of every type of an edition."""
        editions.index(edition)  # a LookupError here, before anything else can go wrong
        for kind in self.words.kinds:
            for name in kind.sep2 if edition in kind.editions else ():
                wire = editions.named(edition, name)
                if wire is None:
                    raise Hole(kind.file, kind.line, f"there is no {name} in {edition}")
                yield self.plan(wire, canonical_class(kind), edition)

    def plan(
        self, wire: type[kit.Model], canonical: type[kit.Model], edition: str, *, owns: bool = True
    ) -> Plan:
        """Return the plan of a pair of classes."""
        key = (wire, canonical, edition, owns)
        if key not in self.made:
            self.made[key] = _plan(self, wire, canonical, edition, owns=owns)
        return self.made[key]

    def kind(self, wire: type, canonical: type, edition: str) -> tuple[Kind, str] | None:
        """Return the type that pairs two classes, by the nearest ancestor of the wire class in the table."""
        for name in ancestry(wire):
            if (kind := self.words.kind(name, canonical.__name__, edition)) is not None:
                return kind, name
        return None

    def roots(self, edition: str) -> Iterator[tuple[Kind, str]]:
        """Yield what may stand alone in an edition, in the table's order."""
        kinds = (kind for kind in self.words.kinds if kind.root and edition in kind.editions)
        return ((kind, name) for kind in kinds for name in kind.sep2)

    def root(self, wire: type[kit.Model], edition: str) -> type[kit.Model]:
        """Return the canonical class for a document's class."""
        found = self.rooted.get((wire, edition))
        if found is None:
            found = self.rooted[wire, edition] = self._root(wire, edition)
        return found

    def _root(self, wire: type[kit.Model], edition: str) -> type[kit.Model]:
        if wire not in {find(edition, wire.__name__) for find in (editions.named, editions.element)}:
            raise Unrepresentable(wire.__name__, f"is not what {edition} calls by this name")
        for ancestor in ancestry(wire):
            for kind, name in self.roots(edition):
                if name == ancestor:
                    return canonical_class(kind)
        raise Unrepresentable(wire.__name__, f"has no canonical record in {edition}")

    def default(
        self, canonical: type, edition: str, says: Callable[[str], Any], declared: type | None
    ) -> type[kit.Model] | None:
        """Return the wire class that a record becomes when it does not say which it was."""
        for kind, name in self._forms(canonical, edition):
            if kind.sign and not _there(says(kind.sign)):
                continue
            found = (editions.named if declared else editions.element)(edition, name)
            if found is None or any(says(key) != value for key, value in kind.constant.items()):
                continue
            if declared is None or issubclass(found, declared):
                return found
        return declared

    def _forms(self, canonical: type, edition: str) -> tuple[tuple[Kind, str], ...]:
        """Return the types that a canonical class may be written as."""
        found = self.written.get((canonical, edition))
        if found is None:
            among = self.roots(edition)
            found = tuple((kind, name) for kind, name in among if kind.canonical == canonical.__name__)
            self.written[canonical, edition] = found
        return found


@cache
def book() -> Book:
    """Return the plans of the table that ships with the package."""
    return Book(vocabulary())


def ancestry(wire: type) -> Iterator[str]:
    """Yield the name of a class and of its ancestors up to the model's base, nearest first."""
    return (cls.__name__ for cls in wire.__mro__ if issubclass(cls, kit.Model) and cls is not kit.Model)


def canonical_class(kind: Kind) -> type[kit.Model]:
    """Return the canonical class that a type names."""
    found = getattr(messages, kind.canonical, None)
    if not (isinstance(found, type) and issubclass(found, kit.Model)):
        raise Hole(kind.file, kind.line, f"there is no canonical {kind.canonical}")
    return found


def _there(value: Any) -> bool:
    return value is not None and value != ()


def _plan(book: Book, wire: type[kit.Model], canonical: type[kit.Model], edition: str, *, owns: bool) -> Plan:
    found = book.kind(wire, canonical, edition)
    if found is None:
        raise Unknown(f"{wire.__name__} and {canonical.__name__} are not paired in {edition}")
    kind, name = found
    rows = [row for row in kind.rows_for(name, edition) if not _kept(row, wire)]
    bonds = sorted(
        (_bond(book, row, wire, canonical, edition) for row in rows if row.sep2 is not None),
        key=lambda bond: bond.row.xScale is not None,  # the points last: they settle the multipliers
    )
    beside = [_aside(row, canonical) for row in rows if row.sep2 is None]
    covered = _merge((bond.canonical, None, bond.row) for bond in bonds)
    spoken = _merge([(path, None, row) for path, row in beside], covered)
    return Plan(
        kind=kind,
        wire=wire,
        canonical=canonical,
        bonds=tuple(bonds),
        taken=_merge(_taken(bond) for bond in bonds),
        owns=owns and "kept" in steps(canonical),
        beside=tuple(beside),
        orphans=tuple(_orphans(canonical, spoken, ENVELOPE | set(kind.constant))),
        counted=tuple(_counted(book, wire, edition)),
    )


def _kept(row: Row, wire: type[kit.Model]) -> bool:
    """Return whether a row only keeps something, after resolving what."""
    return row.keep is not None and bool(_leaf(row, wire, row.sep2))


def _aside(row: Row, canonical: type[kit.Model]) -> tuple[Path, Row]:
    """Return where the canonical field is that a row declares not to be carried."""
    _leaf(row, canonical, row.canonical)
    return _path(row.canonical), row


def _counted(book: Book, wire: type[kit.Model], edition: str) -> Iterator[str]:
    """Yield the required fields that are counts, for when none was kept."""
    for name, step in steps(wire).items():
        keep = book.words.keep(name, edition)
        if step.required and keep is not None and keep.absent:
            yield name


def _path(dotted: str | None) -> Path:
    return () if dotted is None or dotted == "." else tuple(dotted.split("."))


def _leaf(row: Row, cls: type[kit.Model], path: str | None) -> Leaf:
    """Resolve one side of a row, or point at the row."""
    if path == ".":
        return Leaf(cls, optional=False, many=False, mark=None)
    try:
        return resolve(cls, path or "")
    except Unknown as error:
        raise row.hole(str(error)) from error


def _bond(book: Book, row: Row, wire: type[kit.Model], canonical: type[kit.Model], edition: str) -> Bond:
    here, there = _leaf(row, wire, row.sep2), _leaf(row, canonical, row.canonical)
    for name in filter(None, (row.xScale, row.yScale)):
        _leaf(row, wire, name)
    part = codec = None
    if _model(here.type) and _model(there.type) and book.kind(here.type, there.type, edition):
        part = book.plan(here.type, there.type, edition, owns=row.sep2 != ".")
    else:
        codec = choose(row, here.type, there.type, book.words.words(row.codes or "", edition))
    single = there.many and not here.many
    if part is None and codec is None:
        raise row.hole(
            f"what the row says leads from {_name(here.type)} to no {_name(there.type)} in {edition}"
        )
    if (here.many and not (there.many and part is not None and part.owns)) or (single and row.sep2 != "."):
        raise row.hole(f"{row.sep2} and {row.canonical} do not repeat alike")
    return Bond(row, _path(row.sep2), _path(row.canonical), here.type, here.many, single, codec, part)


def _model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, kit.Model)


def _name(kind: Any) -> str:
    return getattr(kind, "__name__", str(kind))


def _taken(bond: Bond) -> tuple[Path, Trie | None, Row]:
    """Return what of the wire object a bond speaks for."""
    if bond.part is not None:
        return bond.wire, None if bond.part.owns else bond.part.taken, bond.row
    takes = bond.codec.takes if bond.codec else ()
    return bond.wire, dict.fromkeys(takes) if takes else None, bond.row


def _merge(claims: Iterable[tuple[Path, Trie | None, Row]], into: Trie | None = None) -> dict[str, Any]:
    """Lay the claims of rows over each other, refusing a field that two of them claim."""
    trie: dict[str, Any] = dict(into or {})
    for path, below, row in claims:
        _claim(trie, path, below, row)
    return trie


def _claim(trie: dict[str, Any], path: Path, below: Trie | None, row: Row) -> None:
    node = trie
    for name in path[:-1]:
        node = node.setdefault(name, {})
        if node is None:
            raise row.hole(f"{'.'.join(path)} lies inside what another row carries")
    if not path:
        for name, further in (below or {}).items():
            _claim(node, (name,), further, row)
    elif path[-1] in node:
        raise row.hole(f"{'.'.join(path)} is carried twice")
    else:
        node[path[-1]] = below


def _orphans(
    cls: type[kit.Model], spoken: Trie, besides: Iterable[str] = (), path: Path = ()
) -> Iterator[Path]:
    """Yield the canonical fields that no row of this edition speaks for."""
    for name, step in steps(cls).items():
        if name in besides:
            continue
        if name not in spoken:
            yield (*path, name)
        elif (further := spoken[name]) is not None and _model(step.type):
            yield from _orphans(step.type, further, (), (*path, name))
