"""The eleven admin instructions of cactus-client, carried out by derbridge's administration API alone.

It runs inside cactus-client's own environment, so it needs nothing of derbridge's code: each instruction is
one row of `TABLE` and a few JSON requests. What it made for a client during a run it keeps in `State`.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from time import time
from typing import Any, Self

from aiohttp import ClientSession, TCPConnector
from cactus_client.admin import hookimpl
from cactus_client.model.execution import ActionResult
from cactus_client.sep2 import lfdi_from_cert_file

URL, CERTIFICATE, KEY, ROOT = (
    os.environ.get(f"DERBRIDGE_CACTUS_{name}", "") for name in ("URL", "CERT", "KEY", "CA")
)
PROFILE = "csip-aus-1.2"
DURATION = 300
AHEAD = 60
"""Seconds until a scheduled control begins, where the procedure does not say."""
PRIMACY = 10
SHORT = {"frequency_seconds": 2, "total_simulations": 10}
"""In place of 72 hours (S-ALL-50)."""
HUNDREDTHS = frozenset({"rampTms", "setGradW", "opModFixedW"})
"""What the procedures give as it stands in the document, in hundredths."""


@dataclass
class State:
    """What was made for one client."""

    groups: dict[str, int] = field(default_factory=dict)
    """Numbers of groups by the annotation of their assignment."""
    programmes: dict[int, int] = field(default_factory=dict)
    """Numbers of programmes by primacy."""
    free: int = 0
    """When the last scheduled control ends."""


class Api:
    """The administration API over mutual TLS."""

    async def __aenter__(self) -> Self:
        """Open the one session of an instruction."""
        context = ssl.create_default_context(cafile=ROOT)
        context.load_cert_chain(CERTIFICATE, KEY)
        self.session = ClientSession(URL, connector=TCPConnector(ssl=context))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        await self.session.close()

    async def __call__(self, method: str, path: str, body: object = None) -> Any:
        """Ask, and fail on anything but success."""
        async with self.session.request(method, f"/api/v1{path}", json=body) as answer:
            if answer.status >= 400:
                raise RuntimeError(f"{method} {path}: {answer.status} {await answer.text()}")
            return await answer.json() if answer.status != 204 else None

    async def device(self, config: Any) -> Any:
        """Give the device of a client, if it is registered."""
        return next(iter(await self.every(f"/devices?lfdi={config.lfdi}")), None)

    async def every(self, path: str) -> list[Any]:
        """Give all items of a list."""
        join, found = "&" if "?" in path else "?", []
        cursor: str | None = ""
        while cursor is not None:
            page = await self("GET", f"{path}{join}limit=500&cursor={cursor}")
            found += page["items"]
            cursor = page["next"]
        return found


class Plugin:
    """What cactus-client calls."""

    def __init__(self) -> None:
        self.states: dict[str, State] = {}

    @hookimpl  # type: ignore[untyped-decorator]  # only there in cactus-client's environment
    async def admin_setup(self, context: Any) -> Any:
        """Start from an empty server: nobody registered, nothing asked for, everybody let in."""
        self.states = {}
        for step in context.test_procedure.steps:
            if step.action.type == "simulate-client":
                step.action.parameters.update(SHORT)
        async with Api() as api:
            await cleared(api)
            for config in context.client_configs.values():
                await permitted(api, config)
        return ActionResult.done()

    @hookimpl  # type: ignore[untyped-decorator]  # only there in cactus-client's environment
    async def admin_instruction(self, instruction: Any, step: Any, context: Any) -> Any:  # noqa: ARG002
        """Carry one instruction out."""
        config = context.client_config_for(instruction.client)
        state = self.states.setdefault(config.id, State())
        async with Api() as api:
            await TABLE[str(instruction.type)](api, state, config, instruction.parameters)
        return ActionResult.done()


async def cleared(api: Api) -> None:
    """Take everything away."""
    await api("POST", "/mirrors/empty", {})
    for device in await api.every("/devices"):
        await api("DELETE", f"/devices/{device['id']}")
    for one in await api.every("/aggregators"):
        await api("DELETE", f"/aggregators/{one['lfdi']}")
    for one in await api.every("/access"):
        if one["role"] != "operator":
            await api("DELETE", f"/access/{one['lfdi']}")
    for group in await api.every("/groups"):
        if group["parent"] is None:
            await api("DELETE", f"/groups/{group['id']}?deep=true")
    for poll in (await api("GET", "/polls"))["items"]:
        if poll["source"] == "type":
            await api("DELETE", f"/polls/{poll['type']}")
    if (await api("GET", "/polls/post-rate"))["source"] == "operator":
        await api("DELETE", "/polls/post-rate")


async def permitted(api: Api, config: Any) -> None:
    """Let a client's certificate in, and let it register its device."""
    own = lfdi_from_cert_file(config.certificate_file)
    if str(config.type) == "aggregator":
        await api(
            "POST", "/aggregators", {"lfdi": own, "name": config.id, "profile": PROFILE, "pin": config.pin}
        )
        said = {"profile": PROFILE, "pin": config.pin, "aggregator": own}
    else:
        said = {"profile": PROFILE, "pin": config.pin, "name": config.id}
    await api("PUT", f"/access/{config.lfdi}", said)


