"""Hypothesis strategies made from the models: any class, any edition, with every facet of its fields.

`model(cls)` draws instances that pydantic has validated. Collections stay small and recursion stops at a
depth, so that a thousand examples are cheap. What is drawn comes from the fields alone
(`bridge.mapping.form`), never from a list kept here.
"""

from __future__ import annotations

import base64
import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar, cast

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from lxml import etree

from bridge.mapping import form
from bridge.mapping.foreign import serialised
from bridge.mapping.form import Part, Scalar
from bridge.mapping.profile import Profile
from bridge.mapping.xml import write
from models import kit

M = TypeVar("M", bound=kit.Model)

_LETTERS = "abzAZ019 _-.:;<>&'\"\u00e9\u20ac\U0001f600\n\t\r"
_WILD = (
    '<x:Extra xmlns:x="urn:example:extension">1</x:Extra>',
    '<Other xmlns="urn:example:other" kind="a"><Inner>b</Inner></Other>',
)
_ATTRIBUTES = (("{urn:example:extension}note", "a <b> & 'c'"), ("plain", "1"))
_URIS = ("/", "/edev/1/der/2", "/derp?s=0&l=10", "https://[::1]:8443/a#b", "", "urn:example:a", "../up")
_DURATIONS = ("PT5M", "P1D", "-P1Y2M3DT4H5M6.7S", "PT0S")
_WIDE = 2**63
_SHORT = 12
_SPARSER = (8, 16, 32)


def model(
    cls: type[M],
    *,
    depth: int = 4,
    most: int = 2,
    profile: Profile | None = None,
    **fixed: SearchStrategy[Any],
) -> SearchStrategy[M]:
    """Instances of a class.

    `depth` bounds nesting, `most` bounds what repeats without bound, `fixed` replaces the strategy of a
    field, and with a `profile` an extension may stand where a base type is declared, as `xsi:type` allows.
    """
    return cast("SearchStrategy[M]", _object(cls, depth, most, profile, tuple(sorted(fixed.items()))))


def scalar(kind: Scalar) -> SearchStrategy[Any]:
    """Values of a simple type."""
    if issubclass(kind.python, enum.Enum):
        return st.sampled_from(list(kind.python))
    found = _PLAIN[kind.builtin](kind) if kind.builtin in _PLAIN else st.integers(*_range(kind))
    return _demanded(found, kind) if kind.checks or len(kind.patterns) > (kind.builtin in _MADE) else found


@cache
def _object(
    cls: type[kit.Model],
    depth: int,
    most: int,
    profile: Profile | None,
    fixed: tuple[tuple[str, SearchStrategy[Any]], ...],
) -> SearchStrategy[Any]:
    given = dict(fixed)
    required: dict[str, SearchStrategy[Any]] = {}
    optional: dict[str, SearchStrategy[Any]] = {}
    for part in form.parts(cls):
        if issubclass(cls, kit.Case) and part.field == "tag":
            continue
        found = given[part.field] if part.field in given else _value(cls, part, depth, most, profile)
        if found is not None:
            (required if part.required or part.field in given else optional)[part.field] = found
    return _filled(_Fields(cls, required, optional))


@dataclass(frozen=True, eq=False)
class _Fields:
    """The strategies of a class; a short repr keeps hypothesis from spelling out whole families."""

    cls: type[kit.Model]
    required: dict[str, SearchStrategy[Any]] = field(repr=False)
    optional: dict[str, SearchStrategy[Any]] = field(repr=False)


@st.composite
def _filled(draw: st.DrawFn, fields: _Fields) -> kit.Model:
    """All that is required and a choice of the rest: the more there is to choose from, the smaller its share.

    The bits of a few bytes decide which: a yes or no drawn for each field would make the large classes dear.
    """
    optional = fields.optional
    size = (len(optional) + 7) // 8
    share = 1 + sum(len(optional) > limit for limit in _SPARSER)
    bits = draw(st.binary(min_size=size * share, max_size=size * share)) if optional else b""
    chosen = -1
    for at in range(0, size * share, size or 1):
        chosen &= int.from_bytes(bits[at : at + size], "big")
    taken = {name: held for n, (name, held) in enumerate(optional.items()) if chosen >> n & 1}
    return fields.cls(**{name: draw(held) for name, held in {**fields.required, **taken}.items()})


