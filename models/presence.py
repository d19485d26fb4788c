"""Presence conditions of IEC 61850-7-2, evaluated on names alone: hand-written, beside the generated models.

Given the names that are present and the table of conditions of a logical node or a data class, says what
is missing, too much or half done. Conditions that depend on the surroundings (control model, namespaces,
substitution) are judged only as far as the caller states the facts; what is not stated is not held
against anybody. Never looks at a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from types import MappingProxyType

# One row of a PRESENCE table: the element, its condition, the arguments. Arguments are the group number (not for
# AtMostOne), the sibling's name, or the range of instance numbers; a group's last argument in a logical node is the
# class that declares it, since group numbers are local to a class.
Condition = tuple[str, str, tuple[str, ...]]
Context = Mapping[str, bool]
UNKNOWN: Context = MappingProxyType({})

# condition: needed when, refused when. "sibling" is the neighbour named by the first argument, "alone" its absence;
# any other word is a fact of the context, "not" before it for its opposite.
SINGLE: Mapping[str, tuple[str, str]] = {
    "M": ("always", "no"),
    "O": ("no", "no"),
    "F": ("no", "always"),
    "na": ("no", "always"),
    "Mmulti": ("always", "no"),
    "Omulti": ("no", "no"),
    "MmultiRange": ("always", "no"),
    "OmultiRange": ("no", "no"),
    "MF": ("sibling", "alone"),
    "MO": ("sibling", "no"),
    "OM": ("alone", "no"),
    "FM": ("alone", "sibling"),
    "OF": ("no", "alone"),
    "MmultiF": ("sibling", "alone"),
    "MOcond": ("condition", "no"),
    "MFcond": ("condition", "not condition"),
    "OFcond": ("no", "not condition"),
    "MFsubst": ("substitution", "not substitution"),
    "MOln0": ("ln0", "no"),
    "MFln0": ("ln0", "not ln0"),
    "MOlnNs": ("lnNs", "no"),
    "MONamPlt": ("lnNs", "no"),
    "MOdataNs": ("dataNs", "no"),
    "MOrootLD": ("rootLD", "no"),
    "MFscaledAV": ("scaled", "not scaled"),
    "MFscaledMagV": ("scaledMag", "not scaledMag"),
    "MFscaledAngV": ("scaledAng", "not scaledAng"),
    "MOrms": ("rms", "no"),
    "MORange": ("range", "no"),
    "OMSynPh": ("not synchrophasor", "no"),
    "MOoperTm": ("operTm", "no"),
    "MOsbo": ("sbo", "no"),
    "MOenhanced": ("enhanced", "no"),
}

# Values of CtlModelKind (7-3): 0 status only, 1 direct, 2 select before operate, 3 and 4 the same, enhanced.
SBO = frozenset({2, 4})
ENHANCED = frozenset({3, 4})

Group = Mapping[str, Sequence[str]]  # members by group number


def violations(
    present: AbstractSet[str], conditions: Sequence[Condition], context: Context = UNKNOWN
) -> list[str]:
    """What the names present break, one sentence each; instances of one data object count under its base name."""
    found = [text for row in conditions for text in _single(present, row, context)]
    for (cond, scope), groups in _families(conditions).items():
        if cond == "MAllOrNonePerGroup" and context.get("enhanced"):
            found += _all_present(present, groups)
        else:
            found += (f"{text}{f' ({scope})' if scope else ''}" for text in GROUPED[cond](present, groups))
    return found


def controls(ctl_model: int) -> dict[str, bool]:
    """The facts a control model states, for `context`."""
    return {"sbo": ctl_model in SBO, "enhanced": ctl_model in ENHANCED}


def _single(present: AbstractSet[str], row: Condition, context: Context) -> Iterator[str]:
    name, cond, args = row
    if cond in GROUPED and cond not in SINGLE:
        return
    if cond not in SINGLE:
        raise ValueError(f"{name}: no presence condition is called {cond}")
    needed, refused = (_holds(when, present, args, context) for when in SINGLE[cond])
    if name not in present and needed:
        yield f"{name} is missing: {_reason(cond, args)}"
    if name in present and refused:
        yield f"{name} must not be there: {_reason(cond, args)}"


def _reason(cond: str, args: tuple[str, ...]) -> str:
    return f"{cond}({', '.join(args)})" if args else cond


def _holds(when: str, present: AbstractSet[str], args: tuple[str, ...], context: Context) -> bool:
    """Whether a word of the table is true; a fact nobody stated is neither true nor false."""
    if when in ("always", "no"):
        return when == "always"
    if when in ("sibling", "alone"):
        return (args[0] in present) == (when == "sibling")
    fact = when.removeprefix("not ")
    stated = context.get(f"{fact} {args[0]}" if fact == "condition" else fact)
    return stated is not None and stated == (fact == when)


def _families(conditions: Sequence[Condition]) -> dict[tuple[str, str], dict[str, list[str]]]:
    """Groups that are judged together: one condition in one declaring class, members by group number."""
    families: dict[tuple[str, str], dict[str, list[str]]] = {}
    for name, cond, args in conditions:
        if cond in GROUPED:
            number, scope = ("", args) if cond in UNNUMBERED else (args[0], args[1:])
            families.setdefault((cond, "".join(scope)), {}).setdefault(number, []).append(name)
    return families


def _at_least_one(present: AbstractSet[str], groups: Group) -> Iterator[str]:
    for members in groups.values():
        if present.isdisjoint(members):
            yield f"one or more of {_list(members)} must be there"


def _at_most_one(present: AbstractSet[str], groups: Group) -> Iterator[str]:
    for members in groups.values():
        if len(present & set(members)) > 1:
            yield f"no more than one of {_list(members)} may be there"


def _all_or_none(present: AbstractSet[str], groups: Group) -> Iterator[str]:
    for members in groups.values():
        missing = [m for m in members if m not in present]
        if missing and len(missing) < len(members):
            yield f"{_list(members)} belong together: {_list(missing)} is missing"


def _all_present(present: AbstractSet[str], groups: Group) -> Iterator[str]:
    for members in groups.values():
        for name in members:
            if name not in present:
                yield f"{name} is missing: needed under enhanced security"


def _only_one_group(present: AbstractSet[str], groups: Group) -> Iterator[str]:
    begun = [members for members in groups.values() if not present.isdisjoint(members)]
    if len(begun) != 1:
        options = " or ".join(f"({_list(members)})" for members in groups.values())
        yield f"exactly one of {options} must be there, not {len(begun)}"
        return
    missing = [m for m in begun[0] if m not in present]
    if missing:
        yield f"{_list(begun[0])} belong together: {_list(missing)} is missing"


def _one_group_complete(present: AbstractSet[str], groups: Group) -> Iterator[str]:
    if not any(present >= set(members) for members in groups.values()):
        options = " or ".join(f"({_list(members)})" for members in groups.values())
        yield f"one of {options} must be complete"


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)


# MFsubst also stands here: with or without the fact, substitution attributes come all or not at all.
GROUPED: Mapping[str, Callable[[AbstractSet[str], Group], Iterator[str]]] = {
    "AtLeastOne": _at_least_one,
    "AtMostOne": _at_most_one,
    "AllOrNonePerGroup": _all_or_none,
    "MAllOrNonePerGroup": _all_or_none,
    "AllOnlyOneGroup": _only_one_group,
    "AllAtLeastOneGroup": _one_group_complete,
    "MFsubst": _all_or_none,
}
UNNUMBERED = frozenset({"AtMostOne", "MFsubst"})
