"""What an installation says about its relay: the tables `[relay]` and `[upstream]`, and the rows of rights.

As in `bridge.app.config`, each key is described where it stands, and the documentation is made from that.
Nothing is read, opened or judged here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from bridge.app.section import PKI, Files, Port, Seconds, Section, Whole

Kind = Literal["message", "iq", "presence"]
Names = tuple[str, ...]


class Row(Section):
    """Who may send what to whom: `[[relay.rights]]`."""

    senders: Names = Field(alias="from")
    """Patterns of who sends."""
    recipients: Names = Field(alias="to")
    """Patterns of who receives."""
    kinds: tuple[Kind, ...] = ("message", "iq", "presence")
    """Kinds of stanzas."""


class Relay(Section):
    """The XMPP relay: aggregators, facilities and devices connect to it outwards, with their certificates."""

    enabled: bool = False
    """Whether `derbridge run` has the relay in it; `derbridge relay` runs it alone, whatever stands here."""
    hosts: Names = ("*",)
    """Addresses to listen on; `*` is every address of this machine, IPv4 and IPv6."""
    port: Port = 5222
    """TCP port for clients that begin with STARTTLS; 0 takes a free one."""
    direct: Port = 5223
    """TCP port for clients that begin with TLS (XEP-0368); 0 takes a free one."""
    domain: str = "localhost"
    """XMPP domain; the certificate must cover it."""
    certificate: Path = PKI / "services" / "relay.pem"
    """The relay's certificate, followed by those between it and the root."""
    key: Path = PKI / "services" / "relay.key"
    """Its private key; readable by the owner alone."""
    roots: Files = ()
    """Roots of relays below this one; devices, aggregators and operators have theirs in [trust]."""
    below: dict[str, Names] = Field(default_factory=dict)
    """Relays below this one that speak for domains of their own: domains by LFDI."""
    queue: Path = Path("relay.db")
    """File of what waits for somebody, or is not acknowledged yet."""
    expires: Annotated[int, Field(ge=0, le=31_536_000)] = 86_400
    """Seconds that a message waits for somebody who is not there; 0 keeps none."""
    waiting: Whole = 1_000
    """Messages that wait for one party."""
    room: Annotated[int, Field(ge=65_536)] = 67_108_864
    """Bytes that wait for all of them together, and are held in memory; one party may have a sixteenth of
    it, the bridge's own endpoint a half."""
    resume: Seconds = 300.0
    """Seconds that a session may be resumed after its connection was lost (XEP-0198)."""
    sessions: Whole = 10
    """Sessions of one certificate."""
    address: Whole = 1_000
    """Connections from one IPv4 address, or from one IPv6 network of 64 bits."""
    connections: Whole = 20_000
    """Connections in all."""
    login: Seconds = 20.0
    """Seconds from the connection to the end of the login."""
    idle: Seconds = 300.0
    """Seconds of silence after which a client is asked whether it is there, and then let go."""
    rate: Annotated[int, Field(ge=65_536)] = 8_388_608
    """Bytes a second that one connection may send for long."""
    stanza: Annotated[int, Field(ge=10_000, le=1_048_576)] = 262_144
    """Bytes of a stanza."""
    endpoints: Names = ()
    """LFDIs or addresses of the bridge's own endpoint, to and from which everybody may talk; without one, the
    LFDI of the certificate in [https]."""
    groups: dict[str, Names] = Field(default_factory=dict)
    """Groups for the rows: patterns by name."""
    rights: tuple[Row, ...] = ()
    """Rows of who may talk to whom; docs/relay.md says how they are written."""
    notices: bool = True
    """Whether devices and aggregators that are connected are told of each revocation."""


class Upstream(Section):
    """The relay above this one: this one logs in there, and passes on what is not for its own domain."""

    host: str = ""
    """Its host; without one there is none above."""
    port: Port = 5223
    """Its TCP port for TLS from the first byte."""
    domain: str = ""
    """Its XMPP domain, which its certificate must cover; without it, the host."""
    roots: Files = (PKI / "roots" / "service.pem",)
    """Roots that its certificate is checked by."""
