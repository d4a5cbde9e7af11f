"""Who asks: an API key or an access token in `Authorization: Bearer …`, or a stream's ticket.

Checked before any view runs.
"""

from __future__ import annotations

from flask import Flask, g, request

from kernel.errors import Unauthenticated
from services.accounts.keys import Caller
from web import policy, stream_tickets
from web.context import platform
from web.costs import cost_of
from web.limits import network_of


def bearer(header: str | None) -> str:
    """The credential of an Authorization header. Raises Unauthenticated where it has none."""
    if not header:
        raise Unauthenticated(
            "Send an API key, `Authorization: Bearer npk_…`, or an access token in its place."
        )
    scheme, _, credential = header.partition(" ")
    if scheme.lower() != "bearer" or not credential.strip():
        raise Unauthenticated("The Authorization header must be `Bearer npk_…` or `Bearer <JWT>`.")
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
        cost = cost_of(request.method, rule)
        # Before the key is looked at: guessing keys is counted too.
        address = limiter.count(limiter.address, network_of(request.remote_addr or ""), cost)
        g.standings.append(address)
        if scope == policy.OPEN or request.routing_exception is not None:
            return
        g.caller = _caller(f"{request.method} {rule}")
        g.standings.append(limiter.count(limiter.key, g.caller.actor, cost))
        policy.check(g.caller, scope)


def _caller(route: str) -> Caller:
    """Who asks for *route*. Raises Unauthenticated, or Unavailable where nobody can tell."""
    header = request.headers.get("Authorization")
    if header is None and route in policy.STREAMS and "ticket" in request.args:
        return stream_tickets.redeem(request.args["ticket"])
    return platform().keyring.caller(bearer(header))
