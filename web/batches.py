"""/v1/batches: many recipes at once, streamed in and streamed out as NDJSON."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from typing import Any

import marshmallow as ma
from flask import Response, request
from werkzeug.exceptions import UnsupportedMediaType

from kernel.errors import Invalid, NotFound, Unavailable
from services.batches import download, store, upload
from services.privacy.requests import hold
from web.admission import aside
from web.answers import json_answer
from web.bodies import json_body, pieces
from web.callbacks import call_back, check_callback
from web.context import caller, platform
from web.forms import Answer, Form
from web.idempotency import IDEMPOTENCY_KEY, accept, digest_of, digest_of_hashed, given_key
from web.jobs import cancelled
from web.metadata import check_metadata
from web.paging import PageQuery, decode, page
from web.resource import Body, Reply, Resource, json_reply
from web.schemas import Job, Progress, anything, identity, when
from web.shapes import CALLABLE, CALLABLE_LENGTH, reference

batches = Resource("batches", "Analyse many recipes at once.")

NDJSON = "application/x-ndjson"


class Batch(Answer):
    id = identity("The batch, and its job.")
    state = ma.fields.String(required=True)
    progress = ma.fields.Nested(Progress, required=True)
    counts = anything("`total`, `succeeded`, `failed`, `remaining` recipes.")
    lines = anything("`total` food lines, and those `resolved`.")
    created_at = when("When it was accepted")
    started_at = when("When it was first begun", null=True)
    finished_at = when("When it ended", null=True)
    expires_at = when("When it and its results will be deleted")
    error = anything("Why it failed.", null=True)
    metadata = anything("The caller's own strings.")
    links = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String(), required=True)


class BatchQuery(Form):
    callback_url = ma.fields.String(
        load_default=None,
        validate=ma.validate.Length(max=CALLABLE_LENGTH),
        metadata={
            "description": "Called when the batch has ended, as a webhook endpoint is.",
            "pattern": CALLABLE,
        },
    )


class BatchPage(Answer):
    items = ma.fields.List(ma.fields.Nested(Batch), required=True)
    next = ma.fields.String(required=True, allow_none=True)


@batches.route(
    "POST",
    "/v1/batches",
    query=BatchQuery,
    body=Body(
        description=(
            f"Recipes as NDJSON, streamed: at most {upload.RECIPES:,} lines of "
            f"{upload.LINE_BYTES:,} bytes, {upload.BYTES:,} bytes in all. Or a JSON document of "
            "at most 1 MiB: a list, or an object with `recipes` and `metadata`."
        ),
        content={
            NDJSON: {"type": "string"},
            "application/json": reference("BatchRequest"),
        },
    ),
    headers=[IDEMPOTENCY_KEY],
    replies={202: json_reply("Accepted.", Job, "Location", "Retry-After", "Idempotency-Replayed")},
    problems=[400, 409, 413, 415, 422],
)
def create_batch(query: dict[str, Any]) -> Response:
    """Analyse many recipes"""
    me = caller()
    objects = platform().objects
    # A bad key or callback is refused before anything is uploaded.
    given_key()
    callback = query["callback_url"]
    if callback is not None:
        check_callback(callback)
    metadata: dict[str, str] = {}
    if request.mimetype == NDJSON:
        hashed = hashlib.sha256()
        # A slow upload keeps nobody from working.
        with aside():
            received = upload.receive(objects, _hashing(hashed))
        digest = digest_of_hashed(hashed.digest() + _called(callback))
    elif request.is_json:
        value, body = json_body()
        recipes, metadata = _recipes(value)
        received = upload.receive_list(objects, recipes)
        digest = digest_of(body + _called(callback))
    else:
        raise UnsupportedMediaType(f"Send recipes as {NDJSON} or application/json.")
    try:
        with platform().database.transaction() as session:
            hold(session, me.account_id)  # the upload may have taken longer than the account lived
            accepted = accept(
                session,
                me,
                digest,
                lambda session: call_back(
                    session,
                    me,
                    store.submit(
                        session,
                        received,
                        owner=me.account_id,
                        actor=me.actor,
                        metadata=metadata,
                        keep_days=platform().settings.retention_days,
                    ),
                    callback,
                ),
            )
    except Unavailable:
        # The commit may stand, and then its jobs need the input. Where it does not, retention
        # sweeps the upload away within a day.
        raise
    except Exception:
        upload.discard(objects, received)
        raise
    if accepted.replayed:
        upload.discard(objects, received)
    headers = {"Location": f"/v1/jobs/{accepted.job_id}", "Retry-After": "2"}
    if accepted.replayed:
        headers["Idempotency-Replayed"] = "true"
    return json_answer(accepted.document, 202, headers)


def _called(callback: str | None) -> bytes:
    """What a callback adds to a request's digest: with another, it is another request."""
    return b"" if callback is None else b"\0" + callback.encode()


