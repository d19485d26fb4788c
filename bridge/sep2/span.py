"""Parts of a whole: what a Range header asks for, and the answer that gives it (RFC 9110 14 and 13.1.5).

One range of octets is served, as 206; for several at once the whole is given, as the RFC allows. A range
beyond the end is 416. If-Range gives the whole where the file is another one by now. If-None-Match is first
of all: nothing is given where the caller has it already (304). No answer may be kept under its address alone,
which does not say the range. Pure.
"""

from __future__ import annotations

import re

from bridge.sep2.talk import Answer

_TAG = re.compile(r'"[!#-~\x80-\xff]*"')
_TAGS = re.compile(rf"(?:W/)?{_TAG.pattern}(?:[ \t]*,[ \t]*(?:W/)?{_TAG.pattern})*")
_RANGE = re.compile(r"\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", re.IGNORECASE)


def part(asked: str, condition: str, tag: str, size: int) -> range | None:
    """Give the octets that a request asks for; None for all of them."""
    return None if condition and condition.strip() != tag else of(asked, size)


def held(said: str, tag: str) -> bool:
    """Whether a caller has it already, by its If-None-Match: compared weakly (RFC 9110 13.1.2)."""
    said = said.strip()
    return said == "*" or (_TAGS.fullmatch(said) is not None and tag in _TAG.findall(said))


def same(tag: str) -> Answer:
    """Say that it is what the caller has."""
    return Answer(304, headers=(("ETag", tag),), until=0)


def answer(octets: bytes, part: range | None, size: int, tag: str, media: str) -> Answer:
    """Give the whole, or a part of it."""
    heads = (("Accept-Ranges", "bytes"), ("ETag", tag))
    if part is None:
        return Answer(200, octets, media, headers=heads, until=0)
    if not part:
        return Answer(416, headers=(*heads, ("Content-Range", f"bytes */{size}")), until=0)
    place = f"bytes {part.start}-{part.stop - 1}/{size}"
    return Answer(206, octets, media, headers=(*heads, ("Content-Range", place)), until=0)


def of(asked: str, size: int) -> range | None:
    """Give the octets that a Range header asks for: none of them where it cannot be met, None for all."""
    found = _RANGE.fullmatch(asked)
    if not found or not (found[1] or found[2]):
        return None
    if not found[1]:
        return range(max(size - int(found[2]), 0), size)
    last = min(int(found[2]), size - 1) if found[2] else size - 1
    first = int(found[1])
    if found[2] and int(found[2]) < first:
        return None
    return range(first, last + 1) if first < size else range(0)
