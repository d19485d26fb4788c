"""How the administration API says no: a problem document (RFC 9457), with a pointer to each field at fault.

`type` is `about:blank`: the status says which problem it is, the details say the rest. The media type is
`application/problem+json`.
"""

from __future__ import annotations

from bridge.sdk.forms.kinds import Shown

MEDIA = "application/problem+json"


class Fault(Shown):
    """One thing that is wrong."""

    detail: str
    pointer: str | None = None
    """JSON pointer (RFC 6901) to a field of the body."""
    parameter: str | None = None
    """Name of a parameter of the query, or of a header."""


class Problem(Shown):
    """Why something was not done."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    instance: str = ""
    """The path that was asked for."""
    errors: tuple[Fault, ...] = ()
