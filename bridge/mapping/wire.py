"""One profile in one namespace: its elements and types by name, and its plans, made when first met.

A profile may accept several namespaces for the same model (the 2013 drafts and the published one); a document
keeps to the one its root is in. Compiled plans are kept per profile and namespace, so that reading takes no
decision about either.
"""

from __future__ import annotations

from functools import cache

from bridge.mapping.plan import Plan, compiled, link
from bridge.mapping.profile import Profile
from models import kit


class Wire:
    """The compiled form of a profile, for documents in one namespace."""

    __slots__ = ("namespace", "plans", "profile")

    def __init__(self, profile: Profile, namespace: str) -> None:
        self.profile = profile
        self.namespace = namespace
        self.plans: dict[type[kit.Model], Plan] = {}

    def plan(self, cls: type[kit.Model]) -> Plan:
        """The plan of a class; its children are known once it is linked."""
        found = self.plans.get(cls)
        if found is None:
            found = self.plans[cls] = compiled(cls, self.outward)
        return found

    def link(self, plan: Plan) -> None:
        """Find the plans of a plan's children, at its first use: a class may lead to a whole family."""
        link(plan, self.outward, self.plan)

    def outward(self, namespace: str) -> str:
        """A model's namespace as this wire writes it."""
        return self.namespace if namespace == self.profile.model else namespace

    def inward(self, namespace: str) -> str:
        """A namespace of this wire as the model names it."""
        return self.profile.model if namespace == self.namespace else namespace

    def root(self, namespace: str, local: str) -> type[kit.Model] | None:
        """The class of a global element."""
        return self.profile.root(self.inward(namespace), local)

    def named(self, namespace: str, local: str) -> type[kit.Model] | None:
        """The class of a named complex type."""
        return self.profile.named(self.inward(namespace), local)


@cache
def wire(profile: Profile, namespace: str) -> Wire:
    """The compiled form of a profile in a namespace, made once."""
    return Wire(profile, namespace)
