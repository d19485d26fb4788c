"""What is mirrored of a device, as the values of its meters: on a real store, posted by a 2030.5 client."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.app.endpoint.fleet import Fleet
from bridge.app.endpoint.rights import Rights
from bridge.iec61850.device import LOST
from bridge.iec61850.estate import Estate
from bridge.iec61850.first import GOOD, INVALID
from bridge.iec61850.image import Change, Image
from bridge.iec61850.sorts import quality, stamp
from bridge.sep2 import metering
from bridge.sep2.shelf import Row
from models.der import messages
from tests.app.endpoint import asks
from tests.app.endpoint.scene import DEVICE, DOMAIN, HOME, LONG, Scene, scene
from tests.app.office.bureau import NOW
from tests.sep2.metered import MUP, point, reading, readings, value

WATTS, OTHER = "B1" * 16, "B2" * 16
POWER = "MMXU1$MX$TotW"
SITE, DER = "03", "49"


def kind(uom: int, **more: int) -> str:
    """A ReadingType, its elements in the order of the schema."""
    order = ("accumulationBehaviour", "dataQualifier", "flowDirection", "kind", "phase")
    fields = [*((name, more.get(name)) for name in order), ("powerOfTenMultiplier", more.get("power", 0))]
    said = "".join(f"<{name}>{number}</{name}>" for name, number in fields if number is not None)
    return f"<ReadingType>{said}<uom>{uom}</uom></ReadingType>"


def series(mark: str, type_: str, *inner: str) -> str:
    return f"<MirrorMeterReading><mRID>{mark}</mRID>{''.join(inner)}{type_}</MirrorMeterReading>"


async def furnished(one: Scene, *inner: str, flags: str = DER, capability: str = asks.CAPABILITY) -> str:
    """A device with a mirror of some series."""
    await one.put(f"{HOME}/dercap", capability)
    return await one.ask("POST", "/mup", point(*inner, device=DEVICE, flags=flags))


async def tell(one: Scene, mirror: str, mark: str, number: int, start: int = NOW) -> None:
    await one.ask("POST", mirror, reading(mark, value(number, start)))


PLACES = [
    (kind(38, kind=37), 55, f"{POWER}$mag$f", 55.0),
    (kind(38, kind=37, power=3), 55, f"{POWER}$mag$f", 55000.0),
    (kind(38, kind=37, flowDirection=1), 55, f"{POWER}$mag$f", -55.0),
    (kind(38, kind=37, flowDirection=19), 55, f"{POWER}$mag$f", 55.0),
    (kind(38, kind=37, dataQualifier=2), 55, "AvMMXU1$MX$TotW$mag$f", 55.0),
    (kind(38, kind=37, phase=128), 7, "MMXU1$MX$W$phsA$cVal$mag$f", 7.0),
    (kind(63, kind=37), 12, "MMXU1$MX$TotVAr$mag$f", 12.0),
    (kind(61, kind=37), 13, "MMXU1$MX$TotVA$mag$f", 13.0),
    (kind(65, kind=37, power=-3), 950, "MMXU1$MX$TotPF$mag$f", 0.95),
    (kind(33, power=-2), 5001, "MMXU1$MX$Hz$mag$f", 50.01),
    (kind(29, phase=128, power=-1), 2301, "MMXU1$MX$PhV$phsA$cVal$mag$f", 230.1),
    (kind(29, phase=64), 231, "MMXU1$MX$PhV$phsB$cVal$mag$f", 231.0),
    (kind(29, phase=132), 400, "MMXU1$MX$PPV$phsAB$cVal$mag$f", 400.0),
    (kind(5, phase=32), 21, "MMXU1$MX$A$phsC$cVal$mag$f", 21.0),
    (kind(72, kind=12, accumulationBehaviour=9), 123, "MMTR1$ST$TotWh$actVal", 123),
    (kind(72, kind=12, accumulationBehaviour=9, flowDirection=19), 123, "MMTR1$ST$SupWh$actVal", 123),
    (kind(72, kind=12, accumulationBehaviour=9, flowDirection=1), 123, "MMTR1$ST$DmdWh$actVal", 123),
    (kind(73, kind=12, accumulationBehaviour=9), 5, "MMTR1$ST$TotVArh$actVal", 5),
]


@pytest.mark.parametrize(("type_", "number", "item", "wanted"), PLACES)
async def test_a_reading_stands_at_its_object(
    tmp_path: Path, type_: str, number: int, item: str, wanted: float
) -> None:
    async with scene(tmp_path) as one:
        mirror = await furnished(one, series(WATTS, type_))
        head = item.rpartition("$cVal" if "$cVal" in item else "$mag" if "$mag" in item else "$actVal")[0]
        assert one.leaf(f"{head}$q") == INVALID
        await tell(one, mirror, WATTS, number, NOW + 60)
        assert one.leaf(item) == pytest.approx(wanted, rel=1e-6)
        assert (one.leaf(f"{head}$q"), one.leaf(f"{head}$t")) == (GOOD, stamp(NOW + 60))


async def test_the_power_of_a_register_is_its_pulse(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        type_ = kind(72, kind=12, accumulationBehaviour=9, power=3)
        mirror = await furnished(one, series(WATTS, type_))
        await tell(one, mirror, WATTS, 123)
        assert one.leaf("MMTR1$ST$TotWh$actVal") == 123
        assert one.leaf("MMTR1$CF$TotWh$pulsQty") == 1000.0


async def test_a_doubtful_reading_is_questionable(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        mirror = await furnished(one, series(WATTS, kind(38, kind=37)))
        await one.ask(
            "POST", mirror,
            reading(WATTS, value(5).replace("<timePeriod>", "<qualityFlags>0010</qualityFlags><timePeriod>")),
        )  # fmt: skip
        assert one.leaf(f"{POWER}$q") == quality("questionable")


async def test_the_meter_of_the_site_has_nodes_of_its_own(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        await one.put(f"{HOME}/dercap", asks.SITED)
        mirror = await one.ask(
            "POST", "/mup", point(series(WATTS, kind(38, kind=37)), device=DEVICE, flags=SITE)
        )
        await tell(one, mirror, WATTS, 77)
        assert one.leaf("MMXU2$MX$TotW$mag$f") == 77.0
        assert one.leaf(f"{POWER}$q") == INVALID


async def test_a_site_without_nodes_takes_nothing_and_hurts_nobody(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        mirror = await furnished(one, series(WATTS, kind(38, kind=37)), flags=SITE)
        await tell(one, mirror, WATTS, 77)
        assert "MMXU2$MX$TotW$mag$f" not in one.fleet.estate.image.domains[DOMAIN].leaves
        assert one.leaf(f"{POWER}$q") == INVALID


async def test_the_youngest_is_shown_in_whatever_order_they_come(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        mirror = await furnished(one, series(WATTS, kind(38, kind=37)))
        await tell(one, mirror, WATTS, 2, NOW + 600)
        await tell(one, mirror, WATTS, 1, NOW + 300)
        assert one.leaf(f"{POWER}$mag$f") == 2.0
        await tell(one, mirror, WATTS, 3, NOW + 600)
        assert one.leaf(f"{POWER}$mag$f") == 3.0


async def test_two_series_of_one_object_are_told_by_their_time(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        mirror = await furnished(
            one, series(WATTS, kind(38, kind=37)), series(OTHER, kind(38, kind=37, power=1))
        )
        await tell(one, mirror, OTHER, 5, NOW + 60)
        await tell(one, mirror, WATTS, 7, NOW)
        assert one.leaf(f"{POWER}$mag$f") == 50.0
        await tell(one, mirror, WATTS, 8, NOW + 120)
        assert one.leaf(f"{POWER}$mag$f") == 8.0


async def test_a_part_of_a_tier_is_not_the_whole(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        mirror = await furnished(one, series(WATTS, kind(38, kind=37)))
        tiered = value(4, NOW + 60).replace("<timePeriod>", "<timePeriod>", 1)
        tiered = tiered.replace("<value>", "<touTier>2</touTier><value>")
        await tell(one, mirror, WATTS, 9)
        await one.ask("POST", mirror, reading(WATTS, tiered))
        assert one.leaf(f"{POWER}$mag$f") == 9.0


async def test_what_was_mirrored_before_is_there_at_the_start_and_after_a_new_capability(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path) as one:
        mirror = await furnished(one, series(WATTS, kind(38, kind=37)))
        await tell(one, mirror, WATTS, 5)
        await one.put(f"{HOME}/dercap", asks.MORE)
        assert one.leaf(f"{POWER}$mag$f") == 5.0
        image = Image()
        again = Fleet(
            one.office.store, Estate(image), Rights(image, lambda: one.office.policy), (),
            lambda: one.moment, 0.0,
        )  # fmt: skip
        await again.open()
        assert image.domains[DOMAIN].leaves[f"{POWER}$mag$f"] == 5.0
        await again.close()


async def test_what_is_mirrored_before_the_device_can_anything_is_shown_then(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        mirror = await one.ask("POST", "/mup", point(series(WATTS, kind(38, kind=37)), device=DEVICE))
        await tell(one, mirror, WATTS, 5)
        await one.put(f"{HOME}/dercap", asks.CAPABILITY)
        assert one.leaf(f"{POWER}$mag$f") == 5.0


async def test_a_mirror_that_is_removed_leaves_an_invalid_value(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        mirror = await furnished(one, series(WATTS, kind(38, kind=37)))
        await tell(one, mirror, WATTS, 5)
        await one.ask("DELETE", mirror)
        assert one.leaf(f"{POWER}$q") == INVALID


async def test_a_series_of_another_type_is_at_another_object(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        mirror = await furnished(one, series(WATTS, kind(38, kind=37)))
        await tell(one, mirror, WATTS, 5)
        again = point(series(WATTS, kind(63, kind=37)), mark=MUP, device=DEVICE)
        await one.ask("POST", "/mup", again)
        assert one.leaf(f"{POWER}$q") == INVALID
        await tell(one, mirror, WATTS, 6)
        assert one.leaf("MMXU1$MX$TotVAr$mag$f") == 6.0


async def test_a_reading_is_a_word_of_a_lost_device(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        mirror = await furnished(one, series(WATTS, kind(38, kind=37)))
        await tell(one, mirror, WATTS, 5)
        one.moment = NOW + LONG
        one.fleet.silence.look()
        assert one.leaf(f"{POWER}$q") == LOST
        one.office.moment, one.moment = NOW + 1_000, NOW + 1_000.0
        await tell(one, mirror, WATTS, 6, NOW + 1_000)
        assert (one.leaf(f"{POWER}$q"), one.leaf(f"{POWER}$mag$f")) == (GOOD, 6.0)


async def test_of_a_flood_only_what_came_last_is_read_and_put(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scene(tmp_path) as one:
        mirror = await furnished(one, series(WATTS, kind(38, kind=37)))
        await tell(one, mirror, WATTS, 5)
        changes: list[Change] = []
        one.fleet.estate.image.watchers.append(lambda found, _: changes.extend(found))
        asked: list[Row] = []
        real = metering.said

        def counted(row: Row, kind: Row, about: Row) -> messages.Reading | None:
            asked.append(row)
            return real(row, kind, about)

        monkeypatch.setattr(metering, "said", counted)
        flood = readings(*(reading(WATTS, value(number, NOW + number), head="") for number in range(1, 201)))
        await one.ask("POST", mirror, flood)
        assert one.leaf(f"{POWER}$mag$f") == 200.0
        assert len(asked) == 1
        assert {change.item for change in changes} <= {f"{POWER}${each}" for each in ("mag$f", "q", "t")}


async def test_a_figure_that_no_object_holds_is_passed_over(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        mirror = await furnished(one, series(WATTS, kind(23)), series(OTHER, kind(38, kind=37)))
        await tell(one, mirror, WATTS, 21)
        await tell(one, mirror, OTHER, 5)
        assert one.leaf(f"{POWER}$mag$f") == 5.0


async def test_readings_that_come_together_are_one_change(tmp_path: Path) -> None:
    async with scene(tmp_path) as one:
        phases = [(f"{phase:032X}", kind(38, kind=37, phase=phase)) for phase in (128, 64, 32)]
        mirror = await furnished(one, *(series(mark, type_) for mark, type_ in phases))
        changes: list[tuple[Change, ...]] = []
        one.fleet.estate.image.watchers.append(lambda found, _: changes.append(found))
        told = (reading(mark, value(7, NOW + 60), head="") for mark, _ in phases)
        await one.ask("POST", mirror, readings(*told))
        (found,) = changes
        figures = {f"MMXU1$MX$W$phs{phase}$cVal$mag$f" for phase in "ABC"}
        assert figures <= {change.item for change in found}
