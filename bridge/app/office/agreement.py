"""Agreements on protocols: offered, spoken to by each party with a signature of its own, shown.

A party is known by its LFDI, which pins its certificate; only the holder of that key can say anything for
it, whoever brings it. For the operator speaks who asks, and may. What may be said when is
`bridge.core.agreement`'s. One that begins to stand ends the one it supersedes in the same commit.
"""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bridge.app.agreement import paper, standing
from bridge.app.agreement.paper import OPERATOR, Paper, Said
from bridge.app.office import found
from bridge.app.office.call import Call, Reply, Wrong, wrong
from bridge.app.office.cursor import paged
from bridge.core import agreement
from bridge.core.agreement import Act, Impossible, State, Word
from bridge.sdk.forms import agreement as forms
from bridge.sdk.forms.kinds import Page
from bridge.sep2 import ours, permit
from bridge.sep2.shelf import Cut, Row
from bridge.sep2.talk import Peer
from bridge.sep2.work import Work
from bridge.trust import assent, identity
from bridge.trust.assent import Assent
from bridge.trust.credential import serials

ANSWER = 30 * 86_400
"""Seconds that parties have to accept, where the offer says nothing."""
SKEW = 300
"""Seconds that a statement may be ahead of our clock, and older than that it may be by `LATE`."""
LATE = 7 * 86_400


async def _row(work: Work, number: int) -> Row:
    row = await work.shelf.get(paper.href(number))
    if row is None:
        raise Wrong(404, f"there is no agreement {number}")
    return row


async def one(work: Work, number: str) -> forms.Agreement:
    """An agreement as it is shown."""
    return form(await _row(work, int(number)), work.now)


def form(row: Row, now: int) -> forms.Agreement:
    """An agreement's row as it is shown."""
    said = paper.read(row)
    state, judged = agreement.state(said.agreement, now), said.agreement
    return forms.Agreement(
        version=found.edition(row), id=said.number, state=state.value,
        stands=agreement.stands(judged, now), missing=tuple(sorted(judged.missing)),
        text=said.text.decode(), digest=assent.digest(said.text), until=said.until or None,
        supersedes=said.supersedes or None,
        said=tuple(forms.Said(**each._asdict()) for each in said.said),
        **{name: getattr(said, name) for name in
           ("protocol", "units", "parties", "terms", "start", "answer", "by", "made")},
    )  # fmt: skip


async def list_(call: Call, query: forms.AgreementQuery) -> Page[forms.Agreement]:
    """The agreements."""
    device = None if query.device is None else await found.owner(call.work.shelf, query.device)

    async def show_(row: Row) -> forms.Agreement | None:
        shown = form(row, call.work.now)
        fits = device in {None, *shown.units} and query.state in {None, shown.state}
        return shown if fits else None

    counted = device is None and query.state is None
    return await paged(
        call.work.shelf, ours.AGREEMENTS, Cut(grp=query.protocol), query, show_, counted=counted
    )


async def show(call: Call) -> forms.Agreement:
    """One agreement."""
    return await one(call.work, call.path["agreement"])


# -------------------------------------------------------------------------------------------------- offering


async def offer(call: Call, said: forms.AgreementNew) -> Reply:
    """Offer an agreement to all that it affects."""
    work = call.work
    units = tuple(sorted(set(said.units)))
    parties = {OPERATOR, *said.parties}
    for at, lfdi in enumerate(units):
        row = next(iter(await work.shelf.marked("EndDevice", lfdi)), None)
        if row is None:
            raise wrong(f"/units/{at}", f"there is no device {lfdi}", 409)
        parties |= standing.affected(row)
    start = work.now if said.start is None else said.start
    answer = said.answer or work.now + ANSWER
    if answer <= work.now:
        raise wrong("/answer", "it is over by now")
    if said.until is not None and said.until <= max(start, work.now):
        raise wrong("/until", "it ends before it begins")
    await _replaceable(work, said)
    number = await work.shelf.fresh()
    until = said.until or agreement.NEVER
    made = Paper(
        number, said.protocol, units, tuple(sorted(parties)), said.terms, start, until, answer,
        work.caller.lfdi, work.now, said.supersedes or 0,
    )  # fmt: skip
    work.put(paper.row(made))
    return found.shown(one, str(number), location=f"/agreements/{number}")


