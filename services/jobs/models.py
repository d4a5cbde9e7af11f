"""The tables of a job's life. `jobs` holds what lives, small and hot; `jobs_archive` what ended."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Column, DateTime, Integer, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base

PERSONAL = {"owner": "owner_id", "export": "yes", "erasure": "delete"}
TECHNICAL = {"owner": None, "export": "no", "erasure": "keep"}

NOW = text("now()")
ZERO = text("0")
Time = DateTime(timezone=True)


class Job(Base):
    """A job that has not ended. Clients see `dispatched` as `queued`.

    next_at is, in turn, when the job is due (queued), when its message counts as lost
    (dispatched) and when it is overdue (running): one column, so that few indexes change.
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
    #: The follow-up, enqueued in the transaction that finishes this job: {kind, version, payload}.
    follow_up: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    #: The caller's own strings.
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata", JSONB, server_default="{}")
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    #: The last error: {type, message}.
    error: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    #: Attempts that did not succeed: [{attempt, outcome, error, at, process}].
    history: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    #: The number of the job's latest event. The first, `queued`, is derived from the row.
    event_seq: Mapped[int] = mapped_column(Integer, server_default=text("1"))


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
    expires_at: Mapped[datetime] = mapped_column(Time)


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
