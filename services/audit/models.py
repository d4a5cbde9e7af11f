"""The table of the audit log. The database refuses to change or delete a row of it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Text, text
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base


class AuditEntry(Base):
    """One deed. actor: `key:<id>` or `cli:<account of the machine>`, never a name or an address."""

    __tablename__ = "audit_log"
    __table_args__ = (
        {
            "info": {
                "owner": None,
                "export": "no",
                "erasure": "keep: what operators did stays answerable; it names ids, not people",
            }
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=text("now()"))
    actor: Mapped[str] = mapped_column(Text, info={"actor": True})
    #: Such as `job.replayed`, `queue.paused`.
    action: Mapped[str] = mapped_column(Text)
    #: What it was done to: `job:<id>`, `queue:nutrition.bulk`.
    target: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
