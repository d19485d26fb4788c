"""The judge of a request's head: what RFC 9112 lets pass, and nothing that two readers could read two ways.

It stands in front of aiohttp's parser, which takes HTTP/0.9 and chunks under 1.0, and which has one status
for all that is wrong. A head that is refused here has its exact status; what passes has one meaning. It
reads no body and knows no resource.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.transports import marks, targets
from bridge.transports.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from bridge.transports.limits import Limits

METHODS = frozenset({"GET", "HEAD", "PUT", "POST", "DELETE"})
"""Methods that some resource has; another one gets 501 (CORE-001)."""
TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
LINE = re.compile(rb"(" + TOKEN + rb") ([!-~]+) HTTP/([0-9])\.([0-9])")
FIELD = re.compile(
    rb"(" + TOKEN + rb"):[ \t]*((?:[!-~\x80-\xff](?:[ \t!-~\x80-\xff]*[!-~\x80-\xff])?)?)[ \t]*"
)
HOST = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=%-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")
DIGITS = re.compile(r"[0-9]{1,19}")
ABSOLUTE = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)

SINGLE = frozenset(
    {"host", "content-length", "content-type", "content-encoding", "transfer-encoding", "range"}
)
"""Fields that come once at most."""
PLAIN = frozenset({
    "host", "accept", "user-agent", "accept-encoding", "accept-language", "cache-control", "pragma",
    "connection",
})  # fmt: skip
"""Fields that a request for a kept page may have."""
SHOWN = ("client-cert", "client-cert-chain")
"""Fields by which a proxy forwards a certificate (RFC 9440)."""
SIMPLE = PLAIN | {"content-type", "content-length", "x-request-id", *SHOWN}
"""Fields that a simple request may have."""
TOLD = ("content-type", "accept", "range", "if-range", "if-none-match")
"""Fields that the server is told of, in the order that Head has them."""
CHUNKED = -1
"""Length of a body in chunks."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a head says."""

    method: str
    target: str
    """As sent; of a target with scheme and host what follows them."""
    path: str
    query: targets.Query
    host: str
    length: int
    """Bytes of the body, or CHUNKED."""
    close: bool
    """Whether the connection ends with the answer."""
    expect: bool
    """Whether the client waits for a word before it sends the body."""
    media: str
    accept: str
    span: str
    condition: str
    held: str
    simple: bool
    """Whether its answer asks nothing more of HTTP than to be written: see `bridge.transports.office`."""
    plain: bool
    """Whether nothing but target and `accept` can make a difference to the answer."""
    fault: Fault | None
    """Why it is refused, once its body was read; at once where the client waits for a word."""
    mark: str
    """What the client calls it; empty where it says nothing that could be a name."""
    shown: tuple[str, str] | None
    """What is said of a certificate that is forwarded; None where nothing is."""


def line(data: bytes) -> re.Match[bytes]:
    """Judge a request line alone, without its end."""
    if (found := LINE.fullmatch(data)) is None:
        raise Fault(400, "the request line is malformed")
    if found[3] != b"1" or found[4] not in (b"0", b"1"):
        raise Fault(505, "the version of HTTP is neither 1.0 nor 1.1")
    return found


def judge(data: bytes, limits: Limits) -> Head:
    """Judge a whole head, its last empty line left off."""
    first, *rest = data.split(b"\r\n")
    found = line(first)
    old = found[4] == b"0"
    fields = _fields(rest, limits)
    method, target = found[1].decode(), found[2].decode()
    target, host = _place(target, _host(fields, old=old))
    length = _length(fields, limits, old=old)
    expect = _expect(fields, old=old)
    tokens = _tokens(fields.get("connection", ""))
    close = "close" in tokens or (old and "keep-alive" not in tokens)
    path, query, fault = _split(target)
    fault = _fault(method, fields) or fault
    ends = old or close or length == CHUNKED or method == "HEAD"
    simple = not (ends or fault) and fields.keys() <= SIMPLE and tokens <= {"", "keep-alive"}
    plain = simple and method == "GET" and fields.keys() <= PLAIN
    media, accept, span, condition, held = (fields.get(name, "") for name in TOLD)
    return Head(
        method, target, path, query, host, length, close, expect, media, accept, span, condition, held,
        simple, plain, fault, marks.brought(fields.get("x-request-id", "")), _shown(fields),
    )  # fmt: skip


def _shown(fields: dict[str, str]) -> tuple[str, str] | None:
    first, second = SHOWN
    return (fields.get(first, ""), fields.get(second, "")) if fields.keys() & set(SHOWN) else None


def _split(target: str) -> tuple[str, targets.Query, Fault | None]:
    """Take the target apart; one that is wrong spoils no more than its own answer."""
    try:
        return *targets.split(target), None
    except Fault as fault:
        return "", (), fault


def _fields(lines: list[bytes], limits: Limits) -> dict[str, str]:
    if len(lines) > limits.fields:
        raise Fault(431, "there are too many header fields")
    fields: dict[str, str] = {}
    for one in lines:
        if (found := FIELD.fullmatch(one)) is None:
            raise Fault(400, "a header field is malformed")
        name, value = found[1].decode().lower(), found[2].decode("latin-1")
        if name not in fields:
            fields[name] = value
        elif name in SINGLE:
            raise Fault(400, f"{name} is given twice")
        else:
            fields[name] += f", {value}"
    return fields


def _host(fields: dict[str, str], *, old: bool) -> str:
    host = fields.get("host")
    if host is None and old:
        return ""
    if host is None or HOST.fullmatch(host) is None:
        raise Fault(400, "Host is missing or malformed")
    return host


def _place(target: str, host: str) -> tuple[str, str]:
    if target.startswith("/"):
        return target, host
    if (found := ABSOLUTE.match(target)) is not None and HOST.fullmatch(found[1]):
        rest = target[found.end() :]
        return rest if rest.startswith("/") else f"/{rest}", found[1]
    return target, host


def _length(fields: dict[str, str], limits: Limits, *, old: bool) -> int:
    coding, length = fields.get("transfer-encoding"), fields.get("content-length")
    if coding is not None:
        if old or length is not None:
            raise Fault(400, "Transfer-Encoding cannot stand beside Content-Length, nor in HTTP/1.0")
        if coding.lower() != "chunked":
            known = "chunked" in _tokens(coding)
            raise Fault(400 if known else 501, "Transfer-Encoding is other than chunked")
        return CHUNKED
    if length is None:
        return 0
    if DIGITS.fullmatch(length) is None:
        raise Fault(400, "Content-Length is malformed")
    if int(length) > limits.content:
        raise Fault(413, "the body is too large")
    return int(length)


def _expect(fields: dict[str, str], *, old: bool) -> bool:
    wanted = fields.get("expect")
    if wanted is None or old:
        return False
    if wanted.lower() != "100-continue":
        raise Fault(417, "this expectation cannot be met")
    return True


def _method(method: str, _: dict[str, str]) -> Fault | None:
    return None if method in METHODS else Fault(501, "the method is not implemented", soft=True)


def _coding(_: str, fields: dict[str, str]) -> Fault | None:
    encoded = fields.get("content-encoding", "identity").lower() != "identity"
    return Fault(415, "the body is encoded", soft=True) if encoded else None


SOFT: tuple[Callable[[str, dict[str, str]], Fault | None], ...] = (_method, _coding)
"""Rules whose breach leaves the connection as it is."""


def _fault(method: str, fields: dict[str, str]) -> Fault | None:
    return next((fault for rule in SOFT if (fault := rule(method, fields))), None)


def _tokens(text: str) -> set[str]:
    return {part.strip().lower() for part in text.split(",")}
