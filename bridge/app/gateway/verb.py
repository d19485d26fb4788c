"""The verbs `soap send` and `soap check`: the other side of the door for companies, by hand.

The work is in `sending.py`. Exit codes as for every verb: 0 done, 1 the answer is no (a fault, or an envelope
that is refused), 2 what was given cannot be used.
"""
# ruff: noqa: PLC0415 - a verb pays for its own imports only

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.app.options import Json, Key, Moment

if TYPE_CHECKING:
    from bridge.app.gateway.sending import Asserts

app = typer.Typer(
    help="Signed requests by SOAP: send one to a bridge, or look at one in a file.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


Request = Annotated[
    Path, typer.Argument(metavar="FILE", help="The request: TOML, JSON or XML, by the schema.")
]
Url = Annotated[str, typer.Option(help="The service, as https://host:8445/smt.")]
Name = Annotated[str, typer.Option(help="Our ENTITY_NAME.")]
Account = Annotated[str, typer.Option(help="Our system account.")]
Cert = Annotated[Path, typer.Option(metavar="FILE", help="The certificate to connect with, in PEM.")]
Root = Annotated[Path, typer.Option(metavar="FILE", help="Root that the server's certificate is checked by.")]
Theirs = Annotated[Path, typer.Option(metavar="FILE", help="The certificate that the service signs by.")]
Signer = Annotated[Path | None, typer.Option(metavar="FILE", help="The certificate to sign by; else --cert.")]
Secret = Annotated[Path | None, typer.Option(metavar="FILE", help="Its private key; else --key.")]
Issuer = Annotated[str, typer.Option(help="Prove the account by an assertion: what its Issuer says.")]
Asserter = Annotated[Path | None, typer.Option(metavar="FILE", help="The certificate that it is signed by.")]
Asserting = Annotated[Path | None, typer.Option(metavar="FILE", help="The private key of that.")]
Audience = Annotated[str, typer.Option(help="Whom it is for: `audience` in [soap] of the service.")]
Life = Annotated[int, typer.Option(help="Seconds that the request is good for.", min=1, max=600)]
Patience = Annotated[float, typer.Option(help="Seconds to wait for the answer.", min=0.1)]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write the envelope; send nothing.")
]


@app.command()
def send(  # noqa: PLR0917 - options of a command line have no order
    file: Request,
    url: Url,
    name: Name,
    account: Account,
    cert: Cert,
    key: Key,
    ca: Root,
    theirs: Theirs,
    signer: Signer = None,
    secret: Secret = None,
    issuer: Issuer = "",
    asserter: Asserter = None,
    asserter_key: Asserting = None,
    audience: Audience = "",
    life: Life = 300,
    timeout: Patience = 30.0,
    output: Output = None,
    as_json: Json = False,
) -> None:
    """Build a request, sign it, send it, verify the signed answer; exit 1 where there is a fault."""
    from bridge.app.gateway import sending as room

    signs = (signer or cert, secret or key)
    asserts = _asserts(issuer, audience, asserter, asserter_key)
    wish = room.Wish(
        file, url, name, account, (cert, key), signs, ca, theirs, life, timeout, output, asserts
    )  # fmt: skip
    raise typer.Exit(room.send(wish, as_json=as_json))


def _asserts(issuer: str, audience: str, asserter: Path | None, key: Path | None) -> Asserts | None:
    """Who asserts the account; nobody where nothing is said of it."""
    from bridge.app.gateway.sending import Asserts

    said = (issuer, audience, asserter, key)
    if not any(said):
        return None
    if not (issuer and audience and asserter and key):
        raise typer.BadParameter("an assertion takes --issuer, --audience, --asserter and --asserter-key")
    return Asserts(issuer, audience, (asserter, key))


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A signed envelope.")],
    signer: Annotated[
        Path, typer.Option(metavar="FILE", help="The certificate that it should be signed by.")
    ],
    now: Moment = None,
    as_json: Json = False,
) -> None:
    """Hold a signed envelope in a file against our profile and the schema; exit 1 and say why not."""
    from bridge.app.gateway import sending as room

    raise typer.Exit(room.check(file, signer, now, as_json=as_json))
