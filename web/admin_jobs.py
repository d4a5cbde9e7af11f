"""/v1/admin/dead-jobs: jobs that ended `dead` or `failed`, whoever owns them; and their replay."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from flask import Response

from kernel.errors import NotFound
from services.jobs import dead
from services.jobs.replay import Bulk, replay
from web.admin_forms import (
    MOST,
    DeadCounts,
    DeadJob,
    DeadPage,
    DeadQuery,
    Replay,
    Replayed,
    ReplayForm,
    SearchFields,
    search_of,
)
from web.answers import json_answer
from web.bodies import form_body
from web.context import caller, platform
from web.paging import decode, page
from web.resource import Body, Resource, json_reply

admin_jobs = Resource("admin_jobs", "Operators: dead jobs, searched and replayed.")


@admin_jobs.route(
    "GET",
    "/v1/admin/dead-jobs",
    query=DeadQuery,
    replies={200: json_reply("Dead jobs, newest first.", DeadPage)},
    problems=[422],
)
def list_dead_jobs(query: dict[str, Any]) -> Response:
    """Search dead jobs

    Those of every account. What they carried is their owners' and not shown.
    """
    with platform().database.transaction() as session:
        found = dead.listing(
            session,
            search_of(query),
            _keep(),
            before=decode(query["cursor"]),
            limit=query["limit"] + 1,
        )
    return json_answer(page(found, query["limit"], _document, lambda job: job.id))


@admin_jobs.route(
    "GET",
    "/v1/admin/dead-jobs/counts",
    query=SearchFields,
    replies={200: json_reply("How many, by kind and reason; the most first.", DeadCounts)},
    problems=[422],
)
def count_dead_jobs(query: dict[str, Any]) -> Response:
    """Count dead jobs"""
    with platform().database.transaction() as session:
        counted = dead.counts(session, search_of(query))
    return json_answer({"items": counted})


@admin_jobs.route(
    "GET",
    "/v1/admin/dead-jobs/<uuid:job_id>",
    replies={200: json_reply("The job, with its history.", DeadJob)},
    problems=[404],
)
def show_dead_job(job_id: uuid.UUID) -> Response:
    """Show a dead job"""
    with platform().database.transaction() as session:
        job = dead.find(session, job_id, _keep())
    if job is None:
        raise NotFound(f"There is no dead job {job_id}.")
    return json_answer(_document(job))


@admin_jobs.route(
    "POST",
    "/v1/admin/dead-jobs/<uuid:job_id>/replay",
    replies={202: json_reply("It is queued again, under its own id.", Replayed)},
    problems=[404, 409],
)
def replay_dead_job(job_id: uuid.UUID) -> Response:
    """Replay a dead job

    Its failures are forgiven; its history stays.
    """
    with platform().database.transaction() as session:
        replay(session, job_id, caller().actor)
    return json_answer({"id": job_id, "state": "queued"}, 202)


@admin_jobs.route(
    "POST",
    "/v1/admin/dead-jobs/replay",
    body=Body(
        description=(
            f"Which, and how fast. One request replays at most {MOST:,}, a thousand in each "
            "transaction, oldest first; `more` says that there may be others."
        ),
        content={"application/json": ReplayForm},
        example={"kind": "batches.chunk", "reason": "exhausted", "rate": 50},
    ),
    replies={202: json_reply("They are queued again, each under its own id.", Replay)},
    problems=[400, 413, 415, 422],
)
def replay_dead_jobs() -> Response:
    """Replay many dead jobs at a rate

    Jobs that failed because another had are replayed only where `reason` says `dependency`.
    """
    given = form_body(ReplayForm)
    bulk = Bulk(search_of(given), caller().actor, given["rate"], given["most"])
    while not bulk.done:
        with platform().database.transaction() as session:
            bulk.step(session)
    did = {name: getattr(bulk, name) for name in ("id", "replayed", "skipped", "more", "until")}
    return json_answer(did, 202)


def _keep() -> timedelta:
    return timedelta(days=platform().settings.retention_days)


def _document(job: dead.DeadJob) -> dict[str, Any]:
    return {name: getattr(job, name) for name in job.__dataclass_fields__}
