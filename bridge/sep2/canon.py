"""Documents as objects, and objects as canonical records, for whoever stores a resource.

A row keeps the document as accepted and, for the DER function set, the canonical message that it stands for
(design decision 6). What was read once is kept by its bytes, so that a list of events is not parsed for each
reader. Never touches the shelf and never decides what is allowed.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from bridge.mapping import sep2, xml
from bridge.mapping.profile import load
from bridge.mapping.table import Unrepresentable
from bridge.sep2 import names
from bridge.sep2.shelf import Row
from bridge.sep2.talk import Told
from bridge.sep2.work import Body, Work
from models import kit
from models.der import messages

PROFILES = {"2018": "2018", "aus12": "csip-aus-1.2", "aus13": "csip-aus-1.3", "2023": "2023"}
"""The profile that a document of ours is written in, by the edition that can say it."""


@lru_cache(maxsize=8192)
def parsed(data: bytes, profile: str) -> kit.Model:
    """Give the object that stored bytes stand for."""
    return xml.read(data, load(profile))


def obj(row: Row) -> Any:  # noqa: ANN401 - the classes of four editions share names, not ancestors
    """Give the object that a row stands for."""
    return parsed(row.body, row.profile)


def amended(body: Body, **fields: object) -> bytes:
    """Give an accepted document with some fields set anew, and with what its profile keeps beside it."""
    if not fields:
        return body.data
    profile = load(body.profile)
    read = xml.document(body.data, profile)
    return xml.write(read.root.model_copy(update=fields), profile, foreign=read.foreign)


def amended_row(row: Row, **fields: object) -> bytes:
    """Give the document of a row with some fields set anew."""
    return amended(Body(row.body, obj(row), row.type, row.profile), **fields)


def envelope(
    work: Work, href: str, devices: tuple[str, ...] = (), groups: tuple[str, ...] = ()
) -> sep2.Envelope:
    """Give what a message that comes in by this request says of itself."""
    usual = messages.Door.operator if work.caller.role == "operator" else messages.Door.sep2
    door = messages.Door(work.door) if work.door else usual
    about = _origin(work.caller.lfdi, door), _target(devices, groups)
    correlation = work.ask.correlation or None if work.door else None
    return sep2.Envelope(f"{href}@{work.now}", *about, Decimal(work.now), correlation)


@lru_cache(maxsize=1024)
def _origin(party: str, door: messages.Door) -> messages.Origin:
    return messages.Origin(party=party, door=door)


@lru_cache(maxsize=8192)
def _target(devices: tuple[str, ...], groups: tuple[str, ...]) -> messages.Target:
    return messages.Target(device=devices, group=groups)


def record(made: kit.Model, profile: str, about: sep2.Envelope, **fields: object) -> bytes:
    """Give the canonical message of an object, as JSON; Told where it has none."""
    try:
        message = sep2.to_canonical(made, names.edition(profile), envelope=about)
    except (Unrepresentable, ValidationError) as error:
        raise Told(400, f"it says what no record can hold: {error}") from error
    return (message.model_copy(update=fields) if fields else message).model_dump_json().encode()


@lru_cache(maxsize=8192)
def control(data: bytes) -> messages.Control:
    """Give the canonical control of a record."""
    return messages.Control.model_validate_json(data)
