"""No-op kinds on queues of the benchmark's own, and their handlers.

Imported before `worker.app` or `worker.dispatcher`, it makes them know these kinds besides the
platform's: what is measured is the platform's own code, with nothing to do in the handler.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services import kinds
from services.jobs.kinds import Kind
from services.jobs.retry import COMPUTE
from services.jobs.run import Done, Run
from worker.handlers import handles, handles_small

#: Kinds of small jobs: how many may travel in one message → the kind's name, and its queue's. A
#: queue each: the dispatcher looks as far into a queue as the largest group of its kinds needs.
SMALL = {1: "benchmark.single", 16: "benchmark.by_16", 64: "benchmark.by_64"}
#: A kind whose handler opens the finishing transaction itself.
OWN = "benchmark.own"


@dataclass(frozen=True, slots=True, kw_only=True)
class Single:
    """Do nothing, in a message of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class By16:
    """Do nothing, up to 16 in one message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class By64:
    """Do nothing, up to 64 in one message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """Do nothing in a transaction of the handler's own."""


def _kind(name: str, payload: type, group: int = 1) -> Kind[Any]:
    # Short limits, as a kind of short jobs has: the dispatcher keeps a few messages for each slot.
    return Kind(
        name=name,
        payload=payload,
        queue=name,
        retry=COMPUTE,
        soft_limit=10,
        hard_limit=15,
        group=group,
    )


kinds.KINDS = (
    *kinds.KINDS,
    _kind(SMALL[1], Single),
    _kind(SMALL[16], By16, group=16),
    _kind(SMALL[64], By64, group=64),
    _kind(OWN, Own),
)


def no_op(job: object, run: Run) -> Done:
    return Done()


for _payload in (Single, By16, By64):
    handles_small(_payload)(no_op)


@handles(Own)
def no_op_of_its_own(job: Own, run: Run) -> None:
    with run.finish():
        pass
