"""What an installation says about itself: every key, once, with its range, its default and what it does.

The sections are the tables of `derbridge.toml`; the page docs/operate.md and the commented example are made
from the descriptions here. A key that does not exist is refused. Nothing is read, opened or resolved here:
`bridge.app.loading` does that, `bridge.app.problems` judges the outcome.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bridge.app.adapter.section import Adapters
from bridge.app.beacon import Discovery
from bridge.app.endpoint.section import Iec61850
from bridge.app.gateway.section import Soap
from bridge.app.market.section import Market
from bridge.app.pump.section import Pump
from bridge.app.push.section import Push
from bridge.app.relay.section import Relay, Upstream
from bridge.app.section import PKI, Days, Files, Lifecycle, Port, Profile, Seconds, Section, Switch, Whole


class Https(Section):
    """IEEE 2030.5 over mutual TLS: what inverters, aggregators and head-ends connect to."""

    hosts: tuple[str, ...] = ("*",)
    """Addresses to listen on; `*` is every address of this machine, IPv4 and IPv6."""
    port: Port = 8443
    """TCP port; 0 takes a free one, told in the log."""
    names: tuple[str, ...] = ("localhost", "127.0.0.1", "::1")
    """Names and addresses that clients know the server by; its certificate must cover them."""
    certificate: Path = PKI / "server.pem"
    """The server's certificate, followed by those between it and the root; also shown on outgoing calls."""
    key: Path = PKI / "server.key"
    """Its private key; readable by the owner alone."""


class Proxy(Section):
    """Proxies that end TLS before the 2030.5 listener, and forward each client's certificate (RFC 9440)."""

    lfdis: frozenset[str] = frozenset()
    """LFDIs of the proxies' own certificates, as `derbridge pki show` tells them; none: there is no proxy."""


class Plain(Section):
    """Plain HTTP on the same addresses, which answers every request with a redirect to https (301)."""

    enabled: bool = True
    """Whether to listen at all."""
    port: Port = 8080
    """TCP port."""


class Admin(Section):
    """The administration API, JSON below /api/v1, over mutual TLS for operators."""

    enabled: bool = True
    """Whether to listen at all."""
    hosts: tuple[str, ...] = ("127.0.0.1", "::1")
    """Addresses to listen on; this machine alone unless you say otherwise."""
    port: Port = 8444
    """TCP port."""


class Probe(Section):
    """`/healthz`, `/readyz` and `/metrics` without TLS; the administration listener answers them anyway."""

    enabled: bool = False
    """Whether to listen at all."""
    hosts: tuple[str, ...] = ("127.0.0.1",)
    """Addresses to listen on; whoever reaches them reads the metrics."""
    port: Port = 9100
    """TCP port."""


class Trust(Section):
    """Whose certificates are believed, each list for itself: certificates in PEM, many to a file."""

    devices: Files = (PKI / "roots" / "serca.pem",)
    """Roots of devices and aggregators."""
    operators: Files = (PKI / "roots" / "operator.pem",)
    """Roots of operators and head-ends: who has such a certificate may write."""
    outgoing: Files = (PKI / "roots" / "serca.pem",)
    """Roots of the servers that notifications are sent to."""


class Revocation(Section):
    """Which certificates hold no more: where lists come from, how old they may be, who is told of them."""

    urls: tuple[str, ...] = ()
    """Addresses of revocation lists to be fetched, http or https."""
    every: Seconds = 3600.0
    """Seconds between two fetches of an address."""
    folder: Path | None = None
    """Folder of revocation lists in DER or PEM, looked at every two seconds."""
    authorities: Files = ()
    """Certificates of authorities between the roots and the devices, whose lists are taken, too."""
    oldest: Annotated[int, Field(ge=0)] = 0
    """Age of the data in seconds past which commands are refused; 0 for never."""
    port: Port | None = Field(default=None, examples=[9101])
    """TCP port of a plain listener that tells anyone what is revoked, by OCSP, too; none without it."""
    hosts: tuple[str, ...] = ("127.0.0.1",)
    """Addresses for it to listen on."""
    signers: Files = ()
    """Certificates of the OCSP responder, one for each authority that delegated to it."""
    keys: Files = ()
    """Their private keys, in the same order; readable by the owner alone."""


class Store(Section):
    """Where resources, readings, the archive and the outbox are kept."""

    url: str = "sqlite:///derbridge.db"
    """`sqlite:///FILE` (a relative file lies beside this one) or `postgresql://USER@HOST/DATABASE`."""


class Run(Section):
    """Processes."""

    workers: Annotated[int, Field(ge=1, le=256)] = 1
    """Processes that share the ports; one for each processor core is plenty."""
    grace: Seconds = 20.0
    """Seconds that requests in flight get when the server is told to stop."""


