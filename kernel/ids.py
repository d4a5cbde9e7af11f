"""Identifiers: UUIDv7, which sort by the time they were made."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from uuid_utils import compat

#: Owner of the platform's own jobs (canaries, upkeep): no account carries it.
PLATFORM = uuid.UUID(int=1)


def new_id() -> uuid.UUID:
    """A fresh UUIDv7."""
    return compat.uuid7()


def parse_id(text: str) -> uuid.UUID | None:
    """The UUID that *text* spells, or None: an id of another shape names nothing."""
    try:
        return uuid.UUID(text)
    except (ValueError, AttributeError, TypeError):
        return None


def made_at(identifier: uuid.UUID) -> datetime:
    """When a UUIDv7 was made: its first 48 bits are milliseconds since 1970."""
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)
