"""Message to run: claim its jobs, call their handler, settle what became of each.

A message carries one job, or under backlog several small ones of one kind. Those are claimed and
finished together; one that fails, is cancelled or told to wait is settled alone.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import count
from random import Random
from typing import Any, TypeVar

import structlog
import tenacity
from celery.exceptions import SoftTimeLimitExceeded
from sqlalchemy.orm import Session

from kernel.errors import Unavailable
from services.jobs import claim as claims
from services.jobs import end, settle, sweep
from services.jobs.claim import Claimed
from services.jobs.kinds import Kind, NewerPayload
from services.jobs.retry import Permanent, Snooze, TimeLimit
from services.jobs.run import Done, HandBack, Run
from worker import excerpt, measure, runtime, stop
from worker.handlers import handler_of

log = structlog.get_logger()
_DICE = Random()
T = TypeVar("T")

Members = Sequence[tuple[uuid.UUID, int]]


def execute(kind: Kind[Any], members: Members) -> dict[uuid.UUID, str]:
    """Run the jobs that a message points to, by id and claim; answers what became of each."""
    process = runtime.current()
    if stop.stopping():
        # Still dispatched, and this process will not run them: due again elsewhere at once.
        _settle_or_owe(lambda session: sweep.undispatch(session, members))
        return dict.fromkeys((job for job, _ in members), "handed back")
    me, asked = process.identity.id, count()
    try:
        jobs = _trying(
            lambda: claims.claim(process.database, kind, members, me, again=next(asked) > 0)
        )
    except Unavailable:
        # Still dispatched, or ours though we were never told: back to the backlog, either way, as
        # soon as the database can be asked.
        process.owe(lambda session: sweep.unclaim(session, members, me))
        return dict.fromkeys((job for job, _ in members), "unclaimed")
    outcomes = dict.fromkeys((job for job, _ in members), "refused")
    measure.started(jobs)
    with process.running(jobs):
        if handler_of(kind).small:
            outcomes |= _small(jobs)
        else:
            outcomes |= {job.id: _alone(job) for job in jobs}
    measure.ended(kind.name, outcomes.values())
    _log(kind, members, outcomes, jobs)
    return outcomes


def _log(
    kind: Kind[Any],
    members: Members,
    outcomes: dict[uuid.UUID, str],
    jobs: Sequence[Claimed],
) -> None:
    if len(members) == 1:
        ((job, claim),) = members
        log.info(
            "attempt_ended", outcome=outcomes[job], job_id=str(job), claim=claim, kind=kind.name
        )
    else:
        structlog.contextvars.clear_contextvars()
        # One line, in which each of its requests is found again.
        requests = sorted({job.correlation_id for job in jobs if job.correlation_id})
        log.info("group_ended", kind=kind.name, **Counter(outcomes.values()), requests=requests)


def _alone(job: Claimed) -> str:
    """One attempt of a handler that ends its job itself."""
    _bind(job)
    runtime.current().at = job.id
    run = Run(runtime.current().database, job, stop.stopping)
    try:
        payload = job.kind.decode(job.payload, job.version)
        with measure.running(job):
            handler_of(job.kind).function(payload, run)
        if not run.finished:
            raise Permanent(f"The handler of {job.kind.name} returned without run.finish()")  # noqa: TRY301
    except Exception as error:  # noqa: BLE001 - whatever it is, the job is settled
        return _unsuccessful(job, error)
    return "succeeded"


def _small(jobs: Sequence[Claimed]) -> dict[uuid.UUID, str]:
    """One attempt at each, and one transaction that ends all those which succeeded."""
    database = runtime.current().database
    outcomes: dict[uuid.UUID, str] = {}
    done: list[tuple[Claimed, Done]] = []
    for job in jobs:
        _bind(job)
        runtime.current().at = job.id
        try:
            if stop.stopping():
                raise HandBack  # noqa: TRY301
            payload = job.kind.decode(job.payload, job.version)
            with measure.running(job):
                made = handler_of(job.kind).function(payload, Run(database, job, stop.stopping))
            done.append((job, made or Done()))
        except Exception as error:  # noqa: BLE001 - the same
            outcomes[job.id] = _unsuccessful(job, error)
    return outcomes | _finish(done)


def _finish(done: Sequence[tuple[Claimed, Done]]) -> dict[uuid.UUID, str]:
    if not done:
        return {}
    database, kind = runtime.current().database, done[0][0].kind
    held = [(job.id, job.claim, made.result) for job, made in done]
    try:
        ended: set[uuid.UUID] = set()
        if not any(made.effects for _, made in done):
            ended = _trying(lambda: end.succeed_plainly(database, kind, held))
        if len(ended) < len(done):
            rest = [one for one in done if one[0].id not in ended]
            ended |= _settle(lambda session: _end(session, rest))
    except Exception as error:  # noqa: BLE001 - the same
        if len(done) == 1 or isinstance(error, Unavailable):
            return {job.id: _unsuccessful(job, error) for job, _ in done}
        # The effects of one of them are at fault: each ends by itself, and that one fails.
        outcomes: dict[uuid.UUID, str] = {}
        for one in done:
            outcomes |= _finish([one])
        return outcomes
    # Of the others the claim is lost, or they are to be cancelled.
    return {
        job.id: "succeeded"
        if job.id in ended
        else _unsuccessful(job, settle.CancelRequested(str(job.id)))
        for job, _ in done
    }


def _end(session: Session, done: Sequence[tuple[Claimed, Done]]) -> set[uuid.UUID]:
    ended = end.succeed(session, [(job.id, job.claim, made.result) for job, made in done])
    for job, made in done:
        if made.effects is not None and job.id in ended:
            made.effects(session)
    return ended


def _unsuccessful(job: Claimed, error: Exception) -> str:
    """Settle an attempt that did not succeed; answers what became of it.

    Raises nothing: what cannot be settled is left to the sweep, and takes no neighbour with it.
    """
    try:
        return _settled(job, error)
    except Exception:
        log.exception("attempt_unsettled")
        return "unsettled; the sweep will find the job"


def _settled(job: Claimed, error: Exception) -> str:
    match error:
        case settle.Fenced():
            return "fenced"
        case settle.CancelRequested():
            _settle_or_owe(lambda session: settle.cancelled(session, job))
            return "cancelled"
        case Snooze():
            _settle_or_owe(lambda session: settle.snooze(session, job, error))
            return "snoozed"
        case HandBack() | NewerPayload():
            reason = "stopping" if isinstance(error, HandBack) else "newer payload"
            _settle_or_owe(lambda session: settle.hand_back(session, job, reason))
            return "handed back"
        case Unavailable():
            # A store is away: nobody's fault here, so nothing is spent. If the commit did stand,
            # the row is gone, and handing back finds nothing to do.
            log.warning("store_away", error=str(error), cause=repr(error.__cause__))
            _settle_or_owe(lambda session: settle.hand_back(session, job, "store away"))
            return "handed back"
        case SoftTimeLimitExceeded():
            return _failed(job, TimeLimit(f"It ran longer than {job.kind.soft_limit:g} s."), error)
    log.warning("attempt_failed", exc_info=None if isinstance(error, Permanent) else error)
    return _failed(job, error, error)


def _failed(job: Claimed, error: Exception, raised: Exception) -> str:
    measure.failed(job, error)
    lines = excerpt.of(raised)
    try:
        state = _settle_or_owe(lambda session: settle.fail(session, job, error, _DICE, lines))
    except settle.Fenced:
        return "fenced"
    return f"{type(error).__name__}; the job is {state} now"


def _bind(job: Claimed) -> None:
    excerpt.begin()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(
        job_id=str(job.id),
        claim=job.claim,
        kind=job.kind.name,
        owner_id=str(job.owner_id),
        request_id=job.correlation_id,
        traceparent=job.traceparent,
    )


# A lost connection or a deadlock is over in moments. The soft limit may strike here as well; it
# strikes once, and what it interrupted is done again.
@tenacity.retry(
    retry=tenacity.retry_if_exception_type((Unavailable, SoftTimeLimitExceeded)),
    wait=tenacity.wait_random_exponential(multiplier=0.1, max=1),
    stop=tenacity.stop_after_delay(3),
    reraise=True,
)
def _trying(act: Callable[[], T]) -> T:
    return act()


def _settle(act: Callable[[Session], T]) -> T:
    return _trying(lambda: _transaction(act))


def _transaction(act: Callable[[Session], T]) -> T:
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
