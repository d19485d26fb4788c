"""The verb `explain`: which record holds a mode of a unit, and why; the work is in `reasoning.py`.

Exit codes: 0 something holds it, 1 nothing does, 2 what was given cannot be used or there is no answer.
"""
# ruff: noqa: PLC0415 - a verb pays for its own imports only

from __future__ import annotations

from typing import Annotated

import typer

from bridge.app.options import Json

app = typer.Typer(rich_markup_mode=None)

Device = Annotated[
    str, typer.Argument(metavar="DEVICE", help="LFDI of the unit, or number of its EndDevice.")
]
Mode = Annotated[str, typer.Argument(metavar="MODE", help="A mode, as opModMaxLimW or maxLimW.")]
Time = Annotated[
    str, typer.Argument(metavar="[TIME]", help="Seconds since 1970, or 2026-01-31T12:00Z; else now.")
]


def _option(flag: str, variable: str, metavar: str, about: str) -> object:
    return typer.Option(flag, envvar=variable, metavar=metavar, help=about, show_default=False)


Site = Annotated[str, _option("--site", "DERBRIDGE_SITE", "DIR", "Folder of the server's configuration.")]
Url = Annotated[str, _option("--url", "DERBRIDGE_URL", "URL", "Where the administration API is.")]
Cert = Annotated[str, _option("--cert", "DERBRIDGE_CERT", "FILE", "The operator's certificate, in PEM.")]
Secret = Annotated[str, _option("--cert-key", "DERBRIDGE_CERT_KEY", "FILE", "Its private key.")]
Root = Annotated[str, _option("--ca", "DERBRIDGE_CA", "FILE", "Root of the server's certificate.")]


@app.command()
def explain(  # noqa: PLR0917 - options of a command line have no order
    device: Device,
    mode: Mode,
    time: Time = "",
    as_json: Json = False,
    site: Site = "",
    url: Url = "",
    cert: Cert = "",
    secret: Secret = "",
    root: Root = "",
) -> None:
    """Tell which record holds a mode of a unit at a moment, and why; how each other one fares."""
    from bridge.app import reasoning

    where = {"site": site, "url": url, "cert": cert, "secret": secret, "root": root}
    raise typer.Exit(reasoning.run((device, mode, time), where, as_json=as_json))
