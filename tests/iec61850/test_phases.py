"""The table of the control models: whole, of one voice, and as drawn here cell by cell."""

from __future__ import annotations

from itertools import product

import pytest

from bridge.iec61850 import phases
from bridge.iec61850.phases import Case, Deed, Event, State, Who
from models.mms.codes import AddCause

ASKED = (Event.SELECT, Event.SELECT_WITH, Event.OPERATE, Event.CHANGE, Event.ARM, Event.CANCEL)
ANSWERED = {Deed.REFUSE, Deed.HOLD, Deed.START, Deed.RELEASE, Deed.ABORT}
COLUMNS = (
    ("select select-with operate change arm cancel | time done pending failed lost").replace("|", "").split()
)

# what becomes of an object: + kept, ! refused with the number of the cause, > started, < let go, x or D taken
# back, y answered yes, t told; then the state after it (i, s, w, r; h: home of a selection); . is nothing
GRIDS = {
    ("d", Who.HOLDER): """
        idle     !1i !1i >i   >i  +w  !18i | .   yi  yi  !i  .
        waiting  !1w !1w !12w !6w !6w <i   | >w  ti  ti  ti  <i
        """,
    ("d", Who.OTHER): """
        idle     !1i !1i >i   >i   +w   !18i | .  yi  yi  !i  .
        waiting  !1w !1w !12w !12w !12w !27w | >w ti  ti  ti  .
        """,
    ("s", Who.HOLDER): """
        idle     +s   !1i !18i !18i !18i !18i | .   .   .   !i  .
        selected !19s !1s >s   >s   +w   <i   | <i  yh  yh  !h  <i
        waiting  !12w !1w !12w !6w  !6w  <i   | >w  th  th  th  <i
        """,
    ("s", Who.OTHER): """
        idle     +s   !1i !18i !18i !18i !18i | .   .   .   !i  .
        selected !27s !1s !27s !27s !27s !27s | <i  .   .   .   .
        waiting  !27w !1w !27w !27w !27w !27w | >w  th  th  th  .
        """,
    ("D", Who.HOLDER): """
        idle     !1i !1i >i   >i  +w  !18i | .   yi  yr  !i  .
        waiting  !1w !1w !12w !6w !6w <i   | >w  ti  .r  ti  <i
        running  !1r !1r !12r !6r !6r x15i | x16i ti .   ti  D23i
        """,
    ("D", Who.OTHER): """
        idle     !1i !1i >i   >i   +w   !18i | .   yi  yr  !i  .
        waiting  !1w !1w !12w !12w !12w !27w | >w  ti  .r  ti  .
        running  !1r !1r !12r !12r !12r !27r | x16i ti .   ti  .
        """,
    ("S", Who.HOLDER): """
        idle     !1i +s   !18i !18i !18i !18i | .   .   .   !i  .
        selected !1s !19s >s   >s   +w   <i   | <i  yh  yr  !h  <i
        waiting  !1w !12w !12w !6w  !6w  <i   | >w  th  .r  th  <i
        running  !1r !12r !12r !6r  !6r  x15i | x16h th .   th  D23i
        """,
    ("S", Who.OTHER): """
        idle     !1i +s   !18i !18i !18i !18i | .   .   .   !i  .
        selected !1s !27s !27s !27s !27s !27s | <i  .   .   .   .
        waiting  !1w !27w !27w !27w !27w !27w | >w  th  .r  th  .
        running  !1r !27r !27r !27r !27r !27r | x16h th .   th  .
        """,
}
SIGNS = {
    "!": Deed.REFUSE, "+": Deed.HOLD, ">": Deed.START, "<": Deed.RELEASE, "x": Deed.ABORT, "y": Deed.ACCEPT,
    "t": Deed.TELL, "D": Deed.DROP, ".": Deed.NOTHING,
}  # fmt: skip
LETTERS = {"i": State.IDLE, "s": State.SELECTED, "w": State.WAITING, "r": State.RUNNING}


def cells() -> list[tuple[Case, str]]:
    found = []
    for (kind, who), grid in GRIDS.items():
        for line in grid.strip().splitlines():
            state, *row = line.replace("|", "").split()
            found += [
                (Case(kind, State(state), event, who, many=False), cell)
                for event, cell in zip(Event, row, strict=True)
            ]
    return found


def drawn(cell: str, state: State, *, many: bool) -> phases.Step:
    following = state if cell == "." else LETTERS.get(cell[-1]) or (State.SELECTED if many else State.IDLE)
    digits = "".join(filter(str.isdigit, cell))
    return phases.Step(following, SIGNS[cell[0]], AddCause(int(digits)) if digits else None)


@pytest.mark.parametrize(("case", "cell"), cells(), ids=str)
def test_cell(case: Case, cell: str) -> None:
    for many in (False, True):
        assert phases.step(case._replace(many=many)) == drawn(cell, case.state, many=many)


def test_no_case_has_two_rows() -> None:
    found = [case for row in phases.ROWS for case in product(*row[:4])]
    assert 2 * len(found) == 2 * len(set(found)) == len(phases.TABLE)


REACHED = [*product("sS", State, ASKED, Who), *product("dD", set(State) - {State.SELECTED}, ASKED, Who)]


@pytest.mark.parametrize(("kind", "state", "event", "who"), sorted(REACHED, key=str))
def test_whatever_is_asked_has_an_answer(kind: str, state: State, event: Event, who: Who) -> None:
    assert phases.step(Case(kind, state, event, who, many=False)).deed in ANSWERED


def test_every_column_is_drawn() -> None:
    assert len(COLUMNS) == len(Event)
