"""The verbs `scl export`, `scl import` and `scl check`: devices as files of IEC 61850-6, and such files read.

The work is in `blueprint.py`. Exit codes as for every verb: 0 done, 1 the answer is no (a file has
problems), 2 what was given cannot be used.
"""
# ruff: noqa: PLC0415 - a verb pays for its own imports only

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bridge.app.options import Input, Json, Output

app = typer.Typer(
    help="SCL, the configuration language of IEC 61850-6: export devices, read a peer's file, check one.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Given = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FILE", help="DERCapability, and DERSettings if there are: of 2030.5 or canonical."
    ),
]
Site = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="An installation whose registered devices are meant instead."),
]
Lfdi = Annotated[str, typer.Option("--device", metavar="LFDI", help="The device; all of a site otherwise.")]
Icd = Annotated[
    bool, typer.Option("--icd/--cid", help="A server without name and address, or with both (--jid).")
]
Jid = Annotated[str, typer.Option(help="The server's address on XMPP, for a CID.", show_default=False)]
Ied = Annotated[str, typer.Option(help="The server's name, for a CID.", show_default="derbridge")]
Schema = Annotated[
    Path | None, typer.Option(metavar="XSD", help="The official schema (SCL.xsd), if you have it.")
]


@app.command()
def export(  # noqa: PLR0917 - options of a command line have no order
    file: Given = None,
    site: Site = None,
    device: Lfdi = "",
    output: Output = None,
    icd: Icd = False,
    jid: Jid = "",
    ied: Ied = "",
) -> None:
    """Write the logical devices of units as an ICD or a CID."""
    from bridge.app import blueprint as room

    room.export(tuple(file or ()), site, output, room.Wish(device, jid, ied, icd=icd))


@app.command("import")
def import_(file: Input, as_json: Json = False) -> None:
    """Read a peer's ICD or CID, and show what it is: servers, addresses, devices, nodes, sets, blocks."""
    from bridge.app import blueprint as room

    room.show(file, as_json=as_json)


@app.command()
def check(file: Input, schema: Schema = None, as_json: Json = False) -> None:
    """Check an SCL file by our own checks, and by the official schema if given; exit 1 on a problem."""
    from bridge.app import blueprint as room

    raise typer.Exit(room.check(file, schema, as_json=as_json))
