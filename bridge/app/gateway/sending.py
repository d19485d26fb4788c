"""A company's side of the service: a request from a file, signed, sent over mutual TLS, its answer verified.

A file is TOML or JSON under the names of the schema, with the request's element at the top, or the operation
in XML. What is sent is held by the schema first. An answer counts only if the service has signed it.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import tomllib
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from time import time
from typing import Any, NamedTuple
from uuid import uuid4

import aiohttp
from cryptography import x509
from lxml import etree
from lxml.etree import _Element
from pydantic import ValidationError

from bridge.app import screen
from bridge.app.fault import Fault
from bridge.app.gateway import papers
from bridge.app.gateway.door import HEADER
from bridge.mapping import guard
from bridge.soap import bodies, fault
from bridge.soap.bodies import MESSAGE, PRICE, Unfit
from bridge.transports import partners
from bridge.trust.wsse import algorithms, asserting, assertion, envelope, signature, signing
from bridge.trust.wsse.asserting import Claim
from bridge.trust.wsse.refusal import Rejected
from bridge.trust.wsse.signing import Signer
from models import kit
from models.meter import meter

FORMS: Mapping[str, type[kit.Model]] = {
    PRICE.inside: meter.ProcessPricingMessage,
    MESSAGE.inside: meter.ProcessSimpleMessaging,
}
"""The operation by the element at the top of a file."""


class Asserts(NamedTuple):
    """Who asserts our account, and to whom."""

    issuer: str
    audience: str
    pair: tuple[Path, Path]


class Wish(NamedTuple):
    """What is to be sent, to whom, as whom."""

    file: Path
    url: str
    name: str
    account: str
    pair: tuple[Path, Path]
    signs: tuple[Path, Path]
    root: Path
    theirs: Path
    life: int
    timeout: float
    output: Path | None
    asserts: Asserts | None = None
    """By whom our account is asserted; by its name alone where nobody is."""


class Known:
    """One certificate that is believed: the one that was named."""

    def __init__(self, certificate: x509.Certificate) -> None:
        self._held = certificate

    def signers(self, entity: str) -> Sequence[x509.Certificate]:
        """It alone."""
        del entity
        return (self._held,)

    def refused(self, certificate: x509.Certificate) -> str:
        """Never: whoever named it has judged it."""
        del certificate
        return ""


def send(wish: Wish, *, as_json: bool) -> int:
    """Do it; 1 where there is a fault, or an answer that does not hold."""
    data = built(wish, int(time()))
    if wish.output is not None:
        wish.output.write_bytes(data)
        return 0
    status, answer = asyncio.run(_posted(wish, data))
    said = answered(answer, certificate(wish.theirs), status)
    _shown(said, as_json=as_json)
    return 0 if "request" in said else 1


def built(wish: Wish, now: int) -> bytes:
    """The signed envelope."""
    content, signer, period = read(wish.file), _signer(wish.signs), (now, now + wish.life)
    if wish.asserts is None:
        return signing.sign(content, signer, wish.account, period, uuid4().hex)
    claim = Claim(wish.asserts.issuer, wish.account, wish.asserts.audience)
    good = (now, now + min(wish.life, assertion.LONG))
    token = asserting.assertion(claim, _signer(wish.asserts.pair), good, f"A-{uuid4().hex}")
    return signing.around(content, signer, token, period, uuid4().hex)


def _signer(pair: tuple[Path, Path]) -> Signer:
    try:
        return papers.signer(*pair)
    except (OSError, TypeError, ValueError) as error:
        raise Fault(str(pair[0]), f"cannot be signed by: {error}") from None


def read(file: Path) -> _Element:
    """The operation that a file says, as the schema takes it."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise Fault(str(file), error.strerror or "cannot be read") from None
    try:
        element = guard.parse(data, envelope.CAPS) if data.lstrip()[:1] == b"<" else _formed(file, data)
        bodies.held(element)
    except (Unfit, guard.Refused, ValidationError) as error:
        raise Fault(str(file), str(error)) from None
    if str(element.tag) not in bodies.OPERATIONS:
        raise Fault(str(file), f"{envelope.local(element)} is no operation")
    return element


def _formed(file: Path, data: bytes) -> _Element:
    """An operation out of TOML or JSON."""
    try:
        text = data.decode()
        tree: Any = tomllib.loads(text) if file.suffix == ".toml" else json.loads(text)
    except ValueError as error:
        raise Fault(str(file), f"neither TOML nor JSON: {error}") from None
    top = next((name for name in FORMS if isinstance(tree, dict) and name in tree), "")
    if not top or len(tree) != 1:
        raise Fault(str(file), f"has one thing at the top: {' or '.join(FORMS)}")
    return bodies.written(FORMS[top].model_validate_json(json.dumps(tree)))


async def _posted(wish: Wish, data: bytes) -> tuple[int, bytes]:
    try:
        context = partners.client((wish.root,), *wish.pair)
    except (ssl.SSLError, OSError) as error:
        raise Fault(str(wish.pair[0]), f"cannot be used: {error}") from None
    heads = {HEADER: wish.name, "Content-Type": f"{fault.MEDIA}; charset=utf-8", "SOAPAction": '""'}
    limit = aiohttp.ClientTimeout(total=wish.timeout)
    connector = aiohttp.TCPConnector(ssl=context)
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=limit) as session,
            session.post(wish.url, data=BytesIO(data), headers=heads, allow_redirects=False) as answer,
        ):
            return answer.status, await answer.read()
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise Fault(wish.url, f"no answer: {type(error).__name__}: {error}") from None


def answered(data: bytes, theirs: x509.Certificate, status: int) -> dict[str, Any]:
    """What an answer says: `request` and `verdict` of a signed one, else `fault`, with why."""
    try:
        root = guard.parse(data, envelope.CAPS)
    except guard.Refused as error:
        return {"fault": "", "reason": f"status {status}, and no XML: {error}"}
    if (code := root.findtext(".//faultcode")) is not None:
        return {"fault": code, "reason": root.findtext(".//faultstring") or ""}
    try:
        held = signature.verify(data, "", Known(theirs), algorithms.DEFAULT, time())
        said = bodies.acknowledged(held.body)
    except (Rejected, Unfit) as error:
        return {"fault": "", "reason": f"the answer does not hold: {error}"}
    return {"request": said.RequestID, "verdict": said.Verdict.value, "by": held.username}


def check(file: Path, signer: Path, now: int | None, *, as_json: bool) -> int:
    """Look at an envelope; 1 where it is refused."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise Fault(str(file), error.strerror or "cannot be read") from None
    moment = time() if now is None else now
    try:
        held = signature.verify(data, "", Known(certificate(signer)), algorithms.DEFAULT, moment)
        operation, _ = bodies.judged(held.body)
    except (Rejected, Unfit) as no:
        said = {"refused": no.reason, "fault": fault.CODES[no.reason], "reason": str(no)}
        _shown(said, as_json=as_json)
        return 1
    _shown({"operation": operation.name, "account": held.username, "method": held.method}, as_json=as_json)
    return 0


def certificate(file: Path) -> x509.Certificate:
    """The first certificate in a file."""
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())[0]
    except (OSError, ValueError) as error:
        raise Fault(str(file), f"holds no certificate in PEM: {error}") from None


def _shown(said: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        screen.record(dict(said))
        return
    for name, value in said.items():
        screen.say(f"{name}: {etree.QName(value).localname if name == 'fault' and '}' in value else value}")