async def _replaceable(work: Work, said: forms.AgreementNew) -> None:
    """Refuse an offer to supersede what is not active, or of another protocol."""
    if said.supersedes is None:
        return
    row = await work.shelf.get(paper.href(said.supersedes))
    was = paper.read(row) if row else None
    if was is None or was.protocol != said.protocol:
        raise wrong("/supersedes", f"there is no agreement {said.supersedes} on {said.protocol}", 409)
    if agreement.state(was.agreement, work.now) is not State.active:
        raise wrong("/supersedes", f"agreement {said.supersedes} is not active", 409)


# ------------------------------------------------------------------------------------------------ statements


async def say(call: Call, said: forms.Statement) -> Reply:
    """Take what a party says."""
    work, row = call.work, await _row(call.work, call.number("agreement"))
    was = paper.read(row)
    signer, told = await _proved(call, said, was)
    party = _party(call, was, signer)
    try:
        agreement.said(was.agreement, Word(party, Act(told.act), work.now))
    except Impossible as error:
        raise Wrong(409, str(error)) from None
    word = Said(party, told.act, work.now, signer, said.token, said.certificate)
    made = was._replace(said=(*was.said, word))
    work.put(paper.row(made), row)
    if agreement.state(made.agreement, work.now) is State.active and made.supersedes:
        await _superseded(work, made.supersedes)
    return found.shown(one, str(was.number))


async def _proved(call: Call, said: forms.Statement, was: Paper) -> tuple[str, Assent]:
    """The signer's LFDI and what it says of this very text; Wrong where anything about it does not hold."""
    certificate = found.certificate(said.certificate)
    try:
        told = assent.read(said.token, certificate)
        act = Act(told.act)
    except ValueError as error:
        raise wrong("/token", str(error)) from None
    if act not in agreement.SAID:
        raise wrong("/token", f"no party says {told.act}")
    if told.digest != assent.digest(was.text):
        raise wrong("/token", f"it is about another text than agreement {was.number}")
    if not call.work.now - LATE <= told.at <= call.work.now + SKEW:
        raise wrong("/token", "its moment is too far from now")
    lfdi = identity.lfdi(certificate.public_bytes(Encoding.DER))
    await _sound(call, certificate, lfdi)
    return lfdi, told


async def _sound(call: Call, certificate: x509.Certificate, lfdi: str) -> None:
    """Refuse a certificate that holds no more."""
    since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not since.timestamp() <= call.work.now < until.timestamp():
        raise wrong("/certificate", "it does not hold at this time", 403)
    peer = Peer(lfdi, identity.sfdi(lfdi), serials=serials((certificate,)))
    await call.context.revoked.fresh()
    reason = call.context.revoked.reason(peer)
    said = await permit.of(call.work.shelf, lfdi)
    if reason or (said is not None and not said.granted):
        raise wrong("/certificate", reason or "its access is withdrawn", 403)


def _party(call: Call, was: Paper, signer: str) -> str:
    """For whom a signer speaks: for itself, or for the operator where it is who asks and may."""
    asks = (OPERATOR,) if signer == call.work.caller.lfdi else ()
    able: list[str] = [one for one in (signer, *asks) if one in was.parties]
    if not able:
        raise wrong("/certificate", f"{signer} is no party to agreement {was.number}", 403)
    return next((one for one in able if one in was.agreement.missing), able[0])


async def _superseded(work: Work, number: int) -> None:
    """End the agreement that another one takes the place of, unless it has ended by itself."""
    row = await work.shelf.get(paper.href(number))
    was = paper.read(row) if row else None
    if was is not None and agreement.state(was.agreement, work.now) is State.active:
        word = Said("", Act.supersede.value, work.now)
        work.put(paper.row(was._replace(said=(*was.said, word))), row)
