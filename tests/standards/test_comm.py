"""COMM-001 to COMM-004: how the server is found, and whom it lets in (CSIP 2.1 clause 5.1.1, 5.2.1; 6.11)."""

from __future__ import annotations

import asyncio
import socket

import pytest
from zeroconf import DNSAddress, DNSIncoming, DNSOutgoing, DNSPointer, DNSQuestion, DNSService, DNSText

from bridge.transports import multicast
from bridge.transports.discovery import Advert
from bridge.trust import folder, issue
from tests.served import Served
from tests.standards import wire
from tests.standards.grid import Utility
from tests.standards.judged import judge, links, parsed, text

CCM8 = 0xC0AE
PTR, ANY, UNICAST = 12, 255, 0x8000
MINE = "GET /edev HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
SFDI = 167_261_211_391
ADVERT = Advert("utility", https=8443, plain=8080, subtypes={"derp": "/derp", "mup": "/mup", "edev": "/edev"})
WAYS = {"mdns": ("local", "127.0.0.1"), "xmdns": ("site", "::1")}


async def find(sfdi: int) -> str:
    return "/edev/3" if sfdi == SFDI else ""


def asked(port: int, host: str, name: str, *, unicast: bool) -> list[object]:
    """Ask one question; what is answered, at once and besides."""
    out = DNSOutgoing(0)
    out.add_question(DNSQuestion(name, PTR, 1 | (UNICAST if unicast else 0)))
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(wire.PATIENCE)
        sock.sendto(out.packets()[0], (host, port))
        return list(DNSIncoming(sock.recv(9000)).answers())


def free() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.mark.parametrize("unicast", [False, True], ids=["multicast", "unicast"])
@pytest.mark.parametrize("way", WAYS)
async def test_comm_001_discovery(way: str, unicast: bool) -> None:
    """Service, subtypes and a device's own: PTR, SRV, TXT and addresses, whatever the unicast bit."""
    domain, host = WAYS[way]
    service, port = f"_smartenergy._tcp.{domain}.", free()
    asking = {"": "", "derp._sub.": "/derp", "edev._sub.": "/edev", f"edev-{SFDI}._sub.": "/edev/3"}
    async with multicast.answering(ADVERT, find, (way,), ("lo",), port) as refused:
        assert refused == []
        for prefix, path in asking.items():
            found = await asyncio.to_thread(asked, port, host, prefix + service, unicast=unicast)
            pointed = [one.alias for one in found if isinstance(one, DNSPointer)]
            served = [(one.port, one.server) for one in found if isinstance(one, DNSService)]
            (said,) = [one for one in found if isinstance(one, DNSText)]
            assert (pointed, served) == ([f"utility.{service}"], [(8080, f"utility.{domain}.")])
            assert said.text.startswith(b"\x09txtvers=1")
            assert b"dcap=/dcap" in said.text
            assert b"https=8443" in said.text
            assert (f"path={path}".encode() in said.text) == bool(path)
            assert any(isinstance(one, DNSAddress) for one in found)


async def test_comm_002_discovery_out_of_band(utility: Utility) -> None:
    """DeviceCapability at its configured address, and everything else by its links."""
    device = await utility.device(await utility.group("feeder"))
    async with device.party as party:
        seen, left = set(), ["/dcap"]
        while left:
            path = left.pop()
            if path in seen:
                continue
            seen.add(path)
            reply = await party.get(f"{path}?l=255")
            if reply.status == 404 and path.rpartition("/")[2] in PENDING:
                continue
            assert reply.status == 200, path
            found = parsed(reply.body)
            left += [each.get("href", "") for each in links(found).values()]
            left += [each.get("href", "") for each in found if found.get("all") and each.get("href")]
    assert {"/dcap", "/tm", "/edev", "/mup", "/sdev"} <= seen
    assert {device.href, f"{device.href}/fsa", f"{device.href}/der/1"} <= seen


PENDING = frozenset({"dercap", "derg", "ders", "dera", "di", "dstat", "ps", "cfg", "fs", "cp"})
"""What a device has yet to put in place."""


