"""The tables of a job's life. `jobs` holds what lives, small and hot; `jobs_archive` what ended."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Boolean, Column, DateTime, Double, Integer, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base

PERSONAL = {"owner": "owner_id", "export": "yes", "erasure": "delete"}
TECHNICAL = {"owner": None, "export": "no", "erasure": "keep"}

NOW = text("now()")
ZERO = text("0")
Time = DateTime(timezone=True)
#: Python's None is SQL's NULL, not the `null` of JSON.
NULLABLE_JSON = JSONB(none_as_null=True)


class Job(Base):
    """A job that has not ended. Clients see `dispatched` as `queued`.

    next_at is, in turn, when the job is due (queued), when its message counts as lost
    (dispatched) and when it is overdue (running): one column, so that few indexes change.
    due is false while a queued job's time has not come; it then lies outside the backlog's index.
    claim rises at every dispatch and is never reset: the fencing token. failures are spent
    against the policy; lost counts vanished workers, towards quarantine.
    """

    __tablename__ = "jobs"
    __table_args__ = ({"info": PERSONAL},)

    id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(SmallInteger)
    queue: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    owner_id: Mapped[uuid.UUID] = mapped_column(UUID)
    actor: Mapped[str] = mapped_column(Text)
    priority: Mapped[int] = mapped_column(SmallInteger, server_default=ZERO)
    state: Mapped[str] = mapped_column(Text, server_default="queued")
    next_at: Mapped[datetime] = mapped_column(Time, server_default=NOW)
    claim: Mapped[int] = mapped_column(Integer, server_default=ZERO)
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=ZERO)
    failures: Mapped[int] = mapped_column(SmallInteger, server_default=ZERO)
    lost: Mapped[int] = mapped_column(SmallInteger, server_default=ZERO)
    process_id: Mapped[uuid.UUID | None] = mapped_column(UUID)
    created_at: Mapped[datetime] = mapped_column(Time, server_default=NOW)
    started_at: Mapped[datetime | None] = mapped_column(Time)
    cancel_at: Mapped[datetime | None] = mapped_column(Time)
    #: Not worth starting after this moment.
    expires_at: Mapped[datetime | None] = mapped_column(Time)
    dedupe_key: Mapped[str | None] = mapped_column(Text)
    correlation_id: Mapped[str | None] = mapped_column(Text)
    traceparent: Mapped[str | None] = mapped_column(Text)
    progress_done: Mapped[int | None] = mapped_column(Integer)
    progress_total: Mapped[int | None] = mapped_column(Integer)
    #: The job that waits for this one, and how many jobs this one waits for.
    parent_id: Mapped[uuid.UUID | None] = mapped_column(UUID)
    pending: Mapped[int] = mapped_column(Integer, server_default=ZERO)
    #: The follow-up, enqueued in the transaction that finishes this job: {kind, version, queue,
    #: payload}.
    follow_up: Mapped[dict[str, Any] | None] = mapped_column(NULLABLE_JSON)
    #: The caller's own strings.
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata", JSONB, server_default="{}")
    result: Mapped[dict[str, Any] | None] = mapped_column(NULLABLE_JSON)
    #: The last error: {type, message}.
    error: Mapped[dict[str, Any] | None] = mapped_column(NULLABLE_JSON)
    #: Attempts that did not succeed: [{attempt, outcome, error, at, process}].
    history: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    #: The number of the job's latest event. The first, `queued`, is derived from the row.
    event_seq: Mapped[int] = mapped_column(Integer, server_default=text("1"))
    #: Jobs of one owner, kind and limit key form a lane; a kind may say how many with one key run
    #: at once (deliveries to a host).
    limit_key: Mapped[str] = mapped_column(Text, server_default="")
    due: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    #: The message that carries it to a worker, perhaps with others: the id of the group's first.
    message_id: Mapped[uuid.UUID | None] = mapped_column(UUID)
    #: When its latest attempt began.
    claimed_at: Mapped[datetime | None] = mapped_column(Time)
    #: It is to have ended by this moment, and its children too.
    deadline_at: Mapped[datetime | None] = mapped_column(Time)
    #: Why it ended as it did, where not by success: see `settle.Reason`.
    reason: Mapped[str | None] = mapped_column(Text)
    #: The follow-up that is enqueued however it ends: {kind, version, queue, payload}.
    on_end: Mapped[dict[str, Any] | None] = mapped_column(NULLABLE_JSON)


jobs = cast(Table, Job.__table__)

#: Columns that the live table and the archive share, in one order.
COLUMNS = ", ".join(column.name for column in jobs.columns)


#: Jobs that ended, a partition a day of their id. States: succeeded failed dead cancelled.
archive = jobs.to_metadata(Base.metadata, name="jobs_archive")
archive.append_column(Column("finished_at", Time, nullable=False))
archive.info = PERSONAL


class JobEvent(Base):
    """A change of state or progress, numbered per job from 2 (1 is `queued`, in the row itself)."""

    __tablename__ = "job_events"
    __table_args__ = (
        {
            "info": {"owner": "jobs.owner_id by job_id", "export": "no", "erasure": "delete"},
            "postgresql_partition_by": "RANGE (job_id)",
        },
    )

    job_id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(Time, server_default=NOW)
    name: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")


class JobKey(Base):
    """A dedupe key and the job that took it. A table of its own: partitions share no unique key."""

    __tablename__ = "job_keys"
    __table_args__ = ({"info": PERSONAL},)

    owner_id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    job_id: Mapped[uuid.UUID] = mapped_column(UUID)
    #: NULL: until the job ends.
    expires_at: Mapped[datetime | None] = mapped_column(Time)


class JobEdge(Base):
    """One job waits for another to succeed. The waiter's `pending` counts its edges."""

    __tablename__ = "job_edges"
    __table_args__ = (
        {"info": {"owner": "jobs.owner_id by waiter_id", "export": "no", "erasure": "delete"}},
    )

    awaited_id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    waiter_id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)