def _value(
    cls: type[kit.Model], part: Part, depth: int, most: int, profile: Profile | None
) -> SearchStrategy[Any] | None:
    """Values of a field; None for one to leave out because it would nest too deep."""
    if part.kind == "anyAttribute":
        return st.sampled_from(((), (), _ATTRIBUTES[:1], _ATTRIBUTES[: 1 + (part.ns == "##any")]))
    one = _foreign(part, cls.XMLNS, profile) if part.kind == "any" else _one(part, depth, most, profile)
    if one is None or not part.many:
        return one
    if part.kind == "any" and not part.least:
        return st.one_of(
            st.just(()),
            one.map(lambda text: (text,)),
            st.just(_WILD) if part.ns != "##targetNamespace" else st.nothing(),
        )
    ceiling = part.least + most if part.most is None else min(part.most, part.least + most)
    return st.lists(one, min_size=part.least, max_size=ceiling).map(tuple)


def _one(part: Part, depth: int, most: int, profile: Profile | None) -> SearchStrategy[Any] | None:
    if part.kind == "choice":
        flat = [case for case in part.cases if isinstance(form.case(case).item, Scalar)]
        cases = part.cases if depth > 0 else flat or (part.cases if part.required else ())
        return st.one_of([_later(case, depth - 1, most, profile) for case in cases]) if cases else None
    if isinstance(part.item, Scalar):
        return (
            scalar(part.item) if part.default is None else scalar(part.item).filter(lambda value: value != "")
        )
    if part.item is None or (depth <= 0 and not part.required):
        return None
    return st.one_of([_later(each, depth - 1, most, profile) for each in _stand_ins(part.item, profile)])


def _later(cls: type[kit.Model], depth: int, most: int, profile: Profile | None) -> SearchStrategy[Any]:
    return st.deferred(lambda: _object(cls, depth, most, profile, ()))


