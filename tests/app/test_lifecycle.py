"""A version of 2030.5 comes to its end at a real bridge, beside its successor: told, counted, gone, moved."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from bridge.app import loading, sample
from tests.served import PLAIN, Client, Served, served

OLD, NEW = "sep2-2018", "sep2-2023"
ENDS = "2099-01-01"
LINK = '</dcap>; rel="successor-version"; title="sep2-2023"'


async def registered(site: Served, name: str, profile: str) -> Client:
    """A device that is written to in a profile."""
    client = site.client(name)
    said = {"lfdi": client.lfdi, "profile": profile}
    status, _ = await site.admin.post("/api/v1/devices", said)
    assert status == 201
    return client


async def users(site: Served, name: str) -> dict[str, int]:
    status, found = await site.admin.get(f"/api/v1/interfaces/{name}/users")
    assert status == 200, found
    return {each["lfdi"]: each["times"] for each in found["items"]}


def configured(site: Served, **lifecycle: Any) -> None:
    """Configure other moments, for the next start."""
    text = sample.text({**{name: dict(said) for name, said in PLAIN.items()}, "lifecycle": lifecycle})
    (site.folder / loading.NAME).write_text(text, "utf-8")


async def test_a_deprecated_profile_works_says_so_and_is_gone_after_its_date(tmp_path: Path) -> None:
    with served(tmp_path, lifecycle={"deprecated": {OLD: "2026-01-01"}, "retired": {OLD: ENDS}}) as site:
        old, new = await registered(site, "old", "2018"), await registered(site, "new", "2023")
        for _ in range(3):  # the second answer on is a kept page
            told = await old.get("/dcap")
            assert told.status == 200
            assert told.headers["Deprecation"] == "@1767225600"
            assert told.headers["Sunset"] == "Thu, 01 Jan 2099 00:00:00 GMT"
            assert told.headers["Link"] == LINK
        fresh = await new.get("/dcap")
        assert fresh.status == 200
        assert not {"Deprecation", "Sunset", "Link"} & set(fresh.headers)
        assert await users(site, OLD) == {old.lfdi: 3}
        assert await users(site, NEW) == {new.lfdi: 1}
        configured(site, deprecated={OLD: "2026-01-01"}, retired={OLD: "2026-02-01"})
        site.restart()
        assert (await users(site, OLD))[old.lfdi] == 3  # what was counted is kept
        for path in ("/dcap", "/edev", "/tm"):
            gone = await old.get(path)
            assert (gone.status, gone.headers["Link"]) == (410, LINK)
            assert b"<reasonCode>1</reasonCode>" in gone.body
            assert (await new.get(path)).status == 200
        assert (await old.post("/edev", "<EndDevice/>")).status == 410
        assert (await users(site, OLD))[old.lfdi] == 7  # who asks in vain is shown, too
        status, _ = await site.admin.patch(f"/api/v1/devices/{old.lfdi}", {"profile": "2023"})
        assert status == 200
        assert (await old.get("/dcap")).status == 200


async def test_what_an_operator_retires_is_gone_at_once_though_its_pages_are_kept(tmp_path: Path) -> None:
    with served(tmp_path) as site:
        old, new = await registered(site, "old", "2018"), await registered(site, "new", "2023")
        for _ in range(2):
            plain = await old.get("/dcap")
            assert (plain.status, "Deprecation" in plain.headers) == (200, False)
        where = f"/api/v1/interfaces/{OLD}"
        assert (await site.admin.post(f"{where}/deprecate", {}))[0] == 200
        assert "Deprecation" in (await old.get("/dcap")).headers
        _, shown = await site.admin.post(f"{where}/retire", {"at": int(time.time())})
        assert shown["state"] == "retired"
        assert (await old.get("/dcap")).status == 410
        assert (await new.get("/dcap")).status == 200
        _, found = await site.admin.get(f"{where}/notices")
        assert [each["lfdis"] for each in found["items"]] == [[old.lfdi], [old.lfdi]]
        assert (await site.admin.post(f"{where}/restore"))[0] == 200
        assert (await old.get("/dcap")).status == 200
        _, logged = await site.admin.get("/api/v1/audit?function=lifecycle&limit=9")
        assert {"change"} <= {each["action"] for each in logged["items"]}
