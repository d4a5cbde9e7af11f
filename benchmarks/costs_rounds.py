"""A round: let one contestant drain its jobs, and tell how fast and at what CPU."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks import costs_cpu
from benchmarks.costs_contestants import Contestant, Started

#: Of a round's jobs, those between these shares ended are measured: processes have warmed up, and
#: none has run dry.
FIRST, LAST = 0.15, 0.92
LOOK = 0.05
PATIENCE = 300.0


@dataclass(frozen=True, slots=True)
class Drained:
    """One round. cpu: µs a job by part."""

    jobs: int
    seconds: float
    cpu: dict[str, float]

    @property
    def per_second(self) -> float:
        return self.jobs / self.seconds


def drain(
    contestant: Contestant, started: Started, stores: Mapping[str, int], processes: int, jobs: int
) -> Drained:
    """Fill, start, measure the middle, kill.

    stores: part → pid of the servers. Raises RuntimeError where a process ends or nothing moves.
    """
    contestant.fill(jobs)
    parts = {**contestant.start(processes, jobs), **stores}
    try:
        began = _when(contestant, started, jobs, FIRST)
        before = costs_cpu.spent(parts)
        ended = _when(contestant, started, jobs, LAST)
        after = costs_cpu.spent(parts)
    finally:
        contestant.stop()
    done = began[1] - ended[1]
    return Drained(done, ended[0] - began[0], costs_cpu.each(before, after, done))


def _when(contestant: Contestant, started: Started, jobs: int, share: float) -> tuple[float, int]:
    """The moment at which at least that share has ended, and how many are left at it."""
    until = time.monotonic() + PATIENCE
    while True:
        left = contestant.left()
        now = time.monotonic()
        if left <= jobs * (1 - share):
            return now, left
        started.check()
        if now > until:
            raise RuntimeError(
                f"{contestant.name}: {left} of {jobs} jobs are left after {PATIENCE:.0f} s; "
                f"logs are in {started.folder}"
            )
        time.sleep(LOOK)


def median(rounds: Sequence[Drained]) -> tuple[float, dict[str, float]]:
    """The medians of the rates (a second) and of each part's CPU (µs a job)."""
    cpu: dict[str, list[float]] = defaultdict(list)
    for one in rounds:
        for part, spent in one.cpu.items():
            cpu[part].append(spent)
    return (
        statistics.median(one.per_second for one in rounds),
        {part: statistics.median(each) for part, each in cpu.items()},
    )
