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
    "Content-Security-Policy": CONTENT_POLICY,
    # What an account sees is nobody else's, and changes: views that know better say so.
    "Cache-Control": "no-store",
}
_HTTPS = {"Strict-Transport-Security": "max-age=31536000"}


def register(app: Flask) -> None:
    """Have every answer of *app* carry them, where it does not say otherwise itself."""

    @app.after_request
    def complete(response: Response) -> Response:
        wanted = SECURITY | limits.headers(g.get("standings", []))
        if request.scheme == "https":
            wanted |= _HTTPS
        # Looked through once: a header at a time, werkzeug looks through all of them each time.
        present = {name.lower() for name in response.headers.keys()}  # noqa: SIM118 - pairs else
        response.headers.extend(
            [(name, value) for name, value in wanted.items() if name.lower() not in present]
        )
        return response
