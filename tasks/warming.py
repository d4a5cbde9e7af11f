"""Warming on the queues."""

from __future__ import annotations

import time
from typing import Any

import structlog
from celery import signals

from kernel.errors import PlatformError
from services.analyses.lines import engine_version
from services.analyses.region import LINES
from services.catalogue.cached import CODE, FOODS, SEARCHES, CachedFoods
from services.jobs.kinds import CACHE
from services.jobs.run import Run
from services.warming import wanted
from services.warming.budget import Budget, somebody_waits
from services.warming.jobs import Warm, WarmLines
from services.warming.warm import ask_for_release, ask_lines, ran, warm
from tasks import lines
from worker import runtime
from worker.handlers import handles

log = structlog.get_logger()


@handles(Warm)
def warm_foods_and_searches(job: Warm, run: Run) -> None:
    """Note what was wanted, then fill in foods and searches. Done twice, it does nothing twice."""
    regions = [FOODS.name, SEARCHES.name, LINES.name]
    with run.read() as session:
        noted = wanted.note(session, runtime.cache().redis, regions, time.time())
        lists = {name: wanted.most_wanted(session, name, job.entries) for name in regions}
    budget = _budget(job, run)
    foods = CachedFoods(run.read, runtime.cache())
    report: dict[str, Any] = {"reason": job.reason, "noted": noted}
    for name, lacking, make in (
        (FOODS.name, foods.lacking_foods, foods.warm_food),
        (SEARCHES.name, foods.lacking_searches, foods.warm_search),
    ):
        report[name] = warm(lists[name], lacking, make, budget, run.progress)
    report |= {"stood_aside": round(budget.stood_aside, 2), "ended_by": budget.ended_by}
    with run.finish(report) as session:
        ran(session, run.job.kind.name, run.job.id, budget.seconds, report)
        if lists[LINES.name]:
            ask_lines(session, job.reason)


@handles(WarmLines)
def warm_lines(job: WarmLines, run: Run) -> None:
    """Read the most wanted lines that no process has read yet."""
    with run.read() as session:
        most = wanted.most_wanted(session, LINES.name, job.entries)
    shared = lines.shared()  # the engine, where this process had not needed it yet
    budget = _budget(job, run)
    done = warm(most, shared.lacking, shared.read, budget, run.progress)
    report: dict[str, Any] = {"reason": job.reason, LINES.name: done}
    report |= {"stood_aside": round(budget.stood_aside, 2), "ended_by": budget.ended_by}
    with run.finish(report) as session:
        ran(session, run.job.kind.name, run.job.id, budget.seconds, report)


def _budget(job: Warm | WarmLines, run: Run) -> Budget:
    def waits() -> bool:
        with run.read() as session:
            return somebody_waits(session)

    return Budget(job.seconds, job.entries, waits)


@signals.worker_ready.connect
def _release(sender: Any, **_: Any) -> None:
    """A release whose answers carry other keys finds none of them: have them made."""
    if CACHE not in sender.app.amqp.queues.consume_from:
        return
    version = f"{CODE}-{engine_version(runtime.settings().data)}"
    database = runtime.connect("nutrition-worker", pool=1)
    try:
        with database.transaction() as session:
            ask_for_release(session, version)
    except PlatformError as error:
        log.info("not_warmed_for_release", error=str(error))  # the schedule's will do
    finally:
        database.close()
