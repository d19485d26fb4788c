"""`derbridge map convert`: 2030.5 documents to object references and values, and those to 2030.5 documents.

Documents given together belong together: curves and settings serve the controls beside them. What one side
cannot say is printed on standard error and, with --json, travels along as `beside`, so that the way back
restores it. The work is that of `bridge.mapping`; here the wish is checked and the way chosen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bridge.app import documents, output, pages, screen, sheet, source
from bridge.app.fault import Fault
from bridge.app.result import Result, Wish

SIDES = ("61850", "sep2", "canonical")
MRID = re.compile(r"([0-9A-Fa-f]{2}){1,16}")


def run(names: Sequence[str], wish: Wish, *, as_json: bool) -> None:
    """Read, convert, print."""
    results = converted(names, wish)
    if as_json:
        screen.record({"documents": [output.shown(one) for one in results]})
    else:
        output.text(results)


def converted(names: Sequence[str], wish: Wish) -> list[Result]:
    """Convert what is given; a dash is standard input."""
    if wish.to not in {None, *SIDES}:
        raise Fault(f"--to {wish.to}", f"one of {', '.join(SIDES)}")
    if wish.kind not in {None, *pages.KINDS}:
        raise Fault(f"--kind {wish.kind}", f"one of {', '.join(pages.KINDS)}")
    if wish.mrid is not None and not MRID.fullmatch(wish.mrid):
        raise Fault(f"--mrid {wish.mrid}", "not 1 to 16 octets in hexadecimal")
    if names.count("-") > 1:
        raise Fault("standard input", "can be read only once")
    given = [source.data(name) for name in names]
    papers = [one for one in given if not one.is_xml]
    with sheet.sound():
        read = source.documents([one for one in given if one.is_xml], wish.profile)
        return list(pages.converted(papers, read, wish) if papers else documents.converted(read, wish))
