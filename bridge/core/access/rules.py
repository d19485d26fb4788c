"""Rules of access: who may do what, where, and within which limits; frozen, and read from TOML.

A rule is role x function set x action x scope x limits (IEC 62351-8 roles; the shipped set is
`mappings/access.toml`). What no rule allows is denied, and a denial wins. A denial with limits denies what
goes beyond them. A file of an installation is put over the shipped set, or in its place. Nothing is decided.
"""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bridge.core.access.roles import AREA, Role

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
Word = Annotated[str, Field(pattern=r"^([a-z]+|\*)$")]
RoleName = Literal[
    "VIEWER", "OPERATOR", "ENGINEER", "INSTALLER", "SECADM", "SECAUD", "RBACMNT", "DEVICE", "AGGREGATOR",
    "STRANGER", "HEADEND", "UAA", "PARTY", "*",
]  # fmt: skip
Figure = Annotated[Decimal, Field(ge=0)]
Seconds = Annotated[int, Field(ge=0, le=4_294_967_295)]
HOURS = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])")


class Frozen(BaseModel):
    """Closed and unchanging."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Limits(Frozen):
    """What a rule holds for; what is not said has no limit."""

    watts: Figure | None = None
    """Highest active power that a set point or a limit may name, in W, in either direction."""
    vars: Figure | None = None
    """Highest reactive power, in var, in either direction."""
    percent: Figure | None = None
    """Highest percentage, in either direction."""
    least: Figure | None = None
    """Lowest percentage that a limit of power may leave."""
    modes: frozenset[str] | None = None
    """The only modes that may be asked for, as opModMaxLimW: curves and switches have no figure of power."""
    ramp: Seconds | None = None
    """Shortest ramp time, in seconds; a command without one is beyond it."""
    duration: Seconds | None = None
    """Longest duration, in seconds; what has no end is beyond it."""
    devices: Annotated[int, Field(ge=0)] | None = None
    """Most devices that one request may touch."""
    lead: Seconds | None = None
    """Seconds that a command is to come before its start, at least."""
    daily: Annotated[int, Field(ge=0)] | None = None
    """Most commands of one subject in one day."""
    hours: tuple[str, ...] = ()
    """Times of day at which it may be asked, as 08:00-17:00; by the clock on the wall."""
    boxed: Seconds | None = None
    """Only under an assignment that ends so many seconds after it began, or sooner."""
    second: Figure | None = None
    """Aggregate power of the devices touched, in W, above which another subject has to approve."""

    @model_validator(mode="after")
    def _sound(self) -> Limits:
        for text in self.hours:
            if not HOURS.fullmatch(text) or text[6:] > "24:00":
                raise ValueError(f"hours are written 08:00-17:00, not {text!r}")
        return self


UNLIMITED = Limits()


class Rule(Frozen):
    """One rule."""

    name: Name
    effect: Literal["allow", "deny"] = "allow"
    roles: Annotated[tuple[RoleName, ...], Field(min_length=1)]
    functions: Annotated[tuple[Word, ...], Field(min_length=1)]
    actions: Annotated[tuple[Word, ...], Field(min_length=1)]
    scope: Annotated[str, Field(pattern=rf"^(own|held|all|{AREA[2:]}$")] = "all"
    """`own`, `held` (own, or held by the subject as aggregator), `all`, or an area."""
    limits: Limits = UNLIMITED
    about: str = ""

    @property
    def denies(self) -> bool:
        """Whether it is a denial."""
        return self.effect == "deny"

    def numbers(self) -> tuple[int, ...]:
        """Give the numbers of its roles."""
        return tuple(Role) if "*" in self.roles else tuple(Role[name] for name in self.roles)


class Rules(Frozen):
    """A file of rules."""

    extend: bool = True
    """Whether they come beside the shipped ones; one of the same name takes its place."""
    rule: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _once(self) -> Rules:
        names = [rule.name for rule in self.rule]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"there are two rules {twice[0]}")
        return self


class Unsound(ValueError):
    """A file of rules that cannot be used."""


def read(text: str) -> Rules:
    """Read a file of rules; Unsound where it is none."""
    try:
        return Rules.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise Unsound(f"not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise Unsound(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def over(shipped: tuple[Rule, ...], own: Rules) -> tuple[Rule, ...]:
    """Give the rules of an installation: its own over the shipped ones, or in their place."""
    if not own.extend:
        return own.rule
    mine = {rule.name: rule for rule in own.rule}
    kept = tuple(mine.pop(rule.name, rule) for rule in shipped)
    return (*kept, *mine.values())