def test_comm_003_basic_security(site: Served, utility: Utility) -> None:
    """The mandatory suite is chosen, whoever shows no certificate or offers another suite stays out."""
    files = utility.party().files
    met = wire.spoken(site, files)
    assert met.reply
    assert met.cipher
    assert met.cipher[:2] == ("ECDHE-ECDSA-AES128-CCM8", "TLSv1.2")
    assert met.reply.status == 200
    judge(met.reply, "GET", "/dcap", "csip")
    assert wire.spoken(site, None).refused
    assert wire.spoken(site, files, suites="ECDHE-ECDSA-AES256-GCM-SHA384:@SECLEVEL=0").refused
    plain = wire.spoken(site, files, suites="ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0")
    assert plain.reply
    assert plain.reply.status == 200
    for version in ("-tls1", "-tls1_1"):
        assert "SSL alert number 70" in wire.client(site, files, version)


ALERTS = {
    "SSLV3_ALERT_BAD_CERTIFICATE": 42,
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": 43,
    "TLSV1_ALERT_UNKNOWN_CA": 48,
}
VERSIONS = ("-tls1_2", "-tls1_3")


def kept(site: Served, utility: Utility, made: issue.Issued) -> folder.Client:
    """A client with a certificate made by hand."""
    return site.pki.add(f"shown-{utility.prefix}", made)


async def taken(site: Served, utility: Utility, depth: int) -> None:
    """A chain of so many certificates is let in, and known by its leaf."""
    made = issue.device(issue.issuer(site.pki.issuer("serca"), depth), b"1")
    assert len(made.chain) == depth
    await utility.ask("POST", "/devices", {"lfdi": made.lfdi})
    one = kept(site, utility, made)
    met = await asyncio.to_thread(wire.spoken, site, one, MINE)
    assert not met.refused
    assert met.reply
    judge(met.reply, "GET", "/edev", "csip")
    assert text(parsed(met.reply.body), "EndDevice", "lFDI") == made.lfdi
    for version in VERSIONS:
        said = await asyncio.to_thread(wire.client, site, one, version)
        assert "HTTP/1.1 200" in said
        assert "alert" not in said


def refused(site: Served, utility: Utility, made: issue.Issued, alert: str) -> None:
    """A chain with a flaw gets its alert in the handshake, and no answer: by Python and by s_client."""
    one = kept(site, utility, made)
    met = wire.spoken(site, one, MINE)
    assert (met.reply, met.refused) == (None, alert)
    for version in VERSIONS:
        said = wire.client(site, one, version)
        assert f"SSL alert number {ALERTS[alert]}" in said, said
        assert "HTTP/1.1" not in said


def flawed(site: Served, flaw: str) -> issue.Issued:
    """A device below an authority that has a flaw."""
    return issue.device(issue.issuer(site.pki.issuer("serca"), 3, flaw=flaw), b"1")


async def test_comm_004a_chain_of_two(site: Served, utility: Utility) -> None:
    await taken(site, utility, 2)


async def test_comm_004b_chain_of_three(site: Served, utility: Utility) -> None:
    await taken(site, utility, 3)


async def test_comm_004c_chain_of_four(site: Served, utility: Utility) -> None:
    await taken(site, utility, 4)


def test_comm_004d_critical_key_usage(site: Served, utility: Utility) -> None:
    refused(site, utility, flawed(site, "usage"), "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE")


def test_comm_004e_name_constraints(site: Served, utility: Utility) -> None:
    refused(site, utility, flawed(site, "constraints"), "SSLV3_ALERT_BAD_CERTIFICATE")


def test_comm_004f_policy_mappings(site: Served, utility: Utility) -> None:
    refused(site, utility, flawed(site, "mappings"), "SSLV3_ALERT_BAD_CERTIFICATE")


def test_comm_004g_self_signed(site: Served, utility: Utility) -> None:
    made = issue.device(None, b"1", policy="selfsigned")
    refused(site, utility, made, "TLSV1_ALERT_UNKNOWN_CA")
