"""A network of its own for a peer that speaks multicast: nothing it sends reaches any other machine.

The peer's function runs in a process within a fresh network namespace, which has loopback and a pair of
virtual interfaces that lead nowhere else. What needs the real network, as installing does, is done before.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from peers.table import Missing

ROOT = Path(__file__).resolve().parent.parent
LINKS = (
    "ip link set lo up",
    "ip link add lab0 type veth peer name lab1",
    "echo 1 > /proc/sys/net/ipv6/conf/lab1/disable_ipv6",
    "ip addr add 10.99.0.1/24 dev lab0",
    "ip -6 addr add fd99::1/64 dev lab0 nodad",
    "ip link set lab0 up multicast on",
    "ip link set lab1 up",
    "ip route add 224.0.0.0/4 dev lab0",
)


def within(module: str, function: str) -> dict[str, Any]:
    """What a function of a module gives, run there."""
    for tool in ("unshare", "ip"):
        if shutil.which(tool, path=f"{os.defpath}:/usr/sbin:/sbin") is None:
            message = f"{tool}, to make a network of its own"
            raise Missing(message)
    code = f"import json; from {module} import {function} as run; print(json.dumps(run()))"
    script = " && ".join((*LINKS, f"exec {sys.executable} -c '{code}'"))
    mapped = () if os.geteuid() == 0 else ("--map-root-user",)
    command = ["unshare", *mapped, "--net", "sh", "-c", script]
    environ = os.environ | {"PATH": f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip()[-300:])
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found
