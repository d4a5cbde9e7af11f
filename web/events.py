"""/v1/events: what happened in a client, to be counted."""

from __future__ import annotations

import marshmallow as ma
from flask import Response, request

from services.analytics import accept, parse_events
from services.analytics.parse import BYTES, EVENTS, NAME, PROPERTIES, TIME
from web.answers import json_answer
from web.bodies import json_body
from web.context import caller, platform
from web.forms import Answer, Form
from web.resource import Body, Header, Resource, json_reply
from web.schemas import text

events = Resource("events", "Product analytics: what happened, counted once.")


class EventForm(Form):
    """Something that happened."""

    id = ma.fields.UUID(
        required=True,
        metadata={"description": "Of your making. What comes again under one id counts once."},
    )
    name = ma.fields.String(
        required=True, metadata={"description": "What happened.", "pattern": NAME}
    )
    time = ma.fields.String(
        required=True,
        metadata={
            "description": "When it happened, with the offset (RFC 3339): up to 30 days ago.",
            "format": "date-time",
            "pattern": TIME,
        },
    )
    properties = ma.fields.Dict(
        keys=ma.fields.String(),
        metadata={
            "description": f"Whatever else is of interest: {BYTES:,} bytes of JSON at most.",
            "maxProperties": PROPERTIES,
        },
    )


class EventsForm(Form):
    events = ma.fields.List(
        ma.fields.Nested(EventForm), required=True, validate=ma.validate.Length(1, EVENTS)
    )


class EventsAccepted(Answer):
    accepted = ma.fields.Integer(
        required=True, metadata={"description": "Events that are durable and will be counted."}
    )
    not_tracked = ma.fields.Integer(
        required=True, metadata={"description": "Events of which nothing is kept."}
    )
    reason = text(
        "Why not: `do-not-track` (the request said so) or `no-consent` (the person has not agreed "
        "to analytics, see `PATCH /v1/me`).",
        null=True,
    )
    links = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)


@events.route(
    "POST",
    "/v1/events",
    body=Body(
        description="Events, in any order. All are accepted, or none.",
        content={"application/json": EventsForm},
        example={
            "events": [
                {
                    "id": "5f2b7a52-9f6e-4c0e-9d1b-0e8a3a1c7d10",
                    "name": "recipe.opened",
                    "time": "2026-11-24T20:15:00Z",
                    "properties": {"from": "search"},
                }
            ]
        },
    ),
    headers=[
        Header(name="DNT", description="`1`: nothing of this is kept.", example="1"),
        Header(name="Sec-GPC", description="`1`: nothing of this is kept.", example="1"),
    ],
    replies={
        202: json_reply("They are durable, and will be counted once.", EventsAccepted, "Location")
    },
    problems=[400, 413, 415, 422],
)
def create_events() -> Response:
    """Send events

    Sending the same again is safe: an id counts once. No address is kept.
    """
    value, _ = json_body()
    found = parse_events(value)
    if "1" in (request.headers.get("DNT"), request.headers.get("Sec-GPC")):
        return _answer(len(found), None, "do-not-track")
    me = caller()
    with platform().database.transaction() as session:
        job = accept(session, me.account_id, me.actor, found)
    return _answer(len(found), None if job is None else f"/v1/jobs/{job}", "no-consent")


def _answer(count: int, job: str | None, otherwise: str) -> Response:
    """What became of *count* events. job: that ingests them; without one, *otherwise* says why."""
    document = {
        "accepted": 0 if job is None else count,
        "not_tracked": count if job is None else 0,
        "reason": otherwise if job is None else None,
        "links": {} if job is None else {"job": job},
    }
    return json_answer(document, 202, {} if job is None else {"Location": job})
