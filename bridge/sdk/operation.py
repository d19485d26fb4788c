"""What one operation of the administration API is: a row of its table.

The row says method, path, forms and what is special; the server routes by it, the description (OpenAPI 3.1)
and the manual are written from it, the client and the command line call by it. It holds no address and
does nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict

from bridge.sdk.forms.kinds import Given

MEDIA = "application/json"
MERGE = "application/merge-patch+json"
SEP = "application/sep+xml"
OCTETS = "application/octet-stream"
CSV = "text/csv"
CRL, PEM = "application/pkix-crl", "application/x-pem-file"
ROOT = "/api/v1"
NUMBER = r"[0-9]{1,18}"
LFDI = "[0-9A-Fa-f]{40}"
SHAPES: Mapping[str, tuple[str, str]] = {
    "device": (f"({NUMBER}|{LFDI})", "A device: the number of its EndDevice, or its LFDI."),
    "lfdi": (LFDI, "LFDI of a certificate."),
    "der": (NUMBER, "Number of a DER of the device."),
    "group": (NUMBER, "Number of a group."),
    "programme": (NUMBER, "Number of a programme."),
    "control": (NUMBER, "Number of a control."),
    "curve": (NUMBER, "Number of a curve."),
    "mirror": (NUMBER, "Number of a mirror usage point."),
    "subscription": (NUMBER, "Number of a subscription."),
    "file": (NUMBER, "Number of a file."),
    "entity": ("[A-Za-z0-9][A-Za-z0-9._-]{0,63}", "A company, by its ENTITY_NAME."),
    "list": ("[0-9a-f]{40}", "Name of a revocation list."),
    "certificate": (
        f"({LFDI}|[0-9A-Fa-f]{{64}}-[0-9A-Fa-f]{{1,40}})",
        "LFDI, or issuer-serial, of a certificate.",
    ),
    "pending": (NUMBER, "Number of a request that waits."),
    "endpoint": (NUMBER, "Number of an endpoint."),
    "account": (LFDI, "LFDI of an account."),
    "letter": (NUMBER, "Number of a notice that is on its way, or dead."),
    "bulletin": (NUMBER, "Number of a bulletin."),
    "order": (NUMBER, "Number of an order of the device."),
    "interface": ("[a-z0-9.-]{1,32}", "Name of a version of an interface, as sep2-2018."),
    "entry": (NUMBER, "Number of what an operator said of an outage."),
    "mode": ("[A-Za-z][A-Za-z0-9]{0,47}", "A mode, as opModMaxLimW or maxLimW."),
    "agreement": (NUMBER, "Number of an agreement."),
    "adapter": ("[a-z][a-z0-9_-]{0,31}", "Name of an adapter, as the configuration calls it."),
    "role": ("[A-Za-z0-9]{1,16}", "A role, as OPERATOR."),
    "action": ("[A-Za-z0-9]{1,32}", "What is done, as read, create, change, delete or cancel."),
    "function": ("[A-Za-z0-9]{1,32}", "A function set, as control."),
    "record": (NUMBER, "Number of a record of the decision log."),
    "esiid": ("[0-9]{17,22}", "ESIID of a meter."),
    "request": (NUMBER, "Number of a request for many meters."),
    "kind": ("[A-Za-z]{1,64}", "Name of a type of the standard."),
    "href": ("[A-Za-z0-9._~/-]{1,400}", "Address of a resource, without its first slash."),
}
"""The parameters that stand in paths: what each looks like, and what it is."""


class Operation(BaseModel):
    """One method of one path."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    name: str
    """Family and verb, as `devices.create`."""
    method: str
    path: str
    summary: str
    gives: type[BaseModel] | None = None
    """What is answered; nothing is 204, or what `serves` names."""
    takes: type[Given] | None = None
    """The body."""
    query: type[Given] | None = None
    status: int = 200
    role: str = "operator"
    """`any` for whoever has a certificate that is believed."""
    raw: tuple[str, ...] = ()
    """Media types of a body that is no form of ours; besides `takes` where both are there."""
    serves: tuple[str, ...] = ()
    """Media types of an answer that is no form of ours; besides `gives` where both are there."""
    columns: tuple[str, ...] = ()
    """What a table in the terminal shows of it."""
    joins: str = ""
    """Verb of the row whose command does this one, too, where its last argument is given."""

    @property
    def family(self) -> str:
        """The first half of the name."""
        return self.name.partition(".")[0]

    @property
    def verb(self) -> str:
        """The second half of the name."""
        return self.name.partition(".")[2]

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of what stands in the path."""
        return tuple(re.findall(r"{(\w+)}", self.path))

    @property
    def paged(self) -> bool:
        """Whether it answers with a page."""
        return self.gives is not None and "items" in self.gives.model_fields

    @property
    def safe(self) -> bool:
        """Whether it changes nothing."""
        return self.method == "GET"

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What a path of it looks like."""
        text = re.sub(r"{(\w+)}", lambda found: f"(?P<{found[1]}>{SHAPES[found[1]][0]})", self.path)
        return re.compile(text)

    def place(self, **values: Any) -> str:  # noqa: ANN401 - numbers and names
        """The path with its parameters filled in, below the root."""
        return ROOT + self.path.format_map({name: str(value) for name, value in values.items()})
