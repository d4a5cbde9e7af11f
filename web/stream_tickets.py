"""/v1/stream-tickets: one stream for a browser's `EventSource`, which cannot send a header.

A ticket opens the one path that it was made for, once, within a minute. It lies in the Redis that
all web processes share, as a digest; where that is away there are no tickets, and nobody comes in
without one.
"""

from __future__ import annotations

import re
import uuid
from typing import Any

import marshmallow as ma
import msgspec
from flask import Response, current_app, request

from kernel import codec
from kernel.errors import Unauthenticated, Unavailable
from kernel.redis import BestEffort
from services.accounts.keys import Caller
from services.accounts.secrets import TICKET, digest, new_secret, well_formed
from web import policy
from web.answers import json_answer
from web.bodies import form_body
from web.context import caller, platform
from web.forms import Answer, Form
from web.resource import Body, Resource, json_reply
from web.schemas import text

stream_tickets = Resource("stream-tickets", "Open an event stream without a header.")

#: Seconds within which a ticket is to be used.
LIFETIME = 60
_AWAY = "Stream tickets cannot be kept at the moment; with `Authorization` streams need none."
REFUSED = "The ticket is unknown, used, past its minute, or for another stream: ask for a new one."
_REASON = "Must be the path of a stream, such as /v1/jobs/…/events."
#: The paths of all streams, as a pattern.
_PATHS = "|".join(
    re.sub(r"<uuid:\w+>", "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", route.partition(" ")[2])
    for route in sorted(policy.STREAMS)
)


class TicketForm(Form):
    path = ma.fields.String(
        required=True,
        validate=ma.validate.Regexp(rf"({_PATHS})\Z", error=_REASON),
        metadata={
            "description": "Path of the stream that it is to open.",
            "pattern": f"^({_PATHS})$",
        },
    )


class Ticket(Answer):
    ticket = text("`npt_…`, for the query: `?ticket=…`. It opens the stream once.")
    path = text("The stream that it opens.")
    expires_in = ma.fields.Integer(
        required=True, metadata={"description": "Seconds within which it must be used."}
    )


@stream_tickets.route(
    "POST",
    "/v1/stream-tickets",
    body=Body(
        description="Which stream.",
        content={"application/json": TicketForm},
        example={"path": "/v1/jobs/01a20e4c-78c3-74a9-98d3-f6b293a77e60/events"},
    ),
    replies={201: json_reply("It is made.", Ticket)},
    problems=[400, 413, 415, 422],
)
def create_stream_ticket() -> Response:
    """Make a ticket for one stream

    The caller needs the stream's own scope. Within 60 seconds, once, the stream's address with
    `?ticket=…` is answered as if the caller's credential had been sent with it. A stream that
    breaks off needs a new ticket; `Last-Event-ID` then takes it up where it ended.
    """
    path = form_body(TicketForm)["path"]
    rule, _ = current_app.url_map.bind("").match(path, "GET", return_rule=True)
    policy.check(caller(), policy.scope_of("GET", rule.rule))
    ticket = issue(platform().redis, caller(), path)
    return json_answer({"ticket": ticket, "path": path, "expires_in": LIFETIME}, 201)


def issue(redis: BestEffort, holder: Caller, path: str) -> str:
    """A ticket with which *holder* opens *path*. Raises Unavailable where none can be kept."""
    ticket = new_secret(TICKET)
    kept = codec.dumps(
        {
            "account": holder.account_id,
            "actor": holder.actor,
            "sign_in": holder.sign_in_id,
            "path": path,
        }
    )
    if not redis.call(lambda client: client.set(_name(ticket), kept, ex=LIFETIME)):
        raise Unavailable(_AWAY, retry_after=5)
    return ticket


def redeem(ticket: str) -> Caller:
    """Whose ticket for this request's stream this is; it is used up.

    Raises Unauthenticated, or Unavailable where nobody can tell.
    """
    if not well_formed(ticket, TICKET):
        raise Unauthenticated(REFUSED)
    # In a tuple: None is an answer of Redis, and means that it did not answer too.
    found = platform().redis.call(lambda client: (client.getdel(_name(ticket)),))
    if found is None:
        raise Unavailable(_AWAY, retry_after=5)
    kept: Any = msgspec.json.decode(found[0]) if found[0] else None
    if kept is None or kept["path"] != request.path:
        raise Unauthenticated(REFUSED)
    sign_in = kept["sign_in"] and uuid.UUID(kept["sign_in"])
    holder = Caller(uuid.UUID(kept["account"]), kept["actor"], "user", frozenset(), sign_in)
    # What the caller may do is looked up now: keys are revoked and people log out within a minute.
    return platform().keyring.again(holder)


def _name(ticket: str) -> str:
    return f"stream-ticket:{digest(ticket).hex()}"
