"""The document that is measured: a DERControlList of 200 controls, about 140 kB, the same bytes on every run.

Each control has what a utility sends: identity, status, window, randomisation and a control base with a limit
and a power factor. Written as text, by no binding, so that none is favoured.
"""

from __future__ import annotations

from random import Random

NS = "urn:ieee:std:2030.5:ns"
CONTROLS = 200


def leaves(**texts: object) -> str:
    """Elements by name, each with its text or content."""
    return "".join(f"<{name}>{text}</{name}>" for name, text in texts.items())


def control(rng: Random, number: int) -> str:
    """One control."""
    start = 1_700_000_000 + 300 * number
    status = leaves(currentStatus=0, dateTime=start - 3600, potentiallySuperseded="false")
    factor = leaves(displacement=rng.randrange(80, 100), excitation="true", multiplier=-2)
    limit = leaves(opModConnect="true", opModFixedPFInjectW=factor, opModMaxLimW=rng.randrange(10_000))
    return (
        f'<DERControl href="/derp/1/derc/{number}" replyTo="/rsps/1/rsp" responseRequired="03">'
        + leaves(mRID=rng.randbytes(16).hex().upper(), description=f"Limit {number}", version=0)
        + leaves(creationTime=start - 3600, EventStatus=status, interval=leaves(duration=300, start=start))
        + leaves(randomizeStart=rng.randrange(60), DERControlBase=limit)
        + "</DERControl>"
    )


def document(controls: int = CONTROLS) -> bytes:
    """The whole list."""
    rng = Random(61850)  # noqa: S311 - a seed for a fixed document
    body = "".join(control(rng, number) for number in range(controls))
    counts = f'all="{controls}" results="{controls}"'
    return f'<DERControlList xmlns="{NS}" href="/derp/1/derc" {counts}>{body}</DERControlList>'.encode()
