"""Tells units prices and texts: the canonical document, sealed for one unit, and its Outcome, bound to that.

docs/sealed-messages.md: class `request`, answered by `response`, beside every association. Before anything is
sealed the unit's certificate is held against what is revoked by now, and again with its answer. Each refusal
is in the decision log. Tries once; who tries again is `bridge.app.market.crier`.
"""

from __future__ import annotations

from dataclasses import dataclass

from bridge.app.endpoint.seals import Document
from bridge.app.facility.facilities import Facilities
from bridge.app.facility.ground import Ground
from bridge.app.facility.unit import Unit
from bridge.mapping import xml
from bridge.mapping.profile import load
from bridge.ports import Away, Present, Unable
from bridge.transports.post import Closed, Denied, Late, Uncertain
from bridge.trust.refusal import Reason, Refused
from bridge.trust.verify import Question
from bridge.xmpp.letter import Letter
from models.der import messages

MEDIA = "application/vnd.derbridge.message+xml"
"""Media type of a canonical message."""
PROFILE = "der"
NEVER = frozenset({"bad-request", "not-acceptable", "not-allowed"})
"""Conditions by which a unit says that it takes no such thing; `feature-not-implemented` is not among them: a
unit that is about to log in says that, too."""
Word = messages.Price | messages.Notice


@dataclass(slots=True)
class Teller:
    """For all units that have a row."""

    facilities: Facilities

    async def tell(self, unit: str, word: Word, until: int) -> messages.Outcome:
        """Tell a unit once, and give what it answered."""
        to = await self._fit(unit)
        document = Document(MEDIA, xml.write(word, load(PROFILE)), until)
        try:
            question = self._ground.endpoint.seals.document(to.lfdi, document, self._now())
        except Refused as no:
            raise self._refused(to, no) from no
        answer = await self._sent(to, question)
        return await self._proved(to, word, question, answer)

    def there(self, present: Present) -> None:
        """Call with the LFDI of a unit that has come."""
        self.facilities.listen(lambda lfdi, there: present(lfdi) if there else None)

    # ---------------------------------------------------------------------------------------------- one try

    async def _fit(self, lfdi: str) -> Unit:
        """The unit, if it may be told anything at this moment."""
        house, session = self._ground.endpoint.house, self.facilities.session(lfdi)
        if session is None:
            raise Unable("it is no unit behind the relay any more")
        if not session.unit.sealed:
            raise Unable("it takes nothing that is sealed")
        await house.fresh()
        if not house.standing(house.known(session.unit.lfdi)):
            raise self._refused(session.unit, Refused(Reason.REVOKED, session.unit.lfdi))
        return session.unit

    async def _sent(self, to: Unit, question: Question) -> Letter:
        link = self._ground.endpoint.link
        if link is None:
            raise Away("there is no link to the relay")
        try:
            letter, within = Letter(question.text.encode()), self._ground.patience.answer
            answer = await link.send(to.address, "set", letter, within=within)
        except Denied as denied:
            raise (Unable if denied.condition in NEVER else Away)(str(denied)) from denied
        except (Late, Uncertain, Closed) as error:
            raise Away(str(error) or type(error).__name__) from error
        if answer is None:
            raise Unable("it answers nothing")
        return answer

    async def _proved(self, to: Unit, word: Word, question: Question, answer: Letter) -> messages.Outcome:
        """What the unit itself has answered."""
        await self._fit(to.lfdi)
        try:
            text = answer.octets.decode("ascii", "replace")
            said = await self._ground.endpoint.seals.told(text, self._now(), question)
            outcome = xml.read(said.payload, load(PROFILE), expect=messages.Outcome)
        except Refused as no:
            raise self._refused(to, no) from no
        except xml.Refused as no:
            raise Unable(f"its answer is no Outcome: {no}") from no
        if not isinstance(outcome, messages.Outcome) or (outcome.device, outcome.subject) != (
            to.lfdi,
            word.mRID,
        ):
            raise Unable("its answer is about something else")
        return outcome

    def _refused(self, to: Unit, no: Refused) -> Exception:
        """Keep that a unit is not to be told, or not believed; what can come right is tried again."""
        rights = self._ground.endpoint.rights
        rights.refused(no.sender or to.lfdi, "told", b"", str(no.reason), to.address)
        if no.reason is Reason.REVOKED:
            return Unable("its certificate is revoked")
        return Away(f"it is not believed: {no.reason}")

    @property
    def _ground(self) -> Ground:
        return self.facilities.ground

    def _now(self) -> int:
        return int(self._ground.endpoint.house.clock())
