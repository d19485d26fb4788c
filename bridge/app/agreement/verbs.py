"""The verbs of `derbridge agreement` that sign: accept, refuse, withdraw bring a statement, sign makes one.

Who signs is whoever asks, or another party whose certificate and key are here (--by, --by-key). A party that
has no certificate of an operator signs at home, from the agreement as JSON, and has the file brought by one
that has (`say --body`). Signing itself is `bridge.trust.assent`.
"""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.main
from pydantic import ValidationError

from bridge.app import command, contact, screen, showing
from bridge.app.fault import Fault
from bridge.app.options import Json
from bridge.core.agreement import SAID
from bridge.sdk.client import Client
from bridge.sdk.forms.agreement import Agreement, Statement
from bridge.sdk.sending import Refused, Unanswered
from bridge.sdk.table import NAMED
from bridge.trust import assent, checkpoint
from bridge.trust.assent import Assent
from bridge.trust.checkpoint import Signer

ABOUT = {
    "accept": "Accept an agreement: your signature over its text.",
    "refuse": "Refuse an agreement that is offered; it is over for all.",
    "withdraw": "Withdraw from an agreement; it ends for all, at once.",
}
By = Annotated[Path | None, typer.Option("--by", metavar="FILE", help="Certificate of who signs.")]
Key = Annotated[Path | None, typer.Option("--by-key", metavar="FILE", help="Its private key.")]
ASKED = (
    command.parameter("number", Annotated[int, typer.Argument(metavar="NUMBER", help="Its number.")]),
    command.parameter("by", By, None),
    command.parameter("by_key", Key, None),
    command.parameter("as_json", Json, default=False),
)


def verbs() -> dict[str, Any]:
    """The verbs, ready to be run."""
    app = typer.Typer(rich_markup_mode=None, add_completion=False)
    for act, about in ABOUT.items():
        app.command(act, help=about)(command.called(_saying(act), [*ASKED, *command.connection()]))
    app.command()(sign)
    app.callback()(lambda: None)
    made = typer.main.get_command(app)
    found: dict[str, Any] = getattr(made, "commands", {})
    return found


def _saying(act: str) -> Any:  # noqa: ANN401 - a function that typer is given
    return lambda given: asyncio.run(_say(act, given))


async def _say(act: str, given: dict[str, Any]) -> None:
    """Fetch the text, sign what is said of it, bring that."""
    where = contact.find({name: given[name] for name, *_ in command.OPTIONS})
    files = (given["by"] or where.certificate, given["by_key"] or where.key)
    async with Client(where.url, where.context()) as client:
        try:
            shown = await client.agreement.show(given["number"])
            answer = await client.agreement.say(given["number"], statement(shown.text, act, *files))
        except (Refused, Unanswered) as no:
            raise Fault(where.url, str(no)) from no
    showing.answer(NAMED["agreement.say"], answer, as_json=given["as_json"])


def statement(text: str, act: str, certificate: Path, key: Path) -> Statement:
    """Sign what is said of a text."""
    by = _signer(certificate, key)
    said = Assent(act, assent.digest(text.encode()), int(time.time()))
    return Statement(token=assent.sealed(said, by), certificate=certificate.read_text("ascii"))


def _signer(certificate: Path, key: Path) -> Signer:
    try:
        return checkpoint.signer(certificate.read_bytes(), key.read_bytes())
    except (OSError, ValueError, TypeError) as error:
        raise Fault(str(certificate), f"cannot sign: {error}") from error


def sign(
    act: Annotated[str, typer.Argument(metavar="accept|refuse|withdraw", help="What is said.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The agreement, as `show --json` prints it.")],
    certificate: Annotated[Path, typer.Option("--by", metavar="FILE", help="Certificate of who signs.")],
    key: Annotated[Path, typer.Option("--by-key", metavar="FILE", help="Its private key.")],
) -> None:
    """Sign what a party says of an agreement, without any server; `say --body` brings it."""
    if act not in SAID:
        raise Fault(act, f"is none of {', '.join(sorted(SAID))}")
    try:
        text = Agreement.model_validate_json(file.read_bytes()).text
    except (OSError, ValidationError) as error:
        raise Fault(str(file), "is no agreement as `derbridge agreement show --json` prints it") from error
    screen.say(json.dumps(statement(text, act, certificate, key).model_dump(), indent=1))
