"""A broadcast to twenty hosts: what one that hangs and one that answers 429 cost the others.

    python -m benchmarks.fanout [--hosts N] [--people N] [--rounds N] [--latency SECONDS]

Starts engines (durable) and the whole platform with the settings' defaults. In each round the same
broadcast goes out twice, to people behind hosts that are all well, and to as many of whom one host
takes calls and never answers and one answers 429. Prints the seconds until
the people behind the other hosts had theirs, in both cases, and their ratio: required is at most
1.2. Exits with 1 where that, or anything else that is required, does not hold.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from random import Random
from statistics import median

from benchmarks.soak import play
from benchmarks.soak_scenarios import Scenario
from tests.faults.report import Report
from tests.faults.scenario_hosts import TOOK, one_hangs
from tests.faults.stage import Stage

LIMIT = 1.2


def main() -> None:
    options = _options()
    tell = partial(one_hangs, hosts=options.hosts, people=options.people, latency=options.latency)
    rounds = partial(_rounds, tell=tell, rounds=options.rounds)
    scenario = Scenario("hosts", rounds, {"environ": {"OUTBOUND_LOOPBACK": "1"}})
    print(f"load {os.getloadavg()[0]:.1f}", flush=True)
    wrong = 0
    for report in play(scenario, seed=0, scale=1):
        print(report, flush=True)
        wrong += sum(not each.holds for each in (*report.findings, *report.speeds))
    sys.exit(1 if wrong else 0)


def _rounds(
    stage: Stage, dice: Random, scale: float, *, tell: Callable[..., Report], rounds: int
) -> Iterator[Report]:
    taken: dict[bool, list[float]] = {True: [], False: []}
    # The first broadcast of a platform meets cold caches; it counts for neither.
    yield tell(stage, block=1, calm=True)
    for number in range(rounds):
        for calm in (True, False):
            report = tell(stage, block=2 + 2 * number + calm, calm=calm)
            taken[calm].append(float(str(report.figures[TOOK])))
            yield report
    total = Report(f"The others' time, over {rounds} rounds")
    calm_seconds, beside = median(taken[True]), median(taken[False])
    total.at_most("beside two that misbehave, in times of calm", LIMIT, beside / calm_seconds)
    total.figures["seconds, calm and beside (medians)"] = f"{calm_seconds:.2f}, {beside:.2f}"
    total.figures["calm"], total.figures["beside"] = taken[True], taken[False]
    yield total


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.fanout", description=__doc__.split("\n")[0])
    parser.add_argument("--hosts", type=int, default=20)
    parser.add_argument("--people", type=int, default=50, help="behind each host")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--latency", type=float, default=0.05, help="seconds until an answer")
    return parser.parse_args()


if __name__ == "__main__":
    main()
