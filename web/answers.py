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
    return _tagged(codec.dumps(value), "application/json", {})


def tagged_text(text: str, media_type: str, headers: Mapping[str, str]) -> Response:
    """*text* in that media type with an `ETag`, or 304 where the client has just this already."""
    return _tagged(text.encode(), f"{media_type}; charset=utf-8", headers)


def _tagged(body: bytes, content_type: str, headers: Mapping[str, str]) -> Response:
    response = Response(body, 200, dict(headers), content_type=content_type)
    response.set_etag(hashlib.sha256(body).hexdigest()[:32])
    # Kept by the client that asked, and asked about each time: the owner's data and nobody else's.
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response
