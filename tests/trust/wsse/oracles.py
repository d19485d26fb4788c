"""What xmlsec and signxml say of an envelope, each used as its own documentation shows; and signing by them.

They judge the signature alone: whether what was signed is what would be processed is the caller's to see. A
case may cost them seconds, so `python -m tests.trust.wsse.oracles` gives each a process of its own with a
bound on its processor time, and prints the verdicts as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable

import xmlsec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree
from lxml.etree import _Element
from signxml.algorithms import CanonicalizationMethod, SignatureConstructionMethod, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.signer import SignatureReference, XMLSigner
from signxml.verifier import SignatureConfiguration, XMLVerifier

from bridge.trust.wsse.refusal import DS, WSSE
from tests.trust.wsse.making import REP, WHOLE, Party, key_info
from tests.trust.wsse.table import CASES

SECONDS = 2
"""Of processor time, after which a verdict is waited for no longer."""
IDS = ("Id", "ID", "id")
PARTS = ("Timestamp-1", "Token-1", "Body-1")


def by_xmlsec(data: bytes, who: Party = REP) -> bool:
    """Whether xmlsec's verification succeeds by the certificate that we hold."""
    try:
        root = etree.fromstring(data)
        xmlsec.tree.add_ids(root, IDS)
        node = xmlsec.tree.find_node(root, xmlsec.constants.NodeSignature)
        if node is None:
            return False
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(who.pem, xmlsec.constants.KeyDataFormatCertPem)
        context.verify(node)
    except (xmlsec.Error, etree.LxmlError, ValueError, TypeError):
        return False
    return True


def by_signxml(data: bytes, who: Party = REP) -> bool:
    """Whether signxml's verification succeeds by the certificate that we hold, with three references."""
    try:
        XMLVerifier().verify(
            etree.fromstring(data),
            x509_cert=who.certificate,
            expect_config=SignatureConfiguration(expect_references=3),
        )
    except (SignXMLException, etree.LxmlError, ValueError, TypeError, KeyError, OSError):
        return False
    return True


JUDGES: dict[str, Callable[[bytes], bool]] = {"xmlsec": by_xmlsec, "signxml": by_signxml}


def signed_by_xmlsec(who: Party) -> bytes:
    """The good envelope, signed by xmlsec."""
    root = etree.fromstring(WHOLE.replace("@@", ""))
    constants = xmlsec.constants
    method = constants.TransformEcdsaSha256 if elliptic(who) else constants.TransformRsaSha256
    node = xmlsec.template.create(root, constants.TransformExclC14N, method)
    for mark in PARTS:
        reference = xmlsec.template.add_reference(node, constants.TransformSha256, uri=f"#{mark}")
        xmlsec.template.add_transform(reference, constants.TransformExclC14N)
    root[0][0].append(node)
    xmlsec.tree.add_ids(root, IDS)
    context = xmlsec.SignatureContext()
    pem = who.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    context.key = xmlsec.Key.from_memory(pem, constants.KeyDataFormatPem)
    context.sign(node)
    node.append(named(who))
    return etree.tostring(root)


def signed_by_signxml(who: Party) -> bytes:
    """The good envelope, signed by signxml."""
    root = etree.fromstring(WHOLE.replace("@@", ""))
    signer = XMLSigner(
        method=SignatureConstructionMethod.detached,
        signature_algorithm=SignatureMethod.ECDSA_SHA256 if elliptic(who) else SignatureMethod.RSA_SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    references = [SignatureReference(URI=f"#{mark}") for mark in PARTS]
    made = signer.sign(
        root, key=who.key, cert=[who.certificate], reference_uri=references, key_info=named(who)
    )
    root[0][0].append(made)
    return etree.tostring(root)


def elliptic(who: Party) -> bool:
    return isinstance(who.key, ec.EllipticCurvePrivateKey)


def named(who: Party) -> _Element:
    """KeyInfo as the form of the interface has it."""
    text = key_info(who).replace("<KeyInfo>", f'<KeyInfo xmlns="{DS}" xmlns:wsse="{WSSE}">')
    return etree.fromstring(text)


def verdict(judge: Callable[[bytes], bool], data: bytes) -> str:
    """What a judge says in a process of its own; `stopped` if it took too long."""
    reader, writer = os.pipe()
    if not (child := os.fork()):
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
        os.write(writer, b"accepted" if judge(data) else b"refused")
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        said = stream.read()
    os.waitpid(child, 0)
    return said or "stopped"


def main() -> None:
    """Print each judge's verdict on each case."""
    found = {
        case.name: {name: verdict(judge, case.data()) for name, judge in JUDGES.items()} for case in CASES
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
