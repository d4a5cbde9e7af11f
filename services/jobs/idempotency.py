"""Idempotency: a caller's key, and the answer that its first request was given.

The row is written in the transaction that makes the job, so both stand or neither. A request in
progress is seen by an advisory lock, which dies with its transaction: a killed process blocks no
key. Semantics of draft-ietf-httpapi-idempotency-key-header-07.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel import codec
from kernel.errors import Conflict, Invalid

#: How long an answer is kept.
KEEP = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request under a key. digest: SHA-256 of what makes it the same request again."""

    owner: uuid.UUID
    actor: str
    key: str
    digest: bytes

    @property
    def _row(self) -> dict[str, Any]:
        return {"owner": self.owner, "actor": self.actor, "key": self.key}


# 64 bits of the key's identity; two keys that share them would at worst wait for one another.
_LOCK = text("""
    SELECT pg_try_advisory_xact_lock(hashtextextended(
        concat_ws(' ', 'idempotency', CAST(:owner AS text), CAST(:actor AS text),
                  CAST(:key AS text)), 0))
""")
_FIND = text("""
    SELECT request, answer FROM idempotency_keys
    WHERE owner_id = :owner AND actor = :actor AND key = :key AND expires_at > now()
""")
_KEEP = text("""
    INSERT INTO idempotency_keys (owner_id, actor, key, request, answer, expires_at)
    VALUES (:owner, :actor, :key, :request, CAST(:answer AS jsonb), now() + :life)
    ON CONFLICT (owner_id, actor, key) DO UPDATE
        SET request = excluded.request, answer = excluded.answer, created_at = now(),
            expires_at = excluded.expires_at
""")


def earlier_answer(session: Session, attempt: Attempt) -> dict[str, Any] | None:
    """The answer that this key's request was given before, or None where it is the first.

    Where it is the first, the key is held until the transaction ends. Raises Conflict while
    another transaction holds it, Invalid where the key came with another request before.
    """
    if not session.scalar(_LOCK, attempt._row):
        raise Conflict("A request with this Idempotency-Key is being worked on; try again shortly.")
    row = session.execute(_FIND, attempt._row).one_or_none()
    if row is None:
        return None
    if bytes(row.request) != attempt.digest:
        raise Invalid(
            "This Idempotency-Key came with another request before; a new request needs a new key."
        )
    answer: dict[str, Any] = row.answer
    return answer


def remember(session: Session, attempt: Attempt, answer: dict[str, Any]) -> None:
    """Keep *answer*, of JSON types, for whoever repeats the request within 24 hours."""
    session.execute(
        _KEEP,
        attempt._row
        | {"request": attempt.digest, "answer": codec.dumps(answer).decode(), "life": KEEP},
    )
