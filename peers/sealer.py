"""A second foreign client of the SOAP service, on python-xmlsec; it runs in an environment of its own.

The envelope is a text, signed and verified by xmlsec: its template, its digests, its canonical forms. What is
to be done comes as JSON on standard input; what was answered goes to standard output as JSON.
"""

from __future__ import annotations

import json
import sys
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
import xmlsec
from lxml import etree
from lxml.etree import _Element

OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity"
WSSE, WSU = f"{OASIS}-secext-1.0.xsd", f"{OASIS}-utility-1.0.xsd"
ENVELOPE = f"""\
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
    xmlns:smt="http://schemas.esb.ams.com/smtxpmessaging">
  <soapenv:Header>
    <wsse:Security xmlns:wsse="{WSSE}" xmlns:wsu="{WSU}" soapenv:mustUnderstand="1">
      <wsu:Timestamp wsu:Id="T-1">
        <wsu:Created>%(begin)s</wsu:Created><wsu:Expires>%(end)s</wsu:Expires>
      </wsu:Timestamp>
      <wsse:UsernameToken wsu:Id="U-1"><wsse:Username>%(account)s</wsse:Username></wsse:UsernameToken>
    </wsse:Security>
  </soapenv:Header>
  <soapenv:Body xmlns:wsu="{WSU}" wsu:Id="B-1">%(content)s</soapenv:Body>
</soapenv:Envelope>"""
HEAD = """\
<RequestID>%(request)s</RequestID><RequesterType>0</RequesterType>
<RequesterAuthenticationID>%(duns)s</RequesterAuthenticationID><RequesterID>xmlsec</RequesterID>
<RequestPriority>L</RequestPriority><AddressBlock><AddressList><Address><ESIID>10443720000000001</ESIID>
<MeterSerialNumber>0</MeterSerialNumber></Address></AddressList></AddressBlock>"""
PRICE = f"""\
<smt:processPricingMessage><SMTxPPriceSignalRequest>{HEAD}<PriceMessageBlock><ProviderID>41</ProviderID>
<RateLabel>Free days</RateLabel><IssuerEventID>8</IssuerEventID><UOM>0</UOM><Currency>USD</Currency>
<PriceTier>1</PriceTier><PriceTrailingDigit>3</PriceTrailingDigit><StartTime>0</StartTime>
<Duration>55</Duration><Price>12777</Price></PriceMessageBlock></SMTxPPriceSignalRequest>
</smt:processPricingMessage>"""
MESSAGE = f"""\
<smt:processSimpleMessaging><SMTxPSimpleMessageRequest>{HEAD}<SimpleMessageBlock><MessageID>10</MessageID>
<StartTime>0</StartTime><DurationTime>30</DurationTime><Message>Peak at five</Message>
<MCTransmission>0</MCTransmission><MCPriority>1</MCPriority><MCConfirmation>0</MCConfirmation>
</SimpleMessageBlock></SMTxPSimpleMessageRequest></smt:processSimpleMessaging>"""


def signed(said: dict[str, Any], content: str, name: str) -> bytes:
    """A signed envelope."""
    begin = datetime.now(UTC)
    stamps = {
        key: f"{at:%Y-%m-%dT%H:%M:%SZ}" for key, at in (("begin", begin), ("end", begin + timedelta(0, 300)))
    }
    inside = content % {"request": name, "duns": said["duns"]}
    root = etree.fromstring(ENVELOPE % {**stamps, "account": said["account"], "content": inside})
    (security,) = root.iter(f"{{{WSSE}}}Security")
    template = xmlsec.template.create(
        root, xmlsec.constants.TransformExclC14N, xmlsec.constants.TransformEcdsaSha256
    )
    security.append(template)
    for mark in ("B-1", "T-1", "U-1"):
        one = xmlsec.template.add_reference(template, xmlsec.constants.TransformSha256, uri=f"#{mark}")
        xmlsec.template.add_transform(one, xmlsec.constants.TransformExclC14N)
    info = xmlsec.template.ensure_key_info(template)
    token = etree.SubElement(info, f"{{{WSSE}}}SecurityTokenReference")
    data = xmlsec.template.add_x509_data(info)
    token.append(data)
    pair = xmlsec.template.x509_data_add_issuer_serial(data)
    xmlsec.template.x509_issuer_serial_add_issuer_name(pair, said["issuer"])
    xmlsec.template.x509_issuer_serial_add_serial_number(pair, said["serial"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_file(said["secret"], xmlsec.constants.KeyDataFormatPem)
    registered(context, root)
    context.sign(template)
    return bytes(etree.tostring(root))


def registered(context: xmlsec.SignatureContext, root: _Element) -> None:
    """Tell the library which attributes are ids."""
    for part in root.iter():
        if part.get(f"{{{WSU}}}Id"):
            context.register_id(part, "Id", WSU)


def verified(said: dict[str, Any], data: bytes) -> str:
    """What a signed answer calls the request."""
    root = etree.fromstring(data)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_file(said["theirs"], xmlsec.constants.KeyDataFormatCertPem)
    registered(context, root)
    (sealed,) = root.iter("{http://www.w3.org/2000/09/xmldsig#}Signature")
    context.verify(sealed)
    return str(root.findtext(".//RequestID"))


def main() -> None:
    """Do both operations."""
    said = json.load(sys.stdin)
    found = {}
    session = requests.Session()
    session.trust_env = False
    heads = {"ENTITY_NAME": said["name"], "Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}
    for kind, content in (("price", PRICE), ("message", MESSAGE)):
        name = uuid.uuid4().hex
        answer = session.post(
            said["url"], data=signed(said, content, name), headers=heads, timeout=30,
            cert=(said["cert"], said["key"]), verify=said["ca"],
        )  # fmt: skip
        found[kind] = verified(said, answer.content) == name if answer.ok else answer.text
    print(json.dumps(found))


if __name__ == "__main__":
    main()
