"""The tables of accounts and their API keys. An account owns rows; a key acts for it."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.database import Base

NOW = text("now()")


class Account(Base):
    """Whoever owns jobs, analyses and batches: a team, a person, an installation."""

    __tablename__ = "accounts"
    __table_args__ = ({"info": {"owner": "id", "export": "yes", "erasure": "delete"}},)

    id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    name: Mapped[str] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)


class ApiKey(Base):
    """A credential of an account. Its secret is known to whoever holds it, never to this table."""

    __tablename__ = "api_keys"
    __table_args__ = ({"info": {"owner": "account_id", "export": "yes", "erasure": "delete"}},)

    id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(
        UUID, ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(Text)
    #: SHA-256 of the secret.
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    #: The secret's first characters, by which its holder tells keys apart.
    hint: Mapped[str] = mapped_column(Text)
    #: `user`, `operator` or `admin`.
    role: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
