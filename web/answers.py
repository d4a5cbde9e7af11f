"""Answers: JSON by the platform's codec, with an entity tag where a client may ask again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from flask import Response, request

from kernel import codec


def json_answer(
    value: Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """*value* as JSON."""
    return Response(
        codec.dumps(value), status, dict(headers or {}), content_type="application/json"
    )


def tagged_answer(value: Any) -> Response:
    """*value* as JSON with an `ETag`, or 304 where the client has just this already."""
    body = codec.dumps(value)
    response = Response(body, 200, content_type="application/json")
    response.set_etag(hashlib.sha256(body).hexdigest()[:32])
    # Kept by the client that asked, and asked about each time: the owner's data and nobody else's.
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response
