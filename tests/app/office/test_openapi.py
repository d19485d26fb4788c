"""The administration API against its own description, written to by a foreign program over mutual TLS."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest

from bridge.app.office import description
from bridge.sdk.operation import ROOT, Operation
from bridge.sdk.table import TABLE
from peers import openapi
from tests.served import served


def test_schemathesis_finds_nothing_wrong(tmp_path: Path) -> None:
    with served(tmp_path / "site") as site:
        options = ("--phases", "fuzzing", "--mode", "positive", "--max-examples", "1")
        found = openapi.tested(site, tmp_path, *options)
    assert found["ok"], "\n".join(map(str, found["said"]))  # type: ignore[call-overload]
    assert found["answers"].keys() >= {"200", "201", "204", "404"}  # type: ignore[attr-defined]


def test_every_row_is_described_once() -> None:
    said = json.loads(description.written())
    described = {
        each["operationId"]: (method.upper(), path)
        for path, methods in said["paths"].items()
        for method, each in methods.items()
    }
    assert described == {row.name: (row.method, ROOT + row.path) for row in TABLE}


def test_every_schema_is_one() -> None:
    for name, schema in description.whole()["components"]["schemas"].items():
        whole = {**schema, "components": description.whole()["components"]}
        assert jsonschema_rs.meta.is_valid(whole), name


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_links_lead_to_operations(row: Operation) -> None:
    known = {each.name: each for each in TABLE}
    for link in description.links(row).values():
        assert set(link["parameters"]) <= set(known[link["operationId"]].parameters)
        assert set(link["parameters"]) >= set(row.parameters) - {"href"}
