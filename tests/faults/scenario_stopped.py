"""Every worker told to stop under load: what it holds goes back at once, and waits for nothing."""

from __future__ import annotations

import json
from functools import partial
from random import Random
from typing import Any

from tests.faults.accounts import losses, settle
from tests.faults.load import Load, closed
from tests.faults.report import Report
from tests.faults.stage import Stage
from tests.processes import eventually

#: Long: jobs of eight seconds, twice what a worker that stops softly waits for.
_MIXTURE = {"analysis": 42, "effect": 42, "steps": 8, "long": 6, "batch": 2}
TWICE = ("worker-interactive", "worker-bulk", "worker-upkeep")


def stopped_in_turn(stage: Stage, dice: Random, *, jobs: int, rounds: int) -> Report:
    """Each worker stopped softly and started again, *rounds* times, under *jobs* mixed jobs.

    Every queue that the load fills needs a second worker (TWICE): where nobody serves a queue for
    longer than the dispatch lease, its messages wait for somebody, whatever the stopped one did.
    """
    stage = stage.fresh()
    report = Report(f"Soft stop of every worker, {rounds} times, under {jobs:,} mixed jobs")
    workers = stage.platform.names("worker") * rounds
    load = Load(stage, dice, jobs=jobs, mixture=_MIXTURE)
    killed: list[str] = []
    whole = 0
    try:
        for number, name in enumerate(workers, start=1):
            enough = int(jobs * 0.8 * number / len(workers))
            eventually("jobs end", partial(stage.has_ended, enough), 300)
            whole = max(whole, slots(stage))
            stage.platform.order("stopProcess", f"platform:{name}")
            # supervisord kills what did not stop in time; its exit status says so.
            if stage.platform.order("getProcessInfo", f"platform:{name}")["exitstatus"] != 0:
                killed.append(name)
            stage.platform.order("startProcess", f"platform:{name}")
            # Its twin is stopped next: somebody must serve the queue by then.
            eventually(f"{name} is back", partial(offers, stage, whole), 120)
        eventually("all were accepted", lambda: load.done, 300)
    finally:
        closed(load)
    settle(stage, report, load.accepted)
    spent = losses(stage)
    report.equal("jobs counted as lost", 0, spent["lost"])
    report.none("workers that did not stop in order", killed)
    swept = sweeps(stage)
    report.equal("messages that waited for a redelivery timeout", 0, swept["undelivered"])
    report.figures |= {"spent": spent, "swept": swept}
    return report


def slots(stage: Stage) -> int:
    """Slots that living workers offer, of all queues."""
    return int(
        stage.scalar("""SELECT coalesce(sum(slots), 0) FROM processes
            WHERE role = 'worker' AND beat_at > now() - interval '4 seconds'""")
    )


def offers(stage: Stage, whole: int) -> bool:
    return slots(stage) >= whole


def sweeps(stage: Stage) -> dict[str, int]:
    """What the dispatchers' sweeps have found so far, by their logs."""
    found = dict.fromkeys(("lost", "undelivered", "quarantined", "expired"), 0)
    for name in stage.platform.names("dispatcher"):
        for line in stage.platform.log(name).splitlines():
            if '"event":"swept"' in line:
                entry: dict[str, Any] = json.loads(line)
                for what in found:
                    found[what] += int(entry.get(what, 0))
    return found
