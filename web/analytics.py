"""/v1/analytics: what was counted, as JSON or CSV."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import marshmallow as ma
from flask import Response, request

from kernel.errors import Forbidden
from services.analytics import report
from services.analytics.parse import NAME
from web.answers import tagged_answer
from web.context import caller, platform
from web.forms import Answer, Form
from web.resource import Reply, Resource
from web.schemas import identity, text, when

analytics = Resource("analytics", "What was counted: events, active accounts, analysed foods.")

#: Foods of one answer.
MOST_FOODS = 500
#: Why a count of people is null.
WITHHELD = f"Fewer than {report.FEWEST} people."


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
        metadata={"description": f"Of UTC. At most {report.BUCKETS:,} in one answer."},
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
        metadata={"description": f"Accounts; null where they are fewer than {report.FEWEST}."},
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
        200: Reply(description=description, content=content, headers=("ETag",)),
        304: Reply(description=unchanged, content=content, headers=("ETag",)),
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
    scope, owner = _scope(query["scope"])
    with platform().database.transaction() as session:
        within = report.span(
            session, query["since"], query["until"], query["bucket"], report.BUCKETS
        )
        complete = report.complete_until(session, "events")
        found = report.events(session, within, owner, query["name"])
    buckets = [{"start": one.start, "count": one.count} for one in found]
    if _as_csv(query["format"]):
        return _csv("events", ("start", "count"), ((one.start, one.count) for one in found))
    return tagged_answer(_head(scope, complete) | {"bucket": query["bucket"], "buckets": buckets})


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
    scope, owner = _scope(query["scope"])
    with platform().database.transaction() as session:
        within = report.span(
            session, query["since"], query["until"], query["bucket"], report.BUCKETS
        )
        complete = report.complete_until(session, "events")
        found = report.active_users(session, within, owner)
    buckets = [
        {"start": one.start, "count": one.count}
        | ({} if one.count is not None else {"reason": WITHHELD})
        for one in found
    ]
    if _as_csv(query["format"]):
        rows = ((one["start"], one["count"], one.get("reason", "")) for one in buckets)
        return _csv("active-users", ("start", "count", "reason"), rows)
    return tagged_answer(_head(scope, complete) | {"bucket": query["bucket"], "buckets": buckets})


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
    scope, owner = _scope(query["scope"])
    with platform().database.transaction() as session:
        within = report.span(session, query["since"], query["until"], "hour", report.BUCKETS * 24)
        complete = report.complete_until(session, "foods")
        found = report.foods(session, within, owner, query["limit"])
    if _as_csv(query["format"]):
        rows = ((food.id, food.name, food.count) for food in found)
        return _csv("foods", ("food_id", "name", "count"), rows)
    foods = [{"food_id": food.id, "name": food.name, "count": food.count} for food in found]
    return tagged_answer(_head(scope, complete) | {"foods": foods})


def _scope(asked: str | None) -> tuple[str, uuid.UUID | None]:
    """Whose counts: the scope, and the owner, None for all. Raises Forbidden."""
    me = caller()
    operates = me.role != "user" and "admin:read" in me.scopes
    if asked == "all" and not operates:
        raise Forbidden("Counts of every account are for operators, with the scope admin:read.")
    if asked == "own" or not operates:
        return "own", me.account_id
    return "all", None


def _head(scope: str, complete: datetime | None) -> dict[str, Any]:
    return {"scope": scope, "complete_until": complete}


def _as_csv(asked: str | None) -> bool:
    if asked is not None:
        return asked == "csv"
    best = request.accept_mimetypes.best_match(["application/json", "text/csv"])
    return best == "text/csv"


def _csv(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    written = io.StringIO()
    writer = csv.writer(written)  # RFC 4180
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    response = Response(written.getvalue(), content_type="text/csv; charset=utf-8; header=present")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _cell(value: Any) -> Any:
    """A value as a cell. One that a spreadsheet would take for a formula is made text."""
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value
