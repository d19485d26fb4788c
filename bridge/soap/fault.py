"""Why a request has no effect: reasons for the log, and the SOAP 1.1 fault that the wire is told.

SOAP 1.1 section 4.4, WS-Security 1.1 section 12. Who is not known is told a code and a general text; only who
has passed the whole chain is told a reason, as an application's fault. A fault is never signed.
"""

from __future__ import annotations

from collections.abc import Mapping

from lxml.etree import Element, SubElement, tostring

from bridge.trust.wsse.refusal import CLIENT, REASONS, SOAP, WSSE, WSU

FAILED = f"{{{WSSE}}}FailedAuthentication"
EXPIRED = f"{{{WSU}}}MessageExpired"
SERVER = f"{{{SOAP}}}Server"
CODES: Mapping[str, str] = {
    **REASONS,
    **dict.fromkeys(("media", "name", "schema", "operation", "addresses", "serial"), CLIENT),
    **dict.fromkeys(("application", "retired"), CLIENT),
    **dict.fromkeys(("entity", "account", "duns", "right"), FAILED),
    "replay": EXPIRED,
    "server": SERVER,
}
"""Fault code by the name of a reason."""
TEXTS: Mapping[str, str] = {
    "Client": "The request is not one of this service",
    "Server": "The service failed; the request had no effect",
    "VersionMismatch": "The envelope is not one of SOAP 1.1",
    "MustUnderstand": "A header that must be understood is not",
    "InvalidSecurity": "An error was found in the security header",
    "UnsupportedSecurityToken": "An unsupported token was provided",
    "UnsupportedAlgorithm": "An unsupported signature or digest algorithm was used",
    "SecurityTokenUnavailable": "The referenced security token could not be retrieved",
    "InvalidSecurityToken": "An invalid security token was provided",
    "FailedCheck": "The signature was invalid",
    "FailedAuthentication": "The sender could not be authenticated",
    "MessageExpired": "The message has expired",
}
"""What a fault says in words, by the local part of its code."""
PREFIXES: Mapping[str, str] = {"soapenv": SOAP, "wsse": WSSE, "wsu": WSU}
MEDIA = "text/xml"
STATUS, GONE = 500, 410
"""HTTP's status of a fault (SOAP 1.1, 6.2), and of one that says that an operation is retired."""
TOLD = frozenset({"application", "retired"})
"""Reasons that the sender is told."""


class Refused(ValueError):
    """A request has no effect: in which state of the chain, why, and a sentence for the log."""

    def __init__(self, state: str, reason: str, detail: str) -> None:
        super().__init__(f"{state}: {reason}: {detail}")
        self.state = state
        self.reason = reason
        self.detail = detail

    @property
    def status(self) -> int:
        """The status of HTTP."""
        return GONE if self.reason == "retired" else STATUS

    @property
    def told(self) -> str:
        """What the sender is told beside the code."""
        return self.detail if self.reason in TOLD else ""

    @property
    def code(self) -> str:
        """The fault code, `{namespace}name`."""
        return CODES[self.reason]


def body(code: str, told: str = "") -> bytes:
    """The envelope of a fault; `told` is a reason for a sender who is known."""
    space, _, local = code[1:].partition("}")
    prefix = next(name for name, each in PREFIXES.items() if each == space)
    root = Element(f"{{{SOAP}}}Envelope", nsmap=dict(PREFIXES))
    fault = SubElement(SubElement(root, f"{{{SOAP}}}Body"), f"{{{SOAP}}}Fault")
    SubElement(fault, "faultcode").text = f"{prefix}:{local}"
    SubElement(fault, "faultstring").text = told or TEXTS[local]
    return tostring(root, xml_declaration=True, encoding="UTF-8")
