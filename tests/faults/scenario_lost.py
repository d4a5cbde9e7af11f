"""A worker killed in the midst of a job: it runs again elsewhere within seconds."""

from __future__ import annotations

import psutil

from tests.faults import jobs
from tests.faults.kinds import TakeSteps
from tests.faults.report import Report
from tests.faults.stage import Stage

#: Seconds from the kill to the next attempt, at the settings' defaults.
WITHIN = 15
#: A job of five seconds: long enough to be killed, and to be seen running again.
JOB = TakeSteps(steps=20, seconds=0.25)


def killed_in_the_midst(stage: Stage, *, whole: bool, times: int) -> Report:
    """*times* the process that runs a job is SIGKILLed; whole: with its main process.

    Both moments are the database's: the kill, and the beginning of the next attempt.
    """
    report = Report(
        f"Worker {'and its main process ' if whole else ''}killed in the midst of a job"
    )
    waits = []
    for _ in range(times):
        (job,) = jobs.submit(stage, JOB)
        child = psutil.Process(jobs.running_in(stage, job))
        parent = child.parent()
        killed_at = stage.scalar("SELECT clock_timestamp()")
        child.kill()
        if whole and parent is not None:
            parent.kill()
        report.equal("the job's end", {"succeeded": 1}, jobs.await_end(stage, [job]))
        report.equal("its effects", [1], jobs.effects_of(stage, [job]))
        row = stage.rows("SELECT attempts, claimed_at FROM jobs_archive WHERE id = :job", job=job)[
            0
        ]
        report.equal("its attempts", 2, row.attempts)
        waits.append((row.claimed_at - killed_at).total_seconds())
    report.holds(
        "from the kill to running again",
        f"at most {WITHIN} s",
        ", ".join(f"{wait:.1f}" for wait in waits),
        max(waits) <= WITHIN,
    )
    return report
