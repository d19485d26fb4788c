"""A company with keys and certificates of a PKI of its own, and what it sends; and a bridge that knows it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from time import time
from typing import Any, NamedTuple
from uuid import uuid4

import aiohttp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID
from lxml import etree

from bridge.trust import identity
from bridge.trust.wsse import signing
from tests.served import Served, certified, served

DUNS, ACCOUNT = "799530220", "RETAIL_ONE"
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
SAMPLES = Path(__file__).parents[2] / "xsd" / "meter"


class Pair(NamedTuple):
    """A key and its certificate, in files."""

    key: Any
    certificate: x509.Certificate
    place: Path

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def lfdi(self) -> str:
        return identity.lfdi(self.certificate.public_bytes(Encoding.DER))

    @property
    def secret(self) -> Path:
        return self.place.with_suffix(".key")


def keyed(kind: str) -> Any:
    return ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else rsa.generate_private_key(65537, 2048)


def issued(
    folder: Path,
    name: str,
    above: Pair | None = None,
    kind: str = "ec",
    *,
    authority: bool = False,
    server: bool = False,
) -> Pair:
    """Make a certificate below another, or one that signs itself; both files are written."""
    key, now = keyed(kind), datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    issuer = above.certificate.subject if above else subject
    builder = x509.CertificateBuilder(
        issuer, subject, key.public_key(), x509.random_serial_number(), now - timedelta(days=1),
        now + timedelta(days=30),
    )  # fmt: skip
    signer = above.key if above else key
    for extension, critical in extensions(key, signer, name, authority=authority, server=server):
        builder = builder.add_extension(extension, critical=critical)
    made = Pair(key, builder.sign(signer, hashes.SHA256()), folder / f"{name}.pem")
    made.place.write_text(made.pem, "utf-8")
    octets = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    made.secret.touch(0o600)
    made.secret.write_bytes(octets)
    return made


def extensions(
    key: Any, signer: Any, name: str, *, authority: bool, server: bool
) -> Iterator[tuple[x509.ExtensionType, bool]]:
    """The extensions of a certificate, and whether each is critical."""
    yield x509.BasicConstraints(authority, None), True
    yield x509.KeyUsage(True, False, False, False, False, authority, authority, False, False), True
    yield x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False
    yield x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False
    if not authority:
        use = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
        yield x509.SubjectAlternativeName([x509.DNSName(name)]), False
        yield x509.ExtendedKeyUsage([use]), False


@dataclass
class Company:
    """One, that sends to a bridge."""

    site: Served
    name: str
    tls: Pair
    signer: Pair
    account: str = ACCOUNT

    @property
    def url(self) -> str:
        return f"https://localhost:{self.site.ports['soap']}/smt"

    def context(self) -> ssl.SSLContext:
        made = ssl.create_default_context(cafile=str(self.site.pki.roots))
        made.load_cert_chain(self.tls.place, self.tls.secret)
        return made

    def said(self, **more: Any) -> dict[str, Any]:
        """What an operator registers of it."""
        said = {"name": self.name, "kind": "rep", "account": self.account, "duns": DUNS}
        return said | {"certificate": self.tls.pem, "signer": self.signer.pem} | more

    def signed(self, sample: str = "message", who: Pair | None = None, **change: str) -> bytes:
        """A signed request, made of a sample with some values of its own."""
        body = etree.parse(SAMPLES / f"{sample}.xml").getroot().find(f"{SOAP}Body")
        assert body is not None
        content = body[0]
        block = content.find(".//AddressBlock")
        assert block is not None
        block[:] = [etree.Element("AddressList")]
        block[0][:] = [address(at) for at in range(int(change.pop("addresses", "2")))]
        number = str(uuid4().int % 2**31)
        values = {"RequesterType": "0", "RequesterAuthenticationID": DUNS, "RequestID": "", "StartTime": "0"}
        values |= {"MessageID" if sample == "message" else "IssuerEventID": number, **change}
        for name, value in values.items():
            found = content.find(f".//{name}")
            if found is None:
                content[0].insert(0, found := etree.Element(name))
            found.text = value
        now, who = int(time()), who or self.signer
        signer = signing.Signer(who.key, who.certificate)
        return signing.sign(content, signer, self.account, (now, now + 300), uuid4().hex)

    async def send(
        self, data: bytes, names: tuple[str, ...] | None = None, media: str = "text/xml", **more: Any
    ) -> tuple[int, etree._Element]:
        """Send a request; the status, and what is answered."""
        heads = [("ENTITY_NAME", name) for name in (names if names is not None else (self.name,))]
        heads.append(("Content-Type", media))
        connector = aiohttp.TCPConnector(ssl=more.get("context") or self.context())
        async with aiohttp.ClientSession(connector=connector) as session:
            url = more.get("url", self.url)
            async with session.post(url, data=BytesIO(data), headers=heads) as answer:
                return answer.status, etree.fromstring(await answer.read())

    async def get(self, query: str) -> tuple[int, bytes]:
        connector = aiohttp.TCPConnector(ssl=self.context())
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.get(f"{self.url}?{query}") as answer,
        ):
            return answer.status, await answer.read()


def address(at: int) -> etree._Element:
    """One of many addresses."""
    made = etree.Element("Address")
    etree.SubElement(made, "ESIID").text = f"1044372{at:010d}"
    etree.SubElement(made, "MeterSerialNumber").text = "0"
    return made


def code(answer: etree._Element) -> str:
    """The local part of a fault's code; nothing where it is none."""
    return (answer.findtext(".//faultcode") or "").rpartition(":")[2]


class World(NamedTuple):
    """A bridge, an authority for companies, and a company that it knows."""

    site: Served
    authority: Pair
    company: Company
    folder: Path


@contextmanager
def world(
    folder: Path, kind: str = "ec", config: Mapping[str, Any] | None = None, **soap: Any
) -> Iterator[World]:
    """Start a bridge whose door for companies is open."""
    folder.mkdir(exist_ok=True)
    certified(folder)
    authority = issued(folder, "authority", kind=kind, authority=True)
    tls, signer = issued(folder, "tls", authority, kind), issued(folder, "signer", authority, kind)
    said = {"enabled": True, "hosts": ("127.0.0.1",), "port": 0, "roots": (str(authority.place),)}
    with served(folder, **(config or {}), soap={**said, **soap}) as site:
        yield World(site, authority, Company(site, "RETAIL", tls, signer), folder)
