"""Bits of a report control block by name: optional fields, triggers, reasons for inclusion.

Bit 0 of each is reserved (IEC 61850-8-1, report control blocks). A bit string is text of 0 and 1 here. What a
bit means is decided where it is used.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

OPTIONS = (
    "reserved",
    "sequence-number",
    "report-time-stamp",
    "reason-for-inclusion",
    "data-set-name",
    "data-reference",
    "buffer-overflow",
    "entryID",
    "conf-revision",
    "segmentation",
)
"""OptFlds: what a report carries beside its values."""
TRIGGERS = ("reserved", "dchg", "qchg", "dupd", "integrity", "gi")
"""TrgOps, and in the same order the reasons for which a member stands in a report."""
UNBUFFERED = frozenset(OPTIONS) - {"buffer-overflow", "entryID"}
"""Options that mean something where nothing is buffered."""
CHANGES = ("dchg", "qchg", "dupd")


def text(names: Collection[str], of: Sequence[str]) -> str:
    """The bit string that has these bits set."""
    return "".join("01"[name in names] for name in of)


def names(bits: str, of: Sequence[str]) -> frozenset[str]:
    """The bits that are set, the reserved one left out; bits beyond the known ones say nothing."""
    return frozenset(name for name, bit in zip(of, bits, strict=False) if bit == "1") - {"reserved"}


def merged(one: str, other: str) -> str:
    """The bits of both."""
    return "".join("01"["1" in pair] for pair in zip(one, other, strict=True))
