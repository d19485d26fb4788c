"""What an installation says about its door for companies that send signed requests: the table `[soap]`.

As in `bridge.app.config`, each key is described where it stands, and the documentation is made from that.
Nothing is read, opened or judged here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from bridge.app.section import Files, Port, Seconds, Section


class Soap(Section):
    """Signed requests by SOAP 1.1 over mutual TLS, from retail providers, third parties and utilities."""

    enabled: bool = False
    """Whether to listen at all."""
    hosts: tuple[str, ...] = ("*",)
    """Addresses to listen on; `*` is every address of this machine."""
    port: Port = 8445
    """TCP port; 0 takes a free one, told in the log."""
    path: Annotated[str, Field(pattern=r"^/[A-Za-z0-9._~/-]{0,200}$")] = "/smt"
    """Path of the service; `?wsdl` behind it is its description."""
    profile: Literal["production", "test"] = "production"
    """`test` lets certificates in that signed themselves: `pinned` ones for TLS, registered ones for
    signatures."""
    roots: Files = ()
    """Roots of the certificates that companies connect with; a list of its own, empty until you fill it."""
    pinned: Files = ()
    """Certificates for TLS that signed themselves; in the profile `test` alone."""
    signers: Files = ()
    """Roots of the certificates that companies sign with; `roots` where there are none."""
    networks: tuple[str, ...] = ()
    """Networks that requests are taken from, as 203.0.113.0/24; none stands for every one."""
    certificate: Path | None = None
    """Certificate of this listener, as RSA where partners need it; that of [https] without one."""
    key: Path | None = None
    """Its private key; readable by the owner alone."""
    signer: Path | None = None
    """Certificate that answers and reports are signed by, P-256 or RSA; that of this listener without one."""
    secret: Path | None = None
    """Its private key; readable by the owner alone."""
    account: Annotated[str, Field(pattern=r"^[!-~]{1,128}$")] = "derbridge"
    """The name that we sign by: Username of answers and reports."""
    audience: Annotated[str, Field(pattern=r"^[!-~]{1,1024}$")] = "derbridge"
    """What an assertion of a distribution company must name as its audience."""
    skew: Annotated[int, Field(ge=0, le=600)] = 300
    """Seconds by which a sender's clock may be wrong."""
    longest: Annotated[int, Field(ge=1, le=600)] = 300
    """Seconds that a message may say that it is good for."""
    addresses: Annotated[int, Field(ge=1, le=10_000)] = 10_000
    """Addresses that one request may name."""
    embedded: Literal["ignore", "refuse"] = "ignore"
    """What is done with a certificate that is in a message: left aside unread, or the message is refused. The
    key is that of the registered certificate in either case."""
    serials: bool = False
    """Whether a request must give the serial number of each meter; 0 stands for none."""
    persist: Seconds = 86_400.0
    """Seconds for which a report is tried again where a callback does not take it."""
