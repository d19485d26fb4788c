"""The numbers of TLS that a server is sounded with, and what they are called.

From the registry of TLS parameters (RFC 8447); suites are called as OpenSSL calls them, because that is what
is written into configurations. Tables only.
"""

from __future__ import annotations

SSL3, TLS10, TLS11, TLS12, TLS13 = 0x0300, 0x0301, 0x0302, 0x0303, 0x0304
VERSIONS = {SSL3: "SSLv3", TLS10: "TLSv1.0", TLS11: "TLSv1.1", TLS12: "TLSv1.2", TLS13: "TLSv1.3"}

NEW = {
    0x1301: "TLS_AES_128_GCM_SHA256",
    0x1302: "TLS_AES_256_GCM_SHA384",
    0x1303: "TLS_CHACHA20_POLY1305_SHA256",
    0x1304: "TLS_AES_128_CCM_SHA256",
    0x1305: "TLS_AES_128_CCM_8_SHA256",
}
"""Suites of TLS 1.3."""

CCM8 = 0xC0AE
OLD = {
    CCM8: "ECDHE-ECDSA-AES128-CCM8", 0xC02B: "ECDHE-ECDSA-AES128-GCM-SHA256",
    0xC02C: "ECDHE-ECDSA-AES256-GCM-SHA384", 0xC0AC: "ECDHE-ECDSA-AES128-CCM",
    0xC0AD: "ECDHE-ECDSA-AES256-CCM", 0xC0AF: "ECDHE-ECDSA-AES256-CCM8",
    0xCCA9: "ECDHE-ECDSA-CHACHA20-POLY1305", 0xC02F: "ECDHE-RSA-AES128-GCM-SHA256",
    0xC030: "ECDHE-RSA-AES256-GCM-SHA384", 0xCCA8: "ECDHE-RSA-CHACHA20-POLY1305",
    0x009E: "DHE-RSA-AES128-GCM-SHA256", 0x009F: "DHE-RSA-AES256-GCM-SHA384",
    0xCCAA: "DHE-RSA-CHACHA20-POLY1305", 0xC09E: "DHE-RSA-AES128-CCM", 0xC09F: "DHE-RSA-AES256-CCM",
    0xC0A2: "DHE-RSA-AES128-CCM8", 0xC0A3: "DHE-RSA-AES256-CCM8",
    0xC023: "ECDHE-ECDSA-AES128-SHA256", 0xC024: "ECDHE-ECDSA-AES256-SHA384",
    0xC027: "ECDHE-RSA-AES128-SHA256", 0xC028: "ECDHE-RSA-AES256-SHA384",
    0xC009: "ECDHE-ECDSA-AES128-SHA", 0xC00A: "ECDHE-ECDSA-AES256-SHA", 0xC013: "ECDHE-RSA-AES128-SHA",
    0xC014: "ECDHE-RSA-AES256-SHA", 0x0067: "DHE-RSA-AES128-SHA256", 0x006B: "DHE-RSA-AES256-SHA256",
    0x0033: "DHE-RSA-AES128-SHA", 0x0039: "DHE-RSA-AES256-SHA", 0x0045: "DHE-RSA-CAMELLIA128-SHA",
    0x0088: "DHE-RSA-CAMELLIA256-SHA", 0x009C: "AES128-GCM-SHA256", 0x009D: "AES256-GCM-SHA384",
    0xC09C: "AES128-CCM", 0xC09D: "AES256-CCM", 0xC0A0: "AES128-CCM8", 0xC0A1: "AES256-CCM8",
    0x003C: "AES128-SHA256", 0x003D: "AES256-SHA256", 0x002F: "AES128-SHA", 0x0035: "AES256-SHA",
    0x0041: "CAMELLIA128-SHA", 0x0084: "CAMELLIA256-SHA", 0x0096: "SEED-SHA", 0x0007: "IDEA-CBC-SHA",
    0xC008: "ECDHE-ECDSA-DES-CBC3-SHA", 0xC012: "ECDHE-RSA-DES-CBC3-SHA", 0x0016: "DHE-RSA-DES-CBC3-SHA",
    0x000A: "DES-CBC3-SHA", 0xC007: "ECDHE-ECDSA-RC4-SHA", 0xC011: "ECDHE-RSA-RC4-SHA", 0x0005: "RC4-SHA",
    0x0004: "RC4-MD5", 0x0009: "DES-CBC-SHA", 0x0003: "EXP-RC4-MD5", 0x0008: "EXP-DES-CBC-SHA",
    0x00A6: "ADH-AES128-GCM-SHA256", 0x00A7: "ADH-AES256-GCM-SHA384", 0x0034: "ADH-AES128-SHA",
    0x003A: "ADH-AES256-SHA", 0xC018: "AECDH-AES128-SHA", 0xC019: "AECDH-AES256-SHA",
    0x0018: "ADH-RC4-MD5", 0xC006: "ECDHE-ECDSA-NULL-SHA", 0xC010: "ECDHE-RSA-NULL-SHA",
    0xC015: "AECDH-NULL-SHA", 0x003B: "NULL-SHA256", 0x0002: "NULL-SHA", 0x0001: "NULL-MD5",
}  # fmt: skip
"""Suites of TLS 1.2 and before, in the order in which they are offered."""
SUITES = {**NEW, **OLD}
SECRET = ("TLS_", "ECDHE-", "DHE-", "ADH-", "AECDH-")
"""How the suites begin that keep a recording secret when the key becomes known."""
WEAK = ("NULL", "EXP-", "ADH-", "AECDH-", "RC4", "DES", "MD5", "IDEA", "SEED")
"""What a suite contains that is no protection any more."""

P256, X25519 = 23, 29
GROUPS = {P256: "P-256", X25519: "X25519", 24: "P-384", 25: "P-521", 30: "X448", 256: "ffdhe2048"}

ALERTS = {
    0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 22: "record_overflow",
    40: "handshake_failure", 42: "bad_certificate", 43: "unsupported_certificate",
    44: "certificate_revoked", 45: "certificate_expired", 46: "certificate_unknown",
    47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied", 50: "decode_error",
    51: "decrypt_error", 70: "protocol_version", 71: "insufficient_security", 80: "internal_error",
    86: "inappropriate_fallback", 90: "user_canceled", 109: "missing_extension",
    110: "unsupported_extension", 112: "unrecognized_name", 116: "certificate_required",
    120: "no_application_protocol",
}  # fmt: skip


def called(table: dict[int, str], number: int) -> str:
    """What a number is called, or the number itself."""
    return table.get(number, f"0x{number:04X}")
