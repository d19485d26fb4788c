"""What the issuers of a folder have revoked, and the numbers of their lists: `register.json` beside the keys.

It is changed by one command at a time and replaced as a whole, so that a number is never given twice (RFC
5280 5.2.3). Lists are made from it; it is never made from them. No key stands in it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from cryptography import x509
from pydantic import BaseModel, ConfigDict, NonNegativeInt, TypeAdapter, ValidationError

from bridge.app.fault import Fault
from bridge.trust.crl import Withdrawn
from bridge.trust.folder import Folder

NAME = "register.json"


class Entry(BaseModel):
    """A certificate that is revoked."""

    model_config = ConfigDict(extra="forbid")

    at: datetime
    reason: x509.ReasonFlags


class Ledger(BaseModel):
    """What an issuer has said so far."""

    model_config = ConfigDict(extra="forbid")

    number: NonNegativeInt = 0
    """Of its last list."""
    revoked: dict[str, Entry] = {}
    """By serial number, in hexadecimal digits."""

    def withdrawn(self) -> Iterator[Withdrawn]:
        """Give what its next list says."""
        return (Withdrawn(int(serial, 16), one.at, one.reason) for serial, one in self.revoked.items())

    def get(self, number: int) -> Withdrawn | None:
        """What it says of a certificate."""
        return next((one for one in self.withdrawn() if one.number == number), None)


FORM = TypeAdapter(dict[str, Ledger])


def read(folder: Folder) -> dict[str, Ledger]:
    """Read the register; an issuer that is not in it has revoked nothing."""
    file = folder.path / NAME
    try:
        return FORM.validate_json(file.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise Fault(str(file), error.strerror or "cannot be read") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise Fault(str(file), first["msg"], path=".".join(map(str, first["loc"]))) from error


@contextmanager
def held(folder: Folder) -> Iterator[dict[str, Ledger]]:
    """Read the register and hold it against other commands; `save` writes what was changed."""
    handle = os.open(folder.path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield read(folder)
    finally:
        os.close(handle)


def save(folder: Folder, ledgers: dict[str, Ledger]) -> None:
    """Write the register."""
    put(folder.path / NAME, FORM.dump_json(ledgers, indent=2) + b"\n", 0o600)


def put(file: Path, data: bytes, mode: int = 0o644) -> None:
    """Write a file in place of the one that is there, at once and whole."""
    new = file.with_name(f".{file.name}.new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(file)
