"""A foreign client of the SOAP service on zeep, with a small signing plug-in; it runs in zeep's environment.

It shares nothing with the bridge: the description is the served one, digests and signatures are made here.
What is to be done comes as JSON on standard input; what was answered goes to standard output as JSON.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import uuid
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests
import zeep
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from lxml import etree
from lxml.etree import _Element
from zeep.transports import Transport

OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity"
WSSE, WSU = f"{OASIS}-secext-1.0.xsd", f"{OASIS}-utility-1.0.xsd"
DS, MORE = "http://www.w3.org/2000/09/xmldsig#", "http://www.w3.org/2001/04/xmldsig-more#"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
ID = f"{{{WSU}}}Id"
HALF = 32


def canon(element: _Element) -> bytes:
    """Exclusive canonical form."""
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


def digest(element: _Element) -> str:
    """Digest of a part."""
    return base64.b64encode(hashlib.sha256(canon(element)).digest()).decode()


class Plugin:
    """Signs what is sent, verifies what is answered."""

    def __init__(self, said: dict[str, Any], change: dict[str, Any]) -> None:
        self.said, self.change = said, change
        secret = Path(change.get("secret", said["secret"])).read_bytes()
        self.key: Any = serialization.load_pem_private_key(secret, None)
        self.certificate, self.theirs = (
            x509.load_pem_x509_certificates(Path(place).read_bytes())[0]
            for place in (change.get("signer", said["signer"]), said["theirs"])
        )

    def apply(self, envelope: _Element, headers: dict[str, str]) -> tuple[_Element, dict[str, str]]:
        """Put a Security header in."""
        header = envelope.find(f"{{{SOAP}}}Header")
        if header is None:
            header = etree.Element(f"{{{SOAP}}}Header")
            envelope.insert(0, header)
        (body,) = envelope.iter(f"{{{SOAP}}}Body")
        mark = uuid.uuid4().hex
        body.set(ID, f"B-{mark}")
        security = etree.SubElement(header, f"{{{WSSE}}}Security", nsmap={"wsse": WSSE, "wsu": WSU})
        stamp = etree.SubElement(security, f"{{{WSU}}}Timestamp", {ID: f"T-{mark}"})
        begin = datetime.now(UTC) + timedelta(seconds=self.change.get("late", 0))
        for name, moment in (("Created", begin), ("Expires", begin + timedelta(seconds=300))):
            etree.SubElement(stamp, f"{{{WSU}}}{name}").text = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        token = etree.SubElement(security, f"{{{WSSE}}}UsernameToken", {ID: f"U-{mark}"})
        account = self.change.get("account", self.said["account"])
        etree.SubElement(token, f"{{{WSSE}}}Username").text = account
        parts = [body, stamp] if self.change.get("unsigned") else [body, stamp, token]
        security.append(self.signature(parts))
        if "spoil" in self.change:
            old, new = self.change["spoil"]
            for each in body.iter():
                if each.text == old:
                    each.text = new
        return envelope, headers

    def signature(self, parts: list[_Element]) -> _Element:
        """Sign some parts."""
        root = etree.Element(f"{{{DS}}}Signature", nsmap={"ds": DS})
        info = etree.SubElement(root, f"{{{DS}}}SignedInfo")
        rsa = not isinstance(self.key, ec.EllipticCurvePrivateKey)
        method = f"{MORE}{'rsa' if rsa else 'ecdsa'}-sha256"
        method = f"{DS}rsa-sha1" if self.change.get("sha1") else method
        etree.SubElement(info, f"{{{DS}}}CanonicalizationMethod", Algorithm=EXCLUSIVE)
        etree.SubElement(info, f"{{{DS}}}SignatureMethod", Algorithm=method)
        for part in parts:
            one = etree.SubElement(info, f"{{{DS}}}Reference", URI=f"#{part.get(ID)}")
            inside = etree.SubElement(one, f"{{{DS}}}Transforms")
            etree.SubElement(inside, f"{{{DS}}}Transform", Algorithm=EXCLUSIVE)
            etree.SubElement(one, f"{{{DS}}}DigestMethod", Algorithm=SHA256)
            etree.SubElement(one, f"{{{DS}}}DigestValue").text = digest(part)
        value = self.value(canon(info), rsa=rsa)
        etree.SubElement(root, f"{{{DS}}}SignatureValue").text = base64.b64encode(value).decode()
        key = etree.SubElement(
            etree.SubElement(root, f"{{{DS}}}KeyInfo"), f"{{{WSSE}}}SecurityTokenReference"
        )
        pair = etree.SubElement(etree.SubElement(key, f"{{{DS}}}X509Data"), f"{{{DS}}}X509IssuerSerial")
        name = ", ".join(reversed([part.rfc4514_string() for part in self.certificate.issuer.rdns]))
        etree.SubElement(pair, f"{{{DS}}}X509IssuerName").text = name
        etree.SubElement(pair, f"{{{DS}}}X509SerialNumber").text = str(self.certificate.serial_number)
        return root

    def value(self, data: bytes, *, rsa: bool) -> bytes:
        """The value of a signature."""
        if rsa:
            return bytes(self.key.sign(data, padding.PKCS1v15(), hashes.SHA256()))
        numbers = utils.decode_dss_signature(self.key.sign(data, ec.ECDSA(hashes.SHA256())))
        return b"".join(number.to_bytes(HALF, "big") for number in numbers)

    def verify(self, envelope: _Element) -> _Element:
        """Hold a signed answer against the certificate of the service; faults are not signed."""
        if envelope.find(f".//{{{SOAP}}}Fault") is not None:
            return envelope
        (info,) = envelope.iter(f"{{{DS}}}SignedInfo")
        value = base64.b64decode(envelope.findtext(f".//{{{DS}}}SignatureValue") or "")
        numbers = (int.from_bytes(value[:HALF], "big"), int.from_bytes(value[HALF:], "big"))
        key: Any = self.theirs.public_key()
        key.verify(utils.encode_dss_signature(*numbers), canon(info), ec.ECDSA(hashes.SHA256()))
        signed = set()
        for one in info.iterfind(f"{{{DS}}}Reference"):
            (part,) = (each for each in envelope.iter() if each.get(ID) == one.get("URI", "")[1:])
            if digest(deepcopy(part)) != one.findtext(f"{{{DS}}}DigestValue"):
                raise ValueError("the answer is not what was signed")
            signed.add(etree.QName(part).localname)
        if signed != {"Body", "Timestamp", "UsernameToken"}:
            raise ValueError(f"signed is {signed}")
        return envelope


def client(said: dict[str, Any], change: dict[str, Any]) -> zeep.Client:
    """A client of the served description."""
    session = requests.Session()
    session.trust_env = False
    session.verify, session.cert = said["ca"], (said["cert"], said["key"])
    session.headers["ENTITY_NAME"] = change.get("name", said["name"])
    session.hooks["response"].append(lambda answer, *_, **__: timed(said, answer))
    return zeep.Client(f"{said['url']}?wsdl", transport=Transport(session=session), wsse=Plugin(said, change))


def timed(said: dict[str, Any], answer: requests.Response) -> None:
    """Note how long a request took, from its first octet to the answer's head."""
    if answer.request.method == "POST":
        said["took"].append(answer.elapsed.total_seconds())


