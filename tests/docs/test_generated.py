"""The generated pages of the manual: up to date, complete, and made of what the code says now.

Out of date means that `python -m docs.generate` would write something else; that is made here again.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.mapping import nodes, rows
from docs import generate

ROOT = Path(__file__).resolve().parents[2]
HEAD = re.compile(r"^#+ (.+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def pages() -> dict[Path, str]:
    return generate.pages()


def test_pages_are_what_the_code_writes_now(pages: dict[Path, str]) -> None:
    assert generate.stale(pages) == []


def test_each_canonical_type_is_on_one_page() -> None:
    listed = [name for _, types in generate.PAGES.values() for name in types]
    assert len(listed) == len(set(listed))
    assert set(generate.types()) <= set(listed)


def test_every_row_is_on_a_page(pages: dict[Path, str]) -> None:
    text = "\n".join(text for place, text in pages.items() if place.parts[0] == "mapping")
    for kind in rows.vocabulary().kinds:
        name = kind.sep2[0]
        assert f"## {', '.join(kind.sep2)} and {kind.canonical}" in text
        for row in kind.rows:
            if row.sep2 and not row.only:
                assert f"`{name if row.sep2 == '.' else f'{name}.{row.sep2}'}`" in text
    references = {row.iec61850 for found in nodes.read().rows.values() for row in found if row.iec61850}
    assert {name for name in references if f"`{name}`" not in text} == set()


def test_life_shows_real_bytes(pages: dict[Path, str]) -> None:
    page = pages[Path("life-of-a-control.md")]
    assert (ROOT / "examples" / "control.xml").read_text("utf-8") in page
    assert "DWMX1.WMaxSptPct.ctlVal.f" in page
    assert "derbridge: examples/control.xml:17: /DERControl/DERControlBase/opModMaxLimW: " in page
    assert "${" not in page


def test_every_link_within_a_page_leads_somewhere(pages: dict[Path, str]) -> None:
    for place, text in pages.items():
        plain = [re.sub(r"[^\w -]", "", head).strip().lower() for head in HEAD.findall(text)]
        heads = {head.replace(" ", "-") for head in plain}
        assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= heads, place


def test_check_fails_on_a_page_that_was_edited(tmp_path: Path) -> None:
    for room in ("bridge", "models", "mappings", "xsd", "docs", "examples"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "docs" / "mapping" / "modes.md").open("a", encoding="utf-8") as page:
        page.write("one more line\n")
    (tmp_path / "docs" / "mapping" / "old.md").write_text("a page of no type\n", "utf-8")
    run = [sys.executable, "-m", "docs.generate", "--check"]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    told = [line.split()[0] for line in done.stderr.splitlines()]
    assert told == ["docs/mapping/modes.md", "docs/mapping/old.md"]
