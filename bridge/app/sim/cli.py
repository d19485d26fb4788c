"""The verbs `sim ...`: scenarios, and simulated parties at a real server; the work is in the rooms beside.

Exit codes as for every verb: 0 done, 1 the answer is no, 2 what was given cannot be used.
"""
# ruff: noqa: PLC0415 - a verb pays for its own imports only

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bridge.app.options import Json as Document
from bridge.app.options import Nameless

app = typer.Typer(
    help="Scenarios with a verdict; simulated inverters, units, aggregators and head-ends at a real bridge.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

File = Annotated[Path | None, typer.Option(metavar="FILE", help="In PEM.")]
Files = Annotated[list[Path] | None, typer.Option(help="What it trusts, in PEM; repeatable.")]
Span = Annotated[
    list[str] | None,
    typer.Option(metavar="FROM-UNTIL", help="In seconds since the start; repeatable."),
]
Url = Annotated[str, typer.Option(metavar="URL", help="Address of DeviceCapability, or of the server.")]
Pki = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="A folder of certificates; those that are missing are issued."),
]
Name = Annotated[str, typer.Option(help="What their certificates in --pki are called.")]
Count = Annotated[int, typer.Option(min=1, max=10_000, help="How many.")]
Holder = Annotated[
    bool, typer.Option("--aggregator", help="One client with an aggregator's certificate speaks for all.")
]
Profile = Annotated[str, typer.Option(help="2018, csip, csip-aus-1.2, csip-aus-1.3 or 2023.")]
Pin = Annotated[str, typer.Option(help="The PIN that their Registration must have.")]
Notify = Annotated[
    str, typer.Option(metavar="HOST:PORT", help="Subscribe, and listen for notifications there.")
]
Most = Annotated[float, typer.Option(help="Seconds between two reads at most; 0: as the server says.")]
Seed = Annotated[str, typer.Option(help="Decides what is drawn: the random spread of events.")]
Drift = Annotated[float, typer.Option(help="Seconds that their clocks gain in a second.")]
Seconds = Annotated[float, typer.Option(help="Stop after so many; 0: when told to.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document a line, for programs.")]


@app.callback()
def options() -> None:
    """Simulated parties."""


Scenario = Annotated[Path, typer.Argument(metavar="FILE", help="A scenario, in TOML.")]
Record = Annotated[
    Path | None, typer.Option("--record", metavar="FILE", help="Write what each unit did, as CSV.")
]


@app.command()
def check(file: Scenario, as_json: Document = False) -> None:
    """Read a scenario whole, and say what is in it; nothing is run."""
    from bridge.app.sim import playing as room

    room.check(file, as_json=as_json)


At = Annotated[str, typer.Option("--server", metavar="URL", help="Play it at this 2030.5 server.")]
Poll = Annotated[float, typer.Option(min=0.1, help="Seconds between two reads of an inverter at most.")]
Site = Annotated[str, typer.Option(metavar="DIR", help="Folder of the server's configuration.")]
Admin = Annotated[str, typer.Option(metavar="URL", help="Where the administration API is.")]
Cert = Annotated[str, typer.Option(metavar="FILE", help="The operator's certificate, in PEM.")]
Key = Annotated[str, typer.Option("--cert-key", metavar="FILE", help="Its private key.")]
Relay = Annotated[str, typer.Option(metavar="HOST:PORT", help="The relay; without it, the one of --site.")]
Starttls = Annotated[bool, typer.Option("--starttls", help="TLS begins by STARTTLS at the relay.")]
Domain = Annotated[str, typer.Option(metavar="NAME", help="XMPP domain of the relay.")]
Bridge = Annotated[Path | None, typer.Option(metavar="FILE", help="The bridge's certificate, in PEM.")]
Service = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Root of the relay's certificate; roots/service.pem.")
]
Root = Annotated[str, typer.Option("--ca", metavar="FILE", help="Root of the administration API.")]


@app.command()
def run(  # noqa: PLR0917 - options of a command line have no order
    file: Scenario,
    as_json: Document = False,
    record: Record = None,
    server: At = "",
    pki: Pki = None,
    profile: Profile = "csip",
    poll: Poll = 5.0,
    nameless: Nameless = False,
    relay: Relay = "",
    starttls: Starttls = False,
    domain: Domain = "",
    bridge: Bridge = None,
    service: Service = None,
    site: Site = "",
    url: Admin = "",
    cert: Cert = "",
    cert_key: Key = "",
    ca: Root = "",
) -> None:
    """Play a scenario, and say what came of each expectation; exit 1 where one failed."""
    from bridge.app.sim import playing as room
    from bridge.app.sim.way import Asked

    operator = {"site": site, "url": url, "cert": cert, "secret": cert_key, "root": ca}
    asked = Asked(site, pki, relay, starttls, domain, bridge, service)
    place = room.place(server, asked, profile=profile, poll=poll, named=not nameless) if server else None
    raise typer.Exit(room.run(file, record, as_json=as_json, place=place, operator=operator))


