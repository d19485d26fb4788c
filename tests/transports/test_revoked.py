"""A peer that is revoked, over real handshakes: which alert Python sees, and which `openssl s_client` does.

What is known of a chain is kept, whether its owner holds is asked anew each time. What is wrong with the
chain itself comes first, and has its own alert.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bridge.transports import gate, openssl
from tests.transports import site
from tests.transports.flaws import EXPIRED, FLAWS
from tests.transports.site import Site
from tests.transports.test_flaws import VERSIONS, client, made, python

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bridge.sep2.talk import Peer

ENDED = next(name for name, flaw in FLAWS.items() if flaw[1] == EXPIRED)


class Known:
    """What is revoked, and how often that was asked."""

    def __init__(self) -> None:
        self.revoked: set[str] = set()
        self.everybody = False
        self.asked = 0

    def standing(self, peer: Peer) -> bool:
        self.asked += 1
        return not self.everybody and peer.lfdi not in self.revoked


@pytest.fixture(params=site.LOOPS)
def known(request: pytest.FixtureRequest) -> Iterator[tuple[Known, Site]]:
    found = Known()
    with Site(standing=found.standing, loop_name=request.param).running() as here:
        yield found, here


@pytest.mark.parametrize("new", VERSIONS)
def test_alert_of_a_peer_that_is_revoked(known: tuple[Known, Site], new: bool) -> None:
    said, here = known
    one, other = site.device("device1"), site.device("device2")
    for _ in range(2):
        with here.connect(one, new=new) as talk:
            assert talk.get().status == 200
        said.revoked.add(one.lfdi)
        assert python(here, one, new=new) == gate.REVOKED
        assert re.findall(r"SSL alert number (\d+)", client(here, one, new=new)) == [str(gate.REVOKED)]
        with here.connect(other, new=new) as talk:
            assert talk.get().status == 200
        said.revoked.clear()


@pytest.mark.parametrize("new", VERSIONS)
def test_what_is_wrong_with_a_chain_comes_first(known: tuple[Known, Site], tmp_path: Path, new: bool) -> None:
    said, here = known
    said.everybody = True
    assert python(here, made(tmp_path, ENDED), new=new) == EXPIRED
    assert said.asked == 0


def test_alert_without_a_say_in_the_handshake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under 1.2 the end of the handshake is held back for it; under 1.3 only a goodbye is left."""
    monkeypatch.setattr(openssl, "KNOWN", ((9, 0), (9, 0)))
    said = Known()
    with Site(standing=said.standing).running() as here:
        assert not here.guard.gated
        said.everybody = True
        assert python(here, site.device(), new=False) == gate.REVOKED
        assert python(here, site.device(), new=True) == "closed"


def test_what_changed_is_heard_when_somebody_comes() -> None:
    heard: list[int] = []
    with Site().running() as here:
        here.guard.hear = lambda: heard.append(1)
        with here.connect() as talk:
            assert talk.get().status == 200
            assert len(heard) == 1
