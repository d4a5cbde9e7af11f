"""The tables of warming. Both can be lost: what they tell is asked anew within a day."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Double, Text, text
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base

Time = DateTime(timezone=True)
#: Nobody's: a text is here only once several accounts have asked it (`tally.py`).
NOBODY = {"owner": None, "export": "no", "erasure": "keep"}


class WantedRow(Base):
    """How often one thing was asked for in one hour (UTC), of those asked for most.

    key: a food's id, a search as `search_key` spells it, or an ingredient line.
    """

    __tablename__ = "warming_wanted"
    __table_args__ = ({"info": NOBODY},)

    region: Mapped[str] = mapped_column(Text, primary_key=True)
    hour: Mapped[datetime] = mapped_column(Time, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    hits: Mapped[int] = mapped_column(BigInteger)


class WarmingRun(Base):
    """The last run of each kind of warming: what it found and made, and how long it took."""

    __tablename__ = "warming_runs"
    __table_args__ = ({"info": NOBODY},)

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    job_id: Mapped[uuid.UUID] = mapped_column(UUID)
    finished_at: Mapped[datetime] = mapped_column(Time, server_default=text("now()"))
    seconds: Mapped[float] = mapped_column(Double)
    report: Mapped[dict[str, Any]] = mapped_column(JSONB)
