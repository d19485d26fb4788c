"""2030.5 and the canonical records: what is kept, and what may not be; editions.

A kept thing never stands in for a value, and nothing that one edition says is dropped in silence where
another is written: it is refused, or it is reported as lost.
"""

from __future__ import annotations

from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest

from bridge.mapping import xml
from bridge.mapping.bonds import Book
from bridge.mapping.profile import load as profile
from bridge.mapping.rows import read
from bridge.mapping.sep2 import from_canonical, to_canonical
from bridge.mapping.table import Hole, Unrepresentable, load, parse
from models.der import messages as m
from models.sep2.y2018 import der, derinfo, edev, links, mup
from peers.roundtrip import ENVELOPE, PROFILES
from tests.mapping.controls import NS, changed, control, modes_of

# ------------------------------------------------------------------------------------------------------ kept


def test_what_was_kept_of_a_mode_goes_with_the_mode() -> None:
    record = control("2023", '<opModMaxLimW x:note="n">5000</opModMaxLimW>')
    lost: list[tuple[str, str]] = []
    found: Any = from_canonical(changed(record, maxLimW=None), "2023", lost=lost)
    assert found.DERControlBase.opModMaxLimW is None
    assert [path for path, _ in lost] == ["DERControlBase.opModMaxLimW.anyAttribute[{urn:example:x}note]"]


@pytest.mark.parametrize(
    "path",
    [
        "description",
        "mRID",
        "interval.start",
        "DERControlBase.opModConnect",
        "DERControlBase.opModTargetW.value",
        "DERControlBase.opModTargetW",
        "DERControlBase.opModVoltVar.href",
        "EventStatus",
        "DERControlBase.nothing",
        "nothing",
        "subscribable[1]",
        "subscribable.more",
        "",
        "..",
        "anyAttribute[x",
        "DERControlBase[1].opModConnect",
    ],
)
def test_a_kept_thing_never_stands_in_for_a_value(path: str) -> None:
    record = control("2018", "<opModTargetW><multiplier>3</multiplier><value>5</value></opModTargetW>")
    record = record.model_copy(update={"description": None, "kept": ()})
    plain = from_canonical(record, "2018")
    lost: list[tuple[str, str]] = []
    kept = record.model_copy(update={"kept": (m.Kept(path=path, value="1"),)})
    assert from_canonical(kept, "2018", lost=lost) == plain
    assert [found for found, _ in lost] == [path.removesuffix("[1]").removesuffix(".more")]


@pytest.mark.parametrize("path", ["DERControlBase.opModTargetW.xsi:type", "xsi:type", "element"])
@pytest.mark.parametrize("name", ["LogEvent", "DERCurve", "Nothing"])
def test_a_kept_type_that_does_not_belong_there_is_not_taken(path: str, name: str) -> None:
    record = control("2018", "<opModTargetW><multiplier>3</multiplier><value>5</value></opModTargetW>")
    odd = record.model_copy(update={"kept": (*record.kept, m.Kept(path=path, value=name))})
    lost: list[tuple[str, str]] = []
    assert from_canonical(odd, "2018", lost=lost) == from_canonical(record, "2018")
    assert [found for found, _ in lost] == [path]


def test_a_foreign_attribute_of_a_value_goes_with_the_value() -> None:
    data = f"""<DERProgram xmlns="{NS}" xmlns:x="urn:x"><mRID>01</mRID><version x:a="n">7</version>
    <primacy x:b="m">1</primacy></DERProgram>"""
    record: Any = to_canonical(xml.read(data.encode(), profile("2023")), "2023", envelope=ENVELOPE)
    whole: Any = from_canonical(record, "2023")
    assert whole.anyAttribute == (("version/@{urn:x}a", "n"), ("primacy/@{urn:x}b", "m"))
    lost: list[tuple[str, str]] = []
    found: Any = from_canonical(record.model_copy(update={"version": None}), "2023", lost=lost)
    assert found.anyAttribute == (("primacy/@{urn:x}b", "m"),)
    assert [path for path, _ in lost] == ["anyAttribute[version/@{urn:x}a]"]


def test_a_kept_text_that_is_no_value_is_an_error() -> None:
    record = control("2018", "").model_copy(update={"kept": (m.Kept(path="subscribable", value="often"),)})
    with pytest.raises(Unrepresentable, match="subscribable: 'often' was kept where a int stands"):
        from_canonical(record, "2018")


def test_hexadecimal_text_keeps_its_letters() -> None:
    record = control("2018", "", root='responseRequired="0a"')
    assert (record.mRID, record.responseRequired) == ("0aFFb1", "0a")
    found: Any = from_canonical(record, "2018")
    assert (found.mRID, found.responseRequired) == ("0aFFb1", "0a")


