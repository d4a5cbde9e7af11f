"""/v1/admin/cache: how the cache does; warm it, flush it."""

from __future__ import annotations

import time
import uuid
from typing import Any

import marshmallow as ma
import redis
import structlog
from flask import Response

from kernel.cache import REGIONS, flush
from kernel.errors import Unavailable
from kernel.redis import client
from services.analyses.region import LINES
from services.audit import record
from services.catalogue.cached import FOODS, SEARCHES
from services.jobs import read
from services.warming import standing
from services.warming.warm import ask
from web.answers import json_answer
from web.context import caller, platform
from web.documents import job_document
from web.forms import Answer, Form
from web.resource import Resource, json_reply
from web.schemas import Job, anything, identity, text, when

log = structlog.get_logger()

admin_cache = Resource("admin_cache", "Operators: the cache, and what warms it.")

#: Seconds that Redis may take for one answer here: an operator waits, no client does.
PATIENT = 2.0
NAMES = sorted({FOODS.name, SEARCHES.name, LINES.name} | set(REGIONS))


def _number(description: str) -> ma.fields.Integer:
    return ma.fields.Integer(required=True, metadata={"description": description})


class CacheRegion(Answer):
    region = text("What is kept: `foods`, `searches`, `lines`, …")
    hits = _number("Look-ups of the last 24 hours that found a fresh answer.")
    stale = _number("Those that found one past its date, which was made anew meanwhile.")
    collapsed = _number("Those that waited for somebody who was making it.")
    misses = _number("Those that made it, and kept it.")
    bypassed = _number("Those that made it, and could not keep it: Redis was away.")
    hit_rate = ma.fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "The share that made nothing; null where nobody looked."},
    )
    entries = _number("What is kept now.")
    more = ma.fields.Boolean(
        required=True, metadata={"description": "Whether there are more, which are not counted."}
    )
    bytes = _number("What that takes, estimated from a sample.")


class CacheMemory(Answer):
    used_bytes = _number("What this Redis holds altogether.")
    limit_bytes = _number("Where it begins to forget; 0 where it has no limit.")
    policy = text("What it forgets first. `noeviction`: it refuses writes instead.")


class WarmingRun(Answer):
    kind = text("`warming.warm` (foods and searches) or `warming.lines`.")
    job_id = identity("The job.")
    finished_at = when("When it ended")
    seconds = ma.fields.Float(required=True, metadata={"description": "How long it took."})
    report = anything(
        "`reason`; by region, how many were `wanted`, `lacking` and `made`; `stood_aside`: "
        "seconds for which people waited for something else; `ended_by`: what ran out, if any."
    )


class CacheStanding(Answer):
    reachable = ma.fields.Boolean(
        required=True,
        metadata={"description": "Whether its Redis answers. If not, all is correct, and slower."},
    )
    memory = ma.fields.Nested(CacheMemory, required=True, allow_none=True)
    regions = ma.fields.List(ma.fields.Nested(CacheRegion), required=True)
    warmings = ma.fields.List(ma.fields.Nested(WarmingRun), required=True)


class FlushQuery(Form):
    region = ma.fields.String(
        load_default=None,
        validate=ma.validate.OneOf(NAMES),
        metadata={"description": "Only this one; all without it."},
    )


class Flushed(Answer):
    region = text("What was flushed; null: all.", null=True)
    entries = _number("How many answers were forgotten.")
    job_id = identity("The job that warms the cache again.")


@admin_cache.route(
    "GET",
    "/v1/admin/cache",
    replies={200: json_reply("How it does.", CacheStanding)},
)
def show_cache() -> Response:
    """How does the cache do?

    Counts come from the processes every five seconds, and cover 24 hours.
    """
    with platform().database.transaction() as session:
        runs = standing.last_runs(session)
    seen: dict[str, Any] = {"memory": None, "regions": []}
    reachable = True
    try:
        with _patient() as connection:
            seen = standing.look(connection, NAMES, time.time())
    except redis.RedisError as error:
        log.warning("cache_unreachable", error=type(error).__name__)
        reachable = False
    return json_answer({"reachable": reachable, **seen, "warmings": runs})


@admin_cache.route(
    "POST",
    "/v1/admin/cache/warm",
    replies={202: json_reply("The job that warms it.", Job, "Location")},
)
def warm_cache() -> Response:
    """Warm the cache

    Puts in what was wanted most in the last day and is not there. While the job of an earlier
    request of yours has not ended, it is the answer.
    """
    me = caller()
    with platform().database.transaction() as session:
        job_id = ask(session, "asked", me.actor, me.account_id)
        record(session, actor=me.actor, action="cache.warmed", target="cache")
        job = read.find(session, job_id, me.account_id)
    assert job is not None, "it was accepted a moment ago"
    return json_answer(job_document(job), 202, {"Location": f"/v1/jobs/{job_id}"})


@admin_cache.route(
    "POST",
    "/v1/admin/cache/flush",
    query=FlushQuery,
    replies={200: json_reply("It is empty; a job fills it again.", Flushed, "Location")},
    problems=[422],
)
def flush_cache(query: dict[str, Any]) -> Response:
    """Flush the cache

    No answer is ever wrong for lack of it: it gives memory back, and shows what runs without.
    """
    region = query["region"]
    try:
        with _patient() as connection:
            gone = flush(connection, REGIONS[region] if region else None)
    except redis.RedisError as error:
        raise Unavailable(
            "The cache's Redis is out of reach: there is nothing to flush."
        ) from error
    job_id = _flushed(region, gone)
    answer = {"region": region, "entries": gone, "job_id": job_id}
    return json_answer(answer, headers={"Location": f"/v1/jobs/{job_id}"})


def _flushed(region: str | None, gone: int) -> uuid.UUID:
    """Write it down, and have the cache warmed."""
    me = caller()
    target = f"cache:{region}" if region else "cache"
    with platform().database.transaction() as session:
        record(
            session,
            actor=me.actor,
            action="cache.flushed",
            target=target,
            details={"entries": gone},
        )
        return ask(session, "flush", me.actor, me.account_id)


def _patient() -> redis.Redis:
    return client(platform().settings.cache_redis_url, timeout=PATIENT, connections=1)
