"""The tables of webhooks: where to call, what was to be told there, and every attempt to do so."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import (
    Boolean,
    DateTime,
    Double,
    ForeignKey,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base

NOW = text("now()")
EMPTY = text("''")
Time = DateTime(timezone=True)


class Endpoint(Base):
    """An address of an owner's that wants to be told. An owner has one for each URL.

    Secrets lie here as they are: signing needs them (docs/decisions/0010-webhooks.md).
    """

    __tablename__ = "webhook_endpoints"
    __table_args__ = (
        UniqueConstraint("owner_id", "url"),
        {"info": {"owner": "owner_id", "export": "yes", "erasure": "delete"}},
    )

    id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    owner_id: Mapped[uuid.UUID] = mapped_column(UUID)
    url: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, server_default=EMPTY)
    #: Types and patterns (`batch.*`, `*`). None of them: called only for jobs that name its URL.
    events: Mapped[list[str]] = mapped_column(ARRAY(Text))
    #: `whsec_…`, and the one before, which signs too until then.
    secret: Mapped[str] = mapped_column(Text, info={"export": "no"})
    previous_secret: Mapped[str | None] = mapped_column(Text, info={"export": "no"})
    previous_until: Mapped[datetime | None] = mapped_column(Time)
    enabled: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    #: Why it was disabled: `gone`, `failing` or `asked`.
    disabled_reason: Mapped[str | None] = mapped_column(Text)
    #: Of the attempts since then none has succeeded.
    failing_since: Mapped[datetime | None] = mapped_column(Time)
    #: It asked to be left alone until then (`Retry-After`).
    hold_until: Mapped[datetime | None] = mapped_column(Time)
    created_at: Mapped[datetime] = mapped_column(Time, server_default=NOW)


class Callback(Base):
    """A job whose end is told to an endpoint, whatever that listens to. Gone when it was told."""

    __tablename__ = "webhook_callbacks"
    __table_args__ = (
        {
            "info": {
                "owner": "webhook_endpoints.owner_id by endpoint_id",
                "export": "no",
                "erasure": "delete",
            }
        },
    )

    job_id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    endpoint_id: Mapped[uuid.UUID] = mapped_column(
        UUID, ForeignKey("webhook_endpoints.id", ondelete="CASCADE"), primary_key=True
    )


class Delivery(Base):
    """One event for one endpoint, under the key that makes it one. Its id is the `webhook-id`.

    body: the very text that is sent and signed. job_id: of the job that delivers it (last).
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "key"),
        {"info": {"owner": "owner_id", "export": "yes", "erasure": "delete"}},
    )

    id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    owner_id: Mapped[uuid.UUID] = mapped_column(UUID)
    endpoint_id: Mapped[uuid.UUID] = mapped_column(
        UUID, ForeignKey("webhook_endpoints.id", ondelete="CASCADE")
    )
    key: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    job_id: Mapped[uuid.UUID] = mapped_column(UUID)
    #: `pending`, `delivered`, `failed`, or `skipped` where its endpoint was disabled meanwhile.
    state: Mapped[str] = mapped_column(Text, server_default="pending")
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    created_at: Mapped[datetime] = mapped_column(Time, server_default=NOW)
    ended_at: Mapped[datetime | None] = mapped_column(Time)


class Attempt(Base):
    """One call, and what came of it. status is NULL where no answer came; then error says why."""

    __tablename__ = "webhook_attempts"
    __table_args__ = (
        {
            "info": {
                "owner": "webhook_deliveries.owner_id by delivery_id",
                "export": "yes",
                "erasure": "delete",
            }
        },
    )

    delivery_id: Mapped[uuid.UUID] = mapped_column(
        UUID, ForeignKey("webhook_deliveries.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(Time, server_default=NOW)
    seconds: Mapped[float] = mapped_column(Double)
    status: Mapped[int | None] = mapped_column(SmallInteger)
    error: Mapped[str | None] = mapped_column(Text)
    #: The beginning of what was answered.
    excerpt: Mapped[str] = mapped_column(Text, server_default=EMPTY)
