"""What a party of IEC 61850 is told of a price or a text: each field has a row, and says what that says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bridge.mapping import carried, xml
from bridge.mapping.carried import Beside
from bridge.mapping.profile import load
from bridge.mapping.table import Hole, parse
from models.der import messages

BRIDGE, PARTY, OPERATOR, MARK = "B0" * 20, "AB" * 20, "0A" * 20, "00" * 16
BESIDE = Beside(BRIDGE, PARTY, MARK, 3, "en-US")
HEAD: dict[str, Any] = {
    "id": "operator/7", "origin": messages.Origin(party=OPERATOR, door=messages.Door.operator),
    "target": messages.Target(device=("CD" * 20, "EF" * 20)), "issued": Decimal(1), "correlation": "c-1",
    "kept": (messages.Kept(path="a", value="b"),), "start": Decimal(100), "duration": Decimal(60),
}  # fmt: skip
PRICE = messages.Price(
    **HEAD, currency=840, rateCode="TOU", touTier=2, price=Decimal("0.12777"), generation=Decimal("-0.1"),
    scale=-5, provider=5, issuerEvent=7, registerTier=1, unit=0, cost=Decimal("1.5"), costUnit=1,
    priceRatio=9, generationRatio=8, description="d",
)  # fmt: skip
TEXT = messages.Notice(
    **HEAD, priority=1, text="Grüße", number=4, confirm=True, transmission=2, originator="REP"
)
PUT = {"id", "origin", "target", "kept", "mRID", "primacy", "locale"}


@pytest.mark.parametrize("word", [PRICE, TEXT])
def test_all_else_goes_as_it_stands(word: carried.Word) -> None:
    said = carried.told(word, BESIDE)
    assert said.model_dump(exclude=PUT) == word.model_dump(exclude=PUT)
    assert (said.origin.party, said.target.device, said.kept) == (BRIDGE, (PARTY,), ())
    assert (said.mRID, said.id) == (MARK, f"{MARK}/{PARTY}")
    assert OPERATOR not in said.model_dump_json()
    assert xml.read(xml.write(said, load("der")), load("der")) == said


def test_primacy_and_language_are_those_of_the_installation() -> None:
    price, text = carried.told(PRICE, BESIDE), carried.told(TEXT, BESIDE)
    assert isinstance(price, messages.Price)
    assert price.primacy == BESIDE.primacy
    assert isinstance(text, messages.Notice)
    assert text.locale == BESIDE.locale
    other = carried.told(TEXT.model_copy(update={"locale": "de-DE"}), BESIDE)
    assert isinstance(other, messages.Notice)
    assert other.locale == "de-DE"


@pytest.mark.parametrize("word", [PRICE, TEXT])
def test_what_is_taken_back_has_no_length(word: carried.Word) -> None:
    assert carried.told(word, BESIDE._replace(ends=True)).duration == 0


def test_no_field_is_bare() -> None:
    assert carried.bare() == {"Price": (), "Notice": ()}


@pytest.mark.parametrize(
    "row",
    [
        '{ field = "Price" }',
        '{ field = "price", as = "guess", why = "x" }',
        '{ field = "price", as = "mark" }',
        '{ field = "price", why = "x" }',
    ],
)
def test_a_row_that_cannot_be_is_a_hole(row: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = f'[[carried]]\nkind = "Price"\nresponse = "R"\nfunction = "f"\nright = "r"\nrow = [\n  {row},\n]\n'
    monkeypatch.setattr(carried, "load", lambda _: parse(text, "market.toml"))
    with pytest.raises(Hole, match=r"market.toml:7"):
        carried.kinds.__wrapped__()
