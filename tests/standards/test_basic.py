"""BASIC-001 to 015, 027 to 029: identity, groups, modes, alarms, status, readings (CSIP 2.1 clause 5.2)."""

from __future__ import annotations

import asyncio
from typing import Any
from xml.etree.ElementTree import Element

from bridge.trust import identity
from tests.standards import papers
from tests.standards.grid import LEVELS, PIN, Device, Programme, Utility, now
from tests.standards.judged import NS, Party, href, hrefs, links, text

VOLTAGE = {
    "opModHVRTMayTrip": 3, "opModHVRTMomentaryCessation": 4, "opModHVRTMustTrip": 5,
    "opModLVRTMayTrip": 8, "opModLVRTMomentaryCessation": 9, "opModLVRTMustTrip": 10,
}  # fmt: skip
FREQUENCY = {"opModHFRTMayTrip": 1, "opModHFRTMustTrip": 2, "opModLFRTMayTrip": 6, "opModLFRTMustTrip": 7}
"""curveType by mode."""


async def test_basic_001_identity(utility: Utility) -> None:
    """SFDI, LFDI and PIN are those of the certificate, for a device alone and for those of an aggregator."""
    holder = await utility.aggregator()
    alone = await utility.device(name="alone")
    held = [await utility.held(holder, f"held {number}") for number in range(2)]
    for party, devices in ((alone.party, [alone]), (holder.party, [holder, *held])):
        found = await party.read("/edev?l=255")
        assert {text(each, "lFDI") for each in found} == {each.lfdi for each in devices}
        for each in found:
            lfdi, sfdi = text(each, "lFDI") or "", text(each, "sFDI") or ""
            assert int(sfdi) == identity.sfdi(lfdi)
            assert sum(map(int, sfdi)) % 10 == 0
            assert int(sfdi) // 10 == int(lfdi[:9], 16)
            assert text(await party.read(href(each, "RegistrationLink")), "pIN") == str(PIN)


async def test_basic_002_groups(utility: Utility) -> None:
    """At the bottom of seven levels there is a programme and a default of each, the nearest first."""
    groups = await utility.topology()
    programmes = [await utility.programme(group, len(groups) - at) for at, group in enumerate(groups)]
    for programme in programmes:
        await programme.default(opModConnect=True)
    bottom, top = await utility.device(groups[-1]), await utility.device(groups[0], name="top")
    found = await bottom.party.read(f"{bottom.href}/der/1/derp?l=255")
    assert hrefs(found) == [programme.href for programme in reversed(programmes)]
    for each in found:
        assert text(await bottom.party.read(href(each, "DefaultDERControlLink")), "mRID")
    assert (await bottom.party.read(f"{bottom.href}/fsa")).get("all") == str(len(LEVELS))
    assert hrefs(await top.party.read(f"{top.href}/fsa?l=255")) == [f"{top.href}/fsa/{groups[0]}"]
    assert await top.party.status("GET", programmes[-1].href) == 404


async def test_basic_003_a_subtree_moves(utility: Utility) -> None:
    """A feeder goes to another substation while its device polls: each answer is of before or of after."""
    system = await utility.group("system")
    one, two = [await utility.group(name, "substation", system) for name in ("one", "two")]
    feeder = await utility.group("feeder", "feeder", one)
    programmes = {group: await utility.programme(group) for group in (system, one, two, feeder)}
    mover, other = await utility.device(feeder, name="mover"), await utility.device(one, name="other")
    sides = ((system, one, feeder), (system, two, feeder))
    before, after = ({programmes[group].href for group in side} for side in sides)
    looks: list[set[str]] = []
    begun, moved = asyncio.Event(), asyncio.Event()

    async def poll() -> None:
        async with mover.party:
            while not moved.is_set() or looks[-1] != after:
                looks.append(set(hrefs(await mover.party.read("/derp?l=255"))))
                begun.set()

    polling = asyncio.create_task(poll())
    await begun.wait()
    await utility.ask("POST", f"/groups/{feeder}/move", {"parent": two})
    moved.set()
    await asyncio.wait_for(polling, 60)
    assert looks[0] == before
    assert all(look in (before, after) for look in looks)
    assert hrefs(await mover.party.read(f"{mover.href}/fsa?l=9")) != []
    kept = {programmes[group].href for group in (system, one)}
    assert set(hrefs(await other.party.read("/derp?l=255"))) == kept


# ------------------------------------------------------------------------------------------------------ modes


async def offered(utility: Utility) -> tuple[Programme, list[Party]]:
    """A programme with a device that reads it as of 2018 and one that reads it as of 2023."""
    group = await utility.group("feeder")
    programme = await utility.programme(group)
    devices = [await utility.device(group, name=name, profile=name) for name in ("csip", "2023")]
    for device, profile in zip(devices, ("csip", "2023"), strict=True):
        device.party.profile = profile
    return programme, [device.party for device in devices]


