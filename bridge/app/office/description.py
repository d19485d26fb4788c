"""The description of the administration API: OpenAPI 3.1, made of the same rows that route it.

Forms become JSON schemas of 2020-12; what every operation has (problems, editions, idempotency keys) is said
once and referred to. The manual page docs/api.md is made of it too. It carries no address of a server.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from pydantic.json_schema import JsonSchemaMode, models_json_schema

from bridge.app.office import reading, repeat
from bridge.sdk.forms.access import Pending
from bridge.sdk.forms.kinds import Edition
from bridge.sdk.forms.problem import MEDIA as PROBLEM
from bridge.sdk.forms.problem import Problem
from bridge.sdk.operation import MEDIA, ROOT, SHAPES, Operation
from bridge.sdk.table import TABLE

Json = dict[str, Any]
ABOUT = """\
What an operator does with a derbridge server: devices, groups, programmes, controls and all that follows.
The certificate says who calls. Moments are seconds since 1970. Problems are told as RFC 9457 says.
"""
PROBLEMS: Mapping[str, str] = {
    "400": "The request cannot be read.",
    "401": "No client certificate was shown.",
    "403": "The caller may not.",
    "404": "There is no such thing.",
    "406": "No answer of an accepted media type.",
    "409": "It does not go with what is there, or other writes came between.",
    "412": "It is not at the edition that the caller has seen.",
    "413": "The body is too large.",
    "415": "The body is of a media type that is not taken.",
    "422": "The body cannot be meant so, or the idempotency key was another request's.",
    "503": "The store cannot be reached.",
}
READS = ("400", "401", "403", "404", "406", "412", "503")
TEXT: Json = {"type": "string"}
HEADERS: Json = {
    "IdempotencyKey": {
        "name": repeat.HEADER,
        "in": "header",
        "description": "The same key with the same request is done once and answered alike for two days.",
        "schema": {"type": "string", "pattern": repeat.PATTERN},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "Only if it is still at this edition (its ETag).",
        "schema": {"type": "string", "pattern": reading.TAGS},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "304 when reading, 412 when writing, if it is at this edition.",
        "schema": {"type": "string", "pattern": reading.TAGS},
    },
}


@cache
def written() -> bytes:
    """The description as JSON."""
    return json.dumps(whole(), separators=(",", ":")).encode()


@cache
def whole() -> Json:
    """The description."""
    schemas, definitions = _schemas()
    paths: Json = {}
    for row in TABLE:
        paths.setdefault(ROOT + row.path, {})[row.method.lower()] = operation(row, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "derbridge administration", "version": "1", "description": ABOUT},
        "tags": [{"name": name} for name in dict.fromkeys(row.family for row in TABLE)],
        "security": [{"certificate": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"certificate": {"type": "mutualTLS"}},
            "parameters": HEADERS,
            "responses": {code: _problem(about, schemas) for code, about in PROBLEMS.items()},
            "schemas": definitions,
        },
    }


Schemas = Mapping[tuple[Any, JsonSchemaMode], Json]


def _schemas() -> tuple[Schemas, Json]:
    """The schema of each form, by what it is for, and the definitions they refer to."""
    taken: dict[Any, None] = {row.takes: None for row in TABLE if row.takes}
    given: dict[Any, None] = {row.gives: None for row in TABLE if row.gives}
    wanted: list[tuple[Any, JsonSchemaMode]] = [(form, "validation") for form in taken]
    wanted += [(form, "serialization") for form in (*given, Problem, Pending)]
    found, definitions = models_json_schema(wanted, ref_template="#/components/schemas/{model}")
    return found, definitions["$defs"]


def _problem(about: str, schemas: Schemas) -> Json:
    return {
        "description": about,
        "content": {PROBLEM: {"schema": schemas[Problem, "serialization"]}},
    }


def operation(row: Operation, schemas: Schemas) -> Json:
    """One operation."""
    said: Json = {
        "operationId": row.name,
        "tags": [row.family],
        "summary": row.summary,
        "parameters": [*_path(row), *_query(row), *_headers(row)],
        "responses": responses(row, schemas),
    }
    if row.takes or row.raw:
        said["requestBody"] = {"required": True, "content": _content(row, schemas)}
    return said


def _path(row: Operation) -> list[Json]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": SHAPES[name][1],
            "schema": {"type": "string", "pattern": f"^{SHAPES[name][0]}$"},
        }
        for name in row.parameters
    ]


def _query(row: Operation) -> list[Json]:
    """The query's form, one parameter a field; what may be absent is never null."""
    if row.query is None:
        return []
    schema = row.query.model_json_schema()
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "description": field.pop("description", ""),
            "schema": _present(field),
        }
        for name, field in schema["properties"].items()
    ]


