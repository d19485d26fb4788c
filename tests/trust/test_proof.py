"""The proof of the decision log: nothing is found in what was written, and everything in what was changed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.trust import log, roll
from bridge.trust.checkpoint import Seal
from bridge.trust.decision import Decision
from bridge.trust.log import Entry, Note
from bridge.trust.proof import Proof
from tests.transports.store.logged import Sealer, decision, signer

BY, OTHER = signer(), signer("other")
KEYS = {BY.lfdi: BY.key.public_key()}
Log = tuple[list[Entry], list[Seal]]


def written(count: int, every: int, by: Sealer | None = None, start: int = 0) -> Log:
    """A log with a checkpoint after every so many records."""
    sealer = by or Sealer(BY)
    entries: list[Entry] = []
    seals: list[Seal] = []
    before = ""
    for number in range(1, count + 1):
        entries.append(log.entry(number, before, Note(decision(number + start), {"W": number})))
        before = entries[-1].digest
        if number % every == 0:
            seals.append(sealer(number, before, seals[-1].token if seals else ""))
    return entries, seals


def kinds(
    entries: Sequence[Entry], seals: Sequence[Seal], known: dict[int, str] | None = None
) -> list[tuple[int, str]]:
    proof = Proof(seals, KEYS, known or {})
    for entry in entries:
        proof.take(entry)
    return [(fault.number, fault.kind) for fault in proof.end()]


@given(st.integers(0, 40), st.integers(1, 12))
def test_a_log_that_was_left_alone_is_sound(count: int, every: int) -> None:
    entries, seals = written(count, every)
    proof = Proof(seals, KEYS)
    for entry in entries:
        proof.take(entry)
    assert proof.end() == []
    assert (proof.count, proof.sealed) == (count, count - count % every)


@given(st.data())
def test_no_change_to_a_sealed_log_goes_unseen(data: st.DataObject) -> None:
    entries, seals = written(12, 4)
    place = data.draw(st.integers(0, 11))
    kind = data.draw(
        st.sampled_from(("body", "beside", "digest", "number", "drop", "swap", "double", "rewrite"))
    )
    changed = changes(entries, place, kind, data)
    if changed != entries:
        assert kinds(changed, seals), (place, kind)


def changes(entries: list[Entry], place: int, kind: str, data: st.DataObject) -> list[Entry]:
    """The entries with one thing changed, as by someone who knows how digests are made."""
    was, new = entries[place], list(entries)
    field = data.draw(st.sampled_from(Decision._fields))
    said = log.read(was.body)
    other = said.decision._replace(**{field: WRONG[field]})
    if kind == "body":
        new[place] = was._replace(body=log.entry(said.number, said.before, Note(other, said.facts)).body)
    elif kind == "rewrite":
        new[place] = log.entry(said.number, said.before, Note(other, said.facts))
    elif kind == "beside":
        new[place] = was._replace(beside=log.beside(other))
    elif kind == "digest":
        new[place] = was._replace(digest="0" * 64)
    elif kind == "number":
        new[place] = was._replace(number=was.number + data.draw(st.sampled_from((-1, 1, 20))))
    elif kind == "drop":
        del new[place]
    elif kind == "double":
        new.insert(place, was)
    elif place:
        new[place], new[place - 1] = new[place - 1], new[place]
    return new


WRONG = decision(99)._replace(
    correlation="x", subject="x", serial="x", age=99, role="x", source="x", function="x", action="x",
    target="x", digest="x", rule="x", allowed=False, limits=("x",), policy="x", hop="x",
)._asdict()  # fmt: skip


@pytest.mark.parametrize("field", Decision._fields)
def test_each_field_of_a_decision_is_held_fast(field: str) -> None:
    entries, seals = written(4, 4)
    for place in range(4):
        said = log.read(entries[place].body)
        other = said.decision._replace(**{field: WRONG[field]})
        forged = [*entries]
        forged[place] = log.entry(said.number, said.before, Note(other, said.facts))
        assert kinds(forged, seals) == [(min(place + 2, 4), "fork")]


def test_a_rewritten_log_is_a_fork_of_what_was_signed() -> None:
    _, seals = written(8, 4)
    other, own = written(8, 4, start=100)
    assert kinds(other, seals) == [(4, "fork"), (8, "fork")]
    assert kinds(other, own) == []
    assert kinds(other, own, {6: "ab"}) == [(6, "fork")]


def test_what_is_missing_is_named() -> None:
    entries, seals = written(9, 3)
    assert kinds(entries[:4] + entries[6:], seals) == [(5, "gap")]
    assert kinds(entries[:8], seals) == [(8, "truncated")]
    assert kinds([], seals) == [(0, "truncated")]
    assert kinds(entries[2:], seals) == [(3, "cut")]
    assert kinds(entries[2:], []) == [(3, "cut")]
    assert kinds(entries, [seals[0], seals[2]]) == [(9, "checkpoint")]
    assert kinds(entries, seals[1:]) == [(6, "checkpoint")]
    assert kinds(entries, seals[:2], {9: entries[8].digest}) == []
    assert kinds(entries[:7], seals[:2], {9: entries[8].digest}) == [(7, "truncated")]


def test_a_cut_that_the_log_tells_of_is_none_that_was_hidden() -> None:
    sealer = Sealer(BY)
    entries, seals = written(6, 3, sealer)
    said = decision(7, function="audit", action="delete", target="6", hop="keeper")
    entries.append(log.entry(7, entries[-1].digest, Note(said)))
    seals.append(sealer(7, entries[-1].digest, seals[-1].token))
    assert kinds(entries, seals) == []
    assert kinds(entries[3:], seals) == []
    assert kinds(entries[5:], seals[1:]) == []
    assert kinds(entries[6:], seals[2:]) == [(7, "cut")]
    refused = said._replace(action="read")
    assert kinds([*entries[5:6], log.entry(7, entries[5].digest, Note(refused))], seals[1:2]) == [(6, "cut")]


def test_only_who_may_sign_is_believed() -> None:
    entries, seals = written(4, 2, Sealer(OTHER))
    assert kinds(entries, seals) == [(2, "signer"), (4, "signer")]
    assert kinds(entries, [seals[0]._replace(signer=BY.lfdi)]) == [(2, "checkpoint")]
    _, own = written(4, 2)
    head, payload, _ = own[1].token.split(".")
    forged = own[1]._replace(token=f"{head}.{payload}.{seals[1].token.split('.')[2]}")
    assert kinds(entries, [own[0], forged]) == [(4, "signer")]


def test_records_out_of_order_are_named() -> None:
    entries, seals = written(5, 5)
    one, two, three, four, five = entries
    assert kinds([one, three, two, four, five], seals)[0] == (2, "gap")
    assert kinds([one, two, two, three, four, five], seals) == [(2, "fork")]
    swapped = [one, two._replace(body=three.body, digest=three.digest), three, four, five]
    assert (2, "order") in kinds(swapped, seals)


@given(st.integers(0, 20), st.integers(1, 6))
def test_a_file_holds_the_log_letter_for_letter(count: int, every: int) -> None:
    entries, seals = written(count, every)
    text = [*roll.head({BY.lfdi: BY.certificate}), *roll.lines(entries, seals)]
    read = [roll.read(line) for line in text]
    assert [line.entry for line in read if line.entry] == [entry._replace(beside=None) for entry in entries]
    assert [line.seal for line in read if line.seal] == seals
    keys = roll.keys([line.signer for line in read if line.signer])
    assert keys.keys() == KEYS.keys()


@pytest.mark.parametrize(
    "line",
            ["", "{}", "[]", "7", '{"record":{"number":1}}',
             '{"digest":"a","record":{"number":"1"}}', '{"checkpoint":"x"}',
             '{"record":{"number":1},"digest":"a"}', '{"signer":"x","certificate":"y"}', '{"signer":"x"}'],
)  # fmt: skip
def test_other_lines_are_refused(line: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has words of its own
        roll.read(line)
