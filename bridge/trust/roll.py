"""The decision log as a file: JSON lines, so that any tool reads it, and each record letter for letter.

The first line says what it is; then the certificates of signers, then records in the order of their numbers,
each checkpoint behind the record that it covers. A record stands in its line with the very bytes that its
digest is of. Reading judges nothing: `bridge.trust.proof` does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bridge.trust import checkpoint, identity
from bridge.trust.checkpoint import Seal
from bridge.trust.log import Entry
from bridge.trust.proof import Keys

FIRST = {"log": "derbridge decisions", "edition": 1}


class Line(NamedTuple):
    """What a line holds: one of these."""

    entry: Entry | None = None
    seal: Seal | None = None
    signer: x509.Certificate | None = None


def head(signers: Mapping[str, bytes]) -> Iterator[str]:
    """The lines before the first record: certificates are given in DER, by LFDI."""
    yield json.dumps(FIRST)
    for lfdi, certificate in sorted(signers.items()):
        pem = x509.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM).decode()
        yield json.dumps({"signer": lfdi, "certificate": pem})


def lines(entries: Iterable[Entry], seals: Sequence[Seal]) -> Iterator[str]:
    """The lines of records, each checkpoint behind what it covers."""
    covered = {seal.number: seal for seal in seals}
    for entry in entries:
        yield f'{{"digest":"{entry.digest}","record":{entry.body.decode("utf-8", "backslashreplace")}}}'
        if seal := covered.get(entry.number):
            yield json.dumps(
                {"checkpoint": seal.token, "at": seal.at, "number": seal.number, "signer": seal.signer}
            )


def read(text: str) -> Line:
    """Read a line; ValueError for one that is none of this log's."""
    said = json.loads(text)
    try:
        if "record" in said:
            return Line(entry=_entry(text, said))
        if "checkpoint" in said:
            return Line(seal=Seal(said["number"], said["at"], said["signer"], said["checkpoint"]))
        if "signer" in said:
            return Line(signer=x509.load_pem_x509_certificate(said["certificate"].encode()))
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"is no line of a decision log: {error!r}") from error
    if said != FIRST:
        raise ValueError("is no line of a decision log")
    return Line()


def _entry(text: str, said: Mapping[str, Any]) -> Entry:
    """A record: its number is what it says itself, its bytes are those of the line."""
    start = f'{{"digest":"{said["digest"]}","record":'
    number = said["record"]["number"]
    if not text.startswith(start) or type(number) is not int:
        raise ValueError("is not written as records are")
    return Entry(number, text[len(start) : -1].encode(), said["digest"])


def keys(certificates: Iterable[x509.Certificate]) -> Keys:
    """The keys of certificates, by LFDI."""
    return {identity.lfdi(one.public_bytes(Encoding.DER)): checkpoint.public(one) for one in certificates}