class Rule(Base):
    """What an operator says of a queue, a kind or an owner: stand still, or go slower.

    scope: `queue`, `kind` or `owner`; name: the queue, the kind, the owner's id.
    concurrency: jobs in the broker and at work at once. per_second: jobs started a second, in
    bursts of at most that second's; tokens are what is left of it since refilled_at.
    """

    __tablename__ = "job_rules"
    __table_args__ = (
        # A rule for an owner has the owner's id as its name.
        {"info": {"owner": "name", "export": "no", "erasure": "delete"}},
    )

    scope: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    paused: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    concurrency: Mapped[int | None] = mapped_column(Integer)
    per_second: Mapped[float | None] = mapped_column(Double)
    tokens: Mapped[float] = mapped_column(Double, server_default=ZERO)
    refilled_at: Mapped[datetime] = mapped_column(Time, server_default=NOW)
    changed_at: Mapped[datetime] = mapped_column(Time, server_default=NOW)
    changed_by: Mapped[str] = mapped_column(Text, info={"actor": True})


class IdempotencyKey(Base):
    """A caller's Idempotency-Key, the request it came with, and the answer it was given."""

    __tablename__ = "idempotency_keys"
    __table_args__ = ({"info": PERSONAL},)

    owner_id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    actor: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    #: SHA-256 of method, path and body.
    request: Mapped[bytes] = mapped_column()
    #: What the first answer was made of: {status, body, headers}.
    answer: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(Time, server_default=NOW)
    expires_at: Mapped[datetime] = mapped_column(Time)


class Process(Base):
    """A living process: its heartbeat vouches for every job that it runs."""

    __tablename__ = "processes"
    __table_args__ = ({"info": TECHNICAL},)

    id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    #: `worker`, `dispatcher` or `beat`.
    role: Mapped[str] = mapped_column(Text)
    host: Mapped[str] = mapped_column(Text)
    pid: Mapped[int] = mapped_column(Integer)
    #: The worker whose main process forked it, with its siblings.
    worker_id: Mapped[uuid.UUID | None] = mapped_column(UUID)
    queues: Mapped[list[str]] = mapped_column(ARRAY(Text))
    #: Jobs that it executes at once; 0 where it is stopping.
    slots: Mapped[int] = mapped_column(Integer)
    started_at: Mapped[datetime] = mapped_column(Time, server_default=NOW)
    beat_at: Mapped[datetime] = mapped_column(Time, server_default=NOW)


class Lease(Base):
    """A role that one process holds at a time, until the lease runs out."""

    __tablename__ = "leases"
    __table_args__ = ({"info": TECHNICAL},)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    holder: Mapped[uuid.UUID] = mapped_column(UUID)
    expires_at: Mapped[datetime] = mapped_column(Time)
