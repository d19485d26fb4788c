"""Particles: sequences, choices, wildcards and references turned into fields, cases and small classes.

Follows XML Schema part 1, sections 3.8 and 3.9. A choice becomes a tagged union of cases; a sequence
that may be absent or repeated becomes a small class written in place; a reference to the head of a
substitution group becomes a choice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xmlschema.validators import XsdAnyElement, XsdElement

from xsd.passes import appinfo, names, shape, simple
from xsd.passes.load import Component
from xsd.passes.shape import Case, Complex, Family, Field, Simple, Union, within

Refer = Callable[[Family, Component, str, str], str]


@dataclass(slots=True)
class Owner:
    """The class that fields are being made for: its key, its namespace, and the names it already uses."""

    family: Family
    key: str
    ns: str
    taken: set[str]

    def take(self, text: str) -> str:
        """Name a field and remember the name."""
        name = names.attribute(text, self.taken)
        self.taken.add(name)
        return name

    def fresh(self, text: str) -> str:
        """Name a field for something nameless, by number where the plain word is taken."""
        words = (text, *(f"{text}{count}" for count in range(2, len(self.taken) + 3)))
        return self.take(next(word for word in words if word not in self.taken))

    def keep(self, part: str) -> str:
        """Find a key for something nameless inside the class."""
        key, count = within(self.key, part), 1
        while key in self.family.definitions:
            count += 1
            key = within(self.key, f"{part}{count}")
        return key


def fields(owner: Owner, group: Component, refer: Refer) -> list[Field]:
    """Describe the content of a class: elements take their own names before the nameless are named."""
    flat = flatten(group)
    for one in flat:
        if isinstance(one, XsdElement):
            refuse(owner, one)
    plain = {id(one): owner.take(one.local_name) for one in flat if isinstance(one, XsdElement)}
    return [particle(owner, one, plain.get(id(one)), refer) for one in flat]


def flatten(group: Component) -> list[Component]:
    """Undo nesting that says nothing: sequences that occur once, choices of one, empty groups."""
    if group.model == "all" and len(group) > 1:
        raise NotImplementedError(f"{group.parent}: xs:all")
    if (group.model == "choice" and len(group) > 1) or occurs(group) != (1, 1):
        return [group] if len(group) else []
    return [part for one in group for part in (flatten(one) if is_group(one) else [one])]


def is_group(one: Component) -> bool:
    """Tell a group from an element and a wildcard."""
    return not isinstance(one, XsdElement | XsdAnyElement)


def occurs(one: Component) -> tuple[int, int | None]:
    """Give least and most occurrences."""
    return one.min_occurs, one.max_occurs


def refuse(owner: Owner, one: Component) -> None:
    """Refuse what the models cannot hold."""
    if one.nillable:
        raise NotImplementedError(f"{owner.key}: {one.local_name} may be nil")


def particle(owner: Owner, one: Component, name: str | None, refer: Refer) -> Field:
    """Describe one particle; `name` is given for an element."""
    least, most = occurs(one)
    if isinstance(one, XsdAnyElement):
        return anything(owner.fresh("any"), least, one)
    if name is None:
        return (
            choice(owner, one, refer) if one.model == "choice" and len(one) > 1 else group(owner, one, refer)
        )
    if substitutes(one):
        return Field(name, "choice", headed(owner, one, refer), least, most)
    return element(owner, one, name, refer)


def anything(name: str, least: int, one: Component) -> Field:
    """Describe a wildcard for elements."""
    return Field(name, "any", "", least, one.max_occurs, xml=wildcard(one), process=one.process_contents)


def wildcard(one: Component) -> str:
    """Spell the namespaces of a wildcard as the schema does."""
    return " ".join(one.elem.get("namespace", "##any").split())


def element(owner: Owner, one: Component, name: str, refer: Refer) -> Field:
    """Describe an element that is a field of its own name, or the value of a case."""
    least, most = occurs(one)
    spelling, ns = one.local_name, shape.space(one.name)
    whose = one.ref or (one if one.parent is None else None)
    holder = (owner.key, spelling) if whose is None else (f"{whose.name}@", "")
    type_ = refer(owner.family, one.type, *holder)
    return Field(
        name,
        "element",
        type_,
        least,
        most,
        xml=spelling if spelling != name else None,
        ns=ns if ns != owner.ns else None,
        default=default(owner.family, type_, one),
        fixed=simple.value(one.fixed, one.type),
    )


def default(family: Family, type_: str, one: Component) -> object:
    """Give what an empty or absent element stands for: by XSD, or a literal that our schemas name."""
    literal = appinfo.default(one.elem)
    if literal is None:
        return simple.value(one.default, one.type)
    found = family.definitions.get(type_)
    return dict(found.members).get(literal, literal) if isinstance(found, Simple) else literal


def group(owner: Owner, one: Component, refer: Refer) -> Field:
    """Describe a sequence that stands or falls together, as a class written in place."""
    least, most = occurs(one)
    return Field(owner.fresh("sequence"), "group", together(owner, one, "sequence", refer), least, most)


def together(owner: Owner, one: Component, part: str, refer: Refer) -> str:
    """Make the small class of a sequence, whatever its own occurrence is."""
    key = owner.keep(part)
    inner = Owner(owner.family, key, owner.ns, set())
    owner.family.definitions[key] = Complex(key, owner.ns, named=False)
    flat = [each for part_ in one for each in (flatten(part_) if is_group(part_) else [part_])]
    plain = {id(each): inner.take(each.local_name) for each in flat if isinstance(each, XsdElement)}
    found = tuple(particle(inner, each, plain.get(id(each)), refer) for each in flat)
    owner.family.definitions[key] = Complex(key, owner.ns, None, found, named=False)
    return key


def choice(owner: Owner, one: Component, refer: Refer) -> Field:
    """Describe a choice as a union of cases."""
    least, most = occurs(one)
    name = owner.fresh("choice")
    options = alternatives(one)
    if any(is_empty(each) for each in options):
        least = 0
    cases = [key for each in options if len_(each) for key in alternative(owner, each, refer)]
    return Field(name, "choice", union(owner, name, cases), least, most)


def union(owner: Owner, name: str, cases: list[str]) -> str:
    """Keep a union under a key of its own."""
    key = owner.keep(name)
    owner.family.definitions[key] = Union(key, tuple(cases))
    return key


def alternatives(one: Component) -> list[Component]:
    """List the alternatives of a choice; a choice inside it that occurs once at most is part of it."""
    found: list[Component] = []
    for each in one:
        inner = is_group(each) and each.model == "choice" and len(each) > 1 and each.max_occurs == 1
        found += alternatives(each) if inner else [each]
    return found


def is_empty(one: Component) -> bool:
    """Tell whether an alternative can match nothing."""
    return bool(one.min_occurs == 0 or (is_group(one) and one.is_emptiable()))


def len_(one: Component) -> int:
    """Count what a group holds; an element or a wildcard counts one."""
    return len(one) if is_group(one) else 1


def alternative(owner: Owner, one: Component, refer: Refer) -> list[str]:
    """Make the case or cases of one alternative."""
    if isinstance(one, XsdAnyElement):
        return [case(owner, "##any", anything("value", 1, one))]
    if isinstance(one, XsdElement):
        refuse(owner, one)
        every = substitutes(one) or [one]
        return [case(owner, each.local_name, content(owner, each, one, refer)) for each in every]
    flat = flatten(one)
    if len(flat) == 1 and not is_group(flat[0]):
        return alternative(owner, flat[0], refer)
    tag = first(one)
    type_ = together(owner, one, f"{tag}/sequence", refer)
    return [case(owner, tag, Field("value", "group", type_, max(1, one.min_occurs), one.max_occurs))]


def first(one: Component) -> str:
    """Name the element that a group begins with."""
    head = one[0]
    if is_group(head):
        return first(head)
    return "##any" if isinstance(head, XsdAnyElement) else str(head.local_name)


def content(owner: Owner, one: Component, place: Component, refer: Refer) -> Field:
    """Describe what a case holds; occurrences come from the place where the element is named."""
    held = element(owner, one, "value", refer)
    least, most = occurs(place)
    xml = one.local_name if names.python(one.local_name) != one.local_name else None
    return Field("value", "element", held.type, max(1, least), most, xml, held.ns, held.default, held.fixed)


def case(owner: Owner, tag: str, value: Field) -> str:
    """Keep a case under a key of its own."""
    key = owner.keep(tag.lstrip("#"))
    owner.family.definitions[key] = Case(key, owner.ns, tag, value)
    return key


def substitutes(one: Component) -> list[Component]:
    """List the elements that may stand for a referenced head, the head among them unless it is abstract."""
    if one.ref is None:
        return []
    others = sorted(
        (each for each in one.iter_substitutes() if not each.abstract), key=lambda each: str(each.name)
    )
    head = [] if one.ref.abstract else [one.ref]
    return [*head, *others] if others or not head else []


def headed(owner: Owner, one: Component, refer: Refer) -> str:
    """Make, once for a head, the union of its substitution group."""
    key = within(f"{one.name}@", "choice")
    if key not in owner.family.definitions:
        head = Owner(owner.family, f"{one.name}@", shape.space(one.name), set())
        cases = [case(head, each.local_name, content(head, each, each, refer)) for each in substitutes(one)]
        owner.family.definitions[key] = Union(key, tuple(cases))
    return key
