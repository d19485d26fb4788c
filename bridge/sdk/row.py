"""How a row of the table is written: its method, its name, its path, what it does, and what is special.

One function for each method. The table is `bridge.sdk.table`; families that are many have files of their own
beside it. Nothing here knows what a row is for.
"""

from __future__ import annotations

from functools import partial

from bridge.sdk.operation import Operation


def _row(method: str, name: str, path: str, summary: str, **more: object) -> Operation:
    said = {"name": name, "method": method, "path": path, "summary": summary}
    return Operation.model_validate({**said, **more})


get, put, patch, delete, post = (
    partial(_row, method) for method in ("GET", "PUT", "PATCH", "DELETE", "POST")
)
