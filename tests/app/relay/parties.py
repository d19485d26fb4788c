"""Parties at the relay of a real installation: raw clients with certificates, and what they say."""

from __future__ import annotations

import re
import ssl
from pathlib import Path

from bridge.transports import relay, tls
from bridge.trust import folder
from tests.served import Served
from tests.transports.xmpp import Raw


def context(site: Served, certificate: Path, key: Path) -> ssl.SSLContext:
    """A party's side of TLS: the relay's root is that of services."""
    made = tls.client((site.pki.path / "roots" / "service.pem",), certificate, key)
    made.set_alpn_protocols([relay.ALPN])
    return made


def raw(site: Served, one: folder.Client) -> Raw:
    """A connection with TLS, not logged in."""
    return Raw.to(site.ports["direct"], context(site, one.certificate, one.key))


def there(found: Raw, resource: str = "r") -> Raw:
    """The same with a session, and available."""
    try:
        found.login()
        found.bind(resource)
        found.available()
    except BaseException:
        found.sock.close()
        raise
    return found


def party(site: Served, name: str = "inverter", role: str = "device", resource: str = "r") -> Raw:
    """Somebody with a certificate of a role, who has a session and is available."""
    return there(raw(site, site.pki.client(name, role)), resource)


def own(site: Served, resource: str = "r") -> Raw:
    """The bridge's own endpoint."""
    pki = site.pki
    return there(Raw.to(site.ports["direct"], context(site, pki.certificate, pki.key)), resource)


def bare(one: Raw) -> str:
    """The account of somebody who is there."""
    return one.jid.partition("/")[0]


def bodies(data: bytes) -> list[str]:
    """The bodies of the messages in some bytes."""
    return [found.decode() for found in re.findall(rb"<body>(.*?)</body>", data)]
