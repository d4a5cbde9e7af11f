"""Headers that every answer carries: what a browser may do with it, and what is left of a limit."""

from __future__ import annotations

from flask import Flask, Response, g, request

from web import limits

#: Answers are data: nothing in them may run, load, or be framed. `/docs` alone brings a style.
CONTENT_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def register(app: Flask) -> None:
    """Have every answer of *app* carry them."""

    @app.after_request
    def complete(response: Response) -> Response:
        for name, value in SECURITY.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        # What an account sees is nobody else's, and changes: views that know better say so.
        response.headers.setdefault("Cache-Control", "no-store")
        if request.scheme == "https":
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        for name, value in limits.headers(g.get("standings", [])).items():
            response.headers.setdefault(name, value)
        return response
