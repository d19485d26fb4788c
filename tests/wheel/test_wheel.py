"""The wheel, built here and read: what it carries, what it asks for, and where its data is found.

`make peers` installs it alone under each supported Python; here it is only built and opened, which takes
a second.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from peers.wheel import build
from tests.shape import tree

if TYPE_CHECKING:
    from email.message import Message

PROJECT = tomllib.loads(tree.text(Path("pyproject.toml")))["project"]
SHOWN = "bridge/app/examples/"
DATA = """
from importlib.resources import files
def walk(place, prefix):
    for one in place.iterdir():
        if one.is_dir():
            yield from walk(one, prefix + one.name + "/")
        elif one.name.endswith({suffix!r}):
            yield prefix + one.name
print(sorted(walk(files({name!r}), "")))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    return {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode())


def tracked(top: str, suffix: str) -> set[str]:
    return {path.as_posix() for path in tree.files(suffix) if path.parts[0] == top}


@pytest.mark.parametrize(
    ("top", "suffix"), [("bridge", ""), ("models", ""), ("xsd", ".xsd"), ("mappings", ".toml")]
)
def test_wheel_carries_all_of(top: str, suffix: str, names: set[str]) -> None:
    own = {name for name in names if name.startswith(f"{top}/") and not name.startswith(SHOWN)}
    assert own == tracked(top, suffix)
    assert own != set()


def test_wheel_carries_what_the_demo_shows(names: set[str]) -> None:
    assert {name for name in names if name.startswith(SHOWN)} == {
        f"bridge/app/{name}" for name in tracked("examples", "")
    }


def test_wheel_carries_nothing_else(names: set[str]) -> None:
    assert {name.split("/")[0] for name in names} == {"bridge", "models", "xsd", "mappings"}


def test_metadata_asks_for_what_the_project_declares(metadata: Message) -> None:
    asked = metadata.get_all("Requires-Dist") or []
    extras = PROJECT["optional-dependencies"].items()
    optional = [f"{one}; extra == '{extra}'" for extra, wanted in extras for one in wanted]
    assert sorted(asked) == sorted([*PROJECT["dependencies"], *optional])
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("License-File") == ["LICENSE", "NOTICE"]


def test_wheel_installs_the_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert "derbridge = bridge.app.cli:main" in archive.read(name).decode().splitlines()


@pytest.mark.parametrize(("name", "suffix"), [("xsd", ".xsd"), ("mappings", ".toml")])
def test_data_is_found_in_the_wheel_as_in_the_checkout(
    name: str, suffix: str, wheel: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    command = [sys.executable, "-S", "-c", DATA.format(name=name, suffix=suffix)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(sorted(path.removeprefix(f"{name}/") for path in tracked(name, suffix)))


def test_checkout_finds_its_own_data() -> None:
    assert files("xsd").joinpath("messages.xsd").read_text() == tree.text(Path("xsd/messages.xsd"))
