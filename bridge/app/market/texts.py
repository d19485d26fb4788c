"""A text as a message: the programme of its sender, and the message in it.

IEEE 2030.5-2018 messaging. Messages do not take each other's place; where a duration of 0 holds until it is
changed, whoever gets the next one loses the one before. Whether a person is to confirm it is a bit of
responseRequired. The hint on the way it goes stays in the record.
"""

from __future__ import annotations

from bridge.app.market import shop
from bridge.app.market.asked import ENDLESS, Asked, number
from bridge.app.market.section import Market
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.work import Work
from models.der import messages

LIST, PROGRAMME, MESSAGE = "/msg", "MessagingProgram", "TextMessage"
MANY = 1_000_000_000


def known(asked: Asked) -> str:
    """Give what the messages of a sender are known by."""
    return shop.seed("messages", asked.entity)


def mark(work: Work, asked: Asked) -> str:
    """Give the mRID of the message that a request is about."""
    return shop.mark(work, known(asked), number(asked.message))


async def told(work: Work, asked: Asked, said: Market) -> tuple[Row, ...]:
    """Add what a text becomes."""
    word = asked.message
    assert isinstance(word, messages.Notice)  # noqa: S101 - for the type checker: only texts come here
    fields = {"description": asked.entity, "locale": word.locale or said.locale, "primacy": said.primacy}
    home = await shop.home(work, LIST, PROGRAMME, known(asked), fields)
    message = {
        "mRID": mark(work, asked),
        "originator": word.originator or None,
        "priority": word.priority,
        "textMessage": word.text,
        "responseRequired": shop.replies(said, person=bool(word.confirm)),
    }
    return (await shop.event(work, f"{home.href}/txt", MESSAGE, asked, message),)


async def before(work: Work, event: Row) -> frozenset[str]:
    """Give the audiences of earlier messages of the same programme that hold until they are changed."""
    page = await work.shelf.children(event.parent, Cut(limit=MANY, ending=work.now))
    return frozenset(row.grp for row in page.rows if row.href != event.href and row.until - row.at >= ENDLESS)
