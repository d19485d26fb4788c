"""The verbs `seal` and `unseal`: sealed messages by hand, to try them and to look at them.

The work is in `envelope.py`. Exit codes as for every verb: 0 done, 1 the message is refused, 2 what was given
cannot be used.
"""
# ruff: noqa: PLC0415 - a verb pays for its own imports only

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bridge.app.options import Input, Key, Moment, Output

app = typer.Typer(rich_markup_mode=None)

Request = Annotated[
    str | None, typer.Option(metavar="FILE", help="The sealed request that it answers, as it was sent.")
]


Cert = Annotated[Path, typer.Option(metavar="FILE", help="The sender's certificate, in PEM.")]
To = Annotated[str, typer.Option(help="LFDI of the recipient, or the id of a group.", show_default=False)]
Kind = Annotated[
    str, typer.Option("--class", help="request, response, event, claim or notice.", show_default=False)
]
Media = Annotated[str, typer.Option(help="Media type of the payload.")]
Method = Annotated[str, typer.Option(help="Method of a 2030.5 request.", show_default=False)]
Target = Annotated[str, typer.Option(help="Its path.", show_default=False)]
Service = Annotated[str, typer.Option(help="ACSI service of IEC 61850.", show_default=False)]
Reference = Annotated[str, typer.Option("--object", help="Its object reference.", show_default=False)]
Correlation = Annotated[str, typer.Option(help="Made where none is given.", show_default=False)]
Sequence = Annotated[
    int | None, typer.Option(help="Microseconds of the clock where none is given.", show_default=False)
]
Life = Annotated[
    int | None, typer.Option(help="Seconds it lives; as long as its class may.", show_default=False)
]
Cover = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Encrypt it for the certificate in this file.")
]
Roots = Annotated[list[Path] | None, typer.Option(metavar="FILE", help="Root of that one; repeatable.")]


@app.command()
def seal(  # noqa: PLR0917 - options of a command line have no order
    file: Input,
    cert: Cert,
    key: Key,
    to: To = "",
    kind: Kind = "",
    media: Media = "application/sep+xml",
    method: Method = "",
    path: Target = "",
    service: Service = "",
    reference: Reference = "",
    correlation: Correlation = "",
    sequence: Sequence = None,
    life: Life = None,
    request: Request = None,
    cover: Cover = None,
    root: Roots = None,
    now: Moment = None,
    output: Output = None,
) -> None:
    """Seal what is in a file as a message of its sender (JWS, ES256), and print its compact form."""
    from bridge.app import envelope as room

    target = {"method": method, "path": path, "service": service, "reference": reference, "media": media}
    given = {"correlation": correlation, "sequence": sequence, "kind": kind, "recipient": to}
    said = {name: value for name, value in {**target, **given}.items() if value not in {"", None}}
    room.seal(room.Wish(file, cert, key, said, life, request, cover, tuple(root or ()), now), output)


@app.command()
def unseal(  # noqa: PLR0917 - options of a command line have no order
    file: Input,
    cert: Annotated[
        list[Path], typer.Option(metavar="FILE", help="Certificate that it may be from, in PEM; repeatable.")
    ],
    root: Annotated[
        list[Path], typer.Option(metavar="FILE", help="Root that is trusted, in PEM; repeatable.")
    ],
    to: Annotated[list[str], typer.Option(help="Whom it should be for: LFDI or group; repeatable.")],
    key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The recipient's private key, to open a cover.")
    ] = None,
    request: Request = None,
    now: Moment = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the header and all as JSON.")] = False,
    output: Output = None,
) -> None:
    """Verify a sealed message and print its payload; exit 1 and say why where it is refused.

    Whether it came before, and whether its sender was revoked or may do this, only the server knows.
    """
    from bridge.app import envelope as room

    look = room.Look(file, tuple(cert), tuple(root), tuple(to), key, request, now)
    raise typer.Exit(room.unseal(look, output, as_json=as_json))
