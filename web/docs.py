"""/v1/openapi.json, made by the routes themselves, and /docs, the same for people.

The page is plain HTML and one style sheet, both ours: it works without Internet, and without
scripts, so that nothing on it can run.
"""

from __future__ import annotations

from typing import Any, cast

from flask import Flask, Response, current_app, render_template, request

from kernel import codec
from web import problems
from web.answers import tagged_answer
from web.headers import CONTENT_POLICY

_METHODS = ("get", "post", "put", "patch", "delete")


def register(app: Flask) -> None:
    """Serve the document and the page."""

    @app.get("/v1/openapi.json")
    def openapi() -> Response:
        return tagged_answer(document())

    @app.get("/docs")
    def docs() -> Response:
        page = render_template(
            "docs.html",
            document=document(),
            operations=_operations(document()),
            problems=problems.TYPES,
            base=request.host_url.rstrip("/"),
        )
        response = Response(page, content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = CONTENT_POLICY + "; style-src 'self'"
        return response

    @app.get("/docs/style.css")
    def docs_style() -> Response:
        style = render_template("docs.css")
        return Response(style, content_type="text/css; charset=utf-8")

    app.jinja_env.filters["json"] = lambda value: codec.dumps(value).decode()
    app.jinja_env.filters["ref"] = lambda value: str(value).rsplit("/", 1)[-1]
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def document() -> dict[str, Any]:
    """The OpenAPI document of the running application."""
    return cast(dict[str, Any], current_app.extensions["openapi"])


def _operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Every operation with its path and method, in the order of the document's tags."""
    found = [
        {
            "path": path,
            "method": method,
            "parameters": item.get("parameters", []) + item[method].get("parameters", []),
            **{key: value for key, value in item[method].items() if key != "parameters"},
        }
        for path, item in document["paths"].items()
        for method in _METHODS
        if method in item
    ]
    order = [tag["name"] for tag in document["tags"]]
    return sorted(found, key=lambda operation: order.index(operation["tags"][0]))
