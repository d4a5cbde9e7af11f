"""Poison: jobs that kill whoever runs them are put away after three, the others are unharmed."""

from __future__ import annotations

from collections import Counter
from random import Random

from services.jobs.sweep import QUARANTINE
from tests.faults import jobs
from tests.faults.kinds import (
    AddEffect,
    AddEffectGrouped,
    IgnoreLimits,
    KillWorker,
    ReturnUnfinished,
)
from tests.faults.report import Report
from tests.faults.stage import Stage


def among_good_ones(stage: Stage, dice: Random, *, poison: int, good: int, grouped: bool) -> Report:
    """*poison* among *good* jobs of one queue, shuffled; grouped: they travel together."""
    stage = stage.fresh()
    report = Report(
        f"{poison} poison jobs among {good:,} good ones, {'grouped' if grouped else 'one by one'}"
    )
    bad_one: object = AddEffectGrouped(kills=True) if grouped else KillWorker()
    good_one: object = AddEffectGrouped() if grouped else AddEffect()
    payloads = [bad_one] * poison + [good_one] * good
    dice.shuffle(payloads)
    ids = jobs.submit(stage, *payloads)
    bad = [job for job, payload in zip(ids, payloads, strict=True) if payload is bad_one]
    fine = [job for job, payload in zip(ids, payloads, strict=True) if payload is good_one]
    # Each poison job takes its worker with it three times, and each time is found by silence.
    report.equal("the good ones' end", {"succeeded": good}, jobs.await_end(stage, fine, 600))
    done = stage.scalar("SELECT count(*) FROM jobs_archive WHERE id = ANY(:ids)", ids=bad)
    report.figures["poison jobs that had ended when the last good one did"] = done
    report.equal("the poison jobs' end", {"dead": poison}, jobs.await_end(stage, bad, 1200))
    report.equal("effects of each good one", [1], jobs.effects_of(stage, fine))
    report.equal("effects of each poison job", [0], jobs.effects_of(stage, bad))
    lost = Counter(
        row.lost for row in stage.rows("SELECT lost FROM jobs_archive WHERE id = ANY(:i)", i=bad)
    )
    report.equal("workers that each took with it", {QUARANTINE: poison}, dict(lost))
    innocent = stage.rows(
        "SELECT lost, count(*) AS jobs FROM jobs_archive WHERE id = ANY(:ids) GROUP BY lost",
        ids=fine,
    )
    report.figures["good jobs by workers lost under them"] = {r.lost: r.jobs for r in innocent}
    report.figures["seconds from the first to the last end"] = stage.scalar(
        """SELECT round(extract(epoch FROM max(finished_at) - min(created_at)), 1)
        FROM jobs_archive WHERE owner_id = :id""",
        id=stage.account,
    )
    return report


def misbehaving(stage: Stage) -> Report:
    """A job that ignores its limits is ended, and counted out; one that forgets to finish fails."""
    report = Report("Jobs that ignore their limits, and that return without finishing")
    stubborn, unfinished = jobs.submit(stage, IgnoreLimits(), ReturnUnfinished())
    report.equal("the forgetful one's end", {"failed": 1}, jobs.await_end(stage, [unfinished]))
    report.equal("the stubborn one's end", {"dead": 1}, jobs.await_end(stage, [stubborn], 180))
    (after,) = jobs.submit(stage, AddEffect())
    report.equal("a good one after them", {"succeeded": 1}, jobs.await_end(stage, [after]))
    return report
