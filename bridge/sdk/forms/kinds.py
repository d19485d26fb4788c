"""What the forms of the administration API are made of: figures, names and moments, and a page of things.

What is sent is closed, so that a misspelt field is told; what is answered is open, so that an older client
reads a newer server. Moments are whole seconds since 1970, as in IEEE 2030.5; figures are in the unit that
their description names. Nothing here knows what any of it is for.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

T = TypeVar("T")
LATEST = 253_402_300_799
"""The last second of the year 9999."""
WIDE = 4_294_967_295
_PLAIN = "[ -~\u00a0-\ud7ff\ue000-\ufffd]"


class Given(BaseModel):
    """A form that is sent: nothing may stand in it that the server does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


class Shown(BaseModel):
    """A form that is answered: what a client does not know it leaves aside."""

    model_config = ConfigDict(extra="ignore", frozen=True, use_attribute_docstrings=True)


class Edition(Shown):
    """One that has an edition: what If-Match is compared with."""

    version: str = ""
    """Goes up with each change; the ETag of the same thing."""


class Asked(Given):
    """Which of many, and how many at once."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    """How many at most; a page may hold fewer, even none, while `next` is given."""
    cursor: Annotated[str, Field(max_length=600)] = ""
    """`next` of the page before."""


class Page(Shown, Generic[T]):
    """Some of them, and where to go on."""

    model_config = ConfigDict(use_attribute_docstrings=False)  # a form made for a T has no source to read

    items: tuple[T, ...] = ()
    next: Annotated[str | None, Field(description="The cursor of the next page; null on the last.")] = None
    total: Annotated[
        int | None, Field(description="How many in all, where the server knows without a look at each.")
    ] = None


def _upper(text: str) -> str:
    return text.upper()


def _number(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Take a JSON number only: neither text nor true is a figure."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError("a number is expected")  # noqa: TRY004 - pydantic wants a ValueError
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


Figure = Annotated[
    Decimal,
    BeforeValidator(_number),
    Field(allow_inf_nan=False),
    PlainSerializer(_plain, when_used="json"),
    WithJsonSchema({"type": "number"}),
]
Lfdi = Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{40}$"), AfterValidator(_upper)]
Mrid = Annotated[str, Field(pattern=r"^([0-9A-Fa-f]{2}){1,16}$"), AfterValidator(_upper)]
Moment = Annotated[int, Field(ge=0, le=LATEST)]
Seconds = Annotated[int, Field(ge=0, le=WIDE)]
Number = Annotated[int, Field(ge=1, le=2**62)]
Byte = Annotated[int, Field(ge=0, le=255)]
Bits = Annotated[str, Field(pattern=r"^([0-9A-Fa-f]{2}){1,4}$"), AfterValidator(_upper)]
Pin = Annotated[int, Field(ge=0, le=999_999)]
Label = Annotated[str, Field(pattern=f"^{_PLAIN}{{0,32}}$")]
Words = Annotated[str, Field(pattern=f"^{_PLAIN}{{0,192}}$")]
Name = Annotated[str, Field(pattern=f"^{_PLAIN}{{1,64}}$")]
Href = Annotated[str, Field(pattern=r"^(/[A-Za-z0-9._~-]{1,64}){1,12}$")]
Word = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
Pem = Annotated[str, Field(max_length=65_536)]
Profile = Literal["2013", "2018", "csip", "csip-aus-1.2", "csip-aus-1.3", "2023"]
Document = dict[str, Any]
"""A document as JSON, under the names that its schema gives."""
