"""One family read: its schemas compiled, every named type and global element described.

The schemas of a family are compiled one by one and joined by qualified name; the first file that
defines a type names the module that holds it. Types of the XML and XML Schema namespaces are built in
and never described.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import xmlschema

from xsd.passes import content, load, shape
from xsd.passes.load import Component, Source
from xsd.passes.shape import Family

XSI = "http://www.w3.org/2001/XMLSchema-instance"
FOREIGN = ("http://www.w3.org/2001/XMLSchema", "http://www.w3.org/XML/1998/namespace", XSI)


def family(source: Source) -> Family:
    """Read all schemas of a family."""
    schemas = [load.schema(path) for path in load.paths(source)]
    found = Family(schemas[0].target_namespace, {})
    for one in schemas:
        found.prefixes |= prefixes(one)
        add(found, one)
    found.prefixes["xsi"] = XSI
    return found


def prefixes(one: xmlschema.XMLSchema10) -> dict[str, str]:
    """Give each namespace a prefix: as the schema binds it, else as the schema that defines it does."""
    own = {prefix: uri for prefix, uri in one.namespaces.items() if uri and uri not in FOREIGN}
    found = dict(sorted(own.items()))
    for other in (each for uri in sorted(one.maps.namespaces) for each in one.maps.namespaces[uri]):
        for prefix, uri in sorted(other.namespaces.items()):
            if (
                uri == other.target_namespace
                and uri not in {*FOREIGN, *found.values()}
                and prefix not in found
            ):
                found[prefix] = uri
    return found


def ours(components: Component) -> list[tuple[str, Component]]:
    """Give the components of a map that the schemas define, in the order in which they are written."""
    found = [(key, one) for key, one in components.items() if shape.space(key) not in FOREIGN]
    roots = {str(one.schema.url): one.schema.source.root for _, one in found}
    places = {url: {id(child): spot for spot, child in enumerate(root.iter())} for url, root in roots.items()}

    def place(row: tuple[str, Component]) -> tuple[str, int]:
        url = str(row[1].schema.url)
        return url, places[url].get(id(row[1].elem), 0)

    return sorted(found, key=place)


def add(found: Family, one: xmlschema.XMLSchema10) -> None:
    """Describe a schema and everything that it brings with it."""
    types, elements = ours(one.maps.types), ours(one.maps.elements)
    for key, kind in types:
        if key not in found.definitions:
            content.describe(found, key, kind)
    for key, element in elements:
        if key not in found.elements:
            found.elements[key] = content.refer(found, element.type, f"{key}@", "")
    files = {key: Path(url2pathname(urlsplit(kind.schema.url).path)) for key, kind in (*elements, *types)}
    for key in found.definitions:
        if shape.root(key) in files:
            found.files.setdefault(key, files[shape.root(key)])
