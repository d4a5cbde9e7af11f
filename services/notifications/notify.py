"""Notify: an account is told, in the transaction of what happened.

Jobs of other capabilities that end are heard of by the name of their kind; nobody needs to call.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel.ids import PLATFORM
from services.jobs.ended import Ended, listen
from services.notifications import broadcasts, deliver, people
from services.notifications.post import Message, post
from services.notifications.topics import BACKUP_FAILED, BATCH_FINISHED, EXPORT_READY, topic_named

#: Kinds whose end is told to the owner, however it came (a cancellation is the owner's own doing).
TO_OWNER = {"batches.conclude": BATCH_FINISHED, "privacy.export": EXPORT_READY}
#: Kinds whose failure is told to everybody who keeps the platform.
TO_OPERATORS = {"backups.create": BACKUP_FAILED, "backups.drill": BACKUP_FAILED}

_CAME_WITH = text("""
    SELECT id, result, correlation_id, traceparent FROM jobs_archive
    WHERE id = ANY(CAST(:jobs AS uuid[]))
""")


def notify(
    session: Session,
    account_ids: Sequence[uuid.UUID],
    topic: str,
    parameters: Mapping[str, Any],
    key: str,
) -> int:
    """Tell each account, once under *key*; answers how many were not told before.

    parameters: what the topic's words are made of. Channels are the topic's own, and what each
    recipient wants. Raises Invalid for an unknown topic.
    """
    message = Message(topic=topic_named(topic), parameters=parameters, key=key)
    return post(session, account_ids, message)


@listen
def hear_ended(session: Session, ended: Sequence[Ended]) -> None:
    """Jobs have ended: tell whom it concerns, and settle the deliveries that were theirs."""
    deliver.hear_ended(session, ended)
    broadcasts.hear_ended(session, ended)
    heard = [
        job
        for job in ended
        if (job.kind in TO_OWNER and job.state != "cancelled" and job.owner_id != PLATFORM)
        or (job.kind in TO_OPERATORS and job.state in {"failed", "dead"})
    ]
    if not heard:
        return
    rows = session.execute(_CAME_WITH, {"jobs": [job.id for job in heard]}).all()
    came_with = {row.id: row for row in rows}
    for job in heard:
        row = came_with[job.id]
        with structlog.contextvars.bound_contextvars(
            request_id=row.correlation_id, traceparent=row.traceparent
        ):
            _tell(session, job, row.result)


def _tell(session: Session, job: Ended, result: Mapping[str, Any] | None) -> None:
    if job.kind in TO_OWNER:
        topic, accounts = TO_OWNER[job.kind], people.existing(session, [job.owner_id])
    else:
        topic, accounts = TO_OPERATORS[job.kind], people.operators(session)
    parameters = {
        "job_id": str(job.id),
        "kind": job.kind,
        "state": job.state,
        "error": job.error,
        "result": result,
    }
    # A job that was replayed ends again, and that is news.
    key = f"job:{job.id}:{job.finished_at.isoformat()}"
    post(session, accounts, Message(topic=topic, parameters=parameters, key=key))
