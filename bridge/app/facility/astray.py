"""Answers by which a unit is not made as it was taken to be: what is asked for is not there, or another type.

ISO 9506-2 DataAccessError. A unit that will not or cannot answer now says so by other codes, and these say
nothing of its model. Looks at codes alone; whether a value fits its type is seen where it is read.
"""

from __future__ import annotations

from models.mms import data, variables
from models.mms.codes import DataAccessError

CODES = frozenset({
    DataAccessError.object_undefined, DataAccessError.type_inconsistent, DataAccessError.object_non_existent,
})  # fmt: skip


def found(answer: object) -> str:
    """The code that says so, if an answer has one."""
    if isinstance(answer, variables.Read_Response):
        return _first(answer.listOfAccessResult.AccessResult)
    return _first(answer.CHOICE) if isinstance(answer, variables.Write_Response) else ""


def _first(results: tuple[data.AccessResult, ...] | tuple[data.WriteResult, ...]) -> str:
    failures = (each.choice for each in results)
    codes = (each.value for each in failures if each.tag == "failure")
    return next((DataAccessError(code).name for code in codes if code in CODES), "")
