"""A listener in a thread of its own, and clients on blocking sockets: what crosses the wire is asserted.

The answers are the requests told back as JSON, so that a test sees what the server would have been asked.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import shutil
import socket
import ssl
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import uvloop

from bridge.app import sockets
from bridge.sep2.talk import Answer, Ask, Peer
from bridge.transports import http, tls
from bridge.transports.limits import Limits
from bridge.transports.pages import Pages
from bridge.trust import folder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from bridge.trust.folder import Client, Folder

LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "uvloop": uvloop.new_event_loop,
    "asyncio": asyncio.new_event_loop,
}
HOSTS = ("localhost", "127.0.0.1", "::1")
PATIENCE = 10.0
MARK = "0123456789abcdef0123456789abcdef"
"""What each request is called."""
NOW, DATE = 1_800_000_000.5, "Fri, 15 Jan 2027 08:00:00 GMT"


@cache
def pki() -> Folder:
    """One folder of certificates for every test of a run."""
    place = Path(mkdtemp(prefix="derbridge-"))
    atexit.register(shutil.rmtree, place)
    return folder.make(place / "pki", HOSTS)


async def echo(ask: Ask) -> Answer:
    """Tell a request back; a GET of anything below /kept may be kept."""
    told = {
        **ask._asdict(),
        "peer": ask.peer.lfdi,
        "roles": sorted(ask.peer.roles),
        "body": ask.body.decode(),
    }
    told.pop("now")
    topics = frozenset({ask.path} if ask.path.startswith("/kept") else ())
    return Answer(200, json.dumps(told).encode(), topics=topics)


@dataclass
class Site:
    """A listener that runs; everything in it may be changed before `running`."""

    answer: Callable[[Ask], Awaitable[Answer]] = echo
    limits: Limits = field(default_factory=Limits)
    pages: Pages = field(default_factory=Pages)
    standing: Callable[[Peer], bool] = lambda _: True
    now: Callable[[], float] = lambda: NOW
    loop_name: str = "uvloop"
    files: tls.Files | None = None
    grace: float = 2.0
    proxies: frozenset[str] = frozenset()

    loop: asyncio.AbstractEventLoop = field(init=False)
    guard: tls.Guard = field(init=False)
    listener: http.Listener = field(init=False)

    @contextmanager
    def running(self) -> Iterator[Site]:
        """Run it in a thread."""
        self.guard = tls.Guard(self.files or files(), standing=self.standing)
        self.loop = LOOPS[self.loop_name]()
        thread = threading.Thread(target=self.loop.run_forever)
        thread.start()
        self.listener = self.call(self._serve())
        try:
            yield self
        finally:
            self.call(self.listener.stop(self.grace))
            self.loop.call_soon_threadsafe(self.loop.stop)
            thread.join()
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
            self.loop.close()

    def call(self, work: Any) -> Any:
        """Do something on the listener's loop, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE)

    async def _serve(self) -> http.Listener:
        return await http.serve(
            held(), self.guard, self.answer, self.pages,
            plain=held(), limits=self.limits, now=self.now, mark=lambda: MARK,
            proxies=self.proxies,
        )  # fmt: skip

    def connect(
        self, client: Client | None = None, *, host: str = "127.0.0.1", new: bool = False, show: bool = True
    ) -> Talk:
        """Connect as a client, over TLS 1.2 with CCM8 unless `new` asks for 1.3."""
        sock = socket.create_connection((host, self.listener.port), PATIENCE)
        try:
            return Talk(
                _context(client or device(), new=new, show=show).wrap_socket(sock, server_hostname=host)
            )
        except BaseException:
            sock.close()
            raise

    def plain(self, host: str = "127.0.0.1") -> Talk:
        """Connect to the plain port."""
        return Talk(socket.create_connection((host, self.listener.plain), PATIENCE))


def held() -> tuple[socket.socket, socket.socket]:
    """A free port of loopback, in IPv4 and in IPv6."""
    first = sockets.bound(socket.AF_INET, ("127.0.0.1", 0), shared=False)
    return first, sockets.bound(socket.AF_INET6, ("::1", first.getsockname()[1]), shared=False)


def files() -> tls.Files:
    """What the listener trusts and presents."""
    here = pki()
    return tls.Files(here.certificate, here.key, (here.roots,), (here.operators,))


