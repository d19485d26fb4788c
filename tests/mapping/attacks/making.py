"""How hostile documents are made: the one good document, and the changes that the tables of attacks share.

The good one is a 2030.5 Time, small and with every kind of number. Nothing here judges; see the tables beside
it. It is written as text, so that what is sent is what is seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

NS = "urn:ieee:std:2030.5:ns"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
OPEN = f'<Time xmlns="{NS}">'
BODY = (
    "<currentTime>1</currentTime><dstEndTime>1</dstEndTime><dstOffset>0</dstOffset>"
    "<dstStartTime>1</dstStartTime><quality>7</quality><tzOffset>0</tzOffset>"
)
GOOD = f"{OPEN}{BODY}</Time>"
DOCTYPE = "<!DOCTYPE Time ["
QUOTES = "''"


class Attack(NamedTuple):
    """One hostile document; `path` is where the refusal must point."""

    name: str
    make: Callable[[], bytes | str]
    kind: str
    reason: str
    path: str = "/"
    profile: str = "2018"

    def data(self) -> bytes:
        """The bytes to be refused."""
        made = self.make()
        return made.encode() if isinstance(made, str) else made


def entities(*declared: str, use: str = "&a;") -> str:
    """A document type with these declarations, and a use of one."""
    return f"{DOCTYPE}{''.join(declared)}]>{OPEN}<currentTime>{use}</currentTime></Time>"


def laughs() -> str:
    """Ten times ten times ten."""
    rows = [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)]
    return entities('<!ENTITY l0 "lol">', *rows, use="&l9;")


def around(text: str, *, before: str = "", after: str = "") -> str:
    """A Time with this content."""
    return f"{before}{OPEN}{text}</Time>{after}"


def attributes(number: int) -> str:
    """A Time with so many attributes."""
    names = " ".join(f"a{n}=''" for n in range(number))
    return f'<Time xmlns="{NS}" {names}>{BODY}</Time>'


def namespaces(elements: int, each: int) -> str:
    """Nested elements, each with so many namespace declarations."""
    tags = [
        f"<e{n} {' '.join(f'xmlns:p{n}x{m}={chr(34)}urn:{n}:{m}{chr(34)}' for m in range(each))}>"
        for n in range(elements)
    ]
    return around("".join(tags) + "".join(f"</e{n}>" for n in reversed(range(elements))))


def deep(levels: int) -> str:
    """Times within Times."""
    return around("<Time>" * levels + "</Time>" * levels)


def quality(text: str, attributes: str = "") -> str:
    """A Time whose quality has this text."""
    return GOOD.replace("<quality>7<", f"<quality{attributes}>{text}<")


def unknown(parts: str, inside: str = "", scope: str = "") -> str:
    """A list with unknown parts in it, or in the elements named, each with further declarations."""
    names = inside.split()
    opened, closed = (
        "".join(f"<{name} {scope.format(name)}>" for name in names),
        "".join(f"</{name}>" for name in reversed(names)),
    )
    head = f'<DERControlList xmlns="{NS}" {scope.format("l")} all="1" results="1">'
    return f"{head}{opened}{parts}{closed or '<DERControl/>'}</DERControlList>"


def long(number: int, characters: int) -> str:
    """So many declarations of long namespaces, with `{}` in their prefixes."""
    return " ".join(f'xmlns:{{0}}{n}="urn:{"u" * characters}:{{0}}:{n}"' for n in range(number))


def adorned(number: int) -> str:
    """An element with so many attributes, each of a namespace of its own, see `long`."""
    return f"<z {' '.join(f'l{n}:a={QUOTES}' for n in range(number))}/>"


def nested(levels: int, inside: str) -> str:
    """A Time in a foreign element in a Time, and so on, each where a wildcard takes it."""
    opened = f'<l0:w><Time xmlns="{NS}">' * levels
    return f"{opened}{inside}{f'{BODY}</Time></l0:w>' * levels}"


def late(inside: str = "") -> str:
    """About as many elements as are read at all, the fault in the last of them; `inside` is in the last."""
    one = (
        "<DERControl>{}<mRID>00</mRID>{}<creationTime>1</creationTime>"
        "<EventStatus><currentStatus>0</currentStatus><dateTime>1</dateTime>"
        "<potentiallySuperseded>0</potentiallySuperseded></EventStatus>"
        "<interval><duration>1</duration><start>1</start></interval><DERControlBase/>{}</DERControl>"
    )
    number = 540 - inside.count("<") // 11
    controls = one.format("", "", "") * (number - 1) + one.format(inside, "", "<version>0</version>")
    return f'<DERControlList xmlns="{NS}" all="540" results="540">{controls}</DERControlList>'


SYNTAX, VALUE, UNKNOWN = "syntax", "value", "unknown"
TIME, QUALITY = "/Time", "/Time/quality"
