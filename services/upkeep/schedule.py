"""The schedule: jobs at fixed points in time, and how each of its entries stands."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Text, text
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.orm import Mapped, Session, mapped_column

from kernel.database import Base
from services.jobs import read
from services.jobs.kinds import kind_of
from services.jobs.models import TECHNICAL, Time


class ScheduleSlot(Base):
    """The latest slot of an entry that beat dealt with, the job of the latest that fired, and the
    one before.
    """

    __tablename__ = "schedule_slots"
    __table_args__ = ({"info": TECHNICAL},)

    entry: Mapped[str] = mapped_column(Text, primary_key=True)
    slot: Mapped[datetime] = mapped_column(Time)
    fired_at: Mapped[datetime] = mapped_column(Time)
    job_id: Mapped[uuid.UUID | None] = mapped_column(UUID)
    previous_job_id: Mapped[uuid.UUID | None] = mapped_column(UUID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A job at fixed points in time.

    every, offset: seconds; slots lie at offset, offset + every, … after 1970-01-01 UTC.
    expires: seconds after its slot when the job is no longer worth starting; under the period, so
    that never two jobs of an entry wait at once. None: never, for entries whose every slot counts.
    """

    name: str
    payload: object
    every: int
    offset: int = 0
    expires: int | None = None
    why: str

    def __post_init__(self) -> None:
        if self.expires is not None and not 0 < self.expires < self.every:
            raise ValueError(
                f"{self.name} expires after {self.expires} s; with a period of {self.every} s it "
                "must be less than that: after an outage two of its jobs would wait at once"
            )

    @property
    def kind(self) -> str:
        """What its jobs do."""
        return kind_of(self.payload).name

    @property
    def queue(self) -> str:
        """The queue of its jobs."""
        return kind_of(self.payload).queue

    def slot(self, now: float) -> int:
        """The latest slot that is not after *now*, both in seconds since 1970."""
        return int((now - self.offset) // self.every) * self.every + self.offset

    def next(self, now: float) -> datetime:
        """The first slot after *now* (seconds since 1970)."""
        return datetime.fromtimestamp(self.slot(now) + self.every, UTC)

    def expires_at(self, slot: int) -> datetime | None:
        """When the job of *slot* is no longer worth starting."""
        if self.expires is None:
            return None
        return datetime.fromtimestamp(slot, UTC) + timedelta(seconds=self.expires)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One job of an entry. outcome: its state, as clients see it; None where it is past keeping.

    late_seconds: from its slot to its first start; None before that.
    """

    job_id: uuid.UUID
    outcome: str | None
    started_at: datetime | None
    finished_at: datetime | None
    late_seconds: float | None
    result: dict[str, Any] | None
    error: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an entry stands. overdue_seconds: for how long beat has left a slot undone; 0: none is.

    slot: the latest that beat dealt with. current: the job of the latest that fired. previous: that
    of the slot before.
    """

    entry: Entry
    next_at: datetime
    overdue_seconds: float
    slot: datetime | None
    current: Turn | None
    previous: Turn | None


_NOTE = text("""
    INSERT INTO schedule_slots (entry, slot, fired_at, job_id)
    VALUES (:entry, to_timestamp(:slot), now(), :job)
    ON CONFLICT (entry) DO UPDATE SET slot = excluded.slot, fired_at = now(),
        job_id = excluded.job_id, previous_job_id = schedule_slots.job_id
    WHERE schedule_slots.slot < excluded.slot
""")
_PASS_OVER = text("""
    INSERT INTO schedule_slots (entry, slot, fired_at) VALUES (:entry, to_timestamp(:slot), now())
    ON CONFLICT (entry) DO UPDATE SET slot = excluded.slot
    WHERE schedule_slots.slot < excluded.slot
""")
_SLOTS = text("""
    SELECT entry, extract(epoch FROM slot)::float8 AS slot, job_id, previous_job_id
    FROM schedule_slots
""")
_NOW = text("SELECT extract(epoch FROM now())::float8")


def note(session: Session, entry: Entry, slot: int, job_id: uuid.UUID) -> None:
    """Remember that *slot* fired with that job; an older slot than the latest changes nothing."""
    session.execute(_NOTE, {"entry": entry.name, "slot": slot, "job": job_id})


def pass_over(session: Session, entry: Entry, slot: int) -> None:
    """Remember that *slot* came to be looked at too late to be fired."""
    session.execute(_PASS_OVER, {"entry": entry.name, "slot": slot})


def standings(session: Session, entries: Sequence[Entry]) -> list[Standing]:
    """How each of *entries* stands, by the database's clock, in their order."""
    now = float(session.scalars(_NOW).one())
    fired = {row.entry: row for row in session.execute(_SLOTS)}
    return [_standing(session, entry, fired.get(entry.name), now) for entry in entries]


def overdue(session: Session, entries: Sequence[Entry]) -> dict[str, float]:
    """Seconds since the first slot of each entry that no beat dealt with; 0 where there is none.

    It grows for as long as beat stands still. An entry that no beat ever saw, as at an
    installation, is overdue from its latest slot on.
    """
    now = float(session.scalars(_NOW).one())
    fired = {row.entry: row.slot for row in session.execute(_SLOTS)}
    return {entry.name: _overdue(entry, fired.get(entry.name), now) for entry in entries}


def _overdue(entry: Entry, fired: float | None, now: float) -> float:
    slot = entry.slot(now)
    if fired is None:
        return now - slot
    return max(0.0, now - (fired + entry.every)) if fired < slot else 0.0


def _standing(session: Session, entry: Entry, fired: Any, now: float) -> Standing:
    slot = None if fired is None else float(fired.slot)
    current = previous = None
    if fired is not None and slot is not None:
        current = _turn(session, fired.job_id)
        previous = _turn(session, fired.previous_job_id)
    return Standing(
        entry=entry,
        next_at=entry.next(now),
        overdue_seconds=round(_overdue(entry, slot, now), 1),
        slot=None if slot is None else datetime.fromtimestamp(slot, UTC),
        current=current,
        previous=previous,
    )


def _turn(session: Session, job_id: uuid.UUID | None) -> Turn | None:
    if job_id is None:
        return None
    job = read.find(session, job_id, None)
    if job is None:
        return Turn(
            job_id=job_id,
            outcome=None,
            started_at=None,
            finished_at=None,
            late_seconds=None,
            result=None,
            error=None,
        )
    late = None
    if job.started_at is not None:
        late = round(job.started_at.timestamp() - float(job.metadata["slot"]), 1)
    return Turn(
        job_id=job_id,
        outcome=job.state,
        started_at=job.started_at,
        finished_at=job.finished_at,
        late_seconds=late,
        result=job.result,
        error=job.error,
    )
