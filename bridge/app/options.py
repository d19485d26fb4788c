"""Options of the command line that several verbs have: one definition each, so that they read alike.

Types for the signatures of typer's commands. What one verb alone has stands with that verb.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for programs.")]
Key = Annotated[Path, typer.Option(metavar="FILE", help="Its private key.")]
Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it to a file.")]
Input = Annotated[str, typer.Argument(metavar="FILE", help="Where it is; - is standard input.")]
Fresh = Annotated[Path, typer.Argument(metavar="FILE", help="Where to; it must not exist.")]
Empty = Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")]
Moment = Annotated[
    int | None, typer.Option(help="Seconds since 1970, instead of the clock's.", show_default=False)
]
Nameless = Annotated[
    bool, typer.Option("--nameless", help="Do not ask for the server's name in its certificate.")
]
