"""Every kind of process killed at random under mixed jobs: nothing lost, nothing twice."""

from __future__ import annotations

from functools import partial
from random import Random

import psutil

from tests.faults.accounts import losses, settle
from tests.faults.load import Load, closed
from tests.faults.report import Report
from tests.faults.stage import Stage
from tests.processes import eventually


def targets(stage: Stage) -> list[tuple[str, str]]:
    """Each program's main process, and a child of each that forks: (program, main or child)."""
    names = stage.platform.names()
    forking = [name for name in names if stage.platform.pid(name) and stage.platform.children(name)]
    return [(name, "main") for name in names] + [(name, "child") for name in forking]


def kill(stage: Stage, program: str, part: str, dice: Random) -> bool:
    """SIGKILL one process; False where it is not there at this moment (started anew)."""
    pid = stage.platform.pid(program)
    if not pid:
        return False
    try:
        process = psutil.Process(pid)
        if part == "child":
            children = process.children(recursive=True)
            if not children:
                return False
            process = dice.choice(children)
        process.kill()
    except psutil.NoSuchProcess:
        return False
    return True


def killed_at_random(stage: Stage, dice: Random, *, jobs: int, kills: int) -> Report:
    """*kills* times SIGKILL, spread over the life of *jobs* mixed jobs, each target in turn."""
    stage = stage.fresh()
    report = Report(f"SIGKILL {kills} times under {jobs:,} mixed jobs")
    known = targets(stage)
    plan: list[tuple[str, str]] = []
    while len(plan) < kills:
        plan += dice.sample(known, len(known))
    load = Load(stage, dice, jobs=jobs)
    counts: dict[str, int] = {}
    try:
        for number, (program, part) in enumerate(plan[:kills], start=1):
            enough = int(jobs * 0.9 * (number - dice.random()) / kills)
            eventually(f"{enough} jobs ended", partial(stage.has_ended, enough), 300)
            eventually(f"{program} {part} runs", partial(kill, stage, program, part, dice))
            counts[f"{program} {part}"] = counts.get(f"{program} {part}", 0) + 1
        eventually("all were accepted", lambda: load.done, 300)
    finally:
        closed(load)
    report.none("answers that are neither accepted nor a clean refusal", load.errors)
    settle(stage, report, load.accepted)
    report.figures |= {"killed": counts, "spent": losses(stage), "answers": dict(load.statuses)}
    return report
