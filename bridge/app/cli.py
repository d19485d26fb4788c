"""The command `derbridge`: verbs, options and exit codes; the work is in the files beside this one.

Imports stand inside the commands so that help and completion appear at once. Exit codes: 0 done, 1 the
answer is no (a hole in a table, nothing found, a way back that differs), 2 the input cannot be used, told
in one line, 141 the reader of the output went away.
"""
# ruff: noqa: PLC0415 - a verb pays for its own imports only

from __future__ import annotations

import json
import os
import sys
from decimal import Decimal
from io import TextIOWrapper
from pathlib import Path
from time import time
from typing import Annotated, NoReturn

import typer

from bridge.app import explain, operator, pki, scl, sealing, serving
from bridge.app.fault import Fault, Gone
from bridge.app.gateway import verb as soap
from bridge.app.options import Json
from bridge.app.record import cli as record
from bridge.app.sim import cli as sim

app = typer.Typer(
    name="derbridge",
    help="A bridge between IEEE 2030.5 (SEP 2, CSIP) and IEC 61850 for smart inverters.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"max_content_width": 110},
)
tables = typer.Typer(
    help="The mapping tables: check them, look things up in them, convert documents with them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(serving.app)
app.add_typer(sealing.app)
app.add_typer(explain.app)
app.add_typer(record.app)
app.add_typer(tables, name="map")
app.add_typer(pki.app, name="pki")
app.add_typer(scl.app, name="scl")
app.add_typer(sim.app, name="sim")
app.add_typer(soap.app, name="soap")
operator.mount(app)


def version(wanted: bool) -> None:
    """Print the version and leave."""
    if wanted:
        from importlib.metadata import version as installed

        typer.echo(f"derbridge {installed('derbridge')}")
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool, typer.Option("--version", callback=version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Take the options that come before a verb."""


@app.command()
def demo(
    once: Annotated[
        bool, typer.Option("--once", help="End with the story; exit 1 if anything went wrong.")
    ] = False,
    as_json: Json = False,
    port: Annotated[
        int, typer.Option(help="TCP port of the page; 0 is any that is free.", min=0, max=65_535)
    ] = 0,
) -> None:
    """Play a story with a bridge, inverters of both protocols, a head-end and an aggregator; show it live."""
    from bridge.app.demo import play as room

    raise typer.Exit(room.run(room.Wish(once or as_json, as_json, port)))


@app.command()
def life(
    control: Annotated[Path | None, typer.Argument(help="A DERControl document of your own.")] = None,
    curve: Annotated[list[Path] | None, typer.Option(help="A DERCurve it refers to; repeatable.")] = None,
    settings: Annotated[
        Path | None, typer.Option(help="The DERSettings that give percentages a base.")
    ] = None,
) -> None:
    """Take one control through the whole bridge and back, and show each stage."""
    from bridge.app import stages as room

    raise typer.Exit(room.run(control, tuple(curve or ()), settings))


@app.command()
def schema(
    name: Annotated[
        list[str] | None, typer.Argument(help="messages, der, mms or meter; nothing lists them.")
    ] = None,
    json_schema: Annotated[
        str | None, typer.Option(metavar="KIND", help="JSON schema of a kind, or all.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FOLDER", help="Write files there.")
    ] = None,
) -> None:
    """Print or write the canonical XML schemas, or the JSON schema of the message kinds."""
    from bridge.app import schema as room

    room.run(tuple(name or ()), json_schema, output)


@tables.command()
def check(as_json: Json = False) -> None:
    """Resolve every name in every table; show rows, coverage and declared losses; exit 1 on a hole."""
    from bridge.app import check as room

    raise typer.Exit(room.run(as_json=as_json))


@tables.command()
def show(
    name: Annotated[str, typer.Argument(help="An element, type, canonical path or object reference.")],
    as_json: Json = False,
) -> None:
    """Show the rows for a name, from both tables."""
    from bridge.app import search as room

    raise typer.Exit(room.run(name, as_json=as_json))


@tables.command()
def convert(  # noqa: PLR0917 - options of a command line have no order
    file: Annotated[list[str], typer.Argument(help="2030.5 documents, or JSON points; - is standard input.")],
    profile: Annotated[
        str, typer.Option(help="2013, 2018, csip, csip-aus-1.2, csip-aus-1.3, 2023 or auto.")
    ] = "auto",
    to: Annotated[
        str | None, typer.Option(help="61850, sep2 or canonical; the other side if not given.")
    ] = None,
    base: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A base: setMaxW=10000, VRef=230, hertz=50 ..."),
    ] = None,
    kind: Annotated[str | None, typer.Option(help="What points stand for, as Control.")] = None,
    mrid: Annotated[
        str | None, typer.Option(help="mRID where points give none; else made from them.")
    ] = None,
    now: Annotated[
        int | None, typer.Option(help="Creation time where points give none; else the clock's.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Convert 2030.5 documents to object references and values, or the other way; print what is lost."""
    from bridge.app import conversion as room
    from bridge.app.result import Wish

    moment = Decimal(int(time()) if now is None else now)
    wish = Wish(profile, to, tuple(base or ()), kind, mrid, moment)
    room.run(tuple(file), wish, as_json=as_json)


def main() -> None:
    """Run the command; a Fault becomes one line and status 2, a reader that went away status 141."""
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - as long as the process
    if sys.stdout is None:
        _leave("standard output: is closed", 2)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        _run()
    except (Gone, OSError) as error:
        cause = error.__cause__ if isinstance(error, Gone) else error
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        if isinstance(cause, BrokenPipeError):
            sys.exit(141)
        _leave(f"standard output: {getattr(cause, 'strerror', None) or 'cannot be written'}", 2)


def _run() -> None:
    """Run the command, and let go of all that it has said."""
    try:
        app()
    except Fault as fault:
        if "--json" in sys.argv:
            sys.stdout.write(json.dumps(fault.shown(), indent=2) + "\n")
        _leave(str(fault), 2)
    finally:
        sys.stdout.flush()


def _leave(line: str, status: int) -> NoReturn:
    sys.stderr.write(f"derbridge: {line}\n")
    sys.exit(status)
