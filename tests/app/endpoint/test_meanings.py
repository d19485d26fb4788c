"""What requests of 61850 mean to the rules: by service, by constraint and node, and nothing for the rest."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from bridge.app.endpoint.meanings import meant, table
from bridge.iec61850.image import constraint
from bridge.iec61850.table import SERVICES
from tests.iec61850.units import everything, served

SAID = {
    ("initiate", ""): {("directory", "read")},
    ("getNameList", "D1"): {("device", "read")},
    ("defineNamedVariableList", "D1/LLN0$x"): {("subscription", "create")},
    ("read", "D1/MMXU1$MX$TotW"): {("metering", "read")},
    ("read", "D1/DGEN1$ST$DEROpSt$stVal"): {("status", "read")},
    ("read", "D1/DWMX1$CO$Mod$SBO"): {("control", "create")},
    ("read", "D1/DWMX1$CO$Mod$Oper"): {("control", "read")},
    ("write", "D1/DWMX1$CO$Mod$Oper"): {("control", "create")},
    ("write", "D1/DWMX1$CO$Mod$Cancel"): {("control", "cancel")},
    ("write", "D1/DWMX1$SP$WMaxSet$setMag$f"): {("setting", "change")},
    ("write", "D1/FSCH86$SP$NumEntr$setVal"): {("control", "change")},
    ("write", "D1/LLN0$BR$brcbStates01$RptEna"): {("subscription", "change")},
    ("read", "D1/DWMX1"): {("status", "read"), ("control", "read")},
    ("read", "D1/DWMX1$XX$Mod"): set(),
    ("read", "D1/"): set(),
    ("read", ""): set(),
    ("fileDelete", ""): set(),
}


def below(_: str, item: str) -> Iterable[str]:
    return {"DWMX1": ("ST", "CO")}.get(item, ())


@pytest.mark.parametrize("asked", SAID, ids=" ".join)
def test_a_request_means(asked: tuple[str, str]) -> None:
    assert meant(*asked, below) == SAID[asked]


def test_every_value_of_every_device_means_something() -> None:
    _, made = served(everything())
    for item in made.domain.index.types:
        if constraint(item):
            assert meant("read", f"D1/{item}", below), item
            assert meant("write", f"D1/{item}", below), item


def test_every_service_of_the_table_is_one_of_the_server() -> None:
    assert set(table().services) - {"initiate"} <= set(SERVICES)
