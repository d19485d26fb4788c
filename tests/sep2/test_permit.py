"""Permits and PINs: what is kept of a client, and which figures are taken."""

from __future__ import annotations

import pytest

from bridge.sep2 import permit
from bridge.sep2.talk import Told
from tests.sep2.client import DEVICE, OTHER, done
from tests.sep2.memory import Memory


async def test_a_permit_keeps_what_is_not_said_anew() -> None:
    shelf = Memory()
    await done(shelf, lambda work: permit.grant(work, DEVICE.lower(), name="one", pin="111115"))
    await done(shelf, lambda work: permit.grant(work, DEVICE, granted=False))
    said = await permit.of(shelf, DEVICE)
    assert said == permit.Permit(name="one", pin=111115, granted=False)
    assert await permit.of(shelf, OTHER) is None
    await done(shelf, lambda work: permit.revoke(work, DEVICE))
    assert await permit.of(shelf, DEVICE) is None
    with pytest.raises(Told):
        await done(shelf, lambda work: permit.revoke(work, DEVICE))


@pytest.mark.parametrize(
    "fields", [{"role": "king"}, {"profile": "1999"}, {"pin": "111116"}, {"aggregator": "AB"}, {"pin": -1}]
)
async def test_a_permit_holds_to_what_its_fields_may_be(fields: dict[str, object]) -> None:
    shelf = Memory()
    with pytest.raises(Told) as told:
        await done(shelf, lambda work: permit.grant(work, DEVICE, **fields))
    assert told.value.status == 400
    assert shelf.rows == {}


@pytest.mark.parametrize("lfdi", ["", "AB", "Z" * 40, "A" * 41, " " + "A" * 39])
async def test_an_lfdi_has_forty_digits(lfdi: str) -> None:
    with pytest.raises(Told):
        permit.checked(lfdi)


@pytest.mark.parametrize(("said", "kept"), [
    (11111, 111115), ("11111", 111115), ("111115", 111115), (111115, 111115),
    ("123455", 123455), ("12345", 123455), ("54321", 543215), ("24680", 246800),
    ("00001", 19), ("000019", 19), ("00000", 0), (999995, 999995), (19, 19), (127, 127), (0, 0),
])  # fmt: skip
def test_a_pin_is_taken_with_and_without_its_check_digit(said: int | str, kept: int) -> None:
    assert permit.pin(said) == kept


@pytest.mark.parametrize("said", ["111114", "1111111", "", "1111a", "\uff11" * 5, -5])
def test_other_pins_are_refused(said: int | str) -> None:
    with pytest.raises(Told):
        permit.pin(said)
