"""The generator of schemas and models: a development tool, run as `python -m xsd.generate VERB`.

`der` writes xsd/der from the IEC namespace definitions, `models` writes models/ from the schemas,
`check` does both into a temporary folder and lists every file that differs from the committed one. The
definitions are looked for where DERBRIDGE_NSD says, else beside the checkout. Never touches a file it
did not generate.
"""

from __future__ import annotations

import filecmp
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DER = ROOT / "xsd" / "der"
MODELS = ROOT / "models"


def nsd_folder() -> Path | None:
    """Where the namespace definitions are, or None."""
    named = os.environ.get("DERBRIDGE_NSD")
    folder = Path(named) if named else ROOT.parent / "shared" / "reference" / "iec61850"
    return folder if named or folder.is_dir() else None


def write_der(folder: Path, out: Path) -> None:
    """Write the canonical schemas from the definitions in a folder."""
    from xsd.passes import derxsd, nsd  # noqa: PLC0415 - each verb loads only its own passes

    out.mkdir(parents=True, exist_ok=True)
    for name, text in derxsd.schemas(nsd.read(folder)).items():
        (out / name).write_text(text, encoding="utf-8", newline="\n")


def write_models(out: Path) -> None:
    """Write the whole models tree, except what is written by hand."""
    from xsd.passes import models  # noqa: PLC0415 - each verb loads only its own passes

    out.mkdir(parents=True, exist_ok=True)
    models.generate(out)


def differences(made: Path, kept: Path) -> Iterator[str]:
    """Each generated file that is missing, changed or left over."""
    fresh = {p.relative_to(made) for p in made.rglob("*") if p.is_file()}
    for path in sorted(fresh):
        twin = kept / path
        if not twin.is_file():
            yield f"{kept.name}/{path}: missing"
        elif not filecmp.cmp(made / path, twin, shallow=False):
            yield f"{kept.name}/{path}: differs"
    yield from (f"{kept.name}/{path}: left over" for path in leftovers(fresh, kept))


def leftovers(fresh: set[Path], kept: Path) -> list[Path]:
    """Files nobody generates any more, in folders that hold generated files only."""
    folders = {p.parent for p in fresh}
    whole = folders if kept == DER else folders - {Path()}
    there = (p.relative_to(kept) for folder in whole for p in (kept / folder).glob("*") if p.is_file())
    return sorted(p for p in there if p not in fresh)


def replace(write: Callable[[Path], None], kept: Path) -> int:
    """Generate into a temporary folder, then bring the kept folder to the same state."""
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch) / kept.name
        write(made)
        fresh = {p.relative_to(made) for p in made.rglob("*") if p.is_file()}
        for path in leftovers(fresh, kept):
            (kept / path).unlink()
        for path in sorted(fresh):
            (kept / path).parent.mkdir(parents=True, exist_ok=True)
            (kept / path).write_bytes((made / path).read_bytes())
    print(f"{kept.relative_to(ROOT)}: {len(fresh)} files written")
    return 0


def der() -> int:
    """Write xsd/der; needs the IEC namespace definitions."""
    folder = nsd_folder()
    if folder is None:
        print(
            "xsd/der: the IEC namespace definitions are not here; set DERBRIDGE_NSD to their folder",
            file=sys.stderr,
        )
        return 2
    return replace(lambda out: write_der(folder, out), DER)


def models() -> int:
    """Write models/."""
    return replace(write_models, MODELS)


def check() -> int:
    """Generate everything again and compare."""
    folder = nsd_folder()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        if folder is None:
            print("xsd/der: not compared, the IEC namespace definitions are not here (DERBRIDGE_NSD)")
        else:
            write_der(folder, Path(scratch) / "der")
            wrong += differences(Path(scratch) / "der", DER)
        write_models(Path(scratch) / "models")
        wrong += differences(Path(scratch) / "models", MODELS)
    print("\n".join(wrong) if wrong else "generated files are as committed")
    return 1 if wrong else 0


VERBS: Mapping[str, Callable[[], int]] = {"der": der, "models": models, "check": check}


def main(arguments: list[str]) -> int:
    """Run one verb."""
    if arguments in (["--help"], ["-h"]):
        print("usage: python -m xsd.generate VERB\n")
        print("\n".join(f"  {verb:8}{run.__doc__}" for verb, run in VERBS.items()))
        return 0
    if len(arguments) != 1 or arguments[0] not in VERBS:
        print(f"usage: python -m xsd.generate {'|'.join(VERBS)}", file=sys.stderr)
        return 2
    try:
        return VERBS[arguments[0]]()
    except (ValueError, OSError) as error:
        print(f"xsd.generate: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
