"""Two beats and two dispatchers: one of each frozen and thawed. Each slot once, no job twice."""

from __future__ import annotations

from functools import partial
from random import Random

from tests.faults import jobs, slots
from tests.faults.accounts import losses, settle
from tests.faults.kinds import AddEffect
from tests.faults.load import Load, closed
from tests.faults.locks import locked, waiting_for
from tests.faults.report import Report
from tests.faults.stage import Stage
from tests.processes import eventually

#: No job of these fails or is slow: an attempt beyond the first would be the leaders' doing.
_MIXTURE = {"effect": 70, "grouped": 20, "later": 10}


def leading(stage: Stage) -> int:
    """The process id of the dispatcher that leads; 0 where none does, or nobody can say."""
    return int(
        stage.patient(
            """SELECT coalesce(min(processes.pid), 0)
            FROM leases JOIN processes ON processes.id = leases.holder
            WHERE leases.name = 'dispatcher' AND leases.expires_at > now()"""
        )
        or 0
    )


def frozen_in_turn(stage: Stage, dice: Random, *, count: int, times: int) -> Report:
    """The leading dispatcher frozen until the other leads, then thawed: *times*, under load.

    At the same time one of the two beats is frozen, in turn.
    """
    stage = stage.fresh()
    report = Report(f"The leading dispatcher and a beat frozen and thawed {times} times")
    load = Load(stage, dice, jobs=count, mixture=_MIXTURE)
    try:
        for number in range(times):
            enough = count * number // (times + 1)
            eventually("jobs end", partial(stage.has_ended, enough), 300)
            eventually("a dispatcher leads", lambda: leading(stage) > 0)
            dispatcher, beat = leading(stage), stage.platform.pid(("beat", "beat-2")[number % 2])
            stage.platform.freeze(beat)
            stage.platform.freeze(dispatcher)
            try:
                eventually("the other leads", partial(_leads_instead, stage, dispatcher), 60)
                ended = stage.ended()
                eventually("and dispatches", partial(stage.has_ended, min(count, ended + 1)), 60)
            finally:
                stage.platform.thaw(dispatcher)
                stage.platform.thaw(beat)
        eventually("all were accepted", lambda: load.done, 300)
    finally:
        closed(load)
    settle(stage, report, load.accepted)
    slots.more(stage, 2)
    slots.judge(stage, report)
    spent = losses(stage)
    report.equal("jobs counted as lost", 0, spent["lost"])
    report.equal("attempts beyond a job's first", 0, spent["again"])
    return report


def dispatcher_frozen_in_its_transaction(stage: Stage) -> Report:
    """The leader frozen while it takes jobs: it holds their rows and the lease's.

    The server ends its transaction, the other leads; thawed, it publishes nothing of what it took.
    """
    report = Report("The leading dispatcher frozen inside its transaction")
    eventually("a dispatcher leads", lambda: leading(stage) > 0)
    dispatcher = leading(stage)
    with locked(stage, "leases"):
        ids = jobs.submit(stage, *[AddEffect()] * 20)
        eventually("it waits", lambda: waiting_for(stage, "leases", "nutrition-dispatcher") == 2)
        stage.platform.freeze(dispatcher)
    try:
        # Whichever of the two had the lock first.
        report.equal("jobs meanwhile", {"succeeded": 20}, jobs.await_end(stage, ids))
        eventually("the other leads", partial(_leads_instead, stage, dispatcher), 60)
    finally:
        stage.platform.thaw(dispatcher)
    later = jobs.submit(stage, *[AddEffect()] * 20)
    report.equal("jobs after the thaw", {"succeeded": 20}, jobs.await_end(stage, later))
    report.equal("effects of each job", [1], jobs.effects_of(stage, [*ids, *later]))
    return report


def beat_frozen_in_its_transaction(stage: Stage) -> Report:
    """A beat frozen when it has taken a slot's key and not yet committed the slot's job."""
    report = Report("A beat frozen inside its transaction")
    slots.more(stage, 1)
    pid = stage.platform.pid("beat")
    with locked(stage, "jobs"):
        # Both beats want the next slot: one waits to insert its job, the other for its key.
        eventually("a beat waits", lambda: waiting_for(stage, "jobs", "nutrition-beat") > 0)
        stage.platform.freeze(pid)
    try:
        slots.more(stage, 3)
    finally:
        stage.platform.thaw(pid)
    slots.more(stage, 2)
    # The frozen one may hold a slot's key for ten seconds: nobody can fire that slot meanwhile.
    slots.judge(stage, report, missed=None)
    return report


def _leads_instead(stage: Stage, dispatcher: int) -> bool:
    return leading(stage) not in (0, dispatcher)
