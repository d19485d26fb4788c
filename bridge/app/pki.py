"""`derbridge pki`: certificates of one's own, from the root to the device, and what becomes of them.

Verbs and options; the work is in founding, issuing, renewal, revoking, admission and inspection. The folder
is the one named with --pki, else this one, else ./pki. Exit codes as for every verb: 0 done, 1 the answer is
no, 2 what was given cannot be used.
"""
# ruff: noqa: PLC0415 - a verb pays for its own imports only

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bridge.app.options import Empty, Json

app = typer.Typer(
    help="Certificates: make, renew, revoke, look at them; a root of one's own, or somebody else's.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Pki = Annotated[
    Path | None, typer.Option("--pki", metavar="DIR", help="The folder of certificates; else . or ./pki.")
]
Days = Annotated[int | None, typer.Option(min=1, max=36500, help="How long it lasts, if not as usual.")]
Life = Annotated[int, typer.Option("--days", min=1, max=3650, help="The next list is due in so many days.")]
Csr = Annotated[
    Path | None, typer.Option(metavar="FILE", help="A signing request: the key was made elsewhere.")
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="What its files are called, without ending.")]

Kind = Annotated[
    str, typer.Argument(metavar="KIND", help="device, aggregator, operator, server, relay, signer or ocsp.")
]
Serial = Annotated[str, typer.Option(help="Serial number of a device; else its name.")]
Hardware = Annotated[str, typer.Option(metavar="OID", help="Type of a device.")]
Policy = Annotated[str, typer.Option(help="Policy of a device: genesis, mobile, manufactured ...")]
Host = Annotated[list[str] | None, typer.Option(help="Name or address of a server or relay; repeatable.")]
Plain = Annotated[bool, typer.Option("--plain-san", help="A server's names are not marked critical.")]
Domain = Annotated[str, typer.Option(help="XMPP domain of a relay; else its name.")]
Jid = Annotated[str, typer.Option(help="XMPP address of a client or signer.")]
Role = Annotated[
    list[str] | None, typer.Option(help="IEC 62351-8 role of an operator, as OPERATOR; repeatable.")
]
Area = Annotated[str, typer.Option(help="Where the roles hold.")]
Revision = Annotated[int | None, typer.Option(min=0, help="Revision of the roles; else 0.")]
Definition = Annotated[str, typer.Option(help="Who defines the roles.")]
Operation = Annotated[int | None, typer.Option(min=0, help="Operation that the roles are for.")]
Endless = Annotated[
    bool, typer.Option("--endless", help="No end: for aggregators and servers of IEEE 2030.5.")
]
Issuer = Annotated[str, typer.Option(help="Who issues it: serca, mca, mica, operator, service.")]


@app.command()
def init(
    folder: Empty,
    name: Annotated[
        list[str] | None, typer.Option(help="A name or address of the server; repeatable.")
    ] = None,
    levels: Annotated[int, typer.Option(min=0, max=2, help="Authorities between root and devices.")] = 1,
    years: Annotated[int, typer.Option(min=1, max=100, help="How long authorities that end last.")] = 20,
) -> None:
    """Make a working set: roots, authorities, server, operator, OCSP responders; explain each."""
    from bridge.app import founding as room

    room.run(folder, tuple(name or ()), levels, years)


@app.command()
def issue(  # noqa: PLR0917 - options of a command line have no order
    kind: Kind,
    name: Name,
    pki: Pki = None,
    serial: Serial = "",
    hardware: Hardware = "",
    policy: Policy = "",
    host: Host = None,
    plain_san: Plain = False,
    domain: Domain = "",
    jid: Jid = "",
    role: Role = None,
    area: Area = "",
    revision: Revision = None,
    definition: Definition = "",
    operation: Operation = None,
    days: Days = None,
    endless: Endless = False,
    issuer: Issuer = "",
    csr: Csr = None,
) -> None:
    """Issue a certificate, with a key of its own or for a key made elsewhere."""
    from bridge.app import inventory
    from bridge.app import issuing as room
    from bridge.app.kinds import Wish

    about = (tuple(role or ()), area, revision, definition, operation)
    wish = Wish(serial, hardware, policy, tuple(host or ()), plain_san, domain, jid, *about, endless, days)
    with inventory.working(pki) as folder:
        room.run(folder, kind, name, wish, issuer=issuer, csr=csr)


@app.command()
def renew(
    name: Name,
    pki: Pki = None,
    days: Days = None,
    new_key: Annotated[bool, typer.Option("--new-key", help="Make a new key, too.")] = False,
    csr: Csr = None,
) -> None:
    """Issue a certificate once more; the old one is kept beside it until it is revoked."""
    from bridge.app import inventory
    from bridge.app import renewal as room

    with inventory.working(pki) as folder:
        room.run(folder, name, days, csr, new_key=new_key)


@app.command()
def revoke(
    what: Annotated[str, typer.Argument(metavar="NAME|FILE|SERIAL", help="Which certificate.")],
    pki: Pki = None,
    reason: Annotated[
        str, typer.Option(help="As keyCompromise, superseded, certificateHold; removeFromCRL lifts a hold.")
    ] = "unspecified",
    issuer: Annotated[str, typer.Option(help="Whose a serial number is, if its file is not here.")] = "",
    days: Life = 30,
) -> None:
    """Revoke a certificate, and write its issuer's list anew."""
    from bridge.app import inventory
    from bridge.app import revoking as room

    with inventory.working(pki) as folder:
        room.revoke(folder, what, reason, issuer, days)


@app.command()
def crl(
    issuer: Annotated[list[str] | None, typer.Argument(help="Whose; all whose key is here.")] = None,
    pki: Pki = None,
    days: Life = 30,
) -> None:
    """Write the revocation lists of issuers anew, in PEM and DER."""
    from bridge.app import inventory
    from bridge.app import revoking as room

    with inventory.working(pki) as folder:
        room.lists(folder, tuple(issuer or ()), days)


@app.command()
def show(
    what: Annotated[str, typer.Argument(metavar="FILE|NAME", help="A certificate or chain, PEM or DER.")],
    pki: Pki = None,
    wanted: Annotated[
        str, typer.Option("--as", metavar="KIND", help="Check it as this kind; exit 1 if it is none.")
    ] = "",
    root: Annotated[
        list[Path] | None, typer.Option(help="A file of roots instead of the folder's; repeatable.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what a certificate says, each rule of its kind with a verdict, and what its chain is worth."""
    from bridge.app import portrait as room

    raise typer.Exit(room.show(what, pki, wanted, tuple(root or ()), as_json=as_json))


@app.command(name="import")
def take(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A root, or a peer with its chain.")],
    pki: Pki = None,
    name: Annotated[str, typer.Option(help="What to call it; else the file's name.")] = "",
) -> None:
    """Take in a root or a peer's certificate from elsewhere, if the chain rules let it pass."""
    from bridge.app import admission as room
    from bridge.app import inventory

    with inventory.working(pki) as folder:
        room.run(folder, file, name)


@app.command(name="list")
def listing(pki: Pki = None, as_json: Json = False) -> None:
    """List every certificate of the folder, with its state."""
    from bridge.app import inventory
    from bridge.app import portrait as room

    room.listing(inventory.opened(pki), as_json=as_json)