class Limits(Section):
    """What one client may take of each listener, for each worker; over a limit it gets the status for it."""

    first: Seconds = 10.0
    """Seconds from the connection to the end of the handshake and of the first request's header."""
    head: Seconds = 10.0
    """Seconds from the first byte of a header to its last."""
    body: Seconds = 10.0
    """Seconds for a body of any size; a longer one earns time at `rate`."""
    rate: Whole = 500
    """Least bytes a second of a body."""
    idle: Seconds = 900.0
    """Seconds between two requests of a connection."""
    stall: Seconds = 30.0
    """Seconds for a client to take what it was sent."""
    linger: Seconds = 2.0
    """Seconds for a client to take the last answer and close."""
    line: Annotated[int, Field(ge=256, le=8_190)] = 8_190
    """Bytes of a request line."""
    whole: Annotated[int, Field(ge=1_024, le=65_536)] = 16_384
    """Bytes of a header, request line included."""
    fields: Whole = 100
    """Header fields."""
    content: Annotated[int, Field(ge=4_096)] = 1_048_576
    """Bytes of a body."""
    ahead: Annotated[int, Field(ge=1_024)] = 65_536
    """Bytes that are read of further requests while one is answered."""
    peer: Whole = 64
    """Connections of one certificate; beyond them the one that was idle longest is closed."""
    address: Whole = 4_000
    """Connections from one IPv4 address, or from one IPv6 network of 64 bits; beyond them there is no answer.
    Everybody behind one gateway (NAT) shares its address."""
    connections: Whole = 20_000
    """Connections in all."""


class Rules(Section):
    """How the protocol is served where the standard leaves it to the server."""

    registration: Literal["out-of-band", "in-band", "listed"] = "out-of-band"
    """How an EndDevice comes to be: by the operator alone; by anyone whose certificate is believed; by those
    that the operator listed."""
    profile: Profile = "2018"
    """Edition that clients are written to in, unless the operator said otherwise for one of them."""
    pen: Annotated[int, Field(ge=0, le=4_294_967_295)] = 0
    """Your IANA private enterprise number, at the end of every mRID that the server makes."""
    pen_decimal: bool = False
    """Whether the number stands in an mRID in decimal digits, as CSIP-AUS tests read it."""
    strict: frozenset[Switch] = frozenset()
    """Strictness switches that are on; docs/interpretations.md says what each does."""
    post_rate: Whole = 300
    """postRate in seconds, for mirror usage points that name none."""
    polls: dict[str, Whole] = Field(default_factory=dict)
    """pollRate in seconds by resource type, as DERControlList = 60; over the table's own."""
    log_events: Annotated[int, Field(ge=10)] = 100
    """LogEvents kept for each EndDevice, the newest."""
    pin: bool = True
    """Whether Registration shows a device its PIN."""
    zone: str = "UTC"
    """Time zone that Time tells, by its IANA name, as Australia/Brisbane."""
    quality: Literal[3, 4, 5, 6, 7] = 7
    """What Time says of the clock: 7 intentionally uncoordinated, as CSIP has it, 4 from a better source."""
    groups: tuple[str, ...] = ()
    """Addresses of the groups that a device joins when it registers itself."""


class Access(Section):
    """Who may do what: rules over the roles of IEC 62351-8, which are assigned while the server runs."""

    rules: Path | None = None
    """File of rules, over the shipped ones or in their place; docs/access.md says how they are written."""
    separation: bool = False
    """Whether nobody may be OPERATOR and SECADM at once; then the first operator is SECADM, and assigns."""


class Notify(Section):
    """Notifications to subscribers."""

    hosts: frozenset[str] = frozenset()
    """Hosts that may be notified although their addresses are not public; for tests localhost."""
    plain: bool = False
    """Whether a notification may go to an http address."""
    timeout: Seconds = 10.0
    """Seconds for one notification, from connecting to the answer."""


class Keep(Section):
    """How long things are kept, and when they are saved."""

    archive: Days = 400
    """Days of the archive of changes; 0 for ever."""
    readings: Days = 400
    """Days of mirrored readings; 0 for ever."""
    responses: Days = 400
    """Days of responses; 0 for ever."""
    outages: Days = 1_100
    """Days of the history of outages; 0 for ever."""
    decisions: Days = 1_100
    """Days of the decision log; 0 for ever. It is cut only behind a signed checkpoint, a day at a time."""
    signers: Files = ()
    """Former certificates of the server, by which older checkpoints of the decision log are checked."""
    every: Seconds = 60.0
    """Seconds between two rounds of the keeper, which also sends what the clock alone makes due."""
    backups: Path | None = None
    """Folder for regular backups; none are made without it."""
    backup_hours: Annotated[int, Field(ge=1, le=8_760)] = 24
    """Hours between two of them."""
    backup_count: Whole = 7
    """How many are kept."""


class Log(Section):
    """What is written to standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Least level that is written."""
    format: Literal["auto", "console", "json"] = "auto"
    """`auto` is console on a terminal and json elsewhere."""
    requests: bool = True
    """Whether each request gets a line, at level info."""


class Config(BaseSettings):
    """All of it."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_prefix="DERBRIDGE_", env_nested_delimiter="__"
    )
    https: Https = Https()
    proxy: Proxy = Proxy()
    plain: Plain = Plain()
    admin: Admin = Admin()
    probe: Probe = Probe()
    trust: Trust = Trust()
    revocation: Revocation = Revocation()
    store: Store = Store()
    run: Run = Run()
    limits: Limits = Limits()
    rules: Rules = Rules()
    access: Access = Access()
    notify: Notify = Notify()
    keep: Keep = Keep()
    lifecycle: Lifecycle = Lifecycle()
    discovery: Discovery = Discovery()
    relay: Relay = Relay()
    upstream: Upstream = Upstream()
    iec61850: Iec61850 = Iec61850()
    soap: Soap = Soap()
    pump: Pump = Pump()
    push: Push = Push()
    adapters: Adapters = Adapters()
    market: Market = Market()
    log: Log = Log()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library's signature
        init_settings: PydanticBaseSettingsSource,
        *_: Any,  # noqa: ANN401 - all other sources
        **others: Any,  # noqa: ANN401, ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what is given; `bridge.app.loading` puts file, environment and command line in order."""
        return (init_settings,)
