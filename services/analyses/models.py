"""The tables of finished analyses, and of the foods that they used."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Integer, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base

NOW = text("now()")
Time = DateTime(timezone=True)


class AnalysisRow(Base):
    """An analysis, under the id of the job that made it."""

    __tablename__ = "analyses"
    __table_args__ = ({"info": {"owner": "owner_id", "export": "yes", "erasure": "delete"}},)

    id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    owner_id: Mapped[uuid.UUID] = mapped_column(UUID)
    #: What a list shows of it: a list need not read whole documents.
    summary: Mapped[dict[str, Any]] = mapped_column(JSONB)
    #: As kept (`nutrition.documents`), which answers for either detail.
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(Time, server_default=NOW)
    expires_at: Mapped[datetime] = mapped_column(Time)


class FoodUse(Base):
    """The foods that one analysis used, or a chunk of them. Partitioned by the day (UTC) of *at*.

    counts: for each food, how many of the analyses used it. What is most analysed follows from
    these (`services/analytics`), long after an analysis itself has expired.
    """

    __tablename__ = "food_uses"
    __table_args__ = ({"info": {"owner": "owner_id", "export": "no", "erasure": "delete"}},)

    at: Mapped[datetime] = mapped_column(Time, primary_key=True, server_default=NOW)
    id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    owner_id: Mapped[uuid.UUID] = mapped_column(UUID)
    foods: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(UUID))
    counts: Mapped[list[int]] = mapped_column(ARRAY(Integer))
