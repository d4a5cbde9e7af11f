"""/v1/admin/schedule: every periodic entry, when it ran last and how, and when it runs next."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import marshmallow as ma
from flask import Response

from beat_schedule import SCHEDULE
from services.jobs.read import STATES
from services.upkeep import schedule
from web.answers import json_answer
from web.context import platform
from web.forms import Answer
from web.resource import Resource, json_reply
from web.schemas import anything, identity, text, when

admin_schedule = Resource("admin_schedule", "Operators: what runs by the clock, and how it went.")


class Turn(Answer):
    job_id = identity("The job; an operator finds it in Flower by this id.")
    outcome = ma.fields.String(
        required=True,
        allow_none=True,
        validate=ma.validate.OneOf(STATES),
        metadata={"description": "Its state; null where it is past keeping."},
    )
    started_at = when("When it was first begun", null=True)
    finished_at = when("When it ended", null=True)
    late_seconds = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "From its slot to its first begin."},
    )
    result = anything("What it left.", null=True)
    error = anything("Why it failed, or last failed: `type`, `message`.", null=True)


class ScheduleEntry(Answer):
    name = text("The entry of beat_schedule.py.")
    kind = text("What its jobs do.")
    queue = text("Where they wait.")
    every_seconds = ma.fields.Integer(required=True, metadata={"description": "Its period."})
    expires_seconds = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "After its slot: then its job is no longer worth starting."},
    )
    why = text("Why it runs.")
    next_at = when("Its next slot")
    slot = when("The latest slot that beat dealt with", null=True)
    overdue_seconds = ma.fields.Float(
        required=True,
        metadata={"description": "For how long beat has left a slot of it undone."},
    )
    current = ma.fields.Nested(
        Turn,
        required=True,
        allow_none=True,
        metadata={"description": "The job of the latest slot that fired."},
    )
    previous = ma.fields.Nested(
        Turn,
        required=True,
        allow_none=True,
        metadata={"description": "The job of the slot that fired before."},
    )


class Schedule(Answer):
    items = ma.fields.List(ma.fields.Nested(ScheduleEntry), required=True)


@admin_schedule.route(
    "GET",
    "/v1/admin/schedule",
    replies={200: json_reply("Every entry, in the schedule's order.", Schedule)},
)
def show_schedule() -> Response:
    """What runs by the clock, when did it run last, and how did it go?"""
    with platform().database.transaction() as session:
        found = schedule.standings(session, SCHEDULE)
    return json_answer({"items": [_document(standing) for standing in found]})


def _document(standing: schedule.Standing) -> dict[str, Any]:
    document = asdict(standing)
    entry = standing.entry
    del document["entry"]
    return document | {
        "name": entry.name,
        "kind": entry.kind,
        "queue": entry.queue,
        "every_seconds": entry.every,
        "expires_seconds": entry.expires,
        "why": entry.why,
    }