def price(said: dict[str, Any], change: dict[str, Any]) -> str:
    """Send a price; what it is called."""
    block = {
        "ProviderID": 41, "RateLabel": "Free nights", "IssuerEventID": 7, "UOM": 0, "Currency": "USD",
        "PriceTier": 1, "PriceTrailingDigit": 3, "StartTime": "0", "Duration": 55, "Price": 12777,
        **change.get("price", {}),
    }  # fmt: skip
    request = {**head(said, change), "PriceMessageBlock": block}
    answer = client(said, change).service.processPricingMessage(SMTxPPriceSignalRequest=request)
    return str(answer.RequestID)


def message(said: dict[str, Any], change: dict[str, Any]) -> str:
    """Send a message; what it is called."""
    block = {
        "MessageID": 9, "StartTime": "0", "DurationTime": 30, "Message": "Peak at four", "MCTransmission": 0,
        "MCPriority": change.get("priority", 1), "MCConfirmation": 0, **change.get("message", {}),
    }  # fmt: skip
    request = {**head(said, change), "SimpleMessageBlock": block}
    answer = client(said, change).service.processSimpleMessaging(SMTxPSimpleMessageRequest=request)
    return str(answer.RequestID)


def head(said: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """Who asks, and whom it is for."""
    listed = change.get("meters", ["10443720000000001"])
    addresses = [{"ESIID": each, "MeterSerialNumber": "0"} for each in listed]
    return {
        "RequestID": uuid.uuid4().hex, "RequesterType": change.get("type", 0),
        "RequesterAuthenticationID": change.get("duns", said["duns"]), "RequesterID": "zeep",
        "RequestPriority": "M", "AddressBlock": {"AddressList": {"Address": addresses}},
    }  # fmt: skip


SENDING = {"price": price, "message": message}


def main() -> None:
    """Do what is asked: both operations as wanted, then each change by itself, whose fault is told."""
    said = json.load(sys.stdin)
    wanted, took = said.get("wanted", {}), said.setdefault("took", [])
    found: dict[str, Any] = {name: SENDING[name](said, wanted) for name in said.get("kinds", SENDING)}
    found |= {"seconds": took, "faults": {}}
    for label, change in said["changes"].items():
        try:
            message(said, change)
            found["faults"][label] = "none"
        except zeep.exceptions.Fault as fault:
            found["faults"][label] = fault.code.rpartition(":")[2]
    print(json.dumps(found))


if __name__ == "__main__":
    main()
