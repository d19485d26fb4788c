"""The verb of `derbridge push` that is more than a row of the administration API: the receiver.

`list`, `show`, `repeat` and `drop` are rows of the table; `receive` is the other end, and needs no server of
ours on its machine. What it does is in `bridge.app.push.receive`.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.main

from bridge.app.options import Key

Url = Annotated[str, typer.Argument(metavar="URL", help="The bridge's 2030.5 listener.")]
Sealer = Annotated[Path, typer.Option(metavar="FILE", help="The bridge's certificate, in PEM.")]
Cert = Annotated[Path, typer.Option(metavar="FILE", help="Our certificate, with those above it.")]
Roots = Annotated[
    list[Path], typer.Option("--ca", metavar="FILE", help="Roots of the bridge's certificate; repeatable.")
]
Listen = Annotated[str, typer.Option(metavar="HOST:PORT", help="Take notices over HTTPS there.")]
Own = Annotated[Path | None, typer.Option(metavar="FILE", help="Certificate to listen with, if not ours.")]
Secret = Annotated[Path | None, typer.Option(metavar="FILE", help="Its private key.")]
Jid = Annotated[str, typer.Option(metavar="ADDRESS", help="Take notices over XMPP as that.")]
Xmpp = Annotated[str, typer.Option(metavar="HOST:PORT", help="The XMPP server; TLS comes first.")]
Services = Annotated[
    list[Path] | None, typer.Option(metavar="FILE", help="Roots of the XMPP server; repeatable.")
]
State = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Keep there what was taken, and go on from it.")
]
Count = Annotated[int, typer.Option(min=0, help="Stop after so many; 0: when told to.")]
Nameless = Annotated[
    bool, typer.Option("--nameless", help="Do not ask for the URL's host in the bridge's certificate.")
]


def verbs() -> dict[str, Any]:
    """The verbs, ready to be run."""
    app = typer.Typer(rich_markup_mode=None, add_completion=False)
    app.command()(receive)
    app.callback()(lambda: None)
    made = typer.main.get_command(app)
    found: dict[str, Any] = getattr(made, "commands", {})
    return found


def receive(  # noqa: PLR0917 - options of a command line have no order
    bridge: Url, sealer: Sealer, cert: Cert, cert_key: Key, ca: Roots, listen: Listen = "",
    server_cert: Own = None, server_key: Secret = None, jid: Jid = "", xmpp: Xmpp = "",
    xmpp_ca: Services = None, state: State = None, count: Count = 0, nameless: Nameless = False,
) -> None:  # fmt: skip
    """Listen for notices, prove them, pick up their bodies, and print each as one line of JSON."""
    room = import_module("bridge.app.push.receive")
    wish = room.Wish(
        bridge, sealer, cert, cert_key, tuple(ca), listen, server_cert, server_key, jid, xmpp,
        room.paths(xmpp_ca), state, count, not nameless,
    )  # fmt: skip
    raise typer.Exit(room.run(wish))
