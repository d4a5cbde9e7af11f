"""The tables of accounts: their API keys, the people who sign in, and their sign-ins.

An account owns rows; a key or a person acts for it. A person is an account with a login.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import Boolean, DateTime, ForeignKey, LargeBinary, Text, text
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
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True, info={"export": "no"})
    #: The secret's first characters, by which its holder tells keys apart.
    hint: Mapped[str] = mapped_column(Text)
    #: `user`, `operator` or `admin`.
    role: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    #: The actor who made it over HTTP (`key:<id>`, `person:<id>`): a key falls with its maker.
    made_by: Mapped[str | None] = mapped_column(Text)


class Person(Base):
    """Somebody who signs in. Their account is theirs alone, and goes with them."""

    __tablename__ = "people"
    __table_args__ = ({"info": {"owner": "account_id", "export": "yes", "erasure": "delete"}},)

    account_id: Mapped[uuid.UUID] = mapped_column(
        UUID, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True
    )
    #: In lower case.
    email: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text, server_default=text("''"))
    #: Argon2id in PHC form, parameters and salt in it. Exported to nobody.
    password_hash: Mapped[str] = mapped_column(Text, info={"export": "no"})
    #: `user`, `operator` or `admin`.
    role: Mapped[str] = mapped_column(Text, server_default=text("'user'"))
    #: What they do may be counted (services/analytics).
    analytics_consent: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
    password_changed_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=NOW
    )
    #: When somebody last tried to register this address again.
    claimed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    disabled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class SignIn(Base):
    """One sign-in, from the password to the log-out: the `sid` that its access tokens name."""

    __tablename__ = "sign_ins"
    __table_args__ = ({"info": {"owner": "account_id", "export": "yes", "erasure": "delete"}},)

    id: Mapped[uuid.UUID] = mapped_column(UUID, primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(
        UUID, ForeignKey("people.account_id", ondelete="CASCADE")
    )
    #: Keyed hash of person and network: tells a familiar place from others, and never where it is.
    origin: Mapped[bytes | None] = mapped_column(LargeBinary, info={"export": "no"})
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
    refreshed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
    #: When its last refresh token runs out.
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    #: `logout`, `reuse` (of a spent refresh token), `password` (changed) or `disabled`.
    ended_why: Mapped[str | None] = mapped_column(Text)


class RefreshToken(Base):
    """One refresh token of a sign-in. At most one of a sign-in's is unspent."""

    __tablename__ = "refresh_tokens"
    __table_args__ = (
        {
            "info": {
                "owner": "sign_ins.account_id by sign_in_id",
                "export": "no",
                "erasure": "delete",
            }
        },
    )

    #: SHA-256 of the token.
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    sign_in_id: Mapped[uuid.UUID] = mapped_column(
        UUID, ForeignKey("sign_ins.id", ondelete="CASCADE")
    )
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=NOW)
    spent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    #: Digest of the token that was given for it.
    spent_for: Mapped[bytes | None] = mapped_column(LargeBinary)
