"""Frozen worker processes: their jobs run elsewhere, and once thawed they change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults import jobs
from tests.faults.kinds import AddEffect, TakeSteps
from tests.faults.locks import locked, waiting_for
from tests.faults.report import Report
from tests.faults.stage import Stage
from tests.processes import eventually

_JOB = TakeSteps(steps=12, seconds=0.25)


def between_steps(stage: Stage) -> Report:
    """A pool's child frozen in its handler, and thawed when the job has ended elsewhere."""
    report = Report("A worker's child frozen in the midst of its job")
    (job,) = jobs.submit(stage, _JOB)
    pid = jobs.running_in(stage, job)
    with _frozen(stage, pid):
        report.equal("the job's end, elsewhere", {"succeeded": 1}, jobs.await_end(stage, [job]))
    _judge(stage, report, job)
    return report


def in_its_last_transaction(stage: Stage) -> Report:
    """The same, in the transaction that has locked the job's row and is about to have its effect.

    The server ends the idle transaction, so that its locks stop nobody for long.
    """
    report = Report("A worker's child frozen in the transaction that finishes its job")
    with locked(stage, "faults.effects"):
        (job,) = jobs.submit(stage, AddEffect())
        pid = jobs.running_in(stage, job)
        eventually(
            "its effect waits for the lock", lambda: waiting_for(stage, "faults.effects") > 0
        )
        stage.platform.freeze(pid)
    try:
        report.equal("the job's end, elsewhere", {"succeeded": 1}, jobs.await_end(stage, [job]))
    finally:
        stage.platform.thaw(pid)
    _judge(stage, report, job)
    return report


def main_process(stage: Stage, *, count: int) -> Report:
    """One of two workers' main process frozen: *count* jobs come while it holds its messages.

    Its children go on: what is at work in them is finished, and what comes later runs elsewhere.
    """
    report = Report(f"A worker's main process frozen, {count} jobs submitted meanwhile")
    main = stage.platform.pid("worker-interactive")
    before = jobs.submit(stage, *[AddEffect()] * count)
    with _frozen(stage, main):
        meanwhile = jobs.submit(stage, *[AddEffect()] * count)
        report.equal(
            "their end, while it is frozen",
            {"succeeded": 2 * count},
            jobs.await_end(stage, [*before, *meanwhile]),
        )
    after = jobs.submit(stage, *[AddEffect()] * count)
    report.equal("those after", {"succeeded": count}, jobs.await_end(stage, after))
    report.equal("effects of each job", [1], jobs.effects_of(stage, [*before, *meanwhile, *after]))
    return report


def _judge(stage: Stage, report: Report, job: object) -> None:
    """The thawed process notices that the job is no longer its own, and serves on."""
    eventually("the thawed one noticed", lambda: _noticed(stage, str(job)), 60)
    later = jobs.submit(stage, *[AddEffect()] * 20)
    report.equal("jobs after the thaw", {"succeeded": 20}, jobs.await_end(stage, later))
    effects = stage.rows("SELECT claim FROM faults.effects WHERE job_id = :job", job=job)
    report.equal("effects of the job", 1, len(effects))
    row = stage.rows("SELECT claim, lost FROM jobs_archive WHERE id = :job", job=job)[0]
    report.equal("whose effect it is: the last claim's", row.claim, effects[0].claim)
    report.equal("times it counted as lost", 1, row.lost)


def _noticed(stage: Stage, job: str) -> bool:
    logs = (stage.platform.log(name) for name in stage.platform.names("worker"))
    return any(
        job in line and ('"outcome":"fenced"' in line or '"outcome":"handed back"' in line)
        for log in logs
        for line in log.splitlines()
    )


@contextmanager
def _frozen(stage: Stage, pid: int) -> Iterator[None]:
    stage.platform.freeze(pid)
    try:
        yield
    finally:
        stage.platform.thaw(pid)
