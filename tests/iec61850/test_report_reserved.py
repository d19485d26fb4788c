"""Whose a buffered block is: reservations that outlast an association, clients that are configured."""

from __future__ import annotations

import pytest

from bridge.iec61850.peer import Peer
from models.mms.codes import DataAccessError
from tests.iec61850.reporting import ALICE, BOB, BRCB, START, Scene, watts

BUSY = DataAccessError.temporarily_unavailable


def test_a_reservation_outlasts_the_association_for_its_time() -> None:
    scene = Scene()
    scene.done(BRCB, ResvTms=30)
    scene.done(BRCB, RptEna=True)
    scene.reports.gone(ALICE, scene.now)
    assert [scene.read(BRCB, name) for name in ("RptEna", "ResvTms", "Owner")] == [
        False,
        30,
        ALICE.jid.encode(),
    ]
    assert scene.write(BRCB, "RptEna", value=True, peer=BOB) is BUSY
    assert scene.due() == START + 30
    back = ALICE._replace(assoc="8:8")
    scene.done(BRCB, back, RptEna=True)
    assert scene.due() is None
    scene.reports.gone(back, scene.now)
    scene.pass_(30)
    scene.reports.tick(scene.now)
    assert [scene.read(BRCB, name) for name in ("ResvTms", "Owner")] == [0, b""]
    scene.done(BRCB, BOB, RptEna=True)


def test_a_reservation_is_released_by_zero_and_cannot_be_negative() -> None:
    scene = Scene()
    scene.done(BRCB, ResvTms=30)
    assert scene.write(BRCB, "ResvTms", 0, BOB) is BUSY
    assert scene.write(BRCB, "ResvTms", -1) is DataAccessError.object_value_invalid
    scene.done(BRCB, ResvTms=0)
    scene.done(BRCB, BOB, ResvTms=7)


def test_without_a_reservation_the_block_is_free_once_its_client_is_gone() -> None:
    scene = Scene()
    scene.done(BRCB, RptEna=True)
    assert scene.write(BRCB, "RptEna", value=True, peer=BOB) is BUSY
    scene.reports.gone(ALICE, scene.now)
    scene.done(BRCB, BOB, RptEna=True)


@pytest.mark.parametrize("owner", [ALICE.jid, "alice@utility", ALICE.lfdi])
def test_a_block_that_is_configured_for_a_client_is_for_no_other(owner: str) -> None:
    scene = Scene(settings={"ResvTms": -1, "Owner": owner.encode()})
    scene.watt(1)
    assert scene.write(BRCB, "RptEna", value=True, peer=BOB) is BUSY
    scene.done(BRCB, RptEna=True)
    assert watts(scene.sent()) == [1.0]
    scene.reports.gone(ALICE, scene.now)
    assert scene.due() is None
    assert (scene.read(BRCB, "ResvTms"), scene.read(BRCB, "Owner")) == (-1, ALICE.jid.encode())
    assert scene.write(BRCB, "RptEna", value=True, peer=Peer("eve@utility/IEC")) is BUSY
    assert scene.write(BRCB, "ResvTms", 0) is DataAccessError.object_access_denied
