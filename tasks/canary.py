"""Canaries come home, through every queue: their module is loaded by each worker, and small."""

from __future__ import annotations

from services.jobs.run import Run
from services.upkeep import canary
from services.upkeep.jobs import CANARIES
from worker.handlers import handles


def come_home(_: object, run: Run) -> None:
    with run.finish() as session:
        canary.came_home(session, run.job.kind.queue, run.job.created_at)


for kind in CANARIES:
    handles(kind.payload)(come_home)
