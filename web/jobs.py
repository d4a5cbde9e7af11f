"""/v1/jobs: one view of all long work."""

from __future__ import annotations

import uuid
from typing import Any

import marshmallow as ma
from flask import Response

from kernel.errors import NotFound
from services.jobs import read
from services.jobs.cancel import cancel
from services.jobs.replay import replay
from web import streams
from web.answers import json_answer
from web.context import caller, platform
from web.documents import job_document
from web.forms import Answer
from web.paging import PageQuery, decode, page
from web.resource import Header, Reply, Resource, json_reply
from web.schemas import Job

jobs = Resource("jobs", "Long work: its state, its events, its cancellation.")


class JobsQuery(PageQuery):
    state = ma.fields.String(
        load_default=None,
        validate=ma.validate.OneOf(read.STATES),
        metadata={"description": "Only jobs in this state."},
    )
    kind = ma.fields.String(
        load_default=None,
        validate=ma.validate.Regexp(r"^[a-z0-9_.]{1,64}\Z"),
        metadata={
            "description": "Only jobs of this kind.",
            "pattern": "^[a-z0-9_.]{1,64}$",
        },
    )


class JobPage(Answer):
    items = ma.fields.List(ma.fields.Nested(Job), required=True)
    next = ma.fields.String(required=True, allow_none=True)


@jobs.route(
    "GET",
    "/v1/jobs",
    query=JobsQuery,
    replies={200: json_reply("Jobs, newest first.", JobPage)},
    problems=[422],
)
def list_jobs(query: dict[str, Any]) -> Response:
    """List jobs"""
    with platform().database.transaction() as session:
        found = read.listing(
            session,
            caller().account_id,
            before=decode(query["cursor"]),
            limit=query["limit"] + 1,
            state=query["state"],
            kind=query["kind"],
        )
    return json_answer(page(found, query["limit"], job_document, lambda job: job.id))


@jobs.route(
    "GET",
    "/v1/jobs/<uuid:job_id>",
    replies={200: json_reply("The job.", Job)},
    problems=[404],
)
def show_job(job_id: uuid.UUID) -> Response:
    """Show a job"""
    with platform().database.transaction() as session:
        job = read.find(session, job_id, caller().account_id)
    if job is None:
        raise NotFound(f"There is no job {job_id}.")
    return json_answer(job_document(job))


@jobs.route(
    "DELETE",
    "/v1/jobs/<uuid:job_id>",
    replies={
        200: json_reply("It is cancelled.", Job),
        202: json_reply("It runs, and stops at its next progress point.", Job, "Retry-After"),
    },
    problems=[404, 409],
)
def cancel_job(job_id: uuid.UUID) -> Response:
    """Cancel a job

    And, of a batch, the chunks that have not ended. A job that has ended otherwise is a conflict.
    """
    return cancelled(job_id)


def cancelled(job_id: uuid.UUID) -> Response:
    """Cancel a job of the caller's; answers with its document."""
    with platform().database.transaction() as session:
        state = cancel(session, job_id, caller().account_id)
        job = read.find(session, job_id, caller().account_id)
    if job is None:
        raise NotFound(f"There is no job {job_id}.")
    if state == "cancelled":
        return json_answer(job_document(job))
    return json_answer(job_document(job), 202, {"Retry-After": "1"})


@jobs.route(
    "POST",
    "/v1/jobs/<uuid:job_id>/retry",
    replies={
        202: json_reply("It is queued again, under its own id.", Job, "Location", "Retry-After")
    },
    problems=[404, 409],
)
def retry_job(job_id: uuid.UUID) -> Response:
    """Run a dead or failed job again

    Its failures are forgiven; its history stays. A job that lives, or has ended otherwise, is a
    conflict.
    """
    with platform().database.transaction() as session:
        replay(session, job_id, caller().actor, owner=caller().account_id)
        job = read.find(session, job_id, caller().account_id)
    assert job is not None, "a job is seen by the transaction that queued it"
    where = {"Location": f"/v1/jobs/{job_id}", "Retry-After": "1"}
    return json_answer(job_document(job), 202, where)


@jobs.route(
    "GET",
    "/v1/jobs/<uuid:job_id>/events",
    headers=[
        Header(
            name="Last-Event-ID",
            description="The number of the last event seen; the stream goes on after it.",
            example="3",
            pattern="^[0-9]{1,9}$",
        )
    ],
    replies={
        200: Reply(
            description=(
                "Server-Sent Events: `queued running progress cancelling succeeded failed dead "
                "cancelled`, each with its number as id. The stream ends with the job."
            ),
            content={"text/event-stream": {"type": "string"}},
        ),
        204: Reply(description="The last event was seen already; do not reconnect."),
    },
    problems=[400, 404],
)
def stream_job(job_id: uuid.UUID) -> Response:
    """Follow a job"""
    return streams.stream_of(platform(), job_id, caller().account_id)
