"""Who speaks with a server, and what goes out to it.

The account and certificate are told by whoever owns the connection; the association is the server's matter. A
part of the server that keeps something for an association (a reservation, a selection, an open file) uses the
whole peer as its key; what outlives an association belongs to the account, `jid`. Never looks anything up.
"""

from __future__ import annotations

from typing import NamedTuple

from models.mms import pdu


class Peer(NamedTuple):
    """One end of an association: account with resource, certificate where known, association where open."""

    jid: str
    lfdi: str = ""
    assoc: str = ""


class Out(NamedTuple):
    """What is to be sent: `how` is result, message or error.

    A result or an error answers the iq that was just received. The payload of a result or a message is the
    bytes of a context; that of an error is the name of its condition (RFC 6120 clause 8.3.3) in ASCII.
    """

    peer: Peer
    how: str
    payload: bytes


class Report(NamedTuple):
    """A unit that asks for no answer, on its way to an association; the server wraps it and writes it."""

    peer: Peer
    unit: pdu.Unconfirmed_PDU
