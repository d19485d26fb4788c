"""Complex types: from xmlschema's objects to `shape.Complex`, in the order of the schema.

Follows XML Schema part 1, section 3.4 (complex types) and 3.3 (substitution groups). Attributes come
after elements; a type that is nothing but a simple type becomes one. It refuses xs:all, mixed content
and nil, which no schema here uses.
"""

from __future__ import annotations

from dataclasses import replace

from xsd.passes import appinfo, names, particles, shape, simple
from xsd.passes.load import Component
from xsd.passes.particles import Owner
from xsd.passes.shape import XS, Complex, Family, Field, Simple

Rows = tuple[tuple[object, ...], ...]
Facts = tuple[tuple[str, Rows], ...]


def previous(key: str) -> str:
    """Name what a redefined type was before."""
    return f"{key}~"


def refer(family: Family, kind: Component, owner: str, part: str) -> str:
    """Give the key of a type, describing it first when nothing else will: nameless, or redefined away."""
    if (kind.name or "").startswith(XS):
        return str(kind.name)
    key = kind.name or (shape.within(owner, part) if part else owner)
    if kind.name and kind.name == owner and part == "base":
        key = previous(owner)
    if key not in family.definitions:
        describe(family, key, kind)
    return str(key)


def describe(family: Family, key: str, kind: Component) -> None:
    """Describe a type and everything that has to be known before it."""
    if kind.is_simple():
        family.definitions[key] = scalar(family, key, kind)
        return
    if kind.has_simple_content() and bare(kind):
        family.definitions[key] = renamed(family, key, kind)
        return
    base = refer(family, kind.base_type, key, "base") if inherits(kind) else None
    family.definitions[key] = Complex(
        key, kind.target_namespace, base
    )  # known by name while its parts are read
    family.definitions[key] = whole(family, key, kind, base)


def scalar(family: Family, key: str, kind: Component) -> Simple:
    """Describe a simple type."""
    return simple.describe(key, kind, lambda one, owner, part: refer(family, one, owner, part))


def bare(kind: Component) -> bool:
    """Tell whether simple content comes without a named attribute."""
    return not any(kind.attributes.keys())


def renamed(family: Family, key: str, kind: Component) -> Simple:
    """Describe a complex type that is another name for a simple one, or a narrower one."""
    opened = None in kind.attributes
    if kind.derivation == "restriction":
        one = scalar(family, key, kind.content)
        return Simple(
            key, one.base, one.variety, one.builtin, one.facets, one.patterns, one.members, opened=opened
        )
    base = refer(family, kind.base_type, key, "base")
    return Simple(key, base, "atomic", simple.builtin(kind.content), opened=opened)


def inherits(kind: Component) -> bool:
    """Tell whether the class has a base class of its own making."""
    base = kind.base_type
    if base is None or base.name == f"{XS}anyType" or base.is_simple():
        return False
    return not (base.has_simple_content() and bare(base))


def whole(family: Family, key: str, kind: Component, base: str | None) -> Complex:
    """Describe a complex type that becomes a class."""
    if kind.mixed:
        raise NotImplementedError(f"{key}: mixed content")
    above = inherited(family, base)
    owner = Owner(family, key, kind.target_namespace, {one.name for one in above})
    found = text(owner, kind) if kind.has_simple_content() else elements(owner, kind, above)
    fields = (*found, *attributes(owner, kind, above))
    return Complex(key, owner.ns, base, fields, bool(kind.abstract), facts=facts(family, base, kind, fields))


def facts(family: Family, base: str | None, kind: Component, fields: tuple[Field, ...]) -> Facts:
    """Collect what is stated beside types, each table with the rows of the classes above it."""
    own: dict[str, Rows] = {
        "PRESENCE": appinfo.presence(kind.elem),
        "FC": appinfo.data(kind.elem, "fc"),
        "TRG": appinfo.data(kind.elem, "trg"),
        "DEFAULTS": tuple((one.name, one.default) for one in fields if one.default is not None),
    }
    return tuple((table, (*theirs(family, base, table), *rows)) for table, rows in own.items() if rows)


def theirs(family: Family, base: str | None, table: str) -> Rows:
    """Give the rows of a table as the classes above have it."""
    one = family.definitions.get(base or "")
    if not isinstance(one, Complex):
        return ()
    return dict(one.facts).get(table) or theirs(family, one.base, table)


def inherited(family: Family, base: str | None) -> list[Field]:
    """Give the fields of all classes above."""
    found: list[Field] = []
    while base is not None:
        one = family.definitions[base]
        if not isinstance(one, Complex):
            raise TypeError(f"{base} is no class")
        found, base = [*one.fields, *found], one.base
    return found


def text(owner: Owner, kind: Component) -> list[Field]:
    """Give the field of simple content, unless a class above has it and nothing narrows it."""
    if inherits(kind) and kind.derivation == "extension":
        return []
    source = kind.content if kind.derivation == "restriction" else kind.base_type
    type_ = refer(owner.family, source, owner.key, "value")
    attributes_ = {names.python(shape.local(name)) for name in kind.attributes if name}
    name = "value" if inherits(kind) else names.attribute("value", owner.taken | attributes_)
    return [Field(name, "text", type_)]


def elements(owner: Owner, kind: Component, above: list[Field]) -> list[Field]:
    """Give what the type adds to the class above it, or what a restriction changes in it."""
    if not inherits(kind):
        return particles.fields(owner, kind.content, refer)
    if kind.derivation == "restriction":
        return narrowed(owner, kind, [one for one in above if not one.kind.startswith(("attr", "anyA"))])
    base = kind.base_type
    if base.is_empty():
        own = kind.content if kind.content.parent is kind and len(kind.content) else None
    else:
        own = kind.content[1] if len(kind.content) > 1 else None
    return [] if own is None else particles.fields(owner, own, refer)


def narrowed(owner: Owner, kind: Component, above: list[Field]) -> list[Field]:
    """Compare a restriction with the class above: changed fields again, missing ones forbidden."""
    again = particles.fields(Owner(owner.family, owner.key, owner.ns, set()), kind.content, refer)
    kept = {one.name for one in again}
    banned = [replace(one, least=0, banned=True) for one in above if one.name not in kept]
    return [one for one in again if one not in above] + banned


def attributes(owner: Owner, kind: Component, above: list[Field]) -> list[Field]:
    """Give the attributes that the type adds or changes, the wildcard last."""
    inherited_ = kind.base_type.attributes if inherits(kind) else {}
    own = {name: one for name, one in kind.attributes.items() if inherited_.get(name) is not one}
    known = {(one.xml or one.name): one.name for one in above if one.kind == "attribute"}
    found = [attribute(owner, name, one, known) for name, one in own.items() if name is not None]
    if None in own and not any(one.kind == "anyAttribute" for one in above):
        spaces = particles.wildcard(own[None])
        found.append(Field(owner.fresh("anyAttribute"), "anyAttribute", least=0, xml=spaces))
    return [one for one in found if one not in above]


def attribute(owner: Owner, name: str, one: Component, known: dict[str, str]) -> Field:
    """Describe one attribute."""
    spelling = shape.local(name)
    type_ = refer(owner.family, one.type, owner.key, spelling)
    field = known.get(spelling) or owner.take(spelling)
    return Field(
        field,
        "attribute",
        type_,
        int(one.use == "required"),
        xml=spelling if spelling != field else None,
        ns=shape.space(name) or None,
        default=simple.value(one.default, one.type),
        fixed=simple.value(one.fixed, one.type),
        banned=one.use == "prohibited",
    )
