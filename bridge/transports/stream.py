"""One connection of our own endpoint to an XMPP server: TLS, EXTERNAL, then bind or resume; slixmpp does it.

RFC 6120 and XEP-0198. A stream is made for one connection and thrown away with it; what outlives it (counts,
what is still to be said) is the link's (link.py). Each refusal is told with its cause, also one that TLS 1.3
sends after the handshake. Nothing is ever said in clear but the request for TLS, and no password exists.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element

from slixmpp import ClientXMPP
from slixmpp.plugins.xep_0198.stanza import StreamManagement
from slixmpp.stanza import StreamFeatures
from slixmpp.xmlstream import register_stanza_plugin
from slixmpp.xmlstream.tostring import tostring

from bridge.transports import ending
from bridge.transports.ending import MANAGED, Cut, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from slixmpp.xmlstream.stanzabase import StanzaBase

RESUME, ENABLE = 9_000, 10_100
"""When to try, among the stream's features: bind is 10,000."""
ANSWERS = {f"{MANAGED}enabled", f"{MANAGED}resumed", f"{MANAGED}failed"}
register_stanza_plugin(StreamFeatures, StreamManagement)
MOMENT = 1.0
"""Seconds for asyncio to say why a connection is over."""
LARGEST = 1_500_000
"""Bytes that may come without one stanza being whole."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where to log in, and as whom."""

    address: str
    """Our own, with its resource."""
    host: str
    port: int
    direct: bool
    """Whether TLS begins with the connection; else by STARTTLS."""
    identity: str = ""
    """The authorization identity to ask for; empty leaves it to our certificate."""

    @property
    def domain(self) -> str:
        """The server's name, which its certificate has to bear."""
        return self.address.partition("@")[2].partition("/")[0]


@dataclass(slots=True)
class Resumable:
    """A session to take up again: its id, and what we tell of it."""

    name: str
    handled: Callable[[], int]


