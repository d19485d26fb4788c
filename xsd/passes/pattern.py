r"""XSD regular expressions made into pydantic's: whole-value matches, with XSD's own escapes spelt out.

Follows XML Schema part 2, appendix F. A caret or dollar outside brackets is a plain sign there, a full
stop excludes both line ends, and \d and \s mean less than elsewhere. What has no exact counterpart is
refused, never approximated.
"""

from __future__ import annotations

import re

OUTSIDE = {r"\d": "[0-9]", r"\s": r"[ \t\n\r]", ".": r"[^\n\r]", "^": r"\^", "$": r"\$"}
WITHIN = {r"\d": "0-9", r"\s": r" \t\n\r"}
REFUSED = re.compile(r"-\[|\\[icIC]|\\[wWDS]|\\p\{Is|\[[^\]]*(&&|--|~~)")
"""Subtraction of classes, name characters, blocks, and signs that pydantic reads as operators on classes."""


def translate(alternatives: tuple[str, ...]) -> str:
    """Join the patterns of one restriction step into a single anchored expression."""
    for one in alternatives:
        if REFUSED.search(one):
            raise NotImplementedError(f"the pattern {one!r} cannot be stated exactly")
    joined = "|".join(spell(one) for one in alternatives)
    return f"^(?:{joined})$" if "|" in joined else f"^{joined}$"


def spell(text: str) -> str:
    """Spell out one expression, sign by sign."""
    found, depth = "", 0
    for part in re.findall(r"\\.|.", text, re.DOTALL):
        depth += (part == "[") - (part == "]")
        found += (WITHIN if depth else OUTSIDE).get(part, part)
    return found
