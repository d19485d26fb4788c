"""Modes as a command line says them, `NAME=VALUE`: figures as the administration API has them, or a file.

The value of a mode of a curve is a TOML file with the keys of a scenario's curve. A value of several fields
is JSON. What no form takes is a Fault with the option. Asks nobody.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bridge.app.fault import Fault
from bridge.app.office.call import Wrong
from bridge.app.sim import script
from bridge.app.sim.scene import CURVES, Curve
from bridge.sdk.forms.modes import Modes
from models.der import messages

OPTION = "--mode"


def asked(texts: Iterable[str]) -> tuple[Modes, dict[str, Curve]]:
    """The modes, and the curves that they name."""
    said: dict[str, Any] = {}
    curves: dict[str, Curve] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or name not in Modes.model_fields:
            raise Fault(OPTION, f"{text!r} is no NAME=VALUE of a mode")
        if name in CURVES:
            curves[name], said[name] = _curve(Path(value)), name
        else:
            said[name] = _figure(value)
    try:
        return Modes.model_validate_json(json.dumps(said)), curves
    except ValidationError as error:
        first = error.errors()[0]
        raise Fault(OPTION, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def canonical(modes: Modes, curves: dict[str, Curve]) -> messages.Modes:
    """The same as the record has them, curves put in."""
    try:
        return script.put(script.said(modes), curves)
    except (Wrong, ValidationError) as error:
        raise Fault(OPTION, str(error)) from error


def _figure(text: str) -> Any:  # noqa: ANN401 - whatever a form takes
    try:
        return json.loads(text)
    except ValueError:
        return text


def _curve(place: Path) -> Curve:
    try:
        return Curve.model_validate_json(json.dumps(tomllib.loads(place.read_text("utf-8"))))
    except (OSError, UnicodeDecodeError) as error:
        raise Fault(str(place), f"cannot be read: {getattr(error, 'strerror', None) or error}") from error
    except tomllib.TOMLDecodeError as error:
        raise Fault(str(place), f"is no TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise Fault(str(place), first["msg"], path=".".join(map(str, first["loc"]))) from error
