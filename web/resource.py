"""Routes with their documentation: what a resource takes, answers, and who may call it.

A typed layer over flask-smorest's blueprint, so that a route is declared in one place and the
OpenAPI document cannot leave anything of it out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import marshmallow as ma
from flask import Response
from flask_smorest import Blueprint

from web import policy
from web.forms import QueryParser
from web.problems import MEDIA_TYPE

View = TypeVar("View", bound=Callable[..., Response])

PROBLEM = {"$ref": "#/components/schemas/Problem"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer. content: schema by media type; none where it has no body."""

    description: str
    content: Mapping[str, type[ma.Schema] | Mapping[str, Any]] = field(default_factory=dict)
    headers: Sequence[str] = ()


def json_reply(description: str, schema: type[ma.Schema], *headers: str) -> Reply:
    return Reply(description=description, content={"application/json": schema}, headers=headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What a request carries. content: schema by media type."""

    description: str
    content: Mapping[str, type[ma.Schema] | Mapping[str, Any]]
    example: Any = None
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A header that a route understands."""

    name: str
    description: str
    example: str
    pattern: str | None = None

    def parameter(self) -> dict[str, Any]:
        return {
            "in": "header",
            "name": self.name,
            "description": self.description,
            "required": False,
            "schema": {"type": "string"} | ({"pattern": self.pattern} if self.pattern else {}),
            "example": self.example,
        }


#: How a browser's EventSource opens a stream.
TICKET = {
    "in": "query",
    "name": "ticket",
    "description": "A ticket of /v1/stream-tickets, where no `Authorization` is sent.",
    "required": False,
    "schema": {"type": "string"},
}
#: Response headers by name: what they tell.
HEADERS = {
    "Location": "Where the job, and with it the result, is found.",
    "Retry-After": "Seconds after which asking again is worth while.",
    "Preference-Applied": "The wait that was granted.",
    "Idempotency-Replayed": "`true` where this is the answer to an earlier, equal request.",
    "ETag": "Tag of this very content, for `If-None-Match`.",
    "Cache-Status": "Whether the platform had the answer already (RFC 9211).",
}
#: Problems that any route may answer, besides those that it names.
ALWAYS = (429, 500, 503)
GUARDED = (401, 403)
REASONS = {
    400: "Malformed: the request cannot be read.",
    401: "No key or token, or one that is unknown, expired or revoked.",
    403: "The caller lacks the scope.",
    404: "There is no such thing, or it is somebody else's.",
    409: "It contradicts the present state.",
    412: "It has changed since the `ETag` in `If-Match`.",
    413: "The body is too large.",
    415: "The body's media type is not taken here.",
    422: "Well-formed, and makes no sense; `errors` names the fields.",
    429: "A limit is used up; see `Retry-After`.",
    500: "A defect of ours.",
    503: "A store is out of reach; see `Retry-After`.",
}


class Resource:
    """One resource: its routes, in a blueprint of its own."""

    def __init__(self, name: str, description: str) -> None:
        self.blueprint = Blueprint(name, f"web.{name}", description=description)
        self.blueprint.ARGUMENTS_PARSER = QueryParser()

    def route(
        self,
        method: str,
        rule: str,
        *,
        replies: Mapping[int, Reply],
        problems: Sequence[int] = (),
        query: type[ma.Schema] | None = None,
        body: Body | None = None,
        headers: Sequence[Header] = (),
    ) -> Callable[[View], View]:
        """Declare a view. query: its schema; the values come as the view's first argument."""
        scope = policy.scope_of(method, rule)
        is_open = scope == policy.OPEN
        failing = sorted({*problems, *ALWAYS, *(() if is_open else GUARDED)})
        answers = {str(status): _reply(reply) for status, reply in sorted(replies.items())}
        answers |= {str(status): _problem(status) for status in failing if status not in replies}
        manual: dict[str, Any] = {
            "responses": answers,
            "security": [] if is_open else [{"bearer": [scope] if scope else []}],
        }
        if body is not None:
            manual["requestBody"] = {
                "description": body.description,
                "required": body.required,
                "content": {
                    media: {"schema": schema, **({"example": body.example} if body.example else {})}
                    for media, schema in body.content.items()
                },
            }

        def declare(view: View) -> View:
            documented: Any = view
            if query is not None:
                documented = self.blueprint.arguments(query, location="query")(documented)
                documented._apidoc["arguments"].pop("responses", None)
            documented = self.blueprint.doc(operationId=view.__name__, **manual)(documented)
            parameters = [one.parameter() for one in headers]
            if f"{method} {rule}" in policy.STREAMS:
                parameters.append(TICKET)
            if parameters:
                arguments = documented._apidoc.setdefault("arguments", {})
                arguments.setdefault("parameters", []).extend(parameters)
            self.blueprint.route(rule, methods=[method])(documented)
            return view

        return declare


def _reply(reply: Reply) -> dict[str, Any]:
    documented: dict[str, Any] = {"description": reply.description}
    if reply.content:
        documented["content"] = {
            media: {"schema": schema} for media, schema in reply.content.items()
        }
    if reply.headers:
        documented["headers"] = {
            name: {"description": HEADERS[name], "schema": {"type": "string"}}
            for name in reply.headers
        }
    return documented


def _problem(status: int) -> dict[str, Any]:
    return {"description": REASONS[status], "content": {MEDIA_TYPE: {"schema": PROBLEM}}}
