"""Orders to units that do not come for them, dead letters among them; and why a record holds a mode.

Rows are those of the pump (`bridge.app.pump.rows`), which hears of every change here and does the rest. A
dead letter is brought again only while that is of use, and only what is dead can be dropped: what is on its
way is called back by cancelling its control.
"""

from __future__ import annotations

from decimal import Decimal

from bridge.app.office import explaining, found
from bridge.app.office.call import Call, Wrong
from bridge.app.office.cursor import paged
from bridge.app.pump import rows
from bridge.app.pump.rows import Letter
from bridge.core import delivery, told
from bridge.ports import Kind
from bridge.sdk.forms.kinds import Page
from bridge.sdk.forms.orders import ExplainQuery, Explanation, Order, OrderQuery
from bridge.sep2 import ours
from bridge.sep2.shelf import Cut, Row


def form(one: Letter) -> Order:
    """An order as it is shown."""
    order = one.order
    return Order(
        device=order.unit,
        number=order.number,
        kind=order.kind.value,
        record=order.record.mRID or order.record.id,
        modes=tuple(sorted(order.modes)),
        start=explaining.moment(order.start),
        end=explaining.moment(order.end),
        made=one.made,
        tries=one.tries,
        due=int(one.due),
        reason=one.reason,
        dead=one.dead,
    )


async def list_(call: Call, query: OrderQuery) -> Page[Order]:
    """The orders."""
    shelf = call.work.shelf
    owner = None if query.device is None else await found.owner(shelf, query.device)

    async def show_(row: Row) -> Order | None:
        one = rows.letter(row)
        return form(one) if query.dead in {None, one.dead} else None

    return await paged(shelf, ours.ORDERS, Cut(owner=owner), query, show_, counted=query.dead is None)


async def _row(call: Call) -> Row:
    unit = await found.owner(call.work.shelf, call.path["device"])
    return await found.thing(call.work.shelf, rows.number(unit, call.number("order")))


async def show(call: Call) -> Order:
    """One order."""
    return form(rows.letter(await _row(call)))


async def _dead(call: Call) -> tuple[Row, Letter]:
    row = await _row(call)
    one = rows.letter(row)
    if not one.dead:
        raise Wrong(409, "it is on its way; cancel what it is about to call it back")
    return row, one


async def drop(call: Call) -> None:
    """Forget a dead letter."""
    row, _ = await _dead(call)
    call.work.drop(row)


async def again(call: Call) -> None:
    """Have a dead letter brought again: a take is judged anew, a leave is sent once more."""
    row, one = await _dead(call)
    work, order = call.work, one.order
    if delivery.over(order, Decimal(work.now)):
        raise Wrong(409, "its window is over")
    was = await found.thing(work.shelf, f"{ours.TOLD}/{order.unit}")
    state = told.again(rows.told(was), order)
    if order.kind is Kind.leave:
        state = state._replace(number=state.number + 1)
        fresh = Letter(order._replace(number=state.number), work.now, due=Decimal(work.now))
        work.put(rows.posted(fresh))
    work.put(rows.kept(order.unit, state), was)
    work.drop(row)


async def explain(call: Call, query: ExplainQuery) -> Explanation:
    """Which record holds a mode, and why."""
    device = await found.device(call.work.shelf, call.path["device"])
    at = call.work.now if query.at is None else query.at
    return await explaining.explained(call.work, device.mark, call.path["mode"], at)
