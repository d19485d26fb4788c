"""DNS-SD records of the server, and which of them answer a question: IEEE 2030.5 clause 7, RFC 6762 and 6763.

One set of records serves mDNS (.local, edition 2023) and xmDNS (.site, edition 2018). A subtype names one
function set, and its TXT record has the path; `edev-SFDI` asks for the server that knows a device. The
packets are zeroconf's (the extra `discovery`); sockets are in `bridge.transports.multicast`. Nothing is
answered but what is ours.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

from zeroconf import (
    DNSAddress,
    DNSIncoming,
    DNSOutgoing,
    DNSPointer,
    DNSQuestion,
    DNSRecord,
    DNSService,
    DNSText,
)

SERVICE = "_smartenergy._tcp"
BROWSE = "_services._dns-sd._udp"
ANY, A, PTR, TXT, AAAA, SRV = 255, 1, 12, 16, 28, 33
IN, UNIQUE = 0x0001, 0x8001
"""Class of a record that others may have too, and of one that is ours alone (RFC 6762 10.2)."""
ANSWER = 0x8400
LONG, SHORT, LEGACY = 4_500, 120, 10
"""Seconds that a record may be kept: of a service, of a host, by one who asked from another port."""
OWN = "edev-"
DIGITS = 12

Finder = Callable[[int], Awaitable[str]]
"""The path of the EndDevice of an SFDI; nothing when there is none."""


@dataclass(frozen=True, slots=True)
class Advert:
    """What is made known."""

    instance: str
    """Label of the service instance and of the host."""
    https: int
    """Port of the TLS listener."""
    plain: int = 80
    """Port of the plain one, which is what the SRV record names (7.5)."""
    dcap: str = "/dcap"
    level: str = "-S1"
    subtypes: Mapping[str, str] = field(default_factory=dict)
    """Path of each function set by the name of its subtype (table 17)."""
    among: frozenset[str] = frozenset()
    """Addresses that the server listens on; none for all there are."""

    def name(self, domain: str) -> str:
        """The service instance."""
        return f"{self.instance}.{SERVICE}.{domain}."

    def host(self, domain: str) -> str:
        """The host."""
        return f"{self.instance}.{domain}."


def text(advert: Advert, path: str = "") -> bytes:
    """A TXT record; `txtvers` comes first (7.4), `path` only in the answer about a subtype."""
    pairs = {"txtvers": "1", "dcap": advert.dcap, **({"path": path} if path else {})}
    pairs |= {"https": str(advert.https), "level": advert.level}
    if advert.https == HTTPS:
        pairs["https"] = ""
    said = [f"{key}={value}" if value else key for key, value in pairs.items()]
    return b"".join(bytes([len(one)]) + one for one in (part.encode() for part in said))


HTTPS = 443
"""The port that a key `https` without a value stands for."""


def pointers(advert: Advert, domain: str) -> list[DNSRecord]:
    """What is asked for first: that there is such a service, and which instances."""
    service = f"{SERVICE}.{domain}."
    name = advert.name(domain)
    subtypes = [DNSPointer(f"{sub}._sub.{service}", PTR, IN, LONG, name) for sub in advert.subtypes]
    return [
        DNSPointer(f"{BROWSE}.{domain}.", PTR, IN, LONG, service),
        DNSPointer(service, PTR, IN, LONG, name),
        *subtypes,
    ]


def details(advert: Advert, domain: str, addresses: Sequence[str], path: str = "") -> list[DNSRecord]:
    """Port, text and addresses of the instance."""
    name, host = advert.name(domain), advert.host(domain)
    return [
        DNSService(name, SRV, UNIQUE, SHORT, 0, 0, advert.plain, host),
        DNSText(name, TXT, IN if path else UNIQUE, LONG, text(advert, path)),
        *(_address(host, one) for one in addresses if not advert.among or one in advert.among),
    ]


def _address(host: str, address: str) -> DNSRecord:
    value = ip_address(address)
    return DNSAddress(host, A if value.version == 4 else AAAA, UNIQUE, SHORT, value.packed)  # noqa: PLR2004


async def answers(
    advert: Advert, domain: str, addresses: Sequence[str], asked: DNSIncoming, find: Finder
) -> tuple[list[DNSRecord], list[DNSRecord]]:
    """The records that answer a question, and those that will be asked for next."""
    found: dict[DNSRecord, None] = {}
    path = ""
    known = [*pointers(advert, domain), *details(advert, domain, addresses)]
    for question in asked.questions:
        path = path or await _path(advert, domain, question, find)
        if path and question.name.lower().startswith(OWN):
            known.append(DNSPointer(question.name, PTR, IN, SHORT, advert.name(domain)))
        found |= dict.fromkeys(one for one in known if _meant(question, one))
    told = [one for one in found if not one.suppressed_by(asked)]
    if path:
        told = [_pathed(one, advert, domain, path) for one in told]
    wanted = any(isinstance(one, DNSPointer) and one.alias == advert.name(domain) for one in told)
    more = details(advert, domain, addresses, path) if wanted else []
    return told, [one for one in more if one not in told]


def _meant(question: DNSQuestion, record: DNSRecord) -> bool:
    return question.name.lower() == record.name.lower() and question.type in {record.type, ANY}


def _pathed(record: DNSRecord, advert: Advert, domain: str, path: str) -> DNSRecord:
    """The TXT record with the path in place of the one without."""
    if not isinstance(record, DNSText):
        return record
    return DNSText(advert.name(domain), TXT, IN, LONG, text(advert, path))


async def _path(advert: Advert, domain: str, question: DNSQuestion, find: Finder) -> str:
    """The path that a question about a subtype asks for."""
    subtype, mark, rest = question.name.lower().partition("._sub.")
    if not mark or rest != f"{SERVICE}.{domain}." or question.type not in {PTR, ANY}:
        return ""
    digits = subtype.removeprefix(OWN)
    if subtype.startswith(OWN) and digits.isascii() and digits.isdigit() and len(digits) <= DIGITS:
        return await find(int(digits))
    return advert.subtypes.get(subtype, "")


def packet(
    told: Sequence[DNSRecord],
    more: Sequence[DNSRecord] = (),
    asked: DNSIncoming | None = None,
    *,
    ttl: int | None = None,
) -> list[bytes]:
    """The answer as bytes; `asked` repeats the question for one who is no mDNS host itself (RFC 6762 6.7)."""
    out = DNSOutgoing(ANSWER, multicast=asked is None, id_=asked.id if asked else 0)
    for question in asked.questions if asked else ():
        out.add_question(question)
    for record in (*told, *more):
        limit = ttl if ttl is not None else (min(record.ttl, LEGACY) if asked else record.ttl)
        record.ttl = limit
    for record in told:
        out.add_answer_at_time(record, 0)
    for record in more:
        out.add_additional_answer(record)
    return out.packets()
