"""What the fault tests' own kinds do."""

from __future__ import annotations

import os
import signal
import threading

from celery.exceptions import SoftTimeLimitExceeded

from services.jobs.run import Done, Run
from tests.faults import effects
from tests.faults.kinds import (
    AddEffect,
    AddEffectGrouped,
    IgnoreLimits,
    KillWorker,
    ReturnUnfinished,
    TakeSteps,
    Tick,
)
from worker.handlers import handles, handles_small

_NEVER = threading.Event()


class FailsOnPurpose(Exception):
    """A failure that the next attempt may mend."""


@handles(AddEffect)
def add_effect(job: AddEffect, run: Run) -> None:
    if run.job.failures < job.fails:
        raise FailsOnPurpose(f"failure {run.job.failures + 1} of {job.fails}")
    with run.finish() as session:
        effects.add(session, run.job.id, run.job.claim)


@handles_small(AddEffectGrouped)
def add_effect_grouped(job: AddEffectGrouped, run: Run) -> Done:
    if job.kills:
        os.kill(os.getpid(), signal.SIGKILL)
    return Done(None, lambda session: effects.add(session, run.job.id, run.job.claim))


@handles(TakeSteps)
def take_steps(job: TakeSteps, run: Run) -> None:
    for step in range(job.steps):
        run.progress(step, job.steps)
        _NEVER.wait(job.seconds)
    with run.finish() as session:
        effects.add(session, run.job.id, run.job.claim)


@handles(Tick)
def tick(_: Tick, run: Run) -> None:
    with run.finish() as session:
        effects.add(session, run.job.id, run.job.claim)


@handles(KillWorker)
def kill_worker(_: KillWorker, run: Run) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@handles(IgnoreLimits)
def ignore_limits(_: IgnoreLimits, run: Run) -> None:
    while True:
        try:
            _NEVER.wait()
        except SoftTimeLimitExceeded:
            continue


@handles(ReturnUnfinished)
def return_unfinished(_: ReturnUnfinished, run: Run) -> None:
    """As a handler would that forgot to finish."""
