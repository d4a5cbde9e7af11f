"""The tables of notifications: what people were told, how it reached them, what they want to hear.

A notification is one for (account, key), and a delivery one for (notification, channel): however
often something is told, it is told once.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    ForeignKey,
    Integer,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base

NOW = text("now()")
ZERO = text("0")
FALSE = text("false")
Time = DateTime(timezone=True)
PERSONAL = {"owner": "account_id", "export": "yes", "erasure": "delete"}


class Broadcast(Base):
    """What an administrator tells many people. Its id is that of the job that concludes it.

    user_ids: whom it is for, until all of them were told; NULL where it is for everyone.
    recipients: people as counted when it was accepted, and exactly once it has finished.
    """

    __tablename__ = "broadcasts"
    __table_args__ = (
        {
            "info": {
                "owner": None,
                "export": "no",
                "erasure": "keep: what everybody was told is the platform's own record",
            }
        },
    )

    id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    actor: Mapped[str] = mapped_column(Text, info={"actor": True})
    topic: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    everyone: Mapped[bool] = mapped_column(Boolean)
    user_ids: Mapped[list[uuid.UUID] | None] = mapped_column(ARRAY(UUID), info={"accounts": True})
    channels: Mapped[list[str]] = mapped_column(ARRAY(Text))
    #: `sending`, `finished` or `cancelled`: whether everybody has been given a notification.
    state: Mapped[str] = mapped_column(Text, server_default="sending")
    recipients: Mapped[int] = mapped_column(Integer, server_default=ZERO)
    created_at: Mapped[datetime] = mapped_column(Time, server_default=NOW)
    ended_at: Mapped[datetime | None] = mapped_column(Time)


class Inbox(Base):
    """The number of an account's latest notification.

    Whoever adds one locks this row until the commit, so an account's numbers become visible in
    order: a stream that has shown number 7 can never meet a late 6.
    """

    __tablename__ = "notification_inboxes"
    __table_args__ = ({"info": {"owner": "account_id", "export": "no", "erasure": "delete"}},)

    account_id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    last_number: Mapped[int] = mapped_column(BigInteger)


class Notification(Base):
    """One message to one account, under the key that makes it one.

    number: its place among the account's own, rising. in_inbox, in_stream: whether it is shown
    there; it exists for the other channels too.
    """

    __tablename__ = "notifications"
    __table_args__ = (UniqueConstraint("account_id", "key"), {"info": PERSONAL})

    id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(UUID)
    key: Mapped[str] = mapped_column(Text)
    number: Mapped[int] = mapped_column(BigInteger)
    topic: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    #: Of what it is about, in the API.
    path: Mapped[str | None] = mapped_column(Text)
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    broadcast_id: Mapped[uuid.UUID | None] = mapped_column(UUID)
    in_inbox: Mapped[bool] = mapped_column(Boolean, server_default=FALSE)
    in_stream: Mapped[bool] = mapped_column(Boolean, server_default=FALSE)
    created_at: Mapped[datetime] = mapped_column(Time, server_default=NOW)
    read_at: Mapped[datetime | None] = mapped_column(Time)


class Delivery(Base):
    """One notification through one channel.

    reason: why it was skipped or failed. job_id: of the job that delivers it, where one does.
    expires_at: not worth delivering after.
    """

    __tablename__ = "notification_deliveries"
    __table_args__ = (UniqueConstraint("notification_id", "channel"), {"info": PERSONAL})

    id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    notification_id: Mapped[uuid.UUID] = mapped_column(
        UUID, ForeignKey("notifications.id", ondelete="CASCADE")
    )
    account_id: Mapped[uuid.UUID] = mapped_column(UUID)
    broadcast_id: Mapped[uuid.UUID | None] = mapped_column(UUID)
    channel: Mapped[str] = mapped_column(Text)
    #: `pending`, `delivered`, `failed` or `skipped`.
    state: Mapped[str] = mapped_column(Text, server_default="pending")
    reason: Mapped[str | None] = mapped_column(Text)
    job_id: Mapped[uuid.UUID | None] = mapped_column(UUID)
    created_at: Mapped[datetime] = mapped_column(Time, server_default=NOW)
    expires_at: Mapped[datetime] = mapped_column(Time)
    ended_at: Mapped[datetime | None] = mapped_column(Time)


class Preference(Base):
    """Whether an account wants to hear of a topic through a channel; else the topic says."""

    __tablename__ = "notification_preferences"
    __table_args__ = ({"info": PERSONAL},)

    account_id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    topic: Mapped[str] = mapped_column(Text, primary_key=True)
    channel: Mapped[str] = mapped_column(Text, primary_key=True)
    wanted: Mapped[bool] = mapped_column(Boolean)
    changed_at: Mapped[datetime] = mapped_column(Time, server_default=NOW)