def _hashing(hashed: Any) -> Iterator[bytes]:
    for piece in pieces():
        hashed.update(piece)
        yield piece


def _recipes(value: Any) -> tuple[list[Any], dict[str, str]]:
    """The recipes and metadata of a JSON document. Raises Invalid for one of another form."""
    if isinstance(value, list):
        return value, {}
    if not isinstance(value, dict) or not isinstance(value.get("recipes"), list):
        raise Invalid(
            "A batch is a list of recipes, or an object with `recipes`.",
            {"recipes": ["Must be a list."]},
        )
    for name in value:
        if name not in {"recipes", "metadata"}:
            raise Invalid(
                f"{name[:80]}: Unknown field.", {name[:80]: ["Unknown field; see recipes."]}
            )
    return value["recipes"], check_metadata(value.get("metadata", {}))


@batches.route(
    "GET",
    "/v1/batches",
    query=PageQuery,
    replies={200: json_reply("Batches, newest first.", BatchPage)},
    problems=[422],
)
def list_batches(query: dict[str, Any]) -> Response:
    """List batches"""
    before = decode(query["cursor"])
    with platform().database.transaction() as session:
        found = store.listing(session, caller().account_id, before=before, limit=query["limit"] + 1)
    return json_answer(page(found, query["limit"], _document, lambda batch: batch["id"]))


@batches.route(
    "GET",
    "/v1/batches/<uuid:batch_id>",
    replies={200: json_reply("The batch.", Batch)},
    problems=[404],
)
def show_batch(batch_id: uuid.UUID) -> Response:
    """Show a batch"""
    with platform().database.transaction() as session:
        batch = store.find(session, batch_id, caller().account_id)
    if batch is None:
        raise NotFound(f"There is no batch {batch_id}.")
    return json_answer(_document(batch))


@batches.route(
    "DELETE",
    "/v1/batches/<uuid:batch_id>",
    replies={
        200: json_reply("It is cancelled.", Job),
        202: json_reply("It stops at its next progress point.", Job, "Retry-After"),
    },
    problems=[404, 409],
)
def cancel_batch(batch_id: uuid.UUID) -> Response:
    """Cancel a batch

    Results of recipes that were analysed before stay.
    """
    with platform().database.transaction() as session:
        if store.find(session, batch_id, caller().account_id) is None:
            raise NotFound(f"There is no batch {batch_id}.")
    return cancelled(batch_id)


@batches.route(
    "GET",
    "/v1/batches/<uuid:batch_id>/results",
    replies={
        200: Reply(
            description="A line a recipe, in order, as far as they are done.",
            content={NDJSON: {"type": "string"}},
        )
    },
    problems=[404],
)
def show_results(batch_id: uuid.UUID) -> Response:
    """Download a batch's results"""
    here = platform()
    lines = download.results(here.database, here.objects, batch_id, caller().account_id)
    return Response(lines, content_type=NDJSON)


@batches.route(
    "GET",
    "/v1/batches/<uuid:batch_id>/errors",
    replies={
        200: Reply(
            description="Of the results so far, those that failed.",
            content={NDJSON: {"type": "string"}},
        )
    },
    problems=[404],
)
def show_errors(batch_id: uuid.UUID) -> Response:
    """Download a batch's failures"""
    here = platform()
    lines = download.errors(here.database, here.objects, batch_id, caller().account_id)
    return Response(lines, content_type=NDJSON)


def _document(batch: dict[str, Any]) -> dict[str, Any]:
    here = f"/v1/batches/{batch['id']}"
    links = {
        "self": here,
        "job": f"/v1/jobs/{batch['id']}",
        "events": f"/v1/jobs/{batch['id']}/events",
        "results": f"{here}/results",
        "errors": f"{here}/errors",
    }
    return {**batch, "links": links}
