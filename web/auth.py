"""Who asks: the API key in `Authorization: Bearer npk_…`, checked before any view runs."""

from __future__ import annotations

from flask import Flask, g, request

from kernel.errors import Unauthenticated
from web import policy
from web.context import platform
from web.limits import network_of


def bearer(header: str | None) -> str:
    """The credential of an Authorization header. Raises Unauthenticated where it has none."""
    if not header:
        raise Unauthenticated("Send an API key: `Authorization: Bearer npk_…`.")
    scheme, _, credential = header.partition(" ")
    if scheme.lower() != "bearer" or not credential.strip():
        raise Unauthenticated("The Authorization header must be `Bearer npk_…`.")
    return credential.strip()


def register(app: Flask) -> None:
    """Have every request of *app* counted, its caller recognised, and its scope checked."""

    @app.before_request
    def admit() -> None:
        g.standings = []
        limiter = platform().limiter
        rule = request.url_rule.rule if request.url_rule else ""
        scope = policy.scope_of(request.method, rule)
        if rule in {"/livez", "/readyz"}:
            return  # a probe is answered even where its address has used up its limit
        # Before the key is looked at: guessing keys is counted too.
        address = limiter.count(limiter.address, network_of(request.remote_addr or ""))
        g.standings.append(address)
        if scope == policy.OPEN or request.routing_exception is not None:
            return
        g.caller = platform().keyring.caller(bearer(request.headers.get("Authorization")))
        g.standings.append(limiter.count(limiter.key, g.caller.actor))
        policy.check(g.caller, scope)
