"""Scenarios at a real server and its relay, by the command line: units of both protocols, an aggregator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.sim.lab import Lab
from tests.app.sim.relayed import ran, relayed

EXAMPLES = Path(__file__).parents[3] / "examples" / "scenarios"


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with relayed(tmp_path_factory.mktemp("relayed")) as made:
        yield made


@pytest.mark.parametrize(
    ("name", "responses"),
    [
        ("relay", {"limit": {"pv-1": [1, 2, 3], "plant-1": [1, 2, 3], "local-1": [10]}}),
        (
            "aggregator",
            {
                "limit": {"pv-1": [1, 2, 6]},
                "planned": {"pv-2": [1, 2, 3]},
                "unable": {},
                "meanwhile": {},
                "curve": {"pv-1": [1, 2, 6], "pv-2": [1, 2, 6]},
            },
        ),
    ],
)
async def test_example_goes_as_it_expects_and_leaves_nothing(
    there: Lab, name: str, responses: dict[str, dict[str, list[int]]]
) -> None:
    server, folder = f"{there.site.url}/dcap", there.site.folder
    code, said, told = await ran(
        there, "run", EXAMPLES / f"{name}.toml", "--server", server, "--site", folder, "--poll", "0.5",
        "--profile", "2018", "--json",
    )  # fmt: skip
    assert "expectations" in said, (said, told)
    assert [row for row in said["expectations"] if not row["passed"]] == []
    assert code == 0
    assert {control: rows for control, rows in said["responses"].items() if control in responses} == responses
    left = [one["name"] for one in (await there.ask("GET", "/groups"))["items"]]
    assert [one for one in left if one.startswith("sim:")] == []
    assert (await there.ask("GET", "/facilities"))["items"] == []


async def test_relay_that_is_not_known_is_told(there: Lab) -> None:
    operator = there.site.admin.client
    code, said, told = await ran(
        there, "run", EXAMPLES / "relay.toml", "--server", there.site.url, "--pki", there.site.pki.path,
        "--url", operator.root, "--cert", operator.files.certificate, "--cert-key", operator.files.key,
        "--ca", operator.files.root,
    )  # fmt: skip
    assert (code, said) == (2, {})
    assert told == "derbridge: --relay: name the relay as HOST:PORT, or a folder with --site\n", told
