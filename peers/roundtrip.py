"""2030.5 to canonical and back, for every type of every edition, with a thousand drawn documents each.

Each goes bytes, object, canonical record, canonical XML, record, object, bytes; the two objects and the two
byte strings must be equal, and nothing may be lost. `run` returns figures; it raises with the smallest
document that does not come back. It judges the mapping, not the schema.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, given, settings

from bridge.mapping import editions, sep2, xml
from bridge.mapping.bonds import book
from bridge.mapping.profile import load
from bridge.mapping.rows import EDITIONS
from models import kit
from models.der import index, messages
from peers.table import share
from tests.strategies import model

PROFILES = {"2018": "2018", "2023": "2023", "aus12": "csip-aus-1.2", "aus13": "csip-aus-1.3"}
ENVELOPE = sep2.Envelope(
    id="m1",
    origin=messages.Origin(party="3E4F45AB31EDFE5B67E343E5E4562E31984E23E5", door=messages.Door.sep2),
    target=messages.Target(device=("00AA",)),
    issued=Decimal(1_700_000_000),
)


class Case(NamedTuple):
    """One type of one edition, and the class of the document it heads."""

    edition: str
    name: str
    cls: type[kit.Model]


def cases() -> Iterator[Case]:
    """Yield every type that may stand alone, in every edition."""
    for edition in EDITIONS:
        for _, name in book().roots(edition):
            cls = editions.element(edition, name)
            if cls is None:
                raise LookupError(f"{name} of {edition} is gone")
            yield Case(edition, name, cls)


def there(case: Case, obj: kit.Model) -> kit.Model:
    """Return the record of an object, after a turn as XML where the record has an element of its own."""
    record = sep2.to_canonical(obj, case.edition, envelope=ENVELOPE)
    if type(record).__name__ not in index.ELEMENTS:
        return record
    again = xml.read(xml.write(record, load("der")), load("der"))
    if again != record:
        raise AssertionError(f"as canonical XML: {again!r} is not {record!r}")
    return again


def back(case: Case, obj: kit.Model) -> kit.Model:
    """Take an object there and back; raise when it has changed, or when anything was lost on the way."""
    lost: list[tuple[str, str]] = []
    found = sep2.from_canonical(there(case, obj), case.edition, lost=lost)
    if found != obj:
        raise AssertionError(f"{found!r} is not {obj!r}")
    if lost:
        raise AssertionError(f"lost {lost} of {obj!r}")
    return found


def whole(case: Case, obj: kit.Model) -> None:
    """Take a document from bytes to bytes; a type that heads no document goes as an object."""
    profile = load(PROFILES[case.edition])
    if case.name not in editions.index(case.edition).ELEMENTS:
        back(case, obj)
        return
    data = xml.write(obj, profile, root=case.name)
    found = xml.write(back(case, xml.read(data, profile)), profile, root=case.name)
    if found != data:
        raise AssertionError(f"{found!r} is not {data!r}")


def drive(case: Case, examples: int) -> int:
    """Draw documents of one type and take each there and back; return how many there were."""
    count = 0

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(model(case.cls, profile=load(PROFILES[case.edition])))
    def drawn(obj: kit.Model) -> None:
        nonlocal count
        count += 1
        whole(case, obj)

    drawn()
    return count


def run(examples: int = 0) -> dict[str, Any]:
    """Drive every case; return how many documents of how many types came back."""
    examples = examples or share(1000)
    counts = {f"{case.edition} {case.name}": drive(case, examples) for case in cases()}
    return {
        "ok": all(count >= examples for count in counts.values()),
        "types": len(counts),
        "documents": sum(counts.values()),
        "fewest": min(counts.values()),
    }


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
    sys.exit(0)
