"""What holds for any messages in any order: the step is pure, and plans are what the records say.

The messages are drawn: controls, cancels, defaults, settings, enrolments and outcomes for a fleet of three.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bridge.core import fleet, limits, primacy, step, timeline
from models.der import messages
from tests.core import records

Sent = list[messages.Message]
CONTROLS = st.lists(records.controls(target=True), max_size=6)
LIMITS = st.builds(
    lambda unit, updated, power: records.setting(unit, updated=updated, WMax=records.watts(power)),
    st.sampled_from(records.UNITS),
    st.integers(1, 5),
    st.sampled_from([400, 500, 600]),
)
ENROLMENTS = st.builds(
    lambda unit, at, joined: records.enrolment(unit, joined=joined, at=at),
    st.sampled_from([*records.UNITS, "0D04"]),
    st.integers(11, 15),
    st.booleans(),
)
OUTCOMES = st.builds(
    records.outcome,
    st.sampled_from(records.UNITS),
    st.sampled_from(["01", "02", "0A"]),
    st.sampled_from([1, 2, 3, 4, 5, 7, 253]),
    st.integers(1_000, 1_005),
)
DEFAULTS = st.builds(
    lambda one: one.model_copy(update={"target": messages.Target(group=("feeder",))}), records.defaults()
)
ANY = st.lists(st.one_of(records.controls(target=True), LIMITS, ENROLMENTS, OUTCOMES, DEFAULTS), max_size=10)


@records.EXAMPLES
@given(ANY)
def test_the_step_is_pure(sent: Sent) -> None:
    picture = records.housed()
    for message in sent:
        before = repr(picture)
        after, out = step.step(picture, message, records.NOW)
        assert repr(picture) == before
        assert step.step(picture, message, records.NOW) == (after, out)
        picture = after


@records.EXAMPLES
@given(ANY)
def test_plans_are_what_the_records_say(sent: Sent) -> None:
    picture, _ = records.run(sent, records.housed())
    joined = {name for name in picture.devices if fleet.is_joined(picture, name)}
    assert set(picture.plans) == joined
    for name in joined:
        ratings = picture.devices[name].ratings
        held: list[primacy.Event] = [*picture.controls.values(), *picture.defaults.values()]
        meant = [
            one
            for one in held
            if name in fleet.reached(picture, one.target)
            and not fleet.closed(picture, name, one)
            and limits.beyond(one.modes, ratings) is None
        ]
        controls = [one for one in meant if isinstance(one, messages.Control)]
        assert picture.plans[name] == timeline.plan(
            controls, [one for one in meant if isinstance(one, messages.Default)]
        )


@records.EXAMPLES
@given(CONTROLS.flatmap(lambda held: st.tuples(st.just(held), st.permutations(held))))
def test_the_order_of_arrival_does_not_matter_for_the_plans(pair: tuple[Sent, Sent]) -> None:
    one, other = (records.run(sent, records.housed())[0] for sent in pair)
    assert one.plans == other.plans


@records.EXAMPLES
@given(CONTROLS, records.controls(target=True))
def test_adding_then_cancelling_leaves_the_plans_as_they_were(sent: Sent, one: messages.Control) -> None:
    fresh = one.model_copy(update={"mRID": "77", "status": None})
    before, _ = records.run(sent, records.housed())
    after, _ = records.run([fresh, records.cancelled(fresh)], before)
    assert after.plans == before.plans


@records.EXAMPLES
@given(ANY)
def test_what_goes_out_is_for_one_party_and_has_an_id_of_its_own(sent: Sent) -> None:
    picture = records.housed()
    for message in sent:
        picture, out = step.step(picture, message, records.NOW)
        assert len({one.id for one in out}) == len(out)
        assert all(len(one.target.device) == 1 and not one.target.group for one in out)


@records.EXAMPLES
@given(ANY)
def test_a_unit_is_only_told_what_it_may_do(sent: Sent) -> None:
    picture = records.housed()
    for message in sent:
        picture, out = step.step(picture, message, records.NOW)
        for one in out:
            if isinstance(one, messages.Control | messages.Default) and not primacy.withdrawn(one):
                assert limits.beyond(one.modes, picture.devices[one.target.device[0]].ratings) is None
