"""The object identifiers, moments and shapes that 2030.5 certificates are made of and judged by.

IEEE 2030.5-2018 clause 6.11: policies stand in the arc 1.3.6.1.4.1.40732, a device is named by a hardware
module name (RFC 4108) and never expires (RFC 5280 4.1.2.5). Tables only: makers are in issue.py, the judge is
in chain.py.
"""

from __future__ import annotations

from datetime import UTC, datetime

from cryptography.x509 import ObjectIdentifier
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

SINCE = datetime(2020, 1, 1, tzinfo=UTC)
"""When certificates begin that are made with no other moment given."""
NEVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
"""The end of a certificate that has none."""

ARC = "1.3.6.1.4.1.40732"
ANY_POLICY = ObjectIdentifier("2.5.29.32.0")
POLICIES = {
    "genesis": ObjectIdentifier(f"{ARC}.1.1"),
    "mobile": ObjectIdentifier(f"{ARC}.1.2"),
    "manufactured": ObjectIdentifier(f"{ARC}.1.3"),
    "test": ObjectIdentifier(f"{ARC}.2.1"),
    "selfsigned": ObjectIdentifier(f"{ARC}.2.2"),
    "service": ObjectIdentifier(f"{ARC}.2.3"),
    "bulk": ObjectIdentifier(f"{ARC}.2.4"),
}
"""What a certificate was issued for."""

MODULE_NAME = ObjectIdentifier("1.3.6.1.5.5.7.8.4")
"""HardwareModuleName, the kind of an otherName."""
HARDWARE = ObjectIdentifier("1.3.6.1.4.1.40732.99.1")
"""Hardware type of the devices that we make up for tests and simulation."""

XMPP_ADDRESS = ObjectIdentifier("1.3.6.1.5.5.7.8.5")
"""xmppAddr, the kind of an otherName that an XMPP entity is known by (RFC 6120 13.7.1.4)."""
ROLE_EXTENSIONS = (ObjectIdentifier("1.2.840.10070.8.1"), ObjectIdentifier("1.0.62351.8.1"))
"""Where roles of IEC 62351-8 stand in a certificate; the first is what we write."""
ROLES = {
    "VIEWER": 0,
    "OPERATOR": 1,
    "ENGINEER": 2,
    "INSTALLER": 3,
    "SECADM": 4,
    "SECAUD": 5,
    "RBACMNT": 6,
}
"""The roles of IEC 62351-8; negative numbers are private."""

CONSTRAINTS = ExtensionOID.NAME_CONSTRAINTS
MAPPINGS = ExtensionOID.POLICY_MAPPINGS
FORBIDDEN = {CONSTRAINTS: "name constraints", MAPPINGS: "policy mappings"}
"""Extensions that no certificate of a chain may carry, critical or not."""
KNOWN = frozenset({
    ExtensionOID.BASIC_CONSTRAINTS,
    ExtensionOID.KEY_USAGE,
    ExtensionOID.EXTENDED_KEY_USAGE,
    ExtensionOID.CERTIFICATE_POLICIES,
    ExtensionOID.POLICY_CONSTRAINTS,
    ExtensionOID.INHIBIT_ANY_POLICY,
    ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
    ExtensionOID.ISSUER_ALTERNATIVE_NAME,
    ExtensionOID.SUBJECT_KEY_IDENTIFIER,
    ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
})  # fmt: skip
"""Extensions that may be critical: each is understood here, or by the library that verifies the path."""

CLIENT = frozenset({ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE})
SERVER = frozenset({ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE})
"""Of extended key usages, where they are given, one of these is needed."""

LEAST, MOST = 2, 4
"""How many certificates a chain has, root and device included: COMM-004A to C."""
