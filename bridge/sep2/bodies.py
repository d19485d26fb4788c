"""Bodies that come in: their media type, the generation they are written in, and whether they may stand here.

IEEE 2030.5-2018 5.4 and clause 7: application/sep+xml, UTF-8, checked against the schema to the last
element. The client's own profile is tried first, then those that its namespaces tell of: the drafts and 2013,
2018, 2023, CSIP-AUS 1.2 and 1.3. EXI is not spoken. Never fills in a value.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from bridge.mapping import xml
from bridge.mapping.profile import load
from bridge.sep2 import names
from bridge.sep2.talk import MEDIA, Told
from bridge.sep2.work import Body, Caller
from models import kit

EXI = "application/sep-exi"
PLAIN = frozenset({"text/xml", "application/xml"})
STRICT_MEDIA = "media"
"""Switch: nothing but application/sep+xml, and always said."""
STRICT_PROFILE = "profile"
"""Switch: nothing but the client's own profile."""
PROFILES = ("2018", "2023", "csip-aus-1.2", "csip-aus-1.3", "2013")
"""In the order in which they are tried after the client's own."""
NONE: frozenset[str] = frozenset()
USUAL = 64
"""Length of a namespace up to which it is remembered which profiles know it."""
_PARAMETER = re.compile(r"""([^\s;=]+)\s*=\s*("[^"]*"|[^\s;]*)""")
_LEVEL = re.compile(r"[+-]?S[0-9]+")
_CHARSETS = {"utf-8", "utf8", "us-ascii"}
_NAMESPACE = re.compile(rb"""\sxmlns(?::[^\s=]+)?\s*=\s*["']([^"']*)["']""")
_UNCOUNTED = re.compile(
    rb"""\s*(?:<\?xml[^<>]*\?>\s*)?<MirrorMeterReadingList(?![^<>]*\s(?:all|results)\s*=)"""
)
_SERIES = re.compile(rb"<MirrorMeterReading[\s>]")
_OWN = {"http://www.w3.org/2001/XMLSchema-instance", "http://www.w3.org/XML/1998/namespace"}


def read(
    data: bytes, media: str, caller: Caller, expect: tuple[str, ...], strict: frozenset[str] = NONE
) -> Body:
    """The document of a request; Told 400, 413 or 415 where it is none, or is of no type expected."""
    _media(media, strict)
    if not data:
        raise Told(400, "there is no body")
    found, profile = _read(_counted(data), _candidates(data, caller.profile, strict))
    name = names.kind(found)
    if name not in expect:
        raise Told(400, f"/{name}, line 1: {name} where {' or '.join(expect) or 'nothing'} is expected")
    return Body(data, found, name, profile)


def acceptable(accept: str, strict: frozenset[str] = NONE) -> None:
    """Told 406 where none of the media types that a caller takes is one that we speak."""
    spoken = {MEDIA, "application/*", "*/*"} | (NONE if STRICT_MEDIA in strict else PLAIN | {"text/*"})
    if accept.strip() and not any(_wanted(each, spoken) for each in accept.split(",")):
        raise Told(406, f"{accept[:60]!r} is asked for, {MEDIA} is spoken")


def _wanted(text: str, spoken: frozenset[str] | set[str]) -> bool:
    kind, parameters = _parsed(text)
    try:
        weight = float(parameters.get("q", "1"))
    except ValueError:
        weight = 1.0
    return kind in spoken and weight > 0


# ------------------------------------------------------------------------------------------------ media type


@lru_cache(maxsize=256)
def _media(text: str, strict: frozenset[str]) -> None:
    """Told 415 where a media type is not ours."""
    kind, parameters = _parsed(text)
    if kind == EXI:
        raise Told(415, f"EXI is not spoken here, {MEDIA} is")
    lenient = STRICT_MEDIA not in strict
    if kind != MEDIA and not (lenient and (not kind or kind in PLAIN)):
        raise Told(
            415, f"{kind[:60]!r} is not {MEDIA}" if kind else f"no media type is said, {MEDIA} is spoken"
        )
    if parameters.get("charset", "utf-8").lower() not in _CHARSETS:
        raise Told(415, f"charset {parameters['charset'][:20]!r}: only UTF-8 is read")
    if not _LEVEL.fullmatch(parameters.get("level", "+S1")):
        raise Told(415, f"level {parameters['level'][:20]!r} is no level of a schema")


def _parsed(text: str) -> tuple[str, dict[str, str]]:
    """A media type and its parameters."""
    kind, _, rest = text.partition(";")
    return kind.strip().lower(), {name.lower(): value.strip('"') for name, value in _PARAMETER.findall(rest)}


# ----------------------------------------------------------------------------------------------- generations


def _read(data: bytes, candidates: tuple[str, ...]) -> tuple[kit.Model, str]:
    """The first reading that succeeds; where none does, what the first one met."""
    first: xml.Refused | None = None
    for name in candidates:
        try:
            return xml.read(data, load(name)), name
        except xml.Refused as refused:
            first = first or refused
            if refused.kind in {"bytes", "syntax", "encoding", "dtd"}:
                break
    if first is None:
        raise Told(400, "no profile reads it")
    raise Told(413 if first.kind == "bytes" else 400, str(first)) from first


def _counted(data: bytes) -> bytes:
    """Count the readings of a list for a client that does not, as nobody asks for the count."""
    if (root := _UNCOUNTED.match(data)) is None:
        return data
    count = len(_SERIES.findall(data))
    return b'%s all="%d" results="%d"%s' % (data[: root.end()], count, count, data[root.end() :])


def _candidates(data: bytes, own: str, strict: frozenset[str]) -> tuple[str, ...]:
    """The profiles to try."""
    if STRICT_PROFILE in strict:
        return (own,)
    found = _NAMESPACE.findall(data)
    return (
        _usual(found[0], own) if len(found) == 1 and len(found[0]) <= USUAL else _among(_spaces(found), own)
    )


@lru_cache(maxsize=256)
def _usual(space: bytes, own: str) -> tuple[str, ...]:
    return _among(_spaces([space]), own)


def _among(spaces: frozenset[str], own: str) -> tuple[str, ...]:
    """The profiles for some namespaces. One that none of them knows is for the client's own to judge."""
    told = tuple(
        name for name in PROFILES if name != own and spaces <= _known(name) and spaces & _signs(name)
    )
    return (own, *told) if spaces <= _known(own) or not told else (*told, own)


def _spaces(found: list[bytes]) -> frozenset[str]:
    """The namespaces that a document declares, as far as its bytes tell."""
    return frozenset(each.decode("utf-8", "replace") for each in found) - _OWN


@cache
def _known(name: str) -> frozenset[str]:
    """The namespaces that a profile has a meaning for."""
    profile = load(name)
    return frozenset({*profile.accept, *(space for _, space in profile.prefixes)}) - _OWN


@cache
def _signs(name: str) -> frozenset[str]:
    """The namespaces that tell of a profile: those that a document of 2018 has not, if there are any."""
    return _known(name) - _known("2018") or _known(name)
