"""What an installation says about its own endpoint: the table `[iec61850]`.

As in `bridge.app.config`, each key is described where it stands, and the documentation is made from that.
Nothing is read, opened or judged here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from bridge.app.section import PKI, Files, Port, Section


class Iec61850(Section):
    """IEC 61850 over XMPP: the bridge's own endpoint, which serves each DER as a logical device."""

    enabled: bool = False
    """Whether there is one."""
    host: str = ""
    """Host of the XMPP server; without one it is the relay that runs in `derbridge run`."""
    port: Port = 5223
    """Its TCP port; not asked where there is no host."""
    tls: Literal["direct", "starttls"] = "direct"
    """Whether TLS begins with the connection, or by STARTTLS."""
    address: str = ""
    """Our address there, as site@relay.example; without one, our LFDI at the domain in [relay]."""
    resource: str = "IEC"
    """What stands behind the address."""
    certificate: Path = PKI / "server.pem"
    """Our certificate for XMPP, and for sealing, followed by those between it and the root."""
    key: Path = PKI / "server.key"
    """Its private key; readable by the owner alone."""
    roots: Files = (PKI / "roots" / "service.pem",)
    """Roots that the XMPP server's certificate is checked by."""
    parties: Path = Path("parties")
    """Folder of the certificates of those who may send sealed messages: PEM files, each with its chain."""
    clear: dict[str, str] = Field(default_factory=dict)
    """LFDIs by address, user@domain, of those whose reads are taken without a seal, on the word of the
    server alone; writes and controls never are."""
    lost: Annotated[float, Field(ge=0, le=31_536_000)] = 900.0
    """Seconds without a word after which what a device told is old and invalid; 0 for never."""
    hold: Annotated[int, Field(ge=1, le=315_360_000)] = 3600
    """Seconds that what a client commands directly lasts, where RvrtTms of its node says nothing."""
    outcome: Annotated[int, Field(ge=1, le=604_800)] = 900
    """Seconds after which an enhanced command of whose outcome its device has said nothing has failed:
    its control is cancelled. No less than devices take to come and ask."""
    primacy: Annotated[int, Field(ge=0, le=255)] = 1
    """Primacy of what a client commands directly, and of the defaults that it sets; schedules say theirs
    by SchdPrio, which is 255 less primacy."""
    buffer: Path = Path("reports.db")
    """File of what buffered report blocks keep."""
    buffered: Annotated[int, Field(ge=65_536, le=2**40)] = 16_777_216
    """Octets of reports that one such block keeps; then the oldest go, as they do past 10,000 reports."""
    patience: Annotated[float, Field(gt=0, le=600)] = 30.0
    """Seconds that a unit behind the relay has for an answer, when we are its client."""
    again: Annotated[float, Field(ge=1, le=86_400)] = 60.0
    """Seconds at most before a unit that is away is asked for again; its presence is waited for besides."""
    poll: Annotated[float, Field(ge=1, le=86_400)] = 60.0
    """Seconds between two readings of what such a unit tells by no report."""
    refresh: Annotated[float, Field(ge=5, le=86_400)] = 300.0
    """Seconds between two readings of everything that it tells; its status is told again then, which keeps it
    from being `lost`."""
    band: Annotated[float, Field(ge=0, le=100)] = 1.0
    """What the dead bands of its figures are multiplied by; 0 has every change told."""
