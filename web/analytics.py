"""/v1/analytics: what was counted, as JSON or CSV."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import marshmallow as ma
from flask import Response, request

from kernel import codec
from kernel.errors import Forbidden
from services.analytics.answers import Question, answer
from services.analytics.parse import NAME
from services.analytics.report import BUCKETS, FEWEST
from web.caching import cached_answer
from web.context import caller, platform
from web.forms import Answer, Form
from web.resource import Reply, Resource
from web.schemas import identity, text, when

analytics = Resource("analytics", "What was counted: events, active accounts, analysed foods.")

#: Foods of one answer.
MOST_FOODS = 500


class SpanQuery(Form):
    """Of when, of whom, and in which form."""

    # `from` is a word of Python's.
    since = ma.fields.AwareDateTime(
        data_key="from",
        load_default=None,
        metadata={"description": "The first bucket is the one with this moment (RFC 3339)."},
    )
    until = ma.fields.AwareDateTime(
        data_key="to",
        load_default=None,
        metadata={"description": "The last bucket begins before this moment. Without: now."},
    )
    scope = ma.fields.String(
        load_default=None,
        validate=ma.validate.OneOf(["own", "all"]),
        metadata={
            "description": "`own`: of this account. `all`: of every account, for operators "
            "(`admin:read`), and what they see where nothing is said."
        },
    )
    format = ma.fields.String(
        load_default=None,
        validate=ma.validate.OneOf(["json", "csv"]),
        metadata={"description": "Without: as `Accept` says, JSON where it does not matter."},
    )


class BucketsQuery(SpanQuery):
    bucket = ma.fields.String(
        load_default="day",
        validate=ma.validate.OneOf(["hour", "day"]),
        metadata={"description": f"Of UTC. At most {BUCKETS:,} in one answer."},
    )


class EventsQuery(BucketsQuery):
    name = ma.fields.String(
        load_default=None,
        validate=ma.validate.Regexp(NAME[:-1] + r"\Z"),
        metadata={"description": "Events of this name. Without: all.", "pattern": NAME},
    )


class FoodsQuery(SpanQuery):
    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, MOST_FOODS))


class Counted(Answer):
    """What every answer says of itself."""

    scope = text("`own` or `all`.")
    complete_until = when(
        "Everything accepted before this is counted; null where nothing was counted yet", null=True
    )


class EventBucket(Answer):
    start = when("When it begins")
    count = ma.fields.Integer(required=True)


class EventBuckets(Counted):
    bucket = text("`hour` or `day`.")
    buckets = ma.fields.List(ma.fields.Nested(EventBucket), required=True)


class PeopleBucket(Answer):
    start = when("When it begins")
    count = ma.fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": f"Accounts; null where they are fewer than {FEWEST}."},
    )
    reason = ma.fields.String(metadata={"description": "Why there is no count."})


class PeopleBuckets(Counted):
    bucket = text("`hour` or `day`.")
    buckets = ma.fields.List(ma.fields.Nested(PeopleBucket), required=True)


class FoodUsed(Answer):
    food_id = identity("The food.")
    name = text("As the catalogue names it; null where it has it no more.", null=True)
    count = ma.fields.Integer(required=True, metadata={"description": "Analyses that used it."})


class FoodsUsed(Counted):
    foods = ma.fields.List(ma.fields.Nested(FoodUsed), required=True)


def _reply(description: str, schema: type[ma.Schema]) -> dict[int, Reply]:
    content: dict[str, Any] = {"application/json": schema, "text/csv": {"type": "string"}}
    unchanged = "Unchanged since the ETag that was sent."
    return {
        200: Reply(description=description, content=content, headers=("ETag", "Cache-Status")),
        304: Reply(description=unchanged, content=content, headers=("ETag", "Cache-Status")),
    }


@analytics.route(
    "GET",
    "/v1/analytics/events",
    query=EventsQuery,
    replies=_reply("Buckets in order; those without events have 0.", EventBuckets),
    problems=[422],
)
def count_events(query: dict[str, Any]) -> Response:
    """Count events by the hour or the day"""
    question = Question(
        about="events",
        owner=_owner(query["scope"]),
        since=query["since"],
        until=query["until"],
        grain=query["bucket"],
        name=query["name"],
    )
    return _answer(question, query["format"], "buckets", ("start", "count"))


@analytics.route(
    "GET",
    "/v1/analytics/active-users",
    query=BucketsQuery,
    replies=_reply("Accounts with events in each bucket.", PeopleBuckets),
    problems=[422],
)
def count_active_users(query: dict[str, Any]) -> Response:
    """Count active accounts by the hour or the day

    Fewer than five are not told: the count is null. So `own` tells nothing.
    """
    question = Question(
        about="active-users",
        owner=_owner(query["scope"]),
        since=query["since"],
        until=query["until"],
        grain=query["bucket"],
    )
    return _answer(question, query["format"], "buckets", ("start", "count", "reason"))


@analytics.route(
    "GET",
    "/v1/analytics/foods",
    query=FoodsQuery,
    replies=_reply("The foods that most analyses used, most first.", FoodsUsed),
    problems=[422],
)
def list_analysed_foods(query: dict[str, Any]) -> Response:
    """List the most analysed foods

    Recipes of batches are counted like single analyses. In `all`, those of people who have not
    agreed to analytics are left out.
    """
    question = Question(
        about="foods",
        owner=_owner(query["scope"]),
        since=query["since"],
        until=query["until"],
        limit=query["limit"],
    )
    return _answer(question, query["format"], "foods", ("food_id", "name", "count"))


def _owner(scope: str | None) -> uuid.UUID | None:
    """Whose counts: one account's, or None for every account's. Raises Forbidden."""
    me = caller()
    operates = me.role != "user" and "admin:read" in me.scopes
    if scope == "all" and not operates:
        raise Forbidden("Counts of every account are for operators, with the scope admin:read.")
    return me.account_id if scope == "own" or not operates else None


def _answer(question: Question, asked: str | None, rows: str, header: Sequence[str]) -> Response:
    """The answer as JSON, or its *rows* as CSV with a column for each name of *header*."""
    cached = answer(platform().database.transaction, platform().cache, question)
    best = request.accept_mimetypes.best_match(["application/json", "text/csv"])
    if (asked or ("csv" if best == "text/csv" else "json")) == "csv":
        written = _csv(header, codec.loads(cached.value)[rows]).encode()
        response = cached_answer(replace(cached, value=written), keep=0)
        response.content_type = "text/csv; charset=utf-8; header=present"
        response.headers["Content-Disposition"] = f'attachment; filename="{question.about}.csv"'
    else:
        response = cached_answer(cached, keep=0)
    response.vary.add("Accept")
    return response


def _csv(header: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """RFC 4180."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(header)
    writer.writerows([_cell(row.get(name)) for name in header] for row in rows)
    return written.getvalue()


def _cell(value: Any) -> Any:
    """A value as a cell. A text that a spreadsheet would take for a formula stays one."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value
