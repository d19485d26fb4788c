"""`derbridge init`: an installation that runs as it is, and a word about each thing that was made.

A certificate authority of one's own with a server, an operator and a test device below it, the commented
configuration, and the commands to type next. It asks nothing, overwrites nothing, and starts nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bridge.app import founding, loading, sample, screen
from bridge.app.fault import Fault
from bridge.app.relay.section import Relay
from bridge.trust import folder as trust
from bridge.trust.folder import Client, Folder


def run(place: Path, names: tuple[str, ...]) -> None:
    """Make an installation, and explain it."""
    for name in ("pki", loading.NAME):
        if (place / name).exists():
            raise Fault(str(place / name), "is there already; nothing was changed")
    hosts = founding.hosts(names)
    try:
        folder, operator, device = made(place, hosts, (*names, Relay().domain)[0])
    except OSError as error:
        raise Fault(str(error.filename or place), error.strerror or "cannot be written") from error
    for line in told(place, hosts, folder, operator, device):
        screen.say(line)


def made(place: Path, hosts: tuple[str, ...], domain: str = "localhost") -> tuple[Folder, Client, Client]:
    """Make the files; `domain` is that of the relay."""
    place.mkdir(parents=True, exist_ok=True)
    folder, operator = founding.found(place / "pki", hosts)
    founding.relay(folder, (domain, *hosts))
    device = folder.client("device", "device")
    said: dict[str, dict[str, object]] = {"https": {"names": hosts}}
    if domain != Relay().domain:
        said["relay"] = {"domain": domain}
    trust.write(place / loading.NAME, sample.text(said).encode())
    return folder, operator, device


def told(
    place: Path, hosts: tuple[str, ...], folder: Folder, operator: Client, device: Client
) -> Iterator[str]:
    """What there is now, and what to type next."""
    own = folder.known("../server")
    yield f"Made in {place}:"
    yield ""
    rows = (
        (loading.NAME, "the configuration: every key with its default and what it does"),
        *founding.rows(1, "pki/"),
        ("pki/clients/device.pem, .key", "the certificate of a device to try things with"),
        ("pki/services/relay.pem, .key", "the certificate of the XMPP relay, which is off until you say so"),
    )
    yield from founding.aligned(rows)
    yield ""
    yield f"The server's certificate is for {', '.join(hosts)}."
    for name, one in (("server", own), ("operator", operator), ("device", device)):
        yield f"  {name:<8}  LFDI {one.lfdi}  SFDI {one.sfdi}"
    yield ""
    yield "The store is one SQLite file beside the configuration; it is made at the first start."
    yield "Nothing was started. Next:"
    yield ""
    yield from (f"  {line}" for line in commands(place, operator, device))
    yield ""
    yield "To start it with the machine: see examples/derbridge.service and docs/operate.md."


def commands(place: Path, operator: Client, device: Client) -> tuple[str, ...]:
    """What to type next."""
    asks = ((device, 8443, "/dcap"), (operator, 8444, "/api/v1/health"))
    return (
        f"derbridge check {place}",
        f"derbridge run {place}",
        f"derbridge devices create --site {place} --certificate {device.certificate}",
        *(
            f"curl --cacert {one.root} --cert {one.certificate} --key {one.key}"
            f" https://localhost:{port}{path}"
            for one, port, path in asks
        ),
    )
