"""Measure: what a worker counts of the attempts that it makes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from kernel import metrics
from services.jobs.claim import Claimed
from services.jobs.retry import failure_of
from services.kinds import KINDS
from worker.request import QUIET

metrics.know("kind", (kind.name for kind in KINDS))
metrics.know("queue", (kind.queue for kind in KINDS))


def started(jobs: Sequence[Claimed]) -> None:
    """Jobs were claimed. Of each that never ran before, how long it had waited."""
    for job in jobs:
        if job.attempt == 1:
            metrics.WAITS.labels(job.kind.name).observe(job.waited)


@contextmanager
def running(job: Claimed) -> Iterator[None]:
    """The handler of *job* runs while the block does."""
    begun = time.perf_counter()
    try:
        yield
    finally:
        metrics.RUNS.labels(job.kind.name).observe(time.perf_counter() - begun)


def failed(job: Claimed, error: Exception) -> None:
    """An attempt at *job* failed."""
    metrics.FAILURES.labels(job.kind.name, failure_of(error)).inc()


def ended(kind: str, outcomes: Iterable[str]) -> None:
    """Attempts at jobs of *kind* ended so, in the words of `worker.run.execute`."""
    for outcome, attempts in Counter(outcomes).items():
        name = outcome.replace(" ", "_") if outcome in QUIET else "failed"
        metrics.ATTEMPTS.labels(kind, name).inc(attempts)