@app.command()
def inverter(  # noqa: PLR0917 - options of a command line have no order
    server: Url,
    certificate: File = None,
    key: File = None,
    root: Files = None,
    pki: Pki = None,
    name: Name = "inverter",
    count: Count = 1,
    aggregator: Holder = False,
    profile: Profile = "csip",
    pin: Pin = "",
    notify: Notify = "",
    most: Most = 0,
    seed: Seed = "",
    silence: Span = None,
    refuse: Span = None,
    bad_readings: Span = None,
    drift: Drift = 0,
    seconds: Seconds = 0,
    nameless: Nameless = False,
    as_json: Json = False,
) -> None:
    """Run inverters that speak IEEE 2030.5 to a server as CSIP wants it."""
    from bridge.app.sim.inverter import verb

    raise typer.Exit(verb.run(verb.given(locals())))


Device = Annotated[
    list[str] | None,
    typer.Option("--device", metavar="NAME", help="Logical device, or LFDI; * and ? allowed; repeatable."),
]
Mode = Annotated[
    list[str] | None,
    typer.Option("--mode", metavar="NAME=VALUE", help="As opModMaxLimW=60; a curve by its TOML file."),
]
Has = Annotated[
    list[str] | None, typer.Option("--follows", metavar="MODE", help="A mode that they have; all if none.")
]
After = Annotated[float, typer.Option(min=0, help="Seconds until it begins.")]
Lasts = Annotated[float, typer.Option(min=1, help="Seconds that it lasts.")]
Cancelled = Annotated[float | None, typer.Option("--cancel", min=0, help="Seconds after which it is ended.")]
Patience = Annotated[float, typer.Option(min=1, help="Seconds that are waited at most.")]


@app.command()
def outstation(  # noqa: PLR0917 - options of a command line have no order
    pki: Pki = None,
    name: Name = "unit",
    count: Count = 1,
    follows: Has = None,
    silence: Span = None,
    refuse: Span = None,
    bad_readings: Span = None,
    drift: Drift = 0,
    enrol: Annotated[bool, typer.Option("--enrol", help="Register them first, as the operator.")] = False,
    confirm: Annotated[
        float | None, typer.Option(help="Seconds after which a person confirms a text that asks for it.")
    ] = None,
    seconds: Seconds = 0,
    relay: Relay = "",
    starttls: Starttls = False,
    domain: Domain = "",
    bridge: Bridge = None,
    service: Service = None,
    site: Site = "",
    url: Admin = "",
    cert: Cert = "",
    cert_key: Key = "",
    ca: Root = "",
    as_json: Json = False,
) -> None:
    """Run units that speak IEC 61850 behind a relay, to which the bridge comes."""
    from bridge.app.sim.outstation import verb

    raise typer.Exit(verb.run(verb.given(locals())))


@app.command()
def aggregator(  # noqa: PLR0917 - options of a command line have no order
    certificate: File = None,
    key: File = None,
    root: Files = None,
    pki: Pki = None,
    name: Name = "aggregator",
    device: Device = None,
    mode: Mode = None,
    schedule: Annotated[bool, typer.Option("--schedule", help="Written ahead, not commanded.")] = False,
    after: After = 0,
    lasts: Lasts = 600,
    cancel: Cancelled = None,
    quiet: Annotated[bool, typer.Option("--no-reports", help="Have nothing reported.")] = False,
    seconds: Seconds = 0,
    patience: Patience = 60,
    relay: Relay = "",
    starttls: Starttls = False,
    domain: Domain = "",
    bridge: Bridge = None,
    service: Service = None,
    site: Site = "",
    as_json: Json = False,
) -> None:
    """Join the relay as an aggregator: find devices, hear their reports, command them over IEC 61850."""
    from bridge.app.sim.party import aggregator as room

    raise typer.Exit(room.run(room.given(locals())))


@app.command()
def headend(  # noqa: PLR0917 - options of a command line have no order
    group: Annotated[str, typer.Option(metavar="NAME", help="Name or number of a group.")],
    mode: Mode = None,
    primacy: Annotated[int, typer.Option(min=0, max=255, help="Of the programme it is in.")] = 1,
    default: Annotated[bool, typer.Option("--default", help="Set a default, not a control.")] = False,
    after: After = 0,
    lasts: Lasts = 600,
    spread: Annotated[int, typer.Option(help="Seconds by which each device moves the start.")] = 0,
    cancel: Cancelled = None,
    until: Annotated[str, typer.Option(help="received, started, completed or cancelled.")] = "started",
    patience: Patience = 300,
    site: Site = "",
    url: Admin = "",
    cert: Cert = "",
    cert_key: Key = "",
    ca: Root = "",
    as_json: Json = False,
) -> None:
    """Post a control or a default for a group, and follow what each device answers."""
    from bridge.app.sim.party import headend as room

    raise typer.Exit(room.run(room.given(locals())))
