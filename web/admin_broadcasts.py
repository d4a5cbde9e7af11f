"""/v1/admin/broadcasts: administrators tell many people one thing."""

from __future__ import annotations

import uuid
from typing import Any

import marshmallow as ma
from flask import Response

from services.notifications import broadcasts as service
from services.notifications.channels import CHANNELS
from services.notifications.topics import TOPICS
from web.answers import json_answer
from web.bodies import json_body
from web.context import caller, platform
from web.forms import Answer, Form, Truth, loaded
from web.idempotency import IDEMPOTENCY_KEY, accept, digest_of
from web.resource import Body, Resource, json_reply
from web.schemas import Job, identity, text, when

admin_broadcasts = Resource("admin_broadcasts", "Administrators: tell everybody, or some.")

#: Characters of a title and of a body, and people that one request may name.
TITLE, BODY, NAMED = 150, 10_000, 10_000

_TOPICS = [topic.name for topic in TOPICS.values() if topic.broadcast]


class Named(Form):
    user_ids = ma.fields.List(
        ma.fields.UUID(), required=True, validate=ma.validate.Length(1, NAMED)
    )


class Audience(ma.fields.Field[Any]):
    """`everyone`, or an object with `user_ids`. Loaded as None, or as a list of ids."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> list[uuid.UUID] | None:
        if value == "everyone":
            return None
        if not isinstance(value, dict):
            raise ma.ValidationError('Must be "everyone", or an object with `user_ids`.')
        try:
            ids: list[uuid.UUID] = Named().load(value)["user_ids"]
        except ma.ValidationError as error:
            raise ma.ValidationError(error.messages) from None
        return ids


class BroadcastForm(Form):
    topic = ma.fields.String(
        required=True,
        validate=ma.validate.Length(max=64),
        metadata={"description": f"One of {', '.join(f'`{name}`' for name in _TOPICS)}."},
    )
    title = ma.fields.String(
        required=True,
        validate=[
            ma.validate.Length(1, TITLE),
            # A title is a mail's subject: one line, and nothing that a terminal obeys.
            ma.validate.Regexp(r"^[^\x00-\x1f\x7f\u2028\u2029]*\S[^\x00-\x1f\x7f\u2028\u2029]*\Z"),
        ],
        metadata={
            "description": "One line.",
            "pattern": "^[^\\u0000-\\u001f\\u007f\\u2028\\u2029]*"
            "[^\\s\\u0000-\\u001f\\u007f][^\\u0000-\\u001f\\u007f\\u2028\\u2029]*$",
        },
    )
    body = ma.fields.String(
        required=True,
        validate=[
            ma.validate.Length(1, BODY),
            ma.validate.Regexp(r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*\Z"),
        ],
        metadata={
            "description": "Plain text; an empty line parts paragraphs.",
            "pattern": "^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]*$",
        },
    )
    audience = Audience(
        required=True,
        metadata={
            "description": "`everyone` who may sign in, or the people named.",
            "oneOf": [
                {"type": "string", "enum": ["everyone"]},
                {
                    "type": "object",
                    "required": ["user_ids"],
                    "additionalProperties": False,
                    "properties": {
                        "user_ids": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": NAMED,
                            "items": {"type": "string", "format": "uuid"},
                        }
                    },
                },
            ],
        },
    )
    channels = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(CHANNELS)),
        load_default=None,
        validate=ma.validate.Length(1, len(CHANNELS)),
        metadata={"description": "By which ways, besides what each has muted. Else the topic's."},
    )
    dry_run = Truth(
        load_default=False, metadata={"description": "Count, and tell nobody: the answer is 200."}
    )


class Deliveries(Answer):
    """One for each person and channel."""

    pending = ma.fields.Integer(required=True)
    delivered = ma.fields.Integer(required=True)
    failed = ma.fields.Integer(required=True)
    skipped = ma.fields.Integer(required=True)


class Counted(Answer):
    dry_run = ma.fields.Boolean(required=True)
    recipients = ma.fields.Integer(
        required=True, metadata={"description": "People whom it would reach."}
    )
    deliveries = ma.fields.Nested(Deliveries, required=True)


class Broadcast(Answer):
    id = identity("The broadcast, and its job.")
    topic = text("What it is about.")
    title = text("One line.")
    body = text("Plain text.")
    audience = ma.fields.String(required=True, validate=ma.validate.OneOf(["everyone", "user_ids"]))
    channels = ma.fields.List(ma.fields.String(), required=True)
    state = ma.fields.String(
        required=True,
        validate=ma.validate.OneOf(service.STATES),
        metadata={
            "description": "`finished` when everybody has a notification; deliveries go on after."
        },
    )
    recipients = ma.fields.Integer(
        required=True,
        metadata={"description": "People, as counted at first; exactly, once it has finished."},
    )
    deliveries = ma.fields.Nested(Deliveries, required=True)
    actor = text("Who asked for it.")
    created_at = when("When it was accepted")
    ended_at = when("When everybody had a notification, or it was cancelled", null=True)
    links = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)


@admin_broadcasts.route(
    "POST",
    "/v1/admin/broadcasts",
    body=Body(
        description="What to tell, and whom.",
        content={"application/json": BroadcastForm},
        example={
            "topic": "announcement",
            "title": "New foods",
            "body": "The catalogue has grown.",
            "audience": "everyone",
            "channels": ["inbox", "stream"],
        },
    ),
    headers=[IDEMPOTENCY_KEY],
    replies={
        200: json_reply("A dry run: nobody was told.", Counted),
        202: json_reply("Accepted.", Job, "Location", "Retry-After", "Idempotency-Replayed"),
    },
    problems=[400, 409, 413, 415, 422],
)
def create_broadcast() -> Response:
    """Tell many people

    Each of them once, whatever is killed meanwhile. The job at `Location` ends when everybody has a
    notification; how the deliveries stand is told by `/v1/admin/broadcasts/{id}`, under its id.
    """
    value, body = json_body()
    form = loaded(BroadcastForm, value)
    topic = TOPICS.get(form["topic"])
    draft = service.Draft(
        topic=form["topic"],
        title=form["title"],
        body=form["body"],
        user_ids=None if form["audience"] is None else list(dict.fromkeys(form["audience"])),
        channels=form["channels"] or (topic.channels if topic else ()),
    )
    me = caller()
    with platform().database.transaction() as session:
        if form["dry_run"]:
            recipients, deliveries = service.count(session, draft)
            return json_answer(
                {"dry_run": True, "recipients": recipients, "deliveries": deliveries}
            )
        accepted = accept(
            session,
            me,
            digest_of(body),
            lambda session: service.accept(session, draft, owner=me.account_id, actor=me.actor),
        )
    headers = {"Location": f"/v1/jobs/{accepted.job_id}", "Retry-After": "2"}
    if accepted.replayed:
        headers["Idempotency-Replayed"] = "true"
    return json_answer(accepted.document, 202, headers)


@admin_broadcasts.route(
    "GET",
    "/v1/admin/broadcasts/<uuid:broadcast_id>",
    replies={200: json_reply("How it stands.", Broadcast)},
    problems=[404],
)
def show_broadcast(broadcast_id: uuid.UUID) -> Response:
    """How does a broadcast stand?"""
    with platform().database.transaction() as session:
        found = service.find(session, broadcast_id)
    return json_answer(_document(found))


@admin_broadcasts.route(
    "DELETE",
    "/v1/admin/broadcasts/<uuid:broadcast_id>",
    replies={200: json_reply("It is cancelled.", Broadcast)},
    problems=[404, 409],
)
def cancel_broadcast(broadcast_id: uuid.UUID) -> Response:
    """Cancel a broadcast

    Nobody more is told, and what is pending is not sent. What was delivered stays.
    """
    with platform().database.transaction() as session:
        cancelled = service.cancel(session, broadcast_id, caller().actor)
    return json_answer(_document(cancelled))


def _document(broadcast: service.Broadcast) -> dict[str, Any]:
    here = f"/v1/admin/broadcasts/{broadcast.id}"
    return {
        "id": broadcast.id,
        "topic": broadcast.topic,
        "title": broadcast.title,
        "body": broadcast.body,
        "audience": "everyone" if broadcast.everyone else "user_ids",
        "channels": broadcast.channels,
        "state": broadcast.state,
        "recipients": broadcast.recipients,
        "deliveries": broadcast.deliveries,
        "actor": broadcast.actor,
        "created_at": broadcast.created_at,
        "ended_at": broadcast.ended_at,
        "links": {"self": here, "job": f"/v1/jobs/{broadcast.id}"},
    }