def test_parts_keep_their_own_and_take_it_with_them() -> None:
    readings = tuple(mup.MirrorMeterReading(mRID=f"0{n}", href=f"/mup/1/mr/{n}") for n in range(3))
    wire = mup.MirrorUsagePoint(
        mRID="AA",
        roleFlags="0000",
        serviceCategoryKind=0,
        status=1,
        deviceLFDI="BB",
        MirrorMeterReading=readings,
    )
    record: Any = to_canonical(wire, "2018", envelope=ENVELOPE)
    fewer: Any = from_canonical(record.model_copy(update={"series": record.series[1:]}), "2018")
    assert fewer.MirrorMeterReading == readings[1:]


# ------------------------------------------------------------------------------- from one edition to another


def test_a_control_of_2018_is_written_for_every_edition() -> None:
    record = control(
        "2018", "<opModMaxLimW>5000</opModMaxLimW><opModVoltVar href='/c'/>", root='subscribable="1"'
    )
    for edition in PROFILES:
        lost: list[tuple[str, str]] = []
        found: Any = from_canonical(record, edition, lost=lost)
        assert (found.href, found.subscribable, found.DERControlBase.opModVoltVar.href) == (
            "/derp/1/derc/2",
            1,
            "/c",
        )
        assert lost == []


def test_a_mode_that_an_edition_has_not_is_refused() -> None:
    newer = control("2023", "<opModDeltaW><multiplier>0</multiplier><value>5</value></opModDeltaW>")
    with pytest.raises(Unrepresentable, match=r"^modes\.deltaW: DERControlBase of this edition has no place"):
        from_canonical(newer, "2018")
    disabled = control("2023", '<opModMaxLimW disabled="true">1</opModMaxLimW>')
    with pytest.raises(Unrepresentable, match=r"^modes\.maxLimW\.disabled"):
        from_canonical(disabled, "2018")
    enabled = control("2023", '<opModMaxLimW disabled="false">1</opModMaxLimW>')
    assert modes_of(enabled, "2018").opModMaxLimW == 1
    storage = control(
        "aus13",
        '<c:opModStorageTargetW xmlns:c="https://csipaus.org/ns/v1.3-beta/storage"><multiplier>0</multiplier>'
        "<value>-5</value></c:opModStorageTargetW>",
    )
    with pytest.raises(Unrepresentable, match=r"^modes\.storageTargetW"):
        from_canonical(storage, "aus12")


def test_what_an_edition_has_no_place_for_is_reported_when_it_was_only_kept() -> None:
    record = control("2023", "<opModEnergize>true</opModEnergize><x:more>1</x:more>", root='schemaVer="2.2"')
    lost: list[tuple[str, str]] = []
    assert modes_of(record, "2018").opModEnergize is True
    from_canonical(record, "2018", lost=lost)
    assert sorted(path for path, _ in lost) == ["DERControlBase.any", "schemaVer"]


def test_a_reference_that_an_edition_has_no_code_for_is_refused() -> None:
    record = control("2023", "<opModFixedVar><refType>8</refType><value>-100</value></opModFixedVar>")
    with pytest.raises(Unrepresentable, match=r"^modes\.fixedVar: this edition has no code for setMaxVA"):
        from_canonical(record, "2018")


def test_one_wrong_row_stops_every_document_of_its_edition() -> None:
    text = files("mappings").joinpath("der-sep2.toml").read_text("utf-8")
    codes = load("sep2-codes")
    wrong = Book(
        read(parse(text.replace('"logEventID", canonical', '"logEventIdentity", canonical'), "t.toml"), codes)
    )
    with pytest.raises(Hole, match=r"^t\.toml:\d+: LogEvent has no logEventIdentity"):
        to_canonical(der.DERProgram(mRID="AA", primacy=1), "2018", envelope=ENVELOPE, plans=wrong)


def test_what_is_no_der_document_has_no_record() -> None:
    with pytest.raises(Unrepresentable, match="EndDevice: has no canonical record in 2018"):
        to_canonical(edev.EndDevice(sFDI=1, changedTime=1), "2018", envelope=ENVELOPE)
    with pytest.raises(Unrepresentable, match="DERCurveLink: has no canonical record in 2018"):
        to_canonical(links.DERCurveLink(href="/"), "2018", envelope=ENVELOPE)
    with pytest.raises(Unrepresentable, match="DERStatus: is not what 2023 calls by this name"):
        to_canonical(derinfo.DERStatus(readingTime=1), "2023", envelope=ENVELOPE)
    with pytest.raises(Unrepresentable, match="Point: is not what 2018 calls"):
        to_canonical(m.Point(x=Decimal(1), y=Decimal(1)), "2018", envelope=ENVELOPE)
    with pytest.raises(LookupError, match="no edition 2013"):
        from_canonical(control("2018", ""), "2013")
