"""No-op kinds on a queue of the benchmark's own, and their handlers.

Imported before `worker.app` or `worker.dispatcher`, it makes them know these kinds besides the
platform's: what is measured is the platform's own code, with nothing to do in the handler.
"""

from __future__ import annotations

from dataclasses import dataclass

from services import kinds
from services.jobs.kinds import Kind
from services.jobs.retry import COMPUTE
from services.jobs.run import Run
from worker.handlers import handles

QUEUE = "benchmark"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoOp:
    """Do nothing, singly."""


# Short limits, as a kind of short jobs has: the dispatcher keeps a few messages for each slot.
NO_OP = Kind(
    name="benchmark.single",
    payload=NoOp,
    queue=QUEUE,
    retry=COMPUTE,
    soft_limit=10,
    hard_limit=15,
)

kinds.KINDS = (*kinds.KINDS, NO_OP)


@handles(NoOp)
def no_op(job: NoOp, run: Run) -> None:
    with run.finish():
        pass
