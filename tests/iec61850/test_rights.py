"""Rights: what a peer may not read reaches it by no way round, and what is not writable stays as it is."""

from __future__ import annotations

from typing import Any

import pytest

from bridge.iec61850 import lists, reading, selection, serving, text, unit, writing
from bridge.iec61850.floor import Floor
from bridge.iec61850.hooks import Call, Refusal
from bridge.iec61850.image import DataSet, Domain, Image
from bridge.iec61850.peer import Peer, Report
from bridge.iec61850.shape import Basic, Structure, Value
from models.mms import access, codes, data, names, variables
from tests.iec61850.scene import TEXT, made

Code = codes.DataAccessError
PEER = Peer("utility@dso.example/IEC", "", "001:001")
HIDDEN = "LLN0$MX$Hidden"
CONSTRAINTS = [
    *("ST", "MX", "SP", "SV", "CF", "DC", "SG", "SE", "SR", "OR"),
    *("BL", "EX", "CO", "RP", "BR", "LG", "GO", "MS", "US", "XX"),
]
WRITABLE = {"SP", "SV", "CF", "DC", "BL"}
BLOCK = made(RptID=TEXT, RptEna=Basic("boolean"), DatSet=TEXT)


def results_of(ready: unit.Ready) -> tuple[data.AccessResult, ...]:
    """The results of a read, as its client reads them."""
    content: Any = unit.read(unit.finished("001:001", 1, ready)).choice.value
    found: tuple[data.AccessResult, ...] = (
        content.ConfirmedServiceResponse.choice.value.listOfAccessResult.AccessResult
    )
    return found


class Blocks:
    """Report blocks that take whatever they are given, and remember it."""

    deadline = None

    def __init__(self) -> None:
        self.written: list[tuple[str, Value]] = []
        self.values: dict[str, Value] = {}

    def tick(self, _now: float) -> list[Report]:
        return []

    def gone(self, _peer: Peer, _now: float) -> None:
        return

    def read(self, _peer: Peer, _domain: str, item: str) -> Value:
        return self.values.get(item, "")

    def write(self, _peer: Peer, _domain: str, item: str, value: Value, _now: float) -> Code | None:
        self.written.append((item, value))
        return None


def floor(blocks: Blocks | None = None) -> Floor:
    """A node with one value under each constraint, a value that is secret, and a report block."""
    parts = {
        name: made(Thing=made(value=Basic("integer", 32))) for name in CONSTRAINTS if name not in {"RP", "MX"}
    }
    parts["MX"] = made(Thing=made(value=Basic("integer", 32)), Hidden=made(value=Basic("integer", 32)))
    parts["RP"] = made(Block01=BLOCK)
    sets = {
        "LLN0$Open": DataSet((("D1", "LLN0$MX$Thing"),)),
        "LLN0$Closed": DataSet((("D1", "LLN0$MX$Thing"), ("D1", HIDDEN))),
    }
    picture = Image({"D1": Domain("D1", made(LLN0=Structure(tuple(parts.items()))), sets=sets)})
    return Floor(
        picture,
        lambda _peer, service, reference, _value: service != "read" or HIDDEN not in reference,
        reports=blocks,
    )


def asked(*items: str) -> access.VariableAccessSpecification:
    listed = selection.variables(("D1", item) for item in items)
    return access.VariableAccessSpecification(
        choice=access.VariableAccessSpecification_listOfVariable(value=listed)
    )


def write(
    on: Floor, item: str, choice: data.Data_choice, sets: dict[str, DataSet] | None = None
) -> Code | None:
    """Write one item; what it is answered."""
    request = variables.Write_Request(
        variableAccessSpecification=asked(item),
        listOfData=data.DataList(Data=(data.Data(choice=choice),)),
    )
    (result,) = writing.write(on, Call(PEER, request, 0.0, 65_000, sets=sets or {})).value.CHOICE
    return result.choice.value if isinstance(result.choice, data.WriteResult_failure) else None


@pytest.mark.parametrize("name", [name for name in CONSTRAINTS if name != "RP"])
def test_the_functional_constraint_says_what_is_writable(name: str) -> None:
    on = floor()
    said = write(on, f"LLN0${name}$Thing$value", data.Data_integer(value=7))
    assert said == (None if name in WRITABLE else Code.object_access_denied)
    assert on.image.read("D1", f"LLN0${name}$Thing$value") == (7 if name in WRITABLE else 0)


def test_a_data_set_does_not_open_what_its_members_hide() -> None:
    on = floor()
    name = names.ObjectName(
        choice=names.ObjectName_domain_specific(
            value=names.DomainSpecific(domainId="D1", itemId="LLN0$Closed")
        )
    )
    request = variables.Read_Request(
        variableAccessSpecification=access.VariableAccessSpecification(
            choice=access.VariableAccessSpecification_variableListName(value=name)
        )
    )
    results = results_of(reading.read(on, Call(PEER, request, 0.0, 65_000)))
    assert [result.choice.tag for result in results] == ["success", "failure"]
    assert results[1].choice.value == Code.object_access_denied


