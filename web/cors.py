"""CORS: the browser application at FRONTEND_DOMAIN may call us; no other origin's may.

Credentials are in `Authorization`, which a page must hold to send: there are no cookies, so no
`Access-Control-Allow-Credentials`, and nothing that another site could ride on. (flask-cors adds
headers to a view's answer to OPTIONS; here no route has that method, nor a rule for it.)
"""

from __future__ import annotations

from flask import Flask, Response, request

from web import policy
from web.context import platform

#: Headers that the application may send, and those of ours that it may read.
TAKEN = (
    "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, "
    "Prefer, traceparent, X-Request-Id"
)
SHOWN = (
    "Cache-Status, Content-Disposition, ETag, Idempotency-Replayed, Location, Preference-Applied, "
    "RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id, traceparent"
)
#: Seconds for which a browser need not ask again.
REMEMBERED = 7200


def register(app: Flask) -> None:
    """Have *app* answer preflights, and tell browsers who may read its answers."""

    @app.before_request
    def preflight() -> Response | None:
        if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
            return None
        if not _ours():
            # Without the headers the browser refuses; there is no need to say more.
            return Response(status=204)
        headers = {
            "Access-Control-Allow-Methods": ", ".join(policy.METHODS),
            "Access-Control-Allow-Headers": TAKEN,
            "Access-Control-Max-Age": str(REMEMBERED),
        }
        return Response(status=204, headers=headers)

    @app.after_request
    def allow(response: Response) -> Response:
        if origin := platform().settings.frontend_origin:
            # Also where it is absent: a cache must not give one origin's answer to another.
            response.vary.add("Origin")
            if _ours():
                response.headers["Access-Control-Allow-Origin"] = origin
                response.headers["Access-Control-Expose-Headers"] = SHOWN
        return response


def _ours() -> bool:
    origin = platform().settings.frontend_origin
    return bool(origin) and request.headers.get("Origin", "").lower() == origin
