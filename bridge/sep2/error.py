"""How the server says no: the status, and an Error document in the caller's own profile.

IEEE 2030.5-2018 5.5 and Table 9 of its reason codes: 0 a request that cannot be read, 1 one whose values
are wrong, 2 a lack of resources, 4 too many requests. The reason in plain words is for the log alone, so
nothing of the inside is ever shown.
"""

from __future__ import annotations

from functools import cache

from bridge.mapping import profile as profiles
from bridge.mapping import xml
from bridge.sep2.talk import Answer, Told

FORMAT, VALUES, RESOURCES, RATE = 0, 1, 2, 4
CODES = {413: FORMAT, 415: FORMAT, 406: FORMAT, 429: RATE, 503: RESOURCES, 507: RESOURCES}
"""Reason code by status; every other is about values."""
RETRY = {429: 5, 503: 1}
"""Seconds after which to come back."""


def answer(told: Told, *, profile: str) -> Answer:
    """Give the answer that says it; never one to be kept."""
    after = RETRY.get(told.status)
    return Answer(
        told.status,
        document(profile, CODES.get(told.status, VALUES), after),
        location=told.location,
        allow=told.allow,
        headers=(*told.headers, *((("Retry-After", str(after)),) if after else ())),
        until=0,
        reason=told.reason,
        close=told.close,
    )


@cache
def document(profile: str, code: int, after: int | None = None) -> bytes:
    """Give an Error document."""
    written = profiles.load(profile)
    cls = written.root(written.model, "Error")
    if cls is None:
        raise LookupError(f"profile {profile} has no Error")
    return xml.write(cls.model_validate({"reasonCode": code, "maxRetryDuration": after}), written)
