"""The table of backups: what was made, and what came of restoring it.

The object store is the truth about which there are; this says what happened to them, and when.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Double, Integer, Text, text
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base

Time = DateTime(timezone=True)


class Backup(Base):
    """One attempt at a backup. Times are the database's clock; sizes are bytes."""

    __tablename__ = "backups"
    __table_args__ = ({"info": {"owner": None, "export": "no", "erasure": "keep"}},)

    id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    #: `running`, `complete` or `failed`.
    state: Mapped[str] = mapped_column(Text, server_default="running")
    job_id: Mapped[uuid.UUID | None] = mapped_column(UUID)
    actor: Mapped[str] = mapped_column(Text, info={"actor": True})
    started_at: Mapped[datetime] = mapped_column(Time, server_default=text("now()"))
    finished_at: Mapped[datetime | None] = mapped_column(Time)
    #: The moment whose state it holds.
    snapshot_at: Mapped[datetime | None] = mapped_column(Time)
    #: What it takes in the store, and what the dump is before it is compressed.
    bytes: Mapped[int | None] = mapped_column(BigInteger)
    dump_bytes: Mapped[int | None] = mapped_column(BigInteger)
    rows: Mapped[int | None] = mapped_column(BigInteger)
    schema_revision: Mapped[str | None] = mapped_column(Text)
    server_version: Mapped[int | None] = mapped_column(Integer)
    #: When the newest row in it was written.
    newest_row_at: Mapped[datetime | None] = mapped_column(Time)
    #: When it was last restored into a throwaway server and found equal, or found not to be.
    verified_at: Mapped[datetime | None] = mapped_column(Time)
    drill_failed_at: Mapped[datetime | None] = mapped_column(Time)
    #: How long that restore took, and how old its newest row was by then (seconds).
    restore_seconds: Mapped[float | None] = mapped_column(Double)
    age_seconds: Mapped[float | None] = mapped_column(Double)
    error: Mapped[str | None] = mapped_column(Text)
