"""Schemas that several resources share."""

from __future__ import annotations

import marshmallow as ma

from services.jobs.read import STATES
from web.forms import Answer


def text(description: str, *, null: bool = False) -> ma.fields.String:
    return ma.fields.String(required=True, allow_none=null, metadata={"description": description})


def when(description: str, *, null: bool = False) -> ma.fields.String:
    return ma.fields.String(
        required=True,
        allow_none=null,
        metadata={"description": f"{description} (RFC 3339, UTC)", "format": "date-time"},
    )


def identity(description: str) -> ma.fields.UUID:
    return ma.fields.UUID(required=True, metadata={"description": description})


def anything(description: str, *, null: bool = False) -> ma.fields.Dict:
    return ma.fields.Dict(
        keys=ma.fields.String(),
        required=True,
        allow_none=null,
        metadata={"description": description},
    )


class Progress(Answer):
    """How far a job is."""

    done = ma.fields.Integer(required=True)
    total = ma.fields.Integer(required=True)


class Problem(Answer):
    """What went wrong (RFC 9457)."""

    type = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    detail = ma.fields.String(required=True)
    instance = ma.fields.String(required=True)
    request_id = ma.fields.String(required=True, allow_none=True)
    errors = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.List(ma.fields.String()),
        metadata={"description": "Reasons by field path, such as `ingredients.3.quantity`."},
    )
    violated_policies = ma.fields.List(
        ma.fields.String(),
        data_key="violated-policies",
        metadata={"description": "Of a 429: the limits, by name, that are used up."},
    )


class Job(Answer):
    """One piece of long work."""

    id = identity("The job, and what it makes.")
    kind = text("What it does, such as `analyses.analyze`.")
    state = ma.fields.String(required=True, validate=ma.validate.OneOf(STATES))
    progress = ma.fields.Nested(Progress, required=True, allow_none=True)
    attempt = ma.fields.Integer(required=True, metadata={"description": "Attempts begun."})
    created_at = when("When it was accepted")
    started_at = when("When it was first begun", null=True)
    finished_at = when("When it ended", null=True)
    run_at = when("Not before this it begins (again)", null=True)
    cancelling = ma.fields.Boolean(
        required=True, metadata={"description": "Its cancellation was asked for; it still runs."}
    )
    result = anything("What it left; the whole is at `links.result`.", null=True)
    error = anything("Why it failed, or last failed: `type`, `message`.", null=True)
    history = ma.fields.List(
        ma.fields.Dict(), required=True, metadata={"description": "Attempts that did not succeed."}
    )
    metadata = anything("The caller's own strings.")
    links = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.String(),
        required=True,
        metadata={"description": "`self`, `events`, and where they exist `result`, `parent`."},
    )