def _present(field: Json) -> Json:
    field = {key: value for key, value in field.items() if key != "title"}
    choices = [each for each in field.pop("anyOf", ()) if each != {"type": "null"}]
    if field.get("default", ...) is None:
        del field["default"]
    if not choices:
        return field
    return {**field, **choices[0]} if len(choices) == 1 else {**field, "anyOf": choices}


def _headers(row: Operation) -> list[Json]:
    names = ["IfNoneMatch"] if row.safe else ["IdempotencyKey"]
    names += [] if row.safe or not _edition(row) else ["IfMatch"]
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _edition(row: Operation) -> bool:
    """Whether what a row is about has an edition."""
    places = {row.path, row.path.rpartition("/")[0]}
    shown = (each for each in TABLE if each.safe and each.path in places and each.gives)
    return any(each.gives and issubclass(each.gives, Edition) for each in shown)


def _content(row: Operation, schemas: Schemas) -> Json:
    found: Json = {}
    for media in reading.takes(row):
        raw = media in row.raw or row.takes is None
        found[media] = {} if raw or row.takes is None else {"schema": schemas[row.takes, "validation"]}
    return found


def links(row: Operation) -> Json:
    """Where what was made may be used: the operations below its own address."""
    found: Json = {}
    for each in TABLE:
        rest = each.path.removeprefix(row.path)
        if rest == each.path or not rest.startswith("/{"):
            continue
        name = rest[2:].partition("}")[0]
        field = KEYS.get(name, "id")
        above = {one: f"$request.path.{one}" for one in row.parameters if one != name}
        found[each.name] = {
            "operationId": each.name,
            "parameters": {**above, name: f"$response.body#/{field}"},
        }
    return found


HELD = frozenset({"controls", "defaults", "resources"})
"""Families that command devices, so that a rule may ask for a second subject."""
KEYS = {"lfdi": "lfdi", "href": "href"}
"""What a path names a thing by, where that is not its number."""


def responses(row: Operation, schemas: Schemas) -> Json:
    """What it may answer."""
    codes = READS if row.safe else tuple(PROBLEMS)
    said: Json = {code: {"$ref": f"#/components/responses/{code}"} for code in codes}
    content: Json = {media: {} for media in row.serves}
    if row.gives:
        content[MEDIA] = {"schema": schemas[row.gives, "serialization"]}
    if row.family in HELD and not row.safe:
        schema = {"schema": schemas[Pending, "serialization"]}
        said["202"] = {"description": "Kept until another subject approves it.", "content": {MEDIA: schema}}
    status = row.status if content else 204
    said[str(status)] = {"description": row.summary, **({"content": content} if content else {})}
    if row.safe:
        said["304"] = {"description": "The caller has it already."}
    headers: Json = {"ETag": {"schema": TEXT}} if row.safe else {}
    if row.status == HTTPStatus.CREATED:
        said[str(status)]["links"] = links(row)
        headers["Location"] = {"description": "Address of what was made.", "schema": TEXT}
        said["200"] = {"description": "It was there already.", "content": content}
    if headers:
        said[str(status)]["headers"] = headers
    return dict(sorted(said.items()))
