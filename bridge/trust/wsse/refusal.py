"""Why a signed envelope is refused: each reason by one name, with the fault that the wire is told.

Fault codes are those of SOAP 1.1 section 4.4.1 and of WS-Security 1.1 section 12. The reason and its sentence
are for the log; the sender gets the fault code and a general text, so that a forger learns nothing. It holds
no check: those are beside it.
"""

from __future__ import annotations

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity"
WSSE = f"{OASIS}-secext-1.0.xsd"
WSU = f"{OASIS}-utility-1.0.xsd"
DS = "http://www.w3.org/2000/09/xmldsig#"

CLIENT = f"{{{SOAP}}}Client"
FAULTS = {
    CLIENT: (
        "bytes", "encoding", "dtd", "comment", "instruction", "syntax", "elements", "depth", "attributes",
        "namespaces", "text", "envelope",
    ),
    f"{{{SOAP}}}VersionMismatch": ("version",),
    f"{{{SOAP}}}MustUnderstand": ("mandatory",),
    f"{{{WSSE}}}InvalidSecurity": ("security", "identifier", "signature", "timestamp", "type"),
    f"{{{WSSE}}}UnsupportedSecurityToken": ("token", "key"),
    f"{{{WSSE}}}UnsupportedAlgorithm": ("algorithm", "transform"),
    f"{{{WSSE}}}SecurityTokenUnavailable": ("signer",),
    f"{{{WSSE}}}InvalidSecurityToken": ("certificate", "assertion"),
    f"{{{WSSE}}}FailedCheck": ("coverage", "reference", "digest", "value"),
    f"{{{WSU}}}MessageExpired": ("expired", "future", "lifetime"),
}  # fmt: skip
"""Fault code to the names of the reasons that are told by it; the first are `bridge.mapping.guard`'s."""
REASONS = {reason: fault for fault, reasons in FAULTS.items() for reason in reasons}
"""The same by reason."""


class Rejected(ValueError):
    """An envelope is not accepted: `reason` is a name in REASONS, `detail` a sentence for the log."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail

    @property
    def fault(self) -> str:
        """The fault code, `{namespace}name`."""
        return REASONS[self.reason]