def test_a_data_set_of_what_a_peer_may_not_read_is_not_defined() -> None:
    on = floor()
    own = names.ObjectName(choice=names.ObjectName_aa_specific(value="Mine"))
    for item, fine in (("LLN0$MX$Thing", True), (HIDDEN, False)):
        call = Call(
            PEER,
            variables.DefineNamedVariableList_Request(
                variableListName=own, listOfVariable=selection.variables([("D1", item)])
            ),
            0.0,
            65_000,
        )
        if fine:
            lists.define(on, call)
        else:
            with pytest.raises(Refusal, match="access 3"):
                lists.define(on, call)
        assert bool(call.sets) is fine


@pytest.mark.parametrize(
    ("reference", "fine"),
    [("D1/LLN0$Open", True), ("D1/LLN0$Closed", False), ("@Own", False), ("", True), ("D9/LLN0$Open", True)],
)
def test_a_report_of_what_a_peer_may_not_read_is_not_switched_on(reference: str, *, fine: bool) -> None:
    blocks = Blocks()
    on = floor(blocks)
    blocks.values["LLN0$RP$Block01$DatSet"] = reference
    own = {"Own": DataSet((("D1", HIDDEN),))}
    said = write(on, "LLN0$RP$Block01$RptEna", data.Data_boolean(value=True), own)
    assert said == (None if fine else Code.object_access_denied)
    assert blocks.written == ([("LLN0$RP$Block01$RptEna", True)] if fine else [])
    assert write(on, "LLN0$RP$Block01$RptEna", data.Data_boolean(value=False), own) is None


def test_nor_is_a_block_that_is_written_whole() -> None:
    blocks = Blocks()
    on = floor(blocks)
    blocks.values["LLN0$RP$Block01$DatSet"] = "D1/LLN0$Open"
    for reference, said in (("D1/LLN0$Closed", Code.object_access_denied), ("D1/LLN0$Open", None)):
        items = (
            data.Data(choice=data.Data_visible_string(value="x")),
            data.Data(choice=data.Data_boolean(value=True)),
            data.Data(choice=data.Data_visible_string(value=reference)),
        )
        assert write(on, "LLN0$RP$Block01", data.Data_structure(value=data.DataList(Data=items))) == said
    assert blocks.written == [("LLN0$RP$Block01", ("x", True, "D1/LLN0$Open"))]


def test_an_item_of_an_array_is_named_on_the_wire_and_found_again() -> None:
    for item in (
        "A$SP$b",
        "A$SP$b(3)",
        "A$SP$b(3)$c",
        "A$SP$b(3)$c$d",
        "A$SP$b(3)$c(0)",
        "A$SP$b(3)$c(12)$d",
        "A$SP$b(1)(2)",
    ):
        assert selection.chosen(selection.variable("D1", item)) == ("D1", item)


def test_what_names_no_variable_needs_its_right_as_well() -> None:
    closed = Floor(Image(), lambda _peer, service, *_: service != "identify")
    handler = serving.handlers(closed)["identify"]
    answer = serving.served(closed, handler, "identify", 1, Call(PEER, names.Null(), 0.0, 65_000))
    assert b"access>3<" in answer
    assert b"vendorName" in serving.served(
        floor(), handler, "identify", 1, Call(PEER, names.Null(), 0.0, 65_000)
    )


@pytest.mark.parametrize(
    "name", ["LLN0$2nd", "LLN0$with_line", "LLN0$", f"LLN0${'a' * 33}", "LLN0", "LLN0$MX$A"]
)
def test_a_data_set_has_a_proper_name(name: str) -> None:
    on = floor()
    held = names.ObjectName(
        choice=names.ObjectName_domain_specific(value=names.DomainSpecific(domainId="D1", itemId=name))
    )
    request = variables.DefineNamedVariableList_Request(
        variableListName=held, listOfVariable=selection.variables([("D1", "LLN0$MX$Thing")])
    )
    with pytest.raises(Refusal, match="definition 6"):
        lists.define(on, Call(PEER, request, 0.0, 65_000))


def test_a_data_set_is_deleted_only_by_who_may() -> None:
    sets = {"LLN0$Mine": DataSet((("D1", "LLN0$MX$Thing"),), deletable=True)}
    on = Floor(
        Image(
            {"D1": Domain("D1", made(LLN0=made(MX=made(Thing=made(value=Basic("integer", 32))))), sets=sets)}
        ),
        lambda _peer, service, *_: service != "deleteNamedVariableList",
    )
    request = variables.DeleteNamedVariableList_Request(scopeOfDelete=codes.ScopeOfDelete.vmd)
    with pytest.raises(Refusal, match="access 3"):
        lists.delete(on, Call(PEER, request, 0.0, 65_000))
    assert list(on.image.domains["D1"].sets) == ["LLN0$Mine"]


@pytest.mark.parametrize("item", ["LLN0", "LLN0$MX", "LLN0$MX$Thing"])
def test_what_is_deeper_than_was_agreed_is_not_read_whole(item: str) -> None:
    on = Floor(Image({"D1": Domain("D1", made(LLN0=made(MX=made(Thing=made(value=TEXT)))))}), lambda *_: True)
    deep = text.depth(on.image.type("D1", item))
    request = variables.Read_Request(variableAccessSpecification=asked(item))
    for agreed, said in ((deep, "success"), (deep - 1, "failure")):
        call = Call(PEER, request, 0.0, 65_000, nesting=agreed)
        (result,) = results_of(reading.read(on, call))
        assert result.choice.tag == said
