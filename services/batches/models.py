"""The tables of batches. Inputs and results themselves are objects under `batches/<id>/`."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Integer, Text, text
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base

ZERO = text("0")
Time = DateTime(timezone=True)


class BatchRow(Base):
    """A batch, under the id of the job that concludes it. The counts rise chunk by chunk.

    succeeded, failed: recipes. lines, lines_resolved: ingredient lines of those that succeeded.
    """

    __tablename__ = "batches"
    __table_args__ = (
        {
            "info": {
                "owner": "owner_id",
                "export": "yes",
                "erasure": "delete",
                "objects": "batches/{id}",
            }
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    owner_id: Mapped[uuid.UUID] = mapped_column(UUID)
    total: Mapped[int] = mapped_column(Integer)
    succeeded: Mapped[int] = mapped_column(Integer, server_default=ZERO)
    failed: Mapped[int] = mapped_column(Integer, server_default=ZERO)
    lines: Mapped[int] = mapped_column(Integer, server_default=ZERO)
    lines_resolved: Mapped[int] = mapped_column(Integer, server_default=ZERO)
    created_at: Mapped[datetime] = mapped_column(Time, server_default=text("now()"))
    #: When every recipe was accounted for; NULL where the batch was cancelled before that.
    finished_at: Mapped[datetime | None] = mapped_column(Time)
    expires_at: Mapped[datetime] = mapped_column(Time)


class ChunkRow(Base):
    """Some recipes of a batch that one job analyses: a slice of the input, an object of results."""

    __tablename__ = "batch_chunks"
    __table_args__ = (
        {"info": {"owner": "batches.owner_id by batch_id", "export": "no", "erasure": "delete"}},
    )

    batch_id: Mapped[uuid.UUID] = mapped_column(
        UUID, ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    #: Index of its first recipe in the batch, and how many it has.
    first: Mapped[int] = mapped_column(Integer)
    recipes: Mapped[int] = mapped_column(Integer)
    byte_start: Mapped[int] = mapped_column(BigInteger)
    byte_length: Mapped[int] = mapped_column(BigInteger)
    job_id: Mapped[uuid.UUID] = mapped_column(UUID)
    #: NULL until its results are stored.
    object_key: Mapped[str | None] = mapped_column(Text)
    succeeded: Mapped[int] = mapped_column(Integer, server_default=ZERO)
    failed: Mapped[int] = mapped_column(Integer, server_default=ZERO)
    lines: Mapped[int] = mapped_column(Integer, server_default=ZERO)
    lines_resolved: Mapped[int] = mapped_column(Integer, server_default=ZERO)
