"""Peer scl: a foreign 61850 stack (the wheel `iec61850`, in Rust) loads our ICD and serves it over MMS.

It runs in an environment of its own. Its own model of the file has to have our nodes and objects, and a
client of its own has to read a rating from its server as we configured it. What it is known not to do
(arrays, data sets and blocks of a file) is not asked of it.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from bridge.iec61850 import device
from bridge.iec61850.scl import check, writer
from bridge.iec61850.scl.words import TEMPLATE
from peers.cactus import environment
from peers.wheel import python
from tests.iec61850.units import LFDI, everything
from tests.mapping.fitting import BASES

WANTED = ("iec61850==0.14.0",)
LIMIT = 120
"""Seconds for the stack to load, serve and read."""
RATED = "DGEN1.WMaxRtg.setMag.f"
PROGRAM = """
import asyncio, json, re, sys
import iec61850 as foreign
path, ied, ld, ref = sys.argv[1:]
told = foreign.load_scl(path).summary(ied)
nodes = re.findall(r"^ *LN class=(\\S+) inst=(\\S*) prefix=(\\S*)", told, re.MULTILINE)
async def read():
    server = foreign.IedServer.from_scl(path, ied_name=ied)
    server.bind("127.0.0.1:0")
    async with server:
        host, _, port = server.bound_addr.rpartition(":")
        async with foreign.Iec61850Client(foreign.Iec61850ClientConfig(host, int(port))) as client:
            return await client.connection.read(f"{ld}/{ref}", foreign.FC.SP)
names, objects = sorted(p + c + i for c, i, p in nodes), re.findall(r"^ *DO name=", told, re.M)
print(json.dumps({"nodes": names, "objects": len(objects), "read": asyncio.run(read())}))
"""


def run() -> dict[str, object]:
    """Run all of it; what is reported."""
    program = environment(python("3.11"), WANTED)
    made = device.unit(LFDI, everything(), BASES, 0.0, ied=TEMPLATE)
    data = writer.write(writer.Named(TEMPLATE), [(made.outline, made.domain)])
    with TemporaryDirectory() as folder:
        file = Path(folder) / "unit.icd"
        file.write_bytes(data)
        words = [str(program), "-c", PROGRAM, str(file), TEMPLATE, made.name, RATED]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=LIMIT)
    if done.returncode:
        raise RuntimeError(done.stderr.strip()[-300:])
    found = json.loads(done.stdout)
    nodes = sorted(node.name for node in made.outline.nodes)
    objects = sum(1 + len(each.objects) for node in made.outline.nodes for each in node.objects)
    rated = made.domain.leaves["DGEN1$SP$WMaxRtg$setMag$f"]
    right = (found["nodes"], found["objects"], found["read"]) == (nodes, objects, rated)
    return {
        "ok": right and check.check(data) == [],
        "bytes": len(data),
        "nodes": len(found["nodes"]),
        "objects": found["objects"],
        "objects_of_ours": objects,
        "read": found["read"],
    }
