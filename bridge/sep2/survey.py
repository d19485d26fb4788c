"""Reads `mappings/sep2-tree.toml` into nodes, and resolves every name in it against the models.

A type, member, ordering key or link that no edition has, a link to an address that is not there, a word that
means nothing: each is a hole, with file and line. Nothing is served before all of it is sound.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from bridge.mapping.table import Entry, Hole, Unknown, load, resolve, shape, steps
from bridge.sep2 import names
from bridge.sep2.nodes import METHODS, Key, Link, Node

CLOSED = ConfigDict(extra="forbid")
LISTS = {"List", "SubscribableList"}


@dataclass(frozen=True, config=CLOSED)
class Place:
    """A row of the table: one address."""

    file: str
    line: int
    path: Annotated[str, Field(pattern=r"^(/([a-z]+|\{\}))+$")]
    type: str
    modes: Annotated[str, Field(pattern=r"^[MODE]{5}$")]
    read: Literal["any", "member", "owner", "operator"]
    write: Literal["any", "owner", "operator"]
    of: str = ""
    also: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    keys: str = ""
    order: Literal["", "N", "J"] = ""
    timed: bool = False
    sub: Literal[0, 1, 2, 3] = 0
    poll: int | None = None
    ours: bool = False

    def hole(self, reason: str) -> Hole:
        """The error that points at this row."""
        return Hole(self.file, self.line, f"{self.path}: {reason}")


@dataclass(frozen=True, config=CLOSED)
class Tie:
    """A row of the table: one link of a type."""

    file: str
    line: int
    name: str
    to: Annotated[str, Field(pattern=r"^(=|\.?(/[a-z]+)+)$")]
    when: Literal["", "always", "some", "exists"] = ""
    alone: bool = False
    own: bool = False

    def hole(self, reason: str) -> Hole:
        """The error that points at this row."""
        return Hole(self.file, self.line, f"{self.name}: {reason}")


def read(table: Entry | None = None) -> Mapping[str, Node]:
    """The nodes of a table, by template."""
    entry = table or load("sep2-tree")
    places = tuple(_places(entry))
    ties = _ties(entry)
    found: dict[str, Node] = {}
    for set_, place in places:
        if place.path in found:
            raise place.hole("there is a row for it already")
        found[place.path] = _node(set_, place, ties, {each.path for _, each in places})
    _leads(found, ties)
    return found


# ------------------------------------------------------------------------------------------------- addresses


def _places(table: Entry) -> Iterable[tuple[str, Place]]:
    """Each row with the name of its set, with what it takes from another put in; those come last."""
    rows = [(str(each.data.get("name", "")), row) for each in table.rows("set") for row in each.rows("node")]
    raw = {row.data.get("path"): row for _, row in rows}
    for name, row in sorted(rows, key=lambda each: "like" in each[1].data):
        yield name, shape(_whole(row, raw), Place)


def _whole(row: Entry, raw: Mapping[object, Entry]) -> Entry:
    like = row.data.get("like")
    if like is None:
        return row
    if like not in raw or "like" in raw[like].data:
        raise row.hole(f"like {like}: no row says by itself what is there")
    own = {key: value for key, value in row.data.items() if key != "like"}
    return Entry(row.file, row.line, {**raw[like].data, **own}, row.lines, row.key)


def _node(set_: str, place: Place, ties: Mapping[str, tuple[Tie, ...]], paths: set[str]) -> Node:
    also = (place.type, *place.also) if not place.of else (place.of,)
    for name in (place.type, *also, *place.takes):
        if not names.classes(name):
            raise place.hole(f"no edition has a type {name}")
    _listed(place)
    _attributes(place)
    return Node(
        template=place.path,
        type=place.type,
        member=place.of,
        also=frozenset().union(*map(names.extensions, also)),
        takes=place.takes or tuple(sorted(names.extensions(place.of))) if place.of else place.takes,
        modes=dict(zip(METHODS, place.modes, strict=True)),
        keys=_keys(place),
        order=place.order,
        timed=place.timed,
        subscribable=place.sub,
        poll=place.poll,
        read=place.read,
        write=place.write,
        links=tuple(
            Link(t.name, tuple(t.name.split(".")), t.to, t.when, t.alone, t.own)
            for t in ties.get(place.type, ())
        ),
        set=set_,
        ours=place.ours,
        above=_above(place, paths),
    )


def _above(place: Place, paths: set[str]) -> str:
    found = place.path.rpartition("/")[0]
    if found and found not in paths:
        raise place.hole(f"there is no row for {found}, which it stands below")
    return found


def _listed(place: Place) -> None:
    """Refuse a list without its members, and members without their list."""
    for edition, cls in names.classes(place.type):
        lists = bool(LISTS & {base.__name__ for base in cls.__mro__})
        if lists != bool(place.of):
            raise place.hole(f"{place.type} of {edition} is {'a' if lists else 'no'} list")
        if lists and place.of not in steps(cls):
            raise place.hole(f"{place.type} of {edition} has no members {place.of}")


def _attributes(place: Place) -> None:
    for said, name in ((place.sub, "subscribable"), (place.poll, "pollRate")):
        if said and not any(name in steps(cls) for _, cls in names.classes(place.type)):
            raise place.hole(f"{place.type} has no {name} in any edition")


def _keys(place: Place) -> tuple[Key, ...]:
    if bool(place.of) != bool(place.order):
        raise place.hole("a list has the grade of its order, and nothing else has one")
    keys = tuple(
        Key(tuple(name.removesuffix("-").split(".")), name.endswith("-"))
        for name in place.keys.replace(" ", "").split(",")
        if name
    )
    for key in keys:
        for _, cls in names.classes(place.of):
            try:
                resolve(cls, ".".join(key.path))
            except Unknown as error:
                raise place.hole(str(error)) from error
    return keys


# ----------------------------------------------------------------------------------------------------- links


def _ties(table: Entry) -> Mapping[str, tuple[Tie, ...]]:
    """The links of each type, each found in at least one edition of it."""
    found: dict[str, tuple[Tie, ...]] = {}
    for each in table.rows("link"):
        ties = tuple(shape(row, Tie) for row in each.rows("row"))
        for name in map(str, each.data.get("of", ())):
            for tie in ties:
                _linked(name, tie)
            found[name] = found.get(name, ()) + ties
    return found


def _linked(name: str, tie: Tie) -> None:
    if not any(_is(cls, tie.name, "Link") for _, cls in names.classes(name)):
        raise tie.hole(f"no edition of {name} has this link")


def _is(cls: type, path: str, base: str) -> bool:
    try:
        found = resolve(cls, path).type
    except Unknown:
        return False
    return isinstance(found, type) and base in {each.__name__ for each in found.__mro__}


def _leads(found: Mapping[str, Node], ties: Mapping[str, tuple[Tie, ...]]) -> None:
    """Refuse a link that leads nowhere, or to a list where the schema says there is none."""
    served = {node.type for node in found.values()}
    for name, each in ties.items():
        if name not in served:
            raise each[0].hole(f"{name} is served nowhere")
    for node in found.values():
        for tie, link in zip(ties.get(node.type, ()), node.links, strict=True):
            if _own(node, found) and link.to != "=":
                _leading(node, tie, found.get(link.leads(node.template)))


def _own(node: Node, found: Mapping[str, Node]) -> bool:
    """Whether resources have this as their own address: that of a list's member, where there is one."""
    kin = [each for each in found.values() if each.type == node.type]
    return node.template.endswith("}") or not any(each.template.endswith("}") for each in kin)


def _leading(node: Node, tie: Tie, target: Node | None) -> None:
    if target is None:
        raise tie.hole(f"from {node.template} it leads to {tie.to}, where there is nothing")
    for _, cls in names.classes(node.type):
        if _is(cls, tie.name, "Link") and _is(cls, tie.name, "ListLink") != target.lists:
            raise tie.hole(f"{target.template} is {'a' if target.lists else 'no'} list")
