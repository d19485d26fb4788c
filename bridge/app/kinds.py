"""The kinds of certificates that `derbridge pki issue` makes: whose they are, where put, how long, what said.

The options of a kind are those that its certificate has a place for; any other is refused. What the parts of
a certificate look like stands in `bridge.trust.draft`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from cryptography import x509

from bridge.trust import draft, role
from bridge.trust.credential import Claim
from bridge.trust.draft import Draft
from bridge.trust.terms import HARDWARE, POLICIES

HOST = re.compile(r"(?!-)[A-Za-z0-9.:-]{1,253}")


@dataclass(frozen=True, slots=True)
class Wish:
    """The options that only some kinds take; empty where not given."""

    serial: str = ""
    hardware: str = ""
    policy: str = ""
    host: tuple[str, ...] = ()
    plain_san: bool = False
    domain: str = ""
    jid: str = ""
    role: tuple[str, ...] = ()
    area: str = ""
    revision: int | None = None
    definition: str = ""
    operation: int | None = None
    endless: bool = False
    days: int | None = None


class Kind(NamedTuple):
    """A kind of certificate."""

    root: str
    """Below which it stands; empty for any."""
    place: str
    days: int | None
    """How long it lasts unless said otherwise; None for ever."""
    takes: frozenset[str]
    draft: Callable[[str, Wish], Draft]


def _device(name: str, wish: Wish) -> Draft:
    try:
        hardware = x509.ObjectIdentifier(wish.hardware) if wish.hardware else HARDWARE
    except ValueError:
        raise ValueError(f"{wish.hardware!r} is no object identifier, as 1.3.6.1.4.1.32473.7") from None
    policy = wish.policy or "genesis"
    if policy not in POLICIES:
        raise ValueError(f"{policy!r} is no policy: one of {', '.join(POLICIES)}")
    return draft.device((wish.serial or name).encode(), hardware, policy)


def _operator(name: str, wish: Wish) -> Draft:
    roles = tuple(map(role.number, wish.role))
    about = (wish.area, wish.revision, wish.definition, wish.operation)
    if not roles:
        if any(one not in {"", None} for one in about):
            raise ValueError("an area, a revision and the like belong to a role: add --role")
        return draft.client(name, address=wish.jid)
    claim = Claim(roles, wish.area, wish.revision or 0, wish.definition, wish.operation)
    return draft.client(name, claims=(claim,), address=wish.jid)


def _server(name: str, wish: Wish) -> Draft:
    return draft.server(_hosts(wish.host or (name,)), name=name, critical=not wish.plain_san)


def _relay(name: str, wish: Wish) -> Draft:
    (domain,) = _hosts((wish.domain or name,))
    return draft.relay(domain, _hosts(wish.host))


def _hosts(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names and addresses of hosts; the first part may be a star."""
    for name in names:
        if not HOST.fullmatch(name.removeprefix("*.")):
            raise ValueError(f"{name!r} is no name or address of a host")
    return names


KINDS: Mapping[str, Kind] = {
    "device": Kind("serca", "clients", None, frozenset({"serial", "hardware", "policy"}), _device),
    "aggregator": Kind(
        "serca", "clients", 825, frozenset({"jid", "endless", "days"}),
        lambda name, wish: draft.client(name, address=wish.jid),
    ),
    "operator": Kind(
        "operator", "clients", 825,
        frozenset({"jid", "days", "role", "area", "revision", "definition", "operation"}), _operator,
    ),
    "server": Kind("serca", "services", 825, frozenset({"host", "plain_san", "endless", "days"}), _server),
    "relay": Kind(
        "service", "services", 825, frozenset({"domain", "host", "days"}),
        _relay,
    ),
    "signer": Kind(
        "service", "services", 825, frozenset({"jid", "days"}),
        lambda name, wish: draft.signer(name, wish.jid),
    ),
    "ocsp": Kind("", "services", 365, frozenset({"days"}), lambda name, _: draft.responder(name)),
}  # fmt: skip
"""The kinds. What may have no end is what IEEE 2030.5 itself speaks of."""
