"""/v1/notifications: what the caller's account was told, in an inbox and as it happens."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import marshmallow as ma
from flask import Response
from sqlalchemy.orm import Session

from services.jobs.events import Event
from services.notifications import inbox
from services.notifications.topics import TOPICS
from web import streams
from web.answers import json_answer
from web.context import caller, platform
from web.forms import Answer, Form
from web.paging import PageQuery, decode, page
from web.resource import Header, Reply, Resource, json_reply
from web.schemas import identity, text, when

notifications = Resource("notifications", "What an account was told, and what it wants to hear.")


class InboxQuery(PageQuery):
    unread = ma.fields.Boolean(
        load_default=False,
        truthy={"true"},
        falsy={"false"},
        metadata={"description": "Only what was not read."},
    )


class ReadQuery(Form):
    upto = ma.fields.Integer(
        load_default=None,
        validate=ma.validate.Range(0, 2**31 - 1),
        metadata={"description": "`number` of the newest that was seen: later ones stay unread."},
    )


class Notification(Answer):
    id = identity("The notification.")
    number = ma.fields.Integer(
        required=True,
        metadata={"description": "Its place among the account's own; its id in the stream."},
    )
    topic = ma.fields.String(
        required=True,
        validate=ma.validate.OneOf(list(TOPICS)),
        metadata={"description": "What it is about."},
    )
    title = text("One line.")
    text = text("Plain text.")
    created_at = when("When it was told")
    read_at = when("When it was first read", null=True)
    links = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(),
        required=True,
        metadata={"description": "`about`: what it is about, where that is in the API."},
    )


class Inbox(Answer):
    items = ma.fields.List(ma.fields.Nested(Notification), required=True)
    unread = ma.fields.Integer(
        required=True, metadata={"description": "Of all, those that were not read."}
    )
    next = ma.fields.String(required=True, allow_none=True)


@notifications.route(
    "GET",
    "/v1/notifications",
    query=InboxQuery,
    replies={200: json_reply("Notifications, newest first.", Inbox)},
    problems=[422],
)
def list_notifications(query: dict[str, Any]) -> Response:
    """Read the inbox"""
    me, limit = caller().account_id, query["limit"]
    before = decode(query["cursor"])
    with platform().database.transaction() as session:
        found = inbox.listing(session, me, unread=query["unread"], before=before, limit=limit + 1)
        unread = inbox.unread(session, me)
    shown = page(found, limit, _document, lambda each: each.id)
    return json_answer({"items": shown["items"], "unread": unread, "next": shown["next"]})


@notifications.route(
    "POST",
    "/v1/notifications/<uuid:notification_id>/read",
    replies={204: Reply(description="It is read.")},
    problems=[404],
)
def read_notification(notification_id: uuid.UUID) -> Response:
    """Mark a notification as read

    Again is the same: it keeps the moment when it was first.
    """
    with platform().database.transaction() as session:
        inbox.read(session, caller().account_id, notification_id)
    return Response(status=204)


@notifications.route(
    "POST",
    "/v1/notifications/read-all",
    query=ReadQuery,
    replies={204: Reply(description="They are read.")},
    problems=[422],
)
def read_all_notifications(query: dict[str, Any]) -> Response:
    """Mark all notifications as read"""
    with platform().database.transaction() as session:
        inbox.read_all(session, caller().account_id, query["upto"])
    return Response(status=204)


@notifications.route(
    "GET",
    "/v1/notifications/stream",
    headers=[
        Header(
            name="Last-Event-ID",
            description="`number` of the last notification seen; the stream goes on after it. "
            "Without it, it begins with the oldest that is kept.",
            example="3",
            pattern="^[0-9]{1,9}$",
        )
    ],
    replies={
        200: Reply(
            description=(
                "Server-Sent Events, `notification` each: its `number` as id, and as data what the "
                "inbox shows. It does not end."
            ),
            content={"text/event-stream": {"type": "string"}},
        )
    },
    problems=[400],
)
def stream_notifications() -> Response:
    """Follow notifications as they come"""
    me = caller().account_id
    followed = streams.Followed(subject=me, after=partial(_events, me), latest=inbox.latest)
    return streams.follow(platform(), followed, streams.last_event_id())


def _events(account: uuid.UUID, session: Session, seen: int, limit: int) -> Sequence[Event]:
    return [
        Event(each.number, each.created_at, "notification", _document(each))
        for each in inbox.after(session, account, seen, limit)
    ]


def _document(notification: inbox.Notification) -> dict[str, Any]:
    document = asdict(notification)
    path = document.pop("path")
    return document | {"links": {} if path is None else {"about": path}}
