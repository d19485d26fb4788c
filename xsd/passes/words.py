"""Descriptions in our own words, made from the parts of a name where no sentence was written for it.

The words are in words.toml: our dictionary, not the standard's texts, which this project neither has nor
copies. A name whose parts the dictionary lacks is an error at generation, so that nothing goes out
undescribed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path


@cache
def table(name: str) -> Mapping[str, str]:
    """One table of the dictionary."""
    with (Path(__file__).parent / "words.toml").open("rb") as file:
        words: dict[str, dict[str, str]] = tomllib.load(file)
    return words[name]


def node(name: str) -> str:
    """The sentence of a logical node."""
    return table("nodes")[name]


def data_class(name: str) -> str:
    """The sentence of a common data class."""
    return table("classes")[name]


def constructed(name: str) -> str:
    """The sentence of a constructed attribute."""
    return table("constructed")[name]


def attribute(name: str) -> str:
    """What an attribute is, with a capital and a full stop."""
    return sentence(table("attributes")[name])


def data_object(name: str, cdc: str) -> str:
    """What a data object is: a written sentence, or its kind and the parts of its name."""
    written = table("objects").get(name)
    return sentence(written or f"{table('kinds')[cdc]}: {', '.join(parts(name))}")


def parts(name: str) -> tuple[str, ...]:
    """The words for the parts of a name; the split with the fewest parts is taken."""
    known = table("parts")
    best: dict[int, tuple[str, ...]] = {0: ()}
    for start in range(len(name)):
        for end in range(start + 1, len(name) + 1):
            if start in best and name[start:end] in known:
                longer = (*best[start], known[name[start:end]])
                if end not in best or len(longer) < len(best[end]):
                    best[end] = longer
    if len(name) not in best:
        raise KeyError(f"no words for {name}")
    return best[len(name)]


def sentence(text: str) -> str:
    """A capital in front and a full stop behind."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
