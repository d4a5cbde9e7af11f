"""Answers: a question about what was counted, as the JSON that clients are given, kept for a while.

A key names the moment until which the counts are complete: once more is counted, the answer is
made anew. What was counted before and changes by itself (an erased account, a consent that was
withdrawn) shows within FRESH seconds.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.orm import Session

from kernel import codec
from kernel.cache import Cache, Cached, Region
from services.analytics import report
from services.analytics.report import BUCKETS, FEWEST, Grain, Span

ANSWERS = Region(name="analytics", fresh=60)
#: Why a count of people is null.
WITHHELD = f"Fewer than {FEWEST} people."


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What somebody asks. owner: None for every account. name: None for every event.

    since, until: None for the usual span. grain: of the buckets. limit: of foods.
    """

    about: Literal["events", "active-users", "foods"]
    owner: uuid.UUID | None
    since: datetime | None
    until: datetime | None
    grain: Grain = "hour"
    name: str | None = None
    limit: int = 0


def answer(
    transaction: Callable[[], AbstractContextManager[Session]], cache: Cache, question: Question
) -> Cached:
    """The answer's JSON. Raises Invalid for a span that is none, or too long."""
    # A food's hours are added up: they are no buckets of the answer.
    most = BUCKETS * 24 if question.about == "foods" else BUCKETS
    with transaction() as session:
        within = report.span(session, question.since, question.until, question.grain, most)
        complete = report.complete_until(
            session, "foods" if question.about == "foods" else "events"
        )

    def make() -> bytes:
        with transaction() as session:
            found = _found(session, question, within)
        scope = "all" if question.owner is None else "own"
        return codec.dumps({"scope": scope, "complete_until": complete} | found)

    owner = "" if question.owner is None else str(question.owner)
    parts = (question.about, owner, question.name or "", str(question.limit), within.grain)
    moments = (within.since, within.until, complete)
    key = (*parts, *(str(moment) for moment in moments))
    return cache.get_or_create(ANSWERS, key, make, owner=owner)


def _found(session: Session, question: Question, within: Span) -> dict[str, Any]:
    if question.about == "foods":
        foods = report.foods(session, within, question.owner, question.limit)
        return {
            "foods": [{"food_id": one.id, "name": one.name, "count": one.count} for one in foods]
        }
    buckets: list[dict[str, Any]]
    if question.about == "events":
        events = report.events(session, within, question.owner, question.name)
        buckets = [{"start": one.start, "count": one.count} for one in events]
    else:
        people = report.active_users(session, within, question.owner)
        buckets = [
            {"start": one.start, "count": one.count}
            | ({"reason": WITHHELD} if one.count is None else {})
            for one in people
        ]
    return {"bucket": within.grain, "buckets": buckets}
