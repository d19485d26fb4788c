"""A request of the SOAP service as it is kept: its block read by the table, its addresses in order.

What can have no effect is refused here, before anything is kept: a local time that does not exist, a window
that is over, a currency that nobody knows, nobody to send it to. Never guesses what a duration of 0 means.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any, TypeAlias

from pydantic import ValidationError

from bridge.app.market import local
from bridge.app.market.asked import ENDLESS, KINDS, Address, Asked, Word, digest
from bridge.app.market.section import Market
from bridge.mapping import market as table
from bridge.mapping.table import Unrepresentable
from models.der import messages
from models.meter import meter

Request: TypeAlias = meter.PriceSignalRequest | meter.SimpleMessageRequest
WHOLE = 2_147_483_647
"""The largest number that a price is written as."""
BLOCKS = {"Price": "PriceMessageBlock", "Notice": "SimpleMessageBlock"}
UNKNOWN = "0"
"""A serial number that is not given."""
ORIGINATOR = 20


class Refused(Exception):
    """A request that can have no effect, with the reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read(said: Market, entity: str, request: Request, at: int) -> Asked:
    """Give a request as it is kept, but for the addresses of a group; Refused where it can have no effect."""
    kind = "Price" if isinstance(request, meter.PriceSignalRequest) else "Notice"
    block: Any = getattr(request, BLOCKS[kind])
    try:
        found = table.read(block, partial(_moment, said, at))
        fields = dict(found.fields)
        if kind == "Notice":
            fields["originator"] = request.RequesterID[:ORIGINATOR]
        name = request.RequestID or ""
        word = KINDS[kind](**envelope(entity, messages.Door.soap, name, at), **fields)
    except (Unrepresentable, ValidationError) as error:
        raise Refused(short(error)) from None
    made = Asked(
        entity, name, word, _addresses(request),
        digest(request.model_dump_json(exclude={"RequestID": True, BLOCKS[kind]: {"CurrentTime"}})),
        digest(block.model_dump_json(exclude={"CurrentTime"})),
        request.RequestPriority.value, request.CallbackUri or "", lost=found.lost,
    )  # fmt: skip
    return judged(said, made, at)


def envelope(entity: str, door: messages.Door, name: str, at: int, party: str = "") -> dict[str, Any]:
    """Give what every message says of itself; an entity has no LFDI, so its name stands in the id."""
    return {
        "id": f"{entity}/{name or at}",
        "origin": messages.Origin(party=party, door=door),
        "target": messages.Target(),
        "issued": Decimal(at),
        "correlation": name or None,
    }


def _moment(said: Market, at: int, text: str) -> Decimal:
    return local.moment(text, said.zone, said.twice, at)


def short(error: Exception) -> str:
    """Give why something cannot be said, in one line."""
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:4])
    return str(error)


def _addresses(request: Request) -> tuple[Address, ...]:
    listed = request.AddressBlock.AddressList.Address if request.AddressBlock.AddressList else ()
    return tuple(
        Address(
            one.ESIID,
            "" if one.MeterSerialNumber == UNKNOWN else one.MeterSerialNumber,
            one.DeviceMACAddr or "",
        )
        for one in listed
    )


def group(request: Request) -> str:
    """Give the group of meters that a request names."""
    return request.AddressBlock.GroupID or ""


def judged(said: Market, made: Asked, at: int) -> Asked:
    """Settle what a duration of 0 means; Refused where a request can have no effect."""
    word = made.message
    if not word.duration:
        if said.endless == "refuse":
            raise Refused("a duration of 0 has no meaning here")
        if said.endless == "cancel":
            return made._replace(cancels=True)
        made = made._replace(endless=True, message=word.model_copy(update={"duration": Decimal(ENDLESS)}))
    elif word.start + word.duration <= at:
        raise Refused("it is over already")
    if isinstance(word, messages.Price):
        _priced(said, word)
    return made


def _priced(said: Market, word: messages.Price) -> None:
    """Refuse a price that cannot be served."""
    for name, value in (("price", word.price), ("generation", word.generation)):
        if value is not None and abs(value.scaleb(-(word.scale or 0))) > WHOLE:
            raise Refused(f"{name}: {value} is more than a price can be")
    try:
        table.unit(word.unit or 0)
    except Unrepresentable as error:
        raise Refused(str(error)) from None
    if word.cost is not None and str(word.costUnit) not in said.costs:
        raise Refused(f"AlternateCostUnit: nothing is known of unit {word.costUnit}")


def numbered(word: Word) -> str:
    """Give what a price or a text is known by to its sender."""
    if isinstance(word, messages.Price):
        return f"Price/{word.provider}/{word.rateCode}/{word.issuerEvent}"
    return f"Notice/{word.number}"
