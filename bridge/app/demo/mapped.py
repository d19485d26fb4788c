"""One control as each side says it: fetched from the bridge over 2030.5, and translated as the bridge does.

Document, canonical message, and IEC 61850 references and values, with the curves that it refers to. What is
shown is what a device reads at that moment. Changes nothing.
"""

from __future__ import annotations

import aiohttp

from bridge.app import bases, source, stages, words
from bridge.app.demo.board import Mapped
from bridge.app.demo.town import Town
from bridge.app.source import Document, Given
from bridge.mapping import iec61850
from bridge.mapping.losses import defaults
from bridge.transports import tls
from models import kit
from models.der import messages

BASES = ("setMaxW=10000", "setMaxVar=5280", "hertz=60")


async def control(town: Town, href: str, whence: str) -> Mapped:
    """The control at an address."""
    first = await fetched(town, href)
    curves = {link: await fetched(town, link) for link in dict.fromkeys(links(first.wire))}
    record = first.record
    if not isinstance(record, messages.Control):
        raise TypeError(f"{href} is no control")
    known = {link: one.record for link, one in curves.items() if isinstance(one.record, messages.Curve)}
    told = iec61850.to_points(record, bases.bases((), BASES), known)
    lines = words.indented(first.given.data).splitlines()
    for one in curves.values():
        lines += ["", *words.indented(one.given.data).splitlines()]
    shown = [line for line in words.lines(record) if line[0].partition(".")[0] not in defaults("Control")]
    for link, curve in known.items():
        shown += [(f"curve {link}", f"of {curve.yOf}"), *words.lines(curve.point, "point")]
    points = tuple(stages.valued(point) for point in stages.folded(told.points))
    return Mapped(record.mRID or "", whence, tuple(lines), tuple(shown), points)


async def fetched(town: Town, href: str) -> Document:
    """A document, as the operator reads it over 2030.5."""
    who = town.operator
    context = tls.client((who.root,), who.certificate, who.key)
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session,
        session.get(f"{town.url}{href}") as answer,
    ):
        answer.raise_for_status()
        (found,) = source.documents((Given(href, await answer.read()),), "auto")
        return found


def links(wire: kit.Model) -> list[str]:
    """The addresses of curves that a control refers to."""
    base = getattr(wire, "DERControlBase", None)
    names = type(base).model_fields if base is not None else ()
    found = (getattr(getattr(base, name), "href", None) for name in names)
    return [str(each) for each in found if each]
