"""The tables of analytics: what was accepted, what happened, and what it adds up to.

Everything that names an owner goes with it. `people_counts` names nobody, and stays.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, DateTime, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base

NOW = text("now()")
Time = DateTime(timezone=True)
PERSONAL = {"owner": "owner_id", "export": "yes", "erasure": "delete"}
#: Follows from other rows of the owner's, which are exported.
DERIVED = {"owner": "owner_id", "export": "no", "erasure": "delete"}
TECHNICAL = {"owner": None, "export": "no", "erasure": "keep"}


class EventBatch(Base):
    """Events of one request, accepted and not yet ingested by its job.

    events: a list of [id, name, time, properties], valid and each id once.
    """

    __tablename__ = "event_batches"
    __table_args__ = ({"info": PERSONAL},)

    id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    owner_id: Mapped[uuid.UUID] = mapped_column(UUID)
    job_id: Mapped[uuid.UUID] = mapped_column(UUID)
    events: Mapped[list[Any]] = mapped_column(JSONB)
    count: Mapped[int] = mapped_column(Integer)
    received_at: Mapped[datetime] = mapped_column(Time, server_default=NOW)


class EventName(Base):
    """A name that an owner's events have: their number is bounded, since each has its buckets."""

    __tablename__ = "event_names"
    __table_args__ = ({"info": DERIVED},)

    owner_id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)


class EventId(Base):
    """An id that was counted. day: of its event, with whose partition it goes."""

    __tablename__ = "event_ids"
    __table_args__ = ({"info": DERIVED},)

    owner_id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    day: Mapped[date] = mapped_column(Date)


class Event(Base):
    """Something that happened at *time*, by the caller's clock. Partitioned by its day (UTC)."""

    __tablename__ = "events"
    __table_args__ = ({"info": PERSONAL},)

    time: Mapped[datetime] = mapped_column(Time, primary_key=True)
    owner_id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    properties: Mapped[dict[str, Any]] = mapped_column(JSONB)
    received_at: Mapped[datetime] = mapped_column(Time)


class EventMark(Base):
    """An hour whose counts are older than its events, since a batch brought some for it."""

    __tablename__ = "event_marks"
    __table_args__ = ({"info": TECHNICAL},)

    hour: Mapped[datetime] = mapped_column(Time, primary_key=True)
    batch_id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)


class EventCount(Base):
    """How many events of a name an owner had in an hour or a day."""

    __tablename__ = "event_counts"
    __table_args__ = ({"info": DERIVED},)

    owner_id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    grain: Mapped[str] = mapped_column(Text, primary_key=True)
    start: Mapped[datetime] = mapped_column(Time, primary_key=True)
    name: Mapped[str] = mapped_column(Text, primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class PeopleCount(Base):
    """How many accounts had events in an hour or a day. Never shown where it is under five."""

    __tablename__ = "people_counts"
    __table_args__ = ({"info": TECHNICAL},)

    grain: Mapped[str] = mapped_column(Text, primary_key=True)
    start: Mapped[datetime] = mapped_column(Time, primary_key=True)
    people: Mapped[int] = mapped_column(Integer)


class FoodCount(Base):
    """How many analyses of an owner's used a food in an hour; see `analyses.models.FoodUse`."""

    __tablename__ = "food_counts"
    __table_args__ = ({"info": DERIVED},)

    owner_id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    start: Mapped[datetime] = mapped_column(Time, primary_key=True)
    food_id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class Watermark(Base):
    """Until when all that was accepted is counted, for `events` and for `foods`.

    `dropped`: of events before it only counts are left.
    """

    __tablename__ = "watermarks"
    __table_args__ = ({"info": TECHNICAL},)

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    complete_until: Mapped[datetime] = mapped_column(Time)
