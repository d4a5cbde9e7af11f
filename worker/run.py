"""Message to run: claim the job, call its handler, settle what became of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from itertools import count
from random import Random
from typing import Any

import structlog
import tenacity
from celery.exceptions import SoftTimeLimitExceeded
from sqlalchemy.orm import Session

from kernel.errors import Unavailable
from services.jobs import claim as claims
from services.jobs import settle, sweep
from services.jobs.claim import Claimed
from services.jobs.kinds import Kind, NewerPayload
from services.jobs.retry import Permanent, TimeLimit
from services.jobs.run import HandBack, Run
from worker import runtime, stop
from worker.handlers import handler_of

log = structlog.get_logger()
_DICE = Random()


class AttemptFailed(Exception):
    """Shows in Flower that an attempt failed. What becomes of the job is in PostgreSQL already."""


def execute(kind: Kind[Any], job_id: uuid.UUID, claim: int) -> str:
    """Run the job that a message points to; answers what became of the message or the job.

    Raises AttemptFailed where the handler failed: the broker's view, for those who watch.
    """
    process = runtime.current()
    if stop.stopping():
        # Still dispatched, and this process will not run it: due again elsewhere at once.
        _settle_or_owe(lambda session: sweep.undispatch(session, [job_id], claim))
        return "handed back"
    me, asked = process.identity.id, count()
    try:
        job = _settle(
            lambda session: claims.claim(session, kind, job_id, claim, me, again=next(asked) > 0)
        )
    except Unavailable:
        # Still dispatched, most likely: when its lease runs out it is published anew.
        return "unclaimed"
    if job is None:
        log.info("message_refused", job_id=str(job_id), claim=claim)
        return "refused"
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(
        job_id=str(job.id),
        claim=job.claim,
        kind=kind.name,
        owner_id=str(job.owner_id),
        request_id=job.correlation_id,
        traceparent=job.traceparent,
    )
    outcome = _attempt(job, Run(process.database, job, stop.stopping))
    log.info("attempt_ended", outcome=outcome, attempt=job.attempt)
    return outcome


def _attempt(job: Claimed, run: Run) -> str:
    try:
        payload = job.kind.decode(job.payload, job.version)
        handler_of(job.kind)(payload, run)
        if not run.finished:
            raise Permanent(f"The handler of {job.kind.name} returned without run.finish()")  # noqa: TRY301
    except settle.Fenced:
        return "fenced"
    except settle.CancelRequested:
        _settle_or_owe(lambda session: settle.cancelled(session, job))
        return "cancelled"
    except HandBack:
        _settle_or_owe(lambda session: settle.hand_back(session, job, "stopping"))
        return "handed back"
    except NewerPayload:
        _settle_or_owe(lambda session: settle.hand_back(session, job, "newer payload"))
        return "handed back"
    except Unavailable as error:
        # A store is away: nobody's fault here, so nothing is spent. If the commit did stand, the
        # row is gone, and handing back finds nothing to do.
        log.warning("store_away", error=str(error), cause=repr(error.__cause__))
        _settle_or_owe(lambda session: settle.hand_back(session, job, "store away"))
        return "handed back"
    except SoftTimeLimitExceeded:
        return _failed(job, TimeLimit(f"It ran longer than {job.kind.soft_limit:g} s."))
    except Exception as error:
        log.warning("attempt_failed", exc_info=not isinstance(error, Permanent))
        return _failed(job, error)
    return "succeeded"


def _failed(job: Claimed, error: Exception) -> str:
    try:
        state = _settle_or_owe(lambda session: settle.fail(session, job, error, _DICE))
    except settle.Fenced:
        return "fenced"
    raise AttemptFailed(f"{type(error).__name__}; the job is {state} now")


# A lost connection or a deadlock is over in moments. The soft limit may strike here as well; it
# strikes once, and what it interrupted is done again.
@tenacity.retry(
    retry=tenacity.retry_if_exception_type((Unavailable, SoftTimeLimitExceeded)),
    wait=tenacity.wait_random_exponential(multiplier=0.1, max=1),
    stop=tenacity.stop_after_delay(3),
    reraise=True,
)
def _settle(act: Callable[[Session], Any]) -> Any:
    with runtime.current().database.transaction() as session:
        return act(session)


def _settle_or_owe(act: Callable[[Session], Any]) -> Any:
    """Settle now, or have this process's heart do it when the database is back.

    So an outage longer than a kind's limits neither spends a failure nor counts as a loss.
    """
    try:
        return _settle(act)
    except Unavailable:
        runtime.current().owe(act)
        return "owed"
