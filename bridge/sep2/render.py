"""A resource or a list as bytes, in the profile of the one who reads it.

IEEE 2030.5-2018 4.4 to 4.6: every resource and every member with its href, links with their counts, pollRate,
subscribable; a list with `all` and `results`. A list is put together from the texts of its members; a text
that depends on nothing but the stored document is made once. Never decides who may read.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

from bridge.mapping import xml
from bridge.mapping.profile import Profile, load
from bridge.mapping.table import steps
from bridge.mapping.writing import writing
from bridge.sep2 import document, doors, linking, names, ours, tree
from bridge.sep2.nodes import Node
from bridge.sep2.recast import Turned, turned
from bridge.sep2.shelf import Cut, Page, Row
from bridge.sep2.talk import Told
from bridge.sep2.tree import Spot
from bridge.sep2.work import Work
from models import kit

_NAME = re.compile(r"<([\w:.-]+)")


async def resource(work: Work, spot: Spot, row: Row) -> bytes:
    """A resource; the row was already viewed."""
    found = await _linked(work, row)
    if found is None:
        raise Told(404, f"profile {work.caller.profile} has no {row.type}")
    profile, name = load(work.caller.profile), names.kind(found.obj)
    obj = document.head(await _polled(work, spot, found.obj), name, profile.name)
    return xml.write(obj, profile, root=names.root(profile.name, name), foreign=found.foreign)


async def listing(work: Work, spot: Spot, page: Page, cut: Cut) -> bytes:
    """A list with the members of a page; what they were cut by is already in the page."""
    del cut
    found = [await _member(work, spot, row) for row in page.rows]
    texts = [text for text in found if text]
    profile = load(work.caller.profile)
    obj = document.head(await _list(work, spot, page, len(texts)), spot.node.type, profile.name)
    return _joined(xml.write(obj, profile).decode(), texts, profile).encode()


async def thing(work: Work, row: Row) -> kit.Model | None:
    """A resource as a part of another document, such as a Notification; the row was already viewed."""
    found = await _linked(work, row)
    return None if found is None else await _polled(work, tree.spot(row.href), found.obj)


async def things(work: Work, spot: Spot, page: Page) -> kit.Model:
    """A list as a part of another document, with the members of a page."""
    seen = [await _viewed(work, row) for row in page.rows]
    found = [await _linked(work, row) for row in seen if row is not None]
    members = tuple(each.obj for each in found if each is not None)
    return (await _list(work, spot, page, len(members))).model_copy(update={spot.node.member: members})


# ------------------------------------------------------------------------------------------------ a resource


async def _linked(work: Work, row: Row) -> Turned | None:
    """A row in the reader's profile, with its links; None where the profile has no such type."""
    node = tree.spot(row.href).node
    found = _stamped(row, work.caller.profile)
    return found and found._replace(obj=await linking.linked(work, node, row, found.obj))


def _stamped(row: Row, profile: str) -> Turned | None:
    """A row in a profile with what its address alone says of it."""
    node = tree.spot(row.href).node
    found = turned(row, profile, node.also)
    if found is None:
        return None
    update: dict[str, Any] = {"href": row.href}
    if "subscribable" in steps(type(found.obj)):
        update["subscribable"] = node.subscribable or None
    return found._replace(obj=found.obj.model_copy(update=update))


async def _polled(work: Work, spot: Spot, obj: kit.Model) -> kit.Model:
    """An object that says how often to read it, where its type can and it does not say so itself."""
    said: Any = obj
    if "pollRate" not in steps(type(obj)) or said.pollRate is not None:
        return obj
    return obj.model_copy(update={"pollRate": await _rate(work, spot.node)})


async def _rate(work: Work, node: Node) -> int | None:
    """The pollRate of a type: as the operator set it, as the server is set up, as the table says."""
    set_ = ours.read(await work.shelf.get(f"{ours.POLLS}/{node.type}")).get("seconds")
    return set_ if isinstance(set_, int) else work.policy.polls.get(node.type, node.poll)


# ----------------------------------------------------------------------------------------------------- a list


async def _list(work: Work, spot: Spot, page: Page, results: int) -> kit.Model:
    """A list without its members; what a row of its own says of it goes before everything else."""
    node, profile = spot.node, work.caller.profile
    cls = names.named(names.edition(profile), node.type)
    if cls is None:
        raise Told(404, f"profile {profile} has no {node.type}")
    values: dict[str, Any] = {"href": spot.href, "all": page.total, "results": results}
    if "subscribable" in steps(cls):
        values["subscribable"] = node.subscribable or None
    row = await work.shelf.get(spot.href)
    own = turned(row, profile, frozenset({node.type})) if row else None
    if own is not None:
        said = {name: getattr(own.obj, name, None) for name in ("pollRate", "subscribable")}
        values |= {name: value for name, value in said.items() if value is not None}
    return await _polled(work, spot, cls(**values))


async def _member(work: Work, spot: Spot, row: Row) -> str | None:
    """The text of a member; None where it has gone since, or where the reader's profile has no such type."""
    seen = await _viewed(work, row)
    if seen is None:
        return None
    if not tree.spot(seen.href).node.links:
        return _fragment(seen, spot.node.template, work.caller.profile)
    found = await _linked(work, seen)
    return found and _text(found, spot.node, work.caller.profile)


async def _viewed(work: Work, row: Row) -> Row | None:
    return await doors.view(work, tree.spot(row.href), row)


@lru_cache(maxsize=8192)
def _fragment(row: Row, template: str, profile: str) -> str | None:
    """The text of a member that has no links, so that it depends on its row alone."""
    found = _stamped(row, profile)
    return found and _text(found, tree.node(template), profile)


def _text(found: Turned, node: Node, profile: str) -> str:
    """A member as it stands in its list: with `xsi:type` where it extends what the list says."""
    if found.foreign:
        kept = tuple(replace(each, path=_moved(each.path, node.member)) for each in found.foreign)
        return xml.write(found.obj, load(profile), root=node.member, foreign=kept).decode()
    compiled, out = writing(load(profile)), list[str]()
    extra = (
        ""
        if type(found.obj) is _declared(node.type, node.member, profile)
        else compiled.typed(type(found.obj))
    )
    compiled.element(found.obj, compiled.name(compiled.profile.model, node.member), extra, out)
    return "".join(out)


def _moved(path: str, name: str) -> str:
    """A path inside a document whose head has another name."""
    return "/".join(["", name, *path.split("/")[2:]])


@cache
def _declared(list_: str, member: str, profile: str) -> type[kit.Model]:
    cls = names.named(names.edition(profile), list_)
    if cls is None:
        raise LookupError(f"profile {profile} has no {list_}")
    found: type[kit.Model] = steps(cls)[member].type
    return found


def _joined(empty: str, texts: list[str], profile: Profile) -> str:
    """An empty list with its members put in, and the prefixes declared that they use."""
    found = _NAME.match(empty)
    if not texts or found is None:
        return empty
    start = empty.removesuffix("/>")
    for prefix, namespace in profile.prefixes:
        if prefix and f"xmlns:{prefix}=" not in start and any(f"{prefix}:" in text for text in texts):
            start += f' xmlns:{prefix}="{namespace}"'
    return f"{start}>{''.join(texts)}</{found[1]}>"
