"""Companies, their certificates and their requests for tests of the chain: good ones, or wrong in a thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from lxml import etree

from bridge.soap import chain
from bridge.soap.chain import Came, Case, Terms
from bridge.soap.entity import Entity, Kind
from bridge.trust.wsse.algorithms import EXCLUSIVE
from bridge.trust.wsse.refusal import DS
from tests.trust.wsse.making import (
    CREATED,
    EXPIRES,
    NOW,
    REP,
    USER,
    WHOLE,
    Party,
    Reference,
    Seal,
    exclusive,
    key_info,
    party,
    signed,
)

LFDI, OTHER = "AB" * 20, "CD" * 20
AUDIENCE = "gateway.example"
ASSERTER = party(ec.generate_private_key(ec.SECP256R1()), "issuer of assertions")
RETAIL = Entity("REP", Kind.REP, 0, "CNP", "799530220", (LFDI,), REP.pem)
WIRES = Entity(
    "WIRES", Kind.TDSP, 0, "CNP", "799530220", (LFDI,), REP.pem, issuer="idp.example", asserter=ASSERTER.pem
)
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"


class Held:
    """A store of signers: one certificate for each company."""

    def __init__(self, *entities: Entity, refused: str = "") -> None:
        self._held = {each.name: each for each in entities}
        self._refused = refused

    def signers(self, entity: str) -> Sequence[x509.Certificate]:
        found = self._held.get(entity)
        return x509.load_pem_x509_certificates(found.signer.encode()) if found else ()

    def refused(self, certificate: x509.Certificate) -> str:
        del certificate
        return self._refused


def case(text: str | None = None, entity: Entity | None = RETAIL, **more: Any) -> Case:
    """A case of a request, which is a good one unless something is said."""
    fields = {"media": "text/xml", "names": ("REP",), "lfdi": LFDI} | {
        name: more.pop(name) for name in ("media", "names", "lfdi") if name in more
    }
    came = Came(**fields, data=(signed() if text is None else text).encode())
    terms = Terms(audience=AUDIENCE)._replace(**more.pop("terms", {}))
    held = more.pop("held", None) or Held(*([entity] if entity else []))
    return Case(came, entity, held, terms, more.pop("now", NOW + 10))


def walked(one: Case, *, repeated: bool = False) -> Case:
    """Take a case through the whole chain."""
    chain.walk(one, chain.PROOF)
    one.repeated = repeated
    chain.walk(one, chain.CLAIM)
    return one


def assertion(who: Party = ASSERTER, mark: str = "A-1", *, sealed: bool = True, **said: str) -> str:
    """An assertion about an account; every part can be another."""
    parts = {
        "issuer": "idp.example", "subject": "CNP", "audience": AUDIENCE, "issued": CREATED,
        "begins": CREATED, "ends": EXPIRES, "more": "", "gap": "",
    } | said  # fmt: skip
    text = (
        f'<s:Assertion xmlns:s="{SAML}" Version="2.0" ID="{mark}" IssueInstant="{parts["issued"]}">'
        f"<s:Issuer>{parts['issuer']}</s:Issuer>@@{parts['gap']}<s:Subject><s:NameID>{parts['subject']}</s:NameID></s:Subject>"
        f'<s:Conditions NotBefore="{parts["begins"]}" NotOnOrAfter="{parts["ends"]}"><s:AudienceRestriction>'
        f"<s:Audience>{parts['audience']}</s:Audience></s:AudienceRestriction></s:Conditions>"
        f"{parts['more']}</s:Assertion>"
    )
    if not sealed:
        return text.replace("@@", "")
    bare = etree.fromstring(text.replace("@@", ""))
    inside = f'<Transform Algorithm="{DS}enveloped-signature"/><Transform Algorithm="{EXCLUSIVE}"/>'
    return signed(
        text, Seal((Reference(f"#{mark}", inside, octets=lambda _: exclusive(bare)),), who, key=" ")
    )


def asserted(token: str | None = None, body: str = WHOLE, mark: str = "A-1", who: Any = None) -> str:
    """A request with an assertion in place of the name, signed like everything else."""
    token = assertion() if token is None else token
    made = body.replace(USER, token)
    whole = etree.fromstring(made.replace("@@", ""))
    held = next(whole.iter(f"{{{SAML}}}Assertion"))
    three = (
        Reference("#Body-1"), Reference("#Timestamp-1"),
        Reference(f"#{mark}", octets=lambda _: exclusive(held)),
    )  # fmt: skip
    if who is None:
        return signed(made, Seal(three))
    key = key_info(who, who.certificate.issuer.rfc4514_string())
    return signed(made, Seal(three, who, key=key))


def legacy(entity: Entity = RETAIL, until: int = NOW + 60) -> Entity:
    """A company that may still sign with SHA-1."""
    return replace(entity, legacy=until)