async def bases(
    utility: Utility, modes: dict[str, Any], entry: dict[str, Any] | None = None
) -> list[Element]:
    """What readers see of modes that are commanded, and of the same as a default."""
    programme, parties = await offered(utility)
    return await told(programme, parties, modes, entry)


async def told(
    programme: Programme, parties: list[Party], modes: dict[str, Any], entry: dict[str, Any] | None = None
) -> list[Element]:
    await programme.default(entry, **modes)
    await programme.control(modes=modes) if modes else None
    found = []
    for party in parties:
        found.append(await party.read(f"{programme.href}/dderc"))
        found += list(await party.read(f"{programme.controls}?l=9"))
    return found


Points = list[tuple[int, int]]


async def curves(
    utility: Utility, types: dict[str, int], reference: str, points: Points, **form: Any
) -> None:
    """Curves of modes are offered by link, in a control and in a default, with all their points."""
    programme, parties = await offered(utility)
    drawn = {mode: await programme.curve(type_, points, reference, **form) for mode, type_ in types.items()}
    for found in await told(programme, parties, dict(drawn)):
        for mode, place in drawn.items():
            assert href(found, mode) == place
    for party in parties:
        for mode, place in drawn.items():
            curve = await party.read(place)
            assert text(curve, "curveType") == str(types[mode])
            given = [tuple(one.text for one in each) for each in curve.iter(f"{NS}CurveData")]
            assert given == [(str(x), str(y)) for x, y in points]
        assert (await party.read(f"{programme.href}/dc")).get("all") == str(len(drawn))


def base(found: Element, *names: str) -> str | None:
    """A value of a control's base."""
    return text(found, "DERControlBase", *names)


async def test_basic_004_voltage_ride_through(utility: Utility) -> None:
    points = [(0, 120), (16, 120), (100, 110), (10000, 110)]
    await curves(utility, VOLTAGE, "effectiveV", points, x_multiplier=-2)


async def test_basic_005_frequency_ride_through(utility: Utility) -> None:
    await curves(utility, FREQUENCY, "none", [(16, 6200), (30000, 6050)], x_multiplier=-2, y_multiplier=-2)


async def test_basic_006_volt_var(utility: Utility) -> None:
    points = [(92, 44), (98, 0), (102, 0), (108, -44)]
    await curves(utility, {"opModVoltVar": 11}, "statVarAvail", points, open_loop=5)


async def test_basic_007_ramp_rates(utility: Utility) -> None:
    """Ramps are said by the default alone."""
    found = await bases(utility, {}, {"setGradW": 1.5, "setSoftGradW": 0.2})
    assert len(found) == 2
    for each in found:
        assert (text(each, "setGradW"), text(each, "setSoftGradW")) == ("150", "20")


async def test_basic_008_fixed_power_factor(utility: Utility) -> None:
    for found in await bases(utility, {"opModFixedPFInjectW": {"factor": 0.95, "absorbing": False}}):
        factor = int(base(found, "opModFixedPFInjectW", "displacement") or 0)
        multiplier = int(base(found, "opModFixedPFInjectW", "multiplier") or 0)
        assert (factor, multiplier) == (95, -2)
        assert base(found, "opModFixedPFInjectW", "excitation") == "false"


async def test_basic_009_connect_and_energise(utility: Utility) -> None:
    for found in await bases(utility, {"opModConnect": False, "opModEnergize": True}):
        assert (base(found, "opModConnect"), base(found, "opModEnergize")) == ("false", "true")


async def test_basic_010_limit_of_power(utility: Utility) -> None:
    for found in await bases(utility, {"opModMaxLimW": 60}):
        assert base(found, "opModMaxLimW") == "6000"


async def test_basic_011_volt_watt(utility: Utility) -> None:
    await curves(utility, {"opModVoltWatt": 12}, "setMaxW", [(106, 100), (110, 20)], open_loop=10)


async def test_basic_012_frequency_watt_and_droop(utility: Utility) -> None:
    await curves(utility, {"opModFreqWatt": 0}, "setMaxW", [(6000, 100), (6050, 0)], x_multiplier=-2)
    ends = {"over_deadband": 0.036, "under_deadband": 0.036, "over_slope": 0.05, "under_slope": 0.05}
    said, names = {**ends, "open_loop": 5}, ("dBOF", "dBUF", "kOF", "kUF")
    for found in await bases(Utility(utility.site, f"{utility.prefix} droop"), {"opModFreqDroop": said}):
        assert [base(found, "opModFreqDroop", name) for name in names] == ["36", "36", "50", "50"]


