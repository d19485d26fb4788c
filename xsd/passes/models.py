"""From schemas to `models/`: every family read, split into modules, ordered and written.

`generate(out)` deletes and rewrites each family's folder; `kit.py` and `presence.py`, written by hand,
are left alone. The same schemas give the same bytes, whatever the machine or the hash seed.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from xsd.passes import index, order, overlay, page, read, split
from xsd.passes.emit import Page
from xsd.passes.load import SOURCES, Source
from xsd.passes.shape import Complex, Definition, Family


def generate(out: Path, sources: tuple[Source, ...] = SOURCES) -> None:
    """Write the whole tree of generated models under `out`."""
    families = {source.folder: read.family(source) for source in sources}
    for root in sorted({source.folder.split("/")[0] for source in sources}):
        shutil.rmtree(out / root, ignore_errors=True)
    for source in sources:
        for name, text in pages(source, families).items():
            put(out, f"{source.folder}/{name}.py", text)


def put(out: Path, name: str, text: str) -> None:
    """Write one module, with the empty package files above it."""
    path = out / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    for folder in path.parents:
        (folder / "__init__.py").touch()
        if folder == out:
            return


def pages(source: Source, families: dict[str, Family]) -> dict[str, str]:
    """Give the text of every module of one family."""
    family = families[source.folder]
    package = f"models.{source.folder.replace('/', '.')}"
    definitions, home = placed(source, families)
    names = page.spoken(home)
    graph = order.imports(definitions, home)
    written = sorted({home[key] for key in definitions if not home[key].startswith("models.")})
    texts = {}
    for module in written:
        sheet = Page(module, home, names, {}, definitions, family.definitions)
        files = page.sources(family, (key for key in definitions if home[key] == module))
        texts[module] = page.write(sheet, package, files, graph.get(module, []))
    everything = page.sources(family, family.definitions)
    return {"__init__": "", **texts, "index": index.write(family, home, names, everything)}


def placed(source: Source, families: dict[str, Family]) -> tuple[dict[str, Definition], dict[str, str]]:
    """Give what a family writes, and the module of all that it can refer to."""
    family = families[source.folder]
    home = split.place(source.folder, family)
    if source.over is None:
        return family.definitions, home
    old = families[source.over]
    found = overlay.changed(family, old)
    definitions = overlay.reduce(family, old, found)
    package = f"models.{source.over.replace('/', '.')}"
    earlier = {key: f"{package}.{module}" for key, module in split.place(source.over, old).items()}
    for key in family.definitions:
        home[key] = home[key] if key in found else earlier[key.removesuffix("~")]
    for key, one in definitions.items():
        if isinstance(one, Complex) and one.overrides:
            home[one.overrides] = earlier[key]
    return definitions, home
