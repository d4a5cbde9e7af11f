"""Tracing: the ids by which one request is followed through logs, jobs, messages and webhooks."""

from __future__ import annotations

import re
import secrets
import time

import structlog
from flask import Flask, Response, g, request

from kernel.ids import new_id
from web.admission import ASIDE, CAME
from web.metrics import count

log = structlog.get_logger()

#: What is taken from a client as its own id: short, and harmless in a log or a header.
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}", re.ASCII)
#: W3C Trace Context, version 00; ids of zeros alone are invalid.
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)


def request_id(given: str | None) -> str:
    """The client's id where it is one, else a fresh one."""
    return given if given and _REQUEST_ID.fullmatch(given) else str(new_id())


def traceparent(given: str | None) -> str:
    """The client's trace, continued in a span of ours; a trace of its own where there is none."""
    if given and _TRACEPARENT.fullmatch(given):
        version, trace, _, flags = given.split("-")
    else:
        version, trace, flags = "00", secrets.token_hex(16), "00"
    return f"{version}-{trace}-{secrets.token_hex(8)}-{flags}"


def register(app: Flask) -> None:
    """Have every request of *app* carry its ids, and leave one line in the log."""

    @app.before_request
    def begin() -> None:
        # The time in line counts: it is the client's too. Probes come by another way.
        g.begun = request.environ.get(CAME) or time.perf_counter()
        g.request_id = request_id(request.headers.get("X-Request-Id"))
        g.traceparent = traceparent(request.headers.get("traceparent"))
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id, traceparent=g.traceparent)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers.extend([("X-Request-Id", g.request_id), ("traceparent", g.traceparent)])
        seconds = time.perf_counter() - g.begun
        # What the client asked to wait, or sent slowly, says nothing about us.
        count(response, seconds - request.environ.get(ASIDE, 0.0))
        caller = g.get("caller")
        # Ids, never bodies, and the rule instead of the path: paths would be a label each.
        log.info(
            "request",
            method=request.method,
            route=request.url_rule.rule if request.url_rule else None,
            status=response.status_code,
            milliseconds=round(seconds * 1000, 1),
            account=str(caller.account_id) if caller else None,
            actor=caller.actor if caller else None,
            **{
                name: str(value)
                for name, value in (request.view_args or {}).items()
                if name != "token"  # who has it may act
            },
        )
        return response
