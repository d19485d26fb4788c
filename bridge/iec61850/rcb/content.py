"""What a buffered entry holds, as octets: members by index, with value and reason.

JSON, in which octets and tuples are told apart from text and numbers; types are not written, for a buffer is
emptied when the types of its data set change. Reads back exactly what was written; knows no report.
"""

from __future__ import annotations

import json
from typing import Any

from bridge.iec61850.rcb.gathering import Content, Included
from bridge.iec61850.shape import Value


def packed(content: Content) -> bytes:
    """The octets of an entry."""
    return json.dumps([(each.place, _plain(each.value), each.reason) for each in content]).encode()


def unpacked(body: bytes) -> Content:
    """The entry of some octets."""
    return tuple(Included(index, _value(value), reason) for index, value, reason in json.loads(body))


def _plain(value: Value) -> object:
    if isinstance(value, bytes):
        return {"octets": value.hex()}
    return [_plain(part) for part in value] if isinstance(value, tuple) else value


def _value(said: Any) -> Value:  # noqa: ANN401 - as json gives it
    if isinstance(said, dict):
        return bytes.fromhex(said["octets"])
    return tuple(_value(part) for part in said) if isinstance(said, list) else said
