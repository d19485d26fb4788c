"""The verbs of `derbridge audit` that are more than a row of the administration API.

`show` lists by filters, or shows one record; `export` fetches the log into a file; `verify` proves a file, or
the log of an installation; `replay` decides a record again. The last two open the store themselves, since
they are for a day on which the server is not believed. What they do is in `bridge.app.prover`.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.main

from bridge.app import command
from bridge.app.options import Json
from bridge.sdk.table import NAMED

NUMBER = command.parameter(
    "record", Annotated[str | None, typer.Argument(metavar="[NUMBER]", help="One record.")], None
)
FILE = command.parameter("file", Annotated[Path, typer.Argument(metavar="FILE", help="Where to.")])
Site = Annotated[
    Path | None,
    typer.Option(
        "--site", envvar="DERBRIDGE_SITE", metavar="DIR", help="Folder or file of the configuration."
    ),
]


def verbs() -> dict[str, Any]:
    """The verbs, ready to be run."""
    app = typer.Typer(rich_markup_mode=None, add_completion=False)
    shown = command.called(_show, [NUMBER, *command.options(NAMED["audit.list"])])
    app.command("show", help="Show decisions by what they say, or one record whole.")(shown)
    fetched = command.called(_export, [FILE, *command.connection()])
    app.command("export", help="Write the log to a file: JSON lines, checkpoints, certificates.")(fetched)
    app.command()(verify)
    app.command()(replay)
    app.callback()(lambda: None)
    made = typer.main.get_command(app)
    found: dict[str, Any] = getattr(made, "commands", {})
    return found


def _show(given: dict[str, Any]) -> None:
    """Filters, or one record."""
    one = given.pop("record")
    command.errand(NAMED["audit.list" if one is None else "audit.show"])(
        given if one is None else {**given, "record": one}
    )


def _export(given: dict[str, Any]) -> None:
    import_module("bridge.app.prover").export(given.pop("file"), given)


def verify(
    place: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE|DIR]", help="A file of `export`, or an installation; else ./derbridge.toml."
        ),
    ] = None,
    signer: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A certificate that checkpoints may be signed by; repeatable."),
    ] = None,
    known: Annotated[
        list[str] | None,
        typer.Option(metavar="NUMBER:DIGEST", help="A record known from elsewhere, as from an old export."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Prove that the log is what was written; exit 1 and name the first broken place when it is not."""
    prover = import_module("bridge.app.prover")
    raise typer.Exit(prover.verify(place, tuple(signer or ()), tuple(known or ()), as_json=as_json))


def replay(
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="Of the record.")],
    site: Site = None,
    as_json: Json = False,
) -> None:
    """Decide a record again by the policy of its time; exit 1 when it comes out differently."""
    raise typer.Exit(import_module("bridge.app.prover").replay(number, site, as_json=as_json))