async def registered(api: Api, state: State, config: Any, wanted: Mapping[str, Any]) -> None:
    """Register a client's device, or take it away."""
    found = await api.device(config)
    if found is not None and not wanted["registered"]:
        await api("DELETE", f"/devices/{found['id']}")
    if found is None and wanted["registered"]:
        own = lfdi_from_cert_file(config.certificate_file)
        held = {"aggregator": own} if str(config.type) == "aggregator" else {}
        form = {"lfdi": config.lfdi, "name": config.id, "pin": config.pin, "profile": PROFILE, "ders": 1}
        await api("POST", "/devices", form | held | {"connection_point": config.nmi})
    for group in state.groups.values():
        await joined(api, config, group)


async def joined(api: Api, config: Any, group: int) -> None:
    """Make a client's device a member of a group."""
    if (found := await api.device(config)) is not None:
        await api("PUT", f"/groups/{group}/members/{found['id']}")


async def grouped(api: Api, state: State, config: Any, wanted: Mapping[str, Any]) -> int:
    """Give the group whose assignment has this annotation, made and joined where it is not there."""
    name = wanted.get("annotation") or next(iter(state.groups), "fsa1")
    if name not in state.groups:
        form = {"name": f"{config.id} {name}", "fsa": {"description": name, "primacy": wanted.get("primacy")}}
        state.groups[name] = (await api("POST", "/groups", form))["id"]
        await joined(api, config, state.groups[name])
    return state.groups[name]


async def programmed(api: Api, state: State, config: Any, wanted: Mapping[str, Any]) -> int:
    """Give the programme of a primacy, made where it is not there; any will do where none is said."""
    said = wanted.get("primacy")
    primacy = next(iter(state.programmes), PRIMACY) if said is None else said
    if primacy not in state.programmes:
        group = await grouped(api, state, config, {"annotation": wanted.get("fsa_annotation")})
        form = {"group": group, "primacy": primacy, "description": f"{config.id} {primacy}"[:32]}
        made = state.programmes[primacy] = (await api("POST", "/programmes", form))["id"]
        await api(
            "PUT", f"/programmes/{made}/default", {}
        )  # procedures subscribe to it before it says anything
    return state.programmes[primacy]


async def listed(api: Api, state: State, config: Any, wanted: Mapping[str, Any]) -> None:
    """See to it that there is a list of controls, which can be subscribed to where that is asked."""
    programme = await programmed(api, state, config, {})
    if "subscribable" in wanted:
        await api("PATCH", f"/programmes/{programme}", {"subscribable": wanted["subscribable"]})


