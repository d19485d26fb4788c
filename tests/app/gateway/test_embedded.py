"""Certificates that are sent along in a message, at a real bridge: ignored and counted, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.app.gateway.company import Pair, World, code, issued, world
from tests.trust.wsse.keys import binary


def along(data: bytes, what: str) -> bytes:
    """A signed message with something beside its signature, and in it: neither place is signed."""
    seal, key = b"<ds:Signature ", b"</ds:X509IssuerSerial>"
    assert data.count(seal) == data.count(key) == 1
    inside = f"<ds:X509Certificate>{what}</ds:X509Certificate>"
    return data.replace(seal, binary(what).encode() + seal).replace(key, key + inside.encode())


def der(pair: Pair) -> str:
    return pair.certificate.public_bytes(Encoding.PEM).decode().strip().partition("\n")[2].rpartition("\n")[0]


async def known(found: World) -> Pair:
    """Have the company registered; a stranger below the same root."""
    assert (await found.site.admin.post("/api/v1/entities", found.company.said()))[0] == 201
    return issued(found.folder, "stranger", found.authority)


async def test_a_strangers_certificate_is_ignored_and_the_registered_key_verifies(tmp_path: Path) -> None:
    with world(tmp_path / "site") as found:
        mine, stranger = found.company, await known(found)
        assert (await mine.send(along(mine.signed(), der(stranger))))[0] == 200
        (line,) = found.site.lines("certificates ignored")
        assert (line["entity"], line["count"]) == ("RETAIL", 2)
        assert (await mine.send(mine.signed()))[0] == 200
        forged = along(mine.signed(who=stranger), der(stranger))
        assert code((await mine.send(forged))[1]) == "SecurityTokenUnavailable"
        theirs, ours = (str(each.certificate.serial_number).encode() for each in (stranger, mine.signer))
        named = forged.replace(theirs, ours)
        assert code((await mine.send(named))[1]) == "FailedCheck"
        assert len(found.site.lines("certificates ignored")) == 3
        assert len(found.site.lines("request taken")) == 2


@pytest.mark.parametrize("part", ["token", "key"])
async def test_who_wants_none_refuses_them(tmp_path: Path, part: str) -> None:
    with world(tmp_path / "site", embedded="refuse") as found:
        mine, stranger = found.company, await known(found)
        data = along(mine.signed(), der(stranger))
        if part == "key":
            data = data.replace(binary(der(stranger)).encode(), b"")
        assert code((await mine.send(data))[1]) == "UnsupportedSecurityToken"
        (line,) = found.site.lines("request refused")
        assert line["reason"] == part
        assert (await mine.send(mine.signed()))[0] == 200
