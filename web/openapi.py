"""The OpenAPI 3.1 document: what the routes say of themselves, and what holds for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask, Response
from flask_smorest import Api
from werkzeug.exceptions import HTTPException

from web import problems
from web.resource import Resource
from web.schemas import Problem
from web.shapes import Shape

DESCRIPTION = (
    "Recipes in, labels out. Errors are problem+json (RFC 9457). Lists are paged by cursor. Long "
    "work is accepted with 202 and followed at its job. Every request but those to health, "
    "documentation and sign-up needs an API key or an access token, and sees the data of its own "
    "account only."
)


class _Api(Api):  # type: ignore[misc]  # flask-smorest has no types
    """flask-smorest with our problems instead of its error documents."""

    DEFAULT_ERROR_RESPONSE_NAME = None
    ERROR_SCHEMA = Problem  # puts it among the document's schemas

    def handle_http_exception(self, error: HTTPException) -> Response:
        return problems.of_http(error).response()


def _schema_name(schema: Any) -> str:
    """A schema's name in the document: its class's."""
    return (schema if isinstance(schema, type) else type(schema)).__name__


def build(app: Flask, resources: list[Resource], shapes: Mapping[str, Shape]) -> dict[str, Any]:
    """Register the resources on *app* and describe them. shapes: of request bodies, by name."""
    app.config.update(
        API_TITLE="Nutrition Platform",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
    )
    api = _Api(
        app,
        spec_kwargs={
            "info": {"description": DESCRIPTION},
            "marshmallow_plugin": MarshmallowPlugin(schema_name_resolver=_schema_name),
        },
    )
    api.spec.components.security_scheme(
        "bearer",
        {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key, `npk_…`, or the access token of a person who signed in.",
        },
    )
    for name, shape in shapes.items():
        api.spec.components.schema(name, dict(shape))
    for resource in resources:
        api.register_blueprint(resource.blueprint)
    return cast(dict[str, Any], api.spec.to_dict())
