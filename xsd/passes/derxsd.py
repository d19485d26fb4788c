"""The canonical schemas: which logical nodes, which file each goes to, and what they pull in with them.

The nodes are those of the smart inverter functions (limits, curves, ride-through, enter service), their
equipment, schedules, protection, measurement and system nodes. Data classes, constructed types, basic
types and enumerations follow from what the nodes use. Returns text by file name; never writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from xsd.passes import basics, extension, words
from xsd.passes.attributes import defaults, elements
from xsd.passes.inherit import Flat, flatten
from xsd.passes.markup import annotation, block, document, include, tag
from xsd.passes.nodes import device, naming, node, numbered
from xsd.passes.nsd import Attribute, DataObject, Library, Structure

GROUPS: Mapping[str, tuple[str, str]] = {
    "nodes-function": (
        "Nodes of the DER functions: set-points, limits, curves, ride-through, enter service, arbitration.",
        "DWGC DAGC DTCD DWMX DWMN DVAR DVVR DWVR DFPF DVWC DHFW DLFW DHVT DLVT DHFT DLFT DRGS DCTE DPMC",
    ),
    "nodes-equipment": (
        "Nodes of equipment: generators, storage, connection points, inverters, batteries, arrays, switches.",
        "DGEN DSTO DECP DPCC DINV DBAT DPVA CSWI XCBR",
    ),
    "nodes-schedule": ("Nodes of schedules.", "FSCH FSCC"),
    "nodes-protection": (
        "Nodes of protection and of the detection of unbalance.",
        "PTOV PTUV PTOF PTUF PTOC QVUB QIUB",
    ),
    "nodes-measurement": ("Nodes of measurement and metering.", "MMXU MMTR"),
    "nodes-system": ("Nodes of the device itself and of its alarms.", "LLN0 LPHD CALH"),
}


def schemas(library: Library) -> dict[str, str]:
    """Every file of xsd/der, by name."""
    groups = {file: [flatten(library, name) for name in names.split()] for file, (_, names) in GROUPS.items()}
    flats = [flat for group in groups.values() for flat in group]
    ours = extension.nodes(library)
    objects = [o for flat in (*flats, *ours) for o in flat.objects]
    cdcs = used_classes(library, objects)
    defaults({**library.cdcs, **library.constructed}, library.enums)
    return {
        **_shared(library, objects, cdcs),
        **{f"{file}.xsd": _group(library, file, nodes) for file, nodes in groups.items()},
        "extension.xsd": extension.schema(library, ours),
        "device.xsd": _device(library, flats, ours),
    }


def used_classes(library: Library, objects: Iterable[DataObject]) -> dict[tuple[str, str], Structure]:
    """Data classes by name and enumeration, sub data objects included, in the order of 7-3."""
    wanted = {(o.cdc, o.enum) for o in objects}
    for cdc, enum in wanted:
        if library.cdcs[cdc].enumerated != bool(enum):
            raise ValueError(f"{cdc} {enum}: an enumeration too many or too few")
    wanted |= {(i.type, "") for cdc, _ in wanted for i in library.cdcs[cdc].items if i.kind == "OBJECT"}
    order = list(library.cdcs)
    return {key: library.cdcs[key[0]] for key in sorted(wanted, key=lambda k: (order.index(k[0]), k[1]))}


def _shared(
    library: Library, objects: list[DataObject], cdcs: Mapping[tuple[str, str], Structure]
) -> Mapping[str, str]:
    structures = list(_constructed(library, [i for cdc in cdcs.values() for i in cdc.items]))
    items = [i for s in (*cdcs.values(), *structures) for i in s.items]
    names = {i.type for i in items if i.kind == "BASIC"}
    enums = {i.type for i in items if i.kind == "ENUMERATED" and i.type} | {enum for _, enum in cdcs if enum}
    enums |= names & set(basics.CODED)
    types = [
        *basics.basic(names),
        *basics.ranges(structures),
        *naming(),
        *basics.constructed(structures),
    ]
    return {
        "enums.xsd": _file(
            library, "Enumerations: value in the schema, literal name as a fact.", (), _enums(library, enums)
        ),
        "types.xsd": _file(library, "Basic and constructed types of the canonical model.", ("enums",), types),
        "cdc.xsd": _file(
            library,
            "Common data classes, one for each enumeration used.",
            ("types",),
            _classes(cdcs, objects),
        ),
    }


def _constructed(library: Library, items: Iterable[Attribute]) -> Iterator[Structure]:
    """The constructed types reached from the attributes, in the order of the definitions."""
    wanted: set[str] = set()
    queue = [i.type for i in items if i.kind == "CONSTRUCTED"]
    while queue:
        name = queue.pop()
        if name not in wanted:
            wanted.add(name)
            queue += [i.type for i in library.constructed[name].items if i.kind == "CONSTRUCTED"]
    yield from (s for name, s in library.constructed.items() if name in wanted)


def _enums(library: Library, names: set[str]) -> Iterator[str]:
    for name in sorted(names):
        literals = () if name in basics.OPEN else basics.CODED.get(name) or library.enums[name]
        yield from basics.enumeration(name, literals)


def _classes(cdcs: Mapping[tuple[str, str], Structure], objects: Iterable[DataObject]) -> Iterator[str]:
    for (name, enum), cdc in cdcs.items():
        yield from block(
            "xs:complexType",
            {"name": f"{name}_{enum}" if enum else name},
            annotation([tag("cdc", {"name": name, "enum": enum})], words.data_class(name)),
            block("xs:sequence", {}, *elements(cdc, enum)),
        )
    yield from numbered(objects)


def _group(library: Library, file: str, flats: Iterable[Flat]) -> str:
    body = (line for flat in flats for line in node(flat, {}))
    return _file(library, GROUPS[file][0], ("cdc",), body)


def _device(library: Library, flats: Iterable[Flat], ours: Iterable[Flat]) -> str:
    body = device([f.name for f in flats], [f.name for f in ours])
    return document(
        "der",
        "The logical device as one document, with the nodes of all files. Compile this one to have them all.",
        library.sources,
        [*(include(f"{file}.xsd") for file in GROUPS), extension.IMPORT],
        body,
    )


def _file(library: Library, intro: str, links: Iterable[str], body: Iterable[str]) -> str:
    return document("der", intro, library.sources, [include(f"{name}.xsd") for name in links], body)
