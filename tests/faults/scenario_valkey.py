"""Valkey restarted empty, frozen, cut off: the broker's loss costs a delay, and no job."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from random import Random

import numpy as np
import redis

from tests.faults.accounts import losses, settle
from tests.faults.load import Load, closed
from tests.faults.report import Report
from tests.faults.stage import Stage
from tests.processes import eventually

#: Answers that are waited for to know the calm.
CALM = 120
#: Seconds between two submissions of one thread: a busy machine would measure itself.
PAUSE = 0.05


def restarted_empty(stage: Stage, dice: Random, *, jobs: int, times: int) -> Report:
    """*times* killed and started without its data, while *jobs* jobs are submitted and run."""
    stage = stage.fresh()
    report = Report(f"Valkey restarted empty {times} times under {jobs:,} mixed jobs")
    with _watched(stage, report, dice) as load:
        for number in range(times):
            eventually("jobs end", partial(stage.has_ended, jobs * number // times), 300)
            stage.engines.queue.kill()
            stage.engines.queue.start(empty=True)
        eventually("jobs end", partial(stage.has_ended, jobs), 300)
    _account(stage, report, load)
    return report


def frozen(stage: Stage, dice: Random, *, seconds: float) -> Report:
    """Frozen (SIGSTOP) for *seconds*, while jobs are submitted and run."""
    stage = stage.fresh()
    report = Report(f"Valkey frozen for {seconds:g} s")
    pid = stage.engines.queue.pid
    assert pid is not None
    with _watched(stage, report, dice) as load:
        os.kill(pid, signal.SIGSTOP)
        try:
            threading.Event().wait(seconds)
        finally:
            os.kill(pid, signal.SIGCONT)
    _account(stage, report, load)
    return report


def connections_killed(stage: Stage, dice: Random, *, jobs: int, times: int) -> Report:
    """*times* every connection of one type closed by the server, in the midst of everything."""
    stage = stage.fresh()
    report = Report(f"Valkey's connections killed {times} times under {jobs:,} mixed jobs")
    client = redis.Redis.from_url(stage.engines.env["REDIS_URL"])
    killed = 0
    with _watched(stage, report, dice) as load:
        for number in range(times):
            eventually("jobs end", partial(stage.has_ended, jobs * number // times), 300)
            kind = dice.choice(("normal", "normal", "pubsub"))
            killed += int(client.client_kill_filter(_type=kind, skipme=True))
    client.close()
    report.figures["connections killed"] = killed
    _account(stage, report, load)
    return report


@contextmanager
def _watched(stage: Stage, report: Report, dice: Random) -> Iterator[Load]:
    """A steady load: first in calm, then in the block. Its answers are judged by the same clock."""
    load = Load(stage, dice, pause=PAUSE)
    try:
        eventually("the calm is known", lambda: len(load.answers) >= CALM, 120)
        began = time.monotonic()
        yield load
        ended = time.monotonic()
    finally:
        closed(load)
    calm, fault = load.seconds(0, began), load.seconds(began, ended)
    assert fault, "the fault was over before anybody asked"
    before, during = float(np.percentile(calm, 95)), float(np.percentile(fault, 95))
    report.at_most("p95 of a submission, in times of the calm's", 2, during / before)
    report.figures["p95 of a submission, calm and under the fault (ms)"] = (
        f"{before * 1000:.1f}, {during * 1000:.1f} over {len(calm)} and {len(fault)}"
    )


def _account(stage: Stage, report: Report, load: Load) -> None:
    refused = {status: n for status, n in load.statuses.items() if status != 202}
    report.none("submissions that were not answered with 202", refused.items())
    report.none("other errors of the load", load.errors)
    settle(stage, report, load.accepted)
    spent = losses(stage)
    report.equal("jobs counted as lost", 0, spent["lost"])
    report.figures["spent"] = spent
