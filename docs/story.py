"""The life of one control as a page: the template's prose around blocks that the code has just produced.

Every block comes from `bridge.app.life` and from the tables; a name in the template that nothing fills, or
a block that the template does not use, is an error. No date, no path of a machine, nothing drawn by chance.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from string import Template

from bridge.app import life, search, source, stages, words
from bridge.app.fault import Fault
from bridge.app.life import Life
from bridge.app.sheet import Line
from bridge.mapping import profile, xml
from models.der import messages

TEMPLATE = Path(__file__).parent / "templates" / "life-of-a-control.md.in"
SHOWN = ("opModMaxLimW", "opModVoltVar", "opModExpLimW", "rampTms")
PART, OTHER = "Modes.", "CurrentDERControls"
LONG = 40
WRONG = ("6000</opModMaxLimW>", "70000</opModMaxLimW>")


def page() -> str:
    """The page."""
    control, curve, settings = (life.example(name) for name in life.NAMES)
    lived = life.live(control, [curve], settings)
    blocks = _bytes(lived) | _objects(lived) | _step(lived) | _values(lived) | _back(lived)
    template = Template(TEMPLATE.read_text("utf-8"))
    unused = blocks.keys() - set(template.get_identifiers())
    if unused:
        raise Fault(str(TEMPLATE.name), f"does not use {', '.join(sorted(unused))}")
    return template.substitute(blocks)


def _bytes(lived: Life) -> dict[str, str]:
    control, (curve,) = lived.control, lived.curves
    modes = lived.message.modes
    return {
        "control": control.given.data.decode().rstrip(),
        "control_size": str(len(control.given.data)),
        "curve": curve.given.data.decode().rstrip(),
        "curve_size": str(len(curve.given.data)),
        "profile": control.profile.name,
        "start": words.moment(lived.message.start),
        "max_lim": _figure(modes.maxLimW),
        "exp_lim": _figure(modes.expLimW),
        "refusal": _refusal(control.given.data),
    }


def _figure(amount: messages.Amount | None) -> str:
    return words.figure(amount) if amount is not None else ""


def _refusal(data: bytes) -> str:
    """What a person is told about the same control with a figure out of range."""
    wrong = source.Given("examples/control.xml", data.decode().replace(*WRONG).encode())
    try:
        source.document(wrong, source.named(life.PROFILE), 1)
    except Fault as fault:
        return f"derbridge: {fault}"
    raise ValueError("the wrong control was accepted")


def _objects(lived: Life) -> dict[str, str]:
    wire = getattr(lived.control.wire, "DERControlBase", None)
    return {
        "wire": _lines(words.lines(lived.control.wire)),
        "max_lim_wire": str(getattr(wire, "opModMaxLimW", "")),
        "canonical": words.indented(xml.write(lived.message, profile.load("der"))).rstrip(),
        "rows_sep2": _rows("der-sep2"),
    }


def _step(lived: Life) -> dict[str, str]:
    said = "\n".join(f"* {stages.said(message)}" for message in lived.out)
    spans = [(mode, _span(one.start, one.end)) for mode, row in lived.plan.items() for one in row]
    return {"step": said, "plan": "\n".join(words.aligned(spans)), "now": words.moment(life.NOW)}


def _span(start: Decimal, end: Decimal) -> str:
    return f"{words.moment(start)} to {words.moment(end)}"


def _values(lived: Life) -> dict[str, str]:
    rows = [*map(stages.valued, stages.folded(lived.translation.points))]
    setting = lived.settings.record
    power = setting.ratings.WMax if isinstance(setting, messages.Setting) else None
    return {
        "points": "\n".join(words.aligned(rows)),
        "rows_61850": _rows("der-iec61850"),
        "set_max_w": _figure(power),
    }


def _back(lived: Life) -> dict[str, str]:
    said = {path: pair[0] for path, pair in lived.translation.beside.items()}
    kept = [(f"`{path}`", f"`{_said(said[path])}`", reason) for path, reason in lived.translation.losses]
    return {
        "beside": grid(("canonical", "kept beside", "because"), kept),
        "back": words.indented(lived.back).rstrip(),
        "verdict": stages.verdict(lived)[0],
    }


def _said(value: object) -> str:
    """What stays beside, in a few characters."""
    if isinstance(value, tuple):
        return ", ".join(_said(item) for item in value)
    text = words.scalar(value)
    return text if len(text) <= LONG else f"{text[:LONG]}..."


def _lines(pairs: Iterable[words.Line]) -> str:
    return "\n".join(words.aligned(list(pairs)))


def _rows(table: str) -> str:
    """The rows of one table that this control used."""
    found = dict.fromkeys(line for name in SHOWN for line in search.search(name) if line.table == table)
    used = [line for line in found if line.canonical.startswith(PART) and not line.sep2.startswith(OTHER)]
    if table == "der-sep2":
        return grid(("2030.5", "canonical", "value", "grade"), map(_sep2, used))
    return grid(("canonical", "IEC 61850", "value", "source", "grade"), map(_iec61850, used))


def _sep2(line: Line) -> tuple[str, ...]:
    return (f"`{line.sep2}`", f"`{line.canonical}`", line.how, line.grade)


def _iec61850(line: Line) -> tuple[str, ...]:
    names = " ".join(f"`{name}`" for name in line.iec61850.split())
    return (f"`{line.canonical}`", names, line.how, line.source, line.grade)


def grid(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = [f"| {' | '.join(row)} |" for row in (columns, ("---",) * len(columns), *rows)]
    return "\n".join(lines)