def modes(wanted: Mapping[str, Any], *, prefix: str = "opMod") -> dict[str, Any]:
    """Give the figures of a control in the units of the interface."""
    named = {name: value for name, value in wanted.items() if name.startswith((prefix, "rampTms"))}
    return {name: figure(value / 100 if name in HUNDREDTHS else value) for name, value in named.items()}


def figure(value: Any) -> Any:
    """Give a figure without the last bits of a float: a procedure says 0.55 * setMaxW."""
    return round(value, 3) if isinstance(value, float) else value


async def controlled(api: Api, state: State, config: Any, wanted: Mapping[str, Any]) -> None:
    """Make a control: active at once, or after all those that are scheduled already."""
    programme = await programmed(api, state, config, wanted)
    duration = wanted.get("duration_seconds", DURATION)
    form: dict[str, Any] = {"modes": modes(wanted), "duration": duration}
    if wanted["status"] == "scheduled":
        start = int(time()) + wanted.get("start_offset_seconds", AHEAD)
        if "start_offset_seconds" not in wanted:
            start = max(start, state.free)
        state.free = max(state.free, start + duration)
        form["start"] = start
    if "randomizeStart_seconds" in wanted:
        form["randomize_start"] = wanted["randomizeStart_seconds"]
    await api("POST", f"/programmes/{programme}/controls", form)


async def defaulted(api: Api, state: State, config: Any, wanted: Mapping[str, Any]) -> None:
    """Set the default control of a programme."""
    programme = await programmed(api, state, config, wanted)
    form = {"modes": modes(wanted), "entry": modes(wanted, prefix="set")}
    await api("PUT", f"/programmes/{programme}/default", form)


async def cancelled(api: Api, state: State, config: Any, wanted: Mapping[str, Any]) -> None:  # noqa: ARG001
    """Cancel the controls of a client, or the one that was made last."""
    for programme in state.programmes.values():
        which = "all" if wanted.get("all") else "latest"
        await api("POST", "/controls/cancel", {"which": which, "programme": programme})
    state.free = 0


async def emptied(api: Api, state: State, config: Any, wanted: Mapping[str, Any]) -> None:  # noqa: ARG001
    """Take the mirror usage points away."""
    await api("POST", "/mirrors/empty", {})


async def polled(api: Api, state: State, config: Any, wanted: Mapping[str, Any]) -> None:  # noqa: ARG001
    """Say how often a type of resource is asked for."""
    await api("PUT", f"/polls/{wanted['resource']}", {"seconds": wanted["rate_seconds"]})


async def posted(api: Api, state: State, config: Any, wanted: Mapping[str, Any]) -> None:  # noqa: ARG001
    """Say how often mirrors are posted to, those there are and those to come."""
    await api("PUT", "/polls/post-rate", {"seconds": wanted["rate_seconds"]})
    await api("POST", "/mirrors/rate", {"seconds": wanted["rate_seconds"]})


async def admitted(api: Api, state: State, config: Any, wanted: Mapping[str, Any]) -> None:  # noqa: ARG001
    """Let a client in, or shut it out."""
    own = lfdi_from_cert_file(config.certificate_file)
    await api("POST", f"/access/{own}/{'grant' if wanted['granted'] else 'revoke'}")


TABLE: Mapping[str, Callable[[Api, State, Any, Mapping[str, Any]], Awaitable[Any]]] = {
    "ensure-end-device": registered,
    "ensure-fsa": grouped,
    "ensure-der-program": programmed,
    "ensure-der-control-list": listed,
    "ensure-mup-list-empty": emptied,
    "create-der-control": controlled,
    "create-default-der-control": defaulted,
    "clear-der-controls": cancelled,
    "set-poll-rate": polled,
    "set-post-rate": posted,
    "set-client-access": admitted,
}
"""What carries each instruction out."""

PLUGIN = Plugin()
