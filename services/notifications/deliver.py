"""Deliver: packets of notifications through a channel that calls the outside, and what came of it.

Deliveries that were handed to webhooks end here too, told by the ends of the webhooks' own jobs.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from services import webhooks
from services.jobs.ended import Ended
from services.notifications.channels import Letter, Outcome
from services.notifications.jobs import DELIVER

STALE = "It could not be delivered in time."


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of one delivery."""

    delivery_id: uuid.UUID
    outcome: Outcome


_EXPIRE = text("""
    UPDATE notification_deliveries SET state = 'skipped', reason = :reason, ended_at = now()
    WHERE id IN (
        SELECT id FROM notification_deliveries
        WHERE state = 'pending' AND expires_at <= now() AND id = ANY(CAST(:ids AS uuid[]))
        ORDER BY id FOR UPDATE
    )
""")
_EXPIRE_ANY = text("""
    WITH stale AS (
        SELECT id FROM notification_deliveries WHERE state = 'pending' AND expires_at <= now()
        ORDER BY expires_at LIMIT :limit FOR UPDATE SKIP LOCKED
    ), gone AS (
        UPDATE notification_deliveries d SET state = 'skipped', reason = :reason, ended_at = now()
        FROM stale WHERE d.id = stale.id RETURNING 1
    )
    SELECT count(*) FROM gone
""")
_LETTERS = text("""
    SELECT d.id, d.notification_id, d.account_id, n.topic, n.title, n.text, n.path, n.parameters,
        coalesce(p.name, '') AS name, p.email, d.created_at, d.expires_at
    FROM notification_deliveries d JOIN notifications n ON n.id = d.notification_id
        LEFT JOIN people p ON p.account_id = d.account_id AND p.disabled_at IS NULL
    WHERE d.id = ANY(CAST(:ids AS uuid[])) AND d.state = 'pending' ORDER BY d.id
""")
# What has ended stays as it ended, except that a webhook's owner may have it sent again.
_SETTLE = text("""
    UPDATE notification_deliveries d SET state = said.state, reason = said.reason, ended_at = now()
    FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS text[]), CAST(:reasons AS text[]))
        AS said (id, state, reason)
    WHERE d.id = said.id AND d.state <> said.state AND (d.state = 'pending' OR :anew)
""")
_CLOSE = text("""
    UPDATE notification_deliveries SET ended_at = now(), reason = :reason, state = :state
    WHERE job_id = ANY(CAST(:jobs AS uuid[])) AND state = 'pending'
""")
_LOCK = text("""
    SELECT id, account_id FROM notification_deliveries WHERE id = ANY(CAST(:ids AS uuid[]))
    ORDER BY id FOR UPDATE
""")


def letters(session: Session, delivery_ids: Sequence[uuid.UUID]) -> list[Letter]:
    """Those of the deliveries that are to be delivered still. What is stale is skipped."""
    session.execute(_EXPIRE, {"ids": list(delivery_ids), "reason": STALE})
    rows = session.execute(_LETTERS, {"ids": list(delivery_ids)}).mappings()
    return [Letter(**row) for row in rows]


def settle(session: Session, sent: Sequence[Sent], *, anew: bool = False) -> None:
    """Write down how deliveries ended; those to be tried again stay pending.

    anew: also of those that had ended before.
    """
    ended = sorted(
        (each for each in sent if each.outcome.state not in {"again", "handed"}),
        key=lambda each: each.delivery_id,
    )
    if ended:
        session.execute(
            _SETTLE,
            {
                "ids": [each.delivery_id for each in ended],
                "states": [each.outcome.state for each in ended],
                "reasons": [each.outcome.reason for each in ended],
                "anew": anew,
            },
        )


def expire(session: Session, limit: int = 1_000) -> int:
    """Skip up to *limit* deliveries that are stale, whatever became of their jobs; how many."""
    return int(session.scalars(_EXPIRE_ANY, {"limit": limit, "reason": STALE}).one())


def hear_ended(session: Session, ended: Sequence[Ended]) -> None:
    """Settle the deliveries of jobs that have ended: our own packets, and webhooks'."""
    for job in ended:
        if job.kind == DELIVER.name and job.state != "succeeded":
            # A packet that could not start in time is stale, not refused.
            stale = job.reason == "expired"
            said = STALE if stale else _why(job)
            state = "skipped" if stale or job.state == "cancelled" else "failed"
            session.execute(_CLOSE, {"jobs": [job.id], "reason": said, "state": state})
    jobs = [job.id for job in ended if job.kind == webhooks.DELIVER.name]
    keys = webhooks.notifications_of(session, jobs) if jobs else []
    if keys:
        _hear_webhooks(session, [uuid.UUID(key.partition(":")[2]) for key in keys])


def _hear_webhooks(session: Session, deliveries: Sequence[uuid.UUID]) -> None:
    """Of several endpoints one is enough; it has failed where none could be reached."""
    # Locked first, and read then: of two endpoints that end at once, the second sees the first.
    rows = session.execute(_LOCK, {"ids": list(deliveries)}).all()
    named = {f"notification:{row.id}": row for row in rows}
    states = webhooks.standing(session, [(row.account_id, key) for key, row in named.items()])
    sent = [Sent(row.id, _together(states[key])) for key, row in named.items()]
    settle(session, sent, anew=True)


def _together(states: Sequence[str]) -> Outcome:
    """What the ends of several endpoints' deliveries come to."""
    if "delivered" in states:
        return Outcome(state="delivered")
    if "pending" in states:
        return Outcome(state="handed")
    if "failed" in states:
        return Outcome(state="failed", reason="No webhook endpoint took it.")
    return Outcome(state="skipped", reason="Its webhook endpoint was disabled or removed.")


def _why(job: Ended) -> str:
    said = (job.error or {}).get("message")
    return str(said) if said else f"Its job ended as {job.state}."
