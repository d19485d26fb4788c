"""A decision made again from what is kept of it: the rules of its time, and what was weighed.

The document of a policy is its rules with the zone that hours are told in; what was weighed are the roles
of the subject and the question as it was asked. `derbridge audit replay` decides by these alone. Nothing is
looked up here.
"""

from __future__ import annotations

import json
from datetime import UTC
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from bridge.core.access.engine import Engine, Question
from bridge.core.access.roles import Grant
from bridge.core.access.rules import Rules
from bridge.trust.decision import Decision
from bridge.trust.log import NOTHING, Facts
from bridge.trust.review import Verdict

NAME = "access"
WEIGHED = "weighed"


class Weighed(NamedTuple):
    """What a decision rests on, beside the rules."""

    grants: tuple[Grant, ...]
    asked: Question


FORM: TypeAdapter[Weighed] = TypeAdapter(Weighed)


def weighed(grants: tuple[Grant, ...], asked: Question | None) -> Facts:
    """Give what was weighed, as the log keeps it; nothing where it never came to a question."""
    return NOTHING if asked is None else {WEIGHED: FORM.dump_json(Weighed(grants, asked)).decode()}


def kept(engine: Engine) -> bytes:
    """Give the policy of an engine as it is kept."""
    said = {
        "engine": NAME,
        "zone": str(engine.zone),
        "functions": {name: list(actions) for name, actions in engine.vocabulary.items()},
        "rule": [rule.model_dump(mode="json", exclude_unset=True) for rule in engine.rules],
    }
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


def decide(document: bytes, question: Decision, facts: Facts) -> Verdict:
    """Decide once more; ValueError where the document, or what was weighed, cannot be read."""
    del question
    said = json.loads(document)
    if not isinstance(said, dict) or said.get("engine") != NAME:
        raise ValueError("the document is of another engine")
    if WEIGHED not in facts:
        return Verdict(allowed=False)
    try:
        rules = Rules.model_validate({"rule": said["rule"]}).rule
        found = FORM.validate_json(str(facts[WEIGHED]))
    except (KeyError, ValidationError) as error:
        raise ValueError(f"what was decided by cannot be read: {error}") from error
    zone = UTC if said["zone"] == "UTC" else ZoneInfo(said["zone"])
    verdict = Engine(rules, said["functions"], zone).decide(found.grants, found.asked)
    return Verdict(verdict.allowed, verdict.rule, verdict.limits)
