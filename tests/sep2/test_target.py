"""Where notifications may go: the addresses that clients try, and what a name may resolve to."""

from __future__ import annotations

import pytest

from bridge.sep2.talk import Told
from bridge.sep2.target import Target, allowed, target
from bridge.sep2.work import Policy

SIX = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
TESTS = Policy(hosts=frozenset({"localhost", "127.0.0.1", "::1"}), plain_http=True)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://example.org/ntfy", Target("https", "example.org", 443)),
        ("https://EXAMPLE.org.:8443/a?b=c", Target("https", "example.org", 8443)),
        ("https://93.184.215.14/x", Target("https", "93.184.215.14", 443)),
        (f"https://[{SIX}]:1/x", Target("https", SIX, 1)),
        ("https://bücher.example.org/", Target("https", "xn--bcher-kva.example.org", 443)),
    ],
)
def test_a_public_address_may_be_told(url: str, found: Target) -> None:
    assert target(url, Policy()) == found


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/ntfy",
        "ftp://example.org/",
        "file:///etc/passwd",
        "//example.org/",
        "/ntfy",
        "",
        "https://",
        "https:///x",
        "https://user@example.org/",
        "https://user:word@example.org/",
        "https://@example.org/",
        "https://example.org/#part",
        "https://example.org/a b",
        "https://example.org/\r\nX: y",
        "https://example.org\\@localhost/",
        "https://example.org:0/",
        "https://example.org:65536/",
        "https://example.org:x/",
        "https://example.org/" + "a" * 1024,
        "https://localhost/",
        "https://LOCALHOST./",
        "https://a.localhost/",
        "https://printer/",
        "https://printer.local/",
        "https://db.internal/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://0177.0.0.1/",
        "https://10.0.0.1/",
        "https://172.16.0.1/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://240.0.0.1/",
        "https://255.255.255.255/",
        "https://[::1]/",
        "https://[::]/",
        "https://[fe80::1]/",
        "https://[fe80::1%25eth0]/",
        "https://[fc00::1]/",
        "https://[fec0::1]/",
        "https://[ff02::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[64:ff9b:1::a00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[2001:0:7f00:1::80ff:fffe]/",
        "https://[not-an-address]/",
    ],
)
def test_no_other_may(url: str) -> None:
    with pytest.raises(Told) as told:
        target(url, Policy())
    assert told.value.status == 400
    assert "notificationURI" in told.value.reason


@pytest.mark.parametrize(
    "url",
    ["http://localhost:18080/hook/1", "https://127.0.0.1:1/", "http://[::1]:2/x", "http://example.org/"],
)
def test_switches_open_the_named_hosts_for_tests(url: str) -> None:
    assert target(url, TESTS)


def test_a_switch_opens_no_other_host() -> None:
    for url in ("https://127.0.0.2/", "https://localhost.localdomain/"):
        with pytest.raises(Told):
            target(url, TESTS)


@pytest.mark.parametrize(
    ("addresses", "found"),
    [
        (("93.184.215.14",), ("93.184.215.14",)),
        (("93.184.215.14", "10.0.0.1"), ()),
        (("127.0.0.1",), ()),
        (("::ffff:192.168.0.1",), ()),
        (("fe80::1%2",), ()),
        (("nonsense",), ()),
        ((), ()),
    ],
)
def test_a_name_may_lead_to_public_addresses_only(addresses: tuple[str, ...], found: tuple[str, ...]) -> None:
    assert allowed("example.org", addresses, Policy()) == found
    assert allowed("localhost", addresses, TESTS) == addresses
