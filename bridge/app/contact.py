"""Which server the operator's verbs talk to, and as whom: options, then the environment, then a folder.

A folder is one that `derbridge init` made: its configuration says where the administration API listens, and
beside it lies the operator's certificate. Nothing is connected here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from ssl import SSLContext, SSLError
from typing import Any

from bridge.app import loading
from bridge.app.config import Config
from bridge.app.fault import Fault
from bridge.transports import tls

OPERATOR = Path("pki/clients/operator")


@dataclass(frozen=True, slots=True)
class Contact:
    """A server, and who we are to it."""

    url: str
    certificate: Path
    key: Path
    root: Path

    def context(self) -> SSLContext:
        """Our side of mutual TLS."""
        for file in (self.root, self.certificate, self.key):
            if not file.is_file():
                raise Fault(
                    str(file), "no such file; name the operator's files with --cert, --cert-key, --ca"
                )
        try:
            return tls.client((self.root,), self.certificate, self.key)
        except (SSLError, OSError) as error:
            raise Fault(str(self.certificate), f"cannot be used: {error}") from error


def given(options: Mapping[str, Any]) -> dict[str, str]:
    """What the options of a command that has more of them say of a server, by their names."""
    names = {"site": "site", "url": "url", "cert": "cert", "secret": "cert_key", "root": "ca"}
    return {name: options[option] for name, option in names.items()}


def find(given: Mapping[str, str]) -> Contact:
    """The server that is meant."""
    if all(given[name] for name in ("url", "cert", "secret", "root")):
        return Contact(given["url"], Path(given["cert"]), Path(given["secret"]), Path(given["root"]))
    place = Path(given["site"]) if given["site"] else None
    loaded = loading.load(place, os.environ)
    if loaded.config is None:
        first = loaded.problems[0]
        raise Fault(
            first.place, f"{first.what}; name a folder with --site, or a server with --url", line=first.line
        )
    stem = loaded.place.parent / OPERATOR
    return Contact(
        given["url"] or _url(loaded.place, loaded.config),
        Path(given["cert"] or stem.with_suffix(".pem")),
        Path(given["secret"] or stem.with_suffix(".key")),
        Path(given["root"] or loaded.config.trust.devices[0]),
    )


def _url(place: Path, config: Config) -> str:
    """Where a configuration says that the administration API is."""
    if not config.admin.enabled or not config.admin.port:
        raise Fault(str(place), "says no port of the administration API; name the server with --url")
    names = config.https.names
    host = next((host for host in config.admin.hosts if host in names), names[0] if names else "localhost")
    return f"https://{f'[{host}]' if ':' in host else host}:{config.admin.port}"
