"""What the table covers: every name resolved, every element and attribute of the asked types mapped or kept.

The asked types are named in the table itself, by module of the wire models, so that a type which nobody
thought of is a hole too. Figures are for people and for `derbridge map check --json`. Nothing here converts
anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from bridge.mapping import editions
from bridge.mapping.bonds import Book, Path, Plan, canonical_class
from bridge.mapping.rows import EDITIONS, Kind, Row, Vocabulary, vocabulary
from bridge.mapping.table import Hole, Unknown, resolve, steps
from bridge.mapping.tree import FREE, Trie
from models import kit


@dataclass(frozen=True, slots=True)
class Cover:
    """How one 2030.5 type of one edition is covered; `bare` is what no row mentions."""

    edition: str
    type: str
    mapped: int
    kept: int
    bare: tuple[str, ...]

    @property
    def total(self) -> int:
        """Return how many elements and attributes there are."""
        return self.mapped + self.kept + len(self.bare)


@dataclass(frozen=True, slots=True)
class Report:
    """All there is to say about a table."""

    covers: tuple[Cover, ...]
    names: int
    holes: tuple[Hole, ...]
    losses: tuple[Loss, ...]

    @property
    def sound(self) -> bool:
        """Return whether every name is resolved and nothing is bare."""
        return not self.holes and not any(cover.bare for cover in self.covers)

    def figures(self) -> dict[str, Any]:
        """Return the report as plain data."""
        total = sum(cover.total for cover in self.covers)
        bare = sum(len(cover.bare) for cover in self.covers)
        return {
            "table": "der-sep2",
            "sound": self.sound,
            "names": self.names,
            "unresolved": len(self.holes),
            "percent": round(100 * (total - bare) / total, 2) if total else 0.0,
            "editions": {edition: self._edition(edition) for edition in EDITIONS},
            "types": [asdict(cover) | {"total": cover.total} for cover in self.covers],
            "losses": [asdict(loss) for loss in self.losses],
            "holes": [str(hole) for hole in self.holes],
        }

    def _edition(self, edition: str) -> dict[str, Any]:
        covers = [cover for cover in self.covers if cover.edition == edition]
        total = sum(cover.total for cover in covers)
        bare = sum(len(cover.bare) for cover in covers)
        percent = round(100 * (total - bare) / total, 2) if total else 0.0
        return {
            "types": len(covers),
            "mapped": sum(cover.mapped for cover in covers),
            "kept": sum(cover.kept for cover in covers),
            "bare": bare,
            "percent": percent,
        }


@dataclass(frozen=True, slots=True)
class Loss:
    """A canonical field that a 2030.5 type does not carry, and why."""

    canonical: str
    type: str
    reason: str


def report(words: Vocabulary | None = None) -> Report:
    """Check a table from end to end, without stopping at its first hole."""
    words = words or vocabulary()
    book = Book(words)
    holes = tuple(_holes(book))
    covers = tuple(cover for edition in EDITIONS for cover in _covers(book, edition))
    losses = tuple(
        Loss(f"{kind.canonical}.{row.canonical}", name, row.loss)
        for kind in words.kinds
        for name in kind.sep2
        for row in kind.rows
        if row.loss
    )
    return Report(covers, sum(1 for _ in _names(words)), holes, losses)


# ---------------------------------------------------------------------------------------------------- names


def _names(words: Vocabulary) -> Iterator[tuple[Kind, str, str, Row | None, str]]:
    """Yield every name that a table says: type, 2030.5 name, edition, row and path."""
    for kind in words.kinds:
        for name in kind.sep2:
            for edition in kind.editions:
                yield kind, name, edition, None, name
                for row in kind.rows_for(name, edition):
                    for path in (row.sep2, row.canonical, row.xScale, row.yScale):
                        if path is not None and path != ".":
                            yield kind, name, edition, row, path


def _holes(book: Book) -> Iterator[Hole]:
    """Yield what is wrong with a table: names that are not there, then what keeps a plan from being made."""
    seen: set[str] = set()
    for kind in book.words.kinds:
        for name in kind.sep2:
            for edition in kind.editions:
                for hole in _wrong(book, kind, name, edition):
                    if str(hole) not in seen:
                        seen.add(str(hole))
                        yield hole
    yield from _idle(book)


def _wrong(book: Book, kind: Kind, name: str, edition: str) -> Iterator[Hole]:
    """Yield what is wrong with one type in one edition."""
    wire = editions.named(edition, name)
    if wire is None:
        yield Hole(kind.file, kind.line, f"there is no {name} in {edition}")
        return
    try:
        canonical = canonical_class(kind)
        for path in (*filter(None, (kind.sign,)), *kind.constant):
            resolve(canonical, path)
    except (Hole, Unknown) as error:
        yield error if isinstance(error, Hole) else Hole(kind.file, kind.line, str(error))
        return
    bad = list(_bad_rows(book.words, kind.rows_for(name, edition), wire, canonical))
    yield from bad
    if not bad:
        try:
            book.plan(wire, canonical, edition)
        except Hole as hole:
            yield hole


def _bad_rows(
    words: Vocabulary, rows: Iterator[Row], wire: type[kit.Model], canonical: type[kit.Model]
) -> Iterator[Hole]:
    for row in rows:
        sides = ((wire, row.sep2), (canonical, row.canonical), (wire, row.xScale), (wire, row.yScale))
        for cls, path in sides:
            if path is not None and path != ".":
                try:
                    resolve(cls, path)
                except Unknown as error:
                    yield row.hole(str(error))
        if row.codes is not None and row.codes not in words.codes:
            yield row.hole(f"there is no list of codes called {row.codes}")


def _idle(book: Book) -> Iterator[Hole]:
    """Yield what the table asks for or keeps that is in no edition it names."""
    for asked in book.words.asked:
        for edition in asked.editions:
            if not list(_asked(edition, asked.module, asked.type)):
                yield Hole(asked.file, asked.line, f"there is no {asked.module or asked.type} in {edition}")
    for keep in book.words.keeps:
        for edition in keep.editions:
            found = (f for name in _types(book, edition) for f in _fields(edition, name))
            if not any(book.words.keep(field, edition) is keep for field in found):
                yield Hole(keep.file, keep.line, f"nothing in {edition} is called {keep.name}")


def _asked(edition: str, module: str | None, name: str | None) -> Iterator[str]:
    for known, place in editions.index(edition).TYPES.items():
        if known == name or place.split(".")[-2] == module:
            yield known


def _types(book: Book, edition: str) -> list[str]:
    """Return the names of the asked types of one edition."""
    found = {
        name: None
        for asked in book.words.asked
        if edition in asked.editions
        for name in _asked(edition, asked.module, asked.type)
    }
    return sorted(found)


def _fields(edition: str, name: str) -> tuple[str, ...]:
    cls = editions.element(edition, name)
    return tuple(steps(cls)) if cls else ()


# ------------------------------------------------------------------------------------------------- coverage


def _covers(book: Book, edition: str) -> Iterator[Cover]:
    names = _types(book, edition)
    bases = {
        base.__name__ for name in names for base in (editions.named(edition, name) or kit.Model).__mro__[1:]
    }
    for name in names:
        if (cls := editions.element(edition, name)) is None:
            continue
        kinds = [kind for kind in book.words.kinds if name in kind.sep2 and edition in kind.editions]
        if kinds or name not in bases:
            yield _cover(book, edition, name, cls, kinds)


def _cover(book: Book, edition: str, name: str, cls: type[kit.Model], kinds: list[Kind]) -> Cover:
    """Count what of one type its rows speak for, what they keep, and what they leave bare."""
    rows = [row for kind in kinds for row in kind.rows_for(name, edition)]
    spoken = [plan.taken for plan in _plans(book, edition, cls, kinds)]
    kept = {row.sep2 for row in rows if row.keep}
    mapped, stored, bare = 0, 0, []
    for path, taken in _leaves(cls, spoken):
        if taken:
            mapped += 1
        elif ".".join(path) in kept or book.words.keep(path[-1], edition) is not None:
            stored += 1
        else:
            bare.append(".".join(path))
    return Cover(edition, name, mapped, stored, tuple(bare))


def _plans(book: Book, edition: str, cls: type[kit.Model], kinds: list[Kind]) -> Iterator[Plan]:
    for kind in kinds:
        try:
            yield book.plan(cls, canonical_class(kind), edition)
        except (Hole, Unknown):  # reported as a hole; what it would have covered stays bare
            continue


def _leaves(cls: type[kit.Model], spoken: list[Trie], path: Path = ()) -> Iterator[tuple[Path, bool]]:
    """Yield the elements and attributes of a class, going into those that rows speak for in part."""
    for name, step in steps(cls).items():
        found = [trie.get(name, FREE) for trie in spoken]
        if any(trie is None for trie in found):
            yield (*path, name), True
        elif parts := [trie for trie in found if trie]:
            yield from _leaves(step.type, parts, (*path, name))
        else:
            yield (*path, name), False