class Stream(ClientXMPP):
    """A connection, and the session in it once `ready` is done."""

    def __init__(
        self,
        door: Door,
        context: ssl.SSLContext,
        old: Resumable | None,
        heard: Callable[[Element], None],
        flowing: Callable[[], None],
    ) -> None:
        super().__init__(door.address, "", sasl_mech="EXTERNAL", ssl_context=context)
        self.credentials["authzid"] = door.identity
        self.door, self.old, self._heard, self._flowing = door, old, heard, flowing
        loop = asyncio.get_running_loop()
        self.ready: asyncio.Future[Element] = loop.create_future()
        """Done with `enabled` or `resumed`."""
        self.gone: asyncio.Future[None] = loop.create_future()
        self.fault: Exception | None = None
        """Why it ended; the first cause counts."""
        self.writable = True
        """Whether the server keeps up with what we send."""
        self.chunks = 0
        """How often something came."""
        self._since = 0
        self._shaking: asyncio.Future[Any] | None = None
        self._answer: asyncio.Future[Element] | None = None
        for order in (RESUME, ENABLE):
            self.register_feature("sm", self._manage, restart=True, order=order)
        self.add_event_handler("no_auth", self._no_mechanism)
        self.add_event_handler("stream_negotiated", self._no_management)

    # ---------------------------------------------------------------- to a session

    async def log_in(self) -> Element:
        """Connect and get as far as a managed session; gives `enabled` or `resumed`."""
        self.init_plugins()  # type: ignore[no-untyped-call]
        self._current_connection_attempt = asyncio.get_running_loop().create_future()
        context, name = (self.ssl_context, self.door.domain) if self.door.direct else (None, None)
        try:
            await self.loop.create_connection(
                lambda: self, self.door.host, self.door.port, ssl=context, server_hostname=name
            )
        except OSError as error:
            raise ending.cause(error) from error
        return await self.ready

    async def start_tls(self) -> bool:
        """Go on under TLS."""
        if self.transport is None:
            return False
        shaking = self.loop.start_tls(
            self.transport, self, self.ssl_context, server_hostname=self.door.domain
        )
        self._shaking = asyncio.ensure_future(shaking)
        try:
            under = await self._shaking
        except (OSError, asyncio.CancelledError) as error:  # of which asyncio tells its protocol nothing
            self.connection_lost(error)
            return False
        if under is None or self.gone.done():
            return False
        self._current_connection_attempt = asyncio.get_running_loop().create_future()
        try:
            self.connection_made(under, send_event=False)
        except ValueError as error:  # it is over already; asyncio tells why a moment later, if it knows
            await asyncio.wait((self.gone,), timeout=MOMENT)
            self.connection_lost(error)
            return False
        return True

    async def _manage(self, _: StreamFeatures) -> bool:
        """Resume the old session, or after binding begin a new one; true where that ends the log-in."""
        if self.old is not None and "bind" not in self.features:
            asked = f"<resume xmlns='urn:xmpp:sm:3' h='{self.old.handled()}' previd='{self.old.name}'/>"
            if await self._ask(asked):
                return True
        elif "bind" in self.features and not self.ready.done():
            if self.boundjid.full.casefold() != self.door.address.casefold():
                self.fail(Refused(f"the server knows us as {self.boundjid.full}, not {self.door.address}"))
                return False
            await self._ask("<enable xmlns='urn:xmpp:sm:3' resume='true'/>")
        return False

    async def _ask(self, nonza: str) -> bool:
        """Send a request of XEP-0198; say whether it was granted."""
        self._answer = asyncio.get_running_loop().create_future()
        self.write(nonza)
        answer = await self._answer
        if answer.tag == f"{MANAGED}failed":
            if self.old is None or "bind" in self.features:
                self.fail(Refused("the server does not manage the stream"))
            else:
                self._heard(answer)
            return False
        return True

    def _no_mechanism(self, _: Any) -> None:  # noqa: ANN401 - slixmpp's events carry anything
        self.fail(Refused("the server does not offer EXTERNAL: it does not accept our certificate"))

    def _no_management(self, _: Any) -> None:  # noqa: ANN401 - the same
        if not self.ready.done():
            self.fail(Refused("the server does not manage streams (XEP-0198)"))

    # ---------------------------------------------------------------- what comes

    def data_received(self, data: bytes | str) -> None:
        """Take octets, within limits."""
        self.chunks += 1
        self._since += len(data)
        if self._since > LARGEST:
            self.fail(Cut("the server sends a stanza without end"))
            return
        super().data_received(data)

    def _spawn_event(self, xml: Element) -> None:
        """Take a whole element: ours once there is a session, else slixmpp's, after a look."""
        self._since = 0
        if fault := ending.judge(xml, secure=self.secure(), ready=self.ready.done()):
            self.fail(fault)
        elif xml.tag in ANSWERS:
            self._answered(xml)
        elif self.ready.done():
            self._heard(xml)
        else:
            super()._spawn_event(xml)

    def _answered(self, xml: Element) -> None:
        """Take an answer to what XEP-0198 was asked for; the session begins with this very element."""
        if self._answer is None or self._answer.done():
            return
        if xml.tag != f"{MANAGED}failed" and not self.ready.done():
            self._heard(xml)
            self.ready.set_result(xml)
        self._answer.set_result(xml)

    def secure(self) -> bool:
        """Whether TLS protects what is said."""
        return self.transport is not None and self.transport.get_extra_info("ssl_object") is not None

    # ---------------------------------------------------------------- what goes

    def send(self, data: StanzaBase | str, use_filters: bool = True) -> None:  # noqa: ARG002, FBT001, FBT002 - slixmpp's signature
        """Send what slixmpp says, at once and past its queue, which loses and reorders at a cut."""
        if isinstance(data, str):
            self.write(data)
        else:
            self.write(tostring(data.xml, xmlns=self.default_ns, stream=self, top_level=True))

    def write(self, text: str) -> None:
        """Send text."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(text.encode())

    def pause_writing(self) -> None:
        """Told by the transport that the server does not keep up."""
        self.writable = False

    def resume_writing(self) -> None:
        """Told that it does again."""
        self.writable = True
        self._flowing()

    def read(self, *, more: bool) -> None:
        """Go on reading, or stop for a while."""
        if self.transport is not None and not self.transport.is_closing():
            (self.transport.resume_reading if more else self.transport.pause_reading)()

    # ---------------------------------------------------------------- the end

    def fail(self, fault: Exception) -> None:
        """End it, for this cause unless there is one already."""
        self.fault = self.fault or fault
        if self._shaking is not None and not self._shaking.done():
            self._shaking.cancel()
        elif self.transport is not None:
            self.transport.abort()

    async def over(self) -> None:
        """Be over, if it ever began."""
        if self.transport is not None:
            self.fail(Cut("the connection was closed"))
            await self.gone

    def disconnect(self, *_: object, **__: object) -> asyncio.Future[None]:
        """Wherever slixmpp gives up, the connection ends."""
        self.fail(Cut("the stream broke off"))
        return self.gone

    def connection_lost(self, exception: BaseException | None) -> None:
        """Told by the transport that it is over."""
        if self.gone.done():
            return
        if isinstance(exception, OSError):
            self.fault = self.fault or ending.cause(exception)
        self.fault = self.fault or Cut("the server closed the connection")
        super().connection_lost(exception)
        if self._run_out_filters is not None:
            self._run_out_filters.cancel()
        if not self.ready.done():
            self.ready.set_exception(self.fault)
        if self._answer is not None:
            self._answer.cancel()
        self.gone.set_result(None)
