"""A row of the administration API's table as a verb of the command line: arguments, options, call, result.

What stands in the path is an argument; each field of the query's or the body's form is an option of the same
name, those of `modes`, `entry` and `fsa` among them. A word is turned into what the form wants by `wording`;
what it does is in `errand`, which is loaded when it does it. Nothing here knows what a row is for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from importlib import import_module
from inspect import Parameter, Signature
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.main

from bridge.app import wording
from bridge.app.options import Json
from bridge.sdk.operation import SHAPES, Operation
from bridge.sdk.table import TABLE

OPTIONS = (
    ("site", "--site", "DERBRIDGE_SITE", "DIR", "Folder or file of the server's configuration."),
    ("url", "--url", "DERBRIDGE_URL", "URL", "Where the administration API is, as https://localhost:8444."),
    ("cert", "--cert", "DERBRIDGE_CERT", "FILE", "The operator's certificate, in PEM."),
    ("secret", "--cert-key", "DERBRIDGE_CERT_KEY", "FILE", "Its private key."),
    ("root", "--ca", "DERBRIDGE_CA", "FILE", "Root that the server's certificate is checked by."),
)
"""Parameter, option, variable of the environment, what help calls its value, and what it is."""
MORE = {
    "audit": "bridge.app.audit",
    "agreement": "bridge.app.agreement.verbs",
    "push": "bridge.app.push.cli",
}
"""Families with verbs that are not, or not only, a row of the table."""


@cache
def verbs(family: str) -> dict[str, Any]:
    """The verbs of a family, ready to be run."""
    app = typer.Typer(rich_markup_mode=None, add_completion=False)
    rows = [row for row in TABLE if row.family == family]
    for row in (row for row in rows if not row.joins):
        app.command(row.verb.replace("_", "-"), help=row.summary)(_verb(row))
    app.callback()(lambda: None)
    made = typer.main.get_command(app)
    found: dict[str, Any] = getattr(made, "commands", {})
    return found | (import_module(MORE[family]).verbs() if family in MORE else {})


def _verb(row: Operation) -> Any:  # noqa: ANN401 - as `called` has it
    """A row as a function, with the row that joins it: that one is meant where its argument is given."""
    further = next((each for each in TABLE if (each.family, each.joins) == (row.family, row.verb)), None)
    if further is None:
        return called(errand(row), parameters(row))
    last = further.parameters[-1]

    def do(given: dict[str, Any]) -> None:
        errand(further if given[last] else row)(given)

    arguments = [*_arguments(row), *_arguments(further, (last,), "")]
    return called(do, [*arguments, *_fields(row), *_fields(further), *_extras(row), *connection()])


def parameters(row: Operation) -> list[Parameter]:
    """All that may be said with a row."""
    return [*_arguments(row), *options(row)]


def options(row: Operation) -> list[Parameter]:
    """The same without what stands in its path."""
    return [*_fields(row), *_extras(row), *connection()]


def called(do: Callable[[dict[str, Any]], None], said: Sequence[Parameter]) -> Any:  # noqa: ANN401 - a function of a signature that is made here
    """A function that typer takes options from."""

    def run(**given: Any) -> None:  # noqa: ANN401 - what typer has read
        do(given)

    run.__signature__ = Signature(said)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in said}
    return run


def errand(row: Operation) -> Callable[[dict[str, Any]], None]:
    """What does a row."""
    return lambda given: import_module("bridge.app.errand").run(row, given)


def parameter(name: str, annotation: Any, default: Any = Parameter.empty) -> Parameter:  # noqa: ANN401
    """One thing that may be said."""
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _arguments(
    row: Operation, names: tuple[str, ...] | None = None, default: object = Parameter.empty
) -> list[Parameter]:
    """What stands in the path."""
    return [
        parameter(name, Annotated[str, typer.Argument(help=SHAPES[name][1], show_default=False)], default)
        for name in (row.parameters if names is None else names)
    ]


def _fields(row: Operation) -> list[Parameter]:
    """The fields of query and body."""
    found: list[Parameter] = []
    for form in (row.query, row.takes):
        for leaf in wording.leaves(form) if form else ():
            option = partial(typer.Option, help=leaf.about, metavar=leaf.metavar, show_default=False)
            name = f"--{leaf.name.replace('_', '-')}"
            if leaf.switch:
                kind: Any = Annotated[bool | None, option(f"{name}/--no-{name[2:]}", metavar=None)]
            elif leaf.many:
                kind = Annotated[list[str] | None, option(name)]
            else:
                kind = Annotated[str | None, option(name)]
            found.append(parameter(leaf.key, kind, None))
    return found


def _extras(row: Operation) -> list[Parameter]:
    """What is said beside the forms."""
    said: list[tuple[str, Any]] = [("as_json", Json)]
    if row.takes:
        about = "The body from a file of JSON, or XML where a document is sent; - is standard input."
        said.append(("body_", Annotated[Path | None, typer.Option("--body", metavar="FILE", help=about)]))
    elif row.raw:
        said.append(
            ("body_", Annotated[Path | None, typer.Option("--content", metavar="FILE", help="The content.")])
        )
    if row.paged and row.query:
        said.append(("every", Annotated[bool, typer.Option("--all", help="All pages, not only the first.")]))
    if row.serves:
        said.append(
            ("output", Annotated[Path | None, typer.Option("--output", "-o", help="Write it to a file.")])
        )
        if row.gives:
            said.append(("xml", Annotated[bool, typer.Option("--xml", help="The document as XML.")]))
    if not row.safe:
        about = "Only if it is still at this version."
        said.append(("match", Annotated[str, typer.Option("--if-version", metavar="VERSION", help=about)]))
        about = "Idempotency key: the same command under the same key is done once."
        said.append(("key", Annotated[str, typer.Option("--key", help=about, show_default=False)]))
    blank = {"as_json": False, "every": False, "xml": False, "match": "", "key": ""}
    return [parameter(name, kind, blank.get(name)) for name, kind in said]


def connection() -> list[Parameter]:
    """Which server, and as whom."""
    return [
        parameter(
            name,
            Annotated[
                str, typer.Option(flag, envvar=variable, help=about, show_default=False, metavar=metavar)
            ],
            "",
        )
        for name, flag, variable, metavar, about in OPTIONS
    ]
