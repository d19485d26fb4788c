"""SCL: what is exported comes back the same, satisfies our checks, and what is wrong with a file is told."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from bridge.iec61850 import able, device
from bridge.iec61850.image import Domain
from bridge.iec61850.scl import check, opening, reader, writer
from bridge.iec61850.scl.fault import Faulty
from bridge.iec61850.scl.words import OPTIONS, TRIGGERS, bits, flags, tag
from bridge.iec61850.scl.writer import CONFIGURED, Named
from bridge.iec61850.shape import Value
from models.der import messages
from tests.iec61850.units import AT, LFDI, MRID, capabilities, capability, everything, served
from tests.mapping.fitting import BASES

many = settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
NAMED = Named("derbridge", version="1", jid="bridge@example.com/IEC")


def exported(*made: device.Device, named: Named = NAMED) -> bytes:
    return writer.write(named, ((each.outline, each.domain) for each in made))


def configured(domain: Domain) -> dict[str, Value]:
    """The leaves that a file has: neither states nor measurements, nor a figure that nobody has told."""
    return {
        item: 0.0 if isinstance(value, float) and math.isnan(value) else value
        for item, value in domain.leaves.items()
        if item.split("$")[1] in {*CONFIGURED, "RP", "BR", "LG"}
    }


@many
@given(found=capabilities())
def test_what_is_exported_is_read_as_the_same_device(found: messages.Capability) -> None:
    made = device.unit(LFDI, found, BASES, AT)
    (server,) = reader.load(exported(made))
    (read,) = server.devices
    assert (server.ied, server.point, server.jid) == ("derbridge", "AP1", NAMED.jid)
    assert replace(read.outline, nodes=()) == replace(made.outline, nodes=())
    assert read.outline.nodes == made.outline.nodes
    assert (read.domain.name, read.domain.type) == (made.domain.name, made.domain.type)
    assert (read.domain.sets, read.domain.triggers) == (made.domain.sets, made.domain.triggers)
    assert configured(read.domain) == configured(made.domain)


@many
@given(found=capabilities())
def test_what_is_exported_has_no_problem(found: messages.Capability) -> None:
    assert check.check(exported(device.unit(LFDI, found, BASES, AT))) == []


def test_settings_travel_with_the_device_and_states_do_not() -> None:
    _, made = served(capability())
    made.domain.leaves.update({"DGEN1$SP$WMax$setMag$f": 4000.5, "DGEN1$ST$DEROpSt$stVal": 6})
    (server,) = reader.load(exported(made))
    leaves = server.devices[0].domain.leaves
    assert leaves["DGEN1$SP$WMax$setMag$f"] == 4000.5
    assert leaves["DGEN1$ST$DEROpSt$stVal"] == 0


def test_a_server_has_all_its_devices_with_types_written_once() -> None:
    unit, group = served(everything())[1], device.group(MRID, able.modes(everything()), BASES, AT)
    both, one = exported(unit, group), exported(unit)
    (server,) = reader.load(both)
    assert [each.domain.name for each in server.devices] == [unit.name, group.name]
    assert check.check(both) == []
    assert counted(both, "DOType") < counted(one, "DOType") * 1.2
    assert counted(both, "EnumType") == counted(one, "EnumType")


def counted(data: bytes, kind: str) -> int:
    return sum(1 for _ in etree.fromstring(data).iter(tag(kind)))


def test_a_template_has_neither_name_nor_address() -> None:
    made = device.unit(LFDI, capability(), BASES, AT, ied="TEMPLATE")
    data = exported(made, named=Named("TEMPLATE"))
    assert b"Communication" not in data
    (server,) = reader.load(data)
    assert (server.ied, server.jid) == ("TEMPLATE", "")
    assert check.check(data) == []


def test_flags_of_a_block_are_its_bits() -> None:
    assert flags("0111100010", OPTIONS)["configRef"] == "true"
    assert bits(flags("0111101110", OPTIONS), OPTIONS, 10) == "0111101110"
    assert bits({}, TRIGGERS, 6) == "000001", "a general interrogation is possible unless a file says no"


# ------------------------------------------------------------------------------------------- a peer's own way


PEER = b"""<?xml version="1.0" encoding="UTF-8"?>
<!-- as tools write them -->
<SCL xmlns="http://www.iec.ch/61850/2003/SCL" version="2007" revision="B" release="4">
 <Header id="plant"/>
 <Communication><SubNetwork name="W" type="8-XMPP"><ConnectedAP iedName="DER" apName="S1">
  <Address><P type="JID"> der1@dso.example/IEC </P></Address></ConnectedAP></SubNetwork></Communication>
 <IED name="DER"><Private type="x"><any xmlns="urn:x"/></Private>
  <AccessPoint name="S1"><Server><Authentication/>
  <LDevice inst="A" ldName="Plant"><LN0 lnClass="LLN0" inst="" lnType="zero">
    <DataSet name="all"><FCDA ldInst="A" lnClass="LLN0" doName="Beh" fc="ST"/>
     <FCDA ldInst="B" prefix="" lnClass="MMXU" lnInst="1" doName="TotW" daName="mag.f" fc="MX"/></DataSet>
    <ReportControl name="rep" datSet="all" confRev="7" buffered="true" bufTime="50" indexed="false">
     <TrgOps dchg="true" gi="false"/><OptFields seqNum="1"/></ReportControl>
    <ReportControl name="free" confRev="0"/>
  </LN0></LDevice>
  <LDevice inst="B"><LN0 lnClass="LLN0" inst="" lnType="zero"/>
   <LN lnClass="MMXU" inst="1" lnType="meter"><DOI name="TotW"><SDI name="units"><DAI name="SIUnit">
     <Val>W</Val></DAI></SDI></DOI></LN></LDevice>
  </Server></AccessPoint></IED>
 <DataTypeTemplates>
  <LNodeType id="zero" lnClass="LLN0"><DO name="Beh" type="beh"/></LNodeType>
  <LNodeType id="meter" lnClass="MMXU"><DO name="TotW" type="mv"/></LNodeType>
  <DOType id="beh" cdc="ENS"><DA name="stVal" fc="ST" bType="Enum" type="mod" dchg="true"/>
   <DA name="q" fc="ST" bType="Quality" qchg="true"/></DOType>
  <DOType id="mv" cdc="MV"><DA name="mag" fc="MX" bType="Struct" type="av" dchg="true"/>
   <DA name="units" fc="CF" bType="Struct" type="unit"/></DOType>
  <DAType id="av"><BDA name="f" bType="FLOAT32"/></DAType>
  <DAType id="unit"><BDA name="SIUnit" bType="Enum" type="si"/></DAType>
  <EnumType id="mod"><EnumVal ord="1">on</EnumVal><EnumVal ord="5">off</EnumVal></EnumType>
  <EnumType id="si"><EnumVal ord="38">W</EnumVal></EnumType>
 </DataTypeTemplates>
