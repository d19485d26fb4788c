"""The documentation against the tree: commands, links, the menu, the decisions' numbers.

A reader follows what a page says; what it says must be there. The look of the pages is `make docs`'
business.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import typer.main

from bridge.app.cli import app
from tests.shape import tree

PAGES = tuple(path for path in tree.files(".md") if path.parts[0] == "docs" or len(path.parts) == 1)
DECISIONS = tuple(path for path in PAGES if path.match("docs/decisions/*.md"))
VERBS = set(re.findall(r"^([a-z-]+):", tree.text(Path("Makefile")), re.MULTILINE))
COMMAND = re.compile(r"(?:^|`)make ([a-z-]+)", re.MULTILINE)
OURS = re.compile(r"(?:`|bin/)derbridge ([a-z][a-z ]*)")
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
SECTIONS = ("## Question", "## Decision", "## Consequences")


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_verbs_exist(path: Path) -> None:
    assert set(COMMAND.findall(tree.text(path))) <= VERBS


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_commands_exist(path: Path) -> None:
    for words in OURS.findall(tree.text(path)):
        place = typer.main.get_command(app)
        for word in words.split():
            if (commands := getattr(place, "commands", None)) is None:
                break
            assert word in commands, f"derbridge {words}"
            place = commands[word]


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_links_lead_somewhere(path: Path) -> None:
    here = [
        link for link in LINK.findall(tree.text(path)) if "://" not in link and not link.startswith("mailto:")
    ]
    assert [link for link in here if not (tree.ROOT / path.parent / link).exists()] == []


def test_first_screen_names_its_two_commands() -> None:
    assert {"demo", "test"} <= set(COMMAND.findall(tree.text(Path("README.md"))))


def test_menu_is_complete() -> None:
    menu = set(re.findall(r'"([^"]+\.md)"', tree.text(Path("zensical.toml"))))
    assert menu == {path.relative_to("docs").as_posix() for path in PAGES if path.parts[0] == "docs"}
    assert tomllib.loads(tree.text(Path("zensical.toml")))["project"]["nav"]


def test_decisions_are_numbered_without_holes() -> None:
    assert [path.name[:5] for path in DECISIONS] == [
        f"{number:04}-" for number in range(1, len(DECISIONS) + 1)
    ]


def test_interpretations_are_numbered_without_holes() -> None:
    numbers = re.findall(r"^\| (\d+) \|", tree.text(Path("docs/interpretations.md")), re.MULTILINE)
    assert [int(number) for number in numbers] == list(range(1, len(numbers) + 1))
    assert numbers


@pytest.mark.parametrize("path", DECISIONS, ids=str)
def test_decision_says_what_and_why(path: Path) -> None:
    lines = tree.text(path).splitlines()
    assert lines[0].startswith(f"# {path.name[:4]}. ")
    assert [section for section in SECTIONS if section not in lines] == []


def test_every_verb_is_explained() -> None:
    told = set(re.findall(r"^([a-z-]+):.*## \S", tree.text(Path("Makefile")), re.MULTILINE))
    phony = re.search(r"^\.PHONY: (.+)$", tree.text(Path("Makefile")), re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == told
