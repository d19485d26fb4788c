"""nginx from Debian as the reference: the same bytes, the same suite, the same client certificates, one core.

It serves each page as a static file of what our own server answered, so that only the serving is compared.
Installed with apt-get where it is missing and may be; without it the ratios are left out, and said to be.
"""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench.ground import CORE, Ground
from peers.port import free, reachable

SETTINGS = """\
user {user};
worker_processes 1;
worker_rlimit_nofile 65536;
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 32768; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 1000000000;
    keepalive_timeout 900s;
    open_file_cache max=100;
    ssl_protocols TLSv1.2;
    ssl_ciphers ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0;
    ssl_ecdh_curve prime256v1;
    ssl_session_tickets off;
    ssl_session_cache none;
    ssl_certificate {pki}/server.pem;
    ssl_certificate_key {pki}/server.key;
    ssl_client_certificate {roots};
    ssl_verify_client on;
    ssl_verify_depth 4;
    server {{
        listen 127.0.0.1:{port} ssl backlog=4096;
{places}
    }}
}}
"""
PLACE = "        location = {path} {{ default_type application/sep+xml; alias {file}; }}"


def program() -> str | None:
    """nginx, installed if need be; None where it cannot be had."""
    if found := _found():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        for words in (["update"], ["install", "-y", "nginx-light"]):
            environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
            subprocess.run(["apt-get", *words], env=environ, capture_output=True, check=False)
    return _found()


def _found() -> str | None:
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextmanager
def serving(ground: Ground, pages: Mapping[str, bytes]) -> Iterator[tuple[int, int] | None]:
    """Serve these pages; gives port and process of the one worker, or None without nginx."""
    if (nginx := program()) is None:
        yield None
        return
    folder = ground.folder / "nginx"
    folder.mkdir()
    port = free()
    settings = folder / "nginx.conf"
    settings.write_text(_settings(folder, ground.pki, port, pages), "utf-8")
    command = ["taskset", "-c", CORE, nginx, "-p", str(folder), "-c", str(settings)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            reachable(port)
            yield port, _worker(process.pid)
        finally:
            process.terminate()


def _settings(folder: Path, pki: Path, port: int, pages: Mapping[str, bytes]) -> str:
    places = []
    for number, (target, body) in enumerate(pages.items()):
        file = folder / f"{number}.xml"
        file.write_bytes(body)
        places.append(PLACE.format(path=target.partition("?")[0], file=file))
    roots = pki / "roots" / "serca.pem"
    user = getpass.getuser()  # else its worker cannot read the folder
    return SETTINGS.format(
        user=user, folder=folder, pki=pki, roots=roots, port=port, places="\n".join(places)
    )


def _worker(master: int) -> int:
    children = Path(f"/proc/{master}/task/{master}/children").read_text("ascii").split()
    return int(children[0])
