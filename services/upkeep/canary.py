"""Canaries: small jobs that prove a queue's workers alive, from the schedule to the commit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from kernel.database import Base
from services.jobs.models import TECHNICAL, Time


class Canary(Base):
    """When the latest canary of a queue was sent, and came home."""

    __tablename__ = "canaries"
    __table_args__ = ({"info": TECHNICAL},)

    queue: Mapped[str] = mapped_column(Text, primary_key=True)
    sent_at: Mapped[datetime] = mapped_column(Time)
    home_at: Mapped[datetime] = mapped_column(Time)


_HOME = text("""
    INSERT INTO canaries (queue, sent_at, home_at) VALUES (:queue, :sent_at, now())
    ON CONFLICT (queue) DO UPDATE SET sent_at = excluded.sent_at, home_at = excluded.home_at
    WHERE canaries.sent_at < excluded.sent_at
""")


def came_home(session: Session, queue: str, sent_at: datetime) -> None:
    """Note that the canary sent at *sent_at* ran; an older one that comes later changes nothing."""
    session.execute(_HOME, {"queue": queue, "sent_at": sent_at})
