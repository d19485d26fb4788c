"""The decision log fetched, proved and decided again.

A file is proved by the certificates that are named, and for want of any by those in it, which is then said;
an installation by its own certificate, the former ones that its configuration names, and those named here.
Keys that lie in the store itself count for nothing. Nothing is changed.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography import x509

from bridge.app import contact, saving, screen, showing
from bridge.app.command import OPTIONS
from bridge.app.fault import Fault
from bridge.app.scribe import POLICIES, POLICY
from bridge.core.access import again
from bridge.sdk.client import Client
from bridge.sdk.forms.audit import Stretch
from bridge.sdk.sending import Refused, Unanswered
from bridge.transports.store import opening
from bridge.transports.store.decisions import Decisions, Wish
from bridge.transports.store.fault import Unavailable, Unusable
from bridge.trust import log, proof, review, roll
from bridge.trust.log import Entry, Record
from bridge.trust.proof import Proof

BLOCK = 2_000
"""Records that are read at once."""
FROM_THE_START = -(2**62)
TOLD = 20
"""Faults that are told."""


def export(file: Path, given: dict[str, Any]) -> None:
    """Fetch the log into a file that is not there yet."""
    if file.exists():
        raise Fault(str(file), "is there already; nothing was changed")
    where = contact.find({name: given.pop(name) for name, *_ in OPTIONS})
    part = file.with_name(file.name + ".part")
    try:
        count = asyncio.run(_fetched(where, part))
        part.replace(file)
    except (Refused, Unanswered) as no:
        raise Fault(where.url, str(no)) from no
    except OSError as error:
        raise Fault(str(file), error.strerror or "cannot be written") from error
    finally:
        part.unlink(missing_ok=True)
    screen.say(f"{file}: {count} records")


async def _fetched(where: contact.Contact, file: Path) -> int:
    """Stretch after stretch, until there are no more; how many records."""
    count = after = 0
    async with Client(where.url, where.context()) as client:
        with file.open("wb") as out:
            os.fchmod(out.fileno(), 0o600)
            while data := await client.audit.export(Stretch(after=after, limit=BLOCK)):
                out.write(data)
                entries = [line.entry for line in map(roll.read, data.decode().splitlines()) if line.entry]
                count += len(entries)
                if not entries:
                    break
                after = entries[-1].number
    return count


def verify(place: Path | None, signers: Sequence[Path], known: Sequence[str], *, as_json: bool) -> int:
    """Prove a file or an installation; 1 where something is broken."""
    given, wanted = [one for file in signers for one in _certificates(file)], _known(known)
    if place is not None and place.is_file() and place.suffix != ".toml":
        done, own = _file(place, given, wanted), not given
    else:
        done, own = _installed(place, given, wanted), False
    faults = done.end()
    if as_json:
        told = [fault._asdict() for fault in faults[:TOLD]]
        screen.record({"records": done.count, "first": done.first, "sealed": done.sealed, "faults": told})
    else:
        _told(done, faults)
    if own:
        by = ", ".join(sorted(done.keys)) or "nobody"
        screen.warn(
            f"signed by {by}, whose certificate is from the file itself; name the one you know with --signer"
        )
    return 1 if faults else 0


def _told(done: Proof, faults: Sequence[proof.Fault]) -> None:
    last = done.last.number if done.last else 0
    if faults:
        for fault in faults[:TOLD]:
            screen.say(f"record {fault.number}: {fault.kind}: {fault.what}")
        if len(faults) > TOLD:
            screen.say(f"and {len(faults) - TOLD} more")
        return
    covered = f"signed up to {done.sealed}" if done.sealed else "none of them signed"
    screen.say(f"{done.count} records, {done.first} to {last}, {covered}: as they were written")
    if done.last and last > done.sealed:
        screen.say(f"those behind {done.sealed} are chained, and covered by the next checkpoint only")


def _known(said: Iterable[str]) -> dict[int, str]:
    found: dict[int, str] = {}
    for one in said:
        number, _, digest = one.partition(":")
        if not number.isdecimal() or not digest:
            raise Fault("--known", f"{one} is no NUMBER:DIGEST")
        found[int(number)] = digest.lower()
    return found


def _certificates(file: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())[:1]
    except (OSError, ValueError) as error:
        raise Fault(str(file), f"no certificate in PEM: {error}") from error


def _keys(certificates: Sequence[x509.Certificate]) -> proof.Keys:
    try:
        return roll.keys(certificates)
    except ValueError as error:
        raise Fault("signer", str(error)) from error


def _file(file: Path, given: Sequence[x509.Certificate], known: dict[int, str]) -> Proof:
    """Prove a file; it is read twice, for checkpoints stand behind what they cover."""
    seals, inside = [], []
    for line in _lines(file):
        seals += [line.seal] if line.seal else []
        inside += [line.signer] if line.signer else []
    done = Proof(seals, _keys(given or inside), known)
    for line in _lines(file):
        if line.entry:
            done.take(line.entry)
    return done


def _lines(file: Path) -> Iterable[roll.Line]:
    with file.open(encoding="utf-8", errors="replace", newline="\n") as text:
        for number, line in enumerate(text, 1):
            try:
                yield roll.read(line.rstrip("\n"))
            except ValueError as error:
                raise Fault(str(file), str(error), line=number) from error


def _installed(place: Path | None, given: Sequence[x509.Certificate], known: dict[int, str]) -> Proof:
    """Prove the log of an installation."""
    config = saving.configured(place)
    own = [one for one in (config.https.certificate, config.relay.certificate) if one.is_file()]
    files = (*(own or [config.https.certificate]), *config.keep.signers)
    keys = _keys([*given, *(one for file in files for one in _certificates(file))])

    async def proved() -> Proof:
        async with opening.open(config.store.url) as store:
            done = Proof(await store.decisions.seals(), keys, known)
            async for entry in _entries(store.decisions):
                done.take(entry)
            return done

    done: Proof = _asked(proved(), config.store.url)
    return done


async def _entries(decisions: Decisions) -> AsyncIterator[Entry]:
    after = FROM_THE_START
    while block := await decisions.find(Wish(after=after), BLOCK):
        for entry in block:
            yield entry
        after = block[-1].number


def _asked(work: Any, url: str) -> Any:  # noqa: ANN401 - whatever it comes to
    try:
        return asyncio.run(work)
    except (OSError, Unavailable, Unusable) as error:
        raise Fault(saving.shown(url), str(error)) from error


def replay(number: int, place: Path | None, *, as_json: bool) -> int:
    """Decide a record again; 1 where it comes out differently."""
    config = saving.configured(place)
    record, document = _asked(_looked(number, config.store.url), config.store.url)
    try:
        differing = review.review(record, document, again.decide)
    except ValueError as error:
        raise Fault(f"policy {record.decision.policy}", str(error)) from error
    if as_json:
        changed = {each.field: {"was": each.was, "now": each.now} for each in differing}
        screen.record({"record": number, "policy": record.decision.policy, "differing": changed})
    for each in () if as_json else differing:
        screen.say(f"{each.field}: was {showing.text(each.was)!r}, comes out {showing.text(each.now)!r}")
    if not as_json and not differing:
        word = "allowed" if record.decision.allowed else "refused"
        screen.say(f"record {number}: {word}, and the policy {record.decision.policy} decides so again")
    return 1 if differing else 0


async def _looked(number: int, url: str) -> tuple[Record, bytes]:
    """A record, and the document of its policy."""
    async with opening.open(url) as store:
        found = await store.decisions.find(Wish(after=number - 1, before=number + 1), 1)
        if not found:
            raise Fault(f"record {number}", "there is none")
        try:
            record = log.read(found[0].body)
        except ValueError as error:
            raise Fault(f"record {number}", str(error)) from error
        version = record.decision.policy.partition("-")[0]
        document = await store.decisions.paper(f"{POLICIES}/{version}") if version else None
        kept = await _kept(store.decisions, version, number)
    if document is None:
        raise Fault(f"record {number}", f"its policy {version!r} is not kept: it cannot be decided again")
    if kept not in {"", sha256(document).hexdigest()}:
        raise Fault(f"policy {version}", "the document that is kept is not the one that the log names")
    return record, document


async def _kept(decisions: Decisions, version: str, number: int) -> str:
    """The digest of a policy as the log tells it; empty where that is cut off."""
    function, action = POLICY
    for entry in await decisions.find(Wish(function=function, action=action, before=number), BLOCK):
        told = log.read(entry.body).decision
        if told.target == version:
            return told.digest
    return ""
