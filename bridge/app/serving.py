"""The verbs that run a server: init, check, run, relay, backup, restore; the work is in other files.

Exit codes as for every verb: 0 done, 1 the answer is no (a problem, nothing to restore), 2 what was given
cannot be used.
"""
# ruff: noqa: PLC0415 - a verb pays for its own imports only

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

from bridge.app.options import Empty, Fresh, Json

if TYPE_CHECKING:
    from typer._click import Context

app = typer.Typer(rich_markup_mode=None)

Place = Annotated[
    Path | None,
    typer.Argument(metavar="[DIR|FILE]", help="The configuration, or its folder; else ./derbridge.toml."),
]


@app.command()
def init(
    folder: Empty,
    name: Annotated[
        list[str] | None, typer.Option(help="A name or address that clients reach it by; repeatable.")
    ] = None,
) -> None:
    """Make an installation: keys and certificates, configuration; explain each file and what to do next."""
    from bridge.app import init as room

    room.run(folder, tuple(name or ()))


DEFAULT = "installation"
"""What `check` checks where nothing is named; a long word, so that no folder is taken for it."""


class Checks(TyperGroup):
    """What is checked: an installation, unless another verb is named."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Put the verb in that may be left out."""
        named = args and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named else [DEFAULT, *args])


checks = typer.Typer(
    cls=Checks,
    help="Check an installation (check [DIR|FILE]), or the TLS of any server (check tls HOST:PORT).",
    rich_markup_mode=None,
)
app.add_typer(checks, name="check")


@checks.command(DEFAULT)
def check(place: Place = None, as_json: Json = False) -> None:
    """Show everything that is wrong with an installation, with its remedy; exit 1 when it cannot run."""
    from bridge.app import problems as room

    raise typer.Exit(room.run(place, as_json=as_json))


@checks.command("relay")
def check_relay(place: Place = None, as_json: Json = False) -> None:
    """Show everything that is wrong with an installation that only the relay is to run in."""
    from bridge.app import problems as room

    raise typer.Exit(room.run(place, as_json=as_json, alone=True))


@checks.command()
def tls(  # noqa: PLR0917 - options of a command line have no order
    place: Annotated[str, typer.Argument(metavar="HOST:PORT", help="A server, of whatever make.")],
    starttls: Annotated[str, typer.Option(metavar="xmpp", help="Speak this before TLS.")] = "",
    domain: Annotated[str, typer.Option(help="The XMPP domain, where it is not the host.")] = "",
    roots: Annotated[
        list[Path] | None, typer.Option(help="Roots in PEM to judge its chain by; repeatable.")
    ] = None,
    certificate: Annotated[Path | None, typer.Option(help="A client's certificate to show it.")] = None,
    key: Annotated[Path | None, typer.Option(help="Its private key.")] = None,
    profile: Annotated[
        str, typer.Option(help="Rules to hold it to: sep2, or web for other servers.")
    ] = "sep2",
    timeout: Annotated[float, typer.Option(help="Seconds to wait for each answer.", min=0.1)] = 5.0,
    as_json: Json = False,
) -> None:
    """Show what a server's TLS takes, refuses and presents; a verdict per rule, exit 1 if one is broken."""
    from bridge.app import sounded as room

    paths = tuple(roots or ())
    wish = room.Wish(place, starttls, domain, paths, certificate, key, profile, timeout, as_json)
    raise typer.Exit(room.run(wish))


@app.command()
def run(
    place: Place = None,
    workers: Annotated[int | None, typer.Option(help="Processes, instead of what is configured.")] = None,
) -> None:
    """Serve until told to stop; SIGHUP reads certificates, trust lists, rules and log level again."""
    from bridge.app import run as room

    raise typer.Exit(room.run(place, workers))


@app.command()
def relay(place: Place = None) -> None:
    """Run the XMPP relay alone until told to stop; SIGHUP reads certificates, roots and rights again."""
    from bridge.app import run as room

    raise typer.Exit(room.relay(place))


@app.command()
def backup(
    file: Fresh,
    place: Place = None,
) -> None:
    """Save the whole store into one file, while the server runs."""
    from bridge.app import saving as room

    room.backup(file, place)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that backup wrote.")],
    place: Place = None,
    replace: Annotated[bool, typer.Option("--replace", help="Replace a store that is there.")] = False,
) -> None:
    """Put a saved store in place; the server must not be running."""
    from bridge.app import saving as room

    room.restore(file, place, replace=replace)
