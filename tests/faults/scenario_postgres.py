"""PostgreSQL restarted, and away: accepted jobs stand, none counts as lost, web says so at once."""

from __future__ import annotations

import threading
import time
from functools import partial
from random import Random

import psutil

from tests.faults.accounts import losses, settle
from tests.faults.load import MIXTURE, Load, closed
from tests.faults.report import Report
from tests.faults.stage import Stage
from tests.processes import eventually


def restarted(stage: Stage, dice: Random, *, jobs: int, times: int) -> Report:
    """*times* stopped (every other time by SIGKILL) and started, under *jobs* mixed jobs."""
    stage = stage.fresh()
    report = Report(f"PostgreSQL restarted {times} times under {jobs:,} mixed jobs")
    load = Load(stage, dice, jobs=jobs)
    postgres = stage.engines.postgres
    try:
        for number in range(times):
            enough = jobs * (number + 1) // (times + 2)
            eventually("jobs end", partial(stage.has_ended, enough), 300)
            if number % 2:
                postgres.stop()
            else:
                postgres.kill()
            postgres.start()
        eventually("all were accepted", lambda: load.done, 300)
    finally:
        closed(load)
    _account(stage, report, load)
    return report


def away(stage: Stage, dice: Random, *, seconds: float) -> Report:
    """Away for *seconds* in the midst of the load."""
    stage = stage.fresh()
    report = Report(f"PostgreSQL away for {seconds:g} s")
    load = Load(stage, dice, pause=0.1)
    try:
        eventually("jobs end", partial(stage.has_ended, 60), 300)
        stage.engines.postgres.stop()
        began = time.monotonic()
        try:
            threading.Event().wait(seconds)
            ended = time.monotonic()
        finally:
            stage.engines.postgres.start()
        eventually("jobs end again", partial(stage.has_ended, stage.ended() + 60), 300)
    finally:
        closed(load)
    meanwhile = [
        answer for answer in load.answers if began <= answer[0] and sum(answer[:2]) < ended
    ]
    report.holds("requests answered during the outage", "some", len(meanwhile), bool(meanwhile))
    report.equal("their answers", {503}, {status for _, _, status in meanwhile})
    report.at_most("the slowest of them", 1, max(took for _, took, _ in meanwhile), " s")
    _account(stage, report, load)
    return report


def frozen(stage: Stage, dice: Random, *, seconds: float) -> Report:
    """Every process of the server stopped (SIGSTOP) for *seconds*, longer than a worker's silence.

    Nobody can say meanwhile that he lives. Requests wait for the server, as long as it takes.
    """
    stage = stage.fresh()
    report = Report(f"PostgreSQL frozen for {seconds:g} s")
    load = Load(stage, dice, pause=0.1, mixture=MIXTURE | {"steps": 12})
    try:
        eventually("jobs end", partial(stage.has_ended, 60), 300)
        server = psutil.Process(stage.engines.postgres.pid)
        # The server first: it starts no more processes then.
        stopped = [server]
        server.suspend()
        for session in server.children():
            session.suspend()
            stopped.append(session)
        try:
            threading.Event().wait(seconds)
        finally:
            for process in reversed(stopped):
                process.resume()
        eventually("jobs end again", partial(stage.has_ended, stage.ended() + 60), 300)
    finally:
        closed(load)
    settle(stage, report, load.accepted)
    spent = losses(stage)
    report.equal("jobs counted as lost", 0, spent["lost"])
    report.figures |= {"spent": spent, "answers": dict(load.statuses)}
    return report


def _account(stage: Stage, report: Report, load: Load) -> None:
    report.none("answers that are neither accepted nor a clean refusal", load.errors)
    report.equal("refusals (503) without Retry-After", 0, load.without_retry_after)
    settle(stage, report, load.accepted)
    spent = losses(stage)
    report.equal("jobs counted as lost", 0, spent["lost"])
    report.figures |= {"spent": spent, "answers": dict(load.statuses)}
