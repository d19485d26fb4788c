"""What an installation says about being found on its own network: the table `[discovery]`.

As in `bridge.app.config`, each key is described where it stands, and the documentation is made from that.
Nothing is read, opened or judged here.
"""

from __future__ import annotations

from typing import Literal

from bridge.app.section import Section


class Discovery(Section):
    """DNS-SD over multicast, by which clients on the same network find the server."""

    enabled: bool = False
    """Whether to answer; needs the extra `derbridge[discovery]`."""
    transports: tuple[Literal["mdns", "xmdns"], ...] = ("mdns", "xmdns")
    """`mdns` is .local (edition 2023), `xmdns` is .site over site-local IPv6 (edition 2018)."""
    interfaces: tuple[str, ...] = ()
    """Names of network interfaces; none stands for every one that can do multicast."""
    instance: str = "derbridge"
    """Name of the service instance, and of the host in the records; its own for each server of a network."""
    level: str = "-S1"
    """Extensibility level of the schema: -S1 is the edition of 2018, -S2 that of 2023."""
