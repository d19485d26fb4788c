"""What is written to a server that is sounded, and what is read from it: any bytes, and the form of a hello.

Whether servers understand it is tried in tests/app/test_sounded.py, with real ones. Nothing here has a
socket.
"""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from bridge.transports.sounding import flight, hello
from bridge.transports.sounding.flight import Garbage
from bridge.transports.sounding.names import TLS12, TLS13


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for start in (
        b"",
        b"\x16\x03\x03" + len(data).to_bytes(2, "big"),
        b"\x16\x03\x03\x01\x00\x02\x00\x00\x40\x03\x03",
    ):
        with suppress(Garbage):
            flight.read(start + data)


@given(
    st.sampled_from([TLS12, TLS13]),
    st.text("abcdefgh.", min_size=1, max_size=60).filter(lambda t: ".." not in t and t.strip(".")),
)
def test_hello_is_whole(version: int, name: str) -> None:
    said = hello.client(version, (0xC0AE,), b"\x00" * 32, name=name.strip("."), shares={23: b"\x04" * 65})
    assert int.from_bytes(said[3:5], "big") == len(said) - 5
    assert int.from_bytes(said[6:9], "big") == len(said) - 9
