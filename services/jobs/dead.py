"""Dead: jobs that ended `dead` or `failed`, found again with their reasons and their history."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.ids import made_at

#: States of a job that may be replayed.
STATES = ("dead", "failed")
#: Jobs counted of one kind, state and reason; more are told as "at least".
COUNTED = 100_000

_AFTER_ALL = uuid.UUID(int=2**128 - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which dead jobs are meant: those to which everything that is given applies.

    state: `dead` or `failed`. reason, kind: exactly. owner: whose. text: part of the error's type
    or message, upper and lower case alike. since, until: when they ended, until not included.
    """

    state: str | None = None
    reason: str | None = None
    kind: str | None = None
    owner: uuid.UUID | None = None
    text: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> str:
        """What the archive's rows must meet, as SQL that begins with AND or is empty.

        The kind is no part of it: see `kinds`.
        """
        return " ".join(
            f"AND {sql}" for name, sql in _CONDITIONS.items() if getattr(self, name) is not None
        )

    def args(self) -> dict[str, Any]:
        """The values that `conditions` and `kinds` name."""
        return {name: getattr(self, name) for name in (*_CONDITIONS, "kind")}

    def kinds(self) -> str:
        """The kinds to look into, as the CTE `kinds (kind)`."""
        return _ALL_KINDS if self.kind is None else _ONE_KIND

    def given(self) -> dict[str, str]:
        """What was given, in words, for the audit log."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {
            name: value.isoformat() if isinstance(value, datetime) else str(value)
            for name, value in values.items()
            if value is not None
        }


_CONDITIONS = {
    "state": "state = :state",
    "reason": "reason = :reason",
    "owner": "owner_id = :owner",
    "text": "strpos(lower(concat_ws(' ', error->>'type', error->>'message')), lower(:text)) > 0",
    "since": "finished_at >= :since",
    "until": "finished_at < :until",
}
# ix_jobs_archive_dead is (kind, id DESC): a loose scan finds the kinds, and of each the newest lie
# at the front. So a page costs one probe for each kind and partition, however many dead there are.
_ALL_KINDS = """kinds (kind) AS (
        (SELECT kind FROM jobs_archive WHERE state IN ('dead', 'failed') ORDER BY kind LIMIT 1)
        UNION ALL
        SELECT next.kind FROM kinds, LATERAL (
            SELECT kind FROM jobs_archive
            WHERE state IN ('dead', 'failed') AND jobs_archive.kind > kinds.kind
            ORDER BY kind LIMIT 1) AS next
    )"""
_ONE_KIND = "kinds (kind) AS (SELECT CAST(:kind AS text))"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadJob:
    """A job that ended `dead` or `failed`. Its payload and metadata are its owner's, not told here.

    error: the last one: `type`, `message`. history: attempts that did not succeed, and replays, as
    `models.Job.history` has them. expires_at: when its day's partition is dropped, at the earliest.
    """

    id: uuid.UUID
    kind: str
    queue: str
    state: str
    reason: str | None
    owner_id: uuid.UUID
    actor: str
    attempts: int
    failures: int
    lost: int
    limit_key: str
    parent_id: uuid.UUID | None
    correlation_id: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime
    expires_at: datetime
    error: dict[str, Any] | None
    history: list[dict[str, Any]]


_FIELDS = """id, kind, queue, state, reason, owner_id, actor, attempts, failures, lost, limit_key,
    parent_id, correlation_id, created_at, started_at, finished_at, error, history"""
_LIST = """
    WITH RECURSIVE {kinds}
    SELECT found.* FROM kinds CROSS JOIN LATERAL (
        SELECT {fields} FROM jobs_archive
        WHERE state IN ('dead', 'failed') AND kind = kinds.kind AND id < :before {conditions}
        ORDER BY id DESC LIMIT :limit
    ) AS found ORDER BY id DESC LIMIT :limit
"""
_FIND = text(f"""
    SELECT {_FIELDS} FROM jobs_archive WHERE id = :id AND state IN ('dead', 'failed')
""")
_COUNT = """
    WITH RECURSIVE {kinds}
    SELECT kinds.kind, found.state, found.reason, count(*) AS jobs, max(finished_at) AS latest
    FROM kinds CROSS JOIN LATERAL (
        SELECT state, reason, finished_at FROM jobs_archive
        WHERE state IN ('dead', 'failed') AND kind = kinds.kind {conditions}
        ORDER BY id DESC LIMIT :limit
    ) AS found GROUP BY kinds.kind, found.state, found.reason
    ORDER BY jobs DESC, kinds.kind, found.state, found.reason
"""

# From the index alone.
_BY_KIND = text(f"""
    WITH RECURSIVE {_ALL_KINDS}
    SELECT kinds.kind, counted.jobs FROM kinds CROSS JOIN LATERAL (
        SELECT count(*) AS jobs FROM (
            SELECT FROM jobs_archive WHERE state IN ('dead', 'failed') AND kind = kinds.kind
            LIMIT :limit) AS seen) AS counted
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many of one kind died of one reason. capped: there may be more than were counted."""

    kind: str
    state: str
    reason: str | None
    jobs: int
    capped: bool
    latest: datetime


def listing(
    session: Session,
    search: Search,
    keep: timedelta,
    *,
    before: uuid.UUID | None = None,
    limit: int = 50,
) -> list[DeadJob]:
    """Dead jobs, newest first: those older than *before*, at most *limit*. keep: the retention."""
    statement = _LIST.format(kinds=search.kinds(), fields=_FIELDS, conditions=search.conditions())
    args = search.args() | {"before": before or _AFTER_ALL, "limit": limit}
    return [_job(row, keep) for row in session.execute(text(statement), args).mappings()]


def find(session: Session, job_id: uuid.UUID, keep: timedelta) -> DeadJob | None:
    """The dead job of that id, or None. keep: the retention."""
    row = session.execute(_FIND, {"id": job_id}).mappings().one_or_none()
    return None if row is None else _job(row, keep)


def counts(session: Session, search: Search, most: int = COUNTED) -> list[Count]:
    """How many of them there are, by kind and reason, the most first; *most* looked at a kind."""
    statement = _COUNT.format(kinds=search.kinds(), conditions=search.conditions())
    rows = session.execute(text(statement), search.args() | {"limit": most}).all()
    of_kind: dict[str, int] = {}
    for row in rows:
        of_kind[row.kind] = of_kind.get(row.kind, 0) + row.jobs
    return [Count(**row._mapping, capped=of_kind[row.kind] >= most) for row in rows]


def by_kind(session: Session, most: int = COUNTED) -> dict[str, int]:
    """How many there are of each kind; *most* where there are more. For whoever asks often."""
    rows = session.execute(_BY_KIND, {"limit": most})
    return {row.kind: row.jobs for row in rows}


def vanishes(job_id: uuid.UUID, keep: timedelta) -> datetime:
    """When a job of that id is deleted at the earliest: with the partition of the day it was made.

    keep: the retention. A partition goes when its whole day lies before it.
    """
    day_after = made_at(job_id).date() + timedelta(days=1)
    return datetime.combine(day_after, time(), UTC) + keep


def _job(row: Mapping[Any, Any], keep: timedelta) -> DeadJob:
    return DeadJob(**row, expires_at=vanishes(row["id"], keep))