@cache
def _stand_ins(cls: type[kit.Model], profile: Profile | None) -> tuple[type[kit.Model], ...]:
    """What may stand where a class is declared: itself unless abstract, and a few of its extensions."""
    found = profile.names("TYPES") if profile is not None else ()
    others = sorted(
        (each for each in found if issubclass(each, cls) and each is not cls), key=lambda c: c.__name__
    )
    return (*(() if cls.ABSTRACT else (cls,)), *others[:: max(1, len(others) // 4)])


def _foreign(part: Part, namespace: str, profile: Profile | None) -> SearchStrategy[Any] | None:
    """Elements that a wildcard admits, as the binding spells them (exclusive canonical XML)."""
    if part.process == "strict":
        return _strict(part, namespace, profile)
    if part.ns == "##targetNamespace":
        return st.sampled_from(
            (f'<Later xmlns="{namespace}">1</Later>', f'<p:Newer xmlns:p="{namespace}" a="b"></p:Newer>')
        )
    return st.sampled_from(_WILD)


def _strict(part: Part, namespace: str, profile: Profile | None) -> SearchStrategy[Any] | None:
    """Known elements only: global ones of the namespaces that the wildcard names."""
    if profile is None:
        return None
    admitted = part.ns.replace("##targetNamespace", namespace).split()
    admitted = [each for each in admitted if each == profile.model] or admitted
    found = [
        (cls, name)
        for cls, names in profile.names("ELEMENTS").items()
        for name in names
        if name[0] in admitted
    ]
    return st.sampled_from(sorted(found, key=lambda each: each[1])).flatmap(
        lambda each: _spelled(*each, profile)
    )


def _spelled(cls: type[kit.Model], name: tuple[str, str], profile: Profile) -> SearchStrategy[str]:
    def spell(value: kit.Model) -> str:
        root = etree.fromstring(write(value, profile, root=f"{{{name[0]}}}{name[1]}"))
        return serialised(root, most=1 << 20, excess="too long")

    return _later(cls, 1, 1, None).map(spell)


def _range(kind: Scalar) -> tuple[int, int]:
    least = kind.ge if kind.ge is not None else -_WIDE if kind.gt is None else kind.gt + 1
    most = kind.le if kind.le is not None else _WIDE if kind.lt is None else kind.lt - 1
    return max(least, _FLOOR.get(kind.builtin, least)), min(most, _CEILING.get(kind.builtin, most))


_FLOOR = {"nonNegativeInteger": 0, "positiveInteger": 1}
_CEILING = {"nonPositiveInteger": 0, "negativeInteger": -1}


def _lengths(kind: Scalar, per: int = 1) -> tuple[int, int]:
    least = -(-(kind.min_length or 0) // per)
    most = least + _SHORT if kind.max_length is None else kind.max_length // per
    return least, max(least, min(most, least + _SHORT))


def _strings(kind: Scalar) -> SearchStrategy[str]:
    least, most = _lengths(kind)
    if kind.patterns:
        return st.from_regex(
            form.patterns(kind)[0], fullmatch=True, alphabet=st.characters(max_codepoint=126)
        )
    return st.text(_LETTERS, min_size=least, max_size=most)


def _words(kind: Scalar) -> SearchStrategy[str]:
    least, most = _lengths(kind)
    if kind.patterns:
        return _strings(kind).filter(lambda text: text == " ".join(text.split()))
    return st.text("abzAZ019_-", min_size=max(least, 1), max_size=most)


def _hexadecimal(kind: Scalar) -> SearchStrategy[str]:
    least, most = _lengths(kind, 2)
    return st.builds(
        lambda data, upper: data.hex().upper() if upper else data.hex(),
        st.binary(min_size=least, max_size=max(most, (kind.max_length or 0) // 2)),
        st.booleans(),
    )


def _numbers(kind: Scalar) -> SearchStrategy[Any]:
    if kind.builtin == "decimal":
        return st.decimals(
            kind.ge or -(10**6), kind.le or 10**6, allow_nan=False, allow_infinity=False, places=3
        )
    if kind.builtin == "float" and kind.ge is kind.le is None:  # made whole: a rounded double may be rejected
        return st.builds(lambda m, e: m * 2.0**e, st.integers(1 - 2**24, 2**24 - 1), st.integers(-149, 104))
    return st.floats(kind.ge, kind.le, width=32 if kind.builtin == "float" else 64, allow_nan=False)


_PLAIN: dict[str, Callable[[Scalar], SearchStrategy[Any]]] = {
    "boolean": lambda _: st.booleans(),
    "string": _strings,
    **dict.fromkeys(("normalizedString", "token", "language", "NMTOKEN"), _words),
    **dict.fromkeys(
        ("NCName", "ID", "IDREF", "QName"),
        lambda _: st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,8}", fullmatch=True),
    ),
    "hexBinary": _hexadecimal,
    "base64Binary": lambda _: st.binary(max_size=_SHORT).map(lambda data: base64.b64encode(data).decode()),
    "anyURI": lambda _: st.sampled_from(_URIS),
    **dict.fromkeys(("decimal", "float", "double"), _numbers),
    "dateTime": lambda _: st.datetimes().map(lambda when: when.isoformat() + "Z"),
    "date": lambda _: st.dates().map(str),
    "time": lambda _: st.times().map(str),
    "duration": lambda _: st.sampled_from(_DURATIONS),
}
_MADE = frozenset(
    {
        "hexBinary",
        "base64Binary",
        "language",
        "NMTOKEN",
        "NCName",
        "QName",
        "dateTime",
        "date",
        "time",
        "duration",
    }
)
"""Built-in types whose own pattern the strategies obey by construction."""


def _demanded(found: SearchStrategy[Any], kind: Scalar) -> SearchStrategy[Any]:
    """Only the values that every pattern and check passes."""
    patterns = form.patterns(kind)

    def holds(value: Any) -> bool:
        try:
            for check in kind.checks:
                check(value)
        except ValueError:
            return False
        if kind.max_length is not None and len(value) > kind.max_length:
            return False
        if kind.min_length is not None and len(value) < kind.min_length:
            return False
        return all(pattern.fullmatch(value) for pattern in patterns)

    return found.filter(holds)
