"""The verbs `record` and `replay`: conversations kept at the bridge's doors, and played again as a test.

Exit codes as for every verb: 0 done, 1 an answer is another one, 2 what was given cannot be used.
"""
# ruff: noqa: PLC0415 - a verb pays for its own imports only

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bridge.app.fault import Fault
from bridge.app.options import Fresh, Json, Nameless

app = typer.Typer(rich_markup_mode=None)


@app.command()
def record(
    file: Fresh,
    place: Annotated[
        Path | None, typer.Argument(metavar="[DIR|FILE]", help="The configuration, as for run.")
    ] = None,
) -> None:
    """Serve as run does, in one process, and write what is said at the doors into a file."""
    from bridge.app import run as room

    raise typer.Exit(room.record(place, file))


@app.command()
def replay(  # noqa: PLR0917 - options of a command line have no order
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What record wrote.")],
    pki: Annotated[Path, typer.Option(metavar="DIR", help="Certificates of the parties and the server.")],
    server: Annotated[str, typer.Option(metavar="URL", help="A server of IEEE 2030.5.")] = "",
    relay: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="A relay, where TLS begins with the connection.")
    ] = "",
    domain: Annotated[str, typer.Option(help="The relay's domain; as recorded if not given.")] = "",
    party: Annotated[
        list[str] | None, typer.Option(metavar="LFDI", help="Only what this one said; repeatable.")
    ] = None,
    other: Annotated[
        list[str] | None,
        typer.Option("--as", metavar="LFDI=NAME", help="Let another certificate speak for it; repeatable."),
    ] = None,
    nameless: Nameless = False,
    as_json: Json = False,
) -> None:
    """Say again what was recorded, and hold each answer to the recorded one; exit 1 where one differs."""
    from bridge.app.record import play as room

    names = dict(_pair(each) for each in other or ())
    parties = tuple(each.upper() for each in party or ())
    wish = room.Wish(
        file, pki, server.rstrip("/"), _place(relay), domain, parties, names, not nameless, as_json
    )
    raise typer.Exit(room.run(wish))


def _pair(text: str) -> tuple[str, str]:
    lfdi, found, name = text.partition("=")
    if not found:
        raise Fault("--as", f"{text!r} is not LFDI=NAME")
    return lfdi.upper(), name


def _place(text: str) -> tuple[str, int] | None:
    if not text:
        return None
    host, _, port = text.rpartition(":")
    if not (host and port.isdigit()):
        raise Fault("--relay", f"{text!r} is not HOST:PORT")
    return host.strip("[]"), int(port)
