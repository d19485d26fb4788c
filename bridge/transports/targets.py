"""A request's target taken apart: the path decoded once, the query in order with its duplicates.

RFC 3986 to the letter: a percent sign has two digits, what is decoded is UTF-8 without control characters,
and no segment is empty, `.`, `..`, or hides a slash. So each resource has one spelling, apart from escapes
and one slash at the end. It knows no resource.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from bridge.transports.faults import Fault

PATH = re.compile(r"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*)+")
QUERY = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]")
DOTS = frozenset({"", ".", ".."})

Query = tuple[tuple[str, str], ...]


def split(target: str) -> tuple[str, Query]:
    """Take a target apart."""
    path, _, query = target.partition("?")
    if PATH.fullmatch(path) is None or QUERY.fullmatch(query) is None:
        raise Fault(400, "the target is malformed", soft=True)
    return _path(path), tuple(_pair(part) for part in query.split("&") if part)


def _path(path: str) -> str:
    if path == "/":
        return path
    segments = [_decoded(part) for part in path.removesuffix("/").split("/")[1:]]
    if any(part in DOTS or "/" in part or "\\" in part for part in segments):
        raise Fault(400, "the path has a segment that is empty, dots, or a hidden slash", soft=True)
    return "/" + "/".join(segments)


def _pair(part: str) -> tuple[str, str]:
    name, _, value = part.replace("+", "%20").partition("=")
    return _decoded(name), _decoded(value)


def _decoded(text: str) -> str:
    if "%" not in text:
        return text
    try:
        found = unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise Fault(400, "the target is not UTF-8", soft=True) from None
    if CONTROL.search(found):
        raise Fault(400, "the target has a control character", soft=True)
    return found
