"""A scripted server for the client machine: documents by path, what was sent to it, and a movable clock."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bridge.sep2.client.call import Call, Reply
from bridge.sep2.client.client import Client
from bridge.sep2.client.plant import Options, Party
from bridge.trust import identity
from models.der import messages
from tests.sep2.official import faults

NOW = 1_800_000_000.0
LFDI = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5"
ROOT = "https://server.example"
NS = "urn:ieee:std:2030.5:ns"
MODES = frozenset({"connect", "maxLimW", "targetW", "voltVar", "fixedVar"})
Limit = str | int


def doc(name: str, inner: str = "", **attributes: Any) -> str:
    said = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f'<{name} xmlns="{NS}"{said}>{inner}</{name}>'


def listed(name: str, *items: str, all_: int | None = None, **attributes: Any) -> str:
    """A list of items, which were made without a namespace."""
    count = len(items) if all_ is None else all_
    return doc(name, "".join(items), all=count, results=len(items), **attributes)


def link(name: str, href: str, **attributes: Any) -> str:
    said = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f'<{name} href="{href}"{said}/>'


def control(
    mark: str,
    start: float,
    duration: int = 600,
    *,
    made: float = NOW - 1000,
    modes: str = "<opModMaxLimW>3000</opModMaxLimW>",
    state: int = 0,
    at: float = 0,
    asks: str = "07",
    spread: str = "",
    category: str = "",
) -> str:
    """A DERControl of a list."""
    status = (
        f"<EventStatus><currentStatus>{state}</currentStatus><dateTime>{int(at or made)}</dateTime>"
        "<potentiallySuperseded>false</potentiallySuperseded></EventStatus>"
    )
    window = f"<interval><duration>{duration}</duration><start>{int(start)}</start></interval>"
    return (
        f'<DERControl href="/derc/{mark}" replyTo="/rsp" responseRequired="{asks}"><mRID>{mark}</mRID>'
        f"<creationTime>{int(made)}</creationTime>{status}{window}{spread}"
        f"<DERControlBase>{modes}</DERControlBase>{category}</DERControl>"
    )


def programme(number: int, primacy: int) -> str:
    place = f"/derp/{number}"
    return (
        f'<DERProgram href="{place}"><mRID>D{number}</mRID>'
        f"{link('DefaultDERControlLink', f'{place}/dderc')}"
        f"{link('DERControlListLink', f'{place}/derc', all=0)}"
        f"<primacy>{primacy}</primacy></DERProgram>"
    )


class Plant:
    """A unit that keeps what it is asked."""

    def __init__(self) -> None:
        self.modes = MODES
        self.demands: list[messages.Modes] = []
        self.entries: list[messages.GridEntry] = []

    def demand(self, modes: messages.Modes, entry: messages.GridEntry) -> None:
        self.demands.append(modes)
        self.entries.append(entry)

    def _head(self, now: int) -> dict[str, Any]:
        origin = messages.Origin(party=LFDI, door=messages.Door.simulator)
        return {"id": "-", "origin": origin, "target": messages.Target(), "issued": Decimal(now)}

    def _ratings(self) -> messages.Ratings:
        return messages.Ratings(WMax=messages.Amount(value=Decimal(10_000), unit=messages.Unit.W))

    def capability(self, now: int) -> messages.Capability:
        return messages.Capability(
            **self._head(now), type=4, modesSupported="00100000", ratings=self._ratings()
        )

    def setting(self, now: int) -> messages.Setting:
        amount = messages.Amount(value=Decimal(100), unit=messages.Unit.percent_per_s, of="setMaxW")
        entry = messages.GridEntry(setGradW=amount)
        return messages.Setting(**self._head(now), updated=Decimal(1), entry=entry, ratings=self._ratings())

    def status(self, now: int) -> messages.Status:
        return messages.Status(**self._head(now), operation=messages.Operation(at=Decimal(now)))

    def availability(self, now: int) -> messages.Status:
        return messages.Status(**self._head(now), availability=messages.Availability(at=Decimal(now)))

    def mirror(self) -> messages.Reading:
        type_ = messages.ReadingType(uom=38, powerOfTenMultiplier=0)
        point = messages.UsagePoint(
            mRID="AA", roleFlags="0049", serviceCategoryKind=0, status=1, deviceLFDI=LFDI, postRate=300
        )
        return messages.Reading(
            **self._head(0), point=point, series=(messages.Series(mRID="AB", type=type_),)
        )

    def readings(self, now: int) -> messages.Reading:
        value = messages.Value(value=Decimal(1), start=Decimal(now), duration=Decimal(0))
        return messages.Reading(**self._head(now), series=(messages.Series(mRID="AB", value=value),))


@dataclass
class Stage:
    """The server's documents, the machine, and the clock."""

    options: Options = field(default_factory=lambda: Options(profile="2018"))
    pin: int | None = None
    now: float = NOW
    ahead: float = 0.0
    """What the server's clock is ahead."""
    docs: dict[str, str] = field(default_factory=dict)
    replies: dict[tuple[str, str], list[Reply | None]] = field(default_factory=dict)
    """What is answered before anything else, by method and path; None for no answer."""
    sent: list[Call] = field(default_factory=list)
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.plant = Plant()
        party = Party(LFDI, identity.sfdi(LFDI), self.plant, self.pin)
        self.docs = {**world(), **self.docs}
        self.client = Client(LFDI, f"{ROOT}/dcap", (party,), self.options, now=self.now, note=self._note)

    def _note(self, event: str, **said: Any) -> None:
        self.notes.append((event, said))

    def controls(self, *items: str, number: int = 1) -> None:
        self.docs[f"/derp/{number}/derc"] = listed("DERControlList", *items, subscribable=1)

    def default(self, modes: str = "<opModMaxLimW>9000</opModMaxLimW>", number: int = 1) -> None:
        self.docs[f"/derp/{number}/dderc"] = doc(
            "DefaultDERControl", f"<mRID>DD0{number}</mRID><DERControlBase>{modes}</DERControlBase>"
        )

    def play(self, until: float) -> None:
        """Let time go by, in the steps that the machine asks for."""
        end = NOW + until
        for _ in range(20_000):
            while (call := self.client.due(self.now)) is not None:
                self._answer(call)
            wake = self.client.wake()
            if wake > end:
                self.now = end
                return
            self.now = max(self.now, wake)
        raise AssertionError("the machine is never done")

    def _answer(self, call: Call) -> None:
        self.sent.append(call)
        assert not call.body or not faults(call.body, self.options.profile), call.body
        path = call.url.removeprefix(ROOT)
        line = self.replies.get((call.method, path.partition("?")[0]))
        reply = line.pop(0) if line else self._usual(call, path)
        if reply is None:
            self.client.failed(call, "no answer", self.now)
        else:
            self.client.take(call, reply, self.now)

    def _usual(self, call: Call, path: str) -> Reply:
        if call.method == "PUT":
            return Reply(204)
        if call.method == "POST":
            return Reply(201, location=f"{path}/1")
        if path == "/tm":
            return Reply(200, clock(self.now + self.ahead).encode())
        found = self.docs.get(path.partition("?")[0])
        return Reply(404) if found is None else Reply(200, found.encode())

    def statuses(self, mark: str) -> list[int]:
        """The responses that were posted about a control, in their order."""
        found = [call.body.decode() for call in self.sent if call.url.endswith("/rsp")]
        return [
            int(re.search("<status>(.*?)</status>", each)[1])  # type: ignore[index]
            for each in found
            if f"<subject>{mark}</subject>" in each
        ]

    def times(self, mark: str) -> list[float]:
        """When those were created, from the beginning on."""
        found = [call.body.decode() for call in self.sent if call.url.endswith("/rsp")]
        return [
            int(re.search("<createdDateTime>(.*?)<", each)[1]) - NOW  # type: ignore[index]
            for each in found
            if f"<subject>{mark}</subject>" in each
        ]

    def asked(self, method: str, path: str) -> list[Call]:
        return [
            call for call in self.sent if call.method == method and call.url.partition("?")[0] == ROOT + path
        ]

    def said(self, event: str) -> list[dict[str, Any]]:
        return [each for name, each in self.notes if name == event]

    def limit(self) -> float | None:
        """The limit in force, in per cent."""
        amount = self.plant.demands[-1].maxLimW if self.plant.demands else None
        return None if amount is None else float(amount.value)


