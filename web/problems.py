"""Problems: every error as `application/problem+json` (RFC 9457), and nothing else ever.

The platform's errors know nothing of HTTP; this table gives each class its status and its type.
A type is a reference relative to the server, and names the paragraph of `/docs` that explains it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from kernel import codec
from kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    PlatformError,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from web import limits

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"
#: The registered type of a used-up limit (draft-ietf-httpapi-ratelimit-headers).
QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded"

PROBLEMS: dict[type[Exception], tuple[int, str]] = {
    Malformed: (400, "malformed"),
    Unauthenticated: (401, "unauthenticated"),
    Forbidden: (403, "forbidden"),
    NotFound: (404, "not-found"),
    Conflict: (409, "conflict"),
    TooLarge: (413, "too-large"),
    Invalid: (422, "invalid"),
    limits.QuotaExceeded: (429, "quota-exceeded"),
    Unavailable: (503, "unavailable"),
}

#: Types by the name that follows `/docs#problem-`: title, and what a client does about it.
TYPES: dict[str, tuple[str, str]] = {
    "malformed": ("Malformed request", "The request could not be read. Mend its form."),
    "unauthenticated": (
        "Not authenticated",
        "Send `Authorization: Bearer …` with an API key or an access token that is neither expired "
        "nor revoked; refresh the token, or sign in again.",
    ),
    "forbidden": ("Not allowed", "The caller lacks the scope or role that `detail` names."),
    "not-found": ("Not found", "There is no such thing, or it is somebody else's."),
    "method-not-allowed": ("Method not allowed", "The header `Allow` lists the methods."),
    "conflict": ("Conflict", "The request contradicts the present state; read it, then decide."),
    "too-large": ("Too large", "The body exceeds the limit that `detail` names."),
    "unsupported-media-type": ("Unsupported media type", "Send the type that `detail` names."),
    "invalid": ("Invalid content", "`errors` says, field by field, what makes no sense."),
    "quota-exceeded": ("Quota exceeded", "Wait as long as `Retry-After` says."),
    "unavailable": ("Unavailable", "Try again after `Retry-After` seconds; nothing was done."),
    "internal-error": ("Internal error", "A defect of ours; report it with its `request_id`."),
    "http": ("HTTP error", "What the status says."),
}
_BY_STATUS = {
    400: "malformed",
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    409: "conflict",
    413: "too-large",
    415: "unsupported-media-type",
    422: "invalid",
    429: "quota-exceeded",
    500: "internal-error",
    503: "unavailable",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem, ready to be sent. more: further members, such as `errors`."""

    status: int
    slug: str
    detail: str
    more: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        title, _ = TYPES[self.slug]
        kind = QUOTA_EXCEEDED if self.slug == "quota-exceeded" else f"/docs#problem-{self.slug}"
        body: dict[str, Any] = {
            "type": kind,
            "title": HTTPStatus(self.status).phrase if self.slug == "http" else title,
            "status": self.status,
            "detail": self.detail,
            "instance": request.path,
        }
        body |= self.more
        body["request_id"] = g.get("request_id")
        return Response(
            codec.dumps(body),
            self.status,
            {"Cache-Control": "no-store", **self.headers},
            content_type=MEDIA_TYPE,
        )


def of_platform(error: PlatformError) -> Problem:
    """The problem that one of the platform's own errors is."""
    status, slug = next(
        (PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS),
        (500, "internal-error"),
    )
    if status == 500:
        log.error("platform_error_without_status", error=type(error).__name__, exc_info=error)
        return _defect()
    more: dict[str, Any] = {}
    headers: dict[str, str] = {}
    if isinstance(error, Invalid) and error.errors:
        more["errors"] = error.errors
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="nutrition"'
    if isinstance(error, Unavailable):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, limits.QuotaExceeded):
        more["violated-policies"] = [error.standing.limit.name]
        headers["Retry-After"] = str(error.standing.reset)
        headers |= limits.headers([error.standing])
    return Problem(status=status, slug=slug, detail=str(error), more=more, headers=headers)


def of_http(error: HTTPException) -> Problem:
    """The problem that an error of Flask or Werkzeug is."""
    status = error.code or 500
    if status >= 500 and status != 503:
        return _defect()
    headers = {
        name: value
        for name, value in error.get_headers()
        if name.lower() not in {"content-type", "content-length"}
    }
    return Problem(
        status=status,
        slug=_BY_STATUS.get(status, "http"),
        detail=_SPOKEN.get(status) or error.description or HTTPStatus(status).phrase,
        headers=headers,
    )


#: Werkzeug's own words for these are written for a person before a browser.
_SPOKEN = {
    404: "There is nothing at this address.",
    405: "The resource does not have this method.",
    413: "The body is larger than this resource takes.",
}


def _defect() -> Problem:
    return Problem(
        status=500,
        slug="internal-error",
        detail="Something went wrong on our side; it was logged under this request_id.",
    )


def register(app: Flask) -> None:
    """Have *app* answer every error as a problem."""

    @app.errorhandler(PlatformError)
    def platform_error(error: PlatformError) -> Response:
        return of_platform(error).response()

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        return of_http(error).response()

    @app.errorhandler(Exception)
    def defect(error: Exception) -> Response:
        log.error("request_failed", exc_info=error)
        return _defect().response()
