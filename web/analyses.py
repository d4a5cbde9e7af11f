"""/v1/analyses: a recipe or meal goes in, its nutrients and its label come out."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import marshmallow as ma
import structlog
from flask import Response

from kernel.errors import Conflict, NotFound, Unavailable
from services.analyses import present, requests, store
from services.analyses.jobs import ANALYZE
from services.jobs import read
from services.jobs.enqueue import enqueue
from web.answers import json_answer, tagged_answer
from web.bodies import json_body
from web.callbacks import call_back, take_callback
from web.context import caller, platform
from web.documents import job_document
from web.forms import Answer, Form
from web.idempotency import IDEMPOTENCY_KEY, Accepted, accept, digest_of, given_key
from web.metadata import take_metadata
from web.paging import PageQuery, decode, page
from web.resource import Body, Header, Resource, json_reply
from web.schemas import Job, anything, identity, text, when
from web.shapes import reference
from web.waiting import PREFER, preferred_wait, wait_for

log = structlog.get_logger()

IF_NONE_MATCH = Header(
    name="If-None-Match", description="An `ETag` of before.", example='"33a64df5"'
)

analyses = Resource("analyses", "Analyse a recipe or meal.")


class AnalysisListed(Answer):
    id = identity("The analysis, and its job.")
    title = text("As given.", null=True)
    servings = ma.fields.Float(required=True, allow_none=True)
    lines = ma.fields.Integer(required=True)
    lines_resolved = ma.fields.Integer(required=True)
    energy_kcal = ma.fields.Float(required=True, allow_none=True)
    created_at = when("When it was finished")
    expires_at = when("When it will be deleted")


class AnalysisPage(Answer):
    items = ma.fields.List(ma.fields.Nested(AnalysisListed), required=True)
    next = ma.fields.String(required=True, allow_none=True)


class Analysis(Answer):
    """Nutrients are keyed by INFOODS tagname; unknown is null or absent, never 0."""

    id = identity("The analysis, and its job.")
    title = ma.fields.String(allow_none=True)
    servings = ma.fields.Float(allow_none=True)
    yield_grams = ma.fields.Float(allow_none=True)
    method = ma.fields.String(metadata={"description": "How it is cooked, where that was said."})
    energy = ma.fields.Dict(metadata={"description": "Energy by each system, and its sources."})
    totals = anything("By nutrient: `amount`, `unit`, `coverage`, `low` and `high` (95 %), …")
    per_serving = ma.fields.Dict(allow_none=True)
    per_100g = ma.fields.Dict(allow_none=True)
    lines = ma.fields.List(
        ma.fields.Dict(),
        required=True,
        metadata={"description": "Each line: `status`, `food`, `confidence`, `grams`, …"},
    )
    label = ma.fields.Dict(
        allow_none=True, metadata={"description": "The FDA Nutrition Facts panel."}
    )
    references = ma.fields.Dict(metadata={"description": "Which data the figures rest on."})
    warnings = ma.fields.List(ma.fields.Raw())
    created_at = when("When it was finished")
    expires_at = when("When it will be deleted")


class DetailQuery(Form):
    detail = ma.fields.String(
        load_default="label",
        validate=ma.validate.OneOf(present.DETAILS),
        metadata={"description": "The label's nutrients and those with a Daily Value, or all 150."},
    )


@analyses.route(
    "POST",
    "/v1/analyses",
    body=Body(
        description="What to analyse; only `ingredients` is required.",
        content={"application/json": reference("AnalysisRequest")},
        example={
            "title": "Pancakes",
            "servings": 4,
            "ingredients": ["2 cups all-purpose flour, sifted", "2 large eggs", "1 1/2 cups milk"],
        },
    ),
    headers=[IDEMPOTENCY_KEY, PREFER],
    replies={
        200: json_reply(
            "Done within the time of `Prefer: wait`.", Analysis, "Location", "Preference-Applied"
        ),
        202: json_reply(
            "Accepted. With `Prefer: wait`, also where the job has ended without a result: "
            "`state` and `error` say how.",
            Job,
            "Location",
            "Retry-After",
            "Idempotency-Replayed",
        ),
    },
    problems=[400, 409, 413, 415, 422],
)
def create_analysis() -> Response:
    """Analyse a recipe or meal"""
    value, body = json_body()
    value, metadata = take_metadata(value)
    value, callback = take_callback(value)
    request = requests.parse_request(value)
    me = caller()
    order = store.order(owner=me.account_id, actor=me.actor, request=request, metadata=metadata)
    if callback is None and given_key() is None:
        # The job's row is all there is to write: the intake writes it with those of others.
        job = platform().intake.accept(order)
        return _answer(Accepted(job.id, job_document(job), replayed=False))
    with platform().database.transaction() as session:
        accepted = accept(
            session,
            me,
            digest_of(body),
            lambda session: call_back(session, me, enqueue(session, order), callback),
        )
    return _answer(accepted)


def _answer(accepted: Accepted) -> Response:
    """The analysis where the caller waits and it is done in time, else the job."""
    headers = {"Location": f"/v1/jobs/{accepted.job_id}"}
    if accepted.replayed:
        headers["Idempotency-Replayed"] = "true"
    wait = preferred_wait()
    if wait is not None:
        with platform().waiters.place(caller().account_id) as granted:
            # Over the cap the preference is declined: the answer is the one without it.
            if granted:
                headers["Preference-Applied"] = f"wait={wait}"
                try:
                    return _waited(accepted, wait, headers)
                except Unavailable:
                    # The job is accepted, whatever became of the database while we waited.
                    log.warning("wait_without_database", job_id=str(accepted.job_id))
    return json_answer(accepted.document, 202, headers | {"Retry-After": "1"})


def _waited(accepted: Accepted, wait: int, headers: dict[str, str]) -> Response:
    owner = caller().account_id
    found = wait_for(
        platform(),
        accepted.job_id,
        owner,
        wait,
        lambda session: store.find(session, accepted.job_id, owner),
    )
    if found is None:
        return json_answer(accepted.document, 202, headers)
    if isinstance(found, store.Stored):
        return json_answer(present.present(found), 200, headers)
    if not found.ended:
        headers = headers | {"Retry-After": "1"}
    return json_answer(job_document(found), 202, headers)


@analyses.route(
    "GET",
    "/v1/analyses",
    query=PageQuery,
    replies={200: json_reply("Finished analyses, newest first.", AnalysisPage)},
    problems=[422],
)
def list_analyses(query: dict[str, Any]) -> Response:
    """List analyses"""
    before = decode(query["cursor"])
    with platform().database.transaction() as session:
        found = store.listing(session, caller().account_id, before=before, limit=query["limit"] + 1)
    shown = page(found, query["limit"], present.present_listed, lambda listed: listed.id)
    return json_answer(shown)


@analyses.route(
    "GET",
    "/v1/analyses/<uuid:analysis_id>",
    query=DetailQuery,
    headers=[IF_NONE_MATCH],
    replies={
        200: json_reply("The analysis.", Analysis, "ETag"),
        202: json_reply("Not finished yet: its job.", Job, "Location", "Retry-After"),
        304: json_reply("Unchanged since the ETag that was sent.", Analysis, "ETag"),
    },
    problems=[404, 409, 422],
)
def show_analysis(query: dict[str, Any], analysis_id: uuid.UUID) -> Response:
    """Show an analysis"""
    return finished(
        analysis_id, lambda stored: tagged_answer(present.present(stored, query["detail"]))
    )


def finished(analysis_id: uuid.UUID, shown: Callable[[store.Stored], Response]) -> Response:
    """The caller's analysis as *shown*; its job where that has not ended yet.

    Raises NotFound where it is not there or not theirs, Conflict where it ended without a result.
    """
    owner = caller().account_id
    with platform().database.transaction() as session:
        stored = store.find(session, analysis_id, owner)
        job = None if stored else read.find(session, analysis_id, owner)
    if stored is not None:
        return shown(stored)
    if job is None or job.kind != ANALYZE.name:
        raise NotFound(f"There is no analysis {analysis_id}.")
    location = f"/v1/jobs/{job.id}"
    if not job.ended:
        return json_answer(job_document(job), 202, {"Location": location, "Retry-After": "1"})
    if job.state == "succeeded":
        # It may have been stored between our two questions; else its time was up.
        with platform().database.transaction() as session:
            stored = store.find(session, analysis_id, owner)
        if stored is None:
            raise NotFound(f"The analysis {analysis_id} has expired.")
        return shown(stored)
    reason = (job.error or {}).get("message", "")
    raise Conflict(
        f"There is no analysis: its job {location} ended as {job.state}. {reason}".strip()
    )