def clock(now: float) -> str:
    inner = f"<currentTime>{int(now)}</currentTime><dstEndTime>0</dstEndTime><dstOffset>0</dstOffset>"
    return doc(
        "Time",
        f"{inner}<dstStartTime>0</dstStartTime><quality>7</quality><tzOffset>0</tzOffset>",
        pollRate=900,
    )


def device(lfdi: str = LFDI, extra: str = "") -> str:
    edev = f"/edev/{lfdi[:4]}"
    return (
        f'<EndDevice href="{edev}">{link("DERListLink", f"{edev}/der", all=1)}<lFDI>{lfdi}</lFDI>'
        f"{link('LogEventListLink', f'{edev}/lel', all=0)}<sFDI>{identity.sfdi(lfdi)}</sFDI>"
        f"<changedTime>1</changedTime>{link('FunctionSetAssignmentsListLink', f'{edev}/fsa', all=1)}"
        f"{extra}{link('RegistrationLink', f'{edev}/rg')}{link('SubscriptionListLink', f'{edev}/sub', all=0)}"
        "</EndDevice>"
    )


def world() -> dict[str, str]:
    """A server with one device in one programme."""
    edev = f"/edev/{LFDI[:4]}"
    links = "".join(link(f"DER{name}Link", f"{edev}/der/1/{name}") for name in
                    ("Availability", "Capability", "Settings", "Status"))  # fmt: skip
    return {
        "/dcap": doc(
            "DeviceCapability",
            link("TimeLink", "/tm") + link("EndDeviceListLink", "/edev", all=1)
            + link("MirrorUsagePointListLink", "/mup", all=0),
            pollRate=900,
        ),
        "/edev": listed("EndDeviceList", device(), subscribable=1, pollRate=900),
        f"{edev}/rg": doc(
            "Registration", "<dateTimeRegistered>1</dateTimeRegistered><pIN>111115</pIN>", pollRate=900
        ),
        f"{edev}/fsa": listed(
            "FunctionSetAssignmentsList",
            f"<FunctionSetAssignments>{link('DERProgramListLink', '/derp', all=1)}<mRID>FA</mRID>"
            "</FunctionSetAssignments>",
            subscribable=1, pollRate=900,
        ),
        f"{edev}/der": listed("DERList", f'<DER href="{edev}/der/1">{links}</DER>', pollRate=900),
        "/derp": listed("DERProgramList", programme(1, 1), subscribable=1, pollRate=60),
        "/derp/1/derc": listed("DERControlList", subscribable=1),
        "/mup/1": doc("MirrorUsagePoint", "<mRID>AA</mRID><roleFlags>0049</roleFlags><serviceCategoryKind>0"
                      f"</serviceCategoryKind><status>1</status><deviceLFDI>{LFDI}</deviceLFDI>"
                      "<postRate>120</postRate>"),
    }  # fmt: skip
