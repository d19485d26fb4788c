"""The command itself: verbs, help, version, schemas, exit codes and what a pipe sees.

What hangs on the process is tried in a process. Mapping verbs are tested in `test_map.py` and
`test_conversion.py`, the life of a control in `test_stages.py`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from lxml import etree

from bridge.sdk.table import TABLE
from tests.app.command import COMMAND, derbridge, line_of, refused, spawned

KINDS = (
    "Alarm", "Capability", "Control", "Default", "Enrolment", "Notice", "Outcome", "Price", "Reading",
    "Setting", "Status",
)  # fmt: skip


def test_help_names_every_verb() -> None:
    done = spawned("--help")
    assert done.returncode == 0
    listed = done.stdout.split("Commands:\n")[1].splitlines()
    ours = {
        "demo",
        "life",
        "map",
        "schema",
        "init",
        "check",
        "run",
        "backup",
        "restore",
        "pki",
        "seal",
        "unseal",
    }
    ours |= {"relay", "scl", "sim", "explain", "record", "replay", "soap"}
    assert {line.split()[0] for line in listed} == ours | {row.family for row in TABLE}


def test_no_verb_shows_help() -> None:
    assert "Commands:" in derbridge().stdout + derbridge().stderr


def test_version_is_the_distribution() -> None:
    assert spawned("--version").stdout == f"derbridge {version('derbridge')}\n"


def test_help_loads_no_model() -> None:
    code = "import sys, bridge.app.cli; print({'models', 'pydantic', 'lxml'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_unknown_verb_is_a_usage_error() -> None:
    done = spawned("mop")
    assert done.returncode == 2
    assert "mop" in done.stderr
    assert "Traceback" not in done.stderr


def test_schemas_are_listed() -> None:
    lines = derbridge("schema").stdout.splitlines()
    assert [line.split()[0] for line in lines if line] == ["schema", "messages", "der", "mms", "meter"]


def test_messages_schema_is_printed_as_it_stands() -> None:
    done = derbridge("schema", "messages")
    root = etree.fromstring(done.stdout.encode())
    assert root.get("targetNamespace") == "urn:derbridge:messages"


def test_schema_of_many_files_wants_a_folder() -> None:
    assert "name a folder with -o" in refused("schema", "der")


@pytest.mark.parametrize("family", ["messages", "der", "mms", "meter"])
def test_written_schemas_compile_where_they_were_written(family: str, tmp_path: Path) -> None:
    done = derbridge("schema", family, "-o", tmp_path)
    written = [Path(line) for line in done.stdout.splitlines()]
    assert written
    assert {path.suffix for path in written} == {".xsd"}
    for path in written:
        etree.XMLSchema(etree.parse(str(path)))


def test_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    assert "messages.xsd" in refused("schema", "messages", "-o", tmp_path / "file")


def test_refusal_is_one_line_in_a_process_too() -> None:
    assert line_of(spawned("schema", "der")).startswith("der: is ")


def test_text_beyond_the_terminal_is_escaped() -> None:
    line = [str(COMMAND), "map", "show", "caf\u00e9"]
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(line, env=env, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "derbridge: caf\\xe9: no row names it\n")


def test_unknown_schema_is_refused_with_the_names_there_are() -> None:
    assert refused("schema", "sep2") == "sep2: no such schema; there are messages, der, mms, meter"


@pytest.mark.parametrize("kind", KINDS)
def test_json_schema_of_a_kind_requires_its_envelope(kind: str) -> None:
    schema = json.loads(derbridge("schema", "--json-schema", kind.lower()).stdout)
    assert schema["title"] == kind
    assert {"id", "origin", "target", "issued"} <= set(schema["required"])


def test_json_schema_of_all_kinds_offers_each() -> None:
    schema = json.loads(derbridge("schema", "--json-schema", "all").stdout)
    assert sorted(item["$ref"].rpartition("/")[2] for item in schema["anyOf"]) == sorted(KINDS)


def test_unknown_kind_is_refused() -> None:
    assert refused("schema", "--json-schema", "Wish").startswith("Wish: no such message kind")


def test_reader_that_leaves_early_causes_no_noise() -> None:
    line = f"{COMMAND} schema messages | head -n 1"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ('<?xml version="1.0" encoding="UTF-8"?>\n', "")
