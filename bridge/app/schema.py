"""The schemas a partner may want: the canonical XSD families, and the JSON schema of each message kind.

The XSD files are the ones the models were generated from, found as package data; the JSON schema is what
pydantic says of the generated classes. Neither the IEEE schemas nor the IEC namespace files are here, and
neither may be shipped.
"""

from __future__ import annotations

import json
import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from pydantic.json_schema import models_json_schema

from bridge.app import screen
from bridge.app.fault import Fault
from models.der import messages

ABOUT = {
    "messages": "the eleven canonical kinds and the records beside them",
    "der": "IEC 61850-7-420 nodes, data classes and types, from the namespace definitions",
    "mms": "protocol data units in the shape of IEC 61850-8-2",
    "meter": "SOAP bodies of the price and message service",
}
KINDS = (
    "Capability", "Setting", "Control", "Default", "Reading", "Status", "Alarm", "Price", "Notice", "Outcome",
    "Enrolment",
)  # fmt: skip


def sources(family: str) -> dict[str, Traversable]:
    """The files of a family by their place below `xsd/`, in a fixed order; a Fault for an unknown name."""
    if family not in ABOUT:
        raise Fault(family, f"no such schema; there are {', '.join(ABOUT)}")
    root = files("xsd")
    folder = root.joinpath(family)
    inside = {f"{family}/{item.name}": item for item in folder.iterdir()} if folder.is_dir() else {}
    beside = {item.name: item for item in root.iterdir() if re.fullmatch(rf"{family}(-\w+)?\.xsd", item.name)}
    return {name: item for name, item in sorted((beside | inside).items()) if name.endswith(".xsd")}


def show() -> None:
    """List the families with their files."""
    rows = [(name, str(len(sources(name))), about) for name, about in ABOUT.items()]
    screen.table(("schema", "files", "holds"), rows)


def kind_schema(name: str) -> dict[str, object]:
    """The JSON schema of one message kind, or of all of them under one roof."""
    by_name = {kind.lower(): kind for kind in KINDS}
    if name.lower() == "all":
        chosen = list(KINDS)
    elif name.lower() in by_name:
        chosen = [by_name[name.lower()]]
    else:
        raise Fault(name, f"no such message kind; there are all, {', '.join(KINDS)}")
    if len(chosen) == 1:
        schema: dict[str, object] = getattr(messages, chosen[0]).model_json_schema()
        return schema
    _, schema = models_json_schema([(getattr(messages, kind), "validation") for kind in chosen])
    return {**schema, "anyOf": [{"$ref": f"#/$defs/{kind}"} for kind in chosen]}


def contents(families: tuple[str, ...], json_kind: str | None) -> dict[str, str]:
    """File name to text of everything asked for."""
    texts = {name: item.read_text("utf-8") for family in families for name, item in sources(family).items()}
    if json_kind is not None:
        texts[f"{json_kind.lower()}.json"] = json.dumps(kind_schema(json_kind), indent=2) + "\n"
    return texts


def write(texts: dict[str, str], folder: Path) -> None:
    """Write each file below the folder, and say so."""
    for name, text in texts.items():
        target = folder / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
        except OSError as error:
            raise Fault(str(target), error.strerror or "cannot be written") from error
        screen.say(str(target))


def run(families: tuple[str, ...], json_kind: str | None, folder: Path | None) -> None:
    """List, print or write."""
    texts = contents(families, json_kind)
    if not texts:
        show()
    elif folder is not None:
        write(texts, folder)
    elif len(texts) > 1:
        raise Fault(" ".join(families), f"is {len(texts)} files; name a folder with -o")
    else:
        screen.say(next(iter(texts.values())).rstrip("\n"))
