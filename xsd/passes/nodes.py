"""Logical nodes as complex types with one root element each, and the logical device that holds them.

A data object that may have several instances (61850 writes Schd1, Schd2; ValASG12) is one repeated
element with its base name and the instance number in `n`; numbers are unique in a node. Prefix and
instance of the node are attributes. Never knows which file a node goes to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from xsd.passes import words
from xsd.passes.attributes import occurs, presence
from xsd.passes.inherit import Flat
from xsd.passes.markup import annotation, block, tag
from xsd.passes.nsd import DataObject
from xsd.passes.presence import CONDITIONS

PREFIX = {"name": "prefix", "type": "der:Prefix", "default": ""}
INST = {"name": "inst", "type": "der:Inst", "use": "required"}
ALONE = ("LLN0",)


def instance_type(item: DataObject) -> str:
    """The type of a data object: its class, the enumeration it is made for, and _n if it is numbered."""
    cdc = f"{item.cdc}_{item.enum}" if item.enum else item.cdc
    return f"{cdc}_n{'to'.join(span(item))}" if CONDITIONS[item.presence.cond].many else cdc


def span(item: DataObject) -> tuple[str, ...]:
    """The range of instance numbers, where the condition gives one."""
    return item.presence.args if item.presence.cond.endswith("multiRange") else ()


def node(flat: Flat, texts: Mapping[str, str], space: str = "der") -> Iterator[str]:
    """Type and root element of one logical node; `texts` holds sentences by name, for our own nodes."""
    yield from block(
        "xs:complexType",
        {"name": flat.name},
        annotation([_fact(flat)], texts.get("", "") or words.node(flat.name)),
        block("xs:sequence", {}, *(_object(item, texts) for item in flat.objects)),
        [] if flat.name in ALONE else [_plain(PREFIX), _plain(INST)],
    )
    many = [item.name for item in flat.objects if CONDITIONS[item.presence.cond].many]
    yield from block(
        "xs:element",
        {"name": flat.name, "type": f"{space}:{flat.name}"},
        *(_unique(f"{flat.name}.{name}", f"{space}:{name}", "@n") for name in many),
    )


def _fact(flat: Flat) -> str:
    return tag("node", {"source": flat.source, "bases": " ".join(flat.bases)})


def _plain(attributes: Mapping[str, str]) -> str:
    given = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<xs:attribute{given}/>"


def _object(item: DataObject, texts: Mapping[str, str]) -> list[str]:
    condition = CONDITIONS[item.presence.cond]
    facts = {
        "owner": item.owner,
        "deprecated": "true" if item.deprecated else "",
        "transient": "true" if item.transient else "",
    }
    multi = {"multi": "true"} if condition.many else {}
    text = texts.get(item.name) or words.data_object(item.name, item.cdc)
    return block(
        "xs:element",
        {
            "name": item.name,
            "type": f"der:{instance_type(item)}",
            **occurs(condition.least, many=condition.many),
        },
        annotation([presence(item.presence, **multi), tag("object", facts)], text),
    )


def _unique(name: str, selector: str, *fields: str) -> list[str]:
    inner = [tag("xs:selector", {"xpath": selector}), *(tag("xs:field", {"xpath": f}) for f in fields)]
    return block("xs:unique", {"name": name}, inner)


def numbered(items: Iterable[DataObject]) -> Iterator[str]:
    """The numbered twins of the data classes that need one."""
    wanted = {instance_type(i): i for i in items if CONDITIONS[i.presence.cond].many}
    spans = sorted({span(i) for i in wanted.values()})
    for bounds in spans:
        facets = zip(("minInclusive", "maxInclusive"), bounds or ("1", "65535"), strict=True)
        inner = [tag(f"xs:{facet}", {"value": value}) for facet, value in facets]
        number = block("xs:restriction", {"base": "xs:unsignedShort"}, inner)
        yield from block("xs:simpleType", {"name": f"Number{'to'.join(bounds)}"}, number)
    for name in sorted(wanted):
        yield from _numbered(name, wanted[name])


def _numbered(name: str, item: DataObject) -> list[str]:
    number = {"name": "n", "type": f"der:Number{'to'.join(span(item))}", "use": "required"}
    base = name.rpartition("_n")[0]
    extension = block("xs:extension", {"base": f"der:{base}"}, [tag("xs:attribute", number)])
    fact = tag("cdc", {"name": item.cdc, "enum": item.enum})
    return block(
        "xs:complexType",
        {"name": name},
        annotation([fact], f"{words.data_class(item.cdc).rstrip('.')}; one numbered instance of several."),
        block("xs:complexContent", {}, extension),
    )


def naming() -> Iterator[str]:
    """The two parts of a node's name around its class."""
    for name, base, facets in (
        ("Prefix", "xs:token", {"maxLength": "11", "pattern": "([A-Za-z][0-9A-Za-z_]*)?"}),
        ("Inst", "xs:unsignedInt", {"maxInclusive": "999999999"}),
        ("DeviceName", "xs:token", {"maxLength": "64", "pattern": "[A-Za-z][0-9A-Za-z_]*"}),
    ):
        inner = [tag(f"xs:{facet}", {"value": value}) for facet, value in facets.items()]
        yield from block("xs:simpleType", {"name": name}, block("xs:restriction", {"base": base}, inner))


def device(names: Sequence[str], extension: Sequence[str]) -> Iterator[str]:
    """The logical device: any of the nodes, in any order, no two of one name."""
    refs = [f"der:{name}" for name in names] + [f"ext:{name}" for name in extension]
    choice = block(
        "xs:choice",
        {"minOccurs": "0", "maxOccurs": "unbounded"},
        [tag("xs:element", {"ref": ref}) for ref in refs],
    )
    name = tag("xs:attribute", {"name": "name", "type": "der:DeviceName", "use": "required"})
    text = "A logical device: its name on the server, and its logical nodes."
    yield from block("xs:complexType", {"name": "LogicalDevice"}, annotation((), text), choice, [name])
    yield from block(
        "xs:element",
        {"name": "LogicalDevice", "type": "der:LogicalDevice"},
        *(
            _unique(f"LogicalDevice.{ref.partition(':')[2]}", ref, "@prefix", "@inst")
            for ref in refs
            if ref.partition(":")[2] not in ALONE
        ),
    )