async def test_basic_013_power_in_per_cent(utility: Utility) -> None:
    for found in await bases(utility, {"opModFixedW": 60}):
        assert base(found, "opModFixedW") == "6000"


async def test_basic_014_power_in_watts(utility: Utility) -> None:
    for found in await bases(utility, {"opModTargetW": 3000}):
        value, power = (int(base(found, "opModTargetW", name) or 0) for name in ("value", "multiplier"))
        assert value * 10**power == 3000


async def test_basic_015_queued_events(utility: Utility) -> None:
    """Twenty-four events wait; those that are cancelled say so, and the rest stays in order."""
    programme, (party, _) = await offered(utility)
    start = now() + 1000
    made = [await programme.control(60, start=start + 60 * at, description=f"{at}") for at in range(24)]
    for control in made[3:24:4]:
        await programme.cancel(control)
    found = await party.read(f"{programme.controls}?l=255")
    assert (found.get("all"), found.get("results")) == ("24", "24")
    assert [text(each, "description") for each in found] == [str(at) for at in range(24)]
    status = [text(each, "EventStatus", "currentStatus") for each in found]
    assert status == ["2" if at % 4 == 3 else "0" for at in range(24)]
    parts = [await party.read(f"{programme.controls}?s={at}&l=8") for at in (0, 8, 16)]
    assert [one for part in parts for one in hrefs(part)] == hrefs(found)


# ------------------------------------------------------------------------------------------ what devices tell


async def test_basic_027_alarms(utility: Utility) -> None:
    """Events of a log are taken and read newest first; at least ten stay."""
    device, at = await utility.device(), now()
    async with device.party as party:
        log = href(await party.read(device.href), "LogEventListLink")
        for number in range(12):
            reply = await party.post(log, papers.alarm(number, number % 10, at - 12 + number))
            assert reply.status == 201
            assert text(await party.read(reply.headers["Location"]), "logEventID") == str(number)
        found = await party.read(f"{log}?l=255")
    assert [text(each, "logEventID") for each in found] == [str(number) for number in reversed(range(12))]
    assert found.get("all") == "12"
    kept = await utility.ask("GET", f"/logs?device={device.lfdi}&limit=500")
    assert sorted(each["event"] for each in kept["items"]) == list(range(12))


async def test_basic_028_status(utility: Utility) -> None:
    """A status that is PUT is read back, by the device and by the utility."""
    device = await utility.device()
    path = href(await device.party.read(f"{device.href}/der/1"), "DERStatusLink")
    for connected in (1, 7):
        assert await device.party.status("PUT", path, papers.status(connected)) == 204
        found = await device.party.read(path)
        assert text(found, "genConnectStatus", "value") == f"{connected:02X}"
        der = await utility.ask("GET", f"/devices/{device.number}/ders/1")
        assert der["status"]["document"]["genConnectStatus"]["value"] == f"{connected:02X}"
        assert der["status"]["record"]


async def test_basic_029_meter_readings(utility: Utility) -> None:
    """W, VAr, Hz and V are mirrored, and read back as usage points."""
    device = await utility.device()
    marks, start = [papers.mrid() for _ in range(5)], now() - 600
    place = await device.party.made("/mup", papers.mirror(device.lfdi, marks))
    assert int(text(await device.party.read(place), "postRate") or 0) > 0
    for at, mark in enumerate(marks[1:]):
        body = papers.readings(mark, papers.mrid(), start, at, at + 10, at + 20)
        assert await device.party.status("POST", place, body) in {201, 204}
    assert await device.party.status("PUT", place, papers.mirror(device.lfdi, marks)) == 204
    await metered(device, marks)
    page = await utility.ask("GET", f"/readings?device={device.lfdi}&limit=500")
    values = sorted(float(one["value"]) for one in page["items"])
    assert values == sorted(float(at + more) for at in range(4) for more in (0, 10, 20))


async def metered(device: Device, marks: list[str]) -> None:
    """What was mirrored is there as a usage point with four series of three readings."""
    (point,) = await device.party.read("/upt?l=9")
    assert text(point, "mRID") == marks[0]
    units = {mark: str(uom) for mark, (_, uom, _) in zip(marks[1:], papers.METERED, strict=True)}
    series = await device.party.read(f"{href(point, 'MeterReadingListLink')}?l=9")
    assert {text(each, "mRID") for each in series} == set(units)
    for each in series:
        kind = await device.party.read(href(each, "ReadingTypeLink"))
        assert text(kind, "uom") == units[text(each, "mRID") or ""]
        (set_,) = await device.party.read(f"{href(each, 'ReadingSetListLink')}?l=9")
        found = await device.party.read(f"{href(set_, 'ReadingListLink')}?l=9")
        values = [int(text(one, "value") or 0) for one in found]
        assert values == [values[0], values[0] + 10, values[0] + 20]
        assert links(each)