def device(name: str = "device1", role: str = "device") -> Client:
    """A client of the folder."""
    return pki().client(name, role)


def context(client: Client | None = None, *, new: bool = False, show: bool = True) -> ssl.SSLContext:
    """A client's context: TLS 1.2, or 1.3 if `new`; with its certificate, if it shows it."""
    found = client or device()
    made = tls.client([pki().roots], *((found.certificate, found.key) if show else ()))
    made.maximum_version = ssl.TLSVersion.TLSv1_3 if new else ssl.TLSVersion.TLSv1_2
    made.minimum_version = made.maximum_version
    return made


_context = cache(context)
"""For clients that change nothing about theirs."""


class Said(NamedTuple):
    """A response."""

    status: int
    line: str
    fields: dict[str, str]
    body: bytes
    raw: bytes

    @property
    def told(self) -> dict[str, Any]:
        """The request as it was told back."""
        found: dict[str, Any] = json.loads(self.body)
        return found


class Talk:
    """A client's end of a connection."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.held = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self.sock.sendall(data)

    def ask(self, data: bytes, *, bare: bool = False) -> Said:
        """Send a request, and read the answer."""
        self.send(data)
        return self.read(bare=bare)

    def get(self, target: str = "/kept", fields: str = "") -> Said:
        """GET something."""
        return self.ask(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n".encode())

    def read(self, *, bare: bool = False) -> Said:
        """Read a response; one without body where `bare`."""
        head = self._until(b"\r\n\r\n")
        line, *rest = head.decode("latin-1").split("\r\n")[:-2]
        fields = dict(one.split(": ", 1) for one in rest)
        status = int(line.split(" ")[1])
        length = 0 if bare or status in (100, 204) else int(fields["Content-Length"])
        while len(self.held) < length:
            self._more()
        body, self.held = self.held[:length], self.held[length:]
        return Said(status, line, fields, body, head + body)

    def over(self) -> bool:
        """Whether the server closes now, with the goodbye that TLS has, and sends nothing before."""
        try:
            return not self.held and self.sock.recv(1) == b""
        except ConnectionError:
            return False

    def _until(self, mark: bytes) -> bytes:
        while (end := self.held.find(mark)) < 0:
            self._more()
        head, self.held = self.held[: end + len(mark)], self.held[end + len(mark) :]
        return head

    def _more(self) -> None:
        data = self.sock.recv(65_536)
        if not data:
            raise EOFError(f"the server closed after {self.held[:200]!r}")
        self.held += data


class Bytes:
    """A client that has its TLS in its own hands, and sends it in pieces of a size."""

    def __init__(self, here: Site, size: int = 65_536) -> None:
        self._in, self._out, self._size = ssl.MemoryBIO(), ssl.MemoryBIO(), size
        self.secure = context().wrap_bio(self._in, self._out, server_hostname="localhost")
        self.sock = socket.create_connection(("127.0.0.1", here.listener.port), PATIENCE)

    def __enter__(self) -> Self:
        while True:
            try:
                self.secure.do_handshake()
            except ssl.SSLWantReadError:
                self.push()
                self._in.write(self.sock.recv(65_536))
            else:
                self.push()
                return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def push(self) -> None:
        """Send what TLS has to send."""
        data = self._out.read()
        for start in range(0, len(data), self._size):
            self.sock.sendall(data[start : start + self._size])

    def rest(self) -> bytes:
        """Give what comes until the server says goodbye."""
        found = b""
        while True:
            try:
                data = self.secure.read()
            except ssl.SSLWantReadError:
                data = self.sock.recv(65_536)
                self._in.write(data) if data else self._in.write_eof()
            except ssl.SSLZeroReturnError:
                return found
            else:
                if not data:
                    return found
                found += data


def eventually(found: Callable[[], bool]) -> bool:
    """Whether something comes to be true while there is patience."""
    until = time.monotonic() + PATIENCE
    while not found() and time.monotonic() < until:
        time.sleep(0.01)
    return found()


def ends(sock: socket.socket) -> bool:
    """Whether a connection comes to an end, be it a rough one, with nothing said."""
    try:
        return sock.recv(1) == b""
    except ConnectionError:
        return True
