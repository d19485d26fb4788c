"""Plays a transcript against a server: named parties, what each sends, and all that each is sent, in order.

A transcript is plain text. Lines that begin with `#` and empty lines are for readers. The rest are verbs:

    party utility utility@dso.example/IEC 00...1F     a name for an account and its certificate
    utility -> set 001:000                            it sends; the lines below, set in, are the unit
    utility <- result 001:001                         it is sent; every unit must be told, in order
    utility <- error bad-request                      the error of an iq, which has no unit
    now 12.5                                          the clock goes on, and what is due is done
    put D1/MMXU1$MX$TotW$mag$f 4410.0                 the bridge puts a value (a Python literal)
    gone utility                                      the peer is lost
    open utility 8192                                 it opens an association 001:nnn with units of that size
    raw utility -> get                                what is sent is the text below as it stands

A unit is written without its context and without its name space where it is the standard's. Each unit that is
sent or told is held to the schema of the shape by lxml, which knows nothing of our models. More verbs can be
given: a function of the stage and of the words behind the verb.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import indent

from lxml import etree

from bridge.iec61850.peer import Out, Peer
from bridge.iec61850.server import Server

XSD = etree.XMLSchema(etree.parse(Path(__file__).parents[2] / "xsd" / "mms-ours.xsd"))
HERE = Path(__file__).parent / "conversations"
MMS = "http://www.iec.ch/61850/2018/SCSM_8_2"
OURS = "urn:derbridge:mms"
INITIATE = """<initiate-RequestPDU><localDetailCalling>{size}</localDetailCalling>
<proposedMaxServOutstandingCalling>5</proposedMaxServOutstandingCalling>
<proposedMaxServOutstandingCalled>5</proposedMaxServOutstandingCalled>
<initRequestDetail><proposedVersionNumber>1</proposedVersionNumber>
<proposedParameterCBB>11110001000</proposedParameterCBB>
<servicesSupportedCalling>0</servicesSupportedCalling></initRequestDetail></initiate-RequestPDU>"""
_ROOT = re.compile(r"<([A-Za-z-]+)(?=[ />])")
_OWN = ("extended-", "sealed")


@dataclass
class Stage:
    """A server, its parties, its clock, and what it has sent that the transcript has not told yet."""

    server: Server
    verbs: Mapping[str, Verb] = field(default_factory=dict)
    parties: dict[str, Peer] = field(default_factory=dict)
    now: float = 0.0
    outs: list[Out] = field(default_factory=list)

    def name(self, peer: Peer) -> str:
        """The name of the party that an account belongs to."""
        return next(name for name, party in self.parties.items() if party.jid == peer.jid)


Verb = Callable[[Stage, str], None]


@dataclass(frozen=True)
class Line:
    """One verb of a transcript with what stands below it."""

    number: int
    words: str
    body: str


def lines(text: str) -> Iterator[Line]:
    """The verbs of a transcript."""
    held: list[str] = []
    head: tuple[int, str] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#") or not line.strip():
            continue
        if line.startswith(" "):
            held.append(line)
            continue
        if head:
            yield Line(*head, "\n".join(held))
        head, held = (number, line.strip()), []
    if head:
        yield Line(*head, "\n".join(held))


def play(path: Path, server: Server, verbs: Mapping[str, Verb] | None = None) -> None:
    """Play a transcript to its end; AssertionError tells its line and both sides."""
    stage = Stage(server, verbs or {})
    for line in lines(path.read_text("utf-8")):
        try:
            _act(stage, line)
        except AssertionError as fault:
            raise AssertionError(f"{path.name}, line {line.number}: {fault}") from None
    assert not stage.outs, f"{path.name}, at its end: not told\n{_shown(stage, stage.outs)}"


def _act(stage: Stage, line: Line) -> None:
    found = re.fullmatch(r"(raw )?(\S+) (->|<-) (\S+)(?: (\S+))?", line.words)
    if found and found[3] == "<-":
        _told(stage, found[2], found[4], found[5] or "", line.body)
        return
    verb, _, rest = line.words.partition(" ")
    if verb != "party":
        assert not stage.outs, f"before this, not told\n{_shown(stage, stage.outs)}"
    if found:
        sent = line.body.encode() if found[1] else wrapped(found[5], line.body)
        stage.outs += stage.server.receive(stage.parties[found[2]], sent, found[4], stage.now)
    else:
        {**_VERBS, **stage.verbs}[verb](stage, rest)


def _told(stage: Stage, name: str, how: str, where: str, body: str) -> None:
    assert stage.outs, "nothing was sent"
    out = stage.outs.pop(0)
    said = f"{stage.name(out.peer)} {out.how} {out.payload.decode() if out.how == 'error' else ''}".strip()
    assert said == f"{name} {how} {where if how == 'error' else ''}".strip(), (
        f"sent was\n{_shown(stage, [out])}"
    )
    if how == "error":
        return
    XSD.assertValid(etree.fromstring(out.payload))
    wanted, got = plain(wrapped(where, body, checked=False)), plain(out.payload)
    assert wanted == got, f"told is\n{wanted.decode()}\nsent was\n{_shown(stage, [out])}"


def wrapped(where: str, body: str, *, checked: bool = True) -> bytes:
    """A unit of a transcript in its context."""
    found = _ROOT.search(body)
    if found and not found[1].startswith(_OWN):
        body = body[: found.end()] + f' xmlns="{MMS}"' + body[found.end() :]
    text = f'<ctx xmlns="{OURS}" assoc="{where}">{body}</ctx>'.encode()
    if checked:
        XSD.assertValid(etree.fromstring(text))
    return text


def plain(payload: bytes) -> bytes:
    """A unit without what spells the same: prefixes, blanks between tags."""
    root = etree.fromstring(payload, etree.XMLParser(remove_blank_text=True))
    for element in root.iter():
        if len(element) and not (element.text or "").strip():
            element.text = None
        element.tail = None
    return etree.tostring(_bare(root), method="c14n")


def _bare(element: etree._Element) -> etree._Element:
    spaces = {None: etree.QName(element).namespace}
    made = etree.Element(element.tag, dict(sorted(element.items())), spaces)  # type: ignore[arg-type]
    made.text = element.text
    made.extend([_bare(child) for child in element])
    return made


def _shown(stage: Stage, outs: list[Out]) -> str:
    """Units as a transcript tells them."""
    return "\n".join(_script(stage, out) for out in outs)


def _script(stage: Stage, out: Out) -> str:
    if out.how == "error":
        return f"{stage.name(out.peer)} <- error {out.payload.decode()}"
    root = etree.fromstring(plain(out.payload))
    text = etree.tostring(root[0], pretty_print=True).decode().rstrip()
    text = text.replace(f' xmlns="{MMS}"', "", 1) if not root[0].tag.startswith(f"{{{OURS}}}") else text
    return f"{stage.name(out.peer)} <- {out.how} {root.get('assoc')}\n{indent(text, '  ')}"


def _party(stage: Stage, words: str) -> None:
    name, *account = words.split()
    stage.parties[name] = Peer(*account)


def _now(stage: Stage, words: str) -> None:
    stage.now = float(words)
    stage.outs += stage.server.tick(stage.now)


def _put(stage: Stage, words: str) -> None:
    reference, _, literal = words.partition(" ")
    domain, _, item = reference.partition("/")
    stage.server.floor.image.put(domain, item, ast.literal_eval(literal), stage.now)
    stage.outs += stage.server.tick(stage.now)


def _gone(stage: Stage, words: str) -> None:
    stage.server.gone(stage.parties[words], stage.now)
    stage.outs += stage.server.tick(stage.now)


def _opens(stage: Stage, words: str) -> None:
    name, *size = words.split()
    sent = wrapped("001:000", INITIATE.format(size=size[0] if size else 65000))
    out, *stage.outs = stage.server.receive(stage.parties[name], sent, "set", stage.now)
    assert b"initiate-ResponsePDU" in out.payload, _script(stage, out)
    XSD.assertValid(etree.fromstring(out.payload))


_VERBS: Mapping[str, Verb] = {"party": _party, "open": _opens, "now": _now, "put": _put, "gone": _gone}


def recorded(path: Path, server: Server, verbs: Mapping[str, Verb] | None = None) -> str:
    """The transcript with what is really sent in place of what it tells, for its author to judge."""
    stage = Stage(server, verbs or {})
    source = _untold(path.read_text("utf-8"))
    marks = list(lines("\n".join(source)))
    ends = [line.number - 1 for line in marks[1:]] + [len(source)]
    result: list[str] = []
    start = 0
    for line, end in zip(marks, ends, strict=True):
        last = max(place for place in range(line.number, end + 1) if _matters(source[place - 1]))
        _act(stage, line)
        result += [*source[start:last], *(_script(stage, sent) for sent in stage.outs)]
        stage.outs.clear()
        start = last
    return "\n".join(result) + "\n"


def _matters(text: str) -> bool:
    return bool(text.strip()) and not text.startswith("#")


def _untold(text: str) -> list[str]:
    """The lines of a transcript without those that tell what is sent."""
    kept: list[str] = []
    told = False
    for line in text.splitlines():
        told = (told and line.startswith(" ")) or " <- " in line
        if not told:
            kept.append(line)
    return kept
