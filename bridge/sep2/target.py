"""Where a notification may be sent: rules for the address that a client names, and for what it resolves to.

Without them a subscription would make this server knock at doors of its own network. An address is judged
twice: when the subscription is made, and before each delivery on the addresses that its name then has. Pure:
names are resolved by whoever sends; nothing is asked of a network here.
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from bridge.sep2.talk import Told
from bridge.sep2.work import Policy

LONGEST = 1024
_PORTS = {"https": 443, "http": 80}
_LOCAL = ("localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "arpa")
"""Names and last labels that never are of the public network (RFC 6761, RFC 6762, RFC 8375)."""
_TRANSLATED = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
"""Networks in which the last 32 bits are an IPv4 address (RFC 6052, RFC 8215)."""
_HIDDEN = frozenset(chr(code) for code in (*range(0x21), 0x7F, *b'\\"<>^`{|}'))


class Target(NamedTuple):
    """An address that passed: what is needed to open a connection to it."""

    scheme: str
    host: str
    """Lower case, without brackets or a dot at the end."""
    port: int


def target(url: str, policy: Policy) -> Target:
    """Give the parts of a notification's address; Told where it may not be sent to."""
    parts = _split(url)
    host, port = _host(parts), _port(parts)
    if parts.scheme not in _PORTS or (parts.scheme == "http" and not policy.plain_http):
        raise Told(400, f"notificationURI must be https, not {parts.scheme[:20]!r}")
    found = Target(parts.scheme, host, port or _PORTS[parts.scheme])
    if host in policy.hosts:
        return found
    literal = address(host)
    if literal is None and _inside(host):
        raise Told(400, f"notificationURI names {host[:80]!r}, which is no public host")
    if literal is not None and not public(literal):
        raise Told(400, f"notificationURI goes to {host}, which is no public address")
    return found


def allowed(host: str, addresses: Collection[str], policy: Policy) -> tuple[str, ...]:
    """Give those addresses of a host that may be connected to; none where one of them may not."""
    if host in policy.hosts:
        return tuple(addresses)
    read = [address(each) for each in addresses]
    return tuple(addresses) if all(each is not None and public(each) for each in read) else ()


def address(text: str) -> IPv4Address | IPv6Address | None:
    """Give the address that a text is; None where it is a name."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def public(found: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the public network, and of one host."""
    if isinstance(found, IPv6Address):
        inner = _inner(found)
        if inner is not None:
            return public(inner)
        if found.scope_id or found.is_site_local:
            return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


def _inner(found: IPv6Address) -> IPv4Address | None:
    """Give the IPv4 address that an IPv6 address stands for: mapped, translated or tunnelled."""
    if any(found in network for network in _TRANSLATED):
        return IPv4Address(int(found) & 0xFFFFFFFF)
    tunnel = found.teredo[1] if found.teredo else None
    return found.ipv4_mapped or found.sixtofour or tunnel


def _split(url: str) -> SplitResult:
    if len(url) > LONGEST or not _HIDDEN.isdisjoint(url):
        raise Told(400, "notificationURI is no address")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise Told(400, f"notificationURI is no address: {error}") from error
    if parts.username is not None or parts.password is not None:
        raise Told(400, "notificationURI must not carry a name or password")
    if parts.fragment or "#" in url:
        raise Told(400, "notificationURI must not carry a fragment")
    return parts


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if not host:
        raise Told(400, "notificationURI names no host")
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise Told(400, f"notificationURI names no host: {error}") from error


def _port(parts: SplitResult) -> int | None:
    try:
        port = parts.port
    except ValueError as error:
        raise Told(400, f"notificationURI: {error}") from error
    if port == 0:
        raise Told(400, "notificationURI names port 0")
    return port


def _inside(host: str) -> bool:
    """Whether a name is one of a private network: local by rule, of one label, or digits in disguise."""
    labels = host.split(".")
    last = labels[-1]
    numeric = last.isdigit() or last.lower().startswith("0x")
    return len(labels) == 1 or last in _LOCAL or numeric