</SCL>
"""


def test_a_peer_that_names_its_devices_its_own_way_is_read() -> None:
    (server,) = reader.load(PEER)
    assert server.jid == "der1@dso.example/IEC"
    first, second = server.devices
    assert (first.domain.name, second.domain.name) == ("Plant", "DERB")
    assert first.domain.sets["LLN0$all"].members == (
        ("Plant", "LLN0$ST$Beh"),
        ("DERB", "MMXU1$MX$TotW$mag$f"),
    )
    assert first.domain.leaves["LLN0$BR$rep$ConfRev"] == 7
    assert first.domain.leaves["LLN0$BR$rep$DatSet"] == "Plant/LLN0$all"
    assert first.domain.leaves["LLN0$BR$rep$TrgOps"] == "010000"
    assert first.domain.leaves["LLN0$BR$rep$OptFlds"] == "0100001000"
    assert first.domain.leaves["LLN0$RP$free01$DatSet"] == ""
    assert first.domain.triggers["LLN0$ST$Beh$stVal"] == ("dchg",)
    assert second.domain.leaves["MMXU1$CF$TotW$units$SIUnit"] == 38
    assert check.check(PEER) == []


@pytest.mark.parametrize(
    ("was", "now", "reason"),
    [
        ('lnType="meter"><DOI', 'lnType="metre"><DOI', "no LNodeType 'metre'"),
        ('type="av"', 'type="aw"', "no DAType 'aw'"),
        ('name="TotW" type="mv"', 'name="TotW" type="beh2"', "no DOType 'beh2'"),
        ('type="si"/>', 'type="so"/>', "no EnumType 'so'"),
        ('bType="FLOAT32"', 'bType="FLOAT16"', "a basic type 'FLOAT16'"),
        ('name="mag" fc="MX"', 'name="mag" fc="XX"', "no functional constraint"),
        ('id="meter" lnClass="MMXU"', 'id="meter" lnClass="MMTR"', "is of class MMTR"),
        ("<Val>W</Val>", "<Val>V</Val>", "no literal of si"),
        ('<SDI name="units">', '<SDI name="unit">', "has no attribute"),
        ('ldInst="B" prefix', 'ldInst="C" prefix', "no device 'C'"),
        ('inst="B"><LN0', 'inst="A"><LN0', "two devices have one name"),
        ('confRev="7"', 'confRev="-7"', "confRev '-7' is no number"),
        ('<EnumVal ord="38">', '<EnumVal ord="W">', "no number of a literal"),
        ('id="unit"', 'id="av"', "is there twice"),
        ('<BDA name="f" bType="FLOAT32"/>', '<BDA name="f" bType="Struct" type="av"/>', "contains itself"),
        (
            'name="units" fc="CF" bType="Struct"',
            'name="units" fc="CF" count="9999" bType="Struct"',
            "array of 9999",
        ),
        ('<?xml version="1.0" encoding="UTF-8"?>', "<!DOCTYPE SCL []>", "a document type"),
        ("</SCL>", "", "not well-formed"),
        ("2003/SCL", "2003/SCX", "no SCL document"),
    ],
)
def test_a_file_that_cannot_be_meant_is_refused_and_says_why(was: str, now: str, reason: str) -> None:
    data = PEER.replace(was.encode(), now.encode(), 1)
    assert data != PEER
    with pytest.raises(Faulty, match=reason):
        reader.load(data)
    assert [problem.text for problem in check.check(data) if reason in problem.text]


@pytest.mark.parametrize(
    ("was", "now", "text"),
    [
        ('id="av"', 'id="aw"', "no DAType 'av'"),
        ("</DataType", '<EnumType id="old"/></DataType', "EnumType old is used by nothing"),
        ('datSet="all"', 'datSet="none"', "a data set none, which is not there"),
        ('doName="TotW" daName="mag.f"', 'doName="TotVAr"', "a member DERB/MMXU1$MX$TotVAr, which"),
        ('<BDA name="f" ', '<BDA name="f" fc="MX" ', "BDA f has a functional constraint"),
        ('<EnumVal ord="5">', '<EnumVal ord="1">', "or not different"),
        ('<EnumVal ord="5">', '<EnumVal ord="500">', "not one octet each"),
        ('ldName="Plant"', 'ldName="9"', "no name of a domain"),
        ('iedName="DER"', 'iedName="DES"', "no server of this file"),
        ('<P type="JID">', '<P type="IP">', "has no JID"),
        ('name="rep"', f'name="{"r" * 33}"', "1 to 32 letters"),
        ('doName="Beh"', 'doName="beh"', "LLN0$ST$beh, which is not there"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_that_can_be_read_is_told(was: str, now: str, text: str) -> None:
    data = PEER.replace(was.encode(), now.encode(), 1)
    assert data != PEER
    assert [problem for problem in check.check(data) if text in problem.text]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda data: data.decode().encode("utf-16"), "only UTF-8"),
        (lambda data: data + b" " * opening.CAPS.bytes, "at most"),
        (lambda data: data.replace(b"<Header", b"<x>" * 80 + b"</x>" * 80 + b"<Header"), "deep"),
        (lambda data: data.replace(b"<Header", b"<x/>" * 400_000 + b"<Header"), "elements"),
        (lambda data: data.replace(b'id="plant"', b'id="' + b"p" * 70_000 + b'"'), "characters|long|text"),
    ],
)
def test_a_file_beyond_all_bounds_is_refused(spoil: Callable[[bytes], bytes], reason: str) -> None:
    with pytest.raises(Faulty, match=reason):
        reader.load(spoil(PEER))


def test_arrays_cannot_multiply_into_more_than_a_device_has() -> None:
    parts = "".join(f'<BDA name="p{n}" bType="Struct" type="in" count="1000"/>' for n in range(4))
    data = PEER.replace(b'<BDA name="f" bType="FLOAT32"/>', parts.encode())
    data = data.replace(
        b"<DAType id=", b'<DAType id="in"><BDA name="x" bType="INT8" count="1000"/></DAType><DAType id=', 1
    )
    with pytest.raises(Faulty, match="has more than"):
        reader.load(data)


def test_types_within_types_cannot_multiply_either() -> None:
    def level(n: int) -> str:
        parts = "".join(f'<BDA name="p{m}" bType="Struct" type="l{n + 1}"/>' for m in range(60))
        return f'<DAType id="l{n}">{parts if n < 9 else ""}</DAType>'

    data = PEER.replace(b'<BDA name="f" bType="FLOAT32"/>', b'<BDA name="f" bType="Struct" type="l0"/>')
    data = data.replace(b"<DAType id=", "".join(map(level, range(10))).encode() + b"<DAType id=", 1)
    with pytest.raises(Faulty, match="has more than"):
        reader.load(data)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(data=st.data())
def test_no_file_makes_the_reader_or_the_checks_stumble(data: st.DataObject) -> None:
    """Words of the file put in each other's place, and its bytes changed: read, or refused with a reason."""
    words = re.findall(rb'"[^"]*"|<[^>]*>|[A-Za-z]+', PEER)
    spoiled = PEER
    for _ in range(data.draw(st.integers(1, 4))):
        was, now = (
            data.draw(st.sampled_from(words)),
            data.draw(st.sampled_from([*words, b"", b'"-1"', b"$("])),
        )
        spoiled = spoiled.replace(was, now, data.draw(st.integers(1, 3)))
    assert isinstance(check.check(spoiled), list)


def test_problems_are_told_in_the_order_of_lines() -> None:
    data = PEER.replace(b'datSet="all"', b'datSet="none"').replace(b'name="f" ', b'name="f" fc="MX" ')
    found = check.check(data)
    assert len(found) == 2
    assert found == sorted(found)
